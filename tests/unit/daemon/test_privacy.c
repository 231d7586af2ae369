/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Privacy levels: what of a record may leave the daemon. */
#include <string.h>

#include "base/hash.h"
#include "daemon/privacy.h"
#include "process/process.h"
#include "suite.h"

static struct flow_record flow(enum verdict_kind kind)
{
	struct flow_record r = { .verdict.kind = kind,
				 .sport = 50000,
				 .ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1",
				 .mac = { { 2, 0, 0, 0, 0, 1 } } };

	addr_parse("192.168.1.20", &r.src);
	addr_parse("203.0.113.7", &r.dst);
	return r;
}

START_TEST(levels_tell_what_they_say)
{
	static const struct {
		unsigned level;
		enum verdict_kind kind;
		bool told;
	} rows[] = {
		{ 0, VERDICT_ALLOW, true },  { 0, VERDICT_BLOCK, true },
		{ 1, VERDICT_ALLOW, false }, { 1, VERDICT_LOG, true },
		{ 1, VERDICT_BLOCK, true },  { 2, VERDICT_ALLOW, false },
		{ 2, VERDICT_BLOCK, true },  { 3, VERDICT_BLOCK, false },
		{ 3, VERDICT_ALLOW, false },
	};
	char buf[PSEUDONYM_MAX];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct flow_record r = flow(rows[i].kind);
		struct dns_record d = { .verdict.kind = rows[i].kind };
		struct refusal x = { .count = 1 };

		ck_assert_msg(privacy_flow(rows[i].level, &r, buf) == rows[i].told, "row %zu", i);
		ck_assert_msg(privacy_dns(rows[i].level, &d, buf) == rows[i].told, "row %zu", i);
		/* What was refused is a block. */
		if (rows[i].kind == VERDICT_BLOCK)
			ck_assert(privacy_refusal(rows[i].level, &x, buf) == rows[i].told);
	}
}
END_TEST

START_TEST(level_2_hides_the_device_and_keeps_it_apart)
{
	struct flow_record a = flow(VERDICT_BLOCK), b = a, c = a;
	char one[PSEUDONYM_MAX], two[PSEUDONYM_MAX], three[PSEUDONYM_MAX];

	hash_seed();
	b.first_ns = 1;
	c.mac.bytes[5] = 2;
	a.hostname = "living-room";
	a.process = &(struct process){ .comm = "curl" };
	ck_assert(privacy_flow(2, &a, one));
	ck_assert(privacy_flow(2, &b, two));
	ck_assert(privacy_flow(2, &c, three));
	ck_assert_ptr_eq(a.device, one);
	ck_assert_str_eq(one, two); /* the same device on the same day */
	ck_assert_str_ne(one, three);
	ck_assert(mac_is_zero(&a.mac));
	ck_assert_ptr_null(a.ja4);
	ck_assert_ptr_null(a.hostname);
	ck_assert_ptr_null(a.process);
	ck_assert_uint_eq(a.src.family, 0);
	ck_assert_uint_eq(a.sport, 0);
	a = flow(VERDICT_BLOCK);
	a.first_ns = 86400LL * 1000000000; /* the next day */
	ck_assert(privacy_flow(2, &a, two));
	ck_assert_str_ne(one, two);
}
END_TEST

START_TEST(a_configured_name_is_told)
{
	struct dns_record d = { .verdict.kind = VERDICT_BLOCK,
				.device = "tv",
				.hostname = "shelf" };
	char buf[PSEUDONYM_MAX];

	addr_parse("192.168.1.20", &d.client);
	ck_assert(privacy_dns(2, &d, buf));
	ck_assert_str_eq(d.device, "tv");
	ck_assert_uint_eq(d.client.family, 4);
	d.device = NULL;
	ck_assert(privacy_dns(2, &d, buf));
	ck_assert_ptr_nonnull(strstr(d.device, "device-"));
	ck_assert_ptr_null(d.hostname);
	ck_assert_uint_eq(d.client.family, 0);
}
END_TEST

START_TEST(refusals_are_told_of_the_same_devices)
{
	struct refusal r = { .hostname = "shelf", .mac = { { 2, 0, 0, 0, 0, 1 } } }, named = r;
	char one[PSEUDONYM_MAX], two[PSEUDONYM_MAX];
	struct dns_record d = { .verdict.kind = VERDICT_BLOCK, .mac = r.mac };

	addr_parse("192.168.1.20", &r.client);
	named.client = d.client = r.client;
	named.device = "tv";
	ck_assert(privacy_refusal(2, &r, one));
	ck_assert(privacy_dns(2, &d, two));
	ck_assert_str_eq(r.device, d.device);
	ck_assert_ptr_null(r.hostname);
	ck_assert_uint_eq(r.client.family, 0);
	ck_assert(mac_is_zero(&r.mac));
	ck_assert(privacy_refusal(2, &named, two));
	ck_assert_str_eq(named.device, "tv");
	ck_assert_uint_eq(named.client.family, 4);
}
END_TEST

/* What devices do over time is a viewing history: told only where something was blocked. */
START_TEST(sessions_and_trackers)
{
	struct app_session quiet = { .app = "hulu" }, loud = { .app = "hulu", .trackers = 1 };
	struct companion kept = { .app = "hulu" }, refused = { .app = "hulu", .refused = true };
	struct suspect s = { .app = { "hulu" } };
	char buf[PSEUDONYM_MAX];

	hash_seed();
	for (unsigned level = 0; level <= 3; level++) {
		struct session_record q = { .session = &quiet }, l = { .session = &loud };
		struct companion_record k = { .companion = &kept }, r = { .companion = &refused };

		addr_parse("192.168.1.20", &l.addr);
		r.mac.bytes[5] = 1;
		r.hostname = l.hostname = "shelf";
		ck_assert_int_eq(privacy_session(level, &q, buf), level == 0);
		ck_assert_int_eq(privacy_session(level, &l, buf), level <= 2);
		ck_assert_int_eq(!l.hostname && !l.addr.family && l.device, level == 2);
		ck_assert_int_eq(privacy_companion(level, &k, buf), level == 0);
		ck_assert_int_eq(privacy_companion(level, &r, buf), level <= 2);
		ck_assert_int_eq(!r.hostname && mac_is_zero(&r.mac) && r.device, level == 2);
		ck_assert_int_eq(privacy_suspect(level, &s), level <= 2);
		ck_assert_int_eq(*s.app[0] != 0, level == 0);
	}
}
END_TEST

START_TEST(devices)
{
	struct device_record r = { .mac = { { 0xf4, 0xf5, 0xd8, 1, 2, 3 } },
				   .hostname = "shelf",
				   .hostname_from = DEVICE_NAME_LEASE,
				   .vendor = "Google, Inc.",
				   .apps = { "hulu" },
				   .addr_count = 1,
				   .app_count = 1 };
	struct device_record copy = r;
	char buf[PSEUDONYM_MAX];

	hash_seed();
	ck_assert(privacy_device(1, &copy, 0, buf));
	ck_assert_str_eq(copy.hostname, "shelf");
	ck_assert(privacy_device(2, &copy, 0, buf));
	ck_assert_ptr_eq(copy.device, buf);
	ck_assert(!copy.hostname && !copy.vendor && !copy.addr_count && mac_is_zero(&copy.mac));
	ck_assert_int_eq(copy.hostname_from, DEVICE_NAME_NONE);
	copy = r;
	copy.device = "tv";
	ck_assert(privacy_device(2, &copy, 0, buf));
	ck_assert_str_eq(copy.vendor, "Google, Inc.");
	ck_assert(!privacy_device(3, &copy, 0, buf));
}
END_TEST

SUITE("daemon/privacy", sessions_and_trackers, devices, levels_tell_what_they_say,
      level_2_hides_the_device_and_keeps_it_apart, a_configured_name_is_told,
      refusals_are_told_of_the_same_devices)
