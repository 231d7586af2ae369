/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with a catalogue that can be read: rows that nobody can check, that no name
 * reaches, that contradict each other, and names the lists break. */
#ifndef CLASSIFY_CATALOGUE_LINT_H
#define CLASSIFY_CATALOGUE_LINT_H

#include <stddef.h>

#include "classify/catalogue.h"
#include "classify/lists.h"

/* what: one sentence without a full stop; lives until each() returns. */
typedef void catalogue_finding_fn(void *ctx, const struct catalogue_row *row, const char *what);

/* Calls each() for every finding, in the order of the rows, and returns their number. lists are
 * those that block by default; NULL: nothing is asked of them. */
size_t catalogue_lint(const struct catalogue *c, const struct lists *lists,
		      catalogue_finding_fn *each, void *ctx);

#endif
