/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical text of rules, and that it means the same when read again. */
#include <stdlib.h>
#include <string.h>

#include "classify/lists.h"
#include "suite.h"

static struct rule rule_of(const char *name, enum rule_match match, enum rule_action action)
{
	struct rule r = { .match = match, .action = action };

	ck_assert(name_from_text(name, strlen(name), &r.name));
	return r;
}

START_TEST(texts)
{
	static const struct {
		enum rule_match match;
		enum rule_action action;
		const char *want;
	} cases[] = {
		{ RULE_EXACT, RULE_BLOCK, "logs.example.com" },
		{ RULE_SUFFIX, RULE_BLOCK, "||logs.example.com^" },
		{ RULE_BELOW, RULE_BLOCK, "*.logs.example.com^" },
		{ RULE_EXACT, RULE_ALLOW, "@@|logs.example.com^" },
		{ RULE_SUFFIX, RULE_ALLOW, "@@||logs.example.com^" },
		{ RULE_BELOW, RULE_ALLOW, "@@*.logs.example.com^" },
	};
	char buf[RULE_TEXT_MAX];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rule r = rule_of("logs.example.com", cases[i].match, cases[i].action);
		ck_assert_str_eq(rule_format(&r, buf), cases[i].want);
	}
}
END_TEST

static void keep(void *ctx, const struct rule *r)
{
	*(struct rule *)ctx = *r;
}

START_TEST(read_again)
{
	char buf[RULE_TEXT_MAX];

	for (int i = 0; i < 6; i++) {
		struct rule back, r = rule_of("a-b.example_c.org", (enum rule_match)(i / 2),
					      (enum rule_action)(i % 2));
		rule_format(&r, buf);
		ck_assert_int_eq(list_parse_line(buf, strlen(buf), LIST_AUTO, keep, &back), -1);
		ck_assert(name_equal(&back.name, &r.name));
		ck_assert_int_eq(back.match, r.match);
		ck_assert_int_eq(back.action, r.action);
	}
}
END_TEST

/* A mask that is an address is a rule for that, too; its text is the mask where only that has
 * modifiers. */
START_TEST(networks_mean_themselves)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "||192.0.2.7^$important", "||192.0.2.7^$important" },
		{ "@@|192.0.2.7^$client=10.0.0.1", "@@||192.0.2.7^$client=10.0.0.1" },
		{ "||192.0.2.7^", "192.0.2.7" },
		{ "@@||192.0.2.7^", "@@192.0.2.7" },
		{ "192.0.2.0/24", "192.0.2.0/24" },
		{ "2001:db8::/32", "2001:db8::/32" },
	};
	char buf[RULE_TEXT_MAX], again[RULE_TEXT_MAX];
	struct rule r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *line = cases[i].line;

		for (int round = 0; round < 2; round++) {
			strcpy(again, line);
			r = (struct rule){ .list = 0 };
			ck_assert_int_eq(list_parse_line(again, strlen(again), LIST_AUTO, keep, &r),
					 -1);
			ck_assert_int_eq(r.match, RULE_NETWORK); /* the last one */
			ck_assert_str_eq(rule_format(&r, buf), cases[i].want);
			line = cases[i].want;
		}
	}
}
END_TEST

START_TEST(longest_name_fits)
{
	char text[NAME_MAX_TEXT], buf[RULE_TEXT_MAX];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	for (size_t i = 63; i < sizeof text - 1; i += 64)
		text[i] = '.';
	struct rule r = rule_of(text, RULE_SUFFIX, RULE_ALLOW);
	ck_assert_uint_eq(strlen(rule_format(&r, buf)), NAME_MAX_TEXT - 1 + 5);
}
END_TEST

SUITE("classify/rule", texts, read_again, networks_mean_themselves, longest_name_fits)
