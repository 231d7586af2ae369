/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a mask or an expression cannot match without: runs of characters that stand in every name
 * it matches. The name is taken with a dot before it and one behind it, so that where it or a
 * label begins or ends is a character too. */
#ifndef RULE_LITERALS_H
#define RULE_LITERALS_H

#include <stddef.h>

typedef void literal_fn(void *ctx, const char *run, size_t n);

/* A mask in normal form (pattern.h). */
void literals_of_mask(const char *mask, literal_fn *each, void *ctx);
/* Runs outside of all groups. None where it is not certain: alternatives, options, quotes and
 * whatever else changes how the characters that follow are read. */
void literals_of_regex(const char *text, literal_fn *each, void *ctx);

#endif
