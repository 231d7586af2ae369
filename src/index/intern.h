/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Byte strings that many share, numbered as they first come. */
#ifndef INDEX_INTERN_H
#define INDEX_INTERN_H

#include "base/text.h"

enum { INTERN_FAILED = UINT32_MAX };

struct intern {
	struct text bytes;
	uint32_t *ends; /* of each string in bytes */
	uint32_t *slots;
	uint32_t count, cap, slots_cap;
};

/* The number of the string, INTERN_FAILED without memory. */
uint32_t intern_add(struct intern *i, const void *p, size_t n);
/* The string of that number; its length. Until the next intern_add. */
const uint8_t *intern_at(const struct intern *i, uint32_t number, size_t *out_len);
void intern_done(struct intern *i); /* accepts a zeroed struct */

#endif
