/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain index as an open-addressing table over names: exact, since texts are compared. */
#include "classify/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* One rule. Rules of one name are entries of their own that share the text, at most one for
 * each match and action. */
struct entry {
	uint32_t text; /* offset into the pool; not NUL-terminated */
	uint32_t line;
	uint16_t list;
	uint8_t len;
	uint8_t kind; /* match << 1 | action */
};

/* Slots hold entry number + 1, 0 = empty; linear probing, a power of two, at most 3/4 full, so
 * that every probe ends. The builder is the same thing, still growing. */
struct index {
	struct entry *entries;
	char *pool;
	uint32_t *slots;
	size_t count, entries_cap;
	size_t pool_len, pool_cap;
	size_t slots_cap;
};

struct index_builder {
	struct index x;
};

enum { MATCHES = RULE_BELOW + 1, ACTIONS = RULE_ALLOW + 1, SLOTS_FIRST = 1024 };

static uint8_t entry_kind(enum rule_match match, enum rule_action action)
{
	return (uint8_t)((unsigned)match << 1 | (unsigned)action);
}

static bool entry_is(const struct index *x, const struct entry *e, const char *text, size_t len)
{
	return e->len == len && memcmp(x->pool + e->text, text, len) == 0;
}

static size_t slot_first(const struct index *x, const char *text, size_t len)
{
	return (size_t)hash_bytes(text, len) & (x->slots_cap - 1);
}

static size_t slot_next(const struct index *x, size_t i)
{
	return (i + 1) & (x->slots_cap - 1);
}

static void slot_put(struct index *x, const char *text, size_t len, uint32_t number)
{
	size_t i = slot_first(x, text, len);

	while (x->slots[i])
		i = slot_next(x, i);
	x->slots[i] = number + 1;
}

static bool slots_grow(struct index *x)
{
	size_t cap = x->slots_cap ? x->slots_cap * 2 : SLOTS_FIRST;
	uint32_t *slots = calloc(cap, sizeof *slots);

	if (!slots)
		return false;
	free(x->slots);
	x->slots = slots;
	x->slots_cap = cap;
	for (size_t i = 0; i < x->count; i++) {
		const struct entry *e = &x->entries[i];
		slot_put(x, x->pool + e->text, e->len, (uint32_t)i);
	}
	return true;
}

/* Room for one more entry, of `text` bytes; by half more each time, as the copies of a doubling
 * would not fit a small router. */
static bool room_for(struct index *x, size_t text)
{
	if (x->count == x->entries_cap) {
		size_t cap = x->entries_cap + x->entries_cap / 2 + 256;
		struct entry *entries = realloc(x->entries, cap * sizeof *entries);
		if (!entries)
			return false;
		x->entries = entries;
		x->entries_cap = cap;
	}
	if (x->pool_cap - x->pool_len < text) {
		size_t cap = x->pool_cap + x->pool_cap / 2 + 4096;
		char *pool = realloc(x->pool, cap);
		if (!pool)
			return false;
		x->pool = pool;
		x->pool_cap = cap;
	}
	/* Offsets and slot contents are 32 bits. */
	return x->count < UINT32_MAX - 1 && x->pool_len <= UINT32_MAX - text;
}

struct index_builder *index_builder_new(void)
{
	/* Table positions depend on the process's key: it must not change once names are in. */
	hash_seed();
	return calloc(1, sizeof(struct index_builder));
}

static void index_done(struct index *x)
{
	free(x->entries);
	free(x->pool);
	free(x->slots);
}

void index_builder_free(struct index_builder *b)
{
	if (!b)
		return;
	index_done(&b->x);
	free(b);
}

bool index_builder_add(struct index_builder *b, const struct rule *r)
{
	struct index *x = &b->x;
	uint8_t kind = entry_kind(r->match, r->action);
	const struct entry *same = NULL;

	if (x->count + 1 > x->slots_cap - x->slots_cap / 4 && !slots_grow(x))
		return false;
	for (size_t i = slot_first(x, r->name.text, r->name.len); x->slots[i];
	     i = slot_next(x, i)) {
		const struct entry *e = &x->entries[x->slots[i] - 1];
		if (!entry_is(x, e, r->name.text, r->name.len))
			continue;
		if (e->kind == kind)
			return true;
		same = e;
	}
	uint32_t text = same ? same->text : (uint32_t)x->pool_len;
	if (!room_for(x, same ? 0 : r->name.len))
		return false;
	if (!same) {
		memcpy(x->pool + x->pool_len, r->name.text, r->name.len);
		x->pool_len += r->name.len;
	}
	x->entries[x->count] = (struct entry){
		.text = text, .line = r->line, .list = r->list, .len = r->name.len, .kind = kind
	};
	slot_put(x, r->name.text, r->name.len, (uint32_t)x->count);
	x->count++;
	return true;
}

/* Gives back what growing took too much; if that fails the larger block is still good. */
static void trim(struct index *x)
{
	if (!x->count)
		return;
	struct entry *entries = realloc(x->entries, x->count * sizeof *entries);
	if (entries) {
		x->entries = entries;
		x->entries_cap = x->count;
	}
	char *pool = x->pool_len ? realloc(x->pool, x->pool_len) : NULL;
	if (pool) {
		x->pool = pool;
		x->pool_cap = x->pool_len;
	}
}

int index_builder_finish(struct index_builder *b, struct index **out)
{
	struct index *x;

	if (!b->x.slots_cap && !slots_grow(&b->x))
		return -ENOMEM;
	x = malloc(sizeof *x);
	if (!x)
		return -ENOMEM;
	*x = b->x;
	b->x = (struct index){ 0 };
	trim(x);
	*out = x;
	return 0;
}

void index_free(struct index *x)
{
	if (!x)
		return;
	index_done(x);
	free(x);
}

size_t index_rules(const struct index *x)
{
	return x->count;
}

size_t index_memory(const struct index *x)
{
	return sizeof *x + x->entries_cap * sizeof *x->entries + x->pool_cap +
	       x->slots_cap * sizeof *x->slots;
}

/* The rules of one suffix of a name, by match and action; false if there is none. */
struct found {
	const struct entry *at[MATCHES][ACTIONS];
};

static bool find_suffix(const struct index *x, const char *text, size_t len, bool whole,
			struct found *out)
{
	bool any = false;

	*out = (struct found){ 0 };
	for (size_t i = slot_first(x, text, len); x->slots[i]; i = slot_next(x, i)) {
		const struct entry *e = &x->entries[x->slots[i] - 1];
		if (!entry_is(x, e, text, len))
			continue;
		enum rule_match match = (enum rule_match)(e->kind >> 1);
		if (match == (whole ? RULE_BELOW : RULE_EXACT))
			continue;
		out->at[match][e->kind & 1] = e;
		any = true;
	}
	return any;
}

static void entry_rule(const struct index *x, const struct entry *e, struct rule *out)
{
	memcpy(out->name.text, x->pool + e->text, e->len);
	out->name.text[e->len] = '\0';
	out->name.len = e->len;
	out->action = (enum rule_action)(e->kind & 1);
	out->match = (enum rule_match)(e->kind >> 1);
	out->list = e->list;
	out->line = e->line;
}

static const struct entry *first_match(const struct found *f, enum rule_action action)
{
	for (int match = 0; match < MATCHES; match++) {
		if (f->at[match][action])
			return f->at[match][action];
	}
	return NULL;
}

/* The name without its first label, 0 at the last one. */
static size_t next_suffix(const char **text, size_t len)
{
	const char *dot = memchr(*text, '.', len);

	if (!dot)
		return 0;
	len -= (size_t)(dot + 1 - *text);
	*text = dot + 1;
	return len;
}

bool index_find(const struct index *x, const struct name *name, struct index_hit *out)
{
	const char *at = name->text;

	out->block = out->allow = false;
	for (size_t len = name->len; len && !(out->block && out->allow);
	     len = next_suffix(&at, len)) {
		struct found f;
		const struct entry *e;
		if (!find_suffix(x, at, len, len == name->len, &f))
			continue;
		if (!out->block && (e = first_match(&f, RULE_BLOCK))) {
			out->block = true;
			entry_rule(x, e, &out->block_rule);
		}
		if (!out->allow && (e = first_match(&f, RULE_ALLOW))) {
			out->allow = true;
			entry_rule(x, e, &out->allow_rule);
		}
	}
	return out->block || out->allow;
}

void index_each(const struct index *x, const struct name *name,
		void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	const char *at = name->text;

	for (size_t len = name->len; len; len = next_suffix(&at, len)) {
		struct found f;
		if (!find_suffix(x, at, len, len == name->len, &f))
			continue;
		for (int i = 0; i < MATCHES * ACTIONS; i++) {
			const struct entry *e = f.at[i / ACTIONS][i % ACTIONS];
			struct rule r;
			if (!e)
				continue;
			entry_rule(x, e, &r);
			each(ctx, &r);
		}
	}
}
