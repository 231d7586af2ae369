/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a resolver's configuration: dnsmasq, unbound; and of v2fly's domain lists. */
#include <string.h>

#include "classify/list_line.h"

static bool to_nowhere(struct span s)
{
	struct addr a;

	return line_address(s, &a) && line_is_nowhere(&a);
}

/* address=/name/name/ANSWER: no answer, '#' and null addresses block the names and all below;
 * server=, local=: no server means that nobody is asked. */
int line_dnsmasq(struct span s, const struct sink *to)
{
	bool address = span_strip(&s, "address=/");
	bool some = false, blocks;
	struct span answer;
	int why = LIST_SKIP_BAD_NAME;

	if (!address && !span_strip(&s, "server=/") && !span_strip(&s, "local=/"))
		return NOT_MINE;
	s = span_trim(span_to(s, span_find(s, " \t#") < s.len && s.at[span_find(s, " \t#")] != '#'
					 ? span_find(s, " \t")
					 : s.len));
	size_t last = s.len;
	while (last && s.at[last - 1] != '/')
		last--;
	if (!last)
		return LIST_SKIP_UNKNOWN;
	answer = span_from(s, last);
	blocks = !answer.len || (address && (span_is(answer, "#") || to_nowhere(answer)));
	if (!blocks)
		return LIST_SKIP_REWRITE;
	s.len = last - 1;
	do {
		struct span one = span_cut(&s, '/');
		struct name n;
		span_strip(&one, ".");
		int got = line_name(one, &n);
		if (got == PARSED) {
			line_emit(to, &n, RULE_SUFFIX, RULE_BLOCK);
			some = true;
		} else if (span_is(one, "#")) {
			why = LIST_SKIP_WIDE;
		}
	} while (s.len);
	return some ? PARSED : why;
}

static struct span unquote(struct span s)
{
	s = span_trim(s);
	if (s.len > 1 && (s.at[0] == '"' || s.at[0] == '\'') && s.at[s.len - 1] == s.at[0])
		return span_trim((struct span){ s.at + 1, s.len - 2 });
	return s;
}

/* Types of local zones that answer that there is nothing, for the name and all below. */
static bool zone_blocks(struct span type)
{
	static const char *const types[] = {
		"always_null", "always_nxdomain", "always_refuse", "always_nodata", "always_deny",
		"static",      "refuse",	  "deny",	   "inform_deny"
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (span_is_word(type, types[i]))
			return true;
	}
	return false;
}

/* The address of "A 0.0.0.0", behind TTL and class. */
static bool data_blocks(struct span s)
{
	while (s.len) {
		struct span word = span_word(&s);
		if (span_is_word(word, "a") || span_is_word(word, "aaaa"))
			return to_nowhere(span_word(&s));
	}
	return false;
}

int line_unbound(struct span s, const struct sink *to)
{
	struct name n;
	int got;

	if (span_is(s, "server:"))
		return LIST_SKIP_BLANK;
	if (span_strip(&s, "local-zone:")) {
		struct span name = span_word(&s);
		s = span_to(s, span_find(s, "#"));
		got = line_name(unquote(name), &n);
		/* What a zone of the type redirect answers is said by its local-data. */
		if (got == PARSED && !zone_blocks(unquote(s)))
			return span_is_word(unquote(s), "redirect") ? LIST_SKIP_BLANK
								    : LIST_SKIP_REWRITE;
		if (got == PARSED)
			line_emit(to, &n, RULE_SUFFIX, RULE_BLOCK);
		return got;
	}
	if (!span_strip(&s, "local-data:"))
		return span_starts(s, "local-data-ptr:") ? LIST_SKIP_REWRITE : NOT_MINE;
	s = unquote(s);
	got = line_name(span_word(&s), &n);
	if (got != PARSED)
		return got;
	if (!data_blocks(s))
		return LIST_SKIP_REWRITE;
	line_emit(to, &n, RULE_EXACT, RULE_BLOCK);
	return PARSED;
}

static int v2fly_keyword(struct span s, const struct sink *to)
{
	struct rule r = { .match = RULE_PATTERN, .action = RULE_BLOCK };
	char text[NAME_MAX_TEXT];

	if (s.len < 3 || s.len >= sizeof text)
		return s.len < 3 ? LIST_SKIP_WIDE : LIST_SKIP_LONG;
	for (size_t i = 0; i < s.len; i++) {
		text[i] = ascii_lower(s.at[i]);
		if (!is_name_byte(text[i]))
			return LIST_SKIP_BAD_NAME;
	}
	text[s.len] = '\0';
	r.text = text;
	to->each(to->ctx, &r);
	return PARSED;
}

int line_v2fly(struct span s, const struct sink *to)
{
	enum rule_match match = RULE_SUFFIX;
	struct name n;
	int got;

	if (span_starts(s, "include:"))
		return LIST_SKIP_INCLUDE;
	if (span_strip(&s, "regexp:"))
		return line_regex(span_word(&s), RULE_BLOCK, to);
	if (span_strip(&s, "keyword:"))
		return v2fly_keyword(span_word(&s), to);
	if (span_strip(&s, "full:"))
		match = RULE_EXACT;
	else if (!span_strip(&s, "domain:"))
		return NOT_MINE;
	s.len = span_find(s, "#");
	got = line_name(span_word(&s), &n);
	if (got == PARSED)
		line_emit(to, &n, match, RULE_BLOCK);
	return got;
}
