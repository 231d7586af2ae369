/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random lists asked for random names: the index answers as a matcher of their texts does.
 * TACET_PROPERTY=N makes N comparisons in place of a few, TACET_SEED=N other ones; for many give it
 * time with CK_TIMEOUT_MULTIPLIER=N (minutes). */
#include <stdint.h>

#include "index/index.h"
#include "classify/lists.h"
#include "rule/regex.h"
#include "reference.h"
#include "suite.h"

enum { RULES = 24, NAMES = 100, COMPARISONS = 20000 };

static uint64_t state;

static unsigned below(unsigned n)
{
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(state >> 33) % n;
}

static const char *one_of(const char *const *words, unsigned n)
{
	return words[below(n)];
}
#define ONE_OF(...)                                                                                \
	one_of((const char *const[]){ __VA_ARGS__ },                                               \
	       sizeof(const char *const[]){ __VA_ARGS__ } / sizeof(const char *))

static void make_name(char out[static REF_TEXT])
{
	char *at = out;

	for (unsigned labels = below(4); labels--;)
		at += sprintf(at, "%s.", ONE_OF("a", "ads", "ad", "s", "x1", "t-k", "log", "com"));
	sprintf(at, "%s", ONE_OF("com", "net", "ads", "tv"));
}

/* A piece of a name with stars in it, long enough to be a mask. */
static void make_piece(char out[static REF_TEXT])
{
	char name[REF_TEXT];
	size_t n, from;

	do {
		make_name(name);
		n = strlen(name);
	} while (n < 5);
	from = below(2) ? 0 : below((unsigned)n - 3);
	sprintf(out, "%s", name + from);
	if (below(2))
		return;
	n = 1 + below((unsigned)strlen(out) - 1);
	memmove(out + n + 1, out + n, strlen(out + n) + 1);
	out[n] = '*';
	/* In place of a character, or besides. */
	if (below(2) && out[n + 2])
		memmove(out + n + 1, out + n + 2, strlen(out + n + 2) + 1);
}

static void make_body(char out[static REF_TEXT])
{
	char name[REF_TEXT];

	make_name(name);
	switch (below(regex_possible() ? 8 : 7)) {
	case 0:
	case 1:
	case 2:
		sprintf(out, "||%s^", name);
		return;
	case 3:
		sprintf(out, "*.%s^", name);
		return;
	case 4:
		sprintf(out, "|%s^", name);
		return;
	case 5:
	case 6:
		make_piece(name);
		sprintf(out, "%s%s%s", ONE_OF("", "|", "||", "*"), name, ONE_OF("", "^", "*"));
		return;
	default:
		sprintf(out, "/%s/", ONE_OF("^ads?[.]", "x[0-9]+", "(log|tv)$", "a.*s[.]com$"));
	}
}

static void make_modifiers(char *out, bool allow)
{
	char name[REF_TEXT], separator = '$';

	if (!below(4)) {
		out += sprintf(out, "%cimportant", separator);
		separator = ',';
	}
	if (!below(6)) {
		out += sprintf(out, "%cdnstype=%s", separator,
			       ONE_OF("A", "AAAA", "A|HTTPS", "~A", "~A|~AAAA", "A|~AAAA"));
		separator = ',';
	}
	if (!below(6)) {
		out += sprintf(
			out, "%cclient=%s", separator,
			ONE_OF("10.0.0.7", "10.0.0.0/24", "~10.0.0.7", "tv", "~tv", "tv|10.0.1.1"));
		separator = ',';
	}
	if (!below(8)) {
		make_name(name);
		out += sprintf(out, "%cdenyallow=%s", separator, name);
		separator = ',';
	}
	if (allow && !below(8))
		sprintf(out, "%cdnsrewrite", separator);
	else if (!below(4))
		sprintf(out, "%cdnsrewrite=%s", separator,
			ONE_OF("NXDOMAIN", "REFUSED;;", "NOERROR", "NXDOMAIN;;", "0.0.0.0",
			       "192.0.2.1", "NOERROR;A;192.0.2.1", "192.0.2.2", "other.test"));
}

/* all: those made before, which some rules take out again. */
static void make_rule(char (*all)[REF_TEXT], unsigned count)
{
	char *out = all[count], name[REF_TEXT];
	char other[REF_TEXT] = "";

	if (count)
		strcpy(other, all[below(count)]);

	if (!below(5) && strstr(other, "||") && strchr(other, '^') && !strpbrk(other, "*/") &&
	    !strstr(other, "badfilter")) {
		sprintf(out, "%s%cbadfilter", other, strchr(other, '$') ? ',' : '$');
		return;
	}
	if (!below(4)) {
		make_name(name);
		sprintf(out, "%s%s", ONE_OF("", "0.0.0.0 "), name);
		return;
	}
	strcpy(out, below(3) ? "" : "@@");
	make_body(out + strlen(out));
	make_modifiers(out + strlen(out), *out == '@');
}

static void add(void *ctx, const struct rule *r)
{
	ck_assert(index_builder_add(ctx, r));
}

static void compare(const struct index *x, const struct ref_rule *rules, char (*texts)[REF_TEXT])
{
	static const uint8_t clients[][4] = { { 10, 0, 0, 7 }, { 10, 0, 0, 8 }, { 10, 0, 1, 1 } };
	static const char *const client_texts[] = { "10.0.0.7", "10.0.0.8", "10.0.1.1", NULL };
	static const char *const types[] = { "A", "AAAA", "HTTPS", NULL };
	static const uint16_t numbers[] = { 1, 28, 65, 0 };
	unsigned client = below(4), type = below(4);
	struct addr address = addr_v4(clients[client % 3]);
	struct ref_query asked = { .type = types[type],
				   .client = client_texts[client],
				   .client_name = below(2) ? "tv" : NULL };
	char text[REF_TEXT], all[RULES * (REF_TEXT + 1) + 1] = "";
	struct index_hit hit;
	struct name name;

	make_name(text);
	asked.name = text;
	ck_assert(name_from_text(text, strlen(text), &name));
	struct rule_query q = { .name = &name,
				.qtype = numbers[type],
				.client = asked.client ? &address : NULL,
				.client_name = asked.client_name };
	struct ref_answer want = ref_ask(rules, RULES, &asked);
	bool found = index_find(x, &q, &hit);
	const struct rule *r = found ? index_hit_winner(&hit) : NULL;
	if (found == want.found && (!r || ((r->action == RULE_ALLOW) == want.allow &&
					   (r->rewrite == RULE_REWRITES) == want.rewrites &&
					   (want.rewrites || r->important == want.important) &&
					   rule_length(r) == want.longest)))
		return;
	for (unsigned i = 0; i < RULES; i++)
		sprintf(all + strlen(all), "%s\n", texts[i]);
	ck_abort_msg("%s, type %s, client %s %s: %s%s of length %zu, not %s of length %zu, by\n%s",
		     text, asked.type ? asked.type : "-", asked.client ? asked.client : "-",
		     asked.client_name ? asked.client_name : "-",
		     r && r->important ? "important " : "",
		     !r			       ? "none"
		     : r->action == RULE_ALLOW ? "allow"
					       : "block",
		     r ? rule_length(r) : 0,
		     !want.found  ? "none"
		     : want.allow ? "allow"
				  : "block",
		     want.longest, all);
}

START_TEST(as_the_texts_say)
{
	static char texts[RULES][REF_TEXT];
	static struct ref_rule rules[RULES];
	const char *count = getenv("TACET_PROPERTY"), *seed = getenv("TACET_SEED");
	unsigned long left = count ? strtoul(count, NULL, 10) : COMPARISONS;

	state = seed ? strtoull(seed, NULL, 10) : 1;
	for (; left; left -= left < NAMES ? left : NAMES) {
		struct index_builder *b = index_builder_new();
		struct index *x = NULL;
		ck_assert_ptr_nonnull(b);
		for (unsigned i = 0; i < RULES; i++) {
			make_rule(texts, i);
			ref_parse(texts[i], &rules[i]);
			ck_assert_msg(list_parse_line(texts[i], strlen(texts[i]), LIST_ADBLOCK, add,
						      b) == -1,
				      "no rule: %s", texts[i]);
		}
		ck_assert_int_eq(index_builder_finish(b, &x), 0);
		index_builder_free(b);
		for (unsigned i = 0; i < NAMES && i < left; i++)
			compare(x, rules, texts);
		index_free(x);
	}
}
END_TEST

SUITE("classify/property", as_the_texts_say)
