/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is found for one name: the longest rule of each class, and which of them decides. */
#include <string.h>

#include "index/internal.h"
#include "rule/rewrite.h"

void index_hit_clear(struct index_hit *h)
{
	memset(h->found, 0, sizeof h->found);
	h->rewrites = 0;
}

/* Is `r` to stand in for `best` of the same class? Of equal texts the first in the index. */
static bool is_better(const struct rule *r, const struct rule *best)
{
	size_t length = rule_length(r), known = rule_length(best);

	if (length != known)
		return length > known;
	return r->match != best->match ? r->match < best->match : r->place < best->place;
}

void index_hit_add(struct index_hit *h, const struct rule *r)
{
	bool *found = &h->found[r->important][r->action];
	struct rule *best = &h->rule[r->important][r->action];

	if (r->rewrite != RULE_PLAIN) {
		if (h->rewrites < INDEX_REWRITES)
			h->rewrite[h->rewrites++] = *r;
		return;
	}
	if (*found && !is_better(r, best))
		return;
	*found = true;
	*best = *r;
}

void index_hit_forget(struct index_hit *h, size_t length)
{
	unsigned left = 0;

	for (int important = 0; important < 2; important++) {
		bool *found = &h->found[important][RULE_BLOCK];
		*found = *found && rule_length(&h->rule[important][RULE_BLOCK]) > length;
	}
	for (unsigned i = 0; i < h->rewrites; i++) {
		const struct rule *r = &h->rewrite[i];
		if (r->rewrite == RULE_EXCEPTS || rule_length(r) > length)
			h->rewrite[left++] = *r;
	}
	h->rewrites = left;
}

static bool is_as_long(const struct index_hit *h, enum rule_action action, const struct rule *r)
{
	return h->found[1][action] && rule_length(&h->rule[1][action]) >= rule_length(r);
}

bool index_hit_wants(const struct index_hit *h, const struct rule *r)
{
	if (r->rewrite != RULE_PLAIN)
		return true;
	if (h->found[r->important][r->action] && !is_better(r, &h->rule[r->important][r->action]))
		return false;
	if (!r->important && is_as_long(h, r->action, r))
		return false;
	return r->action == RULE_ALLOW || !is_as_long(h, RULE_ALLOW, r);
}

static bool is_excepted(const struct index_hit *h, const struct rule *r)
{
	for (unsigned i = 0; i < h->rewrites; i++)
		if (h->rewrite[i].rewrite == RULE_EXCEPTS && rewrite_excepts(&h->rewrite[i], r))
			return true;
	return false;
}

/* The rule if it is in force. */
static const struct rule *rewrite_at(const struct index_hit *h, unsigned i)
{
	const struct rule *r = &h->rewrite[i];

	return r->rewrite == RULE_REWRITES && !is_excepted(h, r) ? r : NULL;
}

const struct rule *index_hit_rewrite(const struct index_hit *h)
{
	const struct rule *best = NULL, *r;
	enum rewrite_kind best_kind = REWRITE_ALL;

	for (unsigned i = 0; i < h->rewrites; i++) {
		if (!(r = rewrite_at(h, i)))
			continue;
		enum rewrite_kind kind = rewrite_of(r).kind;
		/* One code is not before another. */
		if (kind > REWRITE_NODATA)
			kind = REWRITE_NODATA;
		if (best && (kind < best_kind || (kind == best_kind && !is_better(r, best))))
			continue;
		best = r;
		best_kind = kind;
	}
	return best;
}

size_t index_hit_addresses(const struct index_hit *h, struct addr *out, size_t max)
{
	const struct rule *r;
	size_t n = 0, known;

	for (unsigned i = 0; i < h->rewrites && n < max; i++) {
		if (!(r = rewrite_at(h, i)))
			continue;
		struct rewrite rewrite = rewrite_of(r);
		for (known = 0; known < n && !addr_equal(&out[known], &rewrite.addr); known++)
			;
		if (rewrite.kind == REWRITE_ADDRESS && known == n)
			out[n++] = rewrite.addr;
	}
	return n;
}

const struct rule *index_hit_winner(const struct index_hit *h)
{
	const struct rule *rewrite = h->rewrites ? index_hit_rewrite(h) : NULL;

	if (rewrite)
		return rewrite;
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
