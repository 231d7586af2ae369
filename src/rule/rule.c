/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical text of a rule: what records and `explain` show. */
#include "rule/rule.h"

#include <stdio.h>
#include <string.h>

size_t rule_length(const struct rule *r)
{
	size_t n = 0;

	switch (r->match) {
	case RULE_EXACT:
	case RULE_SUFFIX:
	case RULE_BELOW:
		return r->name.len;
	case RULE_PATTERN:
	case RULE_REGEX:
		for (const char *c = r->text; *c; c++)
			n += (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' ||
			     *c == '_' || *c == '.';
		return n;
	case RULE_NETWORK:
		return r->net.bits;
	}
	return 0;
}

/* Would the bare name be read as a mask? */
static bool is_mask(const struct rule *r)
{
	const char *text = r->name.text;

	return strchr(text, '_') || strstr(text, "-.") || strstr(text, ".-") || text[0] == '-' ||
	       text[r->name.len - 1] == '-' || name_is_address(text);
}

/* The part between "@@" and "$". */
static void format_body(const struct rule *r, char buf[static RULE_TEXT_MAX], size_t max)
{
	char address[ADDR_TEXT_MAX];

	switch (r->match) {
	case RULE_EXACT:
		/* A bare name is a block; AdGuard's syntax has no bare allow, and modifiers need
		 * the other form as well. */
		if (r->action == RULE_ALLOW || r->important || rule_is_limited(r) || is_mask(r))
			snprintf(buf, max, "|%s^", r->name.text);
		else
			snprintf(buf, max, "%s", r->name.text);
		return;
	case RULE_SUFFIX:
		snprintf(buf, max, "||%s^", r->name.text);
		return;
	case RULE_BELOW:
		snprintf(buf, max, "*.%s^", r->name.text);
		return;
	case RULE_PATTERN:
		/* Without a mark it would be read as a domain. */
		if (!strcmp(r->text, "*"))
			snprintf(buf, max, "||*^");
		else if (!strpbrk(r->text, "*|^"))
			snprintf(buf, max, "*%.*s*", RULE_STRING_MAX, r->text);
		/* As short it would be too wide to be read. */
		else if (strlen(r->text) < 3)
			snprintf(buf, max, r->text[0] == '|' ? "%s*" : "*%s", r->text);
		else
			snprintf(buf, max, "%.*s", RULE_STRING_MAX, r->text);
		return;
	case RULE_REGEX:
		snprintf(buf, max, "/%.*s/", RULE_STRING_MAX, r->text);
		return;
	case RULE_NETWORK:
		addr_format(&r->net.base, address);
		/* With modifiers it is of a mask, and no other line has them. */
		if (r->important || rule_is_limited(r))
			snprintf(buf, max, "||%s^", address);
		else if (r->net.bits == (r->net.base.family == 4 ? 32 : 128))
			snprintf(buf, max, "%s", address);
		else
			snprintf(buf, max, "%s/%u", address, r->net.bits);
		return;
	}
}

const char *rule_format(const struct rule *r, char buf[static RULE_TEXT_MAX])
{
	bool important = r->important;
	size_t n = 0;

	buf[0] = '\0';
	if (r->action == RULE_ALLOW && r->rewrite != RULE_REWRITES)
		n = (size_t)snprintf(buf, RULE_TEXT_MAX, "@@");
	format_body(r, buf + n, RULE_TEXT_MAX - n);
	n = strlen(buf);
	if (important || rule_is_limited(r))
		snprintf(buf + n, RULE_TEXT_MAX - n, "$%s%s%.*s", important ? "important" : "",
			 important && rule_is_limited(r) ? "," : "", RULE_STRING_MAX,
			 rule_is_limited(r) ? r->modifiers : "");
	return buf;
}
