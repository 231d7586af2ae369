/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What fuzz targets share: the entry point, and a check that stops the program. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* For what a target does itself: its ways are not what is to be explored, and counting them is
 * slow. */
#ifdef __clang__
#define FUZZ_OWN __attribute__((no_sanitize("coverage"), noinline))
#else
#define FUZZ_OWN
#endif

#define FUZZ_CHECK(cond)                                                                           \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                 \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The first two bytes of an input say where to cut the rest; their highest bit is free for the
 * target. False: the input is too short. */
static inline bool fuzz_take_cut(const uint8_t **data, size_t *size, size_t *out_cut)
{
	if (*size < 2)
		return false;
	*out_cut = (size_t)((*data)[0] & 0x7f) << 8 | (*data)[1];
	*data += 2;
	*size -= 2;
	*out_cut %= *size + 1;
	return true;
}

/* A decided answer never changes when more bytes arrive. */
static inline void fuzz_check_prefix(enum outcome cut, enum outcome whole)
{
	FUZZ_CHECK(cut == OUTCOME_MORE || cut == whole);
}

#endif
