/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned fingerprints: chains of numbers over one pool, which is touched only as far as it was
 * ever used. */
#include "engine/fingerprints.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { BUCKETS = 1024 };

struct fingerprint {
	uint32_t references;
	uint16_t next; /* in its bucket, or free */
	char text[JA4_SIZE];
};

struct fingerprints {
	uint32_t max, used; /* used: of the pool, also if free again */
	uint16_t free;
	uint16_t buckets[BUCKETS];
	struct fingerprint pool[]; /* number 0 is none */
};

struct fingerprints *fingerprints_new(uint32_t max_flows)
{
	uint32_t max = max_flows < UINT16_MAX ? max_flows : UINT16_MAX;
	struct fingerprints *f = calloc(1, sizeof *f + (max + 1) * sizeof *f->pool);

	if (f)
		f->max = max;
	return f;
}

void fingerprints_free(struct fingerprints *f)
{
	free(f);
}

static uint16_t *bucket_of(struct fingerprints *f, const char *text)
{
	return &f->buckets[hash_bytes(text, JA4_SIZE - 1) % BUCKETS];
}

uint16_t fingerprints_hold(struct fingerprints *f, const char text[static JA4_SIZE])
{
	uint16_t *bucket = bucket_of(f, text), i;

	for (i = *bucket; i; i = f->pool[i].next)
		if (!memcmp(f->pool[i].text, text, JA4_SIZE)) {
			f->pool[i].references++;
			return i;
		}
	if (f->free) {
		i = f->free;
		f->free = f->pool[i].next;
	} else if (f->used < f->max) {
		i = (uint16_t)++f->used;
	} else {
		return 0;
	}
	f->pool[i].references = 1;
	f->pool[i].next = *bucket;
	memcpy(f->pool[i].text, text, JA4_SIZE);
	*bucket = i;
	return i;
}

void fingerprints_drop(struct fingerprints *f, uint16_t number)
{
	struct fingerprint *p = &f->pool[number];
	uint16_t *at;

	if (!number || --p->references)
		return;
	for (at = bucket_of(f, p->text); *at != number;)
		at = &f->pool[*at].next;
	*at = p->next;
	p->next = f->free;
	f->free = number;
}

const char *fingerprints_text(const struct fingerprints *f, uint16_t number)
{
	return number ? f->pool[number].text : NULL;
}
