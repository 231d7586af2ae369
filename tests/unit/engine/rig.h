/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of hellos share: an engine with one list, a TV that sends, and the flows that are
 * told. */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H

#include <unistd.h>

#include "engine/engine.h"
#include "packets.h"
#include "suite.h"
#include "unit/temporary.h"
#include "unit/dissect/craft.h"

#define TV     "192.168.1.20"
#define SERVER "203.0.113.7"
#define TV6    "2001:db8::20"
#define HOST6  "2001:db8:1::7"

enum { FLOWS_MAX = 64 };

static struct flow_record flows[FLOWS_MAX];
static char ja4s[FLOWS_MAX][64];
static unsigned flow_count;
static struct policy *policy;
static struct engine *engine;
static struct built built;
static int64_t now;
static unsigned port;

static inline void on_flow(void *ctx, const struct flow_record *r)
{
	(void)ctx;
	ck_assert_uint_lt(flow_count, FLOWS_MAX);
	snprintf(ja4s[flow_count], sizeof ja4s[0], "%s", r->ja4 ? r->ja4 : "");
	flows[flow_count++] = *r;
}

static struct policy_options policy_how = {
	.enforce = true, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH
};

static inline void make_policy(void)
{
	static const char rules[] = "||tracker.example^\n";

	policy = policy_new(&policy_how, temporary_lists(rules), NULL, NULL);
}

static inline void setup(void)
{
	struct engine_options o = {
		.max_flows = 64,
		.max_names = 64,
		.max_questions = 4,
		.max_hellos = 8,
		.tcp_idle_ms = 60000,
		.udp_idle_ms = 30000,
		.question_ms = 5000,
		.name_floor_s = 60,
	};
	struct record_sink sink = { .flow = on_flow, .fingerprints = true };

	engine = engine_new(&o, &sink);
	ck_assert_ptr_nonnull(engine);
	make_policy();
	engine_set_policy(engine, policy);
	flow_count = 0;
	now = 1000;
	port = 20000;
}

static inline void done(void)
{
	engine_free(engine);
	policy_free(policy);
}

static inline enum action_kind segment(enum frame_hook hook, unsigned dport, unsigned flags,
				       uint32_t seq, const void *p, size_t n)
{
	build_tcp(&built, now++, TV, port, SERVER, dport, flags, seq, p, n);
	built.frame.hook = hook;
	return engine_frame(engine, &built.frame).kind;
}

static inline enum action_kind send_all(enum frame_hook hook, unsigned dport, const struct craft *c)
{
	enum action_kind a = ACTION_PASS;

	segment(hook, dport, TCP_SYN, 99, NULL, 0);
	for (size_t i = 0; i < c->n; i += 1400)
		a = segment(hook, dport, TCP_ACK, 100 + (uint32_t)i, c->at + i,
			    c->n - i < 1400 ? c->n - i : 1400);
	return a;
}

/* Ends all flows: what the last record says. */
static inline void check_flow(const char *name, enum via via)
{
	engine_flush(engine);
	ck_assert_uint_gt(flow_count, 0);
	ck_assert_str_eq(flows[flow_count - 1].name.text, name);
	ck_assert_int_eq(flows[flow_count - 1].via, via);
	flow_count = 0;
}

static inline enum action_kind datagram(bool is_v6, const void *p, size_t n)
{
	build_udp(&built, now++, is_v6 ? TV6 : TV, port, is_v6 ? HOST6 : SERVER, 443, p, n);
	built.frame.hook = FRAME_FORWARD;
	return engine_frame(engine, &built.frame).kind;
}

/* CRYPTO frames of at most 500 bytes, each with its own Initial, two to a datagram at most; before
 * some of them, 0-RTT of the same client. */
/* The resolver tells the TV that name has the server's address. */
static inline void tell(const char *name)
{
	uint8_t msg[512], addr[4] = { 203, 0, 113, 7 };
	size_t n = build_dns_question(msg, 7, name, 1);

	engine_frame(engine, build_udp(&built, now++, TV, 4000, "192.168.1.1", 53, msg, n));
	n = build_dns_record(msg, n, name, 1, 60, addr, 4);
	engine_frame(engine, build_udp(&built, now++, "192.168.1.1", 53, TV, 4000, msg, n));
}

#endif
