/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Masks of AdGuard's DNS filtering syntax: "||" a label begins here, "|" the name begins or ends
 * here, "^" the name ends here, "*" anything, all else itself, anywhere in the name. */
#ifndef RULE_PATTERN_H
#define RULE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/name.h"

/* A mask in normal form has at most one "||" or "|" at its front, at most one "^" at its end, no
 * "*" at either end or twice in a row; "*" alone matches every name. Its time is bounded by the
 * product of both lengths. */
bool pattern_match(const char *pattern, const struct name *name);

#endif
