/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records sorted by key in bounded memory: what does not fit goes to a temporary file as sorted
 * runs, which are merged while they are read. */
#ifndef INDEX_RUNS_H
#define INDEX_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record {
	const uint8_t *key; /* until the next runs_next */
	size_t len;	    /* at most RECORD_KEY_MAX */
	uint32_t payload, line;
};
enum { RECORD_KEY_MAX = 4096 };

struct runs;
/* memory: bytes of records that are kept; 0: all. */
struct runs *runs_new(size_t memory);
void runs_free(struct runs *r); /* accepts NULL */
/* 0 or -errno; so all below. */
int runs_add(struct runs *r, const struct record *rec);
/* No more are added: from the first record on, in order of keys; of equal keys as they were
 * added. May be called again. */
int runs_rewind(struct runs *r);
/* 1 and a record, 0 at the end. */
int runs_next(struct runs *r, struct record *out);

#endif
