/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one line of a blocklist means, and what is asked of the rules. */
#ifndef RULE_RULE_H
#define RULE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/name.h"

enum rule_action { RULE_BLOCK, RULE_ALLOW, RULE_ACTIONS };
enum rule_match {
	RULE_EXACT,   /* the name only: hosts and domain lines */
	RULE_SUFFIX,  /* the name and everything below it: ||name^ */
	RULE_BELOW,   /* below the name, not itself: *.name */
	RULE_PATTERN, /* text: AdGuard's pattern with '*', '|', '^': ||ichnaea*.netflix.com^ */
	RULE_REGEX,   /* text: a regular expression without its slashes */
	RULE_NETWORK, /* net: addresses, never names */
};

/* $dnsrewrite: such rules are about the answer and stand above all others. What comes of the name
 * says their action. */
enum rule_rewrite {
	RULE_PLAIN,
	RULE_REWRITES,
	RULE_EXCEPTS, /* takes such rules back (rewrite.h); its action is ALLOW */
};

/* A rule whose text and modifiers are longer together is none: the reader of lists counts it. */
enum { RULE_STRING_MAX = 2000 };

/* Strings are borrowed: from the line while a list is read, from the index in what it finds. */
struct rule {
	struct name name; /* EXACT, SUFFIX, BELOW; else empty */
	enum rule_action action;
	enum rule_match match;
	bool important; /* $important: decides before all rules without it */
	enum rule_rewrite rewrite;
	bool badfilter;		/* takes equal rules of every list out; never found in an index */
	uint16_t list;		/* number of the list it comes from */
	uint32_t line;		/* 1..; 0 in what an index finds: index_line() tells */
	uint32_t place;		/* in what an index finds: the number of the PATTERN or REGEX */
	const char *text;	/* PATTERN, REGEX; else NULL */
	const char *modifiers;	/* what limits it, in canonical form: lower case, sorted, as in
				 * "client=10.0.0.7,dnstype=a|aaaa"; NULL or "": nothing */
	struct addr_prefix net; /* NETWORK */
};

/* What is asked. All but the name may be absent; rules limited by it then do not match. */
struct rule_query {
	const struct name *name; /* lower case, no final dot */
	uint16_t qtype;		 /* 0: not a DNS question */
	const struct addr *client;
	const char *client_name;
};

/* Is the rule about this one limited by nothing? */
static inline bool rule_is_limited(const struct rule *r)
{
	return r->modifiers && *r->modifiers;
}

/* How long what it matches is, for "the longest rule wins": characters of the name, those of a
 * pattern or expression that stand for themselves, bits of a prefix. */
size_t rule_length(const struct rule *r);

/* The canonical text of a rule: "||d^", "@@||d^$important", "d", "@@|d^", "*.d^"; buf holds
 * RULE_TEXT_MAX. */
enum { RULE_TEXT_MAX = NAME_MAX_TEXT + RULE_STRING_MAX + 32 };
const char *rule_format(const struct rule *r, char buf[static RULE_TEXT_MAX]);

#endif
