/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical text of a rule: what records and `explain` show. */
#include "classify/rule.h"

#include <stdio.h>

const char *rule_format(const struct rule *r, char buf[static RULE_TEXT_MAX])
{
	const char *before = "", *after = "";

	switch (r->match) {
	case RULE_EXACT:
		/* A bare name is a block; AdGuard's syntax has no bare allow. */
		if (r->action == RULE_ALLOW) {
			before = "|";
			after = "^";
		}
		break;
	case RULE_SUFFIX:
		before = "||";
		after = "^";
		break;
	case RULE_BELOW:
		before = "*.";
		break;
	}
	snprintf(buf, RULE_TEXT_MAX, "%s%s%s%s", r->action == RULE_ALLOW ? "@@" : "", before,
		 r->name.text, after);
	return buf;
}
