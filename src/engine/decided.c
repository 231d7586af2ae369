/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Four places for each question, by a keyed hash of all that policy_decide looks at; the oldest
 * makes room. */
#include "engine/decided.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { SETS = 128, PLACES = 4, NAME_BYTES = 64 };

/* No padding between the members: it is hashed and compared as bytes. */
struct key {
	const char *device, *app;
	uint32_t generation;
	uint16_t qtype;
	uint8_t via, is_resolver;
	struct addr client, server; /* or zero */
	uint8_t len;
	char name[NAME_BYTES + 5];
};

struct place {
	struct key key; /* len 0: empty */
	uint64_t hash;
	const struct catalogue_row *row;
	const char *app, *list;
	uint8_t reason, role;
};

struct decided {
	struct place places[SETS][PLACES];
};

struct decided *decided_new(void)
{
	return calloc(1, sizeof(struct decided));
}

void decided_free(struct decided *d)
{
	free(d);
}

/* False: a name too long for a place, or none. */
static bool key_make(const struct policy_query *q, uint32_t generation, struct key *out)
{
	if (!q->name->len || q->name->len > NAME_BYTES)
		return false;
	memset(out, 0, sizeof(*out));
	out->device = q->device;
	out->app = q->app;
	out->generation = generation;
	out->qtype = q->qtype;
	out->via = (uint8_t)q->via;
	out->is_resolver = q->is_resolver;
	if (q->client)
		out->client = *q->client;
	if (q->server)
		out->server = *q->server;
	out->len = q->name->len;
	memcpy(out->name, q->name->text, q->name->len);
	return true;
}

static const struct place *find(const struct place set[static PLACES], const struct key *key,
				uint64_t hash)
{
	for (int i = 0; i < PLACES; i++)
		if (set[i].hash == hash && memcmp(&set[i].key, key, sizeof(*key)) == 0)
			return &set[i];
	return NULL;
}

void decided_ask(struct decided *d, const struct policy *p, uint32_t generation,
		 const struct policy_query *q, struct verdict *out)
{
	const struct place *at;
	struct place *set;
	struct key key;
	uint64_t hash;

	if (!key_make(q, generation, &key)) {
		policy_decide(p, q, out);
		return;
	}
	hash = hash_bytes(&key, offsetof(struct key, name) + key.len);
	set = d->places[hash % SETS];
	at = find(set, &key, hash);
	if (at) {
		*out = (struct verdict){
			.kind = VERDICT_ALLOW,
			.reason = (enum verdict_reason)at->reason,
			.role = (enum role)at->role,
			.app = at->app,
			.list = at->list,
			.row = at->row,
		};
		return;
	}
	policy_decide(p, q, out);
	if (out->kind != VERDICT_ALLOW || out->how != HOW_NONE || out->has_rule || out->section)
		return;
	memmove(set + 1, set, (PLACES - 1) * sizeof(*set));
	set[0] = (struct place){
		.key = key,
		.hash = hash,
		.reason = (uint8_t)out->reason,
		.role = (uint8_t)out->role,
		.app = out->app,
		.list = out->list,
		.row = out->row,
	};
}
