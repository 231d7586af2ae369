/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A household for tests: namespaces tv - router - net, both families, MASQUERADE, and a queue
 * program of the test's own. */
#ifndef TESTS_HOUSEHOLD_H
#define TESTS_HOUSEHOLD_H

#include "unit/netfilter/packets.h"
#include "unit/netfilter/rig.h"

#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>

#include "base/log.h"
#include "netfilter/inject.h"
#include "netfilter/rules.h"

enum { QUEUE = 7, DNS = 53, WEB = 443 };
#define MASK 0x0f000000U

/* What the queue answers, and what it saw. */
enum answer { LET, KEEP, RESET, DROP, FORGE };

static struct {
	int tv, router, net;
	struct nfq_handle *nfq;
	struct nfq_q_handle *queue;
	struct rules *rules;
	struct injector *injector;
	enum answer answer; /* to questions and flows; DNS answers pass */
	unsigned seen, answers_seen;
	uint8_t last[1600]; /* the packet that was seen last */
	size_t last_len;
	int last_hook;
} rig;

/* The two families side by side; index of a loop test is family * 2 + local. */
static const struct {
	const char *client, *wan, *lan, *server, *far_lan;
} hosts[] = {
	{ "192.168.7.2", "203.0.113.1", "192.168.7.1", "203.0.113.2", "192.168.9.2" },
	{ "fd07::2", "2001:db8::1", "fd07::1", "2001:db8::2", "fd09::2" },
};
#define FAMILY(i) ((i) / 2)
#define LOCAL(i)  ((i) % 2)

__attribute__((unused)) static void send_forged_answer(const uint8_t *p, size_t n)
{
	uint8_t out[1600];
	size_t h = turned(p, n, out);

	memcpy(out + h + 8, "forged", 6);
	finish(out, n, IPPROTO_UDP, 6);
	ck_assert_int_eq(injector_send(rig.injector, out, n, rules_mark(rig.rules, 0, MARK_ANSWER)),
			 0);
}

/* A TCP segment without its payload, as the reset of one end. */
__attribute__((unused)) static void send_reset(const uint8_t *p, bool to_sender,
					       enum rules_mark mark)
{
	uint8_t out[80];
	size_t h = ip_header(p), n = h + 20;

	if (to_sender)
		turned(p, n, out);
	else
		memcpy(out, p, n);
	if (to_sender)
		memcpy(out + h + 4, p + h + 8, 4); /* what was acknowledged is the number */
	out[h + 12] = 5 << 4;
	out[h + 13] = 0x04;
	finish(out, n, IPPROTO_TCP, 16);
	ck_assert_int_eq(injector_send(rig.injector, out, n, rules_mark(rig.rules, 0, mark)), 0);
}

__attribute__((unused)) static int on_packet(struct nfq_q_handle *qh, struct nfgenmsg *m,
					     struct nfq_data *d, void *ctx)
{
	struct nfqnl_msg_packet_hdr *head = nfq_get_msg_packet_hdr(d);
	uint32_t id = ntohl(head->packet_id), mark = nfq_get_nfmark(d);
	unsigned char *p;
	int n = nfq_get_payload(d, &p);

	ck_assert_int_gt(n, 20);
	if (p[ip_header(p)] == 0 && p[ip_header(p) + 1] == DNS) { /* source port 53 */
		rig.answers_seen++;
		memcpy(rig.last, p, (size_t)n);
		rig.last_len = (size_t)n;
		rig.last_hook = head->hook;
		return nfq_set_verdict(qh, id, NF_ACCEPT, 0, NULL);
	}
	rig.seen++;
	memcpy(rig.last, p, (size_t)n);
	rig.last_len = (size_t)n;
	rig.last_hook = head->hook;
	switch (rig.answer) {
	case LET:
		return nfq_set_verdict(qh, id, NF_ACCEPT, 0, NULL);
	case KEEP:
		mark = rules_mark(rig.rules, mark, MARK_KEEP);
		return nfq_set_verdict2(qh, id, NF_ACCEPT, mark, 0, NULL);
	case RESET:
		nfq_set_verdict(qh, id, NF_DROP, 0, NULL);
		send_reset(p, true, MARK_ANSWER);
		send_reset(p, false, MARK_OWN);
		return 0;
	case DROP:
		return nfq_set_verdict(qh, id, NF_DROP, 0, NULL);
	case FORGE:
		nfq_set_verdict(qh, id, NF_DROP, 0, NULL);
		send_forged_answer(p, (size_t)n);
		return 0;
	}
	return -1;
}

/* Serves the queue for a moment. */
__attribute__((unused)) static void serve(int ms)
{
	char buf[70000];
	int64_t end = now_ms() + ms;

	do {
		struct pollfd p = { .fd = rig.nfq ? nfq_fd(rig.nfq) : -1, .events = POLLIN };

		if (poll(&p, 1, 2) <= 0)
			continue;
		ssize_t n = recv(p.fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n > 0)
			nfq_handle_packet(rig.nfq, buf, (int)n);
	} while (now_ms() < end);
}

/* Serves the queue until it is so, for three seconds at most. */
#define UNTIL(what)                                                                                \
	do {                                                                                       \
		int64_t end_ = now_ms() + 3000;                                                    \
		bool so_;                                                                          \
		while (!(so_ = (what)) && now_ms() < end_)                                         \
			serve(2);                                                                  \
		ck_assert_msg(so_, "not within three seconds: %s", #what);                         \
	} while (0)

__attribute__((unused)) static void queue_start(void)
{
	rig.nfq = nfq_open();
	ck_assert_ptr_nonnull(rig.nfq);
	rig.queue = nfq_create_queue(rig.nfq, QUEUE, on_packet, NULL);
	ck_assert_ptr_nonnull(rig.queue);
	nfq_set_mode(rig.queue, NFQNL_COPY_PACKET, 1500);
}

__attribute__((unused)) static void queue_stop(void)
{
	nfq_destroy_queue(rig.queue);
	nfq_close(rig.nfq);
	rig.nfq = NULL;
}

__attribute__((unused)) static struct rules_options options(void)
{
	return (struct rules_options){
		.queue = QUEUE, .mark_mask = MASK, .forward = true, .local = true
	};
}

__attribute__((unused)) static void install(const struct rules_options *o)
{
	struct error e = { "" };

	ns_enter(rig.router);
	int err = rules_install(o, &rig.rules, &e);
	ck_assert_msg(err == 0, "%d %s", err, e.text);
}

__attribute__((unused)) static void side_up(const char *dev, int family, const char *address,
					    int bits)
{
	sh("ip -%d addr add %s/%d dev %s %s && ip link set %s up", family, address, bits, dev,
	   family == 6 ? "nodad" : "", dev);
}

__attribute__((unused)) static void rig_up(void)
{
	memset(&rig, 0, sizeof(rig));
	rig.tv = ns_new();
	rig.net = ns_new();
	rig.router = ns_new();
	sh("ip link add lan type veth peer name eth0 netns /proc/%d/fd/%d", getpid(), rig.tv);
	sh("ip link add wan type veth peer name eth0 netns /proc/%d/fd/%d", getpid(), rig.net);
	sh("echo 1 >/proc/sys/net/ipv4/ip_forward");
	sh("echo 1 >/proc/sys/net/ipv6/conf/all/forwarding");
	for (int f = 0; f < 2; f++) {
		side_up("lan", f ? 6 : 4, hosts[f].lan, f ? 64 : 24);
		side_up("wan", f ? 6 : 4, hosts[f].wan, f ? 64 : 24);
		sh("ip -%d route add default via %s dev wan", f ? 6 : 4, hosts[f].server);
		sh("ip%stables -t nat -A POSTROUTING -o wan -j MASQUERADE", f ? "6" : "");
	}
	ns_enter(rig.tv);
	for (int f = 0; f < 2; f++) {
		side_up("eth0", f ? 6 : 4, hosts[f].client, f ? 64 : 24);
		sh("ip -%d route add default via %s", f ? 6 : 4, hosts[f].lan);
	}
	ns_enter(rig.net);
	for (int f = 0; f < 2; f++) {
		side_up("eth0", f ? 6 : 4, hosts[f].server, f ? 64 : 24);
		side_up("eth0", f ? 6 : 4, hosts[f].far_lan, f ? 64 : 24);
	}
	ns_enter(rig.router);
	struct error e = { "" };
	ck_assert_int_eq(injector_open(&rig.injector, &e), 0);
	queue_start();
	struct rules_options o = options();
	install(&o);
}

__attribute__((unused)) static void rig_down(void)
{
	ns_enter(rig.router);
	rules_remove(rig.rules);
	injector_close(rig.injector);
	if (rig.nfq)
		queue_stop();
}

__attribute__((unused)) static int client_ns(int i)
{
	return LOCAL(i) ? rig.router : rig.tv;
}

#include "unit/netfilter/talk.h"

#endif
