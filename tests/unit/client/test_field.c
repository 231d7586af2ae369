/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet_field over lines as tacet writes them, as others might, and over broken ones. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tacet.h"
#include "suite.h"

#define FLOW                                                                                       \
	"{\"type\":\"flow\",\"sport\":51234,\"name\":\"logs.netflix.com\",\"reached\":true,"       \
	"\"rule\":\"||logs.netflix.com^\",\"seq\":7}"
#define ANSWER                                                                                     \
	" { \"id\" : 7 , \"ok\":true, \"data\":{\"flows\":12,\"by_role\":{\"ads\":3,\"acr\":0},"   \
	"\"data\":\"inner\",\"list\":[1,\"a,]}\",{\"x\":[]}]},\"flows\":99,\"e\":{},\"n\":null}\r"

static const struct {
	const char *line, *path, *want; /* NULL: -ENOENT */
} good[] = {
	{ FLOW, "type", "flow" },
	{ FLOW, "sport", "51234" },
	{ FLOW, "name", "logs.netflix.com" },
	{ FLOW, "reached", "true" },
	{ FLOW, "rule", "||logs.netflix.com^" },
	{ FLOW, "seq", "7" },
	{ FLOW, "nam", NULL },
	{ FLOW, "name2", NULL },
	{ FLOW, "name.x", NULL },
	{ FLOW, "name.", NULL },
	{ FLOW, "", FLOW },
	{ ANSWER, "id", "7" },
	{ ANSWER, "flows", "99" },
	{ ANSWER, "data.flows", "12" },
	{ ANSWER, "data.by_role.ads", "3" },
	{ ANSWER, "data.by_role.acr", "0" },
	{ ANSWER, "data.by_role", "{\"ads\":3,\"acr\":0}" },
	{ ANSWER, "data.list", "[1,\"a,]}\",{\"x\":[]}]" },
	{ ANSWER, "data.list.x", NULL },
	{ ANSWER, "data.list.0", "1" },
	{ ANSWER, "data.list.1", "a,]}" },
	{ ANSWER, "data.list.2.x", "[]" },
	{ ANSWER, "data.list.2.x.0", NULL },
	{ ANSWER, "data.list.3", NULL },
	{ ANSWER, "data.list.01", NULL },
	{ "{\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}", "a.1", "1" },
	{ "{\"a\":[0,1,2,3,4,5,6,7,8,9,10,11]}", "a.11", "11" },
	{ ANSWER, "data.data", "inner" },
	{ ANSWER, "data.ads", NULL },
	{ ANSWER, "e", "{}" },
	{ ANSWER, "e.x", NULL },
	{ ANSWER, "n", "null" },
	{ "{}", "x", NULL },
	{ "{\"x\":\"\"}", "x", "" },
	{ "{\"x\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "x", "\"\\/\b\f\n\r\t" },
	{ "{\"x\":\"\\u0041\\u00e9\\u20ac\\uD83D\\ude00\"}", "x",
	  "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "{\"x\":\"b\xc3\xbc\"}", "x", "b\xc3\xbc" },
	{ "{\"\\u0078\":1}", "x", "1" },
	{ "{\"x\":-0.5e+10}", "x", "-0.5e+10" },
	{ "{\"x\":0}", "x", "0" },
	{ "{\"x\":1E3,\"x\":2}", "x", "1E3" },
	{ "{\"x\":{\"y\":1},\"x\":{\"z\":2}}", "x.z", "2" },
	{ "{\"a_key_that_is_far_longer_than_any_that_tacet_would_ever_write_down\":1,\"b\":2}", "b",
	  "2" },
	{ "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", "a", "[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]" },
};

START_TEST(fields)
{
	char buf[1024];
	long rc = tacet_field(good[_i].line, good[_i].path, buf, sizeof(buf));

	if (!good[_i].want) {
		ck_assert_int_eq(rc, -ENOENT);
		ck_assert_str_eq(buf, "");
		return;
	}
	ck_assert_str_eq(buf, good[_i].want);
	ck_assert_int_eq(rc, (long)strlen(good[_i].want));
}
END_TEST

/* What tacet_field says of a member, tacet_fields says beside others. */
START_TEST(several)
{
	char one[1024], other[1024];
	struct tacet_want wants[] = { { "absent", NULL, 0, 7 },
				      { good[_i].path, one, sizeof(one), 7 },
				      { "type", other, sizeof(other), 7 } };

	if (!*good[_i].path || strchr(good[_i].path, '.'))
		return;
	ck_assert_int_eq(tacet_fields(good[_i].line, wants, 3), 0);
	ck_assert_int_eq(wants[0].len, -ENOENT);
	ck_assert_str_eq(one, good[_i].want ? good[_i].want : "");
	ck_assert_int_eq(wants[1].len, good[_i].want ? (long)strlen(good[_i].want) : -ENOENT);
	if (strcmp(good[_i].path, "type") != 0)
		ck_assert_str_eq(other, good[_i].line[0] == '{' && strstr(good[_i].line, "flow\"")
						? "flow"
						: "");
}
END_TEST

static const char *const bad[] = {
	"",
	" ",
	"x",
	"7",
	"\"x\"",
	"[]",
	"[{\"x\":1}]",
	"null",
	"{",
	"}",
	"{}x",
	"{} {}",
	"{\"x\":1",
	"{\"x\":1,",
	"{\"x\":1,}",
	"{,\"x\":1}",
	"{\"x\"}",
	"{\"x\":}",
	"{\"x\" 1}",
	"{x:1}",
	"{'x':1}",
	"{\"x\":'1'}",
	"{\"x\":1 \"y\":2}",
	"{\"x\":1}}",
	"{\"x\":01}",
	"{\"x\":-}",
	"{\"x\":1.}",
	"{\"x\":.5}",
	"{\"x\":1e}",
	"{\"x\":1e+}",
	"{\"x\":+1}",
	"{\"x\":0x1}",
	"{\"x\":tru}",
	"{\"x\":True}",
	"{\"x\":nulll}",
	"{\"x\":NaN}",
	"{\"x\":\"a}",
	"{\"x\":\"a\\\"}",
	"{\"x\":\"\\",
	"{\"x\":\"\\x\"}",
	"{\"x\":\"\\u12\"}",
	"{\"x\":\"\\u12g4\"}",
	"{\"x\":\"\\u0000\"}",
	"{\"x\":\"\\ud83d\"}",
	"{\"x\":\"\\ud83dab\"}",
	"{\"x\":\"\\ud83d\\u0041\"}",
	"{\"x\":\"\\ude00\"}",
	"{\"x\":\"\\ud83d\\u12\"}",
	"{\"x\":\"a\tb\"}",
	"{\"x\":\"a\nb\"}",
	"{\"x\":[1,]}",
	"{\"x\":[,1]}",
	"{\"x\":[1 2]}",
	"{\"x\":[1}",
	"{\"x\":[",
	"{\"x\":{\"y\":1]}",
	"{\"x\":1,\"y\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}",
};

/* A line that is broken behind the field is as broken. */
START_TEST(broken)
{
	char buf[64] = "old";

	ck_assert_int_eq(tacet_field(bad[_i], "x", buf, sizeof(buf)), -EPROTO);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(tacet_field(bad[_i], "other", NULL, 0), -EPROTO);
	struct tacet_want want = { "x", buf, sizeof(buf), 0 };
	memcpy(buf, "old", 4);
	ck_assert_int_eq(tacet_fields(bad[_i], &want, 1), -EPROTO);
	ck_assert_int_eq(want.len, -EPROTO);
	ck_assert_str_eq(buf, "");
}
END_TEST

/* Every prefix of a line is broken, and none is read past its end (for the sanitizer: each is
 * a copy of its own). */
START_TEST(prefixes)
{
	size_t whole = strlen(ANSWER) - 1;
	char buf[16];

	for (size_t n = 0; n < whole; n++) {
		char *copy = strndup(ANSWER, n);

		ck_assert_ptr_nonnull(copy);
		ck_assert_int_eq(tacet_field(copy, "data.flows", buf, sizeof(buf)), -EPROTO);
		ck_assert_int_eq(tacet_fields(copy, NULL, 0), -EPROTO);
		free(copy);
	}
}
END_TEST

START_TEST(cut)
{
	char buf[8];

	memset(buf, 'x', sizeof(buf));
	ck_assert_int_eq(tacet_field(FLOW, "name", buf, 5), 16);
	ck_assert_str_eq(buf, "logs");
	ck_assert_int_eq(buf[5], 'x');
	ck_assert_int_eq(tacet_field(FLOW, "type", buf, 5), 4);
	ck_assert_str_eq(buf, "flow");
	ck_assert_int_eq(tacet_field(FLOW, "type", buf, 1), 4);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(tacet_field(FLOW, "type", NULL, 0), 4);
	/* Characters stay whole. */
	ck_assert_int_eq(tacet_field("{\"x\":\"a\xc3\xbc\xc3\xbc\"}", "x", buf, 3), 5);
	ck_assert_str_eq(buf, "a");
	ck_assert_int_eq(tacet_field("{\"x\":\"a\xc3\xbc\xc3\xbc\"}", "x", buf, 4), 5);
	ck_assert_str_eq(buf, "a\xc3\xbc");
	ck_assert_int_eq(tacet_field("{\"x\":\"\\ud83d\\ude00!\"}", "x", buf, 4), 5);
	ck_assert_str_eq(buf, "");
	ck_assert_int_eq(tacet_field("{\"x\":\"\\u20ac\\u20ac\"}", "x", buf, 6), 6);
	ck_assert_str_eq(buf, "\xe2\x82\xac");

	struct tacet_want want = { "x", buf, 4, 0 };
	ck_assert_int_eq(tacet_fields("{\"x\":\"a\xc3\xbc\xc3\xbc\"}", &want, 1), 0);
	ck_assert_int_eq(want.len, 5);
	ck_assert_str_eq(buf, "a\xc3\xbc");
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_loop_test(t, fields, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(t, several, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(t, broken, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, prefixes);
	tcase_add_test(t, cut);
	return suite_end(t, "client/field");
}
