/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index: which rule wins, and the same answers as a walk over all rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/index.h"
#include "suite.h"

static struct name name_of(const char *text)
{
	struct name n;

	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

static struct rule rule_of(const char *name, enum rule_match match, enum rule_action action,
			   uint32_t line)
{
	return (struct rule){
		.name = name_of(name), .match = match, .action = action, .list = 3, .line = line
	};
}

static struct index *build(const struct rule *rules, size_t n)
{
	struct index_builder *b = index_builder_new();
	struct index *x = NULL;

	ck_assert_ptr_nonnull(b);
	for (size_t i = 0; i < n; i++)
		ck_assert(index_builder_add(b, &rules[i]));
	ck_assert_int_eq(index_builder_finish(b, &x), 0);
	index_builder_free(b);
	return x;
}

/* The line of the winning block and allow, 0 = none. */
static void expect(const struct index *x, const char *text, uint32_t block, uint32_t allow)
{
	struct name n = name_of(text);
	struct index_hit hit;
	bool any = index_find(x, &(struct rule_query){ .name = &n }, &hit);

	ck_assert_msg(hit.found[0][RULE_BLOCK] == (block != 0), "%s: block is %d", text,
		      hit.found[0][RULE_BLOCK]);
	ck_assert_msg(hit.found[0][RULE_ALLOW] == (allow != 0), "%s: allow is %d", text,
		      hit.found[0][RULE_ALLOW]);
	ck_assert_int_eq(any, block || allow);
	if (block)
		ck_assert_msg(index_line(x, &hit.rule[0][RULE_BLOCK]) == block,
			      "%s: block by line %u, not %u", text,
			      index_line(x, &hit.rule[0][RULE_BLOCK]), block);
	if (allow)
		ck_assert_msg(index_line(x, &hit.rule[0][RULE_ALLOW]) == allow,
			      "%s: allow by line %u, not %u", text,
			      index_line(x, &hit.rule[0][RULE_ALLOW]), allow);
}

struct walked {
	struct index_builder *b;
	size_t count, most;
	struct text said;
};

static bool walk_to(void *ctx, const struct rule *r)
{
	struct walked *w = ctx;
	char text[RULE_TEXT_MAX];

	if (r->match == RULE_NETWORK)
		text_printf(&w->said, "/%u", r->net.bits);
	else
		text_str(&w->said, rule_format(r, text));
	text_printf(&w->said, " %u %u\n", r->list, r->line);
	return index_builder_add(w->b, r) && ++w->count < w->most;
}

/* What an index is made of makes the same index: names of many blocks, networks, texts, and the
 * lines of all of them. */
START_TEST(walks)
{
	enum { MANY = 3000, ALL = MANY + 4 };
	struct rule *rules = calloc(ALL, sizeof *rules);
	struct walked w = { .b = index_builder_new(), .most = SIZE_MAX }, of_again = w;
	struct index *x, *again = NULL;
	char text[64];

	of_again.b = index_builder_new();
	ck_assert(rules && w.b && of_again.b);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(text, sizeof text, "n%u.example%u.com", i % 997, i);
		rules[i] = rule_of(text, (enum rule_match)(i % 3), i % 5 ? RULE_BLOCK : RULE_ALLOW,
				   i + 1);
		rules[i].important = i % 7 == 0;
		rules[i].modifiers = i % 11 ? NULL : "dnstype=a";
	}
	rules[MANY] = (struct rule){ .match = RULE_PATTERN, .text = "||ads*.tv^", .line = ALL };
	rules[MANY + 1] = (struct rule){ .match = RULE_REGEX, .text = "^ads[0-9]+", .line = 9 };
	for (int i = 2; i < 4; i++) {
		rules[MANY + i] = (struct rule){ .match = RULE_NETWORK, .line = 77 };
		ck_assert(addr_prefix_parse(i == 2 ? "192.0.2.0/24" : "2001:db8::/32",
					    &rules[MANY + i].net));
	}
	x = build(rules, ALL);
	ck_assert_int_eq(index_walk(x, walk_to, &w), 0);
	ck_assert_uint_eq(w.count, ALL);
	ck_assert_int_eq(index_builder_finish(w.b, &again), 0);
	ck_assert_int_eq(index_walk(again, walk_to, &of_again), 0);
	ck_assert(!w.said.failed);
	ck_assert_str_eq(of_again.said.at, w.said.at);
	ck_assert_ptr_nonnull(strstr(w.said.at, "||ads*.tv^ 0 3004\n"));
	expect(again, "n1.example1.com", 2, 0);
	text_done(&w.said);
	text_done(&of_again.said);
	index_builder_free(of_again.b);
	index_builder_free(w.b);
	/* Until it is enough. */
	w = (struct walked){ .b = index_builder_new(), .most = 100 };
	ck_assert_int_eq(index_walk(x, walk_to, &w), 0);
	ck_assert_uint_eq(w.count, 100);
	text_done(&w.said);
	index_builder_free(w.b);
	index_free(again);
	index_free(x);
	free(rules);
}
END_TEST

START_TEST(matches)
{
	const struct rule rules[] = {
		rule_of("exact.example.com", RULE_EXACT, RULE_BLOCK, 1),
		rule_of("suffix.example.com", RULE_SUFFIX, RULE_BLOCK, 2),
		rule_of("below.example.com", RULE_BELOW, RULE_BLOCK, 3),
		rule_of("com", RULE_EXACT, RULE_BLOCK, 4),
		rule_of("net", RULE_SUFFIX, RULE_ALLOW, 5),
	};
	struct index *x = build(rules, 5);

	expect(x, "exact.example.com", 1, 0);
	expect(x, "a.exact.example.com", 0, 0);
	expect(x, "suffix.example.com", 2, 0);
	expect(x, "a.b.suffix.example.com", 2, 0);
	expect(x, "xsuffix.example.com", 0, 0);
	expect(x, "below.example.com", 0, 0);
	expect(x, "a.below.example.com", 3, 0);
	expect(x, "com", 4, 0);
	expect(x, "a.com", 0, 0);
	expect(x, "a.net", 0, 5);
	expect(x, "example.org", 0, 0);
	index_free(x);
}
END_TEST

START_TEST(longest_wins_then_kind)
{
	const struct rule rules[] = {
		rule_of("example.com", RULE_SUFFIX, RULE_BLOCK, 1),
		rule_of("a.example.com", RULE_BELOW, RULE_BLOCK, 2),
		rule_of("a.example.com", RULE_SUFFIX, RULE_BLOCK, 3),
		rule_of("a.example.com", RULE_EXACT, RULE_BLOCK, 4),
		rule_of("example.com", RULE_SUFFIX, RULE_ALLOW, 5),
		rule_of("b.a.example.com", RULE_EXACT, RULE_ALLOW, 6),
		rule_of("c.example.com", RULE_BELOW, RULE_BLOCK, 7),
	};
	struct index *x = build(rules, 7);

	expect(x, "example.com", 1, 5);
	expect(x, "a.example.com", 4, 5);
	expect(x, "z.a.example.com", 3, 5);
	expect(x, "b.a.example.com", 3, 6);
	expect(x, "c.example.com", 1, 5);
	expect(x, "z.c.example.com", 7, 5);
	index_free(x);
}
END_TEST

START_TEST(first_of_duplicates)
{
	const struct rule rules[] = {
		rule_of("example.com", RULE_SUFFIX, RULE_BLOCK, 1),
		rule_of("example.com", RULE_SUFFIX, RULE_BLOCK, 2),
		rule_of("example.com", RULE_SUFFIX, RULE_ALLOW, 3),
		rule_of("example.com", RULE_EXACT, RULE_BLOCK, 4),
	};
	struct index *x = build(rules, 4);
	struct name n = name_of("www.example.com");
	struct index_hit hit;

	ck_assert_uint_eq(index_rules(x), 3);
	expect(x, "www.example.com", 1, 3);
	ck_assert(index_find(x, &(struct rule_query){ .name = &n }, &hit));
	ck_assert_str_eq(hit.rule[0][RULE_BLOCK].name.text, "example.com");
	ck_assert_uint_eq(hit.rule[0][RULE_BLOCK].name.len, strlen("example.com"));
	ck_assert_uint_eq(hit.rule[0][RULE_BLOCK].list, 3);
	ck_assert_int_eq(hit.rule[0][RULE_BLOCK].match, RULE_SUFFIX);
	ck_assert_int_eq(hit.rule[0][RULE_ALLOW].action, RULE_ALLOW);
	index_free(x);
}
END_TEST

START_TEST(empty)
{
	struct index *x = build(NULL, 0);
	const struct name root = { 0 };
	struct index_hit hit;

	expect(x, "example.com", 0, 0);
	ck_assert(!index_find(x, &(struct rule_query){ .name = &root }, &hit));
	ck_assert_uint_eq(index_rules(x), 0);
	ck_assert_uint_gt(index_memory(x), 0);
	index_free(x);
	index_free(NULL);
	index_builder_free(NULL);
}
END_TEST

START_TEST(builder_dropped_half_way)
{
	struct index_builder *b = index_builder_new();
	struct rule r = rule_of("example.com", RULE_EXACT, RULE_BLOCK, 1);

	ck_assert(index_builder_add(b, &r));
	index_builder_free(b);
}
END_TEST

struct seen {
	const struct index *x;
	size_t n;
	uint32_t lines[16];
};

static void note(void *ctx, const struct rule *r)
{
	struct seen *s = ctx;

	ck_assert_uint_lt(s->n, 16);
	s->lines[s->n++] = index_line(s->x, r);
}

START_TEST(each_longest_first)
{
	const struct rule rules[] = {
		rule_of("com", RULE_BELOW, RULE_BLOCK, 1),
		rule_of("example.com", RULE_BELOW, RULE_BLOCK, 2),
		rule_of("example.com", RULE_SUFFIX, RULE_ALLOW, 3),
		rule_of("example.com", RULE_SUFFIX, RULE_BLOCK, 4),
		rule_of("example.com", RULE_EXACT, RULE_BLOCK, 5),
		rule_of("a.example.com", RULE_EXACT, RULE_BLOCK, 6),
	};
	struct index *x = build(rules, 6);
	struct name n = name_of("a.example.com");
	struct seen s = { .x = x };

	index_each(x, &(struct rule_query){ .name = &n }, note, &s);
	const uint32_t want[] = { 6, 4, 3, 2, 1 };
	ck_assert_uint_eq(s.n, 5);
	ck_assert_mem_eq(s.lines, want, sizeof want);
	index_free(x);
}
END_TEST

/* More labels than anybody uses, and all of them may carry a rule. */
START_TEST(hundred_and_twenty_seven_labels)
{
	char text[NAME_MAX_TEXT];

	for (size_t i = 0; i < 253; i++)
		text[i] = i % 2 ? '.' : 'a';
	text[253] = '\0';
	const struct rule rules[] = {
		rule_of(text, RULE_EXACT, RULE_ALLOW, 1),
		rule_of("a.a", RULE_BELOW, RULE_BLOCK, 2),
	};
	struct index *x = build(rules, 2);
	expect(x, text, 2, 1);
	expect(x, text + 2, 2, 0);
	index_free(x);
}
END_TEST

/* A small alphabet makes names that share suffixes; the same sequence in every run. */
static uint32_t draw(uint32_t *state)
{
	*state = *state * 1664525U + 1013904223U;
	return *state >> 8;
}

static void random_name(uint32_t *state, char text[static 64])
{
	size_t labels = 1 + draw(state) % 5, n = 0;

	while (labels--) {
		for (uint32_t i = 1 + draw(state) % 2; i; i--)
			text[n++] = (char)('a' + draw(state) % 3);
		text[n++] = '.';
	}
	text[n - 1] = '\0';
}

static bool applies(const struct rule *r, const struct name *n)
{
	switch (r->match) {
	case RULE_EXACT:
		return name_equal(&r->name, n);
	case RULE_SUFFIX:
		return name_under(n, &r->name);
	case RULE_BELOW:
		return name_under(n, &r->name) && !name_equal(&r->name, n);
	case RULE_PATTERN:
	case RULE_REGEX:
	case RULE_NETWORK:
		break;
	}
	return false;
}

static const struct rule *slow_find(const struct rule *rules, size_t count, const struct name *n,
				    enum rule_action action)
{
	const struct rule *best = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct rule *r = &rules[i];
		if (r->action == action && applies(r, n) &&
		    (!best || r->name.len > best->name.len ||
		     (r->name.len == best->name.len && r->match < best->match)))
			best = r;
	}
	return best;
}

START_TEST(same_as_walking_all_rules)
{
	enum { COUNT = 3000 };
	struct rule *rules = calloc(COUNT, sizeof *rules);
	uint32_t state = 20260131;
	char text[64];
	size_t hits = 0;

	for (uint32_t i = 0; i < COUNT; i++) {
		random_name(&state, text);
		rules[i] = rule_of(text, (enum rule_match)(draw(&state) % 3),
				   draw(&state) % 4 ? RULE_BLOCK : RULE_ALLOW, i + 1);
	}
	struct index *x = build(rules, COUNT);
	for (int i = 0; i < 5000; i++) {
		random_name(&state, text);
		struct name n = name_of(text);
		const struct rule *block = slow_find(rules, COUNT, &n, RULE_BLOCK);
		const struct rule *allow = slow_find(rules, COUNT, &n, RULE_ALLOW);
		expect(x, text, block ? block->line : 0, allow ? allow->line : 0);
		hits += block || allow;
	}
	ck_assert_uint_gt(hits, 1000);
	ck_assert_uint_lt(index_rules(x), COUNT);
	index_free(x);
	free(rules);
}
END_TEST

START_TEST(grows)
{
	struct index_builder *b = index_builder_new();
	struct index *x = NULL;
	char text[64];

	for (uint32_t i = 0; i < 50000; i++) {
		snprintf(text, sizeof text, "n%u.ads%u.example.net", i, i % 7);
		struct rule r = rule_of(text, RULE_SUFFIX, RULE_BLOCK, i + 1);
		ck_assert(index_builder_add(b, &r));
	}
	ck_assert_int_eq(index_builder_finish(b, &x), 0);
	index_builder_free(b);
	ck_assert_uint_eq(index_rules(x), 50000);
	for (uint32_t i = 0; i < 50000; i += 97) {
		snprintf(text, sizeof text, "x.n%u.ads%u.example.net", i, i % 7);
		expect(x, text, i + 1, 0);
		snprintf(text, sizeof text, "n%u.ads%u.example.net", i, (i + 1) % 7);
		expect(x, text, 0, 0);
	}
	index_free(x);
}
END_TEST

SUITE("index/index", walks, matches, longest_wins_then_kind, first_of_duplicates, empty,
      builder_dropped_half_way, each_longest_first, hundred_and_twenty_seven_labels,
      same_as_walking_all_rules, grows)
