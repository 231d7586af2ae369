/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of decisions, row by row. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "policy/policy.h"
#include "suite.h"
#include "unit/temporary.h"

static const char catalogue_text[] =
	"domain\tmatch\towner\tapp\trole\tbreaks\tevidence\n"
	"netflix.com\tsuffix\tNetflix\tnetflix\tapi\tplayback\tseen\n"
	"api.example.net\texact\tExample\texample\tauth\tlogin\tseen\n"
	"logs.netflix.com\texact\tNetflix\tnetflix\ttelemetry\tnothing\tseen\n"
	"drm.example.net\texact\tExample\texample\tdrm\tplayback\tseen\n"
	"who.example.net\texact\tExample\texample\tidentity\tnothing\tseen\n";
static const char block_text[] = "||netflix.com^\n||netflix.com^$important\n||fine.netflix.com^\n||"
				 "logs.netflix.com^\n||example.net^\n"
				 "||ads.example^\n||both.example^\n||shared.example^\n"
				 "||drm.example.net^\n|drm.example.net^$important\n"
				 "||imp.example^$important\n||top.example^$important\n";
static const char allow_text[] = "@@||fine.netflix.com^\n@@||both.example^\n@@||ok.ads.example^\n"
				 "@@||www.imp.example^\n@@||top.example^$important\n";
static const char network_text[] = "203.0.113.0/24\n203.0.113.64/26\n2001:db8:b::/48\n";
static const char log_text[] = "||watched.example^\n";

static void user_rule(struct index_builder *b, const char *name, enum rule_action action,
		      enum rule_match match)
{
	struct rule r = { .action = action, .match = match, .line = 1 };

	ck_assert(name_from_text(name, strlen(name), &r.name));
	ck_assert(index_builder_add(b, &r));
}

static struct policy *make(bool enforce)
{
	struct policy_options o = {
		.enforce = enforce, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH
	};
	char block[64], allow[64], logged[64], rows[64];
	struct list_source sources[] = {
		{ .name = "ads", .path = temporary_file(block_text, block), .role = "ads" },
		{ .name = "fine", .path = temporary_file(allow_text, allow) },
		{ .name = "quiet", .path = temporary_file(log_text, logged), .log_only = true },
	};
	struct index_builder *b = index_builder_new();
	struct lists *lists = NULL;
	struct catalogue *catalogue = NULL;
	struct index *user = NULL;
	struct error e = { "" };
	struct policy *p;

	ck_assert_msg(!lists_load(sources, 3, &lists, &e), "%s", e.text);
	ck_assert_msg(!catalogue_load(temporary_file(catalogue_text, rows), &catalogue, &e), "%s",
		      e.text);
	user_rule(b, "user-block.example", RULE_BLOCK, RULE_SUFFIX);
	user_rule(b, "deep.user-block.example", RULE_ALLOW, RULE_SUFFIX);
	user_rule(b, "tie.example", RULE_BLOCK, RULE_SUFFIX);
	user_rule(b, "tie.example", RULE_ALLOW, RULE_SUFFIX);
	user_rule(b, "api.example.net", RULE_BLOCK, RULE_EXACT);
	user_rule(b, "shared.example", RULE_ALLOW, RULE_SUFFIX);
	ck_assert_int_eq(index_builder_finish(b, &user), 0);
	index_builder_free(b);
	unlink(block);
	unlink(allow);
	unlink(logged);
	unlink(rows);
	p = policy_new(&o, lists, catalogue, user);
	ck_assert_ptr_nonnull(p);
	return p;
}

static struct verdict decide(struct policy *p, const char *text, enum policy_via via)
{
	struct verdict v;
	struct name name;

	ck_assert(name_from_text(text, strlen(text), &name));
	policy_tick(p, 1000);
	policy_decide(p, &(struct policy_query){ .name = &name, .via = via }, &v);
	return v;
}

START_TEST(the_order_holds_row_by_row)
{
	static const struct {
		const char *name;
		enum verdict_kind kind;
		enum verdict_reason reason;
		const char *list, *rule, *app;
		enum role role;
	} rows[] = {
		{ "nothing.example.org", VERDICT_ALLOW, REASON_NO_RULE, NULL, NULL, NULL,
		  ROLE_NONE },
		{ "x.ads.example", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads", "||ads.example^", NULL,
		  ROLE_ADS },
		/* allow beats block, whatever their lengths */
		{ "x.ok.ads.example", VERDICT_ALLOW, REASON_LIST_ALLOW, "fine",
		  "@@||ok.ads.example^", NULL, ROLE_NONE },
		{ "both.example", VERDICT_ALLOW, REASON_LIST_ALLOW, "fine", "@@||both.example^",
		  NULL, ROLE_NONE },
		/* an essential suffix stops a rule as long as itself, not a longer one */
		{ "www.netflix.com", VERDICT_ALLOW, REASON_ESSENTIAL, NULL, NULL, "netflix",
		  ROLE_API },
		{ "logs.netflix.com", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads",
		  "||logs.netflix.com^", "netflix", ROLE_TELEMETRY },
		{ "a.logs.netflix.com", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads",
		  "||logs.netflix.com^", "netflix", ROLE_ADS },
		/* and what it stops does not come back with a longer one, $important or not */
		{ "fine.netflix.com", VERDICT_ALLOW, REASON_LIST_ALLOW, "fine",
		  "@@||fine.netflix.com^", "netflix", ROLE_API },
		/* an exact one stops every list's, and says nothing of names below it */
		{ "drm.example.net", VERDICT_ALLOW, REASON_ESSENTIAL, NULL, NULL, "example",
		  ROLE_DRM },
		{ "x.drm.example.net", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads",
		  "||drm.example.net^", NULL, ROLE_ADS },
		/* $important: allow over block over all others, whatever their lengths */
		{ "www.imp.example", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads",
		  "||imp.example^$important", NULL, ROLE_ADS },
		{ "a.top.example", VERDICT_ALLOW, REASON_LIST_ALLOW, "fine",
		  "@@||top.example^$important", NULL, ROLE_NONE },
		/* the user's word stands over an exact essential row */
		{ "api.example.net", VERDICT_BLOCK, REASON_USER_BLOCK, "user", "api.example.net",
		  "example", ROLE_AUTH },
		{ "user-block.example", VERDICT_BLOCK, REASON_USER_BLOCK, "user",
		  "||user-block.example^", NULL, ROLE_NONE },
		{ "x.deep.user-block.example", VERDICT_ALLOW, REASON_USER_ALLOW, "user", NULL, NULL,
		  ROLE_NONE },
		{ "tie.example", VERDICT_ALLOW, REASON_USER_ALLOW, "user", NULL, NULL, ROLE_NONE },
		{ "shared.example", VERDICT_ALLOW, REASON_USER_ALLOW, "user", NULL, NULL,
		  ROLE_NONE },
		/* identity is not essential: a list may block it */
		{ "who.example.net", VERDICT_BLOCK, REASON_LIST_BLOCK, "ads", "||example.net^",
		  "example", ROLE_IDENTITY },
		{ "watched.example", VERDICT_LOG, REASON_LOG_LIST, "quiet", "||watched.example^",
		  NULL, ROLE_NONE },
	};
	struct policy *p = make(true);
	char text[RULE_TEXT_MAX];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct verdict v = decide(p, rows[i].name, POLICY_DNS);

		ck_assert_msg(v.kind == rows[i].kind, "%s: kind %d", rows[i].name, v.kind);
		ck_assert_msg(v.reason == rows[i].reason, "%s: reason %s", rows[i].name,
			      verdict_reason_name(v.reason));
		ck_assert_pstr_eq(v.list, rows[i].list);
		ck_assert_pstr_eq(v.app, rows[i].app);
		ck_assert_msg(v.role == rows[i].role, "%s: role %d", rows[i].name, v.role);
		ck_assert_int_eq(v.how, v.kind == VERDICT_BLOCK ? HOW_NXDOMAIN : HOW_NONE);
		if (rows[i].rule)
			ck_assert_str_eq(rule_format(&v.rule, text), rows[i].rule);
	}
	policy_free(p);
}
END_TEST

START_TEST(how_follows_the_kind_of_packet)
{
	struct policy *p = make(true);

	ck_assert_int_eq(decide(p, "ads.example", POLICY_DNS).how, HOW_NXDOMAIN);
	ck_assert_int_eq(decide(p, "ads.example", POLICY_TCP).how, HOW_RESET);
	ck_assert_int_eq(decide(p, "ads.example", POLICY_UDP).how, HOW_UNREACH);
	policy_free(p);
}
END_TEST

START_TEST(monitor_and_pause_log_instead)
{
	struct policy *p = make(false);
	struct verdict v = decide(p, "ads.example", POLICY_DNS);

	ck_assert_int_eq(v.kind, VERDICT_LOG);
	ck_assert_int_eq(v.reason, REASON_MONITOR);
	ck_assert_int_eq(v.how, HOW_NONE);
	ck_assert_str_eq(v.list, "ads");
	policy_free(p);

	p = make(true);
	policy_tick(p, 1000);
	policy_pause(p, 2000);
	ck_assert(!policy_tick(p, 1999));
	ck_assert(policy_tick(p, 2000)); /* over: decisions change */
	ck_assert(!policy_tick(p, 2001));
	v = decide(p, "ads.example", POLICY_DNS);
	ck_assert_int_eq(v.kind, VERDICT_LOG);
	ck_assert_int_eq(v.reason, REASON_PAUSED);
	policy_pause(p, 1000); /* over at 1000, which is now */
	ck_assert_int_eq(decide(p, "ads.example", POLICY_DNS).kind, VERDICT_BLOCK);
	ck_assert_int_eq(policy_paused_until(p), 1000);
	policy_free(p);
}
END_TEST

static struct policy *make_networks(void)
{
	struct policy_options o = { .enforce = true, .tcp = HOW_RESET };
	char path[64], text[600];
	struct list_source source = { .name = "nets" };
	struct lists *lists = NULL;
	struct error e = { "" };

	snprintf(text, sizeof text, "%s@@||fine.example^\n@@203.0.113.128/25\n203.0.113.200\n",
		 network_text);
	source.path = temporary_file(text, path);
	ck_assert_msg(!lists_load(&source, 1, &lists, &e), "%s", e.text);
	unlink(path);
	return policy_new(&o, lists, NULL, NULL);
}

static void collect(void *ctx, const struct policy_candidate *c)
{
	strcat(ctx, verdict_reason_name(c->reason));
	strcat(ctx, " ");
}

START_TEST(every_candidate_speaks)
{
	struct policy *p = make(true);
	char said[256] = "";
	struct addr server;
	struct name name;

	name_from_text("logs.netflix.com", 16, &name);
	policy_candidates(p, &(struct policy_query){ .name = &name }, collect, said);
	ck_assert_str_eq(said, "essential list_block list_block list_block ");
	said[0] = '\0';
	name_from_text("shared.example", 14, &name);
	policy_candidates(p, &(struct policy_query){ .name = &name }, collect, said);
	ck_assert_str_eq(said, "user_allow list_block ");
	policy_free(p);
	p = make_networks();
	said[0] = '\0';
	name.len = 0;
	ck_assert(addr_parse("203.0.113.200", &server));
	policy_candidates(p, &(struct policy_query){ .name = &name, .server = &server }, collect,
			  said);
	ck_assert_str_eq(said, "list_block list_allow list_block ");
	policy_free(p);
}
END_TEST

START_TEST(nothing_to_go_by_is_allowed)
{
	struct policy_options o = { .enforce = true };
	struct policy *p = policy_new(&o, NULL, NULL, NULL);
	struct name none = { .len = 0 };
	struct verdict v;

	ck_assert_int_eq(decide(p, "ads.example", POLICY_TCP).kind, VERDICT_ALLOW);
	policy_decide(p, &(struct policy_query){ .name = &none }, &v);
	ck_assert_int_eq(v.kind, VERDICT_ALLOW);
	policy_decide(NULL, &(struct policy_query){ .name = &none }, &v);
	ck_assert_int_eq(v.reason, REASON_NO_RULE);
	policy_free(p);
	policy_free(NULL);
}
END_TEST

START_TEST(words_go_both_ways)
{
	enum verdict_how how;

	ck_assert_str_eq(verdict_how_name(HOW_REWRITE), "rewrite");
	ck_assert(!verdict_how_parse("rewrite", &how)); /* is a rule's alone */
	for (int h = HOW_NONE + 1; h < HOW_REWRITE; h++) {
		ck_assert(verdict_how_parse(verdict_how_name((enum verdict_how)h), &how));
		ck_assert_int_eq(how, h);
	}
	ck_assert(!verdict_how_parse("explode", &how));
	ck_assert_ptr_null(verdict_how_name(HOW_NONE));
	ck_assert_str_eq(verdict_kind_name(VERDICT_LOG), "log");
	for (int r = 0; r < REASONS; r++)
		ck_assert_ptr_nonnull(verdict_reason_name((enum verdict_reason)r));
}
END_TEST

/* How a name is refused that asks whether encrypted DNS is welcome, whatever [block] dns says; and
 * who is shown as a way round DNS without being blocked. */
START_TEST(ways_round_dns)
{
	static const struct {
		const char *name;
		enum verdict_kind kind;
		enum verdict_how dns, tcp;
		enum role role;
	} rows[] = {
		{ "use-application-dns.net", VERDICT_BLOCK, HOW_NXDOMAIN, HOW_RESET, ROLE_BYPASS },
		{ "mask.icloud.com", VERDICT_BLOCK, HOW_NXDOMAIN, HOW_RESET, ROLE_BYPASS },
		{ "mask-h2.icloud.com", VERDICT_BLOCK, HOW_NXDOMAIN, HOW_RESET, ROLE_BYPASS },
		{ "_dns.resolver.arpa", VERDICT_BLOCK, HOW_NODATA, HOW_RESET, ROLE_BYPASS },
		{ "doh.example", VERDICT_BLOCK, HOW_REFUSED, HOW_RESET, ROLE_BYPASS },
		{ "dns.shown.example", VERDICT_ALLOW, HOW_NONE, HOW_NONE, ROLE_BYPASS },
		{ "doh.netflix.com", VERDICT_ALLOW, HOW_NONE, HOW_NONE, ROLE_BYPASS },
		{ "drm.example.net", VERDICT_ALLOW, HOW_NONE, HOW_NONE, ROLE_DRM },
		{ "2.dnscrypt-cert.any.example", VERDICT_ALLOW, HOW_NONE, HOW_NONE, ROLE_BYPASS },
		{ "mask.example.com", VERDICT_ALLOW, HOW_NONE, HOW_NONE, ROLE_NONE },
	};
	static const char *const known[] = { "shown.example", "doh.netflix.com", "example.net" };
	static const char rules[] =
		"||use-application-dns.net^\n||mask.icloud.com^\n||doh.example^\n"
		"||mask-h2.icloud.com^\n||resolver.arpa^\n";
	struct policy_options o = {
		.enforce = true, .dns = HOW_REFUSED, .tcp = HOW_RESET, .udp = HOW_UNREACH
	};
	char block[64], catalogue_path[64];
	struct list_source source = { .name = "encrypted-dns",
				      .path = temporary_file(rules, block),
				      .role = "bypass" };
	struct index_builder *b = index_builder_new();
	struct lists *lists = NULL;
	struct catalogue *catalogue = NULL;
	struct index *names = NULL;
	struct error e = { "" };
	struct policy *p;
	struct verdict v;
	struct name name;

	ck_assert_msg(!lists_load(&source, 1, &lists, &e), "%s", e.text);
	ck_assert_msg(
		!catalogue_load(temporary_file(catalogue_text, catalogue_path), &catalogue, &e),
		"%s", e.text);
	for (size_t i = 0; i < 3; i++)
		user_rule(b, known[i], RULE_BLOCK, RULE_SUFFIX);
	ck_assert_int_eq(index_builder_finish(b, &names), 0);
	index_builder_free(b);
	unlink(block);
	unlink(catalogue_path);
	p = policy_new(&o, lists, catalogue, NULL);
	ck_assert_ptr_nonnull(p);
	policy_set_bypass(p, names);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ck_assert(name_from_text(rows[i].name, strlen(rows[i].name), &name));
		policy_decide(p, &(struct policy_query){ .name = &name }, &v);
		ck_assert_msg(v.kind == rows[i].kind && v.how == rows[i].dns &&
				      v.role == rows[i].role,
			      "%s: %d %d %d", rows[i].name, v.kind, v.how, v.role);
		policy_decide(p, &(struct policy_query){ .name = &name, .via = POLICY_DNS_TCP },
			      &v);
		ck_assert_msg(v.how == rows[i].tcp, "%s: %d", rows[i].name, v.how);
	}
	policy_free(p);
}
END_TEST

/* Where nothing speaks of the name, networks of lists do: the longest prefix of
 * the class that decides. */
START_TEST(networks_speak_last)
{
	static const struct {
		const char *name, *server, *rule;
		enum verdict_reason reason;
	} rows[] = {
		{ "", "203.0.113.7", "203.0.113.0/24", REASON_LIST_BLOCK },
		{ "", "203.0.113.65", "203.0.113.64/26", REASON_LIST_BLOCK },
		{ "", "203.0.114.7", NULL, REASON_NO_RULE },
		{ "", "203.0.113.130", "@@203.0.113.128/25", REASON_LIST_ALLOW },
		{ "", "203.0.113.200", "@@203.0.113.128/25", REASON_LIST_ALLOW },
		{ "", "2001:db8:b::7", "2001:db8:b::/48", REASON_LIST_BLOCK },
		{ "", "2001:db8:c::7", NULL, REASON_NO_RULE },
		{ "nothing.example", "203.0.113.7", "203.0.113.0/24", REASON_LIST_BLOCK },
		{ "fine.example", "203.0.113.7", "@@||fine.example^", REASON_LIST_ALLOW },
	};
	struct policy *p = make_networks();
	char rule[RULE_TEXT_MAX];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct name name = { .len = 0 };
		struct addr server;
		struct verdict v;

		ck_assert(addr_parse(rows[i].server, &server));
		if (*rows[i].name)
			ck_assert(name_from_text(rows[i].name, strlen(rows[i].name), &name));
		policy_decide(p,
			      &(struct policy_query){
				      .name = &name, .via = POLICY_TCP, .server = &server },
			      &v);
		ck_assert_msg(v.reason == rows[i].reason, "%s: %s", rows[i].server,
			      verdict_reason_name(v.reason));
		ck_assert_int_eq(v.how, v.kind == VERDICT_BLOCK ? HOW_RESET : HOW_NONE);
		ck_assert_int_eq(v.has_rule, rows[i].rule != NULL);
		if (rows[i].rule)
			ck_assert_str_eq(rule_format(&v.rule, rule), rows[i].rule);
	}
	policy_free(p);
}
END_TEST

/* Rules about the answer stand above $important, and below essential rows as long as they are. */
START_TEST(answers_of_rules)
{
	static const char rules[] =
		"||r.example^$dnsrewrite=REFUSED\n@@||r.example^$important\n"
		"||n.example^$dnsrewrite=NXDOMAIN\n||z.example^$dnsrewrite=0.0.0.0\n"
		"||e.example^$dnsrewrite=NOERROR\n"
		"||a.example^$dnsrewrite=192.0.2.9\n||a.example^$important\n"
		"||sub.a.example^$dnsrewrite=2001:db8::9\n@@||none.a.example^$dnsrewrite\n"
		"||c.example^$dnsrewrite=other.example\n||c.example^\n"
		"||api.example.net^$dnsrewrite=NXDOMAIN\n"
		"||netflix.com^$dnsrewrite=192.0.2.9\n||a.netflix.com^$dnsrewrite=192.0.2.9\n";
	static const struct {
		const char *name;
		enum verdict_kind kind;
		enum verdict_how dns, tcp;
		unsigned addrs;
	} rows[] = {
		{ "r.example", VERDICT_BLOCK, HOW_REFUSED, HOW_RESET, 0 },
		{ "n.example", VERDICT_BLOCK, HOW_NXDOMAIN, HOW_RESET, 0 },
		{ "z.example", VERDICT_BLOCK, HOW_NULL, HOW_RESET, 0 },
		{ "e.example", VERDICT_BLOCK, HOW_NODATA, HOW_RESET, 0 },
		{ "a.example", VERDICT_ALLOW, HOW_REWRITE, HOW_NONE, 1 },
		{ "sub.a.example", VERDICT_ALLOW, HOW_REWRITE, HOW_NONE, 2 },
		{ "none.a.example", VERDICT_BLOCK, HOW_DROP, HOW_RESET, 0 },
		{ "c.example", VERDICT_ALLOW, HOW_NONE, HOW_NONE, 0 },
		{ "api.example.net", VERDICT_ALLOW, HOW_NONE, HOW_NONE, 0 },
		{ "netflix.com", VERDICT_ALLOW, HOW_NONE, HOW_NONE, 0 },
		{ "x.a.netflix.com", VERDICT_ALLOW, HOW_REWRITE, HOW_NONE, 1 },
	};
	struct policy_options o = { .enforce = true, .dns = HOW_DROP, .tcp = HOW_RESET };
	char path[64], catalogue_path[64];
	struct list_source source = { .name = "answers", .path = temporary_file(rules, path) };
	struct lists *lists = NULL, *quiet = NULL;
	struct catalogue *catalogue = NULL;
	struct error e = { "" };
	struct policy *p;
	struct verdict v;

	ck_assert_msg(!lists_load(&source, 1, &lists, &e), "%s", e.text);
	source.log_only = true;
	ck_assert_msg(!lists_load(&source, 1, &quiet, &e), "%s", e.text);
	ck_assert_msg(
		!catalogue_load(temporary_file(catalogue_text, catalogue_path), &catalogue, &e),
		"%s", e.text);
	unlink(path);
	unlink(catalogue_path);
	p = policy_new(&o, lists, catalogue, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		v = decide(p, rows[i].name, POLICY_DNS);
		ck_assert_msg(v.kind == rows[i].kind && v.how == rows[i].dns &&
				      (v.how != HOW_REWRITE || v.addr_count == rows[i].addrs),
			      "%s: %d %d %d", rows[i].name, v.kind, v.how, v.addr_count);
		v = decide(p, rows[i].name, POLICY_TCP);
		ck_assert_msg(v.kind == rows[i].kind && v.how == rows[i].tcp, "%s: %d %d",
			      rows[i].name, v.kind, v.how);
	}
	/* What blocks nothing answers nothing. */
	policy_tick(p, 1000);
	policy_pause(p, 2000);
	v = decide(p, "a.example", POLICY_DNS);
	ck_assert(v.kind == VERDICT_LOG && v.how == HOW_NONE);
	v = decide(p, "r.example", POLICY_DNS);
	ck_assert(v.kind == VERDICT_LOG && v.how == HOW_NONE);
	policy_free(p);
	p = policy_new(&o, quiet, NULL, NULL);
	v = decide(p, "a.example", POLICY_DNS);
	ck_assert(v.kind == VERDICT_ALLOW && v.how == HOW_NONE);
	v = decide(p, "r.example", POLICY_DNS);
	ck_assert(v.kind == VERDICT_LOG && v.how == HOW_NONE);
	policy_free(p);
}
END_TEST

SUITE("policy/policy", the_order_holds_row_by_row, how_follows_the_kind_of_packet,
      monitor_and_pause_log_instead, every_candidate_speaks, nothing_to_go_by_is_allowed,
      words_go_both_ways, ways_round_dns, networks_speak_last, answers_of_rules)
