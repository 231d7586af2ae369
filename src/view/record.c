/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of a watch as records. */
#include "view/record.h"

#include <stdio.h>
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

#define WANT(name, field)                                                                          \
	{                                                                                          \
		name, field, sizeof(field), 0                                                      \
	}

static uint64_t number(const char *digits)
{
	return *digits ? strtoull(digits, NULL, 10) : 0;
}

/* What stands in where the record does not say. */
static void fall_back(char *to, size_t n, const char *on)
{
	if (!*to)
		snprintf(to, n, "%s", on);
}

static enum record_type type_of(const char *word)
{
	return !strcmp(word, "flow")   ? RECORD_FLOW
	       : !strcmp(word, "dns")  ? RECORD_DNS
	       : !strcmp(word, "lost") ? RECORD_LOST
				       : RECORD_OTHER;
}

bool view_record_parse(const char *line, struct view_record *out)
{
	char type[16], verdict[16], state[8], id[24], up[24], down[24], repeats[24], count[24];
	char hostname[64], src[64], client[64], name[256], qname[256], dst[64];
	struct tacet_want wants[] = {
		WANT("type", type),
		WANT("verdict", verdict),
		WANT("state", state),
		WANT("id", id),
		WANT("bytes_out", up),
		WANT("bytes_in", down),
		WANT("repeats", repeats),
		WANT("count", count),
		WANT("device", out->device),
		WANT("hostname", hostname),
		WANT("src", src),
		WANT("client", client),
		WANT("app", out->app),
		WANT("role", out->role),
		WANT("how", out->how),
		WANT("list", out->list),
		WANT("rule", out->rule),
		WANT("name", name),
		WANT("qname", qname),
		WANT("dst", dst),
	};

	*out = (struct view_record){ .type = RECORD_OTHER };
	if (tacet_fields(line, wants, sizeof(wants) / sizeof(*wants)) || wants[0].len < 0)
		return false;
	out->type = type_of(type);
	out->verdict = view_verdict_parse(verdict);
	out->repeats = (uint32_t)number(out->type == RECORD_LOST ? count : repeats);
	out->id = number(id);
	out->is_open = *state;
	out->bytes_out = number(up);
	out->bytes_in = number(down);
	fall_back(out->device, sizeof(out->device), hostname);
	fall_back(out->device, sizeof(out->device), out->type == RECORD_FLOW ? src : client);
	fall_back(out->name, sizeof(out->name), out->type == RECORD_FLOW ? name : qname);
	fall_back(out->name, sizeof(out->name), out->type == RECORD_FLOW ? dst : "");
	return true;
}
