/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A section is taken whole, and neither cut short nor with one of these bytes in it. */
#ifndef TEST_INDEX_DAMAGE_H
#define TEST_INDEX_DAMAGE_H

#include <check.h>

#include "index/format.h"

struct damage {
	size_t at;
	uint8_t value;
};

static inline void check_damages(struct text *section, const struct damage *damages, size_t count,
				 bool (*takes)(struct bytes))
{
	uint8_t *at = (uint8_t *)section->at;
	struct bytes whole = { at, section->len };

	for (size_t n = 0; n < whole.len; n++)
		ck_assert_msg(!takes((struct bytes){ at, n }), "cut to %zu bytes", n);
	for (size_t i = 0; i < count; i++) {
		uint8_t before = at[damages[i].at];
		at[damages[i].at] = damages[i].value;
		ck_assert_msg(!takes(whole), "damage %zu is taken", i);
		at[damages[i].at] = before;
	}
	ck_assert(takes(whole));
}

#endif
