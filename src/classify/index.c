/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain index as an open-addressing table over names: exact, since texts are compared. */
#include "classify/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* One rule. Rules of one name are entries of their own. */
struct entry {
	struct rule rule; /* strings are its own */
	uint32_t line;
	bool gone;
};

/* Slots hold entry number + 1, 0 = empty; linear probing, a power of two, at most 3/4 full, so
 * that every probe ends. Rules without a name have the slot of the empty name. The builder is
 * the same thing, still growing. */
struct index {
	struct entry *entries;
	uint32_t *slots;
	size_t count, entries_cap;
	size_t slots_cap;
	size_t gone;
};

struct index_builder {
	struct index x;
};

enum { SLOTS_FIRST = 1024 };

static size_t slot_first(const struct index *x, const char *text, size_t len)
{
	return (size_t)hash_bytes(text, len) & (x->slots_cap - 1);
}

static size_t slot_next(const struct index *x, size_t i)
{
	return (i + 1) & (x->slots_cap - 1);
}

static void slot_put(struct index *x, const struct name *n, uint32_t number)
{
	size_t i = slot_first(x, n->text, n->len);

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
	for (size_t i = 0; i < x->count; i++)
		slot_put(x, &x->entries[i].rule.name, (uint32_t)i);
	return true;
}

static bool room_for_one(struct index *x)
{
	if (x->count == x->entries_cap) {
		size_t cap = x->entries_cap + x->entries_cap / 2 + 256;
		struct entry *entries = realloc(x->entries, cap * sizeof *entries);
		if (!entries)
			return false;
		x->entries = entries;
		x->entries_cap = cap;
	}
	return x->count < UINT32_MAX - 1;
}

struct index_builder *index_builder_new(void)
{
	/* Table positions depend on the process's key: it must not change once names are in. */
	hash_seed();
	return calloc(1, sizeof(struct index_builder));
}

static void index_done(struct index *x)
{
	for (size_t i = 0; i < x->count; i++) {
		free((void *)(uintptr_t)x->entries[i].rule.text);
		free((void *)(uintptr_t)x->entries[i].rule.modifiers);
	}
	free(x->entries);
	free(x->slots);
}

void index_builder_free(struct index_builder *b)
{
	if (!b)
		return;
	index_done(&b->x);
	free(b);
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_rule(const struct rule *a, const struct rule *b)
{
	return a->match == b->match && a->action == b->action && a->important == b->important &&
	       same_text(a->modifiers, b->modifiers) && same_text(a->text, b->text) &&
	       name_equal(&a->name, &b->name) &&
	       (a->match != RULE_NETWORK ||
		(addr_equal(&a->net.base, &b->net.base) && a->net.bits == b->net.bits));
}

bool index_builder_add(struct index_builder *b, const struct rule *r)
{
	struct index *x = &b->x;
	struct entry *e;

	if (x->count + 1 > x->slots_cap - x->slots_cap / 4 && !slots_grow(x))
		return false;
	for (size_t i = slot_first(x, r->name.text, r->name.len); x->slots[i];
	     i = slot_next(x, i)) {
		e = &x->entries[x->slots[i] - 1];
		if (!same_rule(&e->rule, r))
			continue;
		if (r->badfilter && !e->gone) {
			e->gone = true;
			x->gone++;
		}
		return true;
	}
	if (!room_for_one(x))
		return false;
	e = &x->entries[x->count];
	*e = (struct entry){ .rule = *r, .line = r->line, .gone = r->badfilter };
	e->rule.line = 0;
	e->rule.place = x->count;
	e->rule.text = r->text ? strdup(r->text) : NULL;
	e->rule.modifiers = rule_is_limited(r) ? strdup(r->modifiers) : NULL;
	slot_put(x, &r->name, (uint32_t)x->count);
	x->count++;
	x->gone += r->badfilter;
	return (!r->text || e->rule.text) && (!rule_is_limited(r) || e->rule.modifiers);
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
	return x->count - x->gone;
}

size_t index_memory(const struct index *x)
{
	return sizeof *x + x->entries_cap * sizeof *x->entries + x->slots_cap * sizeof *x->slots;
}

/* Does the rule, found under the empty name, match? */
static bool nameless_matches(const struct rule *r, const struct rule_query *q, const struct addr *a)
{
	switch (r->match) {
	case RULE_NETWORK:
		return a && addr_prefix_has(&r->net, a);
	case RULE_PATTERN:
	case RULE_REGEX:
	case RULE_EXACT:
	case RULE_SUFFIX:
	case RULE_BELOW:
		break;
	}
	return false;
}

/* A rule that is limited matches nothing until its limits can be judged. */
static bool rule_matches(const struct rule *r, const struct rule_query *q, const struct addr *a,
			 const char *text, size_t len)
{
	if (rule_is_limited(r) || r->name.len != len || memcmp(r->name.text, text, len))
		return false;
	if (!len)
		return nameless_matches(r, q, a);
	return r->match != (len == q->name->len ? RULE_BELOW : RULE_EXACT);
}

/* Calls each() for what matches at one suffix of the name, or without one. */
static void each_at(const struct index *x, const struct rule_query *q, const struct addr *a,
		    const char *text, size_t len, void (*each)(void *ctx, const struct rule *r),
		    void *ctx)
{
	for (enum rule_match match = RULE_EXACT; match <= RULE_NETWORK; match++) {
		for (size_t i = slot_first(x, text, len); x->slots[i]; i = slot_next(x, i)) {
			const struct entry *e = &x->entries[x->slots[i] - 1];
			if (!e->gone && e->rule.match == match &&
			    rule_matches(&e->rule, q, a, text, len))
				each(ctx, &e->rule);
		}
	}
}

uint32_t index_line(const struct index *x, const struct rule *found)
{
	return found->place < x->count ? x->entries[found->place].line : 0;
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

static void take_longest(void *ctx, const struct rule *r)
{
	struct index_hit *h = ctx;
	bool *found = &h->found[r->important][r->action];
	struct rule *best = &h->rule[r->important][r->action];

	if (*found && (rule_length(best) > rule_length(r) ||
		       (rule_length(best) == rule_length(r) && best->match <= r->match)))
		return;
	*found = true;
	*best = *r;
}

static bool hit_any(const struct index_hit *h)
{
	return h->found[0][0] || h->found[0][1] || h->found[1][0] || h->found[1][1];
}

bool index_find(const struct index *x, const struct rule_query *q, struct index_hit *out)
{
	memset(out->found, 0, sizeof out->found);
	index_each(x, q, take_longest, out);
	return hit_any(out);
}

bool index_find_address(const struct index *x, const struct addr *a, const struct rule_query *q,
			struct index_hit *out)
{
	memset(out->found, 0, sizeof out->found);
	each_at(x, q, a, "", 0, take_longest, out);
	return hit_any(out);
}

const struct rule *index_hit_winner(const struct index_hit *h)
{
	for (int important = 1; important >= 0; important--)
		for (int action = RULE_ALLOW; action >= RULE_BLOCK; action--)
			if (h->found[important][action])
				return &h->rule[important][action];
	return NULL;
}

const struct rule *index_hit_longest(const struct index_hit *h, enum rule_action action)
{
	const struct rule *plain = h->found[0][action] ? &h->rule[0][action] : NULL;
	const struct rule *important = h->found[1][action] ? &h->rule[1][action] : NULL;

	if (!plain || !important)
		return plain ? plain : important;
	return rule_length(plain) > rule_length(important) ? plain : important;
}

void index_each(const struct index *x, const struct rule_query *q,
		void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	const char *at = q->name->text;

	for (size_t len = q->name->len; len; len = next_suffix(&at, len))
		each_at(x, q, NULL, at, len, each, ctx);
	if (q->name->len)
		each_at(x, q, NULL, "", 0, each, ctx);
}
