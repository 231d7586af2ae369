/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS over TCP and on other ports: every cut gives the same records, and a question for a blocked
 * name is never complete on the other side. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "packets.h"
#include "suite.h"
#include "unit/temporary.h"

#define TV	 "192.168.1.20"
#define RESOLVER "198.51.100.53"

enum { SERVER_ISN = 0, CLIENT_SEQ = 0xffffffd0u /* wraps on the way */ };

static struct {
	char name[256], chain[256];
	struct dns_record r;
} told[64];
static unsigned told_count, flow_count;
static struct flow_record last_flow;
static struct policy *policy;
static struct built built;

static void on_flow(void *ctx, const struct flow_record *r)
{
	(void)ctx;
	flow_count++;
	last_flow = *r;
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	(void)ctx;
	ck_assert_uint_lt(told_count, 64);
	told[told_count].r = *r;
	strcpy(told[told_count].name, r->qname.text);
	strcpy(told[told_count++].chain, r->chain_count ? r->chain[0].text : "");
}

static struct policy *make_policy(bool enforce)
{
	static const char rules[] = "||tracker.example^\n";
	struct policy_options o = {
		.enforce = enforce, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH
	};

	return policy_new(&o, temporary_lists(rules), NULL, NULL);
}

static struct engine *make(uint32_t hellos)
{
	struct engine_options o = {
		.max_flows = 64,
		.max_names = 64,
		.max_questions = 64,
		.max_hellos = hellos,
		.tcp_idle_ms = 60000,
		.udp_idle_ms = 30000,
		.question_ms = 5000,
		.name_floor_s = 60,
	};
	struct record_sink sink = { .flow = on_flow, .dns = on_dns };
	struct engine *e = engine_new(&o, &sink);

	ck_assert_ptr_nonnull(e);
	told_count = flow_count = 0;
	policy = make_policy(true);
	engine_set_policy(e, policy);
	return e;
}

static void done(struct engine *e)
{
	engine_free(e);
	policy_free(policy);
}

static struct action up(struct engine *e, enum frame_hook hook, unsigned port, unsigned flags,
			uint32_t at, const void *bytes, size_t n)
{
	build_tcp(&built, 1, TV, port, RESOLVER, 53, flags, CLIENT_SEQ + at, bytes, n);
	built.frame.hook = hook;
	return engine_frame(e, &built.frame);
}

static struct action down(struct engine *e, unsigned port, uint32_t at, const void *bytes, size_t n)
{
	return engine_frame(e, build_tcp(&built, 1, RESOLVER, 53, TV, port, TCP_ACK,
					 SERVER_ISN + 1 + at, bytes, n));
}

/* A question with its length before it; returns the end. */
static size_t question(uint8_t *out, unsigned id, const char *name)
{
	size_t n = build_dns_question(out + 2, id, name, 1);

	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	return n + 2;
}

static size_t answer(uint8_t *out, unsigned id, const char *name, const char *chain, uint8_t last)
{
	const uint8_t addr[4] = { 203, 0, 113, last };
	uint8_t target[256];
	size_t n = build_dns_question(out + 2, id, name, 1);

	if (chain)
		n = build_dns_record(out + 2, n, name, 5, 60, target,
				     build_dns_name(target, chain));
	n = build_dns_record(out + 2, n, chain ? chain : name, 1, 60, addr, 4);
	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	return n + 2;
}

struct piece {
	size_t at, n;
};

static uint64_t seed;

static unsigned rnd(unsigned below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % below;
}

/* Cuts n bytes into pieces, some overlapping, one of them twice, and shuffles them: no
 * more of them than a stream has room for. */
static unsigned cut(size_t n, unsigned most, struct piece out[24])
{
	unsigned count = 0;

	for (size_t at = 0; at < n;) {
		size_t len = 1 + rnd(most), back = rnd(3) || at < 9 ? 0 : rnd(9);

		if (len > n - at || count == 22)
			len = n - at;
		out[count++] = (struct piece){ at - back, len + back };
		at += len;
	}
	out[count] = out[rnd(count)];
	count++;
	for (unsigned i = count - 1; i && seed % 4; i--) {
		unsigned j = rnd(i + 1);
		struct piece swap = out[i];

		out[i] = out[j];
		out[j] = swap;
	}
	return count;
}

static void check_records(unsigned round)
{
	const char *names[] = { "one.example", "two.example", "three.example" };
	unsigned seen = 0;

	ck_assert_msg(told_count == 3, "round %u: %u records", round, told_count);
	for (unsigned i = 0; i < 3; i++)
		for (unsigned k = 0; k < 3; k++) {
			if (strcmp(told[i].name, names[k]))
				continue;
			seen |= 1u << k;
			ck_assert(told[i].r.answered);
			ck_assert_uint_eq(told[i].r.proto, IPPROTO_TCP);
			ck_assert_uint_eq(told[i].r.port, 53);
			ck_assert_uint_eq(told[i].r.addr_count, 1);
			ck_assert_str_eq(told[i].chain, k == 1 ? "cdn.example" : "");
		}
	ck_assert_uint_eq(seen, 7);
}

/* Three questions, answered in another order; both directions cut anew each time. */
START_TEST(every_cut_gives_the_same_records)
{
	uint8_t asked[512], said[512];
	size_t n = question(asked, 1, "one.example"), m;

	n += question(asked + n, 2, "two.example");
	n += question(asked + n, 3, "three.example");
	m = answer(said, 3, "three.example", NULL, 3);
	m += answer(said + m, 1, "one.example", NULL, 1);
	m += answer(said + m, 2, "two.example", "cdn.example", 2);
	for (unsigned round = 0; round < 3000; round++) {
		struct engine *e = make(8);
		unsigned most = 1 + round % 150, count;
		struct piece pieces[24];

		seed = round;
		up(e, FRAME_CAPTURED, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
		count = cut(n, most, pieces);
		for (unsigned i = 0; i < count; i++)
			up(e, FRAME_CAPTURED, 40000, TCP_ACK, (uint32_t)pieces[i].at,
			   asked + pieces[i].at, pieces[i].n);
		count = cut(m, most, pieces);
		for (unsigned i = 0; i < count; i++)
			down(e, 40000, (uint32_t)pieces[i].at, said + pieces[i].at, pieces[i].n);
		check_records(round);
		engine_flush(e);
		ck_assert_uint_eq(told_count, 3);
		ck_assert_uint_eq(flow_count, 0);
		ck_assert_uint_eq(engine_counters(e)->dns_flows, 1);
		done(e);
	}
}
END_TEST

/* What was answered over TCP names the flows to that address. */
START_TEST(addresses_are_remembered)
{
	struct engine *e = make(8);
	uint8_t bytes[512];
	size_t n = question(bytes, 1, "film.example");

	up(e, FRAME_CAPTURED, 40000, TCP_ACK, 0, bytes, n);
	n = answer(bytes, 1, "film.example", NULL, 9);
	down(e, 40000, 0, bytes, n);
	engine_frame(e, build_udp(&built, 2, TV, 50000, "203.0.113.9", 5000, "\x01", 1));
	engine_flush(e);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_str_eq(last_flow.name.text, "film.example");
	ck_assert_int_eq(last_flow.via, VIA_DNS);
	done(e);
}
END_TEST

/* In line: the segment that would complete the question is refused, at every cut, and so is
 * everything after it; questions before it have passed. */
START_TEST(a_blocked_question_is_never_complete)
{
	uint8_t bytes[512];
	size_t first = question(bytes, 1, "film.example");
	size_t n = first + question(bytes + first, 2, "a.tracker.example");
	unsigned port = 20000;

	for (size_t at = 1; at < n; at++, port++) {
		struct engine *e = make(8);
		struct action a;

		up(e, FRAME_FORWARD, port, TCP_SYN, UINT32_MAX, NULL, 0);
		a = up(e, FRAME_FORWARD, port, TCP_ACK, 0, bytes, at);
		ck_assert_msg(a.kind == ACTION_PASS, "cut %zu: %d", at, a.kind);
		a = up(e, FRAME_FORWARD, port, TCP_ACK, (uint32_t)at, bytes + at, n - at);
		ck_assert_msg(a.kind == ACTION_RESET, "cut %zu: %d", at, a.kind);
		ck_assert_ptr_nonnull(a.reply);
		a = up(e, FRAME_FORWARD, port, TCP_ACK, (uint32_t)at, bytes + at, n - at);
		ck_assert_int_eq(a.kind, ACTION_RESET); /* sent again */
		ck_assert_uint_eq(told_count, 1);
		ck_assert_str_eq(told[0].name, "a.tracker.example");
		ck_assert_int_eq(told[0].r.verdict.kind, VERDICT_BLOCK);
		ck_assert_int_eq(told[0].r.verdict.how, HOW_RESET);
		engine_flush(e);
		ck_assert_uint_eq(told_count, 2);
		ck_assert_str_eq(told[1].name, "film.example"); /* no answer came */
		ck_assert(!told[1].r.answered);
		ck_assert_uint_eq(flow_count, 0);
		done(e);
	}
}
END_TEST

static struct action down_inline(struct engine *e, uint32_t at, const void *bytes, size_t n,
				 uint32_t missing)
{
	build_tcp(&built, 1, RESOLVER, 53, TV, 40000, TCP_ACK, SERVER_ISN + 1 + at, bytes, n);
	built.frame.hook = FRAME_FORWARD;
	built.frame.wire_len += missing;
	built.bytes[2] = (uint8_t)(built.frame.wire_len >> 8);
	built.bytes[3] = (uint8_t)built.frame.wire_len;
	return engine_frame(e, &built.frame);
}

/* In line: an answer that leads to a blocked name is refused with its last segment, and when it
 * comes again; one that does not is remembered. With and without the question. */
START_TEST(an_answer_is_judged_in_line)
{
	uint8_t asked[512], said[512];
	size_t n = question(asked, 1, "shop.example"), good, m;

	good = answer(said, 1, "shop.example", NULL, 7);
	m = good + answer(said + good, 2, "metrics.shop.example", "c.tracker.example", 8);
	for (size_t at = 1; at < m; at++) {
		struct engine *e = make(8);
		bool with_question = at % 2;

		if (with_question)
			up(e, FRAME_FORWARD, 40000, TCP_ACK, 0, asked, n);
		ck_assert_int_eq(down_inline(e, 0, said, at, 0).kind, ACTION_PASS);
		ck_assert_int_eq(down_inline(e, (uint32_t)at, said + at, m - at, 0).kind,
				 ACTION_RESET);
		ck_assert_int_eq(down_inline(e, (uint32_t)at, said + at, m - at, 0).kind,
				 ACTION_RESET);
		ck_assert_int_eq(up(e, FRAME_FORWARD, 40000, TCP_ACK, (uint32_t)n, asked, n).kind,
				 ACTION_RESET);
		ck_assert_uint_ge(told_count, 2);
		ck_assert_str_eq(told[0].name, "shop.example");
		ck_assert(told[0].r.answered);
		ck_assert_str_eq(told[1].chain, "c.tracker.example");
		ck_assert_int_eq(told[1].r.verdict.kind, VERDICT_BLOCK);
		/* The first answer's address is known, the refused one's is not. */
		build_udp(&built, 2, TV, 50000, "203.0.113.7", 5000, "\x01", 1);
		engine_frame(e, &built.frame);
		engine_flush(e);
		ck_assert_uint_eq(flow_count, 1);
		ck_assert_str_eq(last_flow.name.text, "shop.example");
		done(e);
	}
}
END_TEST

/* The queue copies so many bytes of a packet: what is there of an answer is judged, and the next
 * segment begins anew. */
START_TEST(the_queue_may_cut_an_answer)
{
	uint8_t said[512];
	size_t m = answer(said, 2, "metrics.shop.example", "c.tracker.example", 8);
	struct engine *e = make(8);

	said[1] = (uint8_t)(m - 2 + 100); /* the message goes on */
	said[9]++;
	ck_assert_int_eq(down_inline(e, 0, said, m, 100).kind, ACTION_RESET);
	done(e);
	e = make(8);
	m = answer(said, 2, "shop.example", NULL, 8);
	said[1] = (uint8_t)(m - 2 + 100);
	ck_assert_int_eq(down_inline(e, 0, said, m, 100).kind, ACTION_PASS);
	ck_assert_uint_eq(told_count, 1);
	m = answer(said, 2, "metrics.shop.example", "c.tracker.example", 8);
	ck_assert_int_eq(down_inline(e, 300, said, m, 0).kind, ACTION_RESET);
	done(e);
}
END_TEST

/* The flow is never kept: the next question comes up too. */
START_TEST(a_connection_is_not_kept)
{
	struct engine *e = make(8);
	uint8_t bytes[512];
	uint32_t at = 0;

	up(e, FRAME_LOCAL, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
	for (unsigned i = 0; i < 40; i++) {
		size_t n = question(bytes, i, i == 39 ? "x.tracker.example" : "film.example");

		ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, at, bytes, n).kind,
				 i == 39 ? ACTION_RESET : ACTION_PASS);
		ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, at, NULL, 0).kind,
				 i == 39 ? ACTION_RESET : ACTION_PASS);
		at += (uint32_t)n;
	}
	done(e);
}
END_TEST

START_TEST(a_new_policy_lets_go_of_it)
{
	struct engine *e = make(8);
	struct policy *monitor = make_policy(false);
	uint8_t bytes[512];
	size_t n = question(bytes, 1, "x.tracker.example");

	ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, 0, bytes, n).kind, ACTION_RESET);
	engine_set_policy(e, policy);
	ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, 0, bytes, n).kind, ACTION_RESET);
	engine_set_policy(e, monitor);
	ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, 0, bytes, n).kind, ACTION_PASS);
	engine_set_policy(e, policy);
	n = question(bytes, 2, "y.tracker.example");
	ck_assert_int_eq(up(e, FRAME_LOCAL, 40000, TCP_ACK, (uint32_t)n, bytes, n).kind,
			 ACTION_RESET);
	engine_free(e);
	policy_free(policy);
	policy_free(monitor);
}
END_TEST

/* Another protocol on port 53, in one piece and in two, is what it is. */
START_TEST(what_is_no_dns_is_looked_at_as_any_flow)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: film.example\r\n\r\n";
	uint8_t hello[512];
	size_t n = build_hello(hello, "a.tracker.example");

	for (size_t at = 1; at <= n; at++) {
		struct engine *e = make(8);
		struct action a;

		up(e, FRAME_FORWARD, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
		a = up(e, FRAME_FORWARD, 40000, TCP_ACK, 0, hello, at);
		if (at < n)
			a = up(e, FRAME_FORWARD, 40000, TCP_ACK, (uint32_t)at, hello + at, n - at);
		ck_assert_msg(a.kind == ACTION_RESET, "cut %zu: %d", at, a.kind);
		engine_flush(e);
		ck_assert_uint_eq(flow_count, 1);
		ck_assert_uint_eq(told_count, 0);
		ck_assert_str_eq(last_flow.name.text, "a.tracker.example");
		done(e);
	}
	struct engine *e = make(8);

	up(e, FRAME_FORWARD, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
	up(e, FRAME_FORWARD, 40000, TCP_ACK, 0, get, sizeof get - 1);
	engine_flush(e);
	ck_assert_str_eq(last_flow.name.text, "film.example");
	ck_assert_int_eq(last_flow.via, VIA_HTTP);
	done(e);
}
END_TEST

/* A connection that asks once and then carries something else is left to the kernel in the end; a
 * question now and then keeps it. */
START_TEST(something_else_after_a_question)
{
	static const uint8_t junk[20] = { 0, 18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	for (unsigned with_questions = 0; with_questions < 2; with_questions++) {
		struct engine *e = make(8);
		uint8_t bytes[512];
		size_t n = question(bytes, 1, "film.example");
		uint32_t at = 0;
		unsigned kept = 0;

		up(e, FRAME_FORWARD, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
		for (unsigned i = 0; i < 100; i++) {
			bool ask = !i || (with_questions && i % 10 == 0);
			struct action a = up(e, FRAME_FORWARD, 40000, TCP_ACK, at,
					     ask ? bytes : junk, ask ? n : sizeof junk);

			at += (uint32_t)(ask ? n : sizeof junk);
			kept += a.kind == ACTION_KEEP;
			ck_assert_msg(!kept || i > 15, "kept at %u", i);
		}
		ck_assert_int_eq(kept > 0, !with_questions);
		engine_flush(e);
		ck_assert_uint_eq(flow_count, !with_questions);
		ck_assert_uint_eq(engine_counters(e)->dns_flows, with_questions);
		done(e);
	}
}
END_TEST

/* A capture that lost a segment goes on behind it; one that ends inside of a message tells what
 * it asked; one that begins inside of a message finds the next. */
START_TEST(captures_with_holes)
{
	struct engine *e = make(8);
	uint8_t bytes[2048];
	size_t n = 0, at;

	for (unsigned i = 0; i < 40; i++)
		n += question(bytes + n, i, "film.example");
	up(e, FRAME_CAPTURED, 40000, TCP_SYN, UINT32_MAX, NULL, 0);
	at = n / 40;
	for (unsigned i = 0; i < 40; i++)
		if (i != 1)
			up(e, FRAME_CAPTURED, 40000, TCP_ACK, (uint32_t)(i * at), bytes + i * at,
			   at);
	ck_assert_uint_eq(engine_counters(e)->questions, 39);
	n = question(bytes, 77, "partly.example");
	up(e, FRAME_CAPTURED, 40001, TCP_SYN, UINT32_MAX, NULL, 0);
	bytes[1] = (uint8_t)(bytes[1] + 11);
	up(e, FRAME_CAPTURED, 40001, TCP_ACK, 0, bytes, n);
	ck_assert_uint_eq(engine_counters(e)->questions, 39);
	up(e, FRAME_CAPTURED, 40002, TCP_ACK, 0,
	   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 14);
	n = question(bytes, 78, "later.example");
	up(e, FRAME_CAPTURED, 40002, TCP_ACK, 14, bytes, n);
	ck_assert_uint_eq(engine_counters(e)->questions, 40);
	engine_flush(e);
	ck_assert_uint_eq(engine_counters(e)->questions, 41);
	ck_assert_uint_eq(flow_count, 0);
	ck_assert_uint_eq(engine_counters(e)->dns_flows, 3);
	done(e);
}
END_TEST

/* More connections at once than there is room for: all are read, whatever was cut. */
START_TEST(room_is_bounded)
{
	struct engine *e = make(4);
	uint8_t bytes[512];
	size_t n = question(bytes, 5, "a.tracker.example");

	for (unsigned port = 40000; port < 40010; port++) {
		up(e, FRAME_FORWARD, port, TCP_SYN, UINT32_MAX, NULL, 0);
		up(e, FRAME_FORWARD, port, TCP_ACK, 0, bytes, n / 2);
	}
	/* The newest are whole, the rest had to be given up: they find the next question. */
	for (unsigned port = 40000; port < 40010; port++)
		up(e, FRAME_FORWARD, port, TCP_ACK, (uint32_t)(n / 2), bytes + n / 2, n - n / 2);
	for (unsigned port = 40000; port < 40010; port++)
		ck_assert_int_eq(up(e, FRAME_FORWARD, port, TCP_ACK, (uint32_t)n, bytes, n).kind,
				 ACTION_RESET);
	engine_flush(e);
	done(e);
}
END_TEST

static struct action datagram(struct engine *e, unsigned sport, unsigned dport, const uint8_t *msg,
			      size_t n)
{
	return engine_frame(e, build_udp(&built, 1, TV, sport, RESOLVER, dport, msg, n));
}

START_TEST(questions_on_other_udp_ports)
{
	struct engine *e = make(8);
	uint8_t msg[512];
	size_t n = build_dns_question(msg, 7, "2.dnscrypt-cert.resolver.example", 16);

	ck_assert_int_eq(datagram(e, 40000, 8443, msg, n).kind, ACTION_PASS);
	n = build_dns_record(msg, n, "2.dnscrypt-cert.resolver.example", 16, 60, "\1x", 2);
	engine_frame(e, build_udp(&built, 2, RESOLVER, 8443, TV, 40000, msg, n));
	ck_assert_uint_eq(told_count, 1);
	ck_assert_uint_eq(told[0].r.port, 8443);
	ck_assert(told[0].r.answered);
	n = build_dns_question(msg, 8, "a.tracker.example", 1);
	ck_assert_int_eq(datagram(e, 40000, 8443, msg, n).kind, ACTION_ANSWER);
	ck_assert_int_eq(datagram(e, 40001, 1053, msg, n).kind, ACTION_ANSWER);
	/* The neighbours' talk, and what only resembles a question, are flows. */
	ck_assert_int_eq(datagram(e, 40002, 5353, msg, n).kind, ACTION_KEEP);
	ck_assert_int_eq(datagram(e, 40002, 5355, msg, n).kind, ACTION_KEEP);
	ck_assert_int_eq(datagram(e, 137, 137, msg, n).kind, ACTION_KEEP);
	msg[n] = 0;
	ck_assert_int_eq(datagram(e, 40003, 443, msg, n + 1).kind, ACTION_KEEP);
	ck_assert_uint_eq(told_count, 3);
	engine_flush(e);
	ck_assert_uint_eq(told_count, 3);
	ck_assert_uint_eq(flow_count, 4);
	ck_assert_uint_eq(engine_counters(e)->dns_flows, 2);
	done(e);
}
END_TEST

static void check_shown(struct engine *e, unsigned port)
{
	engine_flush(e);
	ck_assert_int_eq(last_flow.verdict.kind, VERDICT_ALLOW);
	ck_assert_int_eq(last_flow.verdict.role, port == 853 ? ROLE_BYPASS : ROLE_NONE);
}

/* DNS over TLS and over QUIC are known by their port, and only shown. */
START_TEST(the_ports_of_encrypted_dns)
{
	struct engine *e = make(8);
	uint8_t hello[512];
	size_t n = build_hello(hello, "resolver.example");

	for (unsigned port = 852; port < 855; port++) {
		engine_frame(e,
			     build_tcp(&built, 1, TV, 40000, RESOLVER, port, TCP_SYN, 1, NULL, 0));
		engine_frame(e,
			     build_tcp(&built, 1, TV, 40000, RESOLVER, port, TCP_ACK, 2, hello, n));
		check_shown(e, port);
		engine_frame(e, build_udp(&built, 1, TV, 40000, RESOLVER, port, "\x01", 1));
		check_shown(e, port);
	}
	ck_assert_uint_eq(flow_count, 6);
	done(e);
}
END_TEST

/* A flow that asks first and then says something else is a flow after all. */
START_TEST(a_question_before_something_else)
{
	struct engine *e = make(8);
	uint8_t msg[512];
	size_t n = build_dns_question(msg, 7, "film.example", 1);

	ck_assert_int_eq(datagram(e, 40000, 443, msg, n).kind, ACTION_PASS);
	ck_assert_int_eq(datagram(e, 40000, 443, (const uint8_t *)"\1\2\3", 3).kind, ACTION_KEEP);
	engine_flush(e);
	ck_assert_uint_eq(told_count, 1);
	ck_assert_uint_eq(flow_count, 1);
	done(e);
}
END_TEST

SUITE("engine/dns_talk", every_cut_gives_the_same_records, addresses_are_remembered,
      a_blocked_question_is_never_complete, an_answer_is_judged_in_line,
      the_queue_may_cut_an_answer, a_connection_is_not_kept, a_new_policy_lets_go_of_it,
      what_is_no_dns_is_looked_at_as_any_flow, something_else_after_a_question, captures_with_holes,
      room_is_bounded, questions_on_other_udp_ports, a_question_before_something_else,
      the_ports_of_encrypted_dns)
