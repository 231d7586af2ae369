/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes of flows, over uthash; the order of insertion is the order of age. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "daemon/tell.h"

struct owner {
	uint64_t flow;
	struct process process;
	UT_hash_handle hh;
};

struct owners {
	struct owner *table, *pool, *free; /* free: linked by hh.next */
	struct process found;
	uint64_t evicted;
};

struct owners *owners_new(uint32_t max)
{
	struct owners *o = calloc(1, sizeof *o);

	if (!o || !(o->pool = calloc(max, sizeof *o->pool))) {
		free(o);
		return NULL;
	}
	hash_seed();
	for (uint32_t i = max; i-- > 0;) {
		o->pool[i].hh.next = o->free;
		o->free = &o->pool[i];
	}
	return o;
}

void owners_free(struct owners *o)
{
	if (!o)
		return;
	HASH_CLEAR(hh, o->table);
	free(o->pool);
	free(o);
}

static void owner_end(struct owners *o, struct owner *e)
{
	HASH_DELETE(hh, o->table, e);
	e->hh.next = o->free;
	o->free = e;
}

static void remember(struct owners *o, uint64_t flow, const struct process *p)
{
	struct owner *e;

	if (!o->free) {
		o->evicted++;
		owner_end(o, o->table);
	}
	e = o->free;
	o->free = e->hh.next;
	memset(e, 0, sizeof *e);
	e->flow = flow;
	e->process = *p;
	HASH_ADD(hh, o->table, flow, sizeof e->flow, e);
	if (!e->hh.tbl) { /* no memory for the table */
		e->hh.next = o->free;
		o->free = e;
	}
}

/* The kernel gives packets of this machine no hardware address. */
static bool is_local(const struct mac *mac)
{
	return mac_is_zero(mac);
}

const struct process *owners_of_flow(struct owners *o, struct processes *p,
				     const struct flow_record *r, bool ask)
{
	struct process_flow f = {
		.proto = r->proto,
		.src = r->src,
		.dst = r->dst,
		.sport = r->sport,
		.dport = r->dport,
	};
	struct owner *e;

	HASH_FIND(hh, o->table, &r->id, sizeof r->id, e);
	if (e) {
		o->found = e->process;
		if (!r->is_open)
			owner_end(o, e);
		return &o->found;
	}
	if (!processes_find(p, &f, ask && is_local(&r->mac), &o->found))
		return NULL;
	if (r->is_open)
		remember(o, r->id, &o->found);
	return &o->found;
}

const struct process *owners_of_question(struct owners *o, struct processes *p,
					 const struct dns_record *r)
{
	struct process_flow f = {
		.proto = r->proto,
		.src = r->client,
		.dst = r->server,
		.sport = r->cport,
		.dport = r->port,
	};

	return processes_find(p, &f, is_local(&r->mac), &o->found) ? &o->found : NULL;
}

uint64_t owners_evicted(const struct owners *o)
{
	return o->evicted;
}
