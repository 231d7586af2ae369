/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed hashes of questions, each with its time. */
#include "engine/relays.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { PLACES = 512 };
#define LIFE_NS 5000000000LL

struct relays {
	struct {
		uint64_t hash;
		int64_t time_ns;
	} at[PLACES];
};

struct relays *relays_new(void)
{
	return calloc(1, sizeof(struct relays));
}

void relays_free(struct relays *r)
{
	free(r);
}

/* Resolvers mix upper and lower case into what they ask; names here are lower case. */
static uint64_t hash_of(const struct name *qname, uint16_t qtype)
{
	uint8_t key[sizeof(qname->text) + sizeof(qtype)];

	memcpy(key, &qtype, sizeof(qtype));
	memcpy(key + sizeof(qtype), qname->text, qname->len);
	return hash_bytes(key, sizeof(qtype) + qname->len);
}

void relays_note(struct relays *r, const struct name *qname, uint16_t qtype, int64_t now_ns)
{
	uint64_t hash = hash_of(qname, qtype);

	r->at[hash % PLACES].hash = hash;
	r->at[hash % PLACES].time_ns = now_ns;
}

void relays_end(struct relays *r, const struct name *qname, uint16_t qtype)
{
	uint64_t hash = hash_of(qname, qtype);

	if (r->at[hash % PLACES].hash == hash)
		r->at[hash % PLACES].hash = 0;
}

bool relays_has(const struct relays *r, const struct name *qname, uint16_t qtype, int64_t now_ns)
{
	uint64_t hash = hash_of(qname, qtype);
	int64_t age_ns = now_ns - r->at[hash % PLACES].time_ns;

	return r->at[hash % PLACES].hash == hash && age_ns >= 0 && age_ns < LIFE_NS;
}
