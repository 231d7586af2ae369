/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changed between two audits. */
#include "unit/report/records.h"
#include "suite.h"

static struct text out;
static struct audit *before, *after;

static void begin(void)
{
	before = audit_new(100);
	after = audit_new(100);
	ck_assert(before && after);
}

static void clear(void)
{
	audit_free(before);
	audit_free(after);
	text_done(&out);
}

static void flows(struct audit *a, const char *device, const char *name, enum verdict_kind kind,
		  int n)
{
	struct flow_record r = flow_to(device, "netflix", name, ROLE_TELEMETRY, kind);

	r.bytes_out = 100;
	while (n--)
		audit_flow(a, &r);
}

static void evenings(void)
{
	flows(before, "tv", "same.example", VERDICT_BLOCK, 5);
	flows(after, "a-new-name-of-the-tv", "same.example", VERDICT_BLOCK, 6);
	flows(before, "tv", "gone.example", VERDICT_BLOCK, 2);
	flows(after, "tv", "new.example", VERDICT_BLOCK, 1);
	flows(before, "tv", "more.example", VERDICT_BLOCK, 5);
	flows(after, "tv", "more.example", VERDICT_BLOCK, 11);
	flows(before, "tv", "less.example", VERDICT_BLOCK, 50);
	flows(after, "tv", "less.example", VERDICT_BLOCK, 25);
	flows(before, "tv", "freed.example", VERDICT_BLOCK, 50);
	flows(after, "tv", "freed.example", VERDICT_ALLOW, 1);
}

START_TEST(test_table)
{
	evenings();
	audit_compare(before, after, 80, false, &out);
	ck_assert_str_eq(
		out.at,
		"Only in the second: 1\n"
		"  NAME                   APP            ROLE       BEFORE  AFTER       UP       "
		"UP\n"
		"  new.example            netflix        telemetry       0      1      0 B    100 "
		"B\n"
		"\nOnly in the first: 1\n"
		"  NAME                   APP            ROLE       BEFORE  AFTER       UP       "
		"UP\n"
		"  gone.example           netflix        telemetry       2      0    200 B      0 "
		"B\n"
		"\nDecided otherwise: 1\n"
		"  NAME                   APP            ROLE       BEFORE  AFTER       UP       "
		"UP\n"
		"  freed.example          netflix        telemetry      50      1   5.0 kB    100 "
		"B\n"
		"\nMore than before: 1\n"
		"  NAME                   APP            ROLE       BEFORE  AFTER       UP       "
		"UP\n"
		"  more.example           netflix        telemetry       5     11    500 B   1.1 "
		"kB\n"
		"\nLess than before: 1\n"
		"  NAME                   APP            ROLE       BEFORE  AFTER       UP       "
		"UP\n"
		"  less.example           netflix        telemetry      50     25   5.0 kB   2.5 "
		"kB\n"
		"\nFigures are sums, of 0 min 1 s before and of 0 min 1 s after.\n"
		"Of what phones home 1 name is new and 1 gone; it sent 4.4 kB up, before 11.2 kB. "
		"1 of 6 names did not change.\n");
}
END_TEST

START_TEST(test_long_names_keep_their_end)
{
	flows(after, "tv", "a-name-of-many-characters.tracker.example", VERDICT_BLOCK, 1);
	audit_compare(before, after, 80, false, &out);
	ck_assert_ptr_nonnull(strstr(out.at, "  ..ters.tracker.example netflix"));
}
END_TEST

START_TEST(test_json)
{
	struct text last = { 0 };
	char *at;
	json_t *root;

	evenings();
	audit_compare_json(before, after, &out);
	at = strstr(out.at, "{\"type\":\"comparison\"");
	ck_assert_ptr_nonnull(at);
	text_str(&last, at);
	root = parsed(&last);
	ck_assert_int_eq(number_at(root, "names"), 6);
	ck_assert_int_eq(number_at(root, "same"), 1);
	ck_assert_int_eq(number_at(root, "new"), 1);
	ck_assert_int_eq(number_at(root, "bytes_phoning_after"), 4400);
	json_decref(root);
	text_done(&last);
	ck_assert_ptr_nonnull(strstr(out.at, "{\"type\":\"change\",\"change\":\"verdict\",\"name\":"
					     "\"freed.example\",\"app\":\"netflix\""));
}
END_TEST

START_TEST(test_nothing)
{
	audit_compare(before, after, 80, false, &out);
	ck_assert_ptr_nonnull(strstr(out.at, "0 of 0 names did not change."));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, clear);
	tcase_add_test(t, test_table);
	tcase_add_test(t, test_long_names_keep_their_end);
	tcase_add_test(t, test_json);
	tcase_add_test(t, test_nothing);
	return suite_end(t, "report/audit_compare");
}
