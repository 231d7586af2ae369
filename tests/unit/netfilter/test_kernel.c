// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules against the kernel, in namespaces tv - router - net: what goes up, what stays, how
 * a refusal looks from the client. The queue is read here by the library's own calls, so that
 * nothing of tacet's queue code stands between. */
#define _GNU_SOURCE
#include <net/if.h>
#include <signal.h>
#include <sys/mount.h>

#include "unit/netfilter/household.h"

#include "netfilter/conntrack.h"
#include "suite.h"

enum { OTHER_QUEUE = 8 };

START_TEST(only_payload_goes_up)
{
	struct pair p = tcp_pair(_i);

	serve(30);
	ck_assert_uint_eq(rig.seen, 0); /* SYN and ACK stayed below */
	say(p.client, "1");
	UNTIL(got(p.server, "1"));
	ck_assert_uint_eq(rig.seen, 1);
	ck_assert_int_eq(rig.last_hook, LOCAL(_i) ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING);
	ck_assert_int_eq(rig.last[rig.last_len - 1], '1');
	/* The way back, its acknowledgement and the end stay below too. */
	say(p.server, "to the client");
	UNTIL(got(p.client, "to the client"));
	shutdown(p.client, SHUT_WR);
	char end;
	UNTIL(recv(p.server, &end, 1, 0) == 0);
	serve(30);
	ck_assert_uint_eq(rig.seen, 1);
	say(p.server, "x");
	serve(30);
	ck_assert_uint_eq(rig.seen, 1);
}
END_TEST

struct ends {
	struct conntrack_end e[8];
	unsigned n;
};

static void on_end(void *ctx, const struct conntrack_end *e)
{
	struct ends *ends = ctx;

	if (ends->n < 8)
		ends->e[ends->n++] = *e;
}

START_TEST(a_kept_flow_stays_below_and_is_counted)
{
	struct error e = { "" };
	struct conntrack *c;
	struct ends now = { .n = 0 }, ends = { .n = 0 };
	const char *self = LOCAL(_i) ? hosts[FAMILY(_i)].wan : hosts[FAMILY(_i)].client;
	struct addr src, dst;

	ck_assert(addr_parse(self, &src) && addr_parse(hosts[FAMILY(_i)].server, &dst));
	ns_enter(rig.router);
	ck_assert_msg(conntrack_accounting(&e) == 0, "%s", e.text);
	ck_assert_msg(conntrack_open(MASK, &c, &e) == 0, "%s", e.text);
	/* A flow that is not marked is none of ours. */
	rig.answer = LET;
	struct pair other = udp_pair(_i, 4000);
	say(other.client, "unmarked");
	UNTIL(got(other.server, "unmarked"));
	rig.seen = 0;
	keep_and_talk(tcp_pair(_i));
	ns_enter(rig.router);
	ck_assert_int_eq(conntrack_dump(c, on_end, &now), 1);
	ck_assert_uint_eq(now.n, 1);
	ck_assert_uint_eq(now.e[0].mark & MASK, rules_mark(rig.rules, 0, MARK_KEEP));
	ck_assert(addr_equal(&now.e[0].src, &src) && addr_equal(&now.e[0].dst, &dst));
	ck_assert_uint_eq(now.e[0].dport, WEB);
	ck_assert_uint_eq(now.e[0].proto, IPPROTO_TCP);
	ck_assert_uint_gt(now.e[0].bytes_out, 50 * 13 + 5);
	ck_assert_uint_ge(now.e[0].packets_out, 52);
	ck_assert_uint_ge(now.e[0].packets_in, 1);
	ns_enter(rig.router);
	sh("conntrack -D -p tcp -f ipv%d >/dev/null 2>&1", FAMILY(_i) ? 6 : 4);
	sh("conntrack -D -p udp -f ipv%d >/dev/null 2>&1", FAMILY(_i) ? 6 : 4);
	struct pollfd p = { .fd = conntrack_fd(c), .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, 2000), 1);
	ck_assert_int_gt(conntrack_read(c, on_end, &ends), 0);
	ck_assert_uint_eq(ends.n, 1);
	ck_assert_uint_eq(ends.e[0].bytes_out, now.e[0].bytes_out);
	ck_assert_uint_eq(ends.e[0].bytes_in, now.e[0].bytes_in);
	ck_assert_uint_eq(ends.e[0].sport, now.e[0].sport);
	ck_assert_uint_eq(conntrack_lost(c), 0);
	conntrack_close(c);
}
END_TEST

START_TEST(a_new_generation_brings_kept_flows_up_again)
{
	struct error e = { "" };
	struct pair p = tcp_pair(_i);

	keep_and_talk(p);
	ns_enter(rig.router);
	uint32_t before = rules_mark(rig.rules, 0, MARK_KEEP);
	ck_assert_msg(rules_next_generation(rig.rules, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(rules_generation(rig.rules), 1);
	ck_assert_uint_ne(rules_mark(rig.rules, 0, MARK_KEEP), before);
	say(p.client, "again");
	UNTIL(got(p.server, "again"));
	ck_assert_uint_eq(rig.seen, 2);
	say(p.client, "kept");
	UNTIL(got(p.server, "kept"));
	ck_assert_uint_eq(rig.seen, 2);
	/* Seven more: the number has come round while the flow slept. */
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq(rules_next_generation(rig.rules, &e), 0);
	ck_assert_uint_eq(rules_generation(rig.rules), 1);
	say(p.client, "awake");
	UNTIL(got(p.server, "awake"));
	ck_assert_uint_eq(rig.seen, 3);
}
END_TEST

/* Who downloads says nothing: it is acknowledgements that have to come up. */
START_TEST(a_flow_decided_otherwise_comes_up_without_payload)
{
	const char *self = LOCAL(_i) ? hosts[FAMILY(_i)].wan : hosts[FAMILY(_i)].client;
	struct conntrack_end flow = { .proto = IPPROTO_TCP, .dport = WEB };
	struct pair p = tcp_pair(_i);
	struct error e = { "" };
	struct ends now = { .n = 0 };
	struct conntrack *c;
	struct at me = { .len = sizeof(me.v6) };

	keep_and_talk(p);
	ns_enter(rig.router);
	ck_assert_msg(conntrack_open(MASK, &c, &e) == 0, "%s", e.text);
	ck_assert_int_eq(rules_next_generation(rig.rules, &e), 0);
	say(p.server, "quietly");
	UNTIL(got(p.client, "quietly"));
	serve(30);
	ck_assert_uint_eq(rig.seen, 1); /* its acknowledgement stayed below */
	ck_assert_int_eq(getsockname(p.client, &me.sa, &me.len), 0);
	flow.sport = ntohs(FAMILY(_i) ? me.v6.sin6_port : me.v4.sin_port);
	ck_assert(addr_parse(self, &flow.src) && addr_parse(hosts[FAMILY(_i)].server, &flow.dst));
	ck_assert_int_eq(conntrack_mark(c, &flow, rules_mark(rig.rules, 0, MARK_CHANGED), MASK), 0);
	ck_assert_int_eq(conntrack_dump(c, on_end, &now), 1);
	ck_assert_uint_eq(now.e[0].mark, rules_mark(rig.rules, 0, MARK_CHANGED));
	rig.answer = RESET;
	say(p.server, "more");
	UNTIL(rig.seen == 2);
	char buf[8];
	UNTIL(recv(p.client, buf, sizeof(buf), 0) < 0 && errno != EAGAIN);
	ck_assert_int_eq(errno, ECONNRESET);
	/* A flow that is not there is no error. */
	flow.sport--;
	ck_assert_int_eq(conntrack_mark(c, &flow, 0, MASK), 0);
	ck_assert_int_ge(conntrack_read(c, on_end, &now), 0);
	ck_assert_uint_eq(now.n, 1);
	ck_assert_uint_eq(conntrack_lost(c), 0);
	conntrack_close(c);
}
END_TEST

/* Who receives datagrams acknowledges nothing: it is the datagrams that have to come up. */
START_TEST(datagrams_of_a_flow_decided_otherwise_come_up_both_ways)
{
	struct pair p = udp_pair(_i, 4000);
	char buf[16];

	rig.answer = KEEP;
	meet(p);
	say(p.server, "kept");
	UNTIL(got(p.client, "kept"));
	ck_assert_uint_eq(rig.seen, 1);
	ns_enter(rig.router);
	sh("conntrack -U -p udp -f ipv%d --mark %u/%u >/dev/null 2>&1", FAMILY(_i) ? 6 : 4,
	   rules_mark(rig.rules, 0, MARK_CHANGED), MASK);
	rig.answer = DROP;
	say(p.server, "refused");
	UNTIL(rig.seen == 2);
	ck_assert_int_eq(rig.last_hook, LOCAL(_i) ? NF_INET_LOCAL_IN : NF_INET_FORWARD);
	serve(20);
	ck_assert_int_lt(recv(p.client, buf, sizeof(buf), 0), 0);
	/* What is forwarded has its mark again with the first that is let through. */
	rig.answer = KEEP;
	for (unsigned i = 0; i < 3; i++) {
		say(p.server, "again");
		UNTIL(got(p.client, "again"));
		ck_assert_uint_eq(rig.seen, LOCAL(_i) ? 3 + i : 3);
	}
}
END_TEST

START_TEST(resets_reach_both_ends_at_once)
{
	struct pair p = tcp_pair(_i);
	char buf[8];
	int64_t t0;

	rig.answer = RESET;
	t0 = now_ms();
	say(p.client, "hello");
	UNTIL(recv(p.client, buf, sizeof(buf), 0) < 0 && errno != EAGAIN);
	ck_assert_int_eq(errno, ECONNRESET);
	/* Nothing was said to the server; MASQUERADE applies to its reset too. */
	UNTIL(recv(p.server, buf, sizeof(buf), 0) < 0 && errno != EAGAIN);
	ck_assert_int_eq(errno, ECONNRESET);
	ck_assert_int_lt(now_ms() - t0, 500);
	ck_assert_uint_eq(rig.seen, 1);
}
END_TEST

START_TEST(a_forged_dns_answer_arrives_between_real_ones)
{
	struct pair p = udp_pair(_i, DNS);
	const char *self = LOCAL(_i) ? hosts[FAMILY(_i)].wan : hosts[FAMILY(_i)].client;
	struct at me = at(self, 0);
	char buf[16];

	/* All from one port, so that a real answer's entry lies in conntrack. */
	for (int round = 0; round < 3; round++) {
		rig.answer = LET;
		rig.answers_seen = 0;
		say(p.client, "question");
		answer_from(p.server, "question", "honest");
		UNTIL(got(p.client, "honest"));
		/* The answer went up, and with the client's own address in spite of MASQUERADE. */
		ck_assert_uint_eq(rig.answers_seen, 1);
		ck_assert_int_eq(rig.last_hook, LOCAL(_i) ? NF_INET_LOCAL_IN : NF_INET_FORWARD);
		if (FAMILY(_i))
			ck_assert_int_eq(memcmp(rig.last + 24, &me.v6.sin6_addr, 16), 0);
		else
			ck_assert_int_eq(memcmp(rig.last + 16, &me.v4.sin_addr, 4), 0);
		rig.answer = FORGE;
		say(p.client, "question");
		UNTIL(got(p.client, "forgedon"));
		serve(20);
		ck_assert_int_lt(recv(p.server, buf, sizeof(buf), 0), 0);
		ck_assert_uint_eq(rig.answers_seen, 1); /* our own answer did not come up */
	}
}
END_TEST

START_TEST(the_routers_own_resolver_is_seen_both_ways)
{
	struct at to = at(hosts[_i].lan, DNS);

	ns_enter(rig.router);
	int server = sock(SOCK_DGRAM, &to, NULL);
	ns_enter(rig.tv);
	int client = sock(SOCK_DGRAM, NULL, &to);
	say(client, "question");
	answer_from(server, "question", "honest");
	UNTIL(got(client, "honest"));
	ck_assert_uint_eq(rig.seen, 1);
	ck_assert_uint_eq(rig.answers_seen, 1);
	ck_assert_int_eq(rig.last_hook, NF_INET_LOCAL_OUT);
	rig.answer = FORGE;
	say(client, "question");
	UNTIL(got(client, "forgedon"));
	char buf[16];
	ck_assert_int_lt(recv(server, buf, sizeof(buf), 0), 0);
}
END_TEST

START_TEST(a_stub_resolver_on_lo_is_seen)
{
	struct at to = at(_i ? "::1" : "127.0.0.53", DNS);

	ns_enter(rig.router);
	int server = sock(SOCK_DGRAM, &to, NULL), client = sock(SOCK_DGRAM, NULL, &to);
	say(client, "question");
	answer_from(server, "question", "honest");
	UNTIL(got(client, "honest"));
	ck_assert_uint_eq(rig.seen, 1);
	ck_assert_uint_eq(rig.answers_seen, 1);
	rig.answer = FORGE;
	say(client, "question");
	UNTIL(got(client, "forgedon"));
	/* Other traffic over lo is nobody's business. */
	struct at web = at(_i ? "::1" : "127.0.0.1", WEB);
	int udp = sock(SOCK_DGRAM, &web, NULL), self = sock(SOCK_DGRAM, NULL, &web);
	unsigned before = rig.seen;
	say(self, "x");
	UNTIL(got(udp, "x"));
	ck_assert_uint_eq(rig.seen, before);
}
END_TEST

START_TEST(a_link_local_resolver_can_be_answered_for)
{
	/* The router's address on the link, as a router advertisement gives it. */
	ns_enter(rig.router);
	sh("ip addr add fe80::77/64 dev lan nodad");
	struct at to = at("fe80::77", DNS);
	ns_enter(rig.tv);
	to.v6.sin6_scope_id = if_nametoindex("eth0");
	int client = sock(SOCK_DGRAM, NULL, &to);
	rig.answer = FORGE;
	ns_enter(rig.router); /* the injector looks the link up where it is */
	say(client, "question");
	UNTIL(got(client, "forgedon"));
	ck_assert_uint_eq(rig.seen, 1);
	/* The router's own question to such a resolver: the address is its own. */
	to.v6.sin6_scope_id = if_nametoindex("lan");
	client = sock(SOCK_DGRAM, NULL, &to);
	say(client, "question");
	UNTIL(got(client, "forgedon"));
	ck_assert_uint_eq(rig.seen, 2);
}
END_TEST

START_TEST(between_lan_hosts_nothing_goes_up_unless_asked)
{
	struct at far = at(hosts[_i].far_lan, WEB);

	ns_enter(rig.router);
	sh("ip route add 192.168.9.0/24 dev wan; ip -6 route add fd09::/64 dev wan");
	ns_enter(rig.net);
	int server = sock(SOCK_DGRAM, &far, NULL);
	ns_enter(rig.tv);
	int client = sock(SOCK_DGRAM, NULL, &far);
	say(client, "private");
	UNTIL(got(server, "private"));
	ck_assert_uint_eq(rig.seen, 0);
	ns_enter(rig.router);
	rules_remove(rig.rules);
	struct rules_options o = options();
	o.between_lan = true;
	install(&o);
	say(client, "private");
	UNTIL(got(server, "private"));
	ck_assert_uint_eq(rig.seen, 1);
}
END_TEST

START_TEST(only_what_is_watched_goes_up)
{
	struct rules_options o = options();
	struct pair far = udp_pair(_i, 4000), near = udp_pair(_i + 1, 4001);

	/* forward alone */
	ns_enter(rig.router);
	rules_remove(rig.rules);
	o.local = false;
	snprintf(o.lan[0], sizeof(o.lan[0]), "lan");
	o.lan_count = 1;
	install(&o);
	say(near.client, "own");
	UNTIL(got(near.server, "own"));
	ck_assert_uint_eq(rig.seen, 0);
	say(far.client, "tv");
	UNTIL(got(far.server, "tv"));
	ck_assert_uint_eq(rig.seen, 1);
	/* local alone */
	rules_remove(rig.rules);
	o.local = true;
	o.forward = false;
	install(&o);
	say(far.client, "tv");
	UNTIL(got(far.server, "tv"));
	ck_assert_uint_eq(rig.seen, 1);
	say(near.client, "own");
	UNTIL(got(near.server, "own"));
	ck_assert_uint_eq(rig.seen, 2);
	/* another interface's household */
	rules_remove(rig.rules);
	o.local = false;
	o.forward = true;
	snprintf(o.lan[0], sizeof(o.lan[0]), "wlan7");
	install(&o);
	say(far.client, "tv");
	UNTIL(got(far.server, "tv"));
	ck_assert_uint_eq(rig.seen, 2);
}
END_TEST

START_TEST(what_comes_from_the_internet_does_not_go_up)
{
	/* To a host behind the router, as after a port forwarding. */
	ns_enter(rig.net);
	sh("ip route add 192.168.7.0/24 via 203.0.113.1; ip -6 route add fd07::/64 via "
	   "2001:db8::1");
	struct at to = at(hosts[_i].client, 4000);
	int client = sock(SOCK_DGRAM, NULL, &to);
	ns_enter(rig.tv);
	int server = sock(SOCK_DGRAM, &to, NULL);
	say(client, "in");
	UNTIL(got(server, "in"));
	ck_assert_uint_eq(rig.seen, 0);
}
END_TEST

/* The rules of a namespace without the lines that carry a time. */
static char *saved(const char *family)
{
	return sh_output("ip%stables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'", family);
}

static void others_rules(void)
{
	for (int f = 0; f < 2; f++) {
		const char *six = f ? "6" : "";
		sh("ip%stables -N TACET-MINE; ip%stables -A FORWARD -j TACET-MINE", six, six);
		sh("ip%stables -A INPUT -m comment --comment 'not -j TACET-BACK really' -j ACCEPT",
		   six);
		sh("ip%stables -t mangle -A PREROUTING -m mark --mark 0x42 -j ACCEPT", six);
		sh("ip%stables -t raw -A OUTPUT -p udp --dport 9 -j ACCEPT", six);
		sh("ip%stables -t mangle -A POSTROUTING -j CONNMARK --save-mark --nfmask 0xff "
		   "--ctmask 0xff",
		   six);
	}
}

START_TEST(others_rules_stay_as_they_are)
{
	struct error e = { "" };
	struct rules_options o = options();

	ns_enter(rig.router);
	rules_remove(rig.rules);
	others_rules();
	char *before4 = saved(""), *before6 = saved("6");
	ck_assert_ptr_nonnull(strstr(before4, "TACET-MINE"));
	install(&o);
	char *with = saved("");
	ck_assert_ptr_nonnull(strstr(with, "-j TACET-LAN"));
	ck_assert_int_eq(rules_next_generation(rig.rules, &e), 0);
	rules_remove(rig.rules);
	rig.rules = NULL;
	char *after4 = saved(""), *after6 = saved("6");
	ck_assert_str_eq(after4, before4);
	ck_assert_str_eq(after6, before6);
	/* And once more, where nothing is. */
	ck_assert_int_eq(rules_cleanup(&o, &e), 0);
	char *twice = saved("");
	ck_assert_str_eq(twice, before4);
	free(before4);
	free(before6);
	free(with);
	free(after4);
	free(after6);
	free(twice);
}
END_TEST

START_TEST(a_killed_owner_stops_nothing_and_is_cleaned_up_after)
{
	struct error e = { "" };
	struct rules_options o = options();
	struct pair p = tcp_pair(_i);
	int ready[2];
	char c;

	queue_stop();
	ck_assert_int_eq(pipe(ready), 0);
	ns_enter(rig.router);
	pid_t owner = fork();
	if (owner == 0) {
		queue_start(); /* and answers nothing */
		c = 1;
		if (write(ready[1], &c, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	ck_assert_int_eq((int)read(ready[0], &c, 1), 1);
	say(p.client, "waits");
	serve(50);
	char buf[8];
	ck_assert_int_lt(recv(p.server, buf, sizeof(buf), 0), 0);
	kill(owner, SIGKILL);
	waitpid(owner, NULL, 0);
	UNTIL(got(p.server, "waits")); /* sent again, by TCP */
	say(p.client, "flows");
	UNTIL(got(p.server, "flows"));
	/* A start that finds what was left twice over. */
	ns_enter(rig.router);
	sh("iptables -t mangle -A PREROUTING -j TACET-LAN; iptables -t mangle -I FORWARD -p tcp -g "
	   "TACET-BACK");
	ck_assert_msg(rules_cleanup(&o, &e) == 0, "%s", e.text);
	char *four = saved(""), *six = saved("6");
	ck_assert_ptr_null(strstr(four, "TACET"));
	ck_assert_ptr_null(strstr(six, "TACET"));
	ck_assert_ptr_nonnull(strstr(four, "MASQUERADE"));
	free(four);
	free(six);
}
END_TEST

START_TEST(marks_of_an_earlier_run_are_forgotten)
{
	struct rules_options o = options();
	struct pair p = tcp_pair(_i);

	keep_and_talk(p);
	ns_enter(rig.router);
	sh("conntrack -U -m 0x%x/0x%x -p tcp -f ipv%d >/dev/null 2>&1", 0x42, 0xff,
	   FAMILY(_i) ? 6 : 4);
	rules_remove(rig.rules);
	install(&o);
	say(p.client, "again");
	UNTIL(got(p.server, "again"));
	ck_assert_uint_eq(rig.seen, 2);
	/* Nobody else's bits were touched. */
	char *list = sh_output("conntrack -L -p tcp -f ipv%d 2>/dev/null", FAMILY(_i) ? 6 : 4);
	char mark[32];
	snprintf(mark, sizeof(mark), "mark=%u", rules_mark(rig.rules, 0x42, MARK_KEEP));
	ck_assert_msg(strstr(list, mark) != NULL, "%s not in %s", mark, list);
	free(list);
}
END_TEST

START_TEST(a_second_tacet_with_another_queue_is_refused)
{
	struct rules_options o = options();
	struct error e = { "" };
	struct rules *second = NULL;

	o.queue = OTHER_QUEUE;
	ns_enter(rig.router);
	ck_assert_int_eq(rules_install(&o, &second, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "queue 7"));
	ck_assert_ptr_null(second);
	/* The first one's rules are whole. */
	struct pair p = udp_pair(_i, 4000);
	say(p.client, "x");
	UNTIL(got(p.server, "x"));
	ck_assert_uint_eq(rig.seen, 1);
	/* Not running any more, it is a leftover. */
	queue_stop();
	ns_enter(rig.router);
	ck_assert_msg(rules_install(&o, &second, &e) == 0, "%s", e.text);
	rules_remove(second);
	char *four = saved("");
	ck_assert_ptr_null(strstr(four, "TACET"));
	free(four);
}
END_TEST

/* A mount namespace, so that tools can be taken away. */
static void mounts_own(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
}

START_TEST(without_the_payload_match_every_tcp_packet_goes_up)
{
	struct rules_options o = options();
	struct error e = { "" };

	ns_enter(rig.router);
	rules_remove(rig.rules);
	mounts_own();
	sh("f=$(find /usr/lib /lib -name libxt_bpf.so | head -n 1); mount --bind /dev/null $f");
	install(&o);
	rig.answer = KEEP;
	struct pair p = tcp_pair(_i);
	ck_assert_uint_ge(rig.seen, 1); /* the SYN */
	say(p.client, "hello");
	UNTIL(got(p.server, "hello"));
	unsigned before = rig.seen;
	say(p.client, "kept");
	UNTIL(got(p.server, "kept"));
	ck_assert_uint_eq(rig.seen, before);
	ns_enter(rig.router);
	ck_assert_msg(rules_next_generation(rig.rules, &e) == 0, "%s", e.text);
	say(p.client, "again");
	UNTIL(got(p.server, "again"));
	ck_assert_uint_gt(rig.seen, before);
}
END_TEST

START_TEST(missing_tools_are_named)
{
	struct rules_options o = options();
	struct error e = { "" };
	struct rules *r = NULL;

	o.backend = RULES_XTABLES;
	ns_enter(rig.router);
	rules_remove(rig.rules);
	rig.rules = NULL;
	mounts_own();
	sh("mount -t tmpfs none /usr/sbin");
	ck_assert_int_eq(rules_install(&o, &r, &e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(e.text, "iptables-restore: no such program; install"));
	ck_assert_ptr_null(r);
	ck_assert_int_eq(rules_cleanup(&o, &e), 0);
	rig.rules = NULL;
}
END_TEST

START_TEST(a_failing_tool_is_quoted)
{
	struct rules_options o = options();
	struct error e = { "" };
	struct rules *r = NULL;

	ns_enter(rig.router);
	rules_remove(rig.rules);
	rig.rules = NULL;
	o.backend = RULES_XTABLES;
	mounts_own();
	sh("f=$(mktemp) && printf '#!/bin/sh\necho table is broken >&2\nexit 3\n' >$f &&"
	   "chmod +x $f && mount --bind $f /usr/sbin/xtables-nft-multi && rm -f $f");
	ck_assert_int_eq(rules_install(&o, &r, &e), -EOPNOTSUPP);
	ck_assert_msg(strstr(e.text, "exit status 3: table is broken") != NULL, "%s", e.text);
}
END_TEST

START_TEST(xtables_legacy_takes_the_same_rules)
{
	struct rules_options o = options();

	ns_enter(rig.router);
	rules_remove(rig.rules);
	mounts_own();
	sh("mount --bind /usr/sbin/xtables-legacy-multi /usr/sbin/xtables-nft-multi");
	install(&o);
	ck_assert_str_eq(rules_backend_name(rig.rules), "xtables");
	char *rules = sh_output("iptables-legacy-save -t mangle");
	ck_assert_ptr_nonnull(strstr(rules, "-A PREROUTING ! -i lo -j TACET-LAN"));
	free(rules);
	struct pair p = tcp_pair(_i);
	serve(20);
	ck_assert_uint_eq(rig.seen, 0);
	keep_and_talk(p);
	ns_enter(rig.router);
	rules_remove(rig.rules);
	rig.rules = NULL;
	rules = sh_output("iptables-legacy-save; ip6tables-legacy-save");
	ck_assert_ptr_null(strstr(rules, "TACET"));
	free(rules);
}
END_TEST

static bool all_say_so(void)
{
	struct rules_options o = options();
	struct error e = { "" }, e2 = { "" }, e3 = { "" };
	struct rules *r;
	struct injector *i;
	struct conntrack *c;

	return rules_install(&o, &r, &e) == -EPERM && strstr(e.text, "run as root") &&
	       rules_cleanup(&o, &e2) == -EPERM && injector_open(&i, &e3) == -EPERM &&
	       strstr(e3.text, "CAP_NET_RAW") && conntrack_open(MASK, &c, &e) == -EPERM;
}

START_TEST(without_privilege_it_says_so)
{
	ns_enter(rig.router);
	ck_assert(says_so_without_privileges(all_say_so));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	if (!rig_possible())
		return rig_impossible();
	log_init(LOG_LEVEL_WARNING);
	tcase_add_checked_fixture(t, rig_up, rig_down);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, only_payload_goes_up, 0, 4);
	tcase_add_loop_test(t, a_kept_flow_stays_below_and_is_counted, 0, 4);
	tcase_add_loop_test(t, a_new_generation_brings_kept_flows_up_again, 0, 4);
	tcase_add_loop_test(t, a_flow_decided_otherwise_comes_up_without_payload, 0, 4);
	tcase_add_loop_test(t, datagrams_of_a_flow_decided_otherwise_come_up_both_ways, 0, 4);
	tcase_add_loop_test(t, resets_reach_both_ends_at_once, 0, 4);
	tcase_add_loop_test(t, a_forged_dns_answer_arrives_between_real_ones, 0, 4);
	tcase_add_loop_test(t, the_routers_own_resolver_is_seen_both_ways, 0, 2);
	tcase_add_loop_test(t, a_stub_resolver_on_lo_is_seen, 0, 2);
	tcase_add_test(t, a_link_local_resolver_can_be_answered_for);
	tcase_add_loop_test(t, between_lan_hosts_nothing_goes_up_unless_asked, 0, 2);
	tcase_add_test(t, only_what_is_watched_goes_up);
	tcase_add_loop_test(t, what_comes_from_the_internet_does_not_go_up, 0, 2);
	tcase_add_test(t, others_rules_stay_as_they_are);
	tcase_add_loop_test(t, a_killed_owner_stops_nothing_and_is_cleaned_up_after, 0, 4);
	tcase_add_loop_test(t, marks_of_an_earlier_run_are_forgotten, 0, 4);
	tcase_add_test(t, a_second_tacet_with_another_queue_is_refused);
	tcase_add_loop_test(t, without_the_payload_match_every_tcp_packet_goes_up, 0, 4);
	tcase_add_test(t, missing_tools_are_named);
	tcase_add_test(t, a_failing_tool_is_quoted);
	tcase_add_loop_test(t, xtables_legacy_takes_the_same_rules, 0, 4);
	tcase_add_test(t, without_privilege_it_says_so);
	return suite_end(t, "netfilter/kernel");
}
