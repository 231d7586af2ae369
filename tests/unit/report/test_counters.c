/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures as JSON members and as Prometheus text. */
#include "unit/report/records.h"

#include "report/counters.h"
#include "suite.h"

static struct figure_set set;
static struct text out;

static void clear(void)
{
	figures_done(&set);
	text_done(&out);
}

START_TEST(test_json)
{
	ck_assert(figures_add(&set, "flows", "h", FIGURE_COUNTER, NULL, NULL, 12));
	ck_assert(figures_add(&set, "by_role", "h", FIGURE_COUNTER, "role", "ads", 3));
	ck_assert(figures_add(&set, "by_role", "h", FIGURE_COUNTER, "role", "acr", 0));
	ck_assert(figures_add(&set, "by_list", "h", FIGURE_COUNTER, "list", "a\"b", 1));
	ck_assert(figures_add(&set, "flows_now", "h", FIGURE_GAUGE, NULL, NULL, UINT64_MAX));
	json_object_begin(&out, NULL);
	figures_json(&set, &out);
	json_object_end(&out);
	ck_assert_str_eq(out.at, "{\"flows\":12,\"by_role\":{\"ads\":3,\"acr\":0},"
				 "\"by_list\":{\"a\\\"b\":1},\"flows_now\":18446744073709551615}");
}
END_TEST

START_TEST(test_prometheus)
{
	ck_assert(figures_add(&set, "flows", "Flows\nseen \\o/ \"here\".", FIGURE_COUNTER, NULL,
			      NULL, 12));
	ck_assert(
		figures_add(&set, "by_list", "Lists.", FIGURE_COUNTER, "list", "a\"b\\c\n\xff", 1));
	ck_assert(figures_add(&set, "by_list", "Lists.", FIGURE_COUNTER, "list", "x", 2));
	ck_assert(figures_add(&set, "flows_now", "Now.", FIGURE_GAUGE, NULL, NULL, 5));
	figures_prometheus(&set, &out);
	ck_assert_str_eq(out.at, "# HELP tacet_flows_total Flows\\nseen \\\\o/ \"here\".\n"
				 "# TYPE tacet_flows_total counter\n"
				 "tacet_flows_total 12\n"
				 "# HELP tacet_by_list_total Lists.\n"
				 "# TYPE tacet_by_list_total counter\n"
				 "tacet_by_list_total{list=\"a\\\"b\\\\c\\n\\\\xff\"} 1\n"
				 "tacet_by_list_total{list=\"x\"} 2\n"
				 "# HELP tacet_flows_now Now.\n"
				 "# TYPE tacet_flows_now gauge\n"
				 "tacet_flows_now 5\n");
}
END_TEST

START_TEST(test_empty)
{
	figures_json(&set, &out);
	figures_prometheus(&set, &out);
	ck_assert_uint_eq(out.len, 0);
	figures_done(NULL);
}
END_TEST

/* Every number of the engine has its figure, with its own value. */
START_TEST(test_engine_complete)
{
	struct engine_counters c;
	uint64_t numbers[sizeof(c) / sizeof(uint64_t)];
	size_t n = sizeof(numbers) / sizeof(numbers[0]);
	bool seen[sizeof(c) / sizeof(uint64_t)] = { false };

	for (size_t i = 0; i < n; i++)
		numbers[i] = 1000 + i;
	memcpy(&c, numbers, sizeof(c));
	ck_assert(figures_engine(&set, &c));
	ck_assert_uint_eq(set.count, n);
	for (size_t i = 0; i < n; i++) {
		uint64_t at = set.at[i].value - 1000;

		ck_assert_uint_lt(at, n);
		ck_assert_msg(!seen[at], "%s stands twice", set.at[i].name);
		seen[at] = true;
	}
}
END_TEST

START_TEST(test_engine_names)
{
	struct engine_counters c = { .frames = 7, .flows_now = 2, .from_dns = 3 };
	json_t *root;

	c.decode[DECODE_NOT_IP] = 5;
	c.by_role[ROLE_NONE] = 1;
	c.by_role[ROLE_ADS] = 4;
	ck_assert(figures_engine(&set, &c));
	json_object_begin(&out, NULL);
	figures_json(&set, &out);
	json_object_end(&out);
	root = parsed(&out);
	ck_assert_int_eq(number_at(root, "frames"), 7);
	ck_assert_int_eq(number_at(root, "from_dns"), 3);
	ck_assert_int_eq(number_at(root, "frames_by_result/not_ip"), 5);
	ck_assert_int_eq(number_at(root, "by_role/none"), 1);
	ck_assert_int_eq(number_at(root, "by_role/ads"), 4);
	json_decref(root);
	text_clear(&out);
	figures_prometheus(&set, &out);
	ck_assert_ptr_nonnull(
		strstr(out.at, "\n# TYPE tacet_flows_now gauge\ntacet_flows_now 2\n"));
	ck_assert_ptr_nonnull(strstr(out.at, "\ntacet_by_role_total{role=\"ads\"} 4\n"));
	ck_assert_uint_lt(out.len, 16384);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, NULL, clear);
	tcase_add_test(t, test_json);
	tcase_add_test(t, test_prometheus);
	tcase_add_test(t, test_empty);
	tcase_add_test(t, test_engine_complete);
	tcase_add_test(t, test_engine_names);
	return suite_end(t, "report/counters");
}
