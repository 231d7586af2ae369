/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain index: all rules of all lists, looked up by name in one pass. What is behind this
 * interface may change; the interface does not. */
#ifndef CLASSIFY_INDEX_H
#define CLASSIFY_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "classify/rule.h"

struct index; /* immutable once built; any number of readers */
struct index_builder;

struct index_builder *index_builder_new(void);
void index_builder_free(struct index_builder *b);
/* Duplicates (same name, match, action) keep the first. False only without memory. */
bool index_builder_add(struct index_builder *b, const struct rule *r);
/* Consumes what was added (b stays to be freed). 0 or -errno. */
int index_builder_finish(struct index_builder *b, struct index **out);

void index_free(struct index *x); /* accepts NULL */
size_t index_rules(const struct index *x);
size_t index_memory(const struct index *x); /* bytes resident */

/* The longest rule of each action that matches: by itself allow beats block (the caller knows
 * of essential names and users' rules). Of equal length exact beats suffix beats below. */
struct index_hit {
	bool block, allow;
	struct rule block_rule, allow_rule; /* set where block / allow */
};
/* Returns whether anything matched. name: lower case, no final dot. Never allocates. */
bool index_find(const struct index *x, const struct name *name, struct index_hit *out);

/* Every rule that matches, longest first. */
void index_each(const struct index *x, const struct name *name,
		void (*each)(void *ctx, const struct rule *r), void *ctx);

#endif
