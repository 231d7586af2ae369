/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences under an audit's table, and its summary record. */
#include "unit/report/records.h"

#include "report/audit_text.h"
#include "suite.h"

static struct text out;
static struct audit *audit;

static void begin(void)
{
	audit = audit_new(3);
	ck_assert_ptr_nonnull(audit);
}

static void clear(void)
{
	audit_free(audit);
	text_done(&out);
}

static void flow(const char *app, const char *name, enum role role, enum verdict_kind kind)
{
	struct flow_record r = flow_to("tv", app, name, role, kind);

	audit_flow(audit, &r);
}

static const char *closing(const struct engine_counters *c, unsigned width)
{
	struct audit_figures f;

	ck_assert(audit_figures(audit, &f));
	text_clear(&out);
	audit_closing(audit, &f, c, width, &out);
	ck_assert(!out.failed);
	return out.at;
}

START_TEST(test_conclusions)
{
	flow("netflix", "api.netflix.com", ROLE_API, VERDICT_ALLOW);
	ck_assert_ptr_nonnull(strstr(closing(NULL, 0),
				     "\nNothing known phones home; 0 names would be blocked.\n"));
	flow(NULL, "t.example", ROLE_ADS, VERDICT_BLOCK);
	ck_assert_ptr_nonnull(strstr(closing(NULL, 0),
				     "\n1 name of no known app, 2.3 kB up; 1 name "
				     "would be blocked.\n"));
	flow("netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_ALLOW);
	ck_assert_ptr_nonnull(strstr(closing(NULL, 0), "\n1 of 1 app phones home: 2 names, 4.6 kB "
						       "up; 1 name would be blocked.\n"));
}
END_TEST

START_TEST(test_frames_and_shortfall)
{
	struct engine_counters c = { .frames = 1000, .flows_evicted = 1 };
	char name[16];

	c.decode[DECODE_OK] = 990;
	c.decode[DECODE_NOT_IP] = 7;
	c.decode[DECODE_TRUNCATED] = 3;
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		flow(NULL, name, ROLE_NONE, VERDICT_ALLOW);
	}
	audit->unrecorded = 1;
	closing(&c, 0);
	ck_assert_ptr_nonnull(strstr(out.at,
				     "\n1000 frames; not looked into: 7 not_ip, 3 truncated. "
				     "1 flow ended early: the flow table was full.\n"));
	ck_assert_ptr_nonnull(strstr(out.at,
				     "\n2 records under (others): there is room for 3 rows. 1 "
				     "record in the totals alone: out of memory.\n"));
	ck_assert_ptr_null(strstr(out.at, "By role"));
	c = (struct engine_counters){ .frames = 1 };
	ck_assert_ptr_nonnull(strstr(closing(&c, 0), "\n1 frame.\n"));
}
END_TEST

START_TEST(test_folding)
{
	char *line, *save = NULL;
	int lines = 0;

	flow("netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_BLOCK);
	closing(NULL, 30);
	for (line = strtok_r(out.at, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		ck_assert_msg(strlen(line) <= 30, "%s", line);
		ck_assert_int_ne(line[strlen(line) - 1], ' ');
		lines++;
	}
	ck_assert_int_ge(lines, 6);
}
END_TEST

START_TEST(test_summary)
{
	struct engine_counters c = { .frames = 77, .flows = 3 };
	json_t *root;

	flow("netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_BLOCK);
	flow("netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_BLOCK);
	flow(NULL, "example.com", ROLE_NONE, VERDICT_ALLOW);
	audit_summary_json(audit, &c, &out);
	root = parsed(&out);
	ck_assert_str_eq(json_string_value(json_object_get(root, "type")), "summary");
	ck_assert_str_eq(json_string_value(json_object_get(root, "first")),
			 "2026-01-31T20:15:00.123456Z");
	ck_assert_str_eq(json_string_value(json_object_get(root, "last")),
			 "2026-01-31T20:15:01.000000Z");
	ck_assert_int_eq(number_at(root, "devices"), 1);
	ck_assert_int_eq(number_at(root, "apps"), 1);
	ck_assert_int_eq(number_at(root, "apps_phoning"), 1);
	ck_assert_int_eq(number_at(root, "names"), 2);
	ck_assert_int_eq(number_at(root, "names_phoning"), 1);
	ck_assert_int_eq(number_at(root, "names_blocked"), 1);
	ck_assert_int_eq(number_at(root, "bytes_phoning"), 4602);
	ck_assert_int_eq(number_at(root, "flows"), 3);
	ck_assert_int_eq(number_at(root, "questions"), 0);
	ck_assert_int_eq(number_at(root, "bytes_out"), 6903);
	ck_assert_int_eq(number_at(root, "bytes_in"), 15630);
	ck_assert_int_eq(number_at(root, "over"), 0);
	ck_assert_int_eq(number_at(root, "unrecorded"), 0);
	ck_assert_int_eq(number_at(root, "by_role/telemetry/flows"), 2);
	ck_assert_int_eq(number_at(root, "by_role/telemetry/names"), 1);
	ck_assert_int_eq(number_at(root, "by_role/none/bytes_out"), 2301);
	ck_assert_int_eq(number_at(root, "by_verdict/block/flows"), 2);
	ck_assert_int_eq(number_at(root, "by_verdict/allow/bytes_in"), 5210);
	ck_assert_ptr_null(json_object_get(json_object_get(root, "by_verdict"), "log"));
	ck_assert_int_eq(number_at(root, "counters/frames"), 77);
	json_decref(root);
}
END_TEST

START_TEST(test_summary_of_nothing)
{
	audit_summary_json(audit, NULL, &out);
	ck_assert_str_eq(
		out.at,
		"{\"type\":\"summary\",\"devices\":0,\"apps\":0,\"apps_phoning\":0,"
		"\"names\":0,\"names_phoning\":0,\"names_blocked\":0,"
		"\"names_bypassing\":0,\"bytes_phoning\":0,\"bytes_blocked\":0,\"hidden\":0,"
		"\"flows\":0,\"questions\":0,\"bytes_out\":0,\"bytes_in\":0,\"over\":0,"
		"\"unrecorded\":0,\"by_role\":{},\"by_verdict\":{}}");
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, clear);
	tcase_add_test(t, test_conclusions);
	tcase_add_test(t, test_frames_and_shortfall);
	tcase_add_test(t, test_folding);
	tcase_add_test(t, test_summary);
	tcase_add_test(t, test_summary_of_nothing);
	return suite_end(t, "report/audit_text");
}
