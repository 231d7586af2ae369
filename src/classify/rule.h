/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one line of a blocklist means. */
#ifndef CLASSIFY_RULE_H
#define CLASSIFY_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/name.h"

enum rule_action { RULE_BLOCK, RULE_ALLOW };
enum rule_match {
	RULE_EXACT,  /* the name only: hosts and domain lines */
	RULE_SUFFIX, /* the name and everything below it: ||name^ */
	RULE_BELOW,  /* below the name, not itself: *.name */
};

struct rule {
	struct name name;
	enum rule_action action;
	enum rule_match match;
	uint16_t list; /* number of the list it comes from */
	uint32_t line; /* 1.. */
};

/* The canonical text of a rule: "||d^", "@@||d^", "d", "@@|d^", "*.d"; buf holds RULE_TEXT_MAX. */
enum { RULE_TEXT_MAX = NAME_MAX_TEXT + 8 };
const char *rule_format(const struct rule *r, char buf[static RULE_TEXT_MAX]);

#endif
