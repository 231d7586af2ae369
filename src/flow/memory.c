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

struct memory_entry {
	struct memory_key key;
	uint8_t count;
	struct held_name *names[MEMORY_NAMES]; /* latest first */
	int64_t expires_ns[MEMORY_NAMES];
	UT_hash_handle hh;
};

struct memory {
	struct names *names;
	struct memory_entry *table, *pool, *free; /* free: linked by hh.next */
	int64_t floor_ns;
	uint64_t created, evicted;
};

struct memory *memory_new(uint32_t max_entries, uint32_t floor_s, struct names *names)
{
	struct memory *m = calloc(1, sizeof *m);

	if (!m || !(m->pool = calloc(max_entries, sizeof *m->pool))) {
		free(m);
		return NULL;
	}
	m->names = names;
	m->floor_ns = (int64_t)floor_s * 1000000000;
	for (uint32_t i = max_entries; i-- > 0;) {
		m->pool[i].hh.next = m->free;
		m->free = &m->pool[i];
	}
	return m;
}

static void entry_drop_names(struct memory *m, struct memory_entry *e)
{
	for (unsigned i = 0; i < e->count; i++)
		names_drop(m->names, e->names[i]);
	e->count = 0;
}

void memory_free(struct memory *m)
{
	if (!m)
		return;
	for (struct memory_entry *e = m->table; e; e = e->hh.next)
		entry_drop_names(m, e);
	HASH_CLEAR(hh, m->table);
	free(m->pool);
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

/* Takes names[i] out of the list and closes the gap. */
static void entry_forget(struct memory *m, struct memory_entry *e, unsigned i)
{
	unsigned behind = e->count - i - 1;

	names_drop(m->names, e->names[i]);
	memmove(e->names + i, e->names + i + 1, behind * sizeof *e->names);
	memmove(e->expires_ns + i, e->expires_ns + i + 1, behind * sizeof *e->expires_ns);
	e->count--;
}

void memory_add(struct memory *m, const struct addr *client, const struct addr *address,
		const struct name *name, uint32_t ttl_s, int64_t now_ns)
{
	int64_t expires = now_ns + (int64_t)ttl_s * 1000000000;
	struct held_name *held = names_hold(m->names, name);
	struct memory_entry *e;
	struct memory_key key;

	if (!held)
		return;
	if (expires < now_ns + m->floor_ns)
		expires = now_ns + m->floor_ns;
	key_make(client, address, &key);
	HASH_FIND(hh, m->table, &key, sizeof key, e);
	if (e) { /* used again: young again */
		HASH_DELETE(hh, m->table, e);
		HASH_ADD(hh, m->table, key, sizeof e->key, e);
	} else {
		e = entry_create(m, &key);
	}
	if (!e) {
		names_drop(m->names, held);
		return;
	}
	for (unsigned i = 0; i < e->count; i++)
		if (e->names[i] == held) {
			entry_forget(m, e, i);
			break;
		}
	if (e->count == MEMORY_NAMES)
		entry_forget(m, e, MEMORY_NAMES - 1);
	memmove(e->names + 1, e->names, e->count * sizeof *e->names);
	memmove(e->expires_ns + 1, e->expires_ns, e->count * sizeof *e->expires_ns);
	e->names[0] = held;
	e->expires_ns[0] = expires;
	e->count++;
}

unsigned memory_find(struct memory *m, const struct addr *client, const struct addr *address,
		     int64_t now_ns, struct name out[static MEMORY_NAMES])
{
	struct memory_entry *e;
	struct memory_key key;
	unsigned n = 0;

	key_make(client, address, &key);
	HASH_FIND(hh, m->table, &key, sizeof key, e);
	if (!e)
		return 0;
	for (unsigned i = 0; i < e->count; i++)
		if (e->expires_ns[i] > now_ns)
			names_copy(e->names[i], &out[n++]);
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
