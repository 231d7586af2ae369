/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host, Origin and token. */
#include "web/guard.h"

#include "suite.h"

static enum guard_answer host(const char *h)
{
	struct guard_request r = { .host = h };

	return guard_check(&r, "tacet.lan", NULL);
}

START_TEST(names_of_others_are_refused)
{
	ck_assert_int_eq(host("127.0.0.1:4780"), GUARD_PASS);
	ck_assert_int_eq(host("[::1]:4780"), GUARD_PASS);
	ck_assert_int_eq(host("localhost"), GUARD_PASS);
	ck_assert_int_eq(host("Tacet.lan:80"), GUARD_PASS);
	ck_assert_int_eq(host("rebound.example:4780"), GUARD_HOST);
	ck_assert_int_eq(host("localhost.rebound.example"), GUARD_HOST);
	ck_assert_int_eq(host("127.0.0.1.rebound.example"), GUARD_HOST);
	ck_assert_int_eq(host("localhost:x"), GUARD_HOST);
	ck_assert_int_eq(host("[::1"), GUARD_HOST);
	ck_assert_int_eq(host(""), GUARD_HOST);
	ck_assert_int_eq(host(NULL), GUARD_HOST);
}
END_TEST

START_TEST(requests_of_other_sites_are_refused)
{
	struct guard_request r = { .host = "localhost:4780", .origin = "http://localhost:4780" };

	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_PASS);
	r.origin = "http://localhost:8080";
	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_ORIGIN);
	r.origin = "null";
	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_ORIGIN);
	r.origin = NULL;
	r.site = "cross-site";
	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_ORIGIN);
	r.mode = "navigate";
	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_PASS);
	r.changes = true;
	ck_assert_int_eq(guard_check(&r, NULL, NULL), GUARD_ORIGIN);
}
END_TEST

START_TEST(the_token_is_asked_for)
{
	struct guard_request r = { .host = "192.0.2.1" };
	const char *token = "0123456789abcdef";

	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_TOKEN);
	r.authorization = "Bearer 0123456789abcdef";
	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_PASS);
	r.authorization = "Bearer 0123456789abcdef0123456789abcdef";
	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_WRONG);
	r.authorization = NULL;
	r.cookie = "a=b; tacet-token=0123456789abcdef; c=d";
	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_PASS);
	r.cookie = "xtacet-token=0123456789abcdef";
	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_TOKEN);
	r.cookie = "tacet-token=";
	ck_assert_int_eq(guard_check(&r, NULL, token), GUARD_TOKEN);
}
END_TEST

START_TEST(wrong_tokens_are_counted_by_who_gives_them)
{
	static struct guard_failures f;
	const int64_t now = INT64_C(1769890500000);

	for (int i = 0; i < GUARD_TRIES; i++) {
		ck_assert(guard_may_try(&f, 7, now));
		guard_failed(&f, 7, now);
	}
	ck_assert(!guard_may_try(&f, 7, now + 1000));
	ck_assert(guard_may_try(&f, 8, now));
	ck_assert(guard_may_try(&f, 7 + GUARD_SLOTS, now));
	ck_assert(guard_may_try(&f, 7, now + 60000));
}
END_TEST

SUITE("web/guard", names_of_others_are_refused, requests_of_other_sites_are_refused,
      the_token_is_asked_for, wrong_tokens_are_counted_by_who_gives_them)
