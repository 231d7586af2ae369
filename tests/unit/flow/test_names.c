/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned names: one text once, references, pools that fill up and empty again. */
#include <stdio.h>
#include <string.h>

#include "flow/names.h"
#include "suite.h"

static struct name make(const char *text)
{
	struct name n;

	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

START_TEST(same_text_is_held_once)
{
	struct names *n = names_new(16);
	struct name a = make("logs.netflix.com"), back;
	struct held_name *h = names_hold(n, &a), *again = names_hold(n, &a);

	ck_assert_ptr_nonnull(h);
	ck_assert_ptr_eq(h, again);
	ck_assert_uint_eq(names_now(n), 1);
	names_drop(n, h);
	names_copy(again, &back);
	ck_assert_str_eq(back.text, "logs.netflix.com");
	names_drop(n, again);
	ck_assert_uint_eq(names_now(n), 0);
	names_copy(NULL, &back);
	ck_assert_uint_eq(back.len, 0);
	names_free(n);
}
END_TEST

START_TEST(full_pools_say_so_and_recover)
{
	struct names *n = names_new(10);
	struct held_name *held[100];
	struct name a;
	char text[32];
	int got = 0;

	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "host-%d.example", i);
		a = make(text);
		held[i] = names_hold(n, &a);
		got += held[i] != NULL;
	}
	/* Short names may use the slots of long ones: ten and what the classes round up. */
	ck_assert_int_ge(got, 10);
	ck_assert_int_le(got, 13);
	ck_assert_uint_eq(names_full(n), (uint64_t)(100 - got));
	for (int i = 0; i < 100; i++)
		names_drop(n, held[i]);
	a = make("after.example");
	held[0] = names_hold(n, &a);
	ck_assert_ptr_nonnull(held[0]);
	names_drop(n, held[0]);
	names_free(n);
}
END_TEST

START_TEST(longest_name_keeps_every_byte)
{
	struct names *n = names_new(5);
	struct name a = { 0 }, back;

	for (int i = 0; i < 3; i++)
		ck_assert(name_append_label(
			&a,
			(const uint8_t *)"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
					 "eeeeeeeeeeffffffffff12345678901",
			61));
	struct held_name *h = names_hold(n, &a);
	ck_assert_ptr_nonnull(h);
	names_copy(h, &back);
	ck_assert(name_equal(&a, &back));
	names_drop(n, h);
	names_free(n);
}
END_TEST

SUITE("flow/names", same_text_is_held_once, full_pools_say_so_and_recover,
      longest_name_keeps_every_byte)
