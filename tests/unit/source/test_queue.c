// SPDX-License-Identifier: GPL-2.0-or-later
/* The queue against the kernel: rules made by hand in a namespace of the test's own. */
#define _GNU_SOURCE
#include "unit/netfilter/rig.h"

#include <pcap/dlt.h>
#include <sys/mount.h>

#include "source/internal.h"
#include "source/queue.h"
#include "suite.h"

enum { NUMBER = 11, PORT = 4000, SEEN_MAX = 4096 };

static struct queue *queue;
static const struct queue_options normal = {
	.number = NUMBER, .length = 1024, .copy_bytes = 1500, .batch = 32
};

/* What the packets were and what each is answered. */
static struct {
	unsigned n;
	struct frame last;
	uint8_t bytes[2048];
	uint32_t cookies[SEEN_MAX];
} seen;
static enum { LET, DROP, MARK, SILENT, TWICE, STRANGER, EVERY_SECOND } answer;

static void on_frame(void *ctx, const struct frame *f)
{
	ck_assert_ptr_eq(ctx, &seen);
	seen.cookies[seen.n % SEEN_MAX] = f->cookie;
	seen.n++;
	seen.last = *f;
	memcpy(seen.bytes, f->bytes, f->len < sizeof(seen.bytes) ? f->len : sizeof(seen.bytes));
	switch (answer) {
	case LET:
		queue_answer(queue, f->cookie, QUEUE_ACCEPT, false, 0);
		break;
	case DROP:
		queue_answer(queue, f->cookie, QUEUE_DROP, true, 1);
		break;
	case MARK:
		queue_answer(queue, f->cookie, QUEUE_ACCEPT, true, 0x77);
		break;
	case SILENT:
		break;
	case TWICE: /* the last word counts */
		queue_answer(queue, f->cookie, QUEUE_DROP, false, 0);
		queue_answer(queue, f->cookie, QUEUE_ACCEPT, false, 0);
		break;
	case STRANGER: /* a packet that is not of this batch */
		queue_answer(queue, f->cookie + 1000, QUEUE_DROP, false, 0);
		break;
	case EVERY_SECOND:
		queue_answer(queue, f->cookie, seen.n % 2 ? QUEUE_ACCEPT : QUEUE_DROP, false, 0);
		break;
	}
}

static void start(const struct queue_options *o)
{
	struct error e = { "" };
	int err = queue_open(o, &queue, &e);

	ck_assert_msg(err == 0, "%d %s", err, e.text);
}

static void setup(void)
{
	ns_new();
	memset(&seen, 0, sizeof(seen));
	answer = LET;
	sh("iptables -A OUTPUT -p udp --dport %d -j NFQUEUE --queue-num %d --queue-bypass", PORT,
	   NUMBER);
	sh("ip6tables -A OUTPUT -p udp --dport %d -j NFQUEUE --queue-num %d --queue-bypass", PORT,
	   NUMBER);
}

struct pair {
	int client, server;
};

static struct pair pair(const char *address)
{
	struct at to = at(address, PORT);
	struct pair p;

	p.server = sock(SOCK_DGRAM, &to, NULL);
	p.client = sock(SOCK_DGRAM, NULL, &to);
	return p;
}

static void say(struct pair p, const char *text)
{
	ck_assert_int_eq((int)send(p.client, text, strlen(text), 0), (int)strlen(text));
}

static int received(struct pair p)
{
	char buf[2048];
	int n = 0;

	while (recv(p.server, buf, sizeof(buf), 0) >= 0)
		n++;
	return n;
}

static void serve(unsigned packets)
{
	int64_t end = now_ms() + 2000;
	unsigned before = seen.n;

	while (seen.n - before < packets && now_ms() < end) {
		struct pollfd p = { .fd = queue_fd(queue), .events = POLLIN };
		if (poll(&p, 1, 100) == 1)
			ck_assert_int_ge(queue_read(queue, on_frame, &seen), 0);
	}
	ck_assert_uint_eq(seen.n - before, packets);
}

START_TEST(a_packet_and_what_is_known_of_it)
{
	const char *address = _i ? "::1" : "127.0.0.1";

	start(&normal);
	struct pair p = pair(address);
	ck_assert_int_eq(queue_read(queue, on_frame, &seen), 0); /* does not wait */
	int mark = 0x1234;
	setsockopt(p.client, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	int64_t before = source_now_ns();
	say(p, "hello");
	ck_assert_int_eq(received(p), 0); /* it waits for the verdict */
	serve(1);
	ck_assert_int_eq(received(p), 1);
	ck_assert_int_eq(seen.last.link, DLT_RAW);
	ck_assert_int_eq(seen.last.hook, FRAME_LOCAL);
	ck_assert_uint_eq(seen.last.len, (_i ? 40 : 20) + 8 + 5);
	ck_assert_uint_eq(seen.last.wire_len, seen.last.len);
	ck_assert_int_eq(memcmp(seen.bytes + seen.last.len - 5, "hello", 5), 0);
	ck_assert_uint_eq(seen.last.mark, 0x1234);
	ck_assert_uint_eq(seen.last.uid, getuid());
	ck_assert_int_ge(seen.last.time_ns, before);
	ck_assert_int_le(seen.last.time_ns, source_now_ns());
	queue_close(queue);
}
END_TEST

START_TEST(verdicts)
{
	start(&normal);
	struct pair p = pair("127.0.0.1");
	static const struct {
		int answer, arrive;
	} cases[] = { { LET, 1 }, { DROP, 0 }, { SILENT, 1 }, { TWICE, 1 }, { STRANGER, 1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		answer = cases[i].answer;
		say(p, "x");
		serve(1);
		ck_assert_msg(received(p) == cases[i].arrive, "case %zu", i);
	}
	/* An answer between batches belongs to nothing. */
	queue_answer(queue, seen.last.cookie + 5, QUEUE_DROP, false, 0);
	say(p, "x");
	answer = SILENT;
	serve(1);
	ck_assert_int_eq(received(p), 1);
	queue_close(queue);
}
END_TEST

START_TEST(a_mark_given_is_seen_by_later_rules)
{
	start(&normal);
	struct pair p = pair("127.0.0.1");
	sh("iptables -t mangle -A POSTROUTING -m mark --mark 0x77 -j DROP");
	say(p, "x");
	serve(1);
	ck_assert_int_eq(received(p), 1);
	answer = MARK;
	say(p, "x");
	serve(1);
	ck_assert_int_eq(received(p), 0);
	queue_close(queue);
}
END_TEST

START_TEST(batches_keep_their_order_and_each_its_verdict)
{
	struct queue_counters c;
	char text[8];

	start(&normal);
	struct pair p = pair("127.0.0.1");
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "%d", i);
		say(p, text);
	}
	queue_counters(queue, &c);
	ck_assert_uint_eq(c.waiting, 100);
	answer = EVERY_SECOND;
	serve(100);
	for (unsigned i = 1; i < 100; i++)
		ck_assert_uint_eq(seen.cookies[i], seen.cookies[i - 1] + 1);
	for (int i = 0; i < 100; i += 2) {
		char buf[8] = "";
		snprintf(text, sizeof(text), "%d", i);
		ck_assert_int_ge(recv(p.server, buf, sizeof(buf) - 1, 0), 1);
		ck_assert_str_eq(buf, text);
	}
	ck_assert_int_eq(received(p), 0);
	queue_counters(queue, &c);
	ck_assert_uint_eq(c.packets, 100);
	ck_assert_uint_eq(c.verdicts, 100);
	ck_assert_uint_eq(c.batches, 4); /* 32 + 32 + 32 + 4 */
	ck_assert_uint_eq(c.waiting, 0);
	ck_assert_uint_eq(c.kernel_dropped + c.user_dropped + c.lost, 0);
	queue_close(queue);
}
END_TEST

START_TEST(a_cut_copy_knows_its_length)
{
	struct queue_options o = normal;
	char text[1000];

	o.copy_bytes = 128;
	start(&o);
	struct pair p = pair(_i ? "::1" : "127.0.0.1");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	say(p, text);
	serve(1);
	ck_assert_uint_eq(seen.last.len, 128);
	ck_assert_uint_eq(seen.last.wire_len, 999 + 8 + (_i ? 40 : 20));
	ck_assert_int_eq(received(p), 1);
	queue_close(queue);
}
END_TEST

START_TEST(a_full_queue_lets_pass)
{
	struct queue_options o = normal;
	struct queue_counters c;

	o.length = 10;
	start(&o);
	struct pair p = pair("127.0.0.1");
	for (int i = 0; i < 30; i++)
		say(p, "x");
	ck_assert_int_eq(received(p), 20); /* fail-open: what does not fit goes on */
	queue_counters(queue, &c);
	ck_assert_uint_eq(c.waiting, 10);
	serve(10);
	ck_assert_int_eq(received(p), 10);
	queue_close(queue);
}
END_TEST

START_TEST(the_end_lets_go_what_waits)
{
	start(&normal);
	struct pair p = pair("127.0.0.1");
	say(p, "waits");
	queue_close(queue);
	/* The kernel drops what waited; what comes after passes. */
	say(p, "passes");
	ck_assert_int_eq(received(p), 1);
}
END_TEST

START_TEST(from_another_host)
{
	char text[MAC_TEXT_MAX];

	int here = open("/proc/self/ns/net", O_RDONLY);
	int there = ns_new();
	ns_enter(here);
	sh("ip link add a0 type veth peer name b0 netns /proc/%d/fd/%d", getpid(), there);
	sh("ip addr add 192.168.5.1/24 dev a0; ip link set a0 up");
	sh("ip addr add fd05::1/64 dev a0 nodad");
	sh("iptables -t mangle -A PREROUTING -i a0 -p udp -j NFQUEUE --queue-num %d", NUMBER);
	sh("ip6tables -t mangle -A PREROUTING -i a0 -p udp -j NFQUEUE --queue-num %d", NUMBER);
	ns_enter(there);
	sh("ip link set b0 address 02:00:00:00:00:42 up; ip addr add 192.168.5.2/24 dev b0");
	sh("ip addr add fd05::2/64 dev b0 nodad");
	ns_enter(here);
	start(&normal);
	struct at to = at(_i ? "fd05::1" : "192.168.5.1", PORT);
	struct pair p = { .server = sock(SOCK_DGRAM, &to, NULL) };
	ns_enter(there);
	p.client = sock(SOCK_DGRAM, NULL, &to);
	int64_t before = source_now_ns();
	say(p, "hello");
	serve(1);
	ck_assert_int_eq(received(p), 1);
	ck_assert_int_eq(seen.last.hook, FRAME_FORWARD);
	ck_assert_str_eq(mac_format(&seen.last.mac, text), "02:00:00:00:00:42");
	ck_assert_uint_eq(seen.last.uid, UINT32_MAX);
	ck_assert_int_ge(seen.last.time_ns, before - 1000000000);
	ck_assert_int_le(seen.last.time_ns, source_now_ns() + 1000000000);
	queue_close(queue);
}
END_TEST

START_TEST(segmentation_offload_comes_up_whole)
{
	struct queue_options o = normal;
	struct at to = at("127.0.0.1", PORT);
	static char big[30000];

	o.copy_bytes = 0; /* all */
	start(&o);
	sh("iptables -F OUTPUT; iptables -A OUTPUT -p tcp --dport %d -j NFQUEUE --queue-num %d "
	   "--queue-bypass",
	   PORT, NUMBER);
	sh("ip link set lo mtu 1500");
	int listener = sock(SOCK_STREAM, &to, NULL), client = sock(SOCK_STREAM, NULL, &to), server;
	for (int i = 0; (server = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0; i++) {
		ck_assert_int_lt(i, 1000);
		queue_read(queue, on_frame, &seen);
		usleep(1000);
	}
	ck_assert_int_eq((int)send(client, big, sizeof(big), 0), (int)sizeof(big));
	size_t got = 0;
	uint32_t longest = 0;
	for (int i = 0; got < sizeof(big) && i < 3000; i++) {
		char buf[4096];
		ssize_t n;
		if (queue_read(queue, on_frame, &seen) > 0 && seen.last.len > longest)
			longest = seen.last.len;
		while ((n = recv(server, buf, sizeof(buf), 0)) > 0)
			got += (size_t)n;
		usleep(500);
	}
	ck_assert_uint_eq(got, sizeof(big));
	ck_assert_uint_gt(longest, 1500);
	queue_close(queue);
}
END_TEST

START_TEST(a_queue_that_is_taken)
{
	struct queue *other = NULL;
	struct error e = { "" };

	start(&normal);
	ck_assert_int_eq(queue_open(&normal, &other, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "queue: 11: another program has it"));
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf"));
	ck_assert_ptr_null(other);
	struct queue_options o = normal;
	o.number = 12;
	ck_assert_int_eq(queue_open(&o, &other, &e), 0);
	queue_close(other);
	queue_close(queue);
	queue_close(NULL);
}
END_TEST

START_TEST(odd_options_are_brought_into_range)
{
	struct queue_options o = { .number = NUMBER,
				   .copy_bytes = UINT32_MAX,
				   .batch = _i ? 9999 : 0 };
	struct queue_counters c;

	start(&o);
	struct pair p = pair("127.0.0.1");
	for (int i = 0; i < 5; i++)
		say(p, "x");
	serve(5);
	ck_assert_int_eq(received(p), 5);
	queue_counters(queue, &c);
	ck_assert_uint_eq(c.batches, _i ? 1 : 5);
	queue_close(queue);
}
END_TEST

static bool open_says_so(void)
{
	struct error e = { "" };

	return queue_open(&normal, &queue, &e) == -EPERM &&
	       strstr(e.text, "needs CAP_NET_ADMIN: run as root");
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
	tcase_add_loop_test(t, a_packet_and_what_is_known_of_it, 0, 2);
	tcase_add_test(t, verdicts);
	tcase_add_test(t, a_mark_given_is_seen_by_later_rules);
	tcase_add_test(t, batches_keep_their_order_and_each_its_verdict);
	tcase_add_loop_test(t, a_cut_copy_knows_its_length, 0, 2);
	tcase_add_test(t, a_full_queue_lets_pass);
	tcase_add_test(t, the_end_lets_go_what_waits);
	tcase_add_loop_test(t, from_another_host, 0, 2);
	tcase_add_test(t, segmentation_offload_comes_up_whole);
	tcase_add_test(t, a_queue_that_is_taken);
	tcase_add_loop_test(t, odd_options_are_brought_into_range, 0, 2);
	tcase_add_test(t, without_privilege_it_says_so);
	return suite_end(t, "source/queue");
}
