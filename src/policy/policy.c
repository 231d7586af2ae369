/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of decisions, in one place. */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/internal.h"
#include "rule/rewrite.h"

const char policy_user_list[] = "user", policy_now_list[] = "now";

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
	sections_done(&p->sections);
	exceptions_done(&p->exceptions);
	free(p);
}

void policy_set_bypass(struct policy *p, struct index *names)
{
	index_free(p->bypass);
	p->bypass = names;
}

bool policy_add_section(struct policy *p, const struct policy_section *s)
{
	p->lists_limited |= s->kind == POLICY_LIST && (s->only || s->when.count);
	return sections_add(&p->sections, s);
}

const struct lists *policy_lists(const struct policy *p)
{
	return p->lists;
}

const struct catalogue *policy_catalogue(const struct policy *p)
{
	return p->catalogue;
}

struct catalogue *policy_share_catalogue(struct policy *p)
{
	return p->catalogue ? catalogue_share(p->catalogue) : NULL;
}

bool policy_tick(struct policy *p, int64_t now_ns)
{
	bool changed = (p->paused_until_ns > p->now_ns) != (p->paused_until_ns > now_ns);

	p->now_ns = now_ns;
	/* All of them, whatever the others say. */
	changed = sections_tick(&p->sections, now_ns) || changed;
	return exceptions_tick(&p->exceptions, now_ns) || changed;
}

void policy_pause(struct policy *p, int64_t until_ns)
{
	p->paused_until_ns = until_ns;
}

int policy_except(struct policy *p, const struct policy_exception *x)
{
	return exceptions_add(&p->exceptions, x);
}

size_t policy_exceptions(const struct policy *p)
{
	return p->exceptions.count;
}

const struct policy_exception *policy_exception(const struct policy *p, size_t i)
{
	return &p->exceptions.at[i];
}

void policy_resume(struct policy *p)
{
	p->paused_until_ns = 0;
	p->exceptions.count = 0;
}

size_t policy_resume_one(struct policy *p, const struct name *name, const char *device)
{
	return exceptions_end(&p->exceptions, name, device);
}

void policy_inherit(struct policy *p, struct policy *from)
{
	exceptions_done(&p->exceptions);
	p->exceptions = from->exceptions;
	from->exceptions = (struct exceptions){ .at = NULL };
	p->paused_until_ns = from->paused_until_ns;
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
	v->list = policy_user_list;
	v->kind = reason == REASON_USER_BLOCK ? VERDICT_BLOCK : VERDICT_ALLOW;
}

/* The user's own rules by name. */
static bool decide_by_user(const struct policy *p, const struct rule_query *q, struct verdict *v)
{
	const struct rule *allow, *block;
	struct index_hit hit;

	if (!p->user || !index_find(p->user, q, &hit))
		return false;
	allow = index_hit_longest(&hit, RULE_ALLOW);
	block = index_hit_longest(&hit, RULE_BLOCK);
	if (allow && (!block || rule_length(allow) >= rule_length(block)))
		by_user(REASON_USER_ALLOW, allow, v);
	else
		by_user(REASON_USER_BLOCK, block, v);
	return true;
}

/* What the user wants of the app, or else of the role, over essential rows and lists. A section
 * that logs speaks of what lists block: soften(). */
static bool decide_by_section(const struct policy *p, const char *device, struct verdict *v)
{
	const struct section *s =
		sections_find(&p->sections, POLICY_APP, v->app, device, SAYS_ACTION);

	if (!s)
		s = sections_find(&p->sections, POLICY_ROLE, role_name(v->role), device,
				  SAYS_ACTION);
	if (!s || s->said.action == POLICY_LOG)
		return false;
	v->list = s->label;
	v->kind = s->said.action == POLICY_BLOCK ? VERDICT_BLOCK : VERDICT_ALLOW;
	v->reason = v->kind == VERDICT_BLOCK ? REASON_SECTION_BLOCK : REASON_SECTION_ALLOW;
	return true;
}

struct in_force {
	const struct policy *p;
	const char *device;
	struct index_hit *hit;
};

static void take_in_force(void *ctx, const struct rule *r)
{
	const struct in_force *f = ctx;
	const char *list = lists_source(f->p->lists, r->list)->name;

	if (!sections_find(&f->p->sections, POLICY_LIST, list, f->device, SAYS_ANYTHING) &&
	    sections_has(&f->p->sections, POLICY_LIST, list))
		return;
	index_hit_add(f->hit, r);
}

/* The rules of lists that are in force for this device at this time; about the
 * server's address, if there is one, else about the name. */
static bool find_in_lists(const struct policy *p, const struct rule_query *q, const char *device,
			  const struct addr *server, struct index_hit *out)
{
	struct in_force f = { .p = p, .device = device, .hit = out };

	if (!p->lists)
		return false;
	if (!p->lists_limited)
		return server ? index_find_address(lists_index(p->lists), server, q, out)
			      : index_find(lists_index(p->lists), q, out);
	index_hit_clear(out);
	if (server)
		index_each_address(lists_index(p->lists), server, q, take_in_force, &f);
	else
		index_each(lists_index(p->lists), q, take_in_force, &f);
	return index_hit_winner(out);
}

/* The rule's own answer, where it gives one. It is softened as a block would be. */
static void take_answer(const struct policy *p, const struct rule *winner,
			const struct index_hit *hit, struct verdict *v)
{
	if (winner->rewrite != RULE_REWRITES || lists_source(p->lists, winner->list)->log_only)
		return;
	switch (rewrite_of(winner).kind) {
	case REWRITE_NULL:
		v->how = HOW_NULL;
		return;
	case REWRITE_NODATA:
		v->how = HOW_NODATA;
		return;
	case REWRITE_NXDOMAIN:
		v->how = HOW_NXDOMAIN;
		return;
	case REWRITE_REFUSED:
		v->how = HOW_REFUSED;
		return;
	case REWRITE_ADDRESS:
		v->how = HOW_REWRITE;
		v->addr_count = (uint8_t)index_hit_addresses(hit, v->addrs, VERDICT_ADDRS);
		return;
	case REWRITE_ALL:
	case REWRITE_RECORD:
	case REWRITE_CNAME:
		return;
	}
}

static void decide_by_lists(const struct policy *p, const struct rule_query *q, const char *device,
			    const struct catalogue_row *essential, struct verdict *v)
{
	const struct rule *winner;
	struct index_hit hit;

	/* An exact row stops them all: nothing that matches its name is longer. */
	if ((essential && essential->match == RULE_EXACT) ||
	    !find_in_lists(p, q, device, NULL, &hit)) {
		v->reason = essential ? REASON_ESSENTIAL : REASON_NO_RULE;
		return;
	}
	if (essential)
		index_hit_forget(&hit, essential->length);
	winner = index_hit_winner(&hit);
	if (essential && !index_hit_longest(&hit, RULE_BLOCK) && !index_hit_rewrite(&hit)) {
		v->reason = REASON_ESSENTIAL;
		return;
	}
	by_list(p, winner->action == RULE_ALLOW ? REASON_LIST_ALLOW : REASON_LIST_BLOCK, winner, v);
	take_answer(p, winner, &hit, v);
}

/* Networks of lists speak where nothing speaks of the name. */
static void decide_by_address(const struct policy *p, const struct rule_query *q,
			      const char *device, const struct addr *server, struct verdict *v)
{
	const struct rule *winner;
	struct index_hit hit;

	if (!find_in_lists(p, q, device, server, &hit))
		return;
	winner = index_hit_winner(&hit);
	by_list(p, winner->action == RULE_ALLOW ? REASON_LIST_ALLOW : REASON_LIST_BLOCK, winner, v);
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

/* What is known of the resolver at a flow's other end, where nothing is of its name. */
static bool is_resolver(const struct policy *p, const struct policy_query *q)
{
	struct index_hit hit;

	return q->is_resolver ||
	       (q->server && p->bypass &&
		index_find_address(p->bypass, q->server, &(struct rule_query){ .name = q->name },
				   &hit));
}

/* A row that is less exact than the name of a resolver says nothing of it. */
static void role_by_name(const struct policy *p, const struct name *name, struct verdict *v)
{
	static const char dnscrypt[] = "2.dnscrypt-cert.";
	const struct catalogue_row *row = v->role == ROLE_NONE ? NULL : v->row;
	const struct rule *block;
	struct index_hit hit;

	if (row && row->match == RULE_EXACT)
		return;
	if (p->bypass && index_find(p->bypass, &(struct rule_query){ .name = name }, &hit) &&
	    (block = index_hit_longest(&hit, RULE_BLOCK)) &&
	    (!row || rule_length(block) > row->length))
		v->role = ROLE_BYPASS;
	if (v->role == ROLE_NONE && !strncmp(name->text, dnscrypt, sizeof dnscrypt - 1))
		v->role = ROLE_BYPASS;
}

/* App and role, before anybody rules on it. Returns the essential row of the name, or NULL. */
static const struct catalogue_row *describe(const struct policy *p, const struct policy_query *q,
					    struct verdict *v)
{
	const struct catalogue_row *essential = NULL;

	if (p->catalogue && q->name->len)
		v->row = catalogue_find(p->catalogue, q->name, &essential);
	if (v->row) {
		v->app = v->row->app;
		v->role = v->row->role;
	}
	if (!v->app)
		v->app = q->app;
	role_by_name(p, q->name, v);
	if (v->role == ROLE_NONE && is_resolver(p, q))
		v->role = ROLE_BYPASS;
	return essential;
}

struct exception_query policy_exception_query(const struct policy *p, const struct policy_query *q,
					      const struct verdict *v)
{
	return (struct exception_query){ .name = q->name,
					 .device = q->device,
					 .group = sections_group(&p->sections, q->device),
					 .verdict = v };
}

static bool decide_by_exception(const struct policy *p, const struct policy_query *q,
				struct verdict *v)
{
	const struct exception_query query = policy_exception_query(p, q, v);
	const struct policy_exception *x = exceptions_rule(&p->exceptions, &query);

	if (!x)
		return false;
	by_user(x->action == RULE_ALLOW ? REASON_USER_ALLOW : REASON_USER_BLOCK,
		&(struct rule){ .name = x->name, .action = x->action, .match = RULE_SUFFIX }, v);
	v->list = policy_now_list;
	return true;
}

/* No list can know them all; by port and ALPN they are known. */
static void prevent_bypass(struct verdict *v)
{
	v->kind = VERDICT_BLOCK;
	v->reason = REASON_SECTION_BLOCK;
	v->list = "[block] bypass";
}

static void decide_who_blocks(const struct policy *p, const struct policy_query *q,
			      const struct catalogue_row *essential, struct verdict *v)
{
	const struct rule_query rule = {
		.name = q->name, .qtype = q->qtype, .client = q->client, .client_name = q->device
	};

	if (!q->name->len && q->is_resolver)
		decide_by_section(p, q->device, v);
	if (q->name->len && !decide_by_exception(p, q, v) && !decide_by_user(p, &rule, v) &&
	    !decide_by_section(p, q->device, v))
		decide_by_lists(p, &rule, q->device, essential, v);
	if (v->reason == REASON_NO_RULE && q->server)
		decide_by_address(p, &rule, q->device, q->server, v);
	if (v->reason == REASON_NO_RULE && q->is_resolver && p->options.prevent_bypass)
		prevent_bypass(v);
}

/* A section that does not want something blocked. */
static bool soften_by(const struct policy *p, enum policy_kind kind, const char *name,
		      const char *device, enum verdict_reason allow, enum verdict_reason log,
		      struct verdict *v)
{
	const struct section *s = sections_find(&p->sections, kind, name, device, SAYS_ACTION);

	if (!s)
		return false;
	v->section = s->label;
	v->kind = s->said.action == POLICY_ALLOW ? VERDICT_ALLOW : VERDICT_LOG;
	v->reason = s->said.action == POLICY_ALLOW ? allow : log;
	return true;
}

/* What would be blocked, and is not. */
static bool soften(const struct policy *p, const struct policy_query *q, struct verdict *v)
{
	const struct exception_query query = policy_exception_query(p, q, v);
	const char *device = q->device, *group = query.group;

	if (!p->options.enforce || p->paused_until_ns > p->now_ns ||
	    exceptions_pause(&p->exceptions, &query)) {
		v->kind = VERDICT_LOG;
		v->reason = p->options.enforce ? REASON_PAUSED : REASON_MONITOR;
		return true;
	}
	if (soften_by(p, POLICY_DEVICE, device, device, REASON_DEVICE_ALLOW, REASON_SECTION_LOG,
		      v) ||
	    soften_by(p, POLICY_GROUP, group, device, REASON_DEVICE_ALLOW, REASON_SECTION_LOG, v))
		return true;
	return (v->reason == REASON_LIST_BLOCK || v->how == HOW_REWRITE) &&
	       (soften_by(p, POLICY_APP, v->app, device, REASON_SECTION_ALLOW, REASON_SECTION_LOG,
			  v) ||
		soften_by(p, POLICY_ROLE, role_name(v->role), device, REASON_SECTION_ALLOW,
			  REASON_SECTION_LOG, v));
}

/* The section that says how a block fails, the narrowest first; NULL: [block] does. */
static const struct policy_section *failure(const struct policy *p, const struct policy_query *q,
					    const struct verdict *v, enum says what)
{
	const struct {
		enum policy_kind kind;
		const char *name;
	} order[] = {
		{ POLICY_APP, v->app },
		{ POLICY_DEVICE, q->device },
		{ POLICY_GROUP, sections_group(&p->sections, q->device) },
		{ POLICY_ROLE, role_name(v->role) },
		{ POLICY_LIST, v->list },
	};
	const struct section *s =
		sections_find_name(&p->sections, POLICY_NAME, q->name, q->device, what);

	for (size_t i = 0; !s && i < sizeof order / sizeof *order; i++)
		s = sections_find(&p->sections, order[i].kind, order[i].name, q->device, what);
	if (!s)
		s = sections_find_name(&p->sections, POLICY_PRESET, q->name, q->device, what);
	return s ? &s->said : NULL;
}

static enum verdict_how how_of(const struct policy *p, const struct policy_query *q,
			       const struct verdict *v)
{
	const struct policy_section *s;

	switch (q->via) {
	case POLICY_DNS:
		if (v->how != HOW_NONE) /* by the rule itself */
			return v->how;
		s = failure(p, q, v, SAYS_DNS);
		return how_for_name(q->name, s ? s->dns : p->options.dns);
	case POLICY_DNS_TCP:
	case POLICY_TCP:
		s = failure(p, q, v, SAYS_TCP);
		return s ? s->tcp : p->options.tcp;
	case POLICY_UDP:
		s = failure(p, q, v, SAYS_UDP);
		return s ? s->udp : p->options.udp;
	}
	return HOW_DROP;
}

void policy_decide(const struct policy *p, const struct policy_query *q, struct verdict *out)
{
	const struct catalogue_row *essential;
	const struct policy_section *s;

	*out = (struct verdict){ .kind = VERDICT_ALLOW };
	if (!p || (!q->name->len && !q->server))
		return;
	essential = describe(p, q, out);
	decide_who_blocks(p, q, essential, out);
	/* An answer of another shape than a datagram is not forged: the server's passes. */
	if (out->how == HOW_REWRITE && q->via != POLICY_DNS)
		out->how = HOW_NONE;
	if (out->kind != VERDICT_BLOCK && out->how == HOW_NONE)
		return;
	out->how = soften(p, q, out) ? HOW_NONE : how_of(p, q, out);
	s = failure(p, q, out, SAYS_TTL);
	out->answer_ttl_s = s ? s->answer_ttl_s : p->options.answer_ttl_s;
}

bool policy_withholds_ech(const struct policy *p, const struct policy_query *q)
{
	struct verdict v = { .kind = VERDICT_BLOCK };

	if (!p->options.withhold_ech)
		return false;
	describe(p, q, &v);
	return !soften(p, q, &v);
}

uint32_t policy_line(const struct policy *p, const struct verdict *v)
{
	if (!v->has_rule || v->list == policy_now_list)
		return 0;
	return index_line(v->list == policy_user_list ? p->user : lists_index(p->lists), &v->rule);
}
