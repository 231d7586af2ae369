/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replays the real decision for a name and writes down everything that spoke for or against. */
#include "daemon/explain.h"

#include <string.h>

static void candidate(void *ctx, const struct policy_candidate *c)
{
	struct text *t = ctx;
	char rule[RULE_TEXT_MAX];

	json_object_begin(t, NULL);
	json_str(t, "list", c->list);
	if (c->has_rule)
		json_str(t, "rule", rule_format(&c->rule, rule));
	if (c->rule.line)
		json_u64(t, "line", c->rule.line);
	json_str(t, "says", verdict_reason_name(c->reason));
	json_object_end(t);
}

/* What comes back of a question, a connection and a datagram; nobody asks for an address. */
static void on_the_wire(const struct policy *p, const struct policy_query *asked, struct text *out)
{
	static const struct {
		const char *key;
		enum policy_via via;
	} kinds[] = { { "dns", POLICY_DNS }, { "tcp", POLICY_TCP }, { "udp", POLICY_UDP } };
	struct policy_query q = *asked;
	struct verdict v = { .kind = VERDICT_ALLOW };

	json_object_begin(out, "wire");
	for (size_t i = q.server ? 1 : 0; i < sizeof kinds / sizeof *kinds; i++) {
		q.via = kinds[i].via;
		policy_decide(p, &q, &v);
		json_str(out, kinds[i].key, verdict_how_name(v.how));
	}
	json_u64(out, "answer_ttl_s", v.answer_ttl_s);
	json_object_end(out);
}

/* A name, or the address of a server, which has none. */
static bool read_subject(const char *text, struct policy_query *q, struct name *name,
			 struct addr *server, char said[static NAME_MAX_TEXT])
{
	q->name = name;
	q->via = POLICY_DNS;
	if (addr_parse(text, server)) {
		*name = (struct name){ .len = 0 };
		q->via = POLICY_TCP;
		q->server = server;
		addr_format(server, said);
		return true;
	}
	if (!name_from_text(text, strlen(text), name))
		return false;
	strcpy(said, name->text);
	return true;
}

enum verdict_kind explain_json(const struct policy *p, const char *text, const char *device,
			       const char *app, bool candidates, struct text *out)
{
	struct policy_query q = { .device = device, .app = app };
	char rule[RULE_TEXT_MAX], said[NAME_MAX_TEXT];
	struct addr server;
	struct verdict v;
	struct name name;

	json_object_begin(out, NULL);
	if (!read_subject(text, &q, &name, &server, said)) {
		json_str(out, "name", text);
		json_str(out, "error", "neither a host name nor an address");
		json_object_end(out);
		return VERDICT_ALLOW;
	}
	policy_decide(p, &q, &v);
	json_str(out, "name", said);
	json_str(out, "device", device);
	json_str(out, "verdict", verdict_kind_name(v.kind));
	json_str(out, "how", verdict_how_name(v.how));
	json_str(out, "reason", verdict_reason_name(v.reason));
	json_str(out, "app", v.app);
	json_str(out, "role", role_name(v.role));
	json_str(out, "list", v.list);
	json_str(out, "section", v.section);
	if (v.has_rule) {
		json_str(out, "rule", rule_format(&v.rule, rule));
		json_u64(out, "line", policy_line(p, &v));
	}
	if (candidates) {
		if (v.row) {
			json_str(out, "breaks", v.row->breaks);
			json_str(out, "evidence", v.row->evidence);
		}
		if (v.kind == VERDICT_BLOCK)
			on_the_wire(p, &q, out);
		json_array_begin(out, "candidates");
		policy_candidates(p, &q, candidate, out);
		json_array_end(out);
	}
	json_object_end(out);
	return v.kind;
}
