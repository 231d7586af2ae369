/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records kept for a moment, and processes for the life of a flow. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/tell.h"
#include "suite.h"

static char order[TOLD_MAX * 2 + 8];

static void on_flow(void *ctx, const struct flow_record *r)
{
	strcat(order, "f");
	ck_assert_str_eq(r->hostname, "shelf");
	ck_assert_str_eq(r->ja4, "t13d");
	ck_assert_str_eq(r->device, "tv");
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	strcat(order, "d");
	ck_assert_uint_eq(r->chain_count, 1);
	ck_assert_str_eq(r->chain[0].text, "a.test");
	ck_assert_uint_eq(r->addrs[0].ttl, 5);
	ck_assert_ptr_null(r->hostname);
}

/* What it is made of is gone by the time it is told. */
START_TEST(copies_are_told_in_order)
{
	struct told *t = told_new();
	char hostname[] = "shelf", ja4[] = "t13d";
	struct name chain = { .len = 6, .text = "a.test" };
	struct dns_addr addr = { .ttl = 5 };
	struct flow_record f = { .device = "tv", .hostname = hostname, .ja4 = ja4 };
	struct dns_record d = {
		.chain = &chain, .chain_count = 1, .addrs = &addr, .addr_count = 1
	};

	ck_assert(told_flow(t, &f));
	ck_assert(told_dns(t, &d));
	ck_assert(told_flow(t, &f));
	memset(hostname, 'x', 5);
	memset(ja4, 'x', 4);
	memset(&chain, 0, sizeof chain);
	memset(&addr, 0, sizeof addr);
	told_each(t, on_flow, on_dns, NULL);
	ck_assert_str_eq(order, "fdf");
	told_each(t, on_flow, on_dns, NULL);
	ck_assert_str_eq(order, "fdf"); /* once */
	f.hostname = "shelf";
	f.ja4 = "t13d";
	for (int i = 0; i < TOLD_MAX; i++)
		ck_assert(told_flow(t, &f));
	ck_assert(!told_flow(t, &f));
	ck_assert(!told_dns(t, &d));
	told_free(t);
	told_free(NULL);
}
END_TEST

/* Without sockets to ask, a flow that nobody noted stays unknown, and is asked for again. */
START_TEST(owners_of_nobody)
{
	struct owners *o = owners_new(2);
	struct processes *p = processes_new(NULL);
	struct flow_record r = { .id = 1, .proto = IPPROTO_UDP, .is_open = true, .sport = 1 };
	struct dns_record d = { .proto = IPPROTO_UDP, .cport = 1, .port = 53 };

	addr_parse("192.0.2.1", &r.src);
	r.dst = d.client = d.server = r.src;
	ck_assert_ptr_null(owners_of_flow(o, p, &r, true));
	ck_assert_ptr_null(owners_of_flow(o, p, &r, false));
	ck_assert_ptr_null(owners_of_question(o, p, &d));
	ck_assert_uint_eq(owners_evicted(o), 0);
	owners_free(o);
	owners_free(NULL);
	processes_free(p);
}
END_TEST

SUITE("daemon/told", copies_are_told_in_order, owners_of_nobody)
