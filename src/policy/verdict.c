/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for verdicts: stable, they stand in records and in tacet.conf. */
#include <string.h>

#include "policy/policy.h"

const char *verdict_kind_name(enum verdict_kind k)
{
	switch (k) {
	case VERDICT_ALLOW:
		return "allow";
	case VERDICT_LOG:
		return "log";
	case VERDICT_BLOCK:
		return "block";
	}
	return "allow";
}

static const char *const how_names[HOWS] = {
	[HOW_NXDOMAIN] = "nxdomain", [HOW_NULL] = "null",   [HOW_NODATA] = "nodata",
	[HOW_REFUSED] = "refused",   [HOW_RESET] = "reset", [HOW_UNREACH] = "unreach",
	[HOW_STALL] = "stall",	     [HOW_DROP] = "drop",   [HOW_REWRITE] = "rewrite",
};

const char *verdict_how_name(enum verdict_how h)
{
	return h < HOWS ? how_names[h] : NULL;
}

bool verdict_how_parse(const char *text, enum verdict_how *out)
{
	for (int h = HOW_NONE + 1; h < HOWS; h++)
		if (h != HOW_REWRITE && !strcmp(text, how_names[h])) {
			*out = (enum verdict_how)h;
			return true;
		}
	return false;
}

static const char *const reason_names[REASONS] = {
	[REASON_NO_RULE] = "no_rule",
	[REASON_USER_ALLOW] = "user_allow",
	[REASON_USER_BLOCK] = "user_block",
	[REASON_ESSENTIAL] = "essential",
	[REASON_LIST_ALLOW] = "list_allow",
	[REASON_LIST_BLOCK] = "list_block",
	[REASON_PAUSED] = "paused",
	[REASON_MONITOR] = "monitor",
	[REASON_LOG_LIST] = "log_list",
	[REASON_SECTION_ALLOW] = "section_allow",
	[REASON_SECTION_BLOCK] = "section_block",
	[REASON_SECTION_LOG] = "section_log",
	[REASON_DEVICE_ALLOW] = "device_allow",
};

const char *verdict_reason_name(enum verdict_reason r)
{
	return r < REASONS ? reason_names[r] : "no_rule";
}
