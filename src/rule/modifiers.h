/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands behind the '$' of a rule. */
#ifndef RULE_MODIFIERS_H
#define RULE_MODIFIERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rule/rewrite.h"
#include "rule/rule.h"

enum modifiers_result {
	MODIFIERS_GOOD,
	MODIFIERS_UNKNOWN, /* one that the DNS syntax does not have: the whole rule is ignored */
	MODIFIERS_VALUE,   /* a value that is none */
	MODIFIERS_TAG,	   /* only for clients with a tag, and tacet's have none */
	MODIFIERS_LONG,	   /* over RULE_STRING_MAX in all */
};

struct modifiers {
	bool important, badfilter;
	bool limited;  /* by client, tag, type or domain: such a rule may be as wide as it likes */
	bool rewrites; /* and how */
	enum rewrite_kind rewrite;
	size_t len;
	char text[RULE_STRING_MAX]; /* canonical: what struct rule holds, "" for none */
};

/* line: the part behind '$', n bytes. */
enum modifiers_result modifiers_parse(const char *line, size_t n, struct modifiers *out);

/* Do the canonical modifiers let the rule speak about this question? NULL and "" always do. What
 * is not known about the client is outside every client=, and not excluded by any client=~. */
bool modifiers_match(const char *modifiers, const struct rule_query *q);

/* The value of a key in canonical modifiers, as it stands there; "" if it is not among them. */
const char *modifiers_value(const char *modifiers, const char *key, size_t *out_len);

/* "AAAA" -> 28, 0 for no type (of the IANA registry of RR types). */
uint16_t dns_type_number(const char *name, size_t n);

#endif
