/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contacts over time: nothing is lost, whatever comes when. */
#include "unit/report/records.h"

#include "report/audit.h"
#include "suite.h"

static struct audit_times times;
static const int64_t SECOND = 1000000000;

static void clear(void)
{
	audit_times_done(&times);
}

static void at(const char *app, int64_t s, bool home)
{
	ck_assert(audit_times_add(&times, app, s * SECOND, home, 1));
}

static uint64_t total(const struct audit_times *t, bool home)
{
	uint64_t n = 0;

	for (const struct audit_lane *l = t->lanes; l; l = l->hh.next)
		for (unsigned i = 0; i < AUDIT_SLOTS; i++) {
			n += home ? l->home[i] : l->all[i];
			ck_assert(i < t->used || !l->all[i]);
			ck_assert_uint_le(l->home[i], l->all[i]);
		}
	return n;
}

START_TEST(test_seconds_fit)
{
	at("a", 1000, false);
	at("a", 1119, true);
	ck_assert_int_eq(times.width_ns, SECOND);
	ck_assert_int_eq(times.first, 1000);
	ck_assert_uint_eq(times.used, 120);
	ck_assert_uint_eq(times.lanes->all[0], 1);
	ck_assert_uint_eq(times.lanes->home[119], 1);
	/* One more does not: two seconds a slot from now on. */
	at("a", 1120, true);
	ck_assert_int_eq(times.width_ns, 2 * SECOND);
	ck_assert_uint_eq(times.used, 61);
	ck_assert_uint_eq(times.lanes->all[59], 1);
	ck_assert_uint_eq(times.lanes->home[60], 1);
}
END_TEST

START_TEST(test_backwards)
{
	at("a", 1001, false);
	at("b", 990, true);
	ck_assert_int_eq(times.first, 990);
	ck_assert_uint_eq(times.used, 12);
	ck_assert_uint_eq(times.lanes->all[11], 1);
	/* From an odd beginning pairs still hold what belongs together. */
	at("a", 881, false);
	ck_assert_int_eq(times.width_ns, 2 * SECOND);
	ck_assert_int_eq(times.first, 440);
	ck_assert_uint_eq(times.lanes->all[500 - 440], 1);
	ck_assert_uint_eq(total(&times, false), 3);
}
END_TEST

START_TEST(test_any_time_is_kept)
{
	uint64_t state = 1;

	for (unsigned i = 0; i < 5000; i++) {
		int64_t when;

		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		when = (int64_t)(state >> 2 >> (state >> 58 & 31));
		ck_assert(audit_times_add(&times, i % 3 ? "a" : "b", when, i % 2, 1));
		ck_assert_uint_le(times.used, AUDIT_SLOTS);
		if (i % 250 == 0)
			ck_assert_uint_eq(total(&times, false), i + 1);
	}
	ck_assert_uint_eq(total(&times, true), 2500);
	ck_assert(audit_times_add(&times, "a", 0, false, 1));
	ck_assert(audit_times_add(&times, "a", INT64_C(1) << 62, false, 1));
	ck_assert_uint_eq(total(&times, false), 5002);
}
END_TEST

START_TEST(test_lanes_are_bounded)
{
	static char apps[AUDIT_LANES + 50][8];

	for (int i = 0; i < AUDIT_LANES + 50; i++)
		at(apps[i], i, true);
	ck_assert_uint_eq(HASH_COUNT(times.lanes), AUDIT_LANES + 1);
	ck_assert_uint_eq(total(&times, true), AUDIT_LANES + 50);
}
END_TEST

START_TEST(test_merge)
{
	struct audit_times more = times;

	for (int i = 0; i < 300; i++)
		at("a", 10 * i, i % 3 == 0);
	more = times;
	times = (struct audit_times){ 0 };
	at("b", 5, true);
	ck_assert(audit_times_merge(&times, "b", &more, more.lanes));
	ck_assert_uint_eq(HASH_COUNT(times.lanes), 1);
	ck_assert_uint_eq(times.lanes->contacts, 301);
	ck_assert_uint_eq(times.lanes->phoning, 101);
	ck_assert_uint_eq(total(&times, true), 101);
	audit_times_done(&more);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, NULL, clear);
	tcase_add_test(t, test_seconds_fit);
	tcase_add_test(t, test_backwards);
	tcase_add_test(t, test_any_time_is_kept);
	tcase_add_test(t, test_lanes_are_bounded);
	tcase_add_test(t, test_merge);
	return suite_end(t, "report/audit_times");
}
