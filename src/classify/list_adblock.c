/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of AdGuard's DNS filtering syntax: [@@] mask or /expression/ [$modifiers]. */
#include <stdio.h>
#include <string.h>

#include "classify/idn.h"
#include "classify/list_line.h"
#include "rule/modifiers.h"
#include "rule/regex.h"

enum { MASK_MAX = IDN_TEXT_MAX, TOO_SHORT = 3 };

/* A rule while it is put together. */
struct draft {
	struct rule rule;
	struct modifiers modifiers;
	char text[RULE_STRING_MAX];
};

/* What a mask says, taken apart. */
struct mask {
	unsigned bars; /* 2: "||", 1: "|", 0: may begin anywhere */
	bool ended;    /* "^" or "|" at the end */
	struct span body;
};

/* Behind "^" there is nothing left of a name: only what can be empty may follow. */
static bool take_apart(struct span s, struct mask *out)
{
	size_t caret;

	*out = (struct mask){ .bars = 0 };
	while (out->bars < 2 && span_strip(&s, "|"))
		out->bars++;
	caret = span_find(s, "^");
	if (caret < s.len) {
		for (size_t i = caret; i < s.len; i++) {
			if (!strchr("^|*", s.at[i]))
				return false;
		}
		out->ended = true;
		s.len = caret;
	} else {
		out->ended = span_strip_end(&s, '|');
	}
	for (; s.len && s.at[0] == '*'; out->bars = 0) {
		s = span_from(s, 1);
		out->ended = out->ended && s.len;
	}
	while (span_strip_end(&s, '*'))
		out->ended = false;
	out->body = s;
	return true;
}

/* The body in lower case with single stars; false if no host name can look like that. */
static bool clean_body(const struct mask *m, char out[static MASK_MAX])
{
	size_t used = 0;

	if (idn_has(m->body.at, m->body.len)) {
		if (!idn_to_ascii(m->body.at, m->body.len, out))
			return false;
		used = strlen(out);
	} else {
		if (m->body.len >= MASK_MAX)
			return false;
		memcpy(out, m->body.at, m->body.len);
		used = m->body.len;
	}
	size_t kept = 0;
	for (size_t i = 0; i < used; i++) {
		char c = ascii_lower(out[i]);
		if (c == '*' && kept && out[kept - 1] == '*')
			continue;
		if (c != '*' && !is_name_byte(c))
			return false;
		out[kept++] = c;
	}
	out[kept] = '\0';
	return true;
}

/* The rule that a whole name with both its ends given amounts to. */
static bool as_name(const struct mask *m, const char *body, struct rule *r)
{
	bool below = !m->bars && body[0] == '.';

	if (!m->ended || (!m->bars && !below) || strchr(body, '*') ||
	    body[strlen(body) - 1] == '.' ||
	    !name_from_text(body + below, strlen(body + below), &r->name))
		return false;
	r->match = below ? RULE_BELOW : m->bars == 2 ? RULE_SUFFIX : RULE_EXACT;
	return true;
}

static void as_address(const char *body, struct rule *r, const struct sink *to)
{
	struct rule net = *r;

	if (!addr_parse(body, &net.net.base))
		return;
	net.match = RULE_NETWORK;
	net.name.len = 0;
	net.text = NULL;
	net.net.bits = net.net.base.family == 4 ? 32 : 128;
	to->each(to->ctx, &net);
}

static int parse_mask(struct span s, struct draft *d, const struct sink *to)
{
	char body[MASK_MAX];
	struct mask m;
	int n;

	if (s.len < TOO_SHORT && !d->modifiers.limited)
		return LIST_SKIP_WIDE;
	if (!take_apart(s, &m))
		return LIST_SKIP_PATTERN;
	if (!clean_body(&m, body))
		return idn_has(s.at, s.len) ? LIST_SKIP_BAD_NAME : LIST_SKIP_PATTERN;
	/* "^" alone and "||^" match nothing: a name is not empty. */
	if (!m.body.len && m.ended)
		return LIST_SKIP_PATTERN;
	if (!*body || !as_name(&m, body, &d->rule)) {
		if (!*body)
			n = snprintf(d->text, sizeof d->text, "*");
		else
			n = snprintf(d->text, sizeof d->text, "%.*s%s%s", (int)m.bars, "||", body,
				     m.ended ? "^" : "");
		d->rule.match = RULE_PATTERN;
		d->rule.text = d->text;
		if (n < 0 || (size_t)n + d->modifiers.len >= RULE_STRING_MAX)
			return LIST_SKIP_LONG;
	}
	to->each(to->ctx, &d->rule);
	as_address(body, &d->rule, to);
	return PARSED;
}

static int modifiers_skip(enum modifiers_result got)
{
	switch (got) {
	case MODIFIERS_GOOD:
		break;
	case MODIFIERS_UNKNOWN:
		return LIST_SKIP_MODIFIER;
	case MODIFIERS_VALUE:
		return LIST_SKIP_VALUE;
	case MODIFIERS_TAG:
		return LIST_SKIP_TAG;
	case MODIFIERS_LONG:
		return LIST_SKIP_LONG;
	}
	return PARSED;
}

/* "@@...$dnsrewrite" without a value is an exception to all of them; such a rule says nothing. */
static int take_modifiers(struct draft *d)
{
	struct rule *r = &d->rule;

	r->important = d->modifiers.important;
	r->badfilter = d->modifiers.badfilter;
	r->modifiers = d->modifiers.len ? d->modifiers.text : NULL;
	if (!d->modifiers.rewrites)
		return PARSED;
	if (r->action == RULE_ALLOW) {
		r->rewrite = RULE_EXCEPTS;
		return PARSED;
	}
	r->rewrite = RULE_REWRITES;
	r->action = rewrite_refuses(d->modifiers.rewrite) ? RULE_BLOCK : RULE_ALLOW;
	return d->modifiers.rewrite == REWRITE_ALL ? LIST_SKIP_VALUE : PARSED;
}

/* "/expression/" or "/expression/$modifiers": the slash that ends it, or 0. */
static size_t regex_end(struct span s)
{
	if (s.len < 3 || s.at[0] != '/')
		return 0;
	if (s.at[s.len - 1] == '/')
		return s.len - 1;
	for (size_t i = s.len - 2; i > 1; i--) {
		if (s.at[i] == '/' && s.at[i + 1] == '$')
			return i;
	}
	return 0;
}

bool line_is_regex(struct span s)
{
	span_strip(&s, "@@");
	return regex_end(s);
}

static int put_regex(struct span s, struct draft *d, const struct sink *to)
{
	struct regex *re;

	if (!s.len)
		return LIST_SKIP_WIDE;
	if (s.len + d->modifiers.len >= RULE_STRING_MAX)
		return LIST_SKIP_LONG;
	if (!regex_possible() || memchr(s.at, '\0', s.len))
		return LIST_SKIP_REGEX;
	memcpy(d->text, s.at, s.len);
	d->text[s.len] = '\0';
	re = regex_new(d->text);
	regex_free(re);
	if (!re)
		return LIST_SKIP_REGEX;
	d->rule.match = RULE_REGEX;
	d->rule.text = d->text;
	to->each(to->ctx, &d->rule);
	return PARSED;
}

int line_regex(struct span s, enum rule_action action, const struct sink *to)
{
	struct draft d;

	d.rule = (struct rule){ .action = action };
	d.modifiers.len = 0;
	return put_regex(s, &d, to);
}

int line_adblock(struct span s, const struct sink *to)
{
	struct draft d;
	size_t end, dollar;

	d.rule = (struct rule){ .action = RULE_BLOCK };
	d.modifiers.len = 0;
	d.modifiers.limited = false;
	if (span_strip(&s, "@@"))
		d.rule.action = RULE_ALLOW;
	end = regex_end(s);
	dollar = end ? end + 1 : span_find(s, "$");
	if (dollar + 1 == s.len)
		return LIST_SKIP_PATTERN;
	if (dollar < s.len) {
		struct span m = span_from(s, dollar + 1);
		int why = modifiers_skip(modifiers_parse(m.at, m.len, &d.modifiers));
		if (why == PARSED)
			why = take_modifiers(&d);
		if (why != PARSED)
			return why;
	}
	if (end)
		return put_regex((struct span){ s.at + 1, end - 1 }, &d, to);
	return parse_mask(span_to(s, dollar), &d, to);
}
