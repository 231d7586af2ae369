/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From tacet.conf to a policy, and what a decision is told as. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/explain.h"
#include "daemon/setup.h"
#include "suite.h"

static char dir[] = "/tmp/tacet-test-XXXXXX";

static const char *file(const char *name, const char *text)
{
	static char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static int load(const char *conf, struct config **c, struct policy **p, struct error *e)
{
	char here[256], text[1024];
	int rc;

	/* A relative path would start at the configuration's own folder. */
	ck_assert_ptr_nonnull(getcwd(here, sizeof here));
	snprintf(text, sizeof text, "[tacet]\ndata_dir = %s/blocklists\n%s", here, conf);
	rc = setup_config(file("tacet.conf", text), c, e);
	return rc ? rc : setup_policy(*c, NULL, NULL, p, e);
}

static void explain(const struct policy *p, const char *name, bool candidates, struct text *t)
{
	text_clear(t);
	explain_json(p, name, NULL, NULL, candidates, t);
}

START_TEST(bundled_lists_and_the_users_rules)
{
	struct config *c = NULL;
	struct policy *p = NULL;
	struct error e = { "" };
	struct text t = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_msg(!load("[rules]\nallow = good.example\nblock = =exact.example\n", &c, &p, &e),
		      "%s", e.text);
	ck_assert_uint_ge(lists_count(policy_lists(p)), 3);
	explain(p, "sub.good.example", false, &t);
	ck_assert_str_eq(
		t.at,
		"{\"name\":\"sub.good.example\",\"verdict\":\"allow\",\"reason\":\"user_allow\","
		"\"list\":\"user\",\"rule\":\"@@||good.example^\",\"line\":1}");
	explain(p, "exact.example", true, &t);
	ck_assert_ptr_nonnull(strstr(t.at, "\"verdict\":\"block\",\"how\":\"nxdomain\""));
	ck_assert_ptr_nonnull(strstr(t.at, "\"candidates\":[{\"list\":\"user\""));
	explain(p, "sub.exact.example", false, &t);
	ck_assert_ptr_nonnull(strstr(t.at, "\"verdict\":\"allow\""));
	explain(p, "not a name", false, &t);
	ck_assert_str_eq(
		t.at, "{\"name\":\"not a name\",\"error\":\"neither a host name nor an address\"}");
	explain(p, "www.netflix.com", true, &t);
	ck_assert_ptr_nonnull(strstr(t.at, "\"reason\":\"essential\""));
	ck_assert_ptr_nonnull(strstr(t.at, "\"evidence\":"));
	text_done(&t);
	policy_free(p);
	config_free(c);
}
END_TEST

/* What goes round DNS is shown as that, and refused only on request. */
START_TEST(ways_round_dns)
{
	static const char *const confs[] = { "", "[block]\nbypass = yes\ndns = refused\n" };
	struct text t = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (int i = 0; i < 2; i++) {
		struct config *c = NULL;
		struct policy *p = NULL;
		struct error e = { "" };

		ck_assert_msg(!load(confs[i], &c, &p, &e), "%s", e.text);
		explain(p, "dns.adguard-dns.com", false, &t);
		ck_assert_ptr_nonnull(strstr(t.at, "\"role\":\"bypass\""));
		ck_assert_ptr_nonnull(strstr(t.at, i ? "\"how\":\"refused\"" : "\"allow\""));
		explain(p, "_dns.resolver.arpa", false, &t);
		ck_assert_ptr_nonnull(strstr(t.at, i ? "\"how\":\"nodata\"" : "\"allow\""));
		explain(p, "use-application-dns.net", false, &t);
		ck_assert_ptr_nonnull(strstr(t.at, i ? "\"how\":\"nxdomain\"" : "\"allow\""));
		policy_free(p);
		config_free(c);
	}
	text_done(&t);
}
END_TEST

START_TEST(what_is_wrong_is_said_and_nothing_leaks)
{
	static const struct {
		const char *conf, *says;
	} rows[] = {
		{ "[rules]\nblock = a..b\n", "a..b" },
		{ "[list mine]\nfile = /nonexistent/list\n", "/nonexistent/list" },
		{ "bundled_lists = maybe\n", "maybe" },
		{ "[tacet]\nmoed = monitor\n", "mode" },
	};
	ck_assert_ptr_nonnull(mkdtemp(dir));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct config *c = NULL;
		struct policy *p = NULL;
		struct error e = { "" };

		ck_assert_int_lt(load(rows[i].conf, &c, &p, &e), 0);
		ck_assert_msg(strstr(e.text, rows[i].says) != NULL, "%s", e.text);
		ck_assert_ptr_null(p);
		config_free(c);
	}
}
END_TEST

START_TEST(rules_and_engine_follow_the_file)
{
	struct config *c = NULL;
	struct rules_options r;
	struct engine *engine = NULL;
	struct record_sink sink = { 0 };
	struct error e = { "" };

	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_msg(
		!setup_config(file("a.conf", "[network]\nbackend = xtables\nlan = br-lan eth1\n"
					     "[device tv]\nmac = 02:00:00:00:00:01\n"),
			      &c, &e),
		"%s", e.text);
	ck_assert_int_eq(setup_rules(c, &r, &e), 0);
	ck_assert_int_eq(r.backend, RULES_XTABLES);
	ck_assert_uint_eq(r.lan_count, 2);
	ck_assert_str_eq(r.lan[1], "eth1");
	ck_assert_int_eq(setup_engine(c, true, &sink, &engine, &e), 0);
	engine_free(engine);
	config_free(c);
	ck_assert_int_eq(
		setup_config(file("b.conf", "[network]\nforward = no\nlocal = no\n"), &c, &e), 0);
	ck_assert_int_eq(setup_rules(c, &r, &e), -EINVAL);
	config_free(c);
}
END_TEST

SUITE("daemon/setup", bundled_lists_and_the_users_rules, ways_round_dns,
      what_is_wrong_is_said_and_nothing_leaks, rules_and_engine_follow_the_file)
