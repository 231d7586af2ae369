// SPDX-License-Identifier: GPL-2.0-or-later
/* Default routes out of the kernel's tables, and the runner of tools. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netfilter/backend.h"
#include "suite.h"

static char names[RULES_IFACES_MAX][RULES_IFNAME_MAX];

/* Masks stand in the table as integers of the machine. */
static const char *route4_of(const char *dst, uint32_t mask)
{
	static char line[512];

	snprintf(line, sizeof(line), "tun0 %s 0 0003 0 0 0 %08X\n", dst, (unsigned)htonl(mask));
	return line;
}

START_TEST(default_routes_of_ipv4)
{
	static const char head[] = "Iface\tDestination\tGateway "
				   "\tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
	static const char table[] =
		"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
		"ppp0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
		"br-lan\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
		"wwan0\t00000000\t010200C0\t0003\t0\t0\t500\t00000000\t0\t0\t0\n"
		"ppp0\t00000000\t010200C0\t0003\t0\t0\t9\t00000000\t0\t0\t0\n"
		"down0\t00000000\t010200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"
		"dead0\t00000000\t010200C0\t0201\t0\t0\t0\t00000000\t0\t0\t0\n";

	ck_assert_uint_eq(routes_default(head, NULL, names), 0);
	ck_assert_uint_eq(routes_default(table, NULL, names), 2);
	ck_assert_str_eq(names[0], "ppp0");
	ck_assert_str_eq(names[1], "wwan0");
	/* half the Internet is a VPN's default route; a network of eight bits is none */
	ck_assert_uint_eq(routes_default(route4_of("00000080", 0x80000000), NULL, names), 1);
	ck_assert_uint_eq(routes_default(route4_of("0000000A", 0xff000000), NULL, names), 0);
	ck_assert_uint_eq(routes_default("garbage\n\n\nx", "x\n y z\n", names), 0);
}
END_TEST

START_TEST(default_routes_of_ipv6)
{
#define ZERO "00000000000000000000000000000000"
	static const char table[] =
		ZERO " 00 " ZERO " 00 fe80000000000000000000000000abcd 00000400 00000001 00000000 "
		     "00000003     wan6\n"
		     "20000000000000000000000000000000 03 " ZERO " 00 " ZERO
		     " 00000400 00000001 00000000 00000001      6in4\n"
		     "20010db8000000000000000000000000 20 " ZERO " 00 " ZERO
		     " 00000100 00000001 00000000 00000001      lan\n" ZERO " 00 " ZERO " 00 " ZERO
		     " ffffffff 00000001 00000000 00200200       lo\n" ZERO " 00 " ZERO " 00 " ZERO
		     " ffffffff 00000001 00000000 00000001       lo\n";

	ck_assert_uint_eq(routes_default(NULL, table, names), 2);
	ck_assert_str_eq(names[0], "wan6");
	ck_assert_str_eq(names[1], "6in4");
}
END_TEST

START_TEST(more_routes_than_room)
{
	struct text t = { 0 };

	for (unsigned i = 0; i < RULES_IFACES_MAX + 5; i++)
		text_printf(&t, "if%u 00000000 0 0003 0 0 0 00000000\n", i);
	ck_assert_uint_eq(routes_default(t.at, NULL, names), RULES_IFACES_MAX);
	text_done(&t);
}
END_TEST

START_TEST(tools_run_without_a_shell)
{
	const char *const cat[] = { "cat", NULL };
	const char *const env[] = { "env", NULL };
	const char *const no[] = { "tacet-no-such-tool", NULL };
	const char *const fails[] = { "ls", "/nonexistent/$(id)", NULL };
	struct text out = { 0 }, err = { 0 }, big = { 0 };

	ck_assert_int_eq(tool_run(no, NULL, &out, &err), -ENOENT);
	ck_assert_int_eq(tool_run(cat, "in\nand out\n", &out, &err), 0);
	ck_assert_str_eq(out.at, "in\nand out\n");
	ck_assert_uint_eq(err.len, 0);
	text_clear(&out);
	ck_assert_int_eq(tool_run(cat, NULL, &out, NULL), 0);
	ck_assert_uint_eq(out.len, 0);
	/* More than any pipe holds, unread meanwhile. */
	for (int i = 0; i < 50000; i++)
		text_str(&big, "0123456789");
	ck_assert_int_eq(tool_run(cat, big.at, &out, NULL), 0);
	ck_assert_uint_eq(out.len, big.len);
	text_clear(&out);
	ck_assert_int_eq(tool_run(env, NULL, &out, NULL), 0);
	ck_assert_ptr_nonnull(strstr(out.at, "LC_ALL=C\n"));
	ck_assert_ptr_null(strstr(out.at, "HOME="));
	text_clear(&out);
	ck_assert_int_gt(tool_run(fails, NULL, &out, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.at, "$(id)"));
	text_done(&out);
	text_done(&err);
	text_done(&big);
}
END_TEST

START_TEST(a_queue_nobody_holds)
{
	ck_assert(!queue_is_bound(64999));
	ck_assert(!file_read_all("/nonexistent", &(struct text){ 0 }));
}
END_TEST

SUITE("netfilter/routes", default_routes_of_ipv4, default_routes_of_ipv6, more_routes_than_room,
      tools_run_without_a_shell, a_queue_nobody_holds)
