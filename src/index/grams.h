/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which masks and expressions a name may match at all: of each text four characters in a row that
 * no match is without (literals.h), the rarest among all texts, found again in the name. Texts
 * that have none are always tried.
 *
 * The section: u32 bits; u32 where each of 2^bits buckets begins, and their end, counted in
 * entries; entries, u32 gram and u32 number of the text. Those before the first bucket are the
 * texts that are always tried. */
#ifndef INDEX_GRAMS_H
#define INDEX_GRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"
#include "base/text.h"
#include "index/format.h"

/* texts, strings: the sections. False without memory. */
bool grams_build(struct bytes texts, struct bytes strings, struct text *out);
/* Has the section the size that it says? */
bool grams_check(struct bytes section);

/* A walk over the texts that a name may match; each once. */
struct grams_walk {
	const struct name *name;
	const uint8_t *buckets, *entries; /* of the section */
	unsigned bits;
	uint32_t count;				      /* of entries */
	size_t at;				      /* characters taken, both dots among them */
	uint32_t gram;				      /* the last four */
	uint32_t entry, end;			      /* those of the gram at hand that are left */
	uint32_t seen_count, seen[NAME_MAX_TEXT + 2]; /* grams that had entries */
	bool done;
};
void grams_begin(struct grams_walk *w, struct bytes section, const struct name *name);
/* The number of the next text: whoever asks checks it. */
bool grams_next(struct grams_walk *w, uint32_t *out);

#endif
