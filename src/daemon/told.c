/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of a batch, copied with the strings that the engine may change under them. */
#include <stdlib.h>
#include <string.h>

#include "daemon/tell.h"
#include "device/device.h"
#include "dissect/ja4.h"

struct item {
	bool is_dns;
	union {
		struct flow_record flow;
		struct {
			struct dns_record record;
			struct name chain[DNS_CHAIN_MAX];
			struct dns_addr addrs[DNS_ADDRS_MAX];
		} dns;
	};
	char hostname[DEVICE_NAME_MAX], ja4[JA4_SIZE];
};

struct told {
	unsigned count;
	struct item items[TOLD_MAX];
};

struct told *told_new(void)
{
	return calloc(1, sizeof(struct told));
}

void told_free(struct told *t)
{
	free(t);
}

static const char *keep(const char *text, char *to, size_t n)
{
	if (!text || strlen(text) >= n)
		return NULL;
	return strcpy(to, text);
}

/* Names of devices are the configuration's: they stay. */
bool told_flow(struct told *t, const struct flow_record *r)
{
	struct item *i = &t->items[t->count];

	if (t->count == TOLD_MAX)
		return false;
	t->count++;
	i->is_dns = false;
	i->flow = *r;
	i->flow.hostname = keep(r->hostname, i->hostname, sizeof i->hostname);
	i->flow.ja4 = keep(r->ja4, i->ja4, sizeof i->ja4);
	return true;
}

bool told_dns(struct told *t, const struct dns_record *r)
{
	struct item *i = &t->items[t->count];

	if (t->count == TOLD_MAX)
		return false;
	t->count++;
	i->is_dns = true;
	i->dns.record = *r;
	i->dns.record.hostname = keep(r->hostname, i->hostname, sizeof i->hostname);
	if (r->chain_count)
		memcpy(i->dns.chain, r->chain, r->chain_count * sizeof *r->chain);
	if (r->addr_count)
		memcpy(i->dns.addrs, r->addrs, r->addr_count * sizeof *r->addrs);
	i->dns.record.chain = i->dns.chain;
	i->dns.record.addrs = i->dns.addrs;
	return true;
}

void told_each(struct told *t, void (*flow)(void *ctx, const struct flow_record *r),
	       void (*dns)(void *ctx, const struct dns_record *r), void *ctx)
{
	for (unsigned n = 0; n < t->count; n++) {
		struct item *i = &t->items[n];

		if (i->is_dns)
			dns(ctx, &i->dns.record);
		else
			flow(ctx, &i->flow);
	}
	t->count = 0;
}
