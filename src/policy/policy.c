/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of decisions, in one place. */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

static const char user_list[] = "user";

struct policy {
	struct policy_options options;
	struct lists *lists;
	struct catalogue *catalogue;
	struct index *user;
	struct index *bypass;
	int64_t now_ns, paused_until_ns;
};

struct policy *policy_new(const struct policy_options *o, struct lists *lists,
			  struct catalogue *catalogue, struct index *user)
{
	struct policy *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->options = *o;
	p->lists = lists;
	p->catalogue = catalogue;
	p->user = user;
	return p;
}

void policy_free(struct policy *p)
{
	if (!p)
		return;
	lists_free(p->lists);
	catalogue_free(p->catalogue);
	index_free(p->user);
	index_free(p->bypass);
	free(p);
}

void policy_set_bypass(struct policy *p, struct index *names)
{
	index_free(p->bypass);
	p->bypass = names;
}

const struct lists *policy_lists(const struct policy *p)
{
	return p->lists;
}

const struct catalogue *policy_catalogue(const struct policy *p)
{
	return p->catalogue;
}

bool policy_tick(struct policy *p, int64_t now_ns)
{
	bool was_paused = p->paused_until_ns > p->now_ns;

	p->now_ns = now_ns;
	return was_paused != (p->paused_until_ns > now_ns);
}

void policy_pause(struct policy *p, int64_t until_ns)
{
	p->paused_until_ns = until_ns;
}

int64_t policy_paused_until(const struct policy *p)
{
	return p->paused_until_ns;
}

static void by_list(const struct policy *p, enum verdict_reason reason, const struct rule *r,
		    struct verdict *v)
{
	const struct list_source *source = lists_source(p->lists, r->list);

	v->reason = reason;
	v->has_rule = true;
	v->rule = *r;
	v->list = source->name;
	if (reason != REASON_LIST_BLOCK)
		return;
	v->kind = VERDICT_BLOCK;
	if (source->log_only) {
		v->kind = VERDICT_LOG;
		v->reason = REASON_LOG_LIST;
	}
	/* The catalogue's row may say the app alone ("api of netflix.com"); a name that a list
	 * blocks has the list's role unless the row is as exact as the rule. */
	if (source->role && (v->role == ROLE_NONE || role_is_essential(v->role)))
		role_parse(source->role, &v->role);
}

static void by_user(enum verdict_reason reason, const struct rule *r, struct verdict *v)
{
	v->reason = reason;
	v->has_rule = true;
	v->rule = *r;
	v->list = user_list;
	v->kind = reason == REASON_USER_BLOCK ? VERDICT_BLOCK : VERDICT_ALLOW;
}

/* Is the block rule strictly longer than the essential row? An exact row is as long as a name
 * can be: nothing that matches the name is longer. */
static bool is_longer(const struct rule *r, const struct catalogue_row *row)
{
	return row->match != RULE_EXACT && rule_length(r) > row->name.len;
}

static void decide_by_rules(const struct policy *p, const struct name *name, struct verdict *v)
{
	const struct catalogue_row *essential = NULL;
	const struct rule_query q = { .name = name };
	const struct rule *allow, *block, *winner;
	struct index_hit hit;

	if (p->user && index_find(p->user, &q, &hit)) {
		allow = index_hit_longest(&hit, RULE_ALLOW);
		block = index_hit_longest(&hit, RULE_BLOCK);
		if (allow && (!block || rule_length(allow) >= rule_length(block)))
			by_user(REASON_USER_ALLOW, allow, v);
		else
			by_user(REASON_USER_BLOCK, block, v);
		return;
	}
	if (p->catalogue)
		essential = catalogue_essential(p->catalogue, name);
	if (!p->lists || !index_find(lists_index(p->lists), &q, &hit)) {
		v->reason = essential ? REASON_ESSENTIAL : REASON_NO_RULE;
		return;
	}
	block = index_hit_longest(&hit, RULE_BLOCK);
	winner = index_hit_winner(&hit);
	if (essential && !(block && is_longer(block, essential)))
		v->reason = REASON_ESSENTIAL;
	else
		by_list(p, winner->action == RULE_ALLOW ? REASON_LIST_ALLOW : REASON_LIST_BLOCK,
			winner, v);
}

static enum verdict_how default_how(const struct policy *p, enum policy_via via)
{
	switch (via) {
	case POLICY_DNS:
		return p->options.dns;
	case POLICY_DNS_TCP:
	case POLICY_TCP:
		return p->options.tcp;
	case POLICY_UDP:
		return p->options.udp;
	}
	return HOW_DROP;
}

static bool is_under(const struct name *name, const char *suffix)
{
	size_t n = strlen(suffix);

	return name->len >= n && !strcmp(name->text + name->len - n, suffix) &&
	       (name->len == n || name->text[name->len - n - 1] == '.');
}

/* Some names ask whether encrypted DNS may be used, and how they are refused is laid down: by
 * Mozilla and Apple for theirs, by RFC 9462, 6.4 for resolver.arpa. */
static enum verdict_how how_for_name(const struct name *name, enum verdict_how how)
{
	static const struct {
		const char *name;
		enum verdict_how how;
	} canaries[] = {
		{ "use-application-dns.net", HOW_NXDOMAIN },
		{ "mask.icloud.com", HOW_NXDOMAIN },
		{ "mask-h2.icloud.com", HOW_NXDOMAIN },
		{ "mask-canary.icloud.com", HOW_NXDOMAIN },
		{ "resolver.arpa", HOW_NODATA },
	};

	for (size_t i = 0; i < sizeof canaries / sizeof *canaries; i++)
		if (is_under(name, canaries[i].name))
			return canaries[i].how;
	return how;
}

/* A row that is less exact than the name of a resolver says nothing of it. */
static void role_by_name(const struct policy *p, const struct name *name, struct verdict *v)
{
	static const char dnscrypt[] = "2.dnscrypt-cert.";
	const struct rule *block;
	struct index_hit hit;

	if (v->role != ROLE_NONE && v->row && v->row->match == RULE_EXACT)
		return;
	if (p->bypass && index_find(p->bypass, &(struct rule_query){ .name = name }, &hit) &&
	    (block = index_hit_longest(&hit, RULE_BLOCK)) &&
	    (v->role == ROLE_NONE || rule_length(block) > v->row->name.len))
		v->role = ROLE_BYPASS;
	if (v->role == ROLE_NONE && !strncmp(name->text, dnscrypt, sizeof dnscrypt - 1))
		v->role = ROLE_BYPASS;
}

void policy_decide(const struct policy *p, const struct policy_query *q, struct verdict *out)
{
	const struct name *name = q->name;

	*out = (struct verdict){ .kind = VERDICT_ALLOW };
	if (!p || !name->len)
		return;
	if (p->catalogue)
		out->row = catalogue_find(p->catalogue, name);
	if (out->row) {
		out->app = out->row->app;
		out->role = out->row->role;
	}
	role_by_name(p, name, out);
	decide_by_rules(p, name, out);
	if (out->kind != VERDICT_BLOCK)
		return;
	if (!p->options.enforce) {
		out->kind = VERDICT_LOG;
		out->reason = REASON_MONITOR;
	} else if (p->paused_until_ns > p->now_ns) {
		out->kind = VERDICT_LOG;
		out->reason = REASON_PAUSED;
	} else {
		out->how = default_how(p, q->via);
		if (q->via == POLICY_DNS)
			out->how = how_for_name(name, out->how);
	}
}

uint32_t policy_line(const struct policy *p, const struct verdict *v)
{
	if (!v->has_rule)
		return 0;
	return index_line(v->list == user_list ? p->user : lists_index(p->lists), &v->rule);
}

struct each_context {
	const struct policy *p;
	void (*each)(void *ctx, const struct policy_candidate *c);
	void *ctx;
};

static void each_rule(const struct each_context *c, const struct index *x,
		      enum verdict_reason reason, const char *list, const struct rule *r)
{
	struct policy_candidate candidate = { .reason = reason, .list = list, .rule = *r };

	candidate.rule.line = index_line(x, r);
	c->each(c->ctx, &candidate);
}

static void each_user(void *ctx, const struct rule *r)
{
	const struct each_context *c = ctx;

	each_rule(c, c->p->user, r->action == RULE_ALLOW ? REASON_USER_ALLOW : REASON_USER_BLOCK,
		  user_list, r);
}

static void each_list(void *ctx, const struct rule *r)
{
	const struct each_context *c = ctx;

	each_rule(c, lists_index(c->p->lists),
		  r->action == RULE_ALLOW ? REASON_LIST_ALLOW : REASON_LIST_BLOCK,
		  lists_source(c->p->lists, r->list)->name, r);
}

void policy_candidates(const struct policy *p, const struct policy_query *query,
		       void (*each)(void *ctx, const struct policy_candidate *c), void *ctx)
{
	struct each_context c = { .p = p, .each = each, .ctx = ctx };
	const struct name *name = query->name;
	const struct rule_query q = { .name = name };
	const struct catalogue_row *row;

	if (p->user)
		index_each(p->user, &q, each_user, &c);
	row = p->catalogue ? catalogue_essential(p->catalogue, name) : NULL;
	if (row)
		each(ctx, &(struct policy_candidate){ .reason = REASON_ESSENTIAL,
						      .list = "catalogue",
						      .rule = { .name = row->name,
								.match = row->match,
								.action = RULE_ALLOW,
								.line = row->line } });
	if (p->lists)
		index_each(lists_index(p->lists), &q, each_list, &c);
}
