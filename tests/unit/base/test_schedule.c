/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of the week, with a clock that is told; past midnight and over changes of the clocks. */
#define _GNU_SOURCE /* strptime */
#include "base/schedule.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "suite.h"

/* Seconds of "2026-03-29 02:30" in UTC. */
static int64_t utc(const char *text)
{
	struct tm t = { 0 };

	ck_assert_ptr_nonnull(strptime(text, "%Y-%m-%d %H:%M", &t));
	return (int64_t)timegm(&t);
}

static struct schedule parse(const char *text)
{
	struct schedule s = { 0 };

	ck_assert_msg(schedule_parse(text, &s), "%s", text);
	return s;
}

START_TEST(what_is_written_is_read)
{
	static const char *const good[][2] = {
		{ "20:00-22:00", "20:00-22:00" },
		{ "mon-wed 20:00-22:00", "mon tue wed 20:00-22:00" },
		{ "FRI-mon", "sun mon fri sat 00:00-24:00" },
		{ "sat sun 9:00-12:00 14:00-16:00,22:00-6:00",
		  "sun sat 09:00-12:00, sun sat 14:00-16:00, 22:00-06:00" },
	};
	static const char *const bad[] = { "",
					   "8-10",
					   "08:00",
					   "25:00-26:00",
					   "24:00-01:00",
					   "24:01-1:00",
					   "mon,",
					   "mun 8:00-9:00",
					   "mon-",
					   "8:00-9:00 mon",
					   "8:00-9:00x",
					   "8:0-9:00",
					   "monday",
					   "8:00-9:00 9:00-9:01 9:00-9:01 9:00-9:01 9:00-9:01 "
					   "9:00-9:01 9:00-9:01 9:00-9:01 9:00-9:01 9:00-9:01 "
					   "9:00-9:01 9:00-9:01 9:00-9:01 9:00-9:01 9:00-9:01 "
					   "9:00-9:01 9:00-9:01" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct schedule s = parse(good[i][0]), again = { 0 };
		struct text t = { 0 };

		schedule_show(&s, &t);
		ck_assert_str_eq(t.at, good[i][1]);
		ck_assert(schedule_parse(t.at, &again));
		ck_assert_mem_eq(&s, &again, sizeof s);
		text_done(&t);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct schedule s = { .count = 0 };

		ck_assert_msg(!schedule_parse(bad[i], &s), "%s", bad[i]);
		ck_assert_int_eq(s.count, 0);
	}
}
END_TEST

START_TEST(it_holds_and_says_until_when)
{
	static const struct {
		const char *zone, *when, *now;
		bool holds;
		const char *until; /* UTC */
	} rows[] = {
		/* 2026-03-30 is a Monday */
		{ "UTC", "mon 20:00-22:00", "2026-03-30 19:59", false, "2026-03-30 20:00" },
		{ "UTC", "mon 20:00-22:00", "2026-03-30 20:00", true, "2026-03-30 22:00" },
		{ "UTC", "mon 20:00-22:00", "2026-03-30 22:00", false, "2026-04-06 20:00" },
		{ "UTC", "mon 20:00-22:00", "2026-03-31 21:00", false, "2026-04-06 20:00" },
		/* past midnight: the day is that of the beginning */
		{ "UTC", "mon 22:00-6:00", "2026-03-31 05:59", true, "2026-03-31 06:00" },
		{ "UTC", "mon 22:00-6:00", "2026-03-30 05:00", false, "2026-03-30 22:00" },
		{ "UTC", "0:00-24:00", "2026-03-31 12:00", true, "2026-04-01 00:00" },
		/* several slots */
		{ "UTC", "8:00-9:00, mon 8:30-10:00", "2026-03-30 09:30", true,
		  "2026-03-30 10:00" },
		/* before 1970 */
		{ "UTC", "wed 8:00-9:00", "1969-12-31 08:30", true, "1969-12-31 09:00" },
		/* the zone's own time, on either side of Greenwich */
		{ "EST5", "mon 20:00-22:00", "2026-03-31 01:30", true, "2026-03-31 03:00" },
		{ "JST-9", "mon 8:00-9:00", "2026-03-29 23:30", true, "2026-03-30 00:00" },
		/* Central Europe skips 02:00 to 03:00 on 2026-03-29: an hour less */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "sun 1:30-4:00", "2026-03-29 00:30", true,
		  "2026-03-29 02:00" },
		/* begins in the hour that is skipped: half an hour after it */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "sun 2:30-4:00", "2026-03-29 01:00", false,
		  "2026-03-29 01:30" },
		/* and has 02:00 to 03:00 twice on 2026-10-25: the first counts */
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "sun 2:30-2:45", "2026-10-25 00:30", true,
		  "2026-10-25 00:45" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "sun 2:30-2:45", "2026-10-25 01:30", false,
		  "2026-11-01 01:30" },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", "sat 22:00-6:00", "2026-10-25 04:59", true,
		  "2026-10-25 05:00" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct schedule s = parse(rows[i].when);
		int64_t until;

		setenv("TZ", rows[i].zone, 1);
		tzset();
		ck_assert_msg(schedule_holds(&s, utc(rows[i].now) * 1000000000, &until) ==
				      rows[i].holds,
			      "row %zu: %s", i, rows[i].when);
		ck_assert_msg(until == utc(rows[i].until) * 1000000000,
			      "row %zu: %s: until %lld, not %s", i, rows[i].when,
			      (long long)(until / 1000000000), rows[i].until);
	}
}
END_TEST

START_TEST(without_times_it_is_always)
{
	struct schedule none = { .count = 0 };
	int64_t until;

	ck_assert(schedule_holds(&none, 0, &until));
	ck_assert_int_eq(until, INT64_MAX);
}
END_TEST

SUITE("base/schedule", what_is_written_is_read, it_holds_and_says_until_when,
      without_times_it_is_always)
