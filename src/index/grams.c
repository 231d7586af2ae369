/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rarest four characters of each text, in buckets. */
#include "index/grams.h"

#include <stdlib.h>

#include "rule/literals.h"

enum { GRAM = 4, ENTRY = 8, TEXT_BYTES = 8, TEXT_KIND = 7, MIN_BITS = 4, MAX_BITS = 20 };
enum { COUNT_BITS = 16, SPARSE = 4 }; /* so many buckets a text: most are empty */

static uint32_t bucket_of(uint32_t gram, unsigned bits)
{
	return gram * 0x9e3779b1U >> (32 - bits);
}

/* One text on its way to an entry. */
struct choice {
	uint32_t *counts; /* of grams, by COUNT_BITS of their hash */
	bool choose;	  /* else: count */
	bool found;
	uint32_t gram;
};

static void take_run(void *ctx, const char *run, size_t n)
{
	struct choice *c = ctx;
	uint32_t gram = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t *count;
		gram = gram << 8 | (uint8_t)run[i];
		if (i + 1 < GRAM)
			continue;
		count = &c->counts[bucket_of(gram, COUNT_BITS)];
		if (!c->choose) {
			++*count;
		} else if (!c->found || *count < c->counts[bucket_of(c->gram, COUNT_BITS)]) {
			c->found = true;
			c->gram = gram;
		}
	}
}

static void take_text(struct choice *c, struct bytes texts, struct bytes strings, size_t number)
{
	const uint8_t *record = texts.at + number * TEXT_BYTES;
	const char *text = (const char *)strings.at + get_u32(record);

	c->found = false;
	if (record[TEXT_KIND])
		literals_of_regex(text, take_run, c);
	else
		literals_of_mask(text, take_run, c);
}

struct entry {
	uint32_t bucket, gram, number; /* bucket 0: always tried; else counted from 1 */
};

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->bucket != y->bucket)
		return x->bucket < y->bucket ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void append_u32(struct text *out, uint32_t v)
{
	uint8_t b[4];

	put_le(b, v, 4);
	text_put(out, (const char *)b, sizeof b);
}

static void write_entries(const struct entry *entries, uint32_t n, unsigned bits, struct text *out)
{
	uint32_t at = 0;

	append_u32(out, bits);
	for (uint32_t bucket = 0; bucket <= 1U << bits; bucket++) {
		while (at < n && entries[at].bucket <= bucket)
			at++;
		append_u32(out, at);
	}
	for (uint32_t i = 0; i < n; i++) {
		append_u32(out, entries[i].gram);
		append_u32(out, entries[i].number);
	}
}

bool grams_build(struct bytes texts, struct bytes strings, struct text *out)
{
	uint32_t n = (uint32_t)(texts.len / TEXT_BYTES);
	struct choice c = { .counts = NULL };
	struct entry *entries;
	unsigned bits = MIN_BITS;

	if (!n)
		return true;
	while (bits < MAX_BITS && 1U << bits < SPARSE * n)
		bits++;
	c.counts = calloc(1U << COUNT_BITS, sizeof *c.counts);
	entries = calloc(n, sizeof *entries);
	if (c.counts && entries) {
		for (uint32_t i = 0; i < n; i++)
			take_text(&c, texts, strings, i);
		c.choose = true;
		for (uint32_t i = 0; i < n; i++) {
			take_text(&c, texts, strings, i);
			entries[i].number = i;
			if (!c.found)
				continue;
			entries[i].gram = c.gram;
			entries[i].bucket = bucket_of(c.gram, bits) + 1;
		}
		qsort(entries, n, sizeof *entries, compare_entries);
		write_entries(entries, n, bits, out);
	}
	free(c.counts);
	free(entries);
	return c.counts && entries && !out->failed;
}

bool grams_check(struct bytes s)
{
	uint64_t head;

	if (!s.len)
		return true;
	if (s.len < 4 || get_u32(s.at) < MIN_BITS || get_u32(s.at) > MAX_BITS)
		return false;
	head = 4 + 4 * ((1ULL << get_u32(s.at)) + 1);
	return s.len >= head && (s.len - head) % ENTRY == 0;
}

void grams_begin(struct grams_walk *w, struct bytes section, const struct name *name)
{
	w->name = name;
	w->at = w->entry = w->end = w->gram = w->seen_count = 0;
	w->done = !section.len;
	if (w->done)
		return;
	w->bits = get_u32(section.at);
	w->buckets = section.at + 4;
	w->entries = w->buckets + 4 * (((size_t)1 << w->bits) + 1);
	w->count = (uint32_t)((size_t)(section.at + section.len - w->entries) / ENTRY);
}

/* Goes to the entries of a bucket; to none if the section is damaged there. */
static void to_bucket(struct grams_walk *w, uint32_t bucket)
{
	const uint8_t *at = w->buckets + 4 * (size_t)bucket;

	w->entry = get_u32(at);
	w->end = get_u32(at + 4);
	if (w->end > w->count)
		w->end = w->entry;
}

static bool is_seen(const struct grams_walk *w)
{
	for (uint32_t i = 0; i < w->seen_count; i++)
		if (w->seen[i] == w->gram)
			return true;
	return false;
}

/* The next gram whose bucket has entries. Behind the name, the texts that are always tried. */
static void next_gram(struct grams_walk *w)
{
	while (w->at < w->name->len + 2U) {
		char c = w->at && w->at <= w->name->len ? w->name->text[w->at - 1] : '.';
		w->gram = w->gram << 8 | (uint8_t)c;
		if (++w->at < GRAM)
			continue;
		to_bucket(w, bucket_of(w->gram, w->bits));
		if (w->entry >= w->end)
			continue;
		if (!is_seen(w)) {
			w->seen[w->seen_count++] = w->gram;
			return;
		}
	}
	w->done = true;
	w->entry = 0;
	w->end = get_u32(w->buckets);
	if (w->end > w->count)
		w->end = 0;
}

bool grams_next(struct grams_walk *w, uint32_t *out)
{
	for (;;) {
		while (w->entry < w->end) {
			const uint8_t *at = w->entries + ENTRY * (size_t)w->entry++;
			if (!w->done && get_u32(at) != w->gram)
				continue;
			*out = get_u32(at + 4);
			return true;
		}
		if (w->done)
			return false;
		next_gram(w);
	}
}
