/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows about the first label of names: "ichnaea*.netflix.com" is every name below netflix.com, at
 * any depth, whose first label begins with "ichnaea". */
#ifndef CLASSIFY_FIRST_LABEL_H
#define CLASSIFY_FIRST_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/name.h"

/* Is it such a text? The first label has a '*', which stands for any characters, none included,
 * and a character that is none; the domain has a dot. out_domain is what follows the first dot,
 * untouched on failure. */
bool first_label_parse(const char *text, struct name *out_domain);
/* Does the first label of the name fit that of the pattern? Both end at their dot. */
bool first_label_fits(const char *pattern, const char *name);

#endif
