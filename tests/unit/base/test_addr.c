/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and hardware addresses: text both ways, order, what is local. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "suite.h"

static struct addr parsed(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(text, &a), "%s is not taken", text);
	return a;
}

START_TEST(text_both_ways)
{
	/* The examples of RFC 5952, 2 to 5, and the edges of IPv4. */
	static const char *const pairs[][2] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "192.0.2.9", "192.0.2.9" },
		{ "2001:0db8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:DB8::ABCD", "2001:db8::abcd" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "1:0:0:2::", "1:0:0:2::" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
		{ "::1.2.3.4", "::102:304" },
		{ "fe80::10:0", "fe80::10:0" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	};
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct addr a = parsed(pairs[i][0]);

		ck_assert_str_eq(addr_format(&a, buf), pairs[i][1]);
	}
	ck_assert_str_eq(addr_format(&(struct addr){ 0 }, buf), "");
}
END_TEST

/* Whatever the bytes, the text means them, to the C library as well. */
START_TEST(text_keeps_every_bit)
{
	uint32_t state = 1;

	for (int round = 0; round < 20000; round++) {
		uint8_t bytes[16], again[16];
		char buf[ADDR_TEXT_MAX];
		struct addr a, b;

		for (int i = 0; i < 16; i++) {
			state = state * 1664525 + 1013904223;
			bytes[i] = state >> 30 ? 0 : (uint8_t)(state >> 20);
		}
		a = round % 4 ? addr_v6(bytes) : addr_v4(bytes);
		addr_format(&a, buf);
		ck_assert_msg(addr_parse(buf, &b) && addr_equal(&a, &b), "%s", buf);
		ck_assert_int_eq(inet_pton(a.family == 4 ? AF_INET : AF_INET6, buf, again), 1);
		ck_assert_mem_eq(again, bytes, a.family == 4 ? 4 : 16);
	}
}
END_TEST

START_TEST(refused_text)
{
	static const char *const bad[] = {
		"",
		"1.2.3",
		"1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.4 ",
		" 1.2.3.4",
		"01.2.3.4",
		"localhost",
		":::",
		"1:2:3:4:5:6:7:8:9",
		"fe80::1%eth0",
		"[::1]",
		"g::",
		"12345::",
	};
	struct addr a = { .family = 99 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!addr_parse(bad[i], &a), "%s is taken", bad[i]);
	ck_assert_uint_eq(a.family, 99);
}
END_TEST

START_TEST(order)
{
	struct addr low = parsed("10.0.0.1"), high = parsed("10.0.0.2"), six = parsed("::");

	ck_assert(addr_equal(&low, &low));
	ck_assert(!addr_equal(&low, &high));
	ck_assert_int_eq(addr_compare(&low, &high), -1);
	ck_assert_int_eq(addr_compare(&high, &low), 1);
	ck_assert_int_eq(addr_compare(&low, &low), 0);
	ck_assert_int_eq(addr_compare(&high, &six), -1);
	ck_assert_int_eq(addr_compare(&six, &low), 1);
}
END_TEST

START_TEST(prefixes)
{
	static const struct {
		const char *prefix, *addr;
		bool has;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "192.168.4.0/22", "192.168.7.255", true },
		{ "192.168.4.0/22", "192.168.8.0", false },
		{ "0.0.0.0/0", "203.0.113.1", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "203.0.113.7", "203.0.113.7", true },
		{ "203.0.113.7", "203.0.113.6", false },
		{ "fe80::/10", "febf::1", true },
		{ "fe80::/10", "fec0::1", false },
		{ "2001:db8::/127", "2001:db8::1", true },
		{ "2001:db8::/127", "2001:db8::2", false },
		{ "::1/128", "::1", true },
		{ "::/0", "::1", true },
		{ "::/0", "0.0.0.0", false },
	};
	static const char *const bad[] = {
		"10.0.0.1/8",
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/8x",
		"10.0.0.0/-1",
		"10.0.0.0/08",
		"/8",
		"fe80::/9a",
		"fe80::1/64",
		"::/129",
		"10.0.0.0/8/8",
		"10.0.0.0 /8",
		"192.168.5.0/22",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1",
	};
	struct addr_prefix p = { .bits = 77 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!addr_prefix_parse(bad[i], &p), "%s is taken", bad[i]);
	ck_assert_uint_eq(p.bits, 77);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr a = parsed(cases[i].addr);

		ck_assert_msg(addr_prefix_parse(cases[i].prefix, &p), "%s", cases[i].prefix);
		ck_assert_msg(addr_prefix_has(&p, &a) == cases[i].has, "%s %s", cases[i].prefix,
			      cases[i].addr);
	}
}
END_TEST

START_TEST(local_ones)
{
	static const char *const local[] = {
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"100.127.255.255",
		"127.0.0.53",
		"169.254.1.1",
		"172.16.0.1",
		"172.31.9.9",
		"192.168.178.1",
		"224.0.0.251",
		"239.255.255.250",
		"255.255.255.255",
		"::",
		"::1",
		"fe80::1",
		"febf::1",
		"fd00::1",
		"fc00::1",
		"ff02::fb",
		"::ffff:10.0.0.1",
	};
	static const char *const global[] = {
		"1.1.1.1",	   "100.63.255.255", "100.128.0.0",	"172.15.0.1",
		"172.32.0.1",	   "192.167.1.1",    "169.253.1.1",	"223.255.255.255",
		"255.255.255.254", "2001:db8::1",    "2606:4700::1111", "::2",
		"fec0::1",	   "::ffff:8.8.8.8",
	};

	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		struct addr a = parsed(local[i]);

		ck_assert_msg(addr_is_local(&a), "%s", local[i]);
	}
	for (size_t i = 0; i < sizeof(global) / sizeof(global[0]); i++) {
		struct addr a = parsed(global[i]);

		ck_assert_msg(!addr_is_local(&a), "%s", global[i]);
	}
	ck_assert(!addr_is_local(&(struct addr){ 0 }));
}
END_TEST

START_TEST(hardware_addresses)
{
	static const char *const bad[] = {
		"",
		"aa:bb:cc:dd:ee",
		"aa:bb:cc:dd:ee:ff:00",
		"aa:bb:cc:dd:ee:fg",
		"aabbccddeeff",
		"a:bb:cc:dd:ee:ff",
		"aa:bb:cc:dd:ee:f",
		"aa.bb.cc.dd.ee.ff",
		"aa:bb:cc:dd:ee:ff ",
	};
	char buf[MAC_TEXT_MAX];
	struct mac m = { { 1 } };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!mac_parse(bad[i], &m), "%s is taken", bad[i]);
	ck_assert_uint_eq(m.bytes[0], 1);
	ck_assert(mac_parse("AA:bb:0C:9d:00:fF", &m));
	ck_assert_str_eq(mac_format(&m, buf), "aa:bb:0c:9d:00:ff");
	ck_assert(!mac_is_zero(&m));
	ck_assert(mac_parse("00-00-00-00-00-00", &m));
	ck_assert(mac_is_zero(&m));
}
END_TEST

SUITE("base/addr", text_both_ways, text_keeps_every_bit, refused_text, order, prefixes, local_ones,
      hardware_addresses)
