/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline, frame by frame: decisions, replies, records. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "packets.h"
#include "suite.h"
#include "unit/temporary.h"

#define SECOND	 1000000000LL
#define TV	 "192.168.1.20"
#define RESOLVER "192.168.1.1"
#define SERVER	 "203.0.113.7"

static struct flow_record flows[32];
static struct dns_record questions[32];
static struct name chains[32];
static unsigned flow_count, dns_count;
static struct policy *policy;
static struct built built;

static void on_flow(void *ctx, const struct flow_record *r)
{
	(void)ctx;
	ck_assert_uint_lt(flow_count, 32);
	flows[flow_count++] = *r;
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	(void)ctx;
	ck_assert_uint_lt(dns_count, 32);
	if (r->chain_count)
		chains[dns_count] = r->chain[0];
	questions[dns_count++] = *r;
}

static struct policy *make_policy(void)
{
	static const char rules[] = "||tracker.example^\n||cloak.example^\n@@||good.example^\n"
				    "||away.example^$dnsrewrite=192.0.2.9\n"
				    "||refused.example^$dnsrewrite=REFUSED\n";
	struct policy_options o = {
		.enforce = true, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH
	};
	static const char rows[] = "domain\tmatch\towner\tapp\trole\tbreaks\tevidence\n"
				   "vital.example\texact\tExample\tplayer\tapi\tplayback\tseen\n";
	char path[TEMPORARY_MAX];
	struct catalogue *catalogue = NULL;
	struct error e = { "" };

	ck_assert_msg(!catalogue_load(temporary_file(rows, path), &catalogue, &e), "%s", e.text);
	unlink(path);
	return policy_new(&o, temporary_lists(rules), catalogue, NULL);
}

static struct engine *make(bool live)
{
	static const struct device_config tv = {
		.name = "tv",
		.prefix = { .base = { .family = 4, .bytes = { 192, 168, 1, 20 } }, .bits = 32 },
	};
	struct engine_options o = {
		.max_flows = 64,
		.max_names = 64,
		.max_questions = 4,
		.max_hellos = 4,
		.tcp_idle_ms = 60000,
		.udp_idle_ms = 30000,
		.question_ms = 5000,
		.name_floor_s = 60,
		.open_records = live,
		.max_devices = 8,
		.max_addresses = 16,
		.max_sessions = 8,
		.devices = &tv,
		.device_count = 1,
	};
	struct record_sink sink = { .flow = on_flow, .dns = on_dns };
	struct engine *e = engine_new(&o, &sink);

	ck_assert_ptr_nonnull(e);
	flow_count = dns_count = 0;
	policy = make_policy();
	engine_set_policy(e, policy);
	return e;
}

static void done(struct engine *e)
{
	engine_free(e);
	policy_free(policy);
}

static struct action ask(struct engine *e, int64_t now, unsigned id, const char *name,
			 unsigned type)
{
	uint8_t msg[512];
	size_t n = build_dns_question(msg, id, name, type);

	return engine_frame(e, build_udp(&built, now, TV, 40000, RESOLVER, 53, msg, n));
}

/* The answer to it: one address, after a CNAME if chain is not NULL. */
static struct action tell(struct engine *e, int64_t now, unsigned id, const char *name,
			  const char *chain, const uint8_t addr[4])
{
	uint8_t msg[512], target[256];
	size_t n = build_dns_question(msg, id, name, 1);

	if (chain)
		n = build_dns_record(msg, n, name, 5, 60, target, build_dns_name(target, chain));
	n = build_dns_record(msg, n, chain ? chain : name, 1, 60, addr, 4);
	return engine_frame(e, build_udp(&built, now, RESOLVER, 53, TV, 40000, msg, n));
}

static struct action hello(struct engine *e, int64_t now, unsigned port, const char *name)
{
	uint8_t bytes[512];
	size_t n = build_hello(bytes, name);
	const struct frame *f;

	engine_frame(e, build_tcp(&built, now, TV, port, SERVER, 443, TCP_SYN, 99, NULL, 0));
	f = build_tcp(&built, now + 1, TV, port, SERVER, 443, TCP_ACK | TCP_PSH, 100, bytes, n);
	return engine_frame(e, f);
}

START_TEST(a_blocked_question_is_answered)
{
	struct engine *e = make(true);
	struct action a = ask(e, SECOND, 7, "x.tracker.example", 1);
	struct frame back = { .link = DLT_RAW };
	struct packet p;

	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	back.bytes = a.reply;
	back.len = back.wire_len = (uint32_t)a.reply_len;
	ck_assert_int_eq(decode_frame(&back, &p), DECODE_OK);
	ck_assert_uint_eq(p.sport, 53);
	ck_assert_uint_eq(p.dport, 40000);
	ck_assert_uint_eq(p.payload[3] & 15, 3);
	ck_assert_uint_eq(dns_count, 1);
	ck_assert_str_eq(questions[0].qname.text, "x.tracker.example");
	ck_assert_int_eq(questions[0].verdict.kind, VERDICT_BLOCK);
	ck_assert_uint_eq(questions[0].rcode, 3);
	ck_assert_str_eq(questions[0].device, "tv");
	/* The same question again is answered again and is no second record. */
	ck_assert_int_eq(ask(e, SECOND + 1, 7, "x.tracker.example", 1).kind, ACTION_ANSWER);
	ck_assert_uint_eq(dns_count, 1);
	ck_assert_uint_eq(engine_counters(e)->answered, 2);
	done(e);
}
END_TEST

/* A rule's own answer: given in the server's place, recorded, and known when the client follows it;
 * an answer that comes all the same is replaced. */
START_TEST(a_rule_answers_itself)
{
	static const uint8_t real[] = { 203, 0, 113, 7 };
	struct engine *e = make(true);
	struct action a = ask(e, SECOND, 7, "x.away.example", 1);

	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_uint_eq(dns_count, 1);
	ck_assert_int_eq(questions[0].verdict.kind, VERDICT_ALLOW);
	ck_assert_int_eq(questions[0].verdict.how, HOW_REWRITE);
	ck_assert(questions[0].answered && questions[0].rcode == 0);
	ck_assert_uint_eq(questions[0].addr_count, 1);
	ck_assert_mem_eq(a.reply + a.reply_len - 4, "\xc0\0\x02\x09", 4);
	a = tell(e, SECOND + 1, 7, "x.away.example", NULL, real);
	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_mem_eq(a.reply + a.reply_len - 4, "\xc0\0\x02\x09", 4);
	/* Of another type it has nothing. */
	a = ask(e, SECOND, 8, "x.away.example", 28);
	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_uint_eq(questions[dns_count - 1].addr_count, 0);
	a = ask(e, SECOND, 9, "refused.example", 1);
	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_int_eq(questions[dns_count - 1].verdict.kind, VERDICT_BLOCK);
	ck_assert_uint_eq(questions[dns_count - 1].rcode, 5);
	engine_frame(
		e, build_tcp(&built, 2 * SECOND, TV, 4711, "192.0.2.9", 80, TCP_SYN, 99, NULL, 0));
	engine_frame(e, build_tcp(&built, 2 * SECOND, TV, 4711, "192.0.2.9", 80, TCP_ACK | TCP_PSH,
				  100, (const uint8_t *)"\0\1\2", 3));
	engine_flush(e);
	ck_assert_uint_ge(flow_count, 1);
	ck_assert_str_eq(flows[flow_count - 1].name.text, "x.away.example");
	done(e);
}
END_TEST

START_TEST(an_allowed_question_waits_for_its_answer)
{
	struct engine *e = make(true);

	ck_assert_int_eq(ask(e, SECOND, 7, "film.example", 1).kind, ACTION_PASS);
	ck_assert_uint_eq(dns_count, 0);
	ck_assert_int_eq(
		tell(e, 2 * SECOND, 7, "film.example", "cdn.example", (uint8_t[]){ 203, 0, 113, 7 })
			.kind,
		ACTION_PASS);
	ck_assert_uint_eq(dns_count, 1);
	ck_assert_int_eq(questions[0].time_ns, SECOND);
	ck_assert(questions[0].answered);
	ck_assert_uint_eq(questions[0].addr_count, 1);
	ck_assert_str_eq(chains[0].text, "cdn.example");
	/* Nobody answers this one: it is told of after its time. */
	ask(e, 3 * SECOND, 8, "silent.example", 28);
	engine_tick(e, 9 * SECOND);
	ck_assert_uint_eq(dns_count, 2);
	ck_assert_str_eq(questions[1].qname.text, "silent.example");
	ck_assert_uint_eq(questions[1].qtype, 28);
	ck_assert(!questions[1].answered);
	done(e);
}
END_TEST

START_TEST(a_blocked_cname_target_refuses_the_answer)
{
	struct engine *e = make(true);
	struct action a;

	ask(e, SECOND, 7, "innocent.example", 1);
	a = tell(e, SECOND + 1, 7, "innocent.example", "t.cloak.example",
		 (uint8_t[]){ 203, 0, 113, 7 });
	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_int_eq(questions[0].verdict.kind, VERDICT_BLOCK);
	ck_assert_str_eq(questions[0].verdict.rule.name.text, "cloak.example");
	/* An allow on the name asked for is stronger. */
	ask(e, 2 * SECOND, 8, "good.example", 1);
	a = tell(e, 2 * SECOND, 8, "good.example", "t.cloak.example",
		 (uint8_t[]){ 203, 0, 113, 8 });
	ck_assert_int_eq(a.kind, ACTION_PASS);
	ck_assert_int_eq(questions[1].verdict.reason, REASON_LIST_ALLOW);
	done(e);
}
END_TEST

/* What the catalogue or a list says of the name asked for comes before its target. */
START_TEST(an_allowed_name_may_have_a_blocked_cname_target)
{
	static const struct {
		const char *name;
		enum verdict_reason reason;
	} rows[] = { { "vital.example", REASON_ESSENTIAL }, { "good.example", REASON_LIST_ALLOW } };
	static const uint8_t addr[] = { 203, 0, 113, 9 };
	struct engine *e = make(true);

	for (unsigned i = 0; i < 2; i++) {
		ask(e, SECOND, 7 + i, rows[i].name, 1);
		ck_assert_int_eq(
			tell(e, SECOND + 1, 7 + i, rows[i].name, "t.cloak.example", addr).kind,
			ACTION_PASS);
		ck_assert_uint_eq(dns_count, i + 1);
		ck_assert_int_eq(questions[i].verdict.kind, VERDICT_ALLOW);
		ck_assert_int_eq(questions[i].verdict.reason, rows[i].reason);
	}
	done(e);
}
END_TEST

START_TEST(an_answer_to_something_else_is_none)
{
	struct engine *e = make(false);

	ask(e, SECOND, 7, "film.example", 1);
	tell(e, SECOND + 1, 7, "other.example", NULL, (uint8_t[]){ 203, 0, 113, 8 });
	tell(e, SECOND + 2, 7, "film.example", NULL, (uint8_t[]){ 203, 0, 113, 7 });
	ck_assert_uint_eq(dns_count, 2);
	ck_assert_str_eq(questions[1].qname.text, "film.example");
	ck_assert_int_eq(questions[1].time_ns, SECOND);
	ck_assert(questions[1].answered);
	/* In a capture the flow that follows a refused answer is shown as what it was refused for.
	 */
	ask(e, 2 * SECOND, 8, "innocent.example", 1);
	tell(e, 2 * SECOND, 8, "innocent.example", "t.cloak.example",
	     (uint8_t[]){ 203, 0, 113, 9 });
	engine_frame(e, build_udp(&built, 3 * SECOND, TV, 50000, "203.0.113.9", 5000, "\x01", 1));
	engine_flush(e);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_str_eq(flows[0].name.text, "t.cloak.example");
	ck_assert_int_eq(flows[0].verdict.kind, VERDICT_BLOCK);
	done(e);
}
END_TEST

START_TEST(a_blocked_hello_is_reset_both_ways)
{
	struct engine *e = make(true);
	struct action a = hello(e, SECOND, 50000, "a.tracker.example");
	struct frame back = { .link = DLT_RAW };
	struct packet p;

	ck_assert_int_eq(a.kind, ACTION_RESET);
	back.bytes = a.reply;
	back.len = back.wire_len = (uint32_t)a.reply_len;
	ck_assert_int_eq(decode_frame(&back, &p), DECODE_OK);
	ck_assert_uint_eq(p.tcp_flags & TCP_RST, TCP_RST);
	ck_assert_uint_eq(p.dport, 50000);
	back.bytes = a.to_server;
	back.len = back.wire_len = (uint32_t)a.to_server_len;
	ck_assert_int_eq(decode_frame(&back, &p), DECODE_OK);
	ck_assert_uint_eq(p.tcp_flags & TCP_RST, TCP_RST);
	ck_assert_uint_eq(p.tcp_seq, 100);
	ck_assert_uint_eq(p.dport, 443);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert(flows[0].is_open);
	ck_assert(flows[0].reached);
	ck_assert_int_eq(flows[0].via, VIA_TLS);
	ck_assert_str_eq(flows[0].name.text, "a.tracker.example");
	/* The same bytes again get the same answer, the other side's pass. */
	uint8_t bytes[512];
	size_t n = build_hello(bytes, "a.tracker.example");
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 2 * SECOND, TV, 50000, SERVER, 443,
						   TCP_ACK, 100, bytes, n))
				 .kind,
			 ACTION_RESET);
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 2 * SECOND, SERVER, 443, TV, 50000,
						   TCP_ACK, 1, "x", 1))
				 .kind,
			 ACTION_PASS);
	engine_flush(e);
	ck_assert_uint_eq(flow_count, 2);
	ck_assert(!flows[1].is_open);
	ck_assert_int_eq(flows[1].verdict.kind, VERDICT_BLOCK);
	done(e);
}
END_TEST

START_TEST(an_allowed_flow_is_kept_and_counted_by_the_kernel)
{
	struct engine *e = make(true);
	struct engine_count c = { .proto = IPPROTO_TCP,
				  .sport = 50000,
				  .dport = 443,
				  .packets_out = 10,
				  .bytes_out = 1000,
				  .packets_in = 20,
				  .bytes_in = 30000,
				  .ended = true };

	ck_assert_int_eq(hello(e, SECOND, 50000, "film.example").kind, ACTION_KEEP);
	addr_parse(TV, &c.src);
	addr_parse(SERVER, &c.dst);
	engine_tick(e, 500 * SECOND); /* silence is not its end */
	ck_assert_uint_eq(flow_count, 1);
	engine_flow_counted(e, &c, 501 * SECOND);
	ck_assert_uint_eq(flow_count, 2);
	ck_assert_uint_eq(flows[1].bytes_in, 30000);
	ck_assert_uint_eq(flows[1].bytes_out, 1000);
	ck_assert_int_eq(flows[1].last_ns, 501 * SECOND);
	engine_flow_counted(e, &c, 502 * SECOND); /* unknown now */
	ck_assert_uint_eq(flow_count, 2);
	done(e);
}
END_TEST

static struct action data(struct engine *e, int64_t now, unsigned port, uint32_t seq,
			  const void *bytes, size_t n)
{
	build_tcp(&built, now, TV, port, SERVER, 9, TCP_ACK, seq, bytes, n);
	built.frame.hook = FRAME_FORWARD;
	return engine_frame(e, &built.frame);
}

/* Every cut of a hello into three, in every order, with and without its SYN: the packet that
 * completes it is the one refused. */
START_TEST(a_hello_in_pieces_is_refused_with_the_last)
{
	static const unsigned orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					       { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct engine *e = make(false);
	uint8_t bytes[512];
	size_t n = build_hello(bytes, "a.tracker.example");
	unsigned port = 10000;

	for (size_t cut = 1; cut + 1 < n; cut += 7)
		for (unsigned i = 0; i < 12; i++, port++) {
			size_t at[4] = { 0, cut, cut + (n - cut) / 2, n };
			uint32_t seq = 0xffffff80; /* wraps on the way */

			if (i >= 6)
				engine_frame(e, build_tcp(&built, port, TV, port, SERVER, 9,
							  TCP_SYN, seq - 1, NULL, 0));
			for (unsigned k = 0; k < 3; k++) {
				unsigned piece = orders[i % 6][k];
				struct action a =
					data(e, port, port, seq + (uint32_t)at[piece],
					     bytes + at[piece], at[piece + 1] - at[piece]);

				ck_assert_msg(a.kind == (k == 2 ? ACTION_RESET : ACTION_PASS),
					      "cut %zu order %u piece %u: %d", cut, i, k, a.kind);
			}
			ck_assert_uint_eq(engine_counters(e)->hellos_now, 0);
			flow_count = 0;
		}
	ck_assert_uint_gt(engine_counters(e)->hellos, 100);
	ck_assert_uint_eq(engine_counters(e)->hellos_evicted, 0);
	done(e);
}
END_TEST

/* Without its SYN, in many segments of which the first comes last. */
START_TEST(a_hello_whose_first_segment_is_the_last)
{
	struct engine *e = make(false);
	uint8_t bytes[512];
	size_t n = build_hello(bytes, "a.tracker.example"), step = n / 40 + 1;

	for (size_t at = step; at < n; at += step)
		ck_assert_int_eq(data(e, 1, 10000, 7 + (uint32_t)at, bytes + at,
				      n - at < step ? n - at : step)
					 .kind,
				 ACTION_PASS);
	ck_assert_int_eq(data(e, 2, 10000, 7, bytes, step).kind, ACTION_RESET);
	done(e);
}
END_TEST

START_TEST(unfinished_hellos_are_bounded_and_end_with_their_flow)
{
	struct engine *e = make(false);
	uint8_t bytes[512];
	size_t n = build_hello(bytes, "film.example");

	for (unsigned port = 10000; port < 10010; port++) /* room for four at once */
		ck_assert_int_eq(data(e, port, port, 5, bytes, n - 1).kind, ACTION_PASS);
	ck_assert_uint_eq(engine_counters(e)->hellos_now, 4);
	ck_assert_uint_eq(engine_counters(e)->hellos_evicted, 6);
	/* The first was given up: it passes, without a name. */
	ck_assert_int_eq(data(e, 20000, 10000, 5 + (uint32_t)n - 1, bytes + n - 1, 1).kind,
			 ACTION_KEEP);
	engine_flush(e);
	ck_assert_uint_eq(engine_counters(e)->hellos_now, 0);
	ck_assert_uint_eq(flow_count, 10);
	/* The idlest end first: the last one that ends is the first, that went on. What had arrived
	 * of the one before it was enough for the name. */
	ck_assert_str_eq(flows[9].name.text, "");
	ck_assert_str_eq(flows[8].name.text, "film.example");
	done(e);
}
END_TEST

START_TEST(http_and_unknown_bytes)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: ads.tracker.example:80\r\n\r\n";
	struct engine *e = make(false);

	engine_frame(e, build_tcp(&built, 1, TV, 50001, SERVER, 80, TCP_SYN, 1, NULL, 0));
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 2, TV, 50001, SERVER, 80, TCP_ACK, 2,
						   get, sizeof get - 1))
				 .kind,
			 ACTION_RESET);
	engine_frame(e, build_tcp(&built, 3, TV, 50002, SERVER, 9, TCP_SYN, 1, NULL, 0));
	ck_assert_int_eq(data(e, 4, 50002, 2, "\x01\x02\x03", 3).kind, ACTION_KEEP);
	engine_flush(e);
	ck_assert_uint_eq(flow_count, 2); /* no open records in an audit */
	ck_assert_int_eq(flows[0].via, VIA_HTTP);
	ck_assert_str_eq(flows[0].name.text, "ads.tracker.example");
	ck_assert_int_eq(flows[1].via, VIA_NONE);
	ck_assert_int_eq(flows[1].verdict.kind, VERDICT_ALLOW);
	done(e);
}
END_TEST

/* Nothing in the flow tells its name; the answer that this client got for the address does. */
START_TEST(the_address_memory_names_a_flow)
{
	static const uint8_t addr[4] = { 203, 0, 113, 7 };
	struct engine *e = make(false);

	ask(e, 1, 1, "video.example", 1);
	tell(e, 2, 1, "video.example", NULL, addr);
	ck_assert_int_eq(
		engine_frame(e, build_udp(&built, 3, TV, 50000, SERVER, 5000, "\x01", 1)).kind,
		ACTION_KEEP);
	/* A blocked name shares the address with an innocent one: the flow passes. */
	ask(e, 4, 2, "z.tracker.example", 1);
	tell(e, 5, 2, "z.tracker.example", NULL, addr);
	ck_assert_int_eq(
		engine_frame(e, build_udp(&built, 6, TV, 50001, SERVER, 5000, "\x01", 1)).kind,
		ACTION_KEEP);
	/* An address that only a blocked name had: refused. */
	tell(e, 7, 3, "y.tracker.example", NULL, (uint8_t[]){ 203, 0, 113, 9 });
	ck_assert_int_eq(
		engine_frame(e, build_udp(&built, 8, TV, 50002, "203.0.113.9", 5000, "\x01", 1))
			.kind,
		ACTION_UNREACH);
	engine_flush(e);
	ck_assert_str_eq(flows[0].name.text, "video.example");
	ck_assert_int_eq(flows[0].via, VIA_DNS);
	ck_assert_str_eq(flows[1].name.text, "video.example");
	ck_assert_str_eq(flows[2].name.text, "y.tracker.example");
	ck_assert(!flows[2].reached);
	done(e);
}
END_TEST

START_TEST(a_new_policy_decides_running_flows_again)
{
	struct engine *e = make(true);
	struct policy_options o = { .enforce = false };
	struct policy *monitor;

	ck_assert_int_eq(hello(e, SECOND, 50000, "a.tracker.example").kind, ACTION_RESET);
	monitor = policy_new(&o, NULL, NULL, NULL);
	engine_set_policy(e, monitor);
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 2 * SECOND, TV, 50000, SERVER, 443,
						   TCP_ACK, 100, "x", 1))
				 .kind,
			 ACTION_KEEP);
	engine_set_policy(e, policy);
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 3 * SECOND, TV, 50000, SERVER, 443,
						   TCP_ACK, 100, "x", 1))
				 .kind,
			 ACTION_RESET);
	policy_free(monitor);
	done(e);
}
END_TEST

static struct engine_flow called[8];
static unsigned called_count;

static void on_changed(void *ctx, const struct engine_flow *f)
{
	(void)ctx;
	ck_assert_uint_lt(called_count, 8);
	called[called_count++] = *f;
}

/* How many of the flows that the kernel keeps would be blocked now. */
static unsigned changed(struct engine *e)
{
	uint32_t place = 0;

	called_count = 0;
	while (engine_each_changed(e, &place, 7, on_changed, NULL))
		;
	return called_count;
}

static struct action datagram(struct engine *e, int64_t now, unsigned port)
{
	return engine_frame(e, build_udp(&built, now, TV, port, SERVER, 5000, "\x01", 1));
}

/* Flows that say nothing have to be called up; those alone that are decided otherwise. */
START_TEST(flows_that_the_kernel_keeps_are_called_up)
{
	struct policy_options o = { .enforce = false };
	struct engine *e = make(true);
	struct policy *monitor = policy_new(&o, NULL, NULL, NULL);
	struct addr tv;

	engine_set_policy(e, monitor);
	ck_assert_int_eq(hello(e, SECOND, 50000, "a.tracker.example").kind, ACTION_KEEP);
	ck_assert_int_eq(hello(e, SECOND, 50001, "film.example").kind, ACTION_KEEP);
	ck_assert_uint_eq(changed(e), 0);
	engine_set_policy(e, policy);
	ck_assert_uint_eq(changed(e), 1);
	ck_assert(addr_parse(TV, &tv) && addr_equal(&called[0].src, &tv));
	ck_assert_uint_eq(called[0].sport, 50000);
	ck_assert_uint_eq(called[0].dport, 443);
	ck_assert_uint_eq(called[0].proto, IPPROTO_TCP);
	/* It comes up: an acknowledgement is enough, and a record says so. */
	ck_assert_uint_eq(flow_count, 2);
	ck_assert_int_eq(engine_frame(e, build_tcp(&built, 2 * SECOND, TV, 50000, SERVER, 443,
						   TCP_ACK, 100, NULL, 0))
				 .kind,
			 ACTION_RESET);
	ck_assert_uint_eq(flow_count, 3);
	ck_assert_int_eq(flows[2].verdict.kind, VERDICT_BLOCK);
	ck_assert(flows[2].is_open);
	ck_assert_uint_eq(changed(e), 0);
	policy_free(monitor);
	done(e);
}
END_TEST

/* What an address may stand for holds for the next policy too, be it known by name or not. */
START_TEST(a_new_policy_hears_all_names_of_an_address)
{
	static const uint8_t addr[4] = { 203, 0, 113, 7 };
	struct policy_options o = { .enforce = false };
	struct engine *e = make(true);
	struct policy *monitor = policy_new(&o, NULL, NULL, NULL);

	engine_set_policy(e, monitor);
	tell(e, 1, 1, "z.tracker.example", NULL, addr);
	ck_assert_int_eq(datagram(e, 3, 50000).kind, ACTION_KEEP);
	engine_set_policy(e, policy);
	ck_assert_uint_eq(changed(e), 1);
	tell(e, 4, 2, "video.example", NULL, addr);
	ck_assert_uint_eq(changed(e), 0);
	ck_assert_int_eq(datagram(e, 5, 50000).kind, ACTION_KEEP);
	/* The name that it was decided by is one of them after the memory has lost it. */
	engine_set_policy(e, monitor);
	ck_assert_int_eq(datagram(e, 6, 50000).kind, ACTION_KEEP);
	engine_set_policy(e, policy);
	engine_tick(e, 4000 * SECOND);
	ck_assert_uint_eq(changed(e), 1);
	policy_free(monitor);
	done(e);
}
END_TEST

/* On the way back, as the queue has it of flows that were called up. */
static struct action pushed(struct engine *e, int64_t now, unsigned port)
{
	build_udp(&built, now, SERVER, 5000, TV, port, "\x01", 1);
	built.frame.hook = FRAME_BACK;
	return engine_frame(e, &built.frame);
}

/* Who is sent datagrams may say nothing for ever: they are refused, and let through, on their way.
 */
START_TEST(datagrams_to_who_is_silent_follow_the_policy)
{
	static const uint8_t addr[4] = { 203, 0, 113, 7 };
	struct policy_options o = { .enforce = false };
	struct engine *e = make(true);
	struct policy *monitor = policy_new(&o, NULL, NULL, NULL);

	engine_set_policy(e, monitor);
	tell(e, 1, 1, "z.tracker.example", NULL, addr);
	ck_assert_int_eq(datagram(e, 3, 50000).kind, ACTION_KEEP);
	engine_set_policy(e, policy);
	ck_assert_int_eq(pushed(e, 4, 50000).kind, ACTION_DROP);
	ck_assert_int_eq(datagram(e, 5, 50000).kind, ACTION_UNREACH);
	ck_assert_uint_eq(changed(e),
			  1); /* refused before it was looked for: it is called up yet */
	ck_assert_int_eq(pushed(e, 6, 50000).kind, ACTION_DROP);
	engine_set_policy(e, monitor);
	ck_assert_int_eq(pushed(e, 7, 50000).kind, ACTION_KEEP);
	/* Of a flow that was evicted meanwhile it is known who opened it. */
	engine_set_policy(e, policy);
	ck_assert_int_eq(pushed(e, 8, 50001).kind, ACTION_PASS);
	engine_flush(e);
	ck_assert_uint_eq(flows[flow_count - 1].sport, 50001);
	ck_assert_uint_eq(engine_counters(e)->devices, 1);
	policy_free(monitor);
	done(e);
}
END_TEST

START_TEST(tables_are_bounded)
{
	struct engine *e = make(false);
	char name[32];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "n%u.example", i);
		ask(e, SECOND + i, 100 + i, name, 1);
	}
	ck_assert_uint_eq(engine_counters(e)->questions, 20);
	ck_assert_uint_eq(engine_counters(e)->questions_evicted, 16);
	ck_assert_uint_eq(dns_count, 16); /* evicted is told, not lost */
	engine_flush(e);
	ck_assert_uint_eq(dns_count, 20);
	done(e);
}
END_TEST

START_TEST(what_is_not_understood_passes_and_is_counted)
{
	struct engine *e = make(true);
	struct frame f = {
		.bytes = (const uint8_t *)"\x45", .len = 1, .wire_len = 60, .link = DLT_RAW
	};

	ck_assert_int_eq(engine_frame(e, &f).kind, ACTION_PASS);
	f.link = 9999;
	ck_assert_int_eq(engine_frame(e, &f).kind, ACTION_PASS);
	ck_assert_uint_eq(engine_counters(e)->decode[DECODE_UNKNOWN_LINK], 1);
	ck_assert_uint_eq(engine_counters(e)->frames, 2);
	/* Port 53 and no DNS: a flow like any other. */
	engine_frame(e, build_udp(&built, 1, TV, 40000, RESOLVER, 53, "\xff", 1));
	ck_assert_uint_eq(engine_counters(e)->flows, 1);
	done(e);
}
END_TEST

static void count_flow(void *ctx, const struct flow_record *r)
{
	ck_assert(r->is_open);
	++*(unsigned *)ctx;
}

START_TEST(the_flows_of_now)
{
	struct engine *e = make(true);
	unsigned n = 0;

	hello(e, SECOND, 50000, "film.example");
	hello(e, SECOND, 50001, "a.tracker.example");
	engine_each_flow(e, count_flow, &n);
	ck_assert_uint_eq(n, 2);
	done(e);
}
END_TEST

static const struct frame *udp_of(struct built *b, int64_t now, const char *src, const char *dst,
				  unsigned ports[2], const void *p, size_t n)
{
	static struct frame f;

	f = *build_udp(b, now, src, ports[0], dst, ports[1], p, n);
	f.mac = (struct mac){ { 2, 0, 0, 0, 0, 9 } };
	return &f;
}

START_TEST(a_device_is_named_by_its_dhcp_request_at_every_address)
{
	struct engine *e = make(false);
	uint8_t dhcp[400] = { 1 }, msg[512];
	unsigned boot[] = { 68, 67 }, dns[] = { 40000, 53 };
	size_t n = build_dns_question(msg, 7, "film.example", 1);

	memcpy(dhcp + 236, "\x63\x82\x53\x63\x0c\x05shelf\xff", 12);
	engine_frame(e, udp_of(&built, 1, "0.0.0.0", "255.255.255.255", boot, dhcp, sizeof dhcp));
	engine_frame(e, udp_of(&built, 2, "192.168.1.30", "192.168.1.1", dns, msg, n));
	engine_frame(e, udp_of(&built, 3, "2001:db8::30", "2001:db8::1", dns, msg, n));
	engine_flush(e);
	ck_assert_uint_eq(dns_count, 2);
	ck_assert_str_eq(questions[0].hostname, "shelf");
	ck_assert_str_eq(questions[1].hostname, "shelf");
	ck_assert_uint_eq(engine_counters(e)->hostnames, 1);
	ck_assert_uint_eq(engine_counters(e)->devices, 1);
	ck_assert_uint_eq(engine_counters(e)->addresses_now, 2);
	done(e);
}
END_TEST

/* Asked over IPv4, gone to over IPv6: the same device, by its MAC. Another one was told nothing. */
START_TEST(a_name_asked_at_one_address_names_a_flow_from_another)
{
	struct engine *e = make(false);
	uint8_t msg[512], v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };
	unsigned dns[] = { 40000, 53 }, video[] = { 50000, 5000 };
	size_t n = build_dns_question(msg, 7, "y.tracker.example", 28);
	struct frame f;

	f = *udp_of(&built, 1, "2001:db8::30", "2001:db8::1", video, "\x01", 1);
	engine_frame(e, &f); /* the device is known at both addresses */
	n = build_dns_question(msg, 7, "video.example", 28);
	engine_frame(e, udp_of(&built, 2, "192.168.1.30", "192.168.1.1", dns, msg, n));
	n = build_dns_record(msg, n, "video.example", 28, 60, v6, 16);
	engine_frame(e, build_udp(&built, 3, "192.168.1.1", 53, "192.168.1.30", 40000, msg, n));
	engine_frame(e, udp_of(&built, 4, "2001:db8::30", "2001:db8::7", video, "\x01", 1));
	f = *udp_of(&built, 5, "2001:db8::31", "2001:db8::7", video, "\x01", 1);
	f.mac.bytes[5] = 8;
	engine_frame(e, &f);
	engine_flush(e);
	ck_assert_uint_eq(flow_count, 3);
	ck_assert_str_eq(flows[1].name.text, "video.example");
	ck_assert_int_eq(flows[1].via, VIA_DNS);
	ck_assert_uint_eq(flows[2].name.len, 0);
	done(e);
}
END_TEST

static struct companion companions[4];
static unsigned companion_count, suspect_count;

static void on_companion(void *ctx, const struct companion_record *r)
{
	companions[companion_count++ % 4] = *r->companion;
	ck_assert_str_eq(r->device, "tv");
}

static void on_suspect(void *ctx, const struct suspect *s)
{
	suspect_count++;
	ck_assert_str_eq(s->name.text, "clockwork.example");
	ck_assert_uint_ge(s->period_ms, 14900);
	ck_assert_uint_le(s->period_ms, 15100);
	ck_assert(s->is_periodic);
}

START_TEST(a_tracker_belongs_to_the_app_in_use)
{
	struct engine *e = make(true);

	companion_count = 0;
	ask(e, SECOND, 1, "z.tracker.example", 1); /* nothing is in use */
	ask(e, 2 * SECOND, 2, "vital.example", 1);
	tell(e, 2 * SECOND, 2, "vital.example", NULL, (uint8_t[]){ 203, 0, 113, 9 });
	ask(e, 3 * SECOND, 3, "z.tracker.example", 1);
	hello(e, 4 * SECOND, 50000, "z.tracker.example");
	ask(e, 5 * SECOND, 4, "stranger.example", 1); /* no tracker: nobody's */
	ask(e, 90 * SECOND, 5, "z.tracker.example", 1);
	engine_flush(e);
	ck_assert_uint_eq(dns_count, 5);
	ck_assert_ptr_null(questions[0].verdict.app);
	ck_assert_str_eq(questions[1].verdict.app, "player");
	ck_assert(!questions[1].verdict.app_by_session);
	ck_assert_str_eq(questions[2].verdict.app, "player");
	ck_assert(questions[2].verdict.app_by_session);
	ck_assert_ptr_null(questions[3].verdict.app);
	ck_assert_ptr_null(questions[4].verdict.app); /* the session fell silent */
	ck_assert_str_eq(flows[0].verdict.app, "player");
	ck_assert_str_eq(flows[1].verdict.app, "player"); /* its last record says so, too */
	engine_each_companion(e, on_companion, NULL);
	ck_assert_uint_eq(companion_count, 2);
	ck_assert_uint_eq(companions[1].sessions + companions[0].sessions, 1);
	ck_assert_uint_eq(companions[1].contacts + companions[0].contacts, 4);
	ck_assert_uint_eq(engine_counters(e)->sessions, 1);
	ck_assert_uint_eq(engine_counters(e)->sessions_now, 0);
	done(e);
}
END_TEST

/* Of a connection that stays open a capture has each packet. */
START_TEST(uploads_by_clockwork_are_suspected)
{
	struct engine *e = make(false);
	uint8_t bytes[900] = { 0 };
	uint32_t seq = 100;
	size_t n = build_hello(bytes, "clockwork.example");

	suspect_count = 0;
	engine_frame(e, build_tcp(&built, 0, TV, 50000, SERVER, 443, TCP_SYN, 99, NULL, 0));
	for (int i = 0; i < 12; i++) {
		engine_frame(e, build_tcp(&built, (1 + 15 * i) * SECOND, TV, 50000, SERVER, 443,
					  TCP_ACK | TCP_PSH, seq, bytes, i ? sizeof bytes : n));
		seq += i ? sizeof bytes : n;
		engine_frame(e, build_tcp(&built, (1 + 15 * i) * SECOND + 1, SERVER, 443, TV, 50000,
					  TCP_ACK | TCP_PSH, 500, bytes, 50));
		/* The film goes on beside it, and comes down. */
		hello(e, (2 + 15 * i) * SECOND, 50001u + (unsigned)i, "vital.example");
	}
	engine_flush(e);
	engine_each_suspect(e, on_suspect, NULL);
	ck_assert_uint_eq(suspect_count, 1);
	ck_assert_uint_eq(engine_counters(e)->hosts, 1);
	done(e);
}
END_TEST

/* Of one that the kernel keeps, those alone of which little is seen, and that are on no list. */
START_TEST(uploads_by_clockwork_are_heard_of_kept_flows)
{
	struct engine *e = make(true);
	struct engine_count c = {
		.proto = IPPROTO_TCP, .dport = 443, .packets_out = 9, .packets_in = 9
	};
	static const char *const names[] = { "clockwork.example", "large.example",
					     "vital.example" };
	uint8_t bytes[900] = { 0 };

	suspect_count = 0;
	addr_parse(TV, &c.src);
	addr_parse(SERVER, &c.dst);
	for (unsigned i = 0; i < 3; i++) {
		c.sport = (uint16_t)(50000 + i);
		c.bytes_out = i == 1 ? 500000 : 3000;
		c.bytes_in = 5000;
		ck_assert_int_eq(hello(e, SECOND, 50000 + i, names[i]).kind, ACTION_KEEP);
		ck_assert_int_eq(engine_flow_counted(e, &c, 30 * SECOND), i == 0);
	}
	for (int i = 0; i < 12; i++) {
		build_tcp(&built, (31 + 15 * i) * SECOND, TV, 50000, SERVER, 443, TCP_ACK,
			  1000 + 900 * (unsigned)i, bytes, sizeof bytes);
		ck_assert_int_eq(engine_frame(e, &built.frame).kind, ACTION_PASS);
		c.sport = 50000;
		c.bytes_out += 1000;
		ck_assert(!engine_flow_counted(e, &c, (32 + 15 * i) * SECOND));
	}
	engine_each_suspect(e, on_suspect, NULL);
	ck_assert_uint_eq(suspect_count, 1); /* while it is open */
	/* It turns out to be a film. */
	c.bytes_in = 50 << 20;
	ck_assert(!engine_flow_counted(e, &c, 300 * SECOND));
	build_tcp(&built, 301 * SECOND, TV, 50000, SERVER, 443, TCP_ACK, 20000, bytes,
		  sizeof bytes);
	ck_assert_int_eq(engine_frame(e, &built.frame).kind, ACTION_KEEP);
	/* Another policy finds it by itself. */
	c.bytes_in = 5000;
	ck_assert(engine_flow_counted(e, &c, 330 * SECOND));
	engine_set_policy(e, policy);
	ck_assert(!engine_flow_counted(e, &c, 360 * SECOND));
	done(e);
}
END_TEST

SUITE("engine/engine", a_name_asked_at_one_address_names_a_flow_from_another,
      a_tracker_belongs_to_the_app_in_use, uploads_by_clockwork_are_suspected,
      uploads_by_clockwork_are_heard_of_kept_flows,
      a_device_is_named_by_its_dhcp_request_at_every_address, a_blocked_question_is_answered,
      a_rule_answers_itself, an_allowed_question_waits_for_its_answer,
      a_blocked_cname_target_refuses_the_answer, an_allowed_name_may_have_a_blocked_cname_target,
      an_answer_to_something_else_is_none, a_blocked_hello_is_reset_both_ways,
      an_allowed_flow_is_kept_and_counted_by_the_kernel, a_hello_in_pieces_is_refused_with_the_last,
      a_hello_whose_first_segment_is_the_last,
      unfinished_hellos_are_bounded_and_end_with_their_flow, http_and_unknown_bytes,
      the_address_memory_names_a_flow, a_new_policy_decides_running_flows_again,
      flows_that_the_kernel_keeps_are_called_up, a_new_policy_hears_all_names_of_an_address,
      datagrams_to_who_is_silent_follow_the_policy, tables_are_bounded,
      what_is_not_understood_passes_and_is_counted, the_flows_of_now)
