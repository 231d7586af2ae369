/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index: all rules of all lists, looked up by name in one pass. It is a file that is mapped
 * (format.h), or the same bytes in memory. */
#ifndef INDEX_INDEX_H
#define INDEX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "rule/rule.h"

struct index; /* immutable once built; any number of readers */
struct index_builder;

struct index_builder *index_builder_new(void);
/* One that keeps no more than so many bytes of rules in memory, and the rest in a temporary file
 * (TMPDIR is not looked at: tmpfile(3)). */
struct index_builder *index_builder_sized(size_t memory);
void index_builder_free(struct index_builder *b);
/* Equal rules (action, match, name or text or net, important, modifiers) keep the first; a rule
 * with badfilter takes all rules equal to it out, wherever they come from. False only without
 * memory. */
bool index_builder_add(struct index_builder *b, const struct rule *r);
/* What an index tells about a list; the counts are for people. In what an index tells, strings
 * live as long as it does. */
struct index_list {
	const char *name, *path;
	uint32_t lines, rules, skipped;
};
/* The next list, from number 0 on. False only without memory. An index need not know its lists. */
bool index_builder_list(struct index_builder *b, const struct index_list *l);
/* Each of these consumes what was added (b stays to be freed). 0 or -errno. */
int index_builder_finish(struct index_builder *b, struct index **out);
/* Into the file, replaced as a whole, and the lines of the rules into "PATH.lines". */
int index_builder_write(struct index_builder *b, const char *path, struct error *e);
/* The same as bytes; lines may be NULL. */
int index_builder_bytes(struct index_builder *b, struct text *index, struct text *lines);

/* Maps the file, after its checksum was found right. */
int index_open(const char *path, struct index **out, struct error *e);
/* Does the file say that it is an index? */
bool index_is_file(const char *path);

void index_free(struct index *x); /* accepts NULL */
size_t index_rules(const struct index *x);
uint64_t index_regex_cut(const struct index *x); /* expressions given up: rule/regex.h */
size_t index_memory(const struct index *x);	 /* bytes resident */
/* Of the bytes of its file. */
uint32_t index_checksum(const struct index *x);
/* How many lists it knows: if any, all that its rules come from. */
size_t index_lists(const struct index *x);
/* number < index_lists() */
struct index_list index_list_at(const struct index *x, size_t number);

/* The longest rule of each class that matches, and the rules with $dnsrewrite. By themselves those
 * that no exception takes back beat important allow, which beats important block, allow and block
 * (the caller knows of essential names and users' rules). Of equal length exact beats suffix beats
 * below beats patterns. */
enum { INDEX_REWRITES = 16 }; /* of those that match one name as many are heard */
struct index_hit {
	bool found[2][RULE_ACTIONS];	   /* [important][action] */
	struct rule rule[2][RULE_ACTIONS]; /* where found */
	unsigned rewrites;
	struct rule rewrite[INDEX_REWRITES];
};
void index_hit_clear(struct index_hit *h);
/* Keeps the rule if it is the longest of its class so far. */
void index_hit_add(struct index_hit *h, const struct rule *r);
/* Forgets all but allows that are not longer. */
void index_hit_forget(struct index_hit *h, size_t length);
/* The rule that decides; the longest one of an action; the one that says what is answered. NULL:
 * none was found. */
const struct rule *index_hit_winner(const struct index_hit *h);
const struct rule *index_hit_longest(const struct index_hit *h, enum rule_action action);
const struct rule *index_hit_rewrite(const struct index_hit *h);
/* The addresses that rules with $dnsrewrite give together; how many, at most max. */
size_t index_hit_addresses(const struct index_hit *h, struct addr *out, size_t max);

/* Returns whether there is a winner. What the winner and the longest of its action are is exact;
 * a mask or an expression that could change neither is not tried. Never allocates. */
bool index_find(const struct index *x, const struct rule_query *q, struct index_hit *out);
/* The same for an address, by the longest prefix; q->name is not looked at. */
bool index_find_address(const struct index *x, const struct addr *a, const struct rule_query *q,
			struct index_hit *out);

/* Every rule with its line, in no order that means anything, until each() is false. -EBADMSG: the
 * content is damaged, though its checksum is right. */
int index_walk(const struct index *x, bool (*each)(void *ctx, const struct rule *r), void *ctx);

/* The line of a rule that this index found, 0 if it does not know. May read a file: not for the
 * packet path. */
uint32_t index_line(const struct index *x, const struct rule *found);

/* Every rule that matches: names, longest first, then masks and expressions; of an address the
 * longest prefix first. Never allocates. */
void index_each(const struct index *x, const struct rule_query *q,
		void (*each)(void *ctx, const struct rule *r), void *ctx);
void index_each_address(const struct index *x, const struct addr *a, const struct rule_query *q,
			void (*each)(void *ctx, const struct rule *r), void *ctx);

#endif
