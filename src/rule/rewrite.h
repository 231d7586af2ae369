/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What $dnsrewrite puts in the place of an answer. */
#ifndef RULE_REWRITE_H
#define RULE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "rule/rule.h"

/* In the order in which those that match one name decide, the last first. */
enum rewrite_kind {
	REWRITE_ALL,	 /* no value: an exception, to every other */
	REWRITE_RECORD,	 /* of a type that tacet does not give: the name passes */
	REWRITE_NULL,	 /* 0.0.0.0 or :: */
	REWRITE_ADDRESS, /* all of them are given together */
	REWRITE_CNAME,	 /* another name; to look that up is a resolver's job: the name passes */
	REWRITE_NODATA,	 /* NOERROR without a record; this and what follows are response codes */
	REWRITE_NXDOMAIN,
	REWRITE_REFUSED, /* and all other codes, SERVFAIL among them */
};

struct rewrite {
	enum rewrite_kind kind;
	struct addr addr; /* NULL, ADDRESS */
};

/* A value as it stands in a list: "1.2.3.4", "NXDOMAIN", "example.net", "NOERROR;MX;32 a.example",
 * or nothing. out: the canonical value, in which equal answers are equal texts: a code in capitals,
 * an address, a name, or "type;value" in lower case. False: it is none, or max bytes do not hold
 * it. */
bool rewrite_parse(const char *value, size_t n, struct rewrite *out, char *text, size_t max);
/* Of a rule that rewrites. */
struct rewrite rewrite_of(const struct rule *r);
/* Is a question for the name refused by it, as by a block? Else the name passes. */
static inline bool rewrite_refuses(enum rewrite_kind kind)
{
	return kind == REWRITE_NULL || kind >= REWRITE_NODATA;
}
/* Does the exception take the rule back? */
bool rewrite_excepts(const struct rule *exception, const struct rule *r);

#endif
