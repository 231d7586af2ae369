/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hellos say besides a name, and the second one, which a HelloRetryRequest asks for (RFC 8446,
 * 4.1.4): it never changes what the first decided. */
#include "unit/dissect/seal.h"
#include "unit/engine/rig.h"

#define CHANGE_CIPHER_SPEC "\24\3\3\0\1\1"

static struct craft wire, message, second, frames;

/* The first hello, and in `second` what the client says after the retry. */
static void make_hellos(const char *first, const char *name)
{
	struct craft more = { .n = 0 };

	wire.n = message.n = second.n = 0;
	put_hello(&message, &(struct hello_plan){ .name = first, .alpn = "h2" });
	put_records(&wire, &message, 16384);
	put_hello(&more, &(struct hello_plan){ .name = name, .padding = 70 });
	put(&second, CHANGE_CIPHER_SPEC, 6);
	put_records(&second, &more, 16384);
}

static void check_ja4(const char *begin)
{
	engine_flush(engine);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_msg(!strncmp(ja4s[0], begin, strlen(begin)), "%s", ja4s[0]);
}

START_TEST(a_second_hello_changes_nothing)
{
	static const enum frame_hook hooks[] = { FRAME_CAPTURED, FRAME_FORWARD, FRAME_LOCAL };

	setup();
	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		port++;
		make_hellos("film.example", "ads.tracker.example");
		ck_assert_int_eq(send_all(hooks[i], 443, &wire), ACTION_KEEP);
		ck_assert_int_eq(segment(hooks[i], 443, TCP_ACK, 100 + (uint32_t)wire.n, second.at,
					 second.n),
				 ACTION_KEEP);
		check_ja4("t12d0103h2_");
		check_flow("film.example", VIA_TLS);

		port++;
		make_hellos("ads.tracker.example", "film.example");
		ck_assert_int_eq(send_all(hooks[i], 443, &wire), ACTION_RESET);
		ck_assert_int_eq(segment(hooks[i], 443, TCP_ACK, 100 + (uint32_t)wire.n, second.at,
					 second.n),
				 ACTION_RESET);
		check_flow("ads.tracker.example", VIA_TLS);
	}
	ck_assert_uint_eq(engine_counters(engine)->tls, 6);
	done();
}
END_TEST

/* A flow of which nothing was seen until the retry. */
START_TEST(a_second_hello_alone_has_the_name)
{
	setup();
	make_hellos("first.example", "ads.tracker.example");
	for (size_t cut = 0; cut < second.n; cut++) {
		port++;
		if (cut)
			ck_assert_int_eq(segment(FRAME_FORWARD, 443, TCP_ACK, 700, second.at, cut),
					 ACTION_PASS);
		ck_assert_int_eq(segment(FRAME_FORWARD, 443, TCP_ACK, 700 + (uint32_t)cut,
					 second.at + cut, second.n - cut),
				 ACTION_RESET);
		check_flow("ads.tracker.example", VIA_TLS);
	}
	/* The end of a handshake begins so, too. */
	port++;
	segment(FRAME_CAPTURED, 443, TCP_ACK, 700, CHANGE_CIPHER_SPEC "\27\3\3\0\1x", 12);
	check_flow("", VIA_NONE);
	done();
}
END_TEST

/* Over QUIC it goes on in the CRYPTO stream, under the keys of the first Initial. */
START_TEST(a_second_hello_over_quic_changes_nothing)
{
	static const char *const names[] = { "film.example", "ads.tracker.example" };
	static struct craft datagram_bytes;
	struct craft *d = &datagram_bytes;
	size_t n;

	setup();
	for (unsigned i = 0; i < 2; i++) {
		enum action_kind want = i ? ACTION_UNREACH : ACTION_KEEP;

		port++;
		message.n = frames.n = d->n = 0;
		put_hello(&message, &(struct hello_plan){ .name = names[i], .alpn = "h3" });
		put_crypto(&frames, &message, 0, message.n);
		put_initial(d, &(struct seal_plan){ 0 }, &frames);
		ck_assert_int_eq(datagram(false, d->at, d->n), want);
		n = message.n;
		put_hello(&message, &(struct hello_plan){ .name = names[!i], .padding = 70 });
		frames.n = d->n = 0;
		put_crypto(&frames, &message, n, message.n);
		put_initial(d,
			    &(struct seal_plan){
				    .dcid = "chosen", .keyed_by = "tacet-01", .packet_number = 1 },
			    &frames);
		ck_assert_int_eq(datagram(false, d->at, d->n), want);
		check_ja4("q12d0103h3_");
		check_flow(names[i], VIA_QUIC);
	}
	ck_assert_uint_eq(engine_counters(engine)->quic, 2);
	done();
}
END_TEST

/* A hello to an odd port, with a name or without; what the policy makes of it. */
static enum action_kind offer(const char *name, const char *alpn, bool is_quic)
{
	port++;
	wire.n = message.n = frames.n = 0;
	put_hello(&message, &(struct hello_plan){ .name = name, .alpn = alpn });
	if (!is_quic) {
		put_records(&wire, &message, 16384);
		return send_all(FRAME_FORWARD, 8443, &wire);
	}
	put_crypto(&frames, &message, 0, message.n);
	put_initial(&wire, &(struct seal_plan){ 0 }, &frames);
	return datagram(true, wire.at, wire.n);
}

static void check_role(enum role role)
{
	engine_flush(engine);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_int_eq(flows[0].verdict.role, role);
	flow_count = 0;
}

START_TEST(encrypted_dns_is_known_by_alpn)
{
	static const struct {
		const char *alpn;
		enum role role;
	} cases[] = {
		{ "dot", ROLE_BYPASS },	      { "doq", ROLE_BYPASS },
		{ "doq-i02", ROLE_BYPASS },   { "http/1.1,dot", ROLE_BYPASS },
		{ "h2,http/1.1", ROLE_NONE }, { "h3", ROLE_NONE },
		{ "dots,do", ROLE_NONE },     { NULL, ROLE_NONE },
	};

	setup();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int way = 0; way < 4; way++) {
			const char *name = way % 2 ? "odd.example" : NULL;

			ck_assert_int_eq(offer(name, cases[i].alpn, way / 2), ACTION_KEEP);
			check_role(cases[i].role);
		}
	/* Its port is enough. */
	send_all(FRAME_FORWARD, 853, &wire);
	check_role(ROLE_BYPASS);

	policy_free(policy);
	policy_how.prevent_bypass = true;
	make_policy();
	engine_set_policy(engine, policy);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (int way = 0; way < 4; way++) {
			bool is_quic = way / 2, is_dns = cases[i].role == ROLE_BYPASS;

			ck_assert_int_eq(
				offer(way % 2 ? "odd.example" : NULL, cases[i].alpn, is_quic),
				!is_dns	  ? ACTION_KEEP
				: is_quic ? ACTION_UNREACH
					  : ACTION_RESET);
			engine_flush(engine);
			if (is_dns)
				ck_assert_str_eq(flows[0].verdict.list, "[block] bypass");
			check_role(cases[i].role);
		}
	done();
}
END_TEST

SUITE("engine/second_hello", a_second_hello_changes_nothing, a_second_hello_alone_has_the_name,
      a_second_hello_over_quic_changes_nothing, encrypted_dns_is_known_by_alpn)
