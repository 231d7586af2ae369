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

bool engine_lease(struct engine *e, const struct lease *l)
{
	return device_table_lease(e->devices, &l->mac, &l->addr, l->hostname);
}

struct each_device {
	const struct engine *e;
	void (*each)(void *ctx, const struct device_record *r);
	void *ctx;
	struct device_record record;
};

static void add_app(void *ctx, const struct app_session *s)
{
	struct device_record *r = ctx;

	if (r->app_count < DEVICE_APPS)
		r->apps[r->app_count++] = s->app;
}

static void each_device(void *ctx, const struct device *d)
{
	struct each_device *c = ctx;

	struct whose w;

	c->record = (struct device_record){
		.mac = d->mac,
		.device = d->config ? d->config->name : NULL,
		.is_configured = d->config,
		.hostname = d->hostname[0] ? d->hostname : NULL,
		.hostname_from = d->hostname_from,
		.first_ns = d->first_ns,
		.last_ns = d->last_ns,
	};
	c->record.addr_count = device_addresses(d, c->record.addrs, DEVICE_ADDRESSES);
	w = whose(&d->mac, &c->record.addrs[0]); /* without a MAC it has one address */
	sessions_each_of(c->e->sessions, &w, add_app, &c->record);
	c->each(c->ctx, &c->record);
}

void engine_each_device(const struct engine *e,
			void (*each)(void *ctx, const struct device_record *r), void *ctx)
{
	struct each_device c = { .e = e, .each = each, .ctx = ctx };

	device_table_each(e->devices, each_device, &c);
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
