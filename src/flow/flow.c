/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table: entries from one pool, in buckets and in the order of age by their numbers in
 * it. uthash, which the other tables use, takes 56 bytes of each entry for pointers, against 16
 * here, and asks for memory when a table grows, which the packet path must not. What links them
 * lies apart: to pass by a flow, or to close the gap that it leaves, its own lines of the cache
 * are not needed. */
#include "flow/flow.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { LATE_MAX = 65536 }; /* bytes that may come in front of their SYN */

/* Numbers of places in the pool, from 1; 0: none. */
struct links {
	uint32_t next;		 /* of its bucket, or of those that are free */
	uint32_t older, younger; /* in the order of age */
	uint32_t hash;
};

struct flow_table {
	struct flow_options options;
	struct names *names;
	flow_gone_fn *gone;
	void *ctx;
	struct flow *pool;
	struct links *links;	 /* [number - 1], as the pool */
	uint32_t *buckets, mask; /* of their number, a power of two */
	uint32_t free;
	uint32_t oldest, youngest, now;
	uint32_t next_id;
	uint64_t evicted;
	int64_t ticked_ns;
};

static struct flow *at(const struct flow_table *t, uint32_t number)
{
	return &t->pool[number - 1];
}

static struct links *links_at(const struct flow_table *t, uint32_t number)
{
	return &t->links[number - 1];
}

static uint32_t number_of(const struct flow_table *t, const struct flow *f)
{
	return (uint32_t)(f - t->pool) + 1;
}

struct flow_table *flow_table_new(const struct flow_options *o, struct names *names,
				  flow_gone_fn *gone, void *ctx)
{
	struct flow_table *t = calloc(1, sizeof *t);
	size_t buckets = 1;

	if (!t)
		return NULL;
	while (buckets < o->max)
		buckets *= 2;
	t->pool = calloc(o->max, sizeof *t->pool);
	t->links = calloc(o->max, sizeof *t->links);
	t->buckets = calloc(buckets, sizeof *t->buckets);
	if (!t->pool || !t->links || !t->buckets) {
		flow_table_free(t);
		return NULL;
	}
	t->options = *o;
	t->mask = (uint32_t)(buckets - 1);
	t->names = names;
	t->gone = gone;
	t->ctx = ctx;
	for (uint32_t i = o->max; i-- > 0;) {
		t->links[i].next = t->free;
		t->free = i + 1;
	}
	return t;
}

static void drop_names(struct flow_table *t, struct flow *f)
{
	names_drop(t->names, f->name);
	names_drop(t->names, f->outer);
	f->name = f->outer = NULL;
}

void flow_table_free(struct flow_table *t)
{
	if (!t)
		return;
	for (uint32_t n = t->oldest; n; n = links_at(t, n)->younger)
		drop_names(t, at(t, n));
	free(t->pool);
	free(t->links);
	free(t->buckets);
	free(t);
}

size_t flow_table_bytes(const struct flow_table *t)
{
	return sizeof *t->pool + sizeof *t->links +
	       ((size_t)t->mask + 1) * sizeof *t->buckets / t->options.max;
}

static uint32_t hash_of(const struct flow_key *key)
{
	return (uint32_t)hash_bytes(key, sizeof *key);
}

static struct flow *find(const struct flow_table *t, const struct flow_key *key, uint32_t hash)
{
	const struct links *l;

	for (uint32_t n = t->buckets[hash & t->mask]; n; n = l->next) {
		l = links_at(t, n);
		if (l->hash == hash && memcmp(&at(t, n)->key, key, sizeof *key) == 0)
			return at(t, n);
	}
	return NULL;
}

static void link_youngest(struct flow_table *t, uint32_t number)
{
	struct links *l = links_at(t, number);

	l->younger = 0;
	l->older = t->youngest;
	*(l->older ? &links_at(t, l->older)->younger : &t->oldest) = number;
	t->youngest = number;
}

static void unlink_age(struct flow_table *t, const struct links *l)
{
	*(l->older ? &links_at(t, l->older)->younger : &t->oldest) = l->younger;
	*(l->younger ? &links_at(t, l->younger)->older : &t->youngest) = l->older;
}

static void make_youngest(struct flow_table *t, const struct flow *f)
{
	uint32_t number = number_of(t, f);

	if (number == t->youngest)
		return;
	unlink_age(t, links_at(t, number));
	link_youngest(t, number);
}

static void enter(struct flow_table *t, uint32_t number, uint32_t hash)
{
	uint32_t *bucket = &t->buckets[hash & t->mask];

	links_at(t, number)->hash = hash;
	links_at(t, number)->next = *bucket;
	*bucket = number;
	link_youngest(t, number);
	t->now++;
}

/* Out of its bucket and into the pool. */
static void leave(struct flow_table *t, struct flow *f)
{
	uint32_t number = number_of(t, f);
	struct links *l = links_at(t, number);
	uint32_t *link = &t->buckets[l->hash & t->mask];

	while (*link != number)
		link = &links_at(t, *link)->next;
	*link = l->next;
	unlink_age(t, l);
	l->next = t->free;
	f->kept = false; /* flow_table_kept looks at all places */
	t->free = number;
	t->now--;
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
	drop_names(t, f);
	leave(t, f);
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

static struct flow *flow_create(struct flow_table *t, const struct flow_key *key, uint32_t hash,
				const struct packet *p, unsigned end)
{
	uint32_t number;
	struct flow *f;

	if (!t->free) {
		t->evicted++;
		flow_table_end(t, at(t, t->oldest));
	}
	number = t->free;
	f = at(t, number);
	t->free = links_at(t, number)->next;
	memset(f, 0, sizeof *f);
	f->key = *key;
	f->id = ++t->next_id;
	f->first_ns = p->time_ns;
	f->opener = (uint8_t)guess_opener(p, end);
	f->sure_opener = p->proto == IPPROTO_TCP && p->tcp_flags & TCP_SYN;
	if (f->sure_opener) { /* a SYN-ACK tells the opener's number as well */
		f->saw_syn = true;
		f->isn = f->opener == end ? p->tcp_seq : p->tcp_ack - 1;
	} else if (p->proto == IPPROTO_TCP && f->opener == end) {
		f->saw_first = true;
		f->isn = p->tcp_seq - 1;
	}
	enter(t, number, hash);
	return f;
}

/* In a capture that lost its order the SYN may come behind what followed it. */
static bool is_late_syn(const struct flow *f, const struct packet *p, unsigned end)
{
	return p->proto == IPPROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
	       f->saw_first && end == f->opener && f->isn - p->tcp_seq < LATE_MAX;
}

static void take_late_syn(struct flow *f, const struct packet *p)
{
	f->saw_first = false;
	f->saw_syn = f->sure_opener = true;
	f->isn = p->tcp_seq;
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
	struct flow_key key;
	unsigned end = key_make(p->proto, &p->src, p->sport, &p->dst, p->dport, &key);
	uint32_t hash = hash_of(&key);
	struct flow *f = find(t, &key, hash);
	unsigned side;

	if (f && is_late_syn(f, p, end))
		take_late_syn(f, p);
	if (f && begins_new_life(f, p, end)) {
		flow_table_end(t, f);
		f = NULL;
	}
	if (f)
		make_youngest(t, f);
	else
		f = flow_create(t, &key, hash, p, end);
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

	*out_end = key_make(proto, src, sport, dst, dport, &key);
	return find(t, &key, hash_of(&key));
}

void flow_set_opener(struct flow *f, unsigned end)
{
	uint64_t bytes = f->bytes[0];
	uint32_t packets = f->packets[0];

	f->sure_opener = true;
	if (f->opener == end)
		return;
	f->saw_first = false;
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

/* Flows with a longer time-out than their neighbours do not stop the walk, they only bound it. */
enum { TICK_NS = 1000000000, TICK_LOOKS = 64 };

void flow_table_tick(struct flow_table *t, int64_t now_ns)
{
	uint32_t n, younger;
	unsigned looks = TICK_LOOKS;

	if (now_ns - t->ticked_ns < TICK_NS && now_ns >= t->ticked_ns)
		return;
	t->ticked_ns = now_ns;
	for (n = t->oldest; n && looks; n = younger) {
		struct flow *f = at(t, n);

		younger = links_at(t, n)->younger;
		if (now_ns - f->last_ns >= idle_ns(t, f)) {
			flow_table_end(t, f);
		} else {
			looks--;
			/* What waits longer must not hide what waits shorter. */
			if (f->kept)
				make_youngest(t, f);
		}
	}
}

void flow_table_flush(struct flow_table *t)
{
	while (t->oldest)
		flow_table_end(t, at(t, t->oldest));
}

bool flow_table_kept(const struct flow_table *t, uint32_t *io_place, uint32_t n,
		     void (*each)(void *ctx, const struct flow *f), void *ctx)
{
	uint32_t place = *io_place, end = t->options.max - place > n ? place + n : t->options.max;

	for (; place < end; place++)
		if (t->pool[place].kept)
			each(ctx, &t->pool[place]);
	*io_place = place;
	return place < t->options.max;
}

void flow_table_each(const struct flow_table *t, void (*each)(void *ctx, const struct flow *f),
		     void *ctx)
{
	for (uint32_t n = t->oldest; n; n = links_at(t, n)->younger)
		each(ctx, at(t, n));
}

uint32_t flow_table_now(const struct flow_table *t)
{
	return t->now;
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
