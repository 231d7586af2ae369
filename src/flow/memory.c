/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address-to-name memory over uthash; the order of insertion is the order of age. */
#include "flow/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct memory_key {
	uint8_t client[16], address[16];
	uint8_t client_family, address_family;
};

/* Numbers of places in the pool of names, from 1; 0: none. */
struct memory_name {
	struct held_name *name;
	int64_t expires_ns;
	uint32_t next; /* of the same address, or free */
};

struct memory_entry {
	struct memory_key key;
	uint32_t first; /* of its names, the latest */
	UT_hash_handle hh;
};

struct memory {
	struct names *names;
	struct memory_entry *table, *pool, *free; /* free: linked by hh.next */
	struct memory_name *name_pool;
	uint32_t name_free;
	int64_t floor_ns;
	uint64_t created, evicted;
};

static struct memory_name *name_at(const struct memory *m, uint32_t number)
{
	return &m->name_pool[number - 1];
}

struct memory *memory_new(uint32_t max_entries, uint32_t floor_s, struct names *names)
{
	struct memory *m = calloc(1, sizeof *m);

	if (!m || !(m->pool = calloc(max_entries, sizeof *m->pool)) ||
	    !(m->name_pool = calloc(max_entries, sizeof *m->name_pool))) {
		memory_free(m);
		return NULL;
	}
	m->names = names;
	m->floor_ns = (int64_t)floor_s * 1000000000;
	for (uint32_t i = max_entries; i-- > 0;) {
		m->pool[i].hh.next = m->free;
		m->free = &m->pool[i];
		m->name_pool[i].next = m->name_free;
		m->name_free = i + 1;
	}
	return m;
}

/* Takes the name that *link leads to out of its list. */
static void forget_name(struct memory *m, uint32_t *link)
{
	uint32_t number = *link;
	struct memory_name *n = name_at(m, number);

	names_drop(m->names, n->name);
	*link = n->next;
	n->next = m->name_free;
	m->name_free = number;
}

static void entry_drop_names(struct memory *m, struct memory_entry *e)
{
	while (e->first)
		forget_name(m, &e->first);
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	for (struct memory_entry *e = m->table; e; e = e->hh.next)
		entry_drop_names(m, e);
	HASH_CLEAR(hh, m->table);
	free(m->pool);
	free(m->name_pool);
	free(m);
}

static void key_make(const struct addr *client, const struct addr *address, struct memory_key *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->client, client->bytes, sizeof out->client);
	memcpy(out->address, address->bytes, sizeof out->address);
	out->client_family = client->family;
	out->address_family = address->family;
}

static void entry_end(struct memory *m, struct memory_entry *e)
{
	entry_drop_names(m, e);
	HASH_DELETE(hh, m->table, e);
	e->hh.next = m->free;
	m->free = e;
}

static struct memory_entry *entry_create(struct memory *m, const struct memory_key *key)
{
	struct memory_entry *e;

	if (!m->free) {
		m->evicted++;
		entry_end(m, m->table);
	}
	e = m->free;
	m->free = e->hh.next;
	memset(e, 0, sizeof *e);
	e->key = *key;
	HASH_ADD(hh, m->table, key, sizeof e->key, e);
	if (!e->hh.tbl) { /* no memory for the table */
		e->hh.next = m->free;
		m->free = e;
		return NULL;
	}
	m->created++;
	return e;
}

/* The entry of that key, the youngest from now on; NULL: no memory. */
static struct memory_entry *entry_young(struct memory *m, const struct memory_key *key)
{
	struct memory_entry *e;

	HASH_FIND(hh, m->table, key, sizeof *key, e);
	if (!e)
		return entry_create(m, key);
	if (!e->hh.next)
		return e;
	HASH_DELETE(hh, m->table, e);
	HASH_ADD(hh, m->table, key, sizeof e->key, e);
	return e;
}

/* Makes room for one more name, held, of e: without it, what has expired, and what is too much. */
static void entry_tidy(struct memory *m, struct memory_entry *e, const struct held_name *held,
		       int64_t now_ns)
{
	uint32_t *link = &e->first;

	for (unsigned kept = 0; *link;) {
		const struct memory_name *n = name_at(m, *link);

		if (n->name == held || n->expires_ns <= now_ns || kept == MEMORY_NAMES - 1) {
			forget_name(m, link);
			continue;
		}
		kept++;
		link = &name_at(m, *link)->next;
	}
	if (m->name_free)
		return;
	if (m->table != e) {
		m->evicted++;
		entry_end(m, m->table);
		return;
	}
	for (link = &e->first; name_at(m, *link)->next;) /* it has them all */
		link = &name_at(m, *link)->next;
	forget_name(m, link);
}

void memory_add(struct memory *m, const struct addr *client, const struct addr *address,
		const struct name *name, uint32_t ttl_s, int64_t now_ns)
{
	int64_t expires = now_ns + (int64_t)ttl_s * 1000000000;
	struct held_name *held = names_hold(m->names, name);
	struct memory_entry *e = NULL;
	struct memory_name *n;
	struct memory_key key;
	uint32_t number;

	if (expires < now_ns + m->floor_ns)
		expires = now_ns + m->floor_ns;
	key_make(client, address, &key);
	if (held)
		e = entry_young(m, &key);
	if (!e) {
		names_drop(m->names, held);
		return;
	}
	entry_tidy(m, e, held, now_ns);
	number = m->name_free;
	n = name_at(m, number);
	m->name_free = n->next;
	*n = (struct memory_name){ .name = held, .expires_ns = expires, .next = e->first };
	e->first = number;
}

unsigned memory_find(struct memory *m, const struct addr *client, const struct addr *address,
		     int64_t now_ns, struct name out[static MEMORY_NAMES])
{
	struct memory_entry *e;
	struct memory_key key;
	unsigned n = 0;

	key_make(client, address, &key);
	HASH_FIND(hh, m->table, &key, sizeof key, e);
	for (uint32_t i = e ? e->first : 0; i; i = name_at(m, i)->next)
		if (name_at(m, i)->expires_ns > now_ns)
			names_copy(name_at(m, i)->name, &out[n++]);
	return n;
}

uint32_t memory_now(const struct memory *m)
{
	return HASH_COUNT(m->table);
}

uint64_t memory_created(const struct memory *m)
{
	return m->created;
}

uint64_t memory_evicted(const struct memory *m)
{
	return m->evicted;
}
