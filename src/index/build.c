/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking rules in: each becomes a record that sorts where its key belongs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "index/builder.h"
#include "index/internal.h"

struct index_builder *index_builder_new(void)
{
	return index_builder_sized(0);
}

struct index_builder *index_builder_sized(size_t memory)
{
	struct index_builder *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->runs = runs_new(memory);
	if (!b->runs || intern_add(&b->modifiers, "", 1)) {
		index_builder_free(b);
		return NULL;
	}
	return b;
}

void index_builder_free(struct index_builder *b)
{
	if (!b)
		return;
	runs_free(b->runs);
	intern_done(&b->modifiers);
	intern_done(&b->payloads);
	text_done(&b->lists);
	text_done(&b->list_strings);
	free(b->members);
	free(b);
}

static size_t put_key(const struct rule *r, uint8_t key[static RECORD_KEY_MAX])
{
	struct key k;
	size_t n;

	switch (r->match) {
	case RULE_EXACT:
	case RULE_SUFFIX:
	case RULE_BELOW:
		key[0] = RECORD_NAME;
		key_of_text(r->name.text, r->name.len, &k);
		memcpy(key + 1, k.at, k.len);
		return 1 + k.len;
	case RULE_NETWORK:
		n = r->net.base.family == 4 ? 4 : 16;
		key[0] = n == 4 ? RECORD_NET4 : RECORD_NET6;
		memcpy(key + 1, r->net.base.bytes, n);
		key[1 + n] = r->net.bits;
		return n + 2;
	case RULE_PATTERN:
	case RULE_REGEX:
		key[0] = r->match == RULE_PATTERN ? RECORD_PATTERN : RECORD_REGEX;
		n = strnlen(r->text, RULE_STRING_MAX);
		memcpy(key + 1, r->text, n);
		return n + 1;
	}
	return 0;
}

static uint32_t payload_of(struct index_builder *b, const struct rule *r)
{
	const char *modifiers = r->modifiers ? r->modifiers : "";
	uint32_t number = intern_add(&b->modifiers, modifiers, strlen(modifiers) + 1);
	uint8_t p[PAYLOAD_BYTES] = { 0 };

	if (number == INTERN_FAILED)
		return number;
	/* In a class they stand in this order: by match, then by list. */
	p[0] = (uint8_t)(r->match << PAYLOAD_MATCH_SHIFT | r->rewrite << PAYLOAD_REWRITE_SHIFT |
			 (r->important ? PAYLOAD_IMPORTANT : 0) |
			 (r->action == RULE_ALLOW ? PAYLOAD_ALLOW : 0) |
			 (r->badfilter ? PAYLOAD_BADFILTER : 0));
	p[1] = (uint8_t)(r->list >> 8);
	p[2] = (uint8_t)r->list;
	put_le(p + 4, number, 4);
	return intern_add(&b->payloads, p, sizeof p);
}

bool index_builder_add(struct index_builder *b, const struct rule *r)
{
	uint8_t key[RECORD_KEY_MAX];
	struct record rec = { .key = key, .len = put_key(r, key), .line = r->line };

	if (!r->name.len && r->match <= RULE_BELOW)
		return true;
	rec.payload = payload_of(b, r);
	if (rec.payload == INTERN_FAILED)
		b->error = -ENOMEM;
	else if (!b->error)
		b->error = runs_add(b->runs, &rec);
	return !b->error;
}

bool index_builder_list(struct index_builder *b, const struct index_list *l)
{
	uint8_t entry[LIST_BYTES];

	put_le(entry, (uint32_t)b->list_strings.len, 4);
	text_put(&b->list_strings, l->name, strlen(l->name) + 1);
	put_le(entry + 4, (uint32_t)b->list_strings.len, 4);
	text_put(&b->list_strings, l->path, strlen(l->path) + 1);
	put_le(entry + 8, l->lines, 4);
	put_le(entry + 12, l->rules, 4);
	put_le(entry + 16, l->skipped, 4);
	text_put(&b->lists, (const char *)entry, sizeof entry);
	b->list_count++;
	return !b->lists.failed && !b->list_strings.failed;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Equal but for the list and for being a badfilter. */
static bool cancels(const struct index_builder *b, uint32_t filter, uint32_t rule)
{
	size_t n;
	const uint8_t *f = intern_at(&b->payloads, filter, &n);
	const uint8_t *r = intern_at(&b->payloads, rule, &n);

	return f[0] == (r[0] | PAYLOAD_BADFILTER) && get_u32(f + 4) == get_u32(r + 4);
}

static bool is_badfilter(const struct index_builder *b, uint32_t payload)
{
	size_t n;

	return intern_at(&b->payloads, payload, &n)[0] & PAYLOAD_BADFILTER;
}

static void group_clean(struct index_builder *b)
{
	struct member *m = b->members;
	size_t kept = 0, plain = 0;

	if (b->member_count == 1 && !is_badfilter(b, m->payload))
		return;
	qsort(m, b->member_count, sizeof *m, compare_members);
	/* Badfilters sort behind all others. */
	while (plain < b->member_count && !is_badfilter(b, m[plain].payload))
		plain++;
	for (size_t i = 0; i < plain; i++) {
		bool gone = kept && m[kept - 1].payload == m[i].payload;
		for (size_t f = plain; f < b->member_count && !gone; f++)
			gone = cancels(b, m[f].payload, m[i].payload);
		if (!gone)
			m[kept++] = m[i];
	}
	b->member_count = kept;
}

static int group_add(struct index_builder *b, const struct record *rec)
{
	uint64_t order = 0;
	const uint8_t *p;
	size_t n;

	if (b->member_count == b->member_cap) {
		size_t cap = 2 * b->member_cap + 64;
		struct member *more = realloc(b->members, cap * sizeof *more);
		if (!more)
			return -ENOMEM;
		b->members = more;
		b->member_cap = cap;
	}
	p = intern_at(&b->payloads, rec->payload, &n);
	for (size_t i = 0; i < n; i++)
		order = order << 8 | p[i];
	b->members[b->member_count++] = (struct member){ order, rec->payload, rec->line };
	return 0;
}

int group_begin(struct index_builder *b)
{
	int rc = runs_rewind(b->runs);

	if (rc)
		return rc;
	rc = runs_next(b->runs, &b->next);
	b->has_next = rc > 0;
	return rc < 0 ? rc : 0;
}

int group_next(struct index_builder *b)
{
	do {
		if (!b->has_next)
			return 0;
		b->member_count = 0;
		b->key_len = b->next.len;
		memcpy(b->key, b->next.key, b->key_len);
		while (b->has_next && b->next.len == b->key_len &&
		       !memcmp(b->next.key, b->key, b->key_len)) {
			int rc = group_add(b, &b->next);
			if (rc)
				return rc;
			rc = runs_next(b->runs, &b->next);
			if (rc < 0)
				return rc;
			b->has_next = rc;
		}
		group_clean(b);
	} while (!b->member_count);
	return 1;
}
