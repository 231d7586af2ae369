/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a watch as records. */
#include "view/record.h"

#include <stdlib.h>
#include <string.h>

#include "tacet.h"

static const char *const verdicts[] = { NULL, "allow", "log", "block" };

const char *view_verdict_name(enum record_verdict v)
{
	return verdicts[v];
}

enum record_verdict view_verdict_parse(const char *text)
{
	for (int v = RECORD_ALLOW; v <= RECORD_BLOCK; v++)
		if (!strcmp(text, verdicts[v]))
			return (enum record_verdict)v;
	return RECORD_NO_VERDICT;
}

#define TEXT(field, key) tacet_field(line, key, out->field, sizeof(out->field))

static uint64_t number(const char *line, const char *key)
{
	char digits[24];

	return tacet_field(line, key, digits, sizeof(digits)) > 0 ? strtoull(digits, NULL, 10) : 0;
}

static void parse_flow(const char *line, struct view_record *out)
{
	char state[8];

	out->id = number(line, "id");
	out->is_open = tacet_field(line, "state", state, sizeof(state)) > 0;
	out->bytes_out = number(line, "bytes_out");
	out->bytes_in = number(line, "bytes_in");
	if (TEXT(name, "name") <= 0)
		TEXT(name, "dst");
	if (!*out->device)
		TEXT(device, "src");
}

bool view_record_parse(const char *line, struct view_record *out)
{
	char type[16] = "", verdict[16] = "";

	*out = (struct view_record){ .type = RECORD_OTHER };
	if (tacet_field(line, "type", type, sizeof(type)) < 0)
		return false;
	if (!strcmp(type, "flow"))
		out->type = RECORD_FLOW;
	else if (!strcmp(type, "dns"))
		out->type = RECORD_DNS;
	else
		return true;
	tacet_field(line, "verdict", verdict, sizeof(verdict));
	out->verdict = view_verdict_parse(verdict);
	if (TEXT(device, "device") <= 0)
		TEXT(device, "hostname");
	TEXT(app, "app");
	TEXT(role, "role");
	TEXT(how, "how");
	TEXT(list, "list");
	TEXT(rule, "rule");
	if (out->type == RECORD_FLOW) {
		parse_flow(line, out);
		return true;
	}
	out->repeats = (uint32_t)number(line, "repeats");
	TEXT(name, "qname");
	if (!*out->device)
		TEXT(device, "client");
	return true;
}
