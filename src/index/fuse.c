/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binary fuse filters: each key has a place in three neighbouring segments; the exclusive or of
 * the three bytes there is its fingerprint. */
#include "index/fuse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 4, PART = 12, SEEDS = 64 };

struct shape {
	uint32_t seed, length, segments; /* segments a key may begin in; two more follow */
};

struct places {
	uint32_t at[3];
	uint8_t fingerprint;
};

static struct places places_of(const struct shape *s, uint64_t hash)
{
	uint64_t h = hash ^ (uint64_t)s->seed * 0x9e3779b97f4a7c15U;
	uint32_t mask = s->length - 1, first;

	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9U;
	h ^= h >> 32;
	first = (uint32_t)((h >> 32) * ((uint64_t)s->segments * s->length) >> 32);
	return (struct places){ { first, (first + s->length) ^ ((uint32_t)(h >> 14) & mask),
				  (first + 2 * s->length) ^ ((uint32_t)h & mask) },
				(uint8_t)(h >> 24 ^ h >> 40) };
}

static uint32_t part_of(uint64_t hash, uint32_t parts)
{
	return (uint32_t)((hash >> 32) * parts >> 32);
}

static uint32_t shape_size(const struct shape *s)
{
	return (s->segments + 2) * s->length;
}

/* Segment length and room for so many keys, as the authors measured them. */
static struct shape shape_for(size_t keys, double spare)
{
	double n = keys > 1 ? (double)keys : 2;
	double room = n * fmax(1.125, 0.875 + 0.25 * log(1e6) / log(n)) * spare;
	double length = exp2(floor(log(n) / log(3.33) + 2.25));

	if (length > 1 << 18)
		length = 1 << 18;
	double segments = ceil(room / length) - 2;
	return (struct shape){ .length = (uint32_t)length,
			       .segments = segments < 1 ? 1 : (uint32_t)segments };
}

/* What a place holds while keys are taken away one by one. */
struct cell {
	uint64_t keys; /* exclusive or of their hashes */
	uint32_t count;
};

struct peel {
	struct cell *cells;
	uint32_t *queue;
	struct {
		uint64_t hash;
		uint32_t place;
	} * order;
	size_t taken;
};

/* Takes keys that are alone in a place, until none is left: false if some always share. */
static bool peel_run(struct peel *p, const struct shape *s, const uint64_t *hashes, size_t n)
{
	size_t waiting = 0;
	uint32_t size = shape_size(s);

	memset(p->cells, 0, size * sizeof *p->cells);
	p->taken = 0;
	for (size_t i = 0; i < n; i++) {
		struct places at = places_of(s, hashes[i]);
		for (int j = 0; j < 3; j++) {
			p->cells[at.at[j]].keys ^= hashes[i];
			p->cells[at.at[j]].count++;
		}
	}
	for (uint32_t i = 0; i < size; i++)
		if (p->cells[i].count == 1)
			p->queue[waiting++] = i;
	while (waiting) {
		uint32_t place = p->queue[--waiting];
		uint64_t hash = p->cells[place].keys;
		if (p->cells[place].count != 1)
			continue;
		p->order[p->taken].hash = hash;
		p->order[p->taken++].place = place;
		struct places at = places_of(s, hash);
		for (int j = 0; j < 3; j++) {
			struct cell *c = &p->cells[at.at[j]];
			c->keys ^= hash;
			if (--c->count == 1)
				p->queue[waiting++] = at.at[j];
		}
	}
	return p->taken == n;
}

static void peel_fill(const struct peel *p, const struct shape *s, uint8_t *bytes)
{
	for (size_t i = p->taken; i-- > 0;) {
		struct places at = places_of(s, p->order[i].hash);
		uint8_t others = bytes[at.at[0]] ^ bytes[at.at[1]] ^ bytes[at.at[2]];
		bytes[p->order[i].place] ^= at.fingerprint ^ others;
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Keys that are equal, by chance or by somebody's labour, always share their places. */
static size_t without_equals(uint64_t *h, size_t n)
{
	size_t kept = 0;

	qsort(h, n, sizeof *h, compare);
	for (size_t i = 0; i < n; i++)
		if (!kept || h[i] != h[kept - 1])
			h[kept++] = h[i];
	return kept;
}

/* One part: its bytes, or NULL without memory. */
static uint8_t *part_build(uint64_t *hashes, size_t n, struct shape *out)
{
	struct peel p = { 0 };
	uint8_t *bytes = NULL;

	for (uint32_t seed = 0; seed < SEEDS && !bytes; seed++) {
		if (seed == 1) /* not the first time: they are hardly ever there */
			n = without_equals(hashes, n);
		struct shape s = shape_for(n, 1 + seed / 8 * 0.05);
		uint32_t size = shape_size(&s);
		s.seed = seed;
		if (seed % 8 == 0) {
			free(p.cells);
			free(p.queue);
			free(p.order);
			p.cells = calloc(size, sizeof *p.cells);
			p.queue = calloc(size + n, sizeof *p.queue);
			p.order = calloc(n + 1, sizeof *p.order);
			if (!p.cells || !p.queue || !p.order)
				break;
		}
		if (!peel_run(&p, &s, hashes, n))
			continue;
		bytes = calloc(size, 1);
		if (bytes)
			peel_fill(&p, &s, bytes);
		*out = s;
	}
	free(p.cells);
	free(p.queue);
	free(p.order);
	return bytes;
}

/* Hashes of one part stand together afterwards: a counting sort by part, in place. */
static void sort_by_part(uint64_t *h, size_t n, uint32_t parts, size_t *ends)
{
	size_t *next = ends + parts, start = 0;

	memset(ends, 0, 2 * parts * sizeof *ends);
	for (size_t i = 0; i < n; i++)
		ends[part_of(h[i], parts)]++;
	for (uint32_t p = 0; p < parts; p++) {
		next[p] = start;
		ends[p] = start += ends[p];
	}
	for (uint32_t p = 0; p < parts; p++) {
		while (next[p] < ends[p]) {
			uint32_t to = part_of(h[next[p]], parts);
			if (to == p) {
				next[p]++;
				continue;
			}
			uint64_t other = h[next[to]];
			h[next[to]++] = h[next[p]];
			h[next[p]] = other;
		}
	}
}

void fuse_build(uint64_t *hashes, size_t count, struct text *out)
{
	uint32_t parts = (uint32_t)((count + FUSE_PART_KEYS - 1) / FUSE_PART_KEYS);
	size_t *ends = calloc(2 * (size_t)parts + 1, sizeof *ends), start = 0;
	size_t head = out->len;
	uint8_t entry[PART] = { 0 };

	put_le(entry, parts, 4);
	text_put(out, (const char *)entry, HEAD);
	memset(entry, 0, sizeof entry);
	for (uint32_t i = 0; i < parts; i++)
		text_put(out, (const char *)entry, PART);
	if (!ends) {
		out->failed = true;
		return;
	}
	sort_by_part(hashes, count, parts, ends);
	for (uint32_t i = 0; i < parts && !out->failed; start = ends[i++]) {
		struct shape s = { 0 };
		uint8_t *bytes = part_build(hashes + start, ends[i] - start, &s), *at;
		if (!bytes) {
			out->failed = true;
			break;
		}
		at = (uint8_t *)out->at + head + HEAD + PART * i;
		put_le(at, s.seed, 4);
		put_le(at + 4, (uint32_t)(out->len - head), 4);
		at[8] = (uint8_t)__builtin_ctz(s.length);
		put_le(at + 9, s.segments, 3);
		text_put(out, (const char *)bytes, shape_size(&s));
		free(bytes);
	}
	free(ends);
}

static struct shape shape_read(const uint8_t *at)
{
	return (struct shape){ get_u32(at), 1U << (at[8] & 31), get_u24(at + 9) };
}

bool fuse_check(struct bytes s)
{
	if (s.len < HEAD || (s.len - HEAD) / PART < get_u32(s.at))
		return false;
	for (uint32_t i = 0; i < get_u32(s.at); i++) {
		const uint8_t *at = s.at + HEAD + PART * (size_t)i;
		uint64_t size;
		if (at[8] > 18)
			return false;
		size = ((uint64_t)get_u24(at + 9) + 2) << at[8];
		if (get_u32(at + 4) > s.len || s.len - get_u32(at + 4) < size)
			return false;
	}
	return true;
}

struct fuse_probe fuse_probe(struct bytes s, uint64_t hash)
{
	struct fuse_probe p = { .at = { NULL } };
	uint32_t parts = get_u32(s.at);
	const uint8_t *part, *bytes;
	struct shape shape;
	struct places at;

	if (!parts)
		return p;
	part = s.at + HEAD + PART * (size_t)part_of(hash, parts);
	bytes = s.at + get_u32(part + 4);
	shape = shape_read(part);
	at = places_of(&shape, hash);
	for (int i = 0; i < 3; i++) {
		p.at[i] = bytes + at.at[i];
		__builtin_prefetch(p.at[i]);
	}
	p.fingerprint = at.fingerprint;
	return p;
}
