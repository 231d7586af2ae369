/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte strings that many share, in an open-addressing table. */
#include "index/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static uint32_t slot_of(const struct intern *i, const void *p, size_t n)
{
	uint32_t at = (uint32_t)hash_bytes(p, n) & (i->slots_cap - 1);
	size_t len;

	while (i->slots[at]) {
		const uint8_t *s = intern_at(i, i->slots[at] - 1, &len);
		if (len == n && !memcmp(s, p, n))
			break;
		at = (at + 1) & (i->slots_cap - 1);
	}
	return at;
}

static bool grow(struct intern *i)
{
	uint32_t cap = i->cap ? 2 * i->cap : 64, *ends, *slots = calloc(2 * (size_t)cap, 4);
	size_t n;

	hash_seed();
	if (!slots)
		return false;
	ends = realloc(i->ends, cap * sizeof *ends);
	if (!ends) {
		free(slots);
		return false;
	}
	free(i->slots);
	i->ends = ends;
	i->slots = slots;
	i->cap = cap;
	i->slots_cap = 2 * cap;
	for (uint32_t k = 0; k < i->count; k++) {
		const uint8_t *s = intern_at(i, k, &n);
		slots[slot_of(i, s, n)] = k + 1;
	}
	return true;
}

uint32_t intern_add(struct intern *i, const void *p, size_t n)
{
	uint32_t at;

	if (i->count == i->cap && !grow(i))
		return INTERN_FAILED;
	at = slot_of(i, p, n);
	if (i->slots[at])
		return i->slots[at] - 1;
	text_put(&i->bytes, p, n);
	if (i->bytes.failed || i->bytes.len > UINT32_MAX)
		return INTERN_FAILED;
	i->ends[i->count] = (uint32_t)i->bytes.len;
	i->slots[at] = ++i->count;
	return i->count - 1;
}

const uint8_t *intern_at(const struct intern *i, uint32_t number, size_t *out_len)
{
	uint32_t start = number ? i->ends[number - 1] : 0;

	*out_len = i->ends[number] - start;
	return *out_len ? (const uint8_t *)i->bytes.at + start : (const uint8_t *)"";
}

void intern_done(struct intern *i)
{
	text_done(&i->bytes);
	free(i->ends);
	free(i->slots);
	*i = (struct intern){ 0 };
}
