/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of the several formats share. */
#ifndef CLASSIFY_LIST_LINE_H
#define CLASSIFY_LIST_LINE_H

#include "base/addr.h"
#include "base/text.h"
#include "classify/lists.h"
#include "rule/span.h"

typedef void rule_fn(void *ctx, const struct rule *r);

/* The names of a response policy zone while its file is read. Zeroed, it is empty; it holds some
 * million names, and what more there are do not limit its wildcards. */
struct zone {
	struct text keys;
	struct zone_node *nodes;
	size_t count, cap;
	uint32_t line; /* the one being read */
};
/* Gives the rules of its wildcards, which need to know of all other names, with their lines. */
void zone_end(struct zone *z, rule_fn *each, void *ctx);
void zone_done(struct zone *z);

/* Where rules go. */
struct sink {
	rule_fn *each;
	void *ctx;
	struct zone *zone; /* NULL: a wildcard is about all below it */
};

/* list_parse_line with all of the sink. */
int line_parse(struct span line, enum list_format format, const struct sink *to);

/* What every parser answers when the line gave a rule; else an enum list_skip. */
enum { PARSED = -1 };
/* Not of this format: let another one look. */
enum { NOT_MINE = -2 };

/* What a name that somebody looks up can be made of, in lower case. */
static inline bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

void line_emit(const struct sink *to, const struct name *name, enum rule_match match,
	       enum rule_action action);
/* PARSED and the name (U-labels converted, no '*'), or why not. */
int line_name(struct span s, struct name *out);
bool line_address(struct span word, struct addr *out);
/* 0.0.0.0, 127.0.0.0/8, :: and ::1 stand for "nowhere"; any other is an answer. */
bool line_is_nowhere(const struct addr *a);
/* localhost and the like, which hosts files give to the machine itself. */
bool line_is_local_name(const struct name *n);

int line_adblock(struct span s, const struct sink *to);
/* [@@] /expression/ [$modifiers] */
bool line_is_regex(struct span s);
/* Without slashes. */
int line_regex(struct span s, enum rule_action action, const struct sink *to);
int line_dnsmasq(struct span s, const struct sink *to);
int line_unbound(struct span s, const struct sink *to);
int line_rpz(struct span s, const struct sink *to);
int line_v2fly(struct span s, const struct sink *to);
/* Addresses, prefixes, ranges "a-b", "what:a-b"; with "@@" before it that allows. counted: also
 * "address number". */
int line_network(struct span s, bool counted, const struct sink *to);

#endif
