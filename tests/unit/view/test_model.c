/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows, minutes and the log. */
#include "suite.h"
#include "view/log.h"
#include "view/model.h"

#include <string.h>

static const int64_t now = INT64_C(1769890500000);
static const struct model_limits limits = { { 2, 2, 2 }, 24 * 60000 };

static void add(struct model *m, const char *line, int64_t at)
{
	struct view_record r;

	ck_assert(view_record_parse(line, &r));
	model_record(m, &r, at);
}

static const char *names(struct model *m, int64_t at)
{
	static struct text t;

	text_clear(&t);
	model_rows_json(m, MODEL_NAMES, NULL, NULL, 10, at, &t);
	return t.at ? t.at : "";
}

#define HAS(text, part)	  ck_assert_msg(strstr(text, part) != NULL, "no %s in %s", part, text)
#define LACKS(text, part) ck_assert_msg(strstr(text, part) == NULL, "%s in %s", part, text)

START_TEST(a_flow_counts_once)
{
	struct model *m = model_new(&limits);

	add(m,
	    "{\"type\":\"flow\",\"id\":1,\"state\":\"open\",\"name\":\"a.example\","
	    "\"verdict\":\"block\",\"bytes_out\":5}",
	    now);
	add(m,
	    "{\"type\":\"flow\",\"id\":1,\"name\":\"a.example\",\"verdict\":\"block\","
	    "\"bytes_out\":50}",
	    now);
	HAS(names(m, now), "\"contacts\":1,\"blocked\":1,\"logged\":0,\"per_minute\":1,"
			   "\"bytes_out\":50,");
	add(m, "{\"type\":\"flow\",\"id\":2,\"name\":\"a.example\",\"verdict\":\"allow\"}", now);
	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\",\"verdict\":\"log\"}", now);
	HAS(names(m, now), "\"contacts\":3,\"blocked\":1,\"logged\":1,");
	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\",\"verdict\":\"block\",\"repeats\":500}",
	    now);
	HAS(names(m, now), "\"contacts\":503,\"blocked\":501,\"logged\":1,");
	model_free(m);
}
END_TEST

START_TEST(another_tacet_numbers_its_flows_anew)
{
	struct model *m = model_new(&limits);
	static const char open[] =
		"{\"type\":\"flow\",\"id\":1,\"state\":\"open\",\"name\":\"a.example\","
		"\"verdict\":\"block\"}";

	add(m, open, now);
	add(m, open, now);
	HAS(names(m, now), "\"contacts\":1,");
	model_restarted(m);
	add(m, open, now);
	HAS(names(m, now), "\"contacts\":2,");
	model_free(m);
}
END_TEST

START_TEST(what_was_lost_is_no_contact)
{
	struct model *m = model_new(&limits);
	struct view_record r;

	ck_assert(view_record_parse("{\"type\":\"lost\",\"count\":42,\"seq\":7}", &r));
	ck_assert_int_eq(r.type, RECORD_LOST);
	ck_assert_uint_eq(r.repeats, 42);
	model_record(m, &r, now);
	ck_assert_str_eq(names(m, now), "");
	model_free(m);
}
END_TEST

START_TEST(a_record_is_listed_under_what_it_has)
{
	struct view_record r;

	ck_assert(view_record_parse("{\"type\":\"flow\",\"src\":\"192.0.2.1\",\"dst\":"
				    "\"198.51.100.7\",\"hostname\":\"tv\"}",
				    &r));
	ck_assert_str_eq(r.device, "tv");
	ck_assert_str_eq(r.name, "198.51.100.7");
	ck_assert(view_record_parse("{\"type\":\"dns\",\"client\":\"192.0.2.1\",\"qname\":"
				    "\"a.example\",\"src\":\"192.0.2.9\"}",
				    &r));
	ck_assert_str_eq(r.device, "192.0.2.1");
	ck_assert_str_eq(r.name, "a.example");
	ck_assert(!view_record_parse("{\"type\":\"dns\"", &r));
	ck_assert(!view_record_parse("{\"kind\":\"dns\"}", &r));
}
END_TEST

START_TEST(the_idlest_row_goes)
{
	struct model *m = model_new(&limits);

	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\"}", now);
	add(m, "{\"type\":\"dns\",\"qname\":\"b.example\"}", now + 1);
	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\"}", now + 2);
	add(m, "{\"type\":\"dns\",\"qname\":\"c.example\"}", now + 3);
	HAS(names(m, now + 3), "a.example");
	HAS(names(m, now + 3), "c.example");
	LACKS(names(m, now + 3), "b.example");
	model_free(m);
}
END_TEST

START_TEST(what_is_old_is_neither_counted_nor_kept)
{
	struct model *m = model_new(&limits);

	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\"}", now);
	add(m, "{\"type\":\"dns\",\"qname\":\"a.example\"}", now + 20 * 60000);
	HAS(names(m, now + 20 * 60000), "\"contacts\":2,");
	HAS(names(m, now + 30 * 60000), "\"contacts\":1,");
	model_expire(m, now + 60 * 60000);
	ck_assert_str_eq(names(m, now + 60 * 60000), "");
	model_free(m);
}
END_TEST

START_TEST(minutes_count_what_counters_grew)
{
	struct model *m = model_new(&limits);
	struct text t = { 0 };

	model_counts(m, &(struct model_counts){ 100, 10, 5 }, now);
	model_counts(m, &(struct model_counts){ 101, 12, 8 }, now + 1000);
	model_counts(m, &(struct model_counts){ 1, 0, 0 }, now + 2000); /* started again */
	model_minutes_json(m, now + 2000, &t);
	ck_assert_str_eq(t.at, "[1769890500,2,2,3]");
	text_done(&t);
	model_free(m);
}
END_TEST

START_TEST(the_log_is_bounded_in_number_bytes_and_age)
{
	struct log_limits few = { 3, 100000, 1000 };
	struct view_log *l = view_log_new(&few);
	struct log_filter f = { .name = "example" };
	struct view_record r;

	ck_assert(view_record_parse("{\"type\":\"dns\",\"qname\":\"a.example\"}", &r));
	for (int i = 0; i < 5; i++)
		view_log_add(l, &r, "{}", now + i);
	ck_assert_uint_eq(view_log_first(l), 3);
	ck_assert_uint_eq(view_log_next(l), 6);
	ck_assert_ptr_null(view_log_at(l, 2));
	ck_assert(view_log_passes(&f, view_log_at(l, 3)));
	f.name = "ample";
	ck_assert(!view_log_passes(&f, view_log_at(l, 3)));
	view_log_expire(l, now + 1003);
	ck_assert_uint_eq(view_log_first(l), 4);
	view_log_free(l);
	few.bytes = 400;
	l = view_log_new(&few);
	for (int i = 0; i < 5; i++)
		view_log_add(l, &r,
			     "{\"line\":\"some two hundred bytes with what stands before it\"}",
			     now);
	ck_assert_uint_lt(view_log_next(l) - view_log_first(l), 3);
	view_log_free(l);
}
END_TEST

SUITE("view/model", another_tacet_numbers_its_flows_anew, what_was_lost_is_no_contact,
      a_record_is_listed_under_what_it_has, a_flow_counts_once, the_idlest_row_goes,
      what_is_old_is_neither_counted_nor_kept, minutes_count_what_counters_grew,
      the_log_is_bounded_in_number_bytes_and_age)
