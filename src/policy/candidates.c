/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything that had something to say of a name, in the order in which it is heard. */
#include "policy/internal.h"

struct each_context {
	const struct policy *p;
	void (*each)(void *ctx, const struct policy_candidate *c);
	void *ctx;
};

static void each_rule(const struct each_context *c, const struct index *x,
		      enum verdict_reason reason, const char *list, const struct rule *r)
{
	struct policy_candidate candidate = {
		.reason = reason, .list = list, .has_rule = true, .rule = *r
	};

	candidate.rule.line = index_line(x, r);
	c->each(c->ctx, &candidate);
}

static void each_user(void *ctx, const struct rule *r)
{
	const struct each_context *c = ctx;

	each_rule(c, c->p->user, r->action == RULE_ALLOW ? REASON_USER_ALLOW : REASON_USER_BLOCK,
		  policy_user_list, r);
}

static void each_list(void *ctx, const struct rule *r)
{
	const struct each_context *c = ctx;

	each_rule(c, lists_index(c->p->lists),
		  r->action == RULE_ALLOW ? REASON_LIST_ALLOW : REASON_LIST_BLOCK,
		  lists_source(c->p->lists, r->list)->name, r);
}

/* A rule of now has a domain, a pause may have one. */
static void each_exception(void *ctx, const struct policy_exception *x)
{
	const struct each_context *c = ctx;

	c->each(c->ctx, &(struct policy_candidate){
				.reason = x->is_pause		    ? REASON_PAUSED
					  : x->action == RULE_ALLOW ? REASON_USER_ALLOW
								    : REASON_USER_BLOCK,
				.list = x->is_pause ? "pause" : policy_now_list,
				.has_rule = x->name.len,
				.rule = { .name = x->name,
					  .match = RULE_SUFFIX,
					  .action = x->is_pause ? RULE_ALLOW : x->action } });
}

static void each_section(const struct each_context *c, const struct policy_query *q,
			 enum policy_kind kind, const char *name)
{
	const struct section *s =
		sections_find(&c->p->sections, kind, name, q->device, SAYS_ACTION);
	bool of_device = kind == POLICY_DEVICE || kind == POLICY_GROUP;

	if (!s)
		return;
	c->each(c->ctx, &(struct policy_candidate){
				.reason = s->said.action == POLICY_BLOCK ? REASON_SECTION_BLOCK
					  : s->said.action == POLICY_LOG ? REASON_SECTION_LOG
					  : of_device			 ? REASON_DEVICE_ALLOW
									 : REASON_SECTION_ALLOW,
				.list = s->label });
}

/* What stands before the rules by name, and what stands behind them. */
static void each_of_now(const struct each_context *c, const struct policy_query *query,
			const struct verdict *v, bool pauses)
{
	const struct exception_query q = policy_exception_query(c->p, query, v);

	if (pauses && c->p->paused_until_ns > c->p->now_ns)
		c->each(c->ctx,
			&(struct policy_candidate){ .reason = REASON_PAUSED, .list = "pause" });
	exceptions_each(&c->p->exceptions, &q, pauses, each_exception, (void *)(uintptr_t)c);
}

void policy_candidates(const struct policy *p, const struct policy_query *query,
		       void (*each)(void *ctx, const struct policy_candidate *c), void *ctx)
{
	struct each_context c = { .p = p, .each = each, .ctx = ctx };
	const struct name *name = query->name;
	const struct rule_query q = { .name = name,
				      .qtype = query->qtype,
				      .client = query->client,
				      .client_name = query->device };
	const struct catalogue_row *row = NULL;
	struct verdict v;

	policy_decide(p, query, &v);
	if (!p->options.enforce)
		each(ctx, &(struct policy_candidate){ .reason = REASON_MONITOR, .list = "mode" });
	each_of_now(&c, query, &v, true);
	each_section(&c, query, POLICY_DEVICE, query->device);
	each_section(&c, query, POLICY_GROUP, sections_group(&p->sections, query->device));
	each_of_now(&c, query, &v, false);
	if (p->user)
		index_each(p->user, &q, each_user, &c);
	each_section(&c, query, POLICY_APP, v.app);
	each_section(&c, query, POLICY_ROLE, role_name(v.role));
	if (p->catalogue && name->len)
		catalogue_find(p->catalogue, name, &row);
	if (row)
		each(ctx, &(struct policy_candidate){ .reason = REASON_ESSENTIAL,
						      .list = "catalogue",
						      .has_rule = true,
						      .rule = { .name = row->name,
								.match = row->match,
								.text = row->domain,
								.action = RULE_ALLOW,
								.line = row->line } });
	if (p->lists)
		index_each(lists_index(p->lists), &q, each_list, &c);
	if (p->lists && query->server)
		index_each_address(lists_index(p->lists), query->server, &q, each_list, &c);
}
