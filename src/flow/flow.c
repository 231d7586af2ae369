/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table over uthash: entries come from one pool, and uthash's order of insertion is
 * the order of age. */
#include "flow/flow.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct flow_table {
	struct flow_options options;
	struct names *names;
	flow_gone_fn *gone;
	void *ctx;
	struct flow *table;
	struct flow *pool, *free; /* free: linked by hh.next */
	uint32_t next_id;
	uint64_t evicted;
	int64_t ticked_ns;
};

/* Moving a flow to the young end at every packet would cost more than the look-up: once in a
 * second is enough for time-outs of many seconds. */
enum { REQUEUE_MS = 1000 };

struct flow_table *flow_table_new(const struct flow_options *o, struct names *names,
				  flow_gone_fn *gone, void *ctx)
{
	struct flow_table *t = calloc(1, sizeof *t);

	if (!t || !(t->pool = calloc(o->max, sizeof *t->pool))) {
		free(t);
		return NULL;
	}
	t->options = *o;
	t->names = names;
	t->gone = gone;
	t->ctx = ctx;
	for (uint32_t i = o->max; i-- > 0;) {
		t->pool[i].hh.next = t->free;
		t->free = &t->pool[i];
	}
	return t;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	for (struct flow *f = t->table; f; f = f->hh.next) {
		names_drop(t->names, f->name);
		names_drop(t->names, f->outer);
	}
	HASH_CLEAR(hh, t->table);
	free(t->pool);
	free(t);
}

/* Which end is src: 0 if it is the lesser. */
static unsigned key_make(uint8_t proto, const struct addr *src, uint16_t sport,
			 const struct addr *dst, uint16_t dport, struct flow_key *out)
{
	int order = memcmp(src->bytes, dst->bytes, sizeof src->bytes);
	unsigned end = order > 0 || (order == 0 && sport > dport);

	memset(out, 0, sizeof *out);
	memcpy(out->ends[end], src->bytes, sizeof src->bytes);
	memcpy(out->ends[!end], dst->bytes, sizeof dst->bytes);
	out->ports[end] = sport;
	out->ports[!end] = dport;
	out->family = src->family;
	out->proto = proto;
	return end;
}

void flow_table_end(struct flow_table *t, struct flow *f)
{
	t->gone(t->ctx, f);
	names_drop(t->names, f->name);
	names_drop(t->names, f->outer);
	f->name = f->outer = NULL;
	HASH_DELETE(hh, t->table, f);
	f->hh.next = t->free;
	t->free = f;
}

/* Without a SYN the lower well-known port is taken for the server's. */
static unsigned guess_opener(const struct packet *p, unsigned end)
{
	if (p->proto == IPPROTO_TCP && p->tcp_flags & TCP_SYN)
		return p->tcp_flags & TCP_ACK ? !end : end;
	if (p->sport < 1024 && p->dport >= 1024)
		return !end;
	return end;
}

static struct flow *flow_create(struct flow_table *t, const struct flow_key *key,
				const struct packet *p, unsigned end)
{
	struct flow *f = t->free;

	if (!f) {
		t->evicted++;
		flow_table_end(t, t->table); /* the head is the idlest */
		f = t->free;
	}
	t->free = f->hh.next;
	memset(f, 0, sizeof *f);
	f->key = *key;
	f->id = ++t->next_id;
	f->first_ns = p->time_ns;
	f->opener = (uint8_t)guess_opener(p, end);
	f->sure_opener = p->proto == IPPROTO_TCP && p->tcp_flags & TCP_SYN;
	if (f->sure_opener) { /* a SYN-ACK tells the opener's number as well */
		f->saw_syn = true;
		f->isn = f->opener == end ? p->tcp_seq : p->tcp_ack - 1;
	}
	HASH_ADD(hh, t->table, key, sizeof f->key, f);
	if (!f->hh.tbl) { /* no memory for the table: the flow lives for this packet only */
		f->hh.next = t->free;
		t->free = f;
	}
	return f;
}

static void requeue(struct flow_table *t, struct flow *f, uint32_t now_ms)
{
	HASH_DELETE(hh, t->table, f);
	HASH_ADD(hh, t->table, key, sizeof f->key, f);
	f->queued_ms = now_ms;
}

/* A SYN that is neither the first one again nor part of a simultaneous open. */
static bool begins_new_life(const struct flow *f, const struct packet *p, unsigned end)
{
	if (p->proto != IPPROTO_TCP || (p->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
		return false;
	if (f->saw_syn && end == f->opener)
		return p->tcp_seq != f->isn;
	return f->closing || f->stage != FLOW_NEW;
}

struct flow *flow_table_packet(struct flow_table *t, const struct packet *p, unsigned *out_end)
{
	uint32_t now_ms = (uint32_t)(p->time_ns / 1000000);
	struct flow_key key;
	unsigned end = key_make(p->proto, &p->src, p->sport, &p->dst, p->dport, &key);
	struct flow *f;
	unsigned side;

	HASH_FIND(hh, t->table, &key, sizeof key, f);
	if (f && begins_new_life(f, p, end)) {
		flow_table_end(t, f);
		f = NULL;
	}
	if (!f) {
		f = flow_create(t, &key, p, end);
		f->queued_ms = now_ms;
	} else if (now_ms - f->queued_ms > REQUEUE_MS) {
		requeue(t, f, now_ms);
	}
	side = end != f->opener;
	if (p->time_ns > f->last_ns) /* merged captures step back */
		f->last_ns = p->time_ns;
	f->packets[side]++;
	f->bytes[side] += p->ip_len;
	if (side == 0 && mac_is_zero(&f->mac))
		f->mac = p->mac;
	if (p->proto == IPPROTO_TCP && p->tcp_flags & (TCP_FIN | TCP_RST))
		f->closing = true;
	*out_end = end;
	return f;
}

struct flow *flow_table_find(struct flow_table *t, uint8_t proto, const struct addr *src,
			     uint16_t sport, const struct addr *dst, uint16_t dport,
			     unsigned *out_end)
{
	struct flow_key key;
	struct flow *f;

	*out_end = key_make(proto, src, sport, dst, dport, &key);
	HASH_FIND(hh, t->table, &key, sizeof key, f);
	return f;
}

void flow_set_opener(struct flow *f, unsigned end)
{
	uint64_t bytes = f->bytes[0];
	uint32_t packets = f->packets[0];

	f->sure_opener = true;
	if (f->opener == end)
		return;
	f->opener = (uint8_t)end;
	f->bytes[0] = f->bytes[1];
	f->bytes[1] = bytes;
	f->packets[0] = f->packets[1];
	f->packets[1] = packets;
	f->mac = (struct mac){ { 0 } };
}

static int64_t idle_ns(const struct flow_table *t, const struct flow *f)
{
	uint32_t ms = f->key.proto == IPPROTO_TCP ? t->options.tcp_idle_ms : t->options.udp_idle_ms;

	if (f->kept)
		ms = t->options.kept_ms;
	else if (f->closing)
		ms = t->options.closing_ms;
	return (int64_t)ms * 1000000;
}

/* The head of the order is the oldest but for REQUEUE_MS; flows with a longer time-out than
 * their neighbours do not stop the walk, they only bound it. */
enum { TICK_NS = 1000000000, TICK_LOOKS = 64 };

void flow_table_tick(struct flow_table *t, int64_t now_ns)
{
	struct flow *f, *next;
	unsigned looks = TICK_LOOKS;

	if (now_ns - t->ticked_ns < TICK_NS && now_ns >= t->ticked_ns)
		return;
	t->ticked_ns = now_ns;
	for (f = t->table; f && looks; f = next) {
		next = f->hh.next;
		if (now_ns - f->last_ns >= idle_ns(t, f)) {
			flow_table_end(t, f);
		} else {
			looks--;
			/* Young again: what waits longer must not hide what waits shorter. */
			if (f->kept && next)
				requeue(t, f, (uint32_t)(now_ns / 1000000));
		}
	}
}

void flow_table_flush(struct flow_table *t)
{
	while (t->table)
		flow_table_end(t, t->table);
}

void flow_table_each(const struct flow_table *t, void (*each)(void *ctx, const struct flow *f),
		     void *ctx)
{
	for (const struct flow *f = t->table; f; f = f->hh.next)
		each(ctx, f);
}

uint32_t flow_table_now(const struct flow_table *t)
{
	return HASH_COUNT(t->table);
}

uint64_t flow_table_created(const struct flow_table *t)
{
	return t->next_id;
}

uint64_t flow_table_evicted(const struct flow_table *t)
{
	return t->evicted;
}

struct addr flow_addr(const struct flow *f, unsigned end)
{
	return f->key.family == 4 ? addr_v4(f->key.ends[end]) : addr_v6(f->key.ends[end]);
}
