/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A table over uthash from one pool; the order of insertion is the order of use. */
#include "engine/refused.h"

#include <stdlib.h>
#include <string.h>

struct refused_table {
	struct refused *table, *pool, *free; /* free: linked by hh.next */
	struct names *names;
	void (*told)(void *ctx, const struct refused *r);
	void *ctx;
	uint64_t evicted;
	int64_t ticked_ns;
};

#define SECOND 1000000000LL
#define DELAY_MOST                                                                                 \
	SECOND /* under what resolvers wait before they ask again: two seconds and more */

struct refused_table *refused_new(uint32_t max, struct names *names,
				  void (*told)(void *ctx, const struct refused *r), void *ctx)
{
	struct refused_table *t = calloc(1, sizeof *t);

	if (!t || !(t->pool = calloc(max, sizeof *t->pool))) {
		free(t);
		return NULL;
	}
	t->names = names;
	t->told = told;
	t->ctx = ctx;
	for (uint32_t i = max; i-- > 0;) {
		t->pool[i].hh.next = t->free;
		t->free = &t->pool[i];
	}
	return t;
}

void refused_free(struct refused_table *t)
{
	if (!t)
		return;
	HASH_CLEAR(hh, t->table);
	free(t->pool);
	free(t);
}

static void key_make(const struct refused_ask *a, struct held_name *name, struct refused_key *out)
{
	memset(out, 0, sizeof *out); /* padding is part of the key */
	if (mac_is_zero(a->mac))
		out->addr = *a->client;
	else
		out->mac = *a->mac;
	out->qtype = a->qtype;
	out->name = name;
}

static void tell(struct refused_table *t, struct refused *r)
{
	if (r->untold)
		t->told(t->ctx, r);
	r->untold = 0;
}

static void end(struct refused_table *t, struct refused *r)
{
	tell(t, r);
	HASH_DELETE(hh, t->table, r);
	names_drop(t->names, r->key.name);
	r->hh.next = t->free;
	t->free = r;
}

/* To the young end. False: no memory, and r is gone. */
static bool enter(struct refused_table *t, struct refused *r)
{
	HASH_ADD(hh, t->table, key, sizeof r->key, r);
	if (r->hh.tbl)
		return true;
	names_drop(t->names, r->key.name);
	r->hh.next = t->free;
	t->free = r;
	return false;
}

static void use(struct refused *r, const struct refused_ask *a)
{
	r->client = *a->client;
	r->server = *a->server;
	r->mac = *a->mac;
	r->port = a->port;
	r->proto = a->proto;
	r->last_ns = a->now_ns;
	r->count++;
}

/* Another policy, or silence, ends a series. */
static bool is_series(const struct refused *r, const struct refused_ask *a)
{
	return r->series && r->generation == a->generation &&
	       a->now_ns - r->last_ns < REFUSED_QUIET_S * SECOND;
}

/* Sixteen at once, then longer with every doubling: who asks in a circle asks once a second. */
static int64_t delay_of(uint32_t series)
{
	int64_t delay = 0;

	for (uint32_t n = 16; n <= series && delay < DELAY_MOST; n *= 2)
		delay = delay ? 2 * delay : DELAY_MOST / 8;
	return delay;
}

static struct refused *find(struct refused_table *t, const struct refused_ask *a,
			    struct held_name *name)
{
	struct refused_key key;
	struct refused *r;

	key_make(a, name, &key);
	HASH_FIND(hh, t->table, &key, sizeof key, r);
	return r;
}

const struct refused *refused_again(struct refused_table *t, const struct refused_ask *a,
				    int64_t *out_delay_ns)
{
	struct held_name *name = names_hold(t->names, a->name);
	struct refused *r = name ? find(t, a, name) : NULL;

	names_drop(t->names, name);
	if (!r || r->series < REFUSED_AT_ONCE || !is_series(r, a))
		return NULL;
	HASH_DELETE(hh, t->table, r);
	if (!enter(t, r))
		return NULL;
	if (!r->untold++)
		r->untold_ns = a->now_ns;
	r->series++;
	use(r, a);
	*out_delay_ns = delay_of(r->series);
	return r;
}

static struct refused *create(struct refused_table *t, const struct refused_ask *a,
			      struct held_name *name)
{
	struct refused *r;

	if (!t->free) {
		t->evicted++;
		end(t, t->table);
	}
	r = t->free;
	t->free = r->hh.next;
	*r = (struct refused){ .first_ns = a->now_ns };
	key_make(a, name, &r->key);
	names_again(name);
	return r;
}

void refused_note(struct refused_table *t, const struct refused_ask *a, const struct verdict *v,
		  bool in_series)
{
	struct held_name *name = names_hold(t->names, a->name);
	struct refused *r = name ? find(t, a, name) : NULL;

	if (!name)
		return;
	if (r)
		HASH_DELETE(hh, t->table, r);
	else
		r = create(t, a, name);
	names_drop(t->names, name);
	if (!enter(t, r))
		return;
	if (!is_series(r, a)) {
		tell(t, r);
		r->series = 0;
	}
	r->series += in_series;
	r->generation = a->generation;
	r->how = (uint8_t)v->how;
	r->role = (uint8_t)v->role;
	r->answer_ttl_s = v->answer_ttl_s;
	use(r, a);
}

void refused_tick(struct refused_table *t, int64_t now_ns)
{
	struct refused *next;

	if (now_ns - t->ticked_ns < SECOND && now_ns >= t->ticked_ns)
		return;
	t->ticked_ns = now_ns;
	for (struct refused *r = t->table; r; r = next) {
		next = r->hh.next;
		if (now_ns - r->last_ns >= REFUSED_REMEMBER_S * SECOND)
			end(t, r);
		else if (now_ns - r->last_ns >= REFUSED_QUIET_S * SECOND ||
			 now_ns - r->untold_ns >= REFUSED_SUMMARY_S * SECOND)
			tell(t, r);
	}
}

void refused_flush(struct refused_table *t)
{
	while (t->table)
		end(t, t->table);
}

void refused_each(const struct refused_table *t, void (*each)(void *ctx, const struct refused *r),
		  void *ctx)
{
	for (const struct refused *r = t->table; r; r = r->hh.next)
		each(ctx, r);
}

uint32_t refused_now(const struct refused_table *t)
{
	return HASH_COUNT(t->table);
}

uint64_t refused_evicted(const struct refused_table *t)
{
	return t->evicted;
}
