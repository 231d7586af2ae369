/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Required characters of masks and expressions, found without matching anything. */
#include "rule/literals.h"

#include <stdbool.h>
#include <string.h>

#include "rule/rule.h"
#include "rule/span.h"

/* The run at hand; a mask's text with both dots fits. */
struct run {
	literal_fn *each; /* NULL: only to see whether the text is understood */
	void *ctx;
	size_t len;
	char at[RULE_STRING_MAX + 2];
};

static void run_put(struct run *r, char c)
{
	if (r->len < sizeof r->at)
		r->at[r->len++] = c;
}

static void run_end(struct run *r)
{
	if (r->len && r->each)
		r->each(r->ctx, r->at, r->len);
	r->len = 0;
}

void literals_of_mask(const char *mask, literal_fn *each, void *ctx)
{
	struct span rest = span_of(mask);
	struct run r = { .each = each, .ctx = ctx };
	bool at_end = span_strip_end(&rest, '^');

	if (span_strip(&rest, "||") || span_strip(&rest, "|"))
		run_put(&r, '.');
	for (size_t i = 0; i < rest.len; i++) {
		if (rest.at[i] == '*')
			run_end(&r);
		else
			run_put(&r, rest.at[i]);
	}
	if (at_end)
		run_put(&r, '.');
	run_end(&r);
}

static bool is_digit_or_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* An escape that is one character of some kind, or a place: "\d", "\b", "\."; not a number, a
 * property, a quote. */
static bool is_plain_escape(char c)
{
	return c && (!is_digit_or_letter(c) || strchr("dDwWsSbB", c));
}

/* Behind the class that begins at `at`; NULL if it is not plain. */
static const char *skip_class(const char *at)
{
	at++;
	if (*at == '^')
		at++;
	if (*at == ']')
		at++;
	for (; *at && *at != ']'; at++) {
		if (*at == '[' && at[1] == ':') {
			at = strstr(at, ":]");
			if (!at)
				return NULL;
			at++;
		} else if (*at == '[' || (*at == '\\' && !is_plain_escape(*++at))) {
			return NULL;
		}
	}
	return *at ? at + 1 : NULL;
}

/* What stands once, at least, is put; what follows says whether it may be absent. */
static void put_char(struct run *r, unsigned depth, char c)
{
	if (!depth)
		run_put(r, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

static void drop_last(struct run *r)
{
	if (r->len)
		r->len--;
	run_end(r);
}

/* The one special character at `at`: behind it, or NULL if it is not understood. */
static const char *scan_special(struct run *r, const char *text, const char *at, unsigned *depth)
{
	const char *end;

	switch (*at) {
	case '[':
		run_end(r);
		return skip_class(at);
	case '(':
		run_end(r);
		++*depth;
		if (at[1] == '?')
			return at[2] == ':' ? at + 3 : NULL;
		return at[1] == '*' ? NULL : at + 1;
	case ')':
		return (*depth)-- ? at + 1 : NULL;
	case '|':
		return *depth ? at + 1 : NULL;
	case '\\':
		if (!is_plain_escape(at[1]))
			return NULL;
		if (is_digit_or_letter(at[1]))
			run_end(r);
		else
			put_char(r, *depth, at[1]);
		return at + 2;
	case '{':
		drop_last(r);
		end = strchr(at, '}');
		return end ? end + 1 : at + 1;
	case '?':
	case '*':
		drop_last(r);
		return at + 1;
	case '^':
		run_end(r);
		if (at == text)
			run_put(r, '.');
		return at + 1;
	default: /* + $ . */
		run_end(r);
		return at + 1;
	}
}

static bool scan_regex(struct run *r, const char *text)
{
	const char *at = text;
	unsigned depth = 0;

	while (at && *at) {
		if (strchr("[()|\\{?*^+$.", *at))
			at = scan_special(r, text, at, &depth);
		else
			put_char(r, depth, *at++);
	}
	run_end(r);
	return at && !depth;
}

void literals_of_regex(const char *text, literal_fn *each, void *ctx)
{
	struct run r = { .each = NULL };

	if (!scan_regex(&r, text))
		return;
	r.each = each;
	r.ctx = ctx;
	scan_regex(&r, text);
}
