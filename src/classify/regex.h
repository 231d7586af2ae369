/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Regular expressions on names, by PCRE2 with limits; without it (WITH_PCRE2=0) there are none. */
#ifndef CLASSIFY_REGEX_H
#define CLASSIFY_REGEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"

struct regex; /* immutable but for its count; one user at a time */

/* NULL if the expression is wrong, too large, or no memory is left. */
struct regex *regex_new(const char *text);
void regex_free(struct regex *r); /* accepts NULL */
/* Anywhere in the name, whatever the case. An expression that takes too long on a name does not
 * match it, and is counted. Never allocates. */
bool regex_match(struct regex *r, const struct name *name);
uint64_t regex_cut(const struct regex *r); /* matches given up */
bool regex_possible(void);		   /* built with PCRE2? */

#endif
