/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Masks and expressions: what they cannot match without, and that a look-up by it finds what
 * trying each of them finds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/grams.h"
#include "index/index.h"
#include "rule/literals.h"
#include "rule/pattern.h"
#include "rule/regex.h"
#include "suite.h"

static void add_run(void *ctx, const char *run, size_t n)
{
	char *said = ctx;

	snprintf(said + strlen(said), 256 - strlen(said), "%.*s ", (int)n, run);
}

START_TEST(what_a_mask_needs)
{
	static const char *const rows[][2] = {
		{ "||ichnaea*.netflix.com^", ".ichnaea .netflix.com. " },
		{ "|ads*", ".ads " },
		{ "ads", "ads " },
		{ "ads^", "ads. " },
		{ "a*b*c", "a b c " },
		{ "*", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char said[256] = "";
		literals_of_mask(rows[i][0], add_run, said);
		ck_assert_str_eq(said, rows[i][1]);
	}
}
END_TEST

START_TEST(what_an_expression_needs)
{
	static const char *const rows[][2] = {
		{ "^mads\\.", ".mads. " },
		{ "^Analytics?[_.-]", ".analytic " },
		{ "(^|\\.)giraffic\\.com$", "giraffic.com " },
		{ "^api\\..*\\.hismarttv\\.com$", ".api. .hismarttv.com " },
		{ "ab+c", "ab c " },
		{ "ab{0,2}c", "a c " },
		{ "ab\\.?c", "ab c " },
		{ "a[]x]b[^a[:space:]-]c", "a b c " },
		{ "a(?:xyz)?b", "a b " },
		{ "a((b)|(c))*d", "a d " },
		{ "^?abc", "abc " },
		{ "ab\\dc", "ab c " },
		/* what changes how the rest is read, or may be absent altogether */
		{ "abc|def", "" },
		{ "(?i)abc", "" },
		{ "(?x)abc # def", "" },
		{ "(?!abc)def", "" },
		{ "abc\\Qd.e\\E", "" },
		{ "abc\\x41", "" },
		{ "abc(*ACCEPT)def", "" },
		{ "a[[.x.]]bcd", "" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char said[256] = "";
		literals_of_regex(rows[i][0], add_run, said);
		ck_assert_msg(!strcmp(said, rows[i][1]), "%s: %s", rows[i][0], said);
	}
}
END_TEST

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

/* Text of few letters, so that texts and names meet often. */
static void random_text(char *out, size_t max, const char *const *parts, unsigned count)
{
	*out = '\0';
	for (unsigned n = 1 + below(6); n--;) {
		const char *part = parts[below(count)];
		if (strlen(out) + strlen(part) < max)
			strcat(out, part);
	}
}

static void random_mask(char *out)
{
	static const char *const parts[] = { "a", "ab", "ba", ".", "ab.ba", "*", "abba" };
	char body[64], *from = body, *to = out;

	random_text(body, sizeof body, parts, 7);
	to += sprintf(to, "%s", below(3) ? below(2) ? "||" : "|" : "");
	for (; *from; from++)
		if (*from != '*' || (from != body && from[1] && from[1] != '*'))
			*to++ = *from;
	strcpy(to, below(2) ? "^" : "");
	if (to == out)
		strcpy(out, "*");
}

static void random_regex(char *out)
{
	static const char *const parts[] = { "a",      "abb", "\\.", "b?", "[ab]", "(ab|b)",
					     "(a.*)?", "b+",  "^",   "$",  "|",	   "a{2,}",
					     "\\w",    ".",   "(?:", ")",  "A",	   "abab" };
	random_text(out, 64, parts, 18);
}

static void random_rule(struct rule *r, char *text, uint32_t line)
{
	*r = (struct rule){ .action = below(4) ? RULE_BLOCK : RULE_ALLOW,
			    .important = !below(4),
			    .match = RULE_SUFFIX,
			    .line = line };
	switch (regex_possible() ? below(5) : below(3)) {
	case 0:
		ck_assert(name_from_text(below(2) ? "ab" : "ba", 2, &r->name));
		break;
	case 1:
	case 2:
		random_mask(text);
		r->match = RULE_PATTERN;
		r->text = text;
		break;
	default:
		random_regex(text);
		struct regex *re = regex_new(text);
		if (!re)
			strcpy(text, "ab");
		regex_free(re);
		r->match = RULE_REGEX;
		r->text = text;
	}
}

/* Rules as they were added, to be tried one by one. */
struct world {
	struct rule rules[64];
	char texts[64][80];
	struct regex *regexes[64];
	size_t count;
	struct regex_room *room;
	struct index *index;
};

static void world_make(struct world *w)
{
	struct index_builder *b = index_builder_new();

	w->count = 1 + below(60);
	for (size_t i = 0; i < w->count; i++) {
		random_rule(&w->rules[i], w->texts[i], (uint32_t)i + 1);
		w->regexes[i] = w->rules[i].match == RULE_REGEX ? regex_new(w->texts[i]) : NULL;
		ck_assert(index_builder_add(b, &w->rules[i]));
	}
	ck_assert_int_eq(index_builder_finish(b, &w->index), 0);
	index_builder_free(b);
}

static void world_done(struct world *w)
{
	for (size_t i = 0; i < w->count; i++)
		regex_free(w->regexes[i]);
	index_free(w->index);
}

static bool tried(struct world *w, size_t i, const struct name *n)
{
	const struct rule *r = &w->rules[i];

	if (r->match == RULE_PATTERN)
		return pattern_match(r->text, n);
	if (r->match == RULE_REGEX)
		return regex_match(w->regexes[i], w->room, n);
	return n->len >= r->name.len && !strcmp(n->text + n->len - r->name.len, r->name.text) &&
	       (n->len == r->name.len || n->text[n->len - r->name.len - 1] == '.');
}

static void take(void *ctx, const struct rule *r)
{
	index_hit_add(ctx, r);
}

static void same_rule(const char *name, const struct rule *a, const struct rule *b)
{
	char x[RULE_TEXT_MAX], y[RULE_TEXT_MAX];

	ck_assert_msg(!a == !b, "%s: only one found", name);
	if (a)
		ck_assert_msg(a->action == b->action && a->important == b->important &&
				      a->match == b->match && rule_length(a) == rule_length(b),
			      "%s: %s, not %s", name, rule_format(a, x), rule_format(b, y));
}

static void ask(struct world *w, unsigned *found)
{
	static const char *const parts[] = { "a", "b", "ab", "ba", ".", "abba", "ab.ba", "bbb" };
	struct index_hit quick, each = { .found = { { false } } }, slow = each;
	const struct rule *winner;
	struct rule_query q;
	struct name name;
	char text[64];

	random_text(text, sizeof text, parts, 8);
	if (!name_from_text(text, strlen(text), &name))
		return;
	q = (struct rule_query){ .name = &name };
	*found += index_find(w->index, &q, &quick);
	index_each(w->index, &q, take, &each);
	for (size_t i = 0; i < w->count; i++)
		if (tried(w, i, &name))
			index_hit_add(&slow, &w->rules[i]);
	winner = index_hit_winner(&slow);
	same_rule(text, index_hit_winner(&quick), winner);
	for (int a = 0; a < RULE_ACTIONS; a++)
		same_rule(text, index_hit_longest(&each, (enum rule_action)a),
			  index_hit_longest(&slow, (enum rule_action)a));
	if (winner && winner->action == RULE_BLOCK)
		same_rule(text, index_hit_longest(&quick, RULE_BLOCK),
			  index_hit_longest(&slow, RULE_BLOCK));
}

START_TEST(same_as_trying_each)
{
	struct world w = { .room = regex_room_new() };
	unsigned found = 0;

	srandom(4);
	for (unsigned round = 0; round < 300; round++) {
		world_make(&w);
		for (unsigned i = 0; i < 300; i++)
			ask(&w, &found);
		world_done(&w);
	}
	regex_room_free(w.room);
	ck_assert_uint_gt(found, 10000);
}
END_TEST

/* Whatever the section says, the walk stays inside and ends. */
START_TEST(damage_is_not_followed)
{
	uint8_t bytes[200];
	struct grams_walk w;
	struct name name;
	uint32_t number;

	srandom(5);
	ck_assert(name_from_text("logs.netflix.com", 16, &name));
	for (unsigned round = 0; round < 20000; round++) {
		size_t n = 4 * below(sizeof bytes / 4 + 1), steps = 0;
		uint8_t *copy = malloc(n + 1);
		for (size_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(below(3) ? below(8) : random());
		if (n >= 4 && below(8))
			put_le(bytes, 4, 4);
		memcpy(copy, bytes, n);
		if (grams_check((struct bytes){ copy, n })) {
			grams_begin(&w, (struct bytes){ copy, n }, &name);
			while (grams_next(&w, &number))
				ck_assert_uint_lt(steps++, 1000);
		}
		free(copy);
	}
}
END_TEST

SUITE("classify/grams", what_a_mask_needs, what_an_expression_needs, same_as_trying_each,
      damage_is_not_followed)
