/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records in a file of SQLite, for those who want them kept longer than in memory: its owner's
 * alone, pruned by age and number. */
#ifndef WEB_HISTORY_H
#define WEB_HISTORY_H

#include "base/error.h"
#include "base/text.h"
#include "view/log.h"

struct history_options {
	const char *path;
	unsigned days; /* records older than that go */
	uint64_t most; /* and the oldest beyond so many */
};

struct history;
/* Makes the file if it is not there. 0, or -errno with e: also where others may read it, where it
 * is not such a file, or tacet was built without SQLite. */
int history_open(const struct history_options *o, struct history **out, struct error *e);
void history_close(struct history *h); /* accepts NULL; writes what waits */

/* Waits in memory for the next history_write; what cannot be kept is counted. level: of privacy,
 * that it was told under. */
void history_add(struct history *h, const struct log_entry *entry, unsigned level);
/* What was told under a lower level goes, out of the file's bytes as well. */
void history_raise(struct history *h, unsigned level);
/* Writes what waits, every 2 s or 500 records; prunes every minute. */
void history_run(struct history *h, int64_t now_ms);
uint64_t history_lost(const struct history *h);

/* {"upto","rows":[...],"total"}: of the records up to number `upto` (0 = the newest) that pass,
 * newest first, `limit` behind the first `skip`. false: it cannot be read. */
bool history_rows(struct history *h, const struct log_filter *f, uint64_t upto, uint64_t skip,
		  uint64_t limit, struct text *out);

#endif
