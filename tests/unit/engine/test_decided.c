/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of decisions is what the policy says, whatever it depends on. */
#include "engine/decided.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "suite.h"
#include "unit/temporary.h"

static struct policy *policy_of(const char *rules)
{
	static const struct policy_options how = {
		.enforce = true, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH
	};

	return policy_new(&how, temporary_lists(rules), NULL, NULL);
}

static void same(const struct verdict *a, const struct verdict *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->how, b->how);
	ck_assert_int_eq(a->reason, b->reason);
	ck_assert_int_eq(a->role, b->role);
	ck_assert_int_eq(a->has_rule, b->has_rule);
	ck_assert_int_eq(a->addr_count, b->addr_count);
	ck_assert_uint_eq(a->answer_ttl_s, b->answer_ttl_s);
	ck_assert(a->app == b->app && a->list == b->list && a->section == b->section &&
		  a->row == b->row);
}

/* One of many things to ask, by number. */
static struct policy_query nth(unsigned n, struct name *name, struct addr *client,
			       struct addr *server)
{
	static const char *const names[] = { "tracker.test", "type.test",  "kids.test",
					     "film.test",    "other.test", "www.film.test" };
	static const char *const clients[] = { "192.0.2.20", "192.0.2.21" };
	static const char *const servers[] = { "203.0.113.7", "198.51.100.7" };
	struct policy_query q = { .name = name };

	ck_assert(name_from_text(names[n % 6], strlen(names[n % 6]), name));
	n /= 6;
	ck_assert(addr_parse(clients[n & 1], client) && addr_parse(servers[n >> 1 & 1], server));
	q.client = n >> 2 & 1 ? client : NULL;
	q.server = n >> 3 & 1 ? server : NULL;
	q.qtype = n >> 4 & 1 ? 28 : 1;
	q.via = (enum policy_via)(n >> 5 & 3);
	q.is_resolver = n >> 7 & 1;
	q.device = n >> 8 & 1 ? "tv" : NULL;
	return q;
}
enum { QUERIES = 6 * 512 };

START_TEST(it_says_what_the_policy_says)
{
	struct policy *p = policy_of("||tracker.test^\n||type.test^$dnstype=AAAA\n"
				     "||kids.test^$client=192.0.2.20\n203.0.113.0/24\n");
	struct policy *none = policy_of("||nothing.test^\n");
	struct decided *d = decided_new();

	hash_seed();
	for (unsigned round = 0; round < 4 * QUERIES; round++) {
		struct addr client, server;
		struct name name;
		struct verdict want, got;
		struct policy_query q = nth((unsigned)random() % QUERIES, &name, &client, &server);

		policy_decide(p, &q, &want);
		/* Others took places in between; then twice in a row. */
		for (int again = 0; again < 2; again++) {
			decided_ask(d, p, 1, &q, &got);
			same(&got, &want);
		}
		/* Another policy is another generation. */
		policy_decide(none, &q, &want);
		decided_ask(d, none, 2, &q, &got);
		same(&got, &want);
	}
	decided_free(d);
	policy_free(none);
	policy_free(p);
}
END_TEST

/* A policy that blocks is asked, or one that does not is remembered. */
START_TEST(allowed_names_that_fit_are_remembered)
{
	struct policy *open = policy_of("||nothing.test^\n"), *shut = policy_of("/^a+$/\n");
	struct decided *d = decided_new();
	struct name name = { .len = 0 };
	struct policy_query q = { .name = &name, .via = POLICY_TCP };
	struct verdict v;

	for (unsigned len = 1; len < 254; len++) {
		memset(name.text, 'a', len);
		name.text[len] = '\0';
		name.len = (uint8_t)len;
		decided_ask(d, shut, 1, &q, &v);
		ck_assert_int_eq(v.kind, VERDICT_BLOCK);
		decided_ask(d, open, 1, &q, &v);
		ck_assert_int_eq(v.kind, VERDICT_ALLOW);
		decided_ask(d, shut, 1, &q, &v);
		ck_assert_int_eq(v.kind, len <= 64 ? VERDICT_ALLOW : VERDICT_BLOCK);
		decided_ask(d, shut, 2, &q, &v);
		ck_assert_int_eq(v.kind, VERDICT_BLOCK);
	}
	decided_free(d);
	decided_free(NULL);
	policy_free(open);
	policy_free(shut);
}
END_TEST

SUITE("engine/decided", it_says_what_the_policy_says, allowed_names_that_fit_are_remembered)
