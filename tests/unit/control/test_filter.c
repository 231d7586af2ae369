/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch filters key by key. */
#include <errno.h>

#include "control/filter.h"
#include "suite.h"

static const struct server_event event = {
	.type = "flow",
	.verdict = "block",
	.device = "tv",
	.app = "netflix",
	.name = "logs.netflix.com",
	.role = "telemetry",
};

static int make(const char *key, const char *value, struct filter **out, struct error *e)
{
	struct query q = { 0 };
	int rc = query_add(&q.filter, key, value ? ARGUMENT_STRING : ARGUMENT_NUMBER, value, 7, e);

	if (!rc)
		rc = filter_new(&q.filter, out, e);
	query_done(&q);
	return rc;
}

static bool passes(const char *key, const char *value, const struct server_event *ev)
{
	struct filter *f = NULL;
	struct error e = { "" };
	bool yes;

	ck_assert_msg(!make(key, value, &f, &e), "%s", e.text);
	yes = filter_passes(f, ev);
	filter_free(f);
	return yes;
}

START_TEST(test_each_key)
{
	static const struct {
		const char *key, *yes, *no;
	} rows[] = {
		{ "type", "flow", "dns" },
		{ "verdict", "block", "log" },
		{ "device", "tv", "t" },
		{ "app", "netflix", "Netflix" },
		{ "role", "telemetry", "ads" },
		{ "name", "netflix.com", "flix.com" },
		{ "name", "logs.netflix.com", "x.logs.netflix.com" },
		{ "name", "COM.", "org" },
	};
	static const struct server_event nothing = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(passes(rows[i].key, rows[i].yes, &event), "%s", rows[i].yes);
		ck_assert_msg(!passes(rows[i].key, rows[i].no, &event), "%s", rows[i].no);
		ck_assert(!passes(rows[i].key, rows[i].yes, &nothing));
	}
}
END_TEST

START_TEST(test_all_have_to_match)
{
	struct query q = { 0 };
	struct filter *f = NULL;
	struct error e = { "" };
	struct server_event other = event;

	ck_assert_int_eq(query_add(&q.filter, "app", ARGUMENT_WORD, "netflix", 0, &e), 0);
	ck_assert_int_eq(query_add(&q.filter, "verdict", ARGUMENT_WORD, "block", 0, &e), 0);
	ck_assert_int_eq(filter_new(&q.filter, &f, &e), 0);
	ck_assert(filter_passes(f, &event));
	other.verdict = "allow";
	ck_assert(!filter_passes(f, &other));
	filter_free(f);
	filter_free(NULL);
	query_done(&q);
}
END_TEST

START_TEST(test_empty_lets_all_through)
{
	static const struct server_event nothing = { 0 };
	struct arguments none = { 0 };
	struct filter *f = NULL;
	struct error e = { "" };

	ck_assert_int_eq(filter_new(&none, &f, &e), 0);
	ck_assert(filter_passes(f, &event));
	ck_assert(filter_passes(f, &nothing));
	filter_free(f);
}
END_TEST

START_TEST(test_what_matches_nothing_is_refused)
{
	static const struct {
		const char *key, *value;
	} rows[] = {
		{ "type", "lost" },    { "verdict", "deny" }, { "role", "spy" }, { "name", ".com" },
		{ "name", "a b.com" }, { "list", "x" },	      { "", "x" },	 { "device", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct filter *f = NULL;
		struct error e = { "" };

		ck_assert_int_eq(make(rows[i].key, rows[i].value, &f, &e), -EINVAL);
		ck_assert_ptr_null(f);
		ck_assert_int_gt(e.text[0], 0);
	}
}
END_TEST

SUITE("control/filter", test_each_key, test_all_have_to_match, test_empty_lets_all_through,
      test_what_matches_nothing_is_refused)
