/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files that compile: one compile on its way. */
#ifndef UPDATE_WORK_H
#define UPDATE_WORK_H

#include "update/compiled.h"

struct work {
	const struct compile_options *o;
	struct compiled was, now;
	struct update_states fetched; /* what `lists update` says of its copies */
};

enum { WORK_PATH = 4200 };
/* A file of the directory: NAME.new is the copy of a list that is being judged, NAME.kept the last
 * good one; "lists.idx" is the index. Returns out. */
const char *work_path(const struct work *w, const char *name, const char *end,
		      char out[static WORK_PATH]);
/* Is it a bundled list? It is read where it lies, and comes with tacet. */
bool work_in_place(const struct work *w, const char *file);
/* Compiles what is in force of w->now and puts the index in its place. */
int work_compile(struct work *w, struct error *e);
/* Copies that were good become those that are kept. */
void work_settle(const struct work *w);
/* Removes copies of lists that are no more (unless it failed), and what a compile left that did not
 * end. */
void work_sweep(const struct work *w, bool failed);

#endif
