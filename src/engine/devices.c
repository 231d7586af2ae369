/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose packets they are: devices by MAC and address, and what they call themselves. */
#include <netinet/in.h>

#include "dissect/dhcp.h"
#include "engine/internal.h"

/* More addresses of one device are not asked for names. */
enum { ADDRESSES = 16 };

const char *engine_device_name(const struct engine *e, const struct mac *mac,
			       const struct addr *addr)
{
	const struct device *d = device_table_find(e->devices, mac, addr);
	const struct device_config *c = d ? d->config : device_table_config(e->devices, mac, addr);

	return c ? c->name : NULL;
}

bool engine_set_devices(struct engine *e, const struct device_config *devices, size_t count)
{
	return device_table_configure(e->devices, devices, count);
}

const char *engine_device_hostname(const struct engine *e, const struct mac *mac,
				   const struct addr *addr)
{
	const struct device *d = device_table_find(e->devices, mac, addr);

	return d && d->hostname[0] ? d->hostname : NULL;
}

unsigned engine_names_of(struct engine *e, const struct addr *client, const struct addr *server,
			 struct name out[static MEMORY_NAMES])
{
	unsigned n = memory_find(e->memory, client, server, e->now_ns, out);
	struct addr others[ADDRESSES];
	const struct device *d;
	size_t count;

	if (n)
		return n;
	d = device_table_find(e->devices, NULL, client);
	count = d ? device_addresses(d, others, ADDRESSES) : 0;
	for (size_t i = 0; i < count && !n; i++)
		n = memory_find(e->memory, &others[i], server, e->now_ns, out);
	return n;
}

void engine_dhcp(struct engine *e, const struct packet *p)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);
	struct dhcp_label label;
	struct device *d;
	enum outcome o;

	if (p->proto != IPPROTO_UDP)
		return;
	if (p->dport == 67 && p->sport == 68)
		o = dhcp4_hostname(&r, &label);
	else if (p->dport == 547 && p->sport == 546)
		o = dhcp6_hostname(&r, &label);
	else
		return;
	/* The frame's own MAC, not the one inside: that is whose packets follow. */
	if (o != OUTCOME_FOUND)
		return;
	d = device_table_seen(e->devices, &p->mac, &p->src, p->time_ns);
	if (d && device_set_hostname(d, label.text, label.len))
		e->counters.hostnames++;
}

void engine_devices_count(const struct engine *e, struct engine_counters *out)
{
	struct device_counters c;

	device_table_counters(e->devices, &c);
	out->devices = c.seen;
	out->devices_evicted = c.evicted;
	out->devices_now = c.now;
	out->addresses_evicted = c.addresses_evicted;
	out->addresses_now = c.addresses_now;
}
