/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests taken apart. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/query.h"
#include "suite.h"

static struct query q;
static struct error e;
static const char *error_key;

static int json(const char *line)
{
	query_done(&q);
	e = (struct error){ "" };
	return query_from_json(&q, line, strlen(line), &error_key, &e);
}

static int words(const char *line, const char *first, bool is_filter)
{
	char copy[2000];

	query_done(&q);
	e = (struct error){ "" };
	snprintf(copy, sizeof(copy), "%s", line);
	return query_from_words(&q, copy, first, is_filter, &e);
}

START_TEST(test_json)
{
	const struct argument *a;

	ck_assert_int_eq(json(" {\"cmd\":\"x\",\"s\":\"t\",\"n\":-5,\"z\":null,\"r\":1.5,"
			      "\"filter\":{\"type\":\"dns\"},\"id\":{\"b\":[1]}} "),
			 0);
	ck_assert_str_eq(q.cmd, "x");
	ck_assert_str_eq(q.id, "{\"b\":[1]}");
	ck_assert_uint_eq(q.args.count, 4);
	a = query_find(&q.args, "s");
	ck_assert(a && a->kind == ARGUMENT_STRING && !strcmp(a->text, "t"));
	a = query_find(&q.args, "n");
	ck_assert(a && a->kind == ARGUMENT_NUMBER && a->number == -5);
	a = query_find(&q.args, "z");
	ck_assert(a && a->kind == ARGUMENT_OTHER && !a->text);
	a = query_find(&q.args, "r");
	ck_assert(a && a->kind == ARGUMENT_OTHER);
	ck_assert(q.has_filter && query_find(&q.filter, "type"));
	ck_assert_ptr_null(query_find(&q.args, "id"));
	query_done(&q);
	query_done(NULL);
}
END_TEST

START_TEST(test_json_arguments_in_a_place_of_their_own)
{
	ck_assert_int_eq(json("{\"cmd\":\"x\",\"id\":1,\"args\":{\"id\":2,\"cmd\":\"y\"}}"), 0);
	ck_assert_str_eq(q.cmd, "x");
	ck_assert_str_eq(q.id, "1");
	ck_assert_int_eq(query_find(&q.args, "id")->number, 2);
	ck_assert_str_eq(query_find(&q.args, "cmd")->text, "y");
	ck_assert_int_eq(json("{\"cmd\":\"x\",\"args\":{},\"more\":1}"), -EINVAL);
	ck_assert_str_eq(error_key, "bad_argument");
	ck_assert_int_eq(json("{\"cmd\":\"x\",\"args\":null}"), -EINVAL);
	query_done(&q);
}
END_TEST

/* The id is echoed whatever else is wrong, if it can be read at all. */
START_TEST(test_json_id_of_a_bad_request)
{
	ck_assert_int_eq(json("{\"id\":[7]}"), -EINVAL);
	ck_assert_str_eq(error_key, "bad_request");
	ck_assert_str_eq(q.id, "[7]");
	ck_assert_int_eq(json("{\"id\":7,\"cmd\":\"x\",\"args\":3}"), -EINVAL);
	ck_assert_str_eq(q.id, "7");
	ck_assert_int_eq(json("{\"id\":7"), -EINVAL);
	ck_assert_ptr_null(q.id);
	query_done(&q);
}
END_TEST

START_TEST(test_words)
{
	const struct argument *a;

	ck_assert_int_eq(words("600", "seconds", false), 0);
	a = query_find(&q.args, "seconds");
	ck_assert(a && a->kind == ARGUMENT_WORD && !strcmp(a->text, "600"));
	ck_assert_int_eq(words("  b=c=d \t e ", "a", false), 0);
	ck_assert_str_eq(query_find(&q.args, "b")->text, "c=d");
	ck_assert_str_eq(query_find(&q.args, "a")->text, "e");
	ck_assert_int_eq(words("type=dns app=x", "filter", true), 0);
	ck_assert(q.has_filter);
	ck_assert_uint_eq(q.filter.count, 2);
	ck_assert_uint_eq(q.args.count, 0);
	ck_assert_int_eq(words("", "a", false), 0);
	ck_assert_uint_eq(q.args.count, 0);
	ck_assert_int_eq(words("", "filter", true), 0);
	ck_assert(!q.has_filter);
	query_done(&q);
}
END_TEST

START_TEST(test_bad_words)
{
	ck_assert_int_eq(words("a b", "x", false), -EINVAL);
	ck_assert_int_eq(words("a=1 a=2", "x", false), -EINVAL);
	ck_assert_int_eq(words("5 x=6", "x", false), -EINVAL);
	ck_assert_int_eq(words("a", NULL, false), -EINVAL);
	ck_assert_int_eq(words("dns", "filter", true), -EINVAL);
	ck_assert_str_eq(e.text, "\"dns\" fits no argument");
	query_done(&q);
}
END_TEST

START_TEST(test_arguments_are_bounded)
{
	char line[2000] = "", word[32];

	for (int i = 0; i < QUERY_ARGUMENTS_MOST; i++) {
		snprintf(word, sizeof(word), "k%d=%d ", i, i);
		strcat(line, word);
	}
	ck_assert_int_eq(words(line, NULL, false), 0);
	ck_assert_uint_eq(q.args.count, QUERY_ARGUMENTS_MOST);
	strcat(line, "one=more");
	ck_assert_int_eq(words(line, NULL, false), -EINVAL);
	ck_assert_uint_eq(q.args.count, QUERY_ARGUMENTS_MOST);
	query_done(&q);
}
END_TEST

SUITE("control/query", test_json, test_json_arguments_in_a_place_of_their_own,
      test_json_id_of_a_bad_request, test_words, test_bad_words, test_arguments_are_bounded)
