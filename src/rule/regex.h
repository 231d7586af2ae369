/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular expressions on names, by PCRE2 with limits; without it (WITH_PCRE2=0) there are none. */
#ifndef RULE_REGEX_H
#define RULE_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"

struct regex; /* immutable */

/* NULL if the expression is wrong, too large, or no memory is left. */
struct regex *regex_new(const char *text);
void regex_free(struct regex *r); /* accepts NULL */

/* The memory that matching takes: enough for any expression within its limits, so that matching
 * never allocates. One user at a time. */
struct regex_room;
struct regex_room *regex_room_new(void);
void regex_room_free(struct regex_room *m); /* accepts NULL */

/* Anywhere in the name, whatever the case. An expression that takes too long on a name, or more
 * memory, does not match it, and is counted. */
bool regex_match(const struct regex *r, struct regex_room *m, const struct name *name);
uint64_t regex_cut(const struct regex_room *m); /* matches given up; 0 for NULL */

bool regex_possible(void); /* built with PCRE2? */

#endif
