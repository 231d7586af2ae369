/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growing buffer and its limits, escapes, sizes and points in time. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "suite.h"

START_TEST(grows)
{
	struct text t = { 0 };
	char expect[10001];

	for (int i = 0; i < 1000; i++) {
		text_str(&t, "12345");
		text_printf(&t, "%05d", i);
		snprintf(expect + 10 * i, 11, "12345%05d", i);
	}
	ck_assert(!t.failed);
	ck_assert_uint_eq(t.len, 10000);
	ck_assert_str_eq(t.at, expect);
	text_clear(&t);
	ck_assert_uint_eq(t.len, 0);
	ck_assert_str_eq(t.at, "");
	text_put(&t, "", 0);
	text_put(&t, "a\0b", 3);
	ck_assert_mem_eq(t.at, "a\0b", 4);
	text_done(&t);
	ck_assert_ptr_null(t.at);
	text_done(&t);
	text_done(NULL);
}
END_TEST

START_TEST(keeps_its_limit)
{
	struct text t = { .max = 10 };

	text_str(&t, "0123456789");
	ck_assert(!t.failed);
	text_str(&t, "x");
	ck_assert(t.failed);
	text_clear(&t);
	ck_assert(!t.failed);
	text_str(&t, "01234");
	text_printf(&t, "%d", 123456);
	ck_assert(t.failed);
	/* Once failed, also what would fit is dropped: no line with a hole in it. */
	text_str(&t, "x");
	text_printf(&t, "x");
	ck_assert_uint_eq(t.len, 5);
	ck_assert_str_eq(t.at, "01234");
	text_done(&t);
	t = (struct text){ 0 };
	text_put(&t, "x", SIZE_MAX);
	ck_assert(t.failed);
	text_done(&t);
}
END_TEST

START_TEST(escapes)
{
	struct text t = { 0 };

	text_escaped(&t, "a.b-c ~\\\n\x1b[31m\x7f\xc3\xbc", 17);
	ck_assert_str_eq(t.at, "a.b-c ~\\x5c\\x0a\\x1b[31m\\x7f\\xc3\\xbc");
	text_clear(&t);
	text_escaped(&t, "", 0);
	ck_assert_str_eq(t.at, "");
	text_done(&t);
}
END_TEST

START_TEST(sizes)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1049, "1.0 kB" },
		{ 1050, "1.1 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 1234567, "1.2 MB" },
		{ 999949999, "999.9 MB" },
		{ 5000000000, "5.0 GB" },
		{ 7300000000000, "7.3 TB" },
		{ UINT64_MAX, "18.4 EB" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = { 0 };

		text_bytes(&t, cases[i].n);
		ck_assert_str_eq(t.at, cases[i].text);
		text_done(&t);
	}
}
END_TEST

START_TEST(times)
{
	char buf[TIME_TEXT_MAX];

	ck_assert_str_eq(time_format(0, buf), "1970-01-01T00:00:00.000000Z");
	ck_assert_str_eq(time_format(1769890500123456789, buf), "2026-01-31T20:15:00.123456Z");
	ck_assert_str_eq(time_format(-1, buf), "1969-12-31T23:59:59.999999Z");
	ck_assert_str_eq(time_format(INT64_MAX, buf), "2262-04-11T23:47:16.854775Z");
	ck_assert_str_eq(time_format(INT64_MIN, buf), "1677-09-21T00:12:43.145224Z");
}
END_TEST

/* Every day for four centuries and a bit, against the C library. */
START_TEST(days)
{
	if (sizeof(time_t) < 8)
		return;
	for (int64_t day = -90000; day < 100000; day++) {
		time_t seconds = (time_t)(day * 86400 + 3661);
		char buf[TIME_TEXT_MAX], expect[64];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(expect, sizeof(expect), "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
		ck_assert_str_eq(time_format((int64_t)seconds * 1000000000, buf), expect);
	}
}
END_TEST

SUITE("base/text", grows, keeps_its_limit, escapes, sizes, times, days)
