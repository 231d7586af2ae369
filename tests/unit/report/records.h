/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records to report on, and a second opinion on the JSON that comes out. */
#ifndef TESTS_REPORT_RECORDS_H
#define TESTS_REPORT_RECORDS_H

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/report.h"

static inline struct name name_of(const char *text)
{
	struct name n = { 0 };

	n.len = (uint8_t)strlen(text);
	memcpy(n.text, text, n.len + 1u);
	return n;
}

static inline struct addr addr_of(const char *text)
{
	struct addr a = { 0 };

	ck_assert_msg(addr_parse(text, &a), "%s", text);
	return a;
}

static inline struct mac mac_of(const char *text)
{
	struct mac m = { { 0 } };

	ck_assert_msg(mac_parse(text, &m), "%s", text);
	return m;
}

/* A TLS flow to one of Netflix's own collectors, reset by the list "streaming". */
static inline struct flow_record blocked_flow(void)
{
	struct flow_record r = {
		.id = 42,
		.proto = 6,
		.src = addr_of("192.168.1.20"),
		.dst = addr_of("198.51.100.7"),
		.sport = 51234,
		.dport = 443,
		.mac = mac_of("02:00:5e:10:00:01"),
		.device = "tv",
		.name = name_of("logs.netflix.com"),
		.via = VIA_TLS,
		.verdict = { .kind = VERDICT_BLOCK,
			     .how = HOW_RESET,
			     .reason = REASON_LIST_BLOCK,
			     .role = ROLE_TELEMETRY,
			     .app = "netflix",
			     .list = "streaming",
			     .has_rule = true,
			     .rule = { .name = name_of("logs.netflix.com"),
				       .action = RULE_BLOCK,
				       .match = RULE_SUFFIX } },
		.reached = true,
		.first_ns = INT64_C(1769890500123456789),
		.last_ns = INT64_C(1769890501000000000),
		.packets_out = 5,
		.bytes_out = 2301,
		.packets_in = 4,
		.bytes_in = 5210,
	};
	return r;
}

/* One row of an audit, by hand. */
static inline struct flow_record flow_to(const char *device, const char *app, const char *name,
					 enum role role, enum verdict_kind kind)
{
	struct flow_record r = blocked_flow();

	r.device = device;
	r.name = name_of(name);
	r.verdict = (struct verdict){ .kind = kind,
				      .how = kind == VERDICT_ALLOW ? HOW_NONE : HOW_RESET,
				      .role = role,
				      .app = app,
				      .list = kind == VERDICT_ALLOW ? NULL : "streaming" };
	return r;
}

static inline json_t *parsed(const struct text *t)
{
	json_error_t why;
	json_t *root;

	ck_assert(!t->failed);
	root = json_loadb(t->at, t->len, JSON_REJECT_DUPLICATES, &why);
	ck_assert_msg(root != NULL, "%s: %s", why.text, t->at);
	return root;
}

/* The number at a path of members, joined by '/'. */
static inline long long number_at(json_t *root, const char *path)
{
	char copy[128], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *key = strtok_r(copy, "/", &save); key; key = strtok_r(NULL, "/", &save))
		root = json_object_get(root, key);
	ck_assert_msg(json_is_integer(root), "no number at %s", path);
	return json_integer_value(root);
}

#endif
