// SPDX-License-Identifier: GPL-2.0-or-later
/* An interface and an NFLOG group, in a namespace of the test's own. */
#define _GNU_SOURCE
#include "unit/netfilter/rig.h"

#include <pcap/dlt.h>

#include "base/text.h"
#include "source/internal.h"
#include "source/source.h"
#include "suite.h"

enum { GROUP = 77 };

struct seen {
	unsigned n, local;
	struct frame last;
	uint8_t bytes[70000];
};

static struct seen seen;

static void on_frame(void *ctx, const struct frame *f)
{
	seen.n++;
	seen.local += f->hook == FRAME_LOCAL;
	seen.last = *f;
	memcpy(seen.bytes, f->bytes, f->len < sizeof(seen.bytes) ? f->len : sizeof(seen.bytes));
}

static void setup(void)
{
	memset(&seen, 0, sizeof(seen));
	ns_new();
}

/* Reads until so many frames came, for two seconds at most; the descriptor must say when. */
static void read_frames(struct source *s, unsigned n)
{
	int64_t end = now_ms() + 2000;
	struct error e = { "" };

	while (seen.n < n && now_ms() < end) {
		struct pollfd p = { .fd = source_fd(s), .events = POLLIN };
		int got = source_read(s, n - seen.n, on_frame, NULL, &e);
		ck_assert_msg(got >= 0, "%s", e.text);
		if (!got && poll(&p, 1, 2000) != 1)
			break;
	}
	ck_assert_uint_eq(seen.n, n);
}

static void talk(const char *address, size_t bytes)
{
	struct at server = at(address, 4000);
	int answering = sock(SOCK_DGRAM, &server, NULL), client = sock(SOCK_DGRAM, NULL, &server);
	char big[60000];

	memset(big, 'x', sizeof(big));
	ck_assert_int_eq((int)send(client, big, bytes, 0), (int)bytes);
	close(client);
	close(answering);
}

START_TEST(frames_of_an_interface)
{
	struct error e = { "" };
	struct source *s = NULL;
	const char *ifname = _i ? "any" : "lo";

	ck_assert_msg(source_open_live(ifname, &s, &e) == 0, "%s", e.text);
	ck_assert_int_ge(source_fd(s), 0);
	ck_assert_int_eq(source_read(s, 10, on_frame, NULL, &e), 0); /* does not wait */
	int64_t before = source_now_ns();
	talk("127.0.0.1", 100);
	read_frames(s, 1); /* over lo it leaves and arrives, and is one */
	ck_assert_int_eq(seen.last.link, _i ? DLT_LINUX_SLL : DLT_EN10MB);
	ck_assert_uint_ge(seen.last.len, 100 + 28);
	ck_assert_uint_eq(seen.last.wire_len, seen.last.len);
	ck_assert_int_ge(seen.last.time_ns, before - 1000000);
	ck_assert_int_le(seen.last.time_ns, source_now_ns());
	ck_assert_int_eq(seen.last.hook, FRAME_CAPTURED);
	ck_assert_uint_eq(source_dropped(s), 0);
	source_close(s);
}
END_TEST

START_TEST(whole_packets)
{
	struct error e = { "" };
	struct source *s = NULL;

	ck_assert_msg(source_open_live("lo", &s, &e) == 0, "%s", e.text);
	talk("::1", 60000);
	read_frames(s, 1);
	ck_assert_uint_eq(seen.last.len, 60000 + 8 + 40 + 14);
	ck_assert_int_eq(seen.bytes[seen.last.len - 1], 'x');
	source_close(s);
}
END_TEST

START_TEST(drops_are_counted)
{
	struct error e = { "" };
	struct source *s = NULL;
	unsigned sent = 0;

	ck_assert_msg(source_open_live("lo", &s, &e) == 0, "%s", e.text);
	for (int i = 0; i < 400; i++, sent++)
		talk("127.0.0.1", 50000); /* far over the buffer, unread */
	while (source_read(s, 1000, on_frame, NULL, &e) > 0)
		;
	ck_assert_uint_gt(source_dropped(s), 0);
	/* The kernel counts a packet of lo as it leaves and as it arrives. */
	ck_assert_uint_ge(source_dropped(s) + seen.n, sent);
	ck_assert_uint_le(source_dropped(s) + seen.n, 2 * sent);
	source_close(s);
}
END_TEST

START_TEST(interfaces_that_cannot_be_watched)
{
	struct error e = { "" };
	struct source *s = NULL;

	ck_assert_int_eq(source_open_live("nosuch0", &s, &e), -ENODEV);
	ck_assert_ptr_nonnull(strstr(e.text, "nosuch0: no such interface; there are: "));
	ck_assert_ptr_nonnull(strstr(e.text, "lo"));
	sh("ip link add veth7 type veth peer name veth8");
	ck_assert_int_eq(source_open_live("veth7", &s, &e), -ENETDOWN);
	ck_assert_ptr_nonnull(strstr(e.text, "ip link set veth7 up"));
	ck_assert_ptr_null(s);
	/* One that goes away while it is watched. */
	sh("ip link set veth7 up");
	ck_assert_msg(source_open_live("veth7", &s, &e) == 0, "%s", e.text);
	sh("ip link del veth7");
	int err = 0;
	for (int i = 0; i < 100 && err >= 0; i++) {
		usleep(10000);
		err = source_read(s, 100, on_frame, NULL, &e);
	}
	ck_assert_int_eq(err, -ENETDOWN);
	ck_assert_ptr_nonnull(strstr(e.text, "veth7"));
	source_close(s);
}
END_TEST

START_TEST(copies_of_a_group)
{
	struct error e = { "" };
	struct source *s = NULL;

	ck_assert_msg(source_open_nflog(GROUP, &s, &e) == 0, "%s", e.text);
	sh("ip%stables -A OUTPUT -p udp -j NFLOG --nflog-group %d", _i ? "6" : "", GROUP);
	sh("ip%stables -A INPUT -p udp -j NFLOG --nflog-group %d", _i ? "6" : "", GROUP);
	ck_assert_int_eq(source_read(s, 10, on_frame, NULL, &e), 0);
	int64_t before = source_now_ns();
	talk(_i ? "::1" : "127.0.0.1", 100);
	read_frames(s, 1);
	ck_assert_uint_eq(seen.local, 1);
	ck_assert_uint_eq(seen.last.uid, getuid());
	read_frames(s, 2);
	ck_assert_uint_eq(seen.local, 1);
	ck_assert_int_eq(seen.last.link, DLT_RAW);
	ck_assert_uint_eq(seen.last.len, 100 + 8 + (_i ? 40 : 20));
	ck_assert_uint_eq(seen.last.wire_len, seen.last.len);
	ck_assert_int_eq(seen.bytes[0] >> 4, _i ? 6 : 4);
	ck_assert_int_eq(seen.bytes[seen.last.len - 1], 'x');
	ck_assert_int_ge(seen.last.time_ns, before - 1000000000);
	ck_assert_int_le(seen.last.time_ns, source_now_ns());
	/* More than one datagram holds, taken one by one. */
	for (int i = 0; i < 100; i++)
		talk(_i ? "::1" : "127.0.0.1", 1000);
	while (seen.n < 202)
		read_frames(s, seen.n + 1);
	ck_assert_uint_eq(source_dropped(s), 0);
	source_close(s);
}
END_TEST

START_TEST(copies_that_were_cut_and_copies_that_were_lost)
{
	struct error e = { "" };
	struct source *s = NULL;

	ck_assert_msg(source_open_nflog(GROUP, &s, &e) == 0, "%s", e.text);
	sh("iptables -A OUTPUT -p udp -m mark --mark 0 -j NFLOG --nflog-group %d --nflog-size 60",
	   GROUP);
	talk("127.0.0.1", 1000);
	read_frames(s, 1);
	ck_assert_uint_eq(seen.last.len, 60);
	ck_assert_uint_eq(seen.last.wire_len, 1028);
	sh("ip6tables -A OUTPUT -p udp -j NFLOG --nflog-group %d --nflog-size 50", GROUP);
	talk("::1", 1000);
	read_frames(s, 2);
	ck_assert_uint_eq(seen.last.len, 50);
	ck_assert_uint_eq(seen.last.wire_len, 1048);
	/* Unread, more than the socket holds. */
	sh("iptables -F OUTPUT; iptables -A OUTPUT -p udp -j NFLOG --nflog-group %d", GROUP);
	int small = 4096;
	setsockopt(source_fd(s), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int i = 0; i < 200; i++)
		talk("127.0.0.1", 20000);
	usleep(100000);
	while (source_read(s, 100, on_frame, NULL, &e) > 0)
		;
	small = 8 << 20;
	setsockopt(source_fd(s), SOL_SOCKET, SO_RCVBUFFORCE, &small, sizeof(small));
	talk("127.0.0.1", 10);
	usleep(100000);
	while (source_read(s, 100, on_frame, NULL, &e) > 0)
		;
	ck_assert_uint_gt(source_dropped(s), 0);
	ck_assert_uint_eq(source_dropped(s) + seen.n, 203);
	source_close(s);
}
END_TEST

START_TEST(marks_and_hardware_addresses_of_copies)
{
	struct error e = { "" };
	struct source *s = NULL;
	char text[MAC_TEXT_MAX];

	int here = open("/proc/self/ns/net", O_RDONLY);
	int there = ns_new();
	ns_enter(here);
	sh("ip link add a0 type veth peer name b0 netns /proc/%d/fd/%d", getpid(), there);
	sh("ip addr add 192.168.5.1/24 dev a0; ip link set a0 up");
	ns_enter(there);
	sh("ip link set b0 address 02:00:00:00:00:42 up; ip addr add 192.168.5.2/24 dev b0");
	ns_enter(here);
	ck_assert_msg(source_open_nflog(GROUP, &s, &e) == 0, "%s", e.text);
	sh("iptables -t mangle -A INPUT -p udp -j MARK --set-mark 0x1234");
	sh("iptables -A INPUT -p udp -j NFLOG --nflog-group %d --nflog-prefix tacet", GROUP);
	struct at server = at("192.168.5.1", 4000);
	int answering = sock(SOCK_DGRAM, &server, NULL);
	ns_enter(there);
	int client = sock(SOCK_DGRAM, NULL, &server);
	ck_assert_int_eq((int)send(client, "x", 1, 0), 1);
	ns_enter(here);
	read_frames(s, 1);
	ck_assert_uint_eq(seen.last.mark, 0x1234);
	ck_assert_int_eq(seen.last.hook, FRAME_CAPTURED);
	ck_assert_uint_eq(seen.last.uid, UINT32_MAX);
	ck_assert_str_eq(mac_format(&seen.last.mac, text), "02:00:00:00:00:42");
	close(answering);
	source_close(s);
}
END_TEST

START_TEST(a_group_that_is_taken)
{
	struct error e = { "" };
	struct source *one = NULL, *two = NULL;

	ck_assert_int_eq(source_open_nflog(GROUP, &one, &e), 0);
	ck_assert_int_eq(source_open_nflog(GROUP, &two, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "another program"));
	ck_assert_ptr_null(two);
	source_close(one);
	ck_assert_int_eq(source_open_nflog(GROUP, &two, &e), 0);
	source_close(two);
}
END_TEST

static bool open_says_so(void)
{
	struct error e = { "" }, e2 = { "" };
	struct source *s;

	return source_open_live("lo", &s, &e) == -EPERM && strstr(e.text, "run as root") &&
	       source_open_nflog(GROUP, &s, &e2) == -EPERM && strstr(e2.text, "run as root");
}

START_TEST(without_privilege_it_says_so)
{
	ck_assert(says_so_without_privileges(open_says_so));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	if (!rig_possible())
		return rig_impossible();
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, frames_of_an_interface, 0, 2);
	tcase_add_test(t, whole_packets);
	tcase_add_test(t, drops_are_counted);
	tcase_add_test(t, interfaces_that_cannot_be_watched);
	tcase_add_loop_test(t, copies_of_a_group, 0, 2);
	tcase_add_test(t, copies_that_were_cut_and_copies_that_were_lost);
	tcase_add_test(t, marks_and_hardware_addresses_of_copies);
	tcase_add_test(t, a_group_that_is_taken);
	tcase_add_test(t, without_privilege_it_says_so);
	return suite_end(t, "source/live");
}
