/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privacy levels: 0 everything, 1 blocked names only, 2 pseudonyms too, 3 counters only. */
#include "daemon/privacy.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "report/report.h"

/* Keyed by the process's own secret and the day: nobody can go back from it to the device, or
 * from today's to yesterday's. */
static const char *pseudonym(const struct mac *mac, const struct addr *addr, int64_t time_ns,
			     char buf[static PSEUDONYM_MAX])
{
	struct {
		int64_t day;
		struct mac mac;
		struct addr addr;
	} in;

	memset(&in, 0, sizeof in);
	in.day = time_ns / 1000000000 / 86400;
	if (mac_is_zero(mac))
		in.addr = *addr;
	else
		in.mac = *mac;
	snprintf(buf, PSEUDONYM_MAX, "device-%06llx",
		 (unsigned long long)(hash_bytes(&in, sizeof in) & 0xffffff));
	return buf;
}

bool privacy_flow(unsigned level, struct flow_record *r, char buf[static PSEUDONYM_MAX])
{
	if (!report_may_name((int)level, r->verdict.kind))
		return false;
	if (level < 2 || r->device)
		return true;
	r->device = pseudonym(&r->mac, &r->src, r->first_ns, buf);
	r->hostname = NULL;
	r->process = NULL;
	r->mac = (struct mac){ { 0 } };
	r->src = (struct addr){ .family = 0 };
	r->sport = 0;
	r->ja4 = NULL; /* tells programs and models apart, every day in the same way */
	return true;
}

bool privacy_refusal(unsigned level, struct refusal *r, char buf[static PSEUDONYM_MAX])
{
	if (!report_may_name((int)level, VERDICT_BLOCK))
		return false;
	if (level < 2 || r->device)
		return true;
	r->device = pseudonym(&r->mac, &r->client, r->last_ns, buf);
	r->hostname = NULL;
	r->mac = (struct mac){ { 0 } };
	r->client = (struct addr){ .family = 0 };
	return true;
}

bool privacy_dns(unsigned level, struct dns_record *r, char buf[static PSEUDONYM_MAX])
{
	if (!report_may_name((int)level, r->verdict.kind))
		return false;
	if (level < 2 || r->device)
		return true;
	r->device = pseudonym(&r->mac, &r->client, r->time_ns, buf);
	r->hostname = NULL;
	r->process = NULL;
	r->mac = (struct mac){ { 0 } };
	r->client = (struct addr){ .family = 0 };
	return true;
}

static void hide(const char **io_device, const char **io_hostname, struct mac *io_mac,
		 struct addr *io_addr, int64_t time_ns, char buf[static PSEUDONYM_MAX])
{
	if (*io_device)
		return;
	*io_device = pseudonym(io_mac, io_addr, time_ns, buf);
	*io_hostname = NULL;
	*io_mac = (struct mac){ { 0 } };
	*io_addr = (struct addr){ .family = 0 };
}

bool privacy_session(unsigned level, struct session_record *r, char buf[static PSEUDONYM_MAX])
{
	if (level > 2 || (level && !r->session->trackers))
		return false;
	if (level == 2)
		hide(&r->device, &r->hostname, &r->mac, &r->addr, r->session->last_ns, buf);
	return true;
}

bool privacy_companion(unsigned level, struct companion_record *r, char buf[static PSEUDONYM_MAX])
{
	if (level > 2 || (level && !r->companion->refused))
		return false;
	if (level == 2)
		hide(&r->device, &r->hostname, &r->mac, &r->addr, r->companion->last_ns, buf);
	return true;
}

bool privacy_device(unsigned level, struct device_record *r, int64_t now_ns,
		    char buf[static PSEUDONYM_MAX])
{
	if (level > 2)
		return false;
	if (level < 2 || r->device)
		return true;
	hide(&r->device, &r->hostname, &r->mac, &r->addrs[0], now_ns, buf);
	r->hostname_from = DEVICE_NAME_NONE;
	r->vendor = NULL;
	r->addr_count = 0;
	return true;
}

bool privacy_suspect(unsigned level, struct suspect *s)
{
	if (level)
		memset(s->app, 0, sizeof s->app);
	return level <= 2;
}
