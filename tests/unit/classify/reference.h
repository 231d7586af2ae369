/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A matcher of AdGuard's DNS filtering syntax that works on the text of the rules alone, written
 * from tacet-lists(5): slow, without an index, sharing nothing with src/index or src/rule. It knows
 * what the property test makes: names in lower case, single blanks, values without quotes and
 * escapes. */
#ifndef TEST_CLASSIFY_REFERENCE_H
#define TEST_CLASSIFY_REFERENCE_H

#include "reference_rule.h"

/* What matches and decides. */
struct ref_answer {
	bool found, allow, important, rewrites;
	size_t longest; /* of that class */
};

/* Codes decide before names, names before addresses, and those before null ones. */
static inline int ref_rank(const char *answer)
{
	if (strchr("NR", *answer))
		return 4;
	if (strpbrk(answer, "abcdefghijklmnopqrstuvwxyz"))
		return 3;
	return strcmp(answer, "0.0.0.0") ? 2 : 1;
}

static inline bool ref_cancels(const struct ref_rule *f, const struct ref_rule *r)
{
	return f->badfilter && !r->badfilter && f->allow == r->allow &&
	       f->important == r->important && !strcmp(f->body, r->body) &&
	       !strcmp(f->dnstype, r->dnstype) && !strcmp(f->client, r->client) &&
	       !strcmp(f->denyallow, r->denyallow) && f->rewrites == r->rewrites &&
	       !strcmp(f->answer, r->answer);
}

/* Is the rule about the question, and not taken out by $badfilter? */
static inline bool ref_speaks(const struct ref_rule *rules, size_t count, const struct ref_rule *r,
			      const struct ref_query *q)
{
	bool gone = r->badfilter || !ref_matches(r, q);

	for (size_t f = 0; f < count && !gone; f++)
		gone = ref_cancels(&rules[f], r);
	return !gone;
}

/* What the rules about the answer say that no exception takes back. */
static inline struct ref_answer ref_rewritten(const struct ref_rule *rules, size_t count,
					      const struct ref_query *q)
{
	struct ref_answer a = { false };
	int best = 0;

	for (size_t i = 0; i < count; i++) {
		const struct ref_rule *r = &rules[i];
		int rank = ref_rank(r->answer);
		bool gone = !r->rewrites || r->allow || !ref_speaks(rules, count, r, q);
		for (size_t e = 0; e < count && !gone; e++)
			gone = rules[e].rewrites && rules[e].allow &&
			       (!*rules[e].answer || !strcmp(rules[e].answer, r->answer)) &&
			       ref_speaks(rules, count, &rules[e], q);
		if (gone || rank < best)
			continue;
		if (rank > best)
			a.longest = 0;
		best = rank;
		a = (struct ref_answer){ true, rank == 2 || rank == 3, false, true, a.longest };
		if (ref_length(r) > a.longest)
			a.longest = ref_length(r);
	}
	return a;
}

static inline struct ref_answer ref_ask(const struct ref_rule *rules, size_t count,
					const struct ref_query *q)
{
	struct ref_answer a = ref_rewritten(rules, count, q);
	int best = 0;

	if (a.found)
		return a;
	for (size_t i = 0; i < count; i++) {
		const struct ref_rule *r = &rules[i];
		int class = 1 + r->allow + 2 * r->important;
		if (r->rewrites || !ref_speaks(rules, count, r, q) || class < best)
			continue;
		if (class > best)
			a.longest = 0;
		best = class;
		a = (struct ref_answer){ true, r->allow, r->important, false, a.longest };
		if (ref_length(r) > a.longest)
			a.longest = ref_length(r);
	}
	return a;
}

#endif
