/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the rules that match decides. */
#include <stdio.h>
#include <string.h>

#include "index/index.h"
#include "suite.h"

static struct rule rule_of(const char *name, enum rule_action action, bool important)
{
	struct rule r = { .match = RULE_SUFFIX, .action = action, .important = important };

	ck_assert(name_from_text(name, strlen(name), &r.name));
	return r;
}

static struct rule rewrite_of(const char *name, enum rule_action action, const char *modifiers)
{
	struct rule r = rule_of(name, action, false);

	r.rewrite = modifiers[0] == '@' ? RULE_EXCEPTS : RULE_REWRITES;
	r.modifiers = modifiers + (modifiers[0] == '@');
	return r;
}

/* Each rule that comes stands above those before it. */
START_TEST(classes)
{
	const struct rule rules[] = {
		rule_of("b.a.example", RULE_BLOCK, false),
		rule_of("example", RULE_ALLOW, false),
		rule_of("example", RULE_BLOCK, true),
		rule_of("example", RULE_ALLOW, true),
		rewrite_of("example", RULE_ALLOW, "dnsrewrite=mx;10 a.example"),
		rewrite_of("example", RULE_BLOCK, "dnsrewrite=0.0.0.0"),
		rewrite_of("example", RULE_ALLOW, "dnsrewrite=192.0.2.1"),
		rewrite_of("example", RULE_ALLOW, "dnsrewrite=other.example"),
		rewrite_of("example", RULE_BLOCK, "dnsrewrite=NOERROR"),
		rewrite_of("a.example", RULE_BLOCK, "dnsrewrite=NXDOMAIN"),
		rewrite_of("b.a.example", RULE_BLOCK, "dnsrewrite=REFUSED"),
	};
	struct index_hit hit;

	index_hit_clear(&hit);
	ck_assert_ptr_null(index_hit_winner(&hit));
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		const struct rule *w;
		index_hit_add(&hit, &rules[i]);
		w = index_hit_winner(&hit);
		ck_assert_msg(w && w->action == rules[i].action &&
				      w->important == rules[i].important &&
				      w->modifiers == rules[i].modifiers &&
				      name_equal(&w->name, &rules[i].name),
			      "rule %zu", i);
	}
}
END_TEST

START_TEST(exceptions)
{
	const struct rule block = rule_of("example", RULE_BLOCK, false);
	const struct rule code = rewrite_of("example", RULE_BLOCK, "dnsrewrite=NXDOMAIN");
	const struct rule one = rewrite_of("example", RULE_ALLOW, "dnsrewrite=192.0.2.1");
	const struct rule two = rewrite_of("a.example", RULE_ALLOW, "dnsrewrite=192.0.2.2");
	const struct rule not_code = rewrite_of("com", RULE_ALLOW, "@dnsrewrite=NXDOMAIN");
	const struct rule not_one = rewrite_of("com", RULE_ALLOW, "@dnsrewrite=192.0.2.1");
	const struct rule not_any = rewrite_of("com", RULE_ALLOW, "@dnsrewrite");
	struct addr addrs[4];
	struct index_hit hit;

	index_hit_clear(&hit);
	index_hit_add(&hit, &block);
	index_hit_add(&hit, &one);
	index_hit_add(&hit, &two);
	index_hit_add(&hit, &one); /* of another list */
	ck_assert_uint_eq(index_hit_addresses(&hit, addrs, 4), 2);
	ck_assert_uint_eq(index_hit_addresses(&hit, addrs, 1), 1);
	ck_assert_str_eq(index_hit_winner(&hit)->modifiers, two.modifiers);
	index_hit_add(&hit, &code);
	ck_assert_str_eq(index_hit_winner(&hit)->modifiers, code.modifiers);
	index_hit_add(&hit, &not_code);
	ck_assert_str_eq(index_hit_winner(&hit)->modifiers, two.modifiers);
	index_hit_add(&hit, &not_one);
	ck_assert_uint_eq(index_hit_addresses(&hit, addrs, 4), 1);
	index_hit_add(&hit, &not_any);
	ck_assert_ptr_null(index_hit_rewrite(&hit));
	ck_assert_int_eq(index_hit_winner(&hit)->rewrite, RULE_PLAIN);
}
END_TEST

START_TEST(rewrites_are_bounded)
{
	const struct rule one = rewrite_of("example", RULE_ALLOW, "dnsrewrite=192.0.2.1");
	struct index_hit hit;

	index_hit_clear(&hit);
	for (unsigned i = 0; i < 2 * INDEX_REWRITES; i++)
		index_hit_add(&hit, &one);
	ck_assert_uint_eq(hit.rewrites, INDEX_REWRITES);
}
END_TEST

/* What an essential row stops: blocks and answers no longer than it, and no allow. */
START_TEST(forgotten)
{
	const struct rule rules[] = {
		rule_of("a.example", RULE_BLOCK, false),
		rule_of("example", RULE_BLOCK, true),
		rule_of("example", RULE_ALLOW, false),
		rewrite_of("example", RULE_ALLOW, "dnsrewrite=192.0.2.1"),
		rewrite_of("a.example", RULE_BLOCK, "dnsrewrite=NXDOMAIN"),
		rewrite_of("com", RULE_ALLOW, "@dnsrewrite=NXDOMAIN"),
	};
	struct index_hit hit;

	index_hit_clear(&hit);
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		index_hit_add(&hit, &rules[i]);
	index_hit_forget(&hit, strlen("example"));
	ck_assert(hit.found[0][RULE_BLOCK] && !hit.found[1][RULE_BLOCK]);
	ck_assert(hit.found[0][RULE_ALLOW]);
	ck_assert_uint_eq(hit.rewrites, 2);
	ck_assert_ptr_null(index_hit_rewrite(&hit));
	index_hit_forget(&hit, strlen("a.example"));
	ck_assert_ptr_null(index_hit_longest(&hit, RULE_BLOCK));
	ck_assert_int_eq(index_hit_winner(&hit)->action, RULE_ALLOW);
}
END_TEST

SUITE("index/hit", classes, exceptions, rewrites_are_bounded, forgotten)
