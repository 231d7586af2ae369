// SPDX-License-Identifier: GPL-2.0-or-later
/* Conntrack events, figures and marks; injection of packets that are none. */
#define _GNU_SOURCE
#include "unit/netfilter/packets.h"
#include "unit/netfilter/rig.h"

#include <sys/mount.h>

#include "base/text.h"
#include "netfilter/conntrack.h"
#include "netfilter/inject.h"
#include "suite.h"

enum { FLOWS = 40 };

static unsigned ends;

static void on_end(void *ctx, const struct conntrack_end *e)
{
	ck_assert_uint_eq(e->proto, IPPROTO_UDP);
	ck_assert_uint_eq(e->dport, 4000);
	ends++;
}

static void setup(void)
{
	ends = 0;
	ns_new();
	/* Every flow marked, and with a bit of somebody else's. */
	sh("iptables -t mangle -A OUTPUT -p udp --dport 4000 -j CONNMARK --set-mark 0x9000001");
	sh("iptables -t mangle -A OUTPUT -p udp --dport 4001 -j CONNMARK --set-mark 0x1");
}

static void flows(unsigned port)
{
	struct at to = at("127.0.0.1", port);

	int fds[FLOWS];

	/* All open at once: a port that came twice would be one flow. */
	for (int i = 0; i < FLOWS; i++) {
		fds[i] = sock(SOCK_DGRAM, NULL, &to);
		ck_assert_int_eq((int)send(fds[i], "x", 1, 0), 1);
	}
	for (int i = 0; i < FLOWS; i++)
		close(fds[i]);
}

/* How many flows with this mark conntrack(8) sees. On a busy machine the kernel may track one
 * less than were sent. */
static int tracked(const char *mark)
{
	char *list = sh_output("conntrack -L -p udp 2>/dev/null | grep -c ' mark=%s '", mark);
	int n = atoi(list);

	free(list);
	ck_assert_int_gt(n, FLOWS / 2);
	return n;
}

START_TEST(events_that_overrun_are_counted)
{
	struct conntrack *c = NULL;
	struct error e = { "" };
	int small = 2048;

	ck_assert_int_eq(conntrack_open(0x0f000000, &c, &e), 0);
	setsockopt(conntrack_fd(c), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	flows(4000);
	ck_assert_int_eq(conntrack_dump(c, on_end, NULL), tracked("150994945"));
	ends = 0;
	sh("conntrack -D -p udp >/dev/null 2>&1");
	while (conntrack_read(c, on_end, NULL) > 0)
		;
	ck_assert_uint_lt(ends, FLOWS);
	ck_assert_uint_gt(conntrack_lost(c), 0);
	conntrack_close(c);
	conntrack_close(NULL);
}
END_TEST

START_TEST(marks_are_cleared_where_they_match)
{
	struct error e = { "" };

	flows(4000);
	flows(4001);
	ck_assert_int_eq(conntrack_clear(0x0f000000, 0x0a000000, 0x0f000000, &e), 0);
	int marked = tracked("150994945"), others = tracked("1");
	ck_assert_int_eq(conntrack_clear(0x0f000000, 0x08000000, 0x08000000, &e), marked);
	ck_assert_int_eq(conntrack_clear(0x0f000000, 0x08000000, 0x08000000, &e), 0);
	ck_assert_int_eq(tracked("1"), marked + others);
}
END_TEST

START_TEST(accounting_is_turned_on)
{
	struct error e = { "" };
	const char *path = "/proc/sys/net/netfilter/nf_conntrack_acct";
	char buf[4] = "";

	sh("echo 0 >%s", path);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(conntrack_accounting(&e), 0);
		int fd = open(path, O_RDONLY);
		ck_assert_int_gt((int)read(fd, buf, 3), 0);
		ck_assert_int_eq(buf[0], '1');
		close(fd);
	}
	sh("echo 0 >%s", path);
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	sh("mount -t tmpfs none /proc/sys/net");
	ck_assert_int_eq(conntrack_accounting(&e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(e.text, "without bytes"));
}
END_TEST

START_TEST(packets_that_are_none_are_refused)
{
	struct injector *i = NULL;
	struct error e = { "" };
	uint8_t p[128] = { 0 };

	ck_assert_int_eq(injector_open(&i, &e), 0);
	ck_assert_int_eq(injector_send(i, p, 0, 0), -EINVAL);
	ck_assert_int_eq(injector_send(i, p, sizeof(p), 0), -EINVAL); /* version 0 */
	p[0] = 0x45;
	ck_assert_int_eq(injector_send(i, p, 19, 0), -EINVAL);
	p[0] = 0x60;
	ck_assert_int_eq(injector_send(i, p, 39, 0), -EINVAL);
	/* No route, and no such neighbour. */
	p[0] = 0x45;
	memcpy(p + 16, (uint8_t[]){ 192, 0, 2, 1 }, 4);
	ck_assert_int_eq(injector_send(i, p, 40, 0), -ENETUNREACH);
	p[0] = 0x60;
	memcpy(p + 24, (uint8_t[]){ 0xfe, 0x80 }, 2);
	p[39] = 9;
	ck_assert_int_eq(injector_send(i, p, 48, 0), -EHOSTUNREACH);
	injector_close(i);
	injector_close(NULL);
}
END_TEST

/* A packet as big as the link, from an address that is nobody's, to this machine. */
START_TEST(a_packet_arrives_with_its_mark)
{
	struct injector *i = NULL;
	struct error e = { "" };
	struct at to = at(_i ? "::1" : "127.0.0.1", 4002);
	uint8_t p[128] = { 0 };
	size_t h = _i ? 40 : 20;
	char buf[16];

	ck_assert_int_eq(injector_open(&i, &e), 0);
	sh("ip%stables -A OUTPUT -p udp --dport 4002 -m mark ! --mark 0x33 -j DROP", _i ? "6" : "");
	int fd = sock(SOCK_DGRAM, &to, NULL);
	p[0] = _i ? 0x60 : 0x45;
	if (_i) {
		p[6] = IPPROTO_UDP;
		p[7] = 64;
		inet_pton(AF_INET6, "2001:db8::53", p + 8);
		p[39] = 1;
	} else {
		p[8] = 64;
		p[9] = IPPROTO_UDP;
		inet_pton(AF_INET, "203.0.113.53", p + 12);
		inet_pton(AF_INET, "127.0.0.1", p + 16);
	}
	put16(p + h, 53);
	put16(p + h + 2, 4002);
	put16(p + h + 4, 8 + 4);
	memcpy(p + h + 8, "mark", 4);
	finish(p, h + 12, IPPROTO_UDP, 6);
	injector_send(i, p, h + 12, 0x32);
	ck_assert_int_lt(recv(fd, buf, sizeof(buf), 0), 0);
	ck_assert_int_eq(injector_send(i, p, h + 12, 0x33), 0);
	struct at from = { .len = sizeof(from.v6) };
	ck_assert_int_eq((int)recvfrom(fd, buf, sizeof(buf), 0, &from.sa, &from.len), 4);
	struct at want = at(_i ? "2001:db8::53" : "203.0.113.53", 53);
	if (_i)
		ck_assert_int_eq(memcmp(&from.v6.sin6_addr, &want.v6.sin6_addr, 16), 0);
	else
		ck_assert_int_eq(memcmp(&from.v4.sin_addr, &want.v4.sin_addr, 4), 0);
	injector_close(i);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	if (!rig_possible() || system("conntrack --version >/dev/null 2>&1") != 0) {
		puts("needs root, network namespaces, iptables and conntrack");
		return 77;
	}
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, 30);
	tcase_add_test(t, events_that_overrun_are_counted);
	tcase_add_test(t, marks_are_cleared_where_they_match);
	tcase_add_test(t, accounting_is_turned_on);
	tcase_add_test(t, packets_that_are_none_are_refused);
	tcase_add_loop_test(t, a_packet_arrives_with_its_mark, 0, 2);
	return suite_end(t, "netfilter/conntrack");
}
