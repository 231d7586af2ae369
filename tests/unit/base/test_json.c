/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON lines: separators, numbers, and strings that are valid whatever comes in. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "suite.h"

START_TEST(members)
{
	struct text t = { 0 };

	for (int line = 0; line < 2; line++) {
		json_object_begin(&t, NULL);
		json_str(&t, "s", "v");
		json_str(&t, "left_out", NULL);
		json_object_begin(&t, "o");
		json_object_end(&t);
		json_array_begin(&t, "l");
		json_u64(&t, NULL, UINT64_MAX);
		json_i64(&t, NULL, INT64_MIN);
		json_i64(&t, NULL, 0);
		json_object_begin(&t, NULL);
		json_bool(&t, "t", true);
		json_bool(&t, "f", false);
		json_object_end(&t);
		json_array_end(&t);
		json_time(&t, "time", 1500000000);
		json_object_end(&t);
		json_newline(&t);
	}
#define LINE                                                                                       \
	"{\"s\":\"v\",\"o\":{},\"l\":[18446744073709551615,-9223372036854775808,0,"                \
	"{\"t\":true,\"f\":false}],\"time\":\"1970-01-01T00:00:01.500000Z\"}\n"
	ck_assert_str_eq(t.at, LINE LINE);
	ck_assert(!t.failed);
	text_done(&t);
}
END_TEST

/* A string literal holds a NUL after which only sizeof would go on; none of these does. */
START_TEST(strings)
{
	static const char *const cases[][2] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\n\t\r\x01\x7f", "\"\\n\\t\\u000d\\u0001\\u007f\"" },
		{ "\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xba",
		  "\"\xc3\xbc \xe2\x82\xac \xf0\x9f\x93\xba\"" },
		{ "\xff", "\"\\u00ff\"" },
		{ "\xc0\xaf", "\"\\u00c0\\u00af\"" },			    /* overlong */
		{ "\xe0\x80\xaf", "\"\\u00e0\\u0080\\u00af\"" },	    /* overlong */
		{ "\xf0\x80\x80\xaf", "\"\\u00f0\\u0080\\u0080\\u00af\"" }, /* overlong */
		{ "\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"" },	    /* surrogate */
		{ "\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"" }, /* over 10ffff */
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
		{ "\xe2\x82", "\"\\u00e2\\u0082\"" }, /* cut off */
		{ "\xe2\x82x", "\"\\u00e2\\u0082x\"" },
		{ "\xc2\x9b"
		  "1m",
		  "\"\\u009b1m\"" }, /* a C1 control */
		{ "\xc2\xa0", "\"\xc2\xa0\"" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text t = { 0 };

		json_str(&t, NULL, cases[i][0]);
		ck_assert_str_eq(t.at, cases[i][1]);
		text_done(&t);
	}
}
END_TEST

/* jansson refuses what is not UTF-8 or not JSON. */
START_TEST(any_bytes_are_valid_json)
{
	static const char alphabet[] = "\xc2\xe0\xed\xf0\xf4\x80\x90\xbf\xa0\xff\"\\\n\x1b"
				       "az";
	struct text t = { 0 };
	uint32_t state = 7;

	for (int round = 0; round < 20000; round++) {
		char bytes[9] = { 0 };
		json_error_t error;
		json_t *json;

		for (int i = 0; i < 8; i++) {
			state = state * 1664525 + 1013904223;
			bytes[i] = alphabet[(state >> 16) % (sizeof(alphabet) - 1)];
		}
		text_clear(&t);
		json_object_begin(&t, NULL);
		json_str(&t, bytes, bytes);
		json_object_end(&t);
		json = json_loadb(t.at, t.len, 0, &error);
		ck_assert_msg(json != NULL, "%s: %s", t.at, error.text);
		json_decref(json);
	}
	text_done(&t);
}
END_TEST

SUITE("base/json", members, strings, any_bytes_are_valid_json)
