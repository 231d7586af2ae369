/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of Encrypted ClientHello in answers: told without them over UDP, refused over TCP, left
 * alone where nothing is blocked. */
#include "unit/engine/rig.h"

#define RESOLVER "198.51.100.53"

enum { HTTPS = 65 };

static const uint8_t plain[] = "\0\1\0\0\1\0\3\2h2",
		     keys[] = "\0\1\0\0\1\0\3\2h2\0\5\0\4\376\15\0\0";

/* An answer with one HTTPS record; returns its length. */
static size_t answer(uint8_t *out, unsigned id, const char *name, bool has_keys)
{
	size_t n = build_dns_question(out, id, name, HTTPS);

	return build_dns_record(out, n, name, HTTPS, 60, has_keys ? keys : plain,
				(has_keys ? sizeof keys : sizeof plain) - 1);
}

static size_t framed_answer(uint8_t *out, unsigned id, const char *name, bool has_keys)
{
	size_t n = answer(out + 2, id, name, has_keys);

	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	return n + 2;
}

static enum action_kind down(enum frame_hook hook, uint32_t at, const uint8_t *p, size_t n)
{
	build_tcp(&built, now++, RESOLVER, 53, TV, port, TCP_ACK, 1 + at, p, n);
	built.frame.hook = hook;
	return engine_frame(engine, &built.frame).kind;
}

static enum action_kind down_udp(enum frame_hook hook, const uint8_t *p, size_t n)
{
	build_udp(&built, now++, RESOLVER, 53, TV, port, p, n);
	built.frame.hook = hook;
	return engine_frame(engine, &built.frame).kind;
}

static void begin(bool withhold)
{
	policy_how.withhold_ech = withhold;
	setup();
}

/* At every cut: what comes first passes, what completes the answer does not, nor does it later. */
START_TEST(over_tcp_the_answer_is_never_complete)
{
	uint8_t said[512];
	size_t first = framed_answer(said, 1, "plain.example", false);
	size_t n = first + framed_answer(said + first, 2, "film.example", true);

	begin(true);
	for (size_t cut = 0; cut < n; cut++) {
		port++;
		if (cut)
			ck_assert_int_eq(down(FRAME_FORWARD, 0, said, cut), ACTION_PASS);
		for (int again = 0; again < 3; again++)
			ck_assert_int_eq(down(FRAME_FORWARD, (uint32_t)cut, said + cut, n - cut),
					 ACTION_RESET);
		ck_assert_int_eq(down(FRAME_FORWARD, 0, said, n), ACTION_RESET);
	}
	done();
}
END_TEST

START_TEST(over_tcp_the_rest_passes)
{
	uint8_t said[512];
	size_t n = framed_answer(said, 1, "plain.example", false);

	begin(true);
	ck_assert_int_eq(down(FRAME_FORWARD, 0, said, n), ACTION_PASS);
	n = framed_answer(said, 1, "film.example", true);
	port++;
	ck_assert_int_eq(down(FRAME_CAPTURED, 0, said, n), ACTION_PASS);
	done();
	begin(false);
	ck_assert_int_eq(down(FRAME_FORWARD, 0, said, n), ACTION_PASS);
	done();
}
END_TEST

/* The kernel may tell a part of a segment: what could hold keys is not let through unread. */
START_TEST(over_tcp_what_is_not_seen_may_hold_them)
{
	static const struct {
		unsigned type;
		enum action_kind kind;
	} cases[] = { { HTTPS, ACTION_RESET },
		      { 64, ACTION_RESET },
		      { 255, ACTION_RESET },
		      { 1, ACTION_PASS },
		      { 16, ACTION_PASS } };
	uint8_t said[512] = { 1, 0 };

	begin(true);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = 2 + build_dns_question(said + 2, 1, "film.example", cases[i].type);

		said[4] |= 0x80;
		said[9]++;
		port++;
		build_tcp(&built, now++, RESOLVER, 53, TV, port, TCP_ACK, 1, said, 258);
		built.frame.hook = FRAME_FORWARD;
		built.frame.len -= (uint32_t)(258 - n);
		ck_assert_int_eq(engine_frame(engine, &built.frame).kind, cases[i].kind);
	}
	done();
}
END_TEST

START_TEST(over_udp_it_is_told_without)
{
	uint8_t said[512], wanted[512];
	size_t n = answer(said, 1, "film.example", true);
	size_t wanted_n = answer(wanted, 1, "film.example", false);
	struct action a;

	begin(true);
	build_udp(&built, now++, RESOLVER, 53, TV, port, said, n);
	built.frame.hook = FRAME_FORWARD;
	a = engine_frame(engine, &built.frame);
	ck_assert_int_eq(a.kind, ACTION_ANSWER);
	ck_assert_uint_eq(a.reply_len, 28 + wanted_n);
	ck_assert_mem_eq(a.reply + 28, wanted, wanted_n);
	ck_assert_int_eq(down_udp(FRAME_FORWARD, wanted, wanted_n), ACTION_PASS);
	ck_assert_int_eq(down_udp(FRAME_CAPTURED, said, n), ACTION_PASS);
	done();
}
END_TEST

START_TEST(a_pause_leaves_them)
{
	struct policy_exception pause = { .is_pause = true, .until_ns = INT64_MAX };
	uint8_t said[512];
	size_t n = answer(said, 1, "film.example", true);

	begin(true);
	ck_assert(name_from_text("film.example", 12, &pause.name));
	ck_assert_int_eq(policy_except(policy, &pause), 0);
	ck_assert_int_eq(down_udp(FRAME_FORWARD, said, n), ACTION_PASS);
	n = answer(said, 1, "other.example", true);
	ck_assert_int_eq(down_udp(FRAME_FORWARD, said, n), ACTION_ANSWER);
	policy_pause(policy, INT64_MAX);
	ck_assert_int_eq(down_udp(FRAME_FORWARD, said, n), ACTION_PASS);
	n = framed_answer(said, 1, "other.example", true);
	ck_assert_int_eq(down(FRAME_FORWARD, 0, said, n), ACTION_PASS);
	done();
}
END_TEST

SUITE("engine/ech", over_tcp_the_answer_is_never_complete, over_tcp_the_rest_passes,
      over_tcp_what_is_not_seen_may_hold_them, over_udp_it_is_told_without, a_pause_leaves_them)
