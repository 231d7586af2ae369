/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets for later: each when it is due, in the order they came, bounded. */
#include "engine/late.h"

#include <string.h>

#include "suite.h"

static char taken(struct late *l, int64_t now)
{
	size_t n = 0;
	const uint8_t *p = late_take(l, now, &n);

	ck_assert(!p || n == 1);
	return p ? (char)*p : '-';
}

START_TEST(each_when_it_is_due)
{
	struct late *l = late_new(4);

	ck_assert_int_eq(taken(l, INT64_MAX), '-');
	ck_assert(late_put(l, (const uint8_t *)"c", 1, 30));
	ck_assert(late_put(l, (const uint8_t *)"a", 1, 10));
	ck_assert(late_put(l, (const uint8_t *)"b", 1, 20));
	ck_assert_int_eq(taken(l, 9), '-');
	ck_assert_int_eq(taken(l, 10), 'a');
	ck_assert_int_eq(taken(l, 10), '-');
	ck_assert_int_eq(taken(l, 20), 'b'); /* the last one: the next is linked behind c */
	ck_assert(late_put(l, (const uint8_t *)"d", 1, 0));
	ck_assert_int_eq(taken(l, 20), 'd');
	ck_assert_int_eq(taken(l, 30), 'c');
	ck_assert(late_put(l, (const uint8_t *)"e", 1, 0));
	ck_assert_int_eq(taken(l, 0), 'e');
	ck_assert_int_eq(taken(l, INT64_MAX), '-');
	late_free(l);
}
END_TEST

START_TEST(room_is_bounded)
{
	uint8_t bytes[LATE_BYTES + 1] = { 7 };
	struct late *l = late_new(3);
	size_t n;

	ck_assert(!late_put(l, bytes, sizeof bytes, 1));
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 3; i++)
			ck_assert(late_put(l, bytes, LATE_BYTES, i));
		ck_assert(!late_put(l, bytes, 1, 0));
		for (int i = 0; i < 3; i++) {
			ck_assert(!memcmp(late_take(l, 2, &n), bytes, LATE_BYTES));
			ck_assert_uint_eq(n, LATE_BYTES);
		}
		ck_assert_ptr_null(late_take(l, 2, &n));
	}
	late_free(l);
	late_free(NULL);
}
END_TEST

SUITE("engine/late", each_when_it_is_due, room_is_bounded)
