/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names out of streams and datagrams: every cut and order, what comes behind other protocols, and
 * that no blocked hello gets through whole. */
#include <stdio.h>

#include "unit/dissect/seal.h"
#include "unit/engine/rig.h"

enum { PIECES_MAX = 48 };

static struct craft wire, message, frames;

static void put_tls(const char *name, size_t padding, size_t record)
{
	message.n = 0;
	put_hello(&message, &(struct hello_plan){ .name = name, .padding = padding });
	put_records(&wire, &message, record);
}

/* Streams that end in `name`, by kind. */
enum { STREAMS = 8 };

static enum via make_stream(unsigned kind, const char *name)
{
	char text[400];
	size_t at;

	wire.n = 0;
	switch (kind) {
	case 0:
		put_tls(name, 0, 16384);
		return VIA_TLS;
	case 1:
		put_tls(name, 3000, 700);
		return VIA_TLS;
	case 2:
		put_tls(name, 10, 1);
		return VIA_TLS;
	case 3:
		snprintf(text, sizeof text, "GET /x HTTP/1.1\r\nA: b\r\nHost: %s:80\r\n\r\n", name);
		put_text(&wire, text);
		return VIA_HTTP;
	case 4:
		put(&wire, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
		at = block(&wire, 3);
		put_n(&wire, 0x010400000001, 6);
		put_n(&wire, 0x828441, 3);
		put_n(&wire, strlen(name), 1);
		put_text(&wire, name);
		block_end(&wire, at, 3);
		wire.at[at - 1] = (uint8_t)(wire.at[at - 1] - 6); /* of the header */
		return VIA_HTTP;
	case 5:
		put(&wire, "\5\1\0\5\1\0\1\300\0\2\1\1\273", 13);
		put_tls(name, 0, 16384);
		return VIA_TLS;
	case 6:
		put_text(&wire, "EHLO me\r\nSTARTTLS\r\n");
		put_tls(name, 0, 100);
		return VIA_TLS;
	default:
		put_text(&wire, "CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1:443\r\n\r\n");
		put_tls(name, 1800, 16384);
		return VIA_TLS;
	}
}

struct piece {
	size_t from, to;
};

/* Cuts n bytes at random into pieces that may overlap, in random order, some of them twice. Every
 * byte is in one of them. */
static unsigned cut_up(size_t n, struct piece pieces[static PIECES_MAX], uint32_t *seed)
{
	unsigned count = 0, parts = next_random(seed) % 20 + 1;

	for (size_t at = 0; at < n;) {
		size_t step = count < parts ? next_random(seed) % (2 * n / parts + 1) + 1 : n;
		size_t to = n - at < step ? n : at + step;

		if (to - at > 1400)
			to = at + 1400;
		pieces[count++] =
			(struct piece){ at < 3 || next_random(seed) % 4 ? at : at - 3, to };
		at = to;
	}
	for (unsigned again = next_random(seed) % 4; again; again--, count++)
		pieces[count] = pieces[next_random(seed) % count];
	for (unsigned i = count; i > 1; i--) {
		unsigned j = next_random(seed) % i;
		struct piece p = pieces[j];

		pieces[j] = pieces[i - 1];
		pieces[i - 1] = p;
	}
	ck_assert_uint_le(count, PIECES_MAX);
	return count;
}

START_TEST(every_cut_and_order_gives_the_name)
{
	struct piece pieces[PIECES_MAX];
	uint32_t seed = 0x3a7e;

	setup();
	for (unsigned round = 0; round < 4000; round++) {
		enum frame_hook hook = round / STREAMS % 2 ? FRAME_CAPTURED : FRAME_FORWARD;
		uint32_t isn = next_random(&seed);
		enum via via = make_stream(round % STREAMS, "film.example");
		unsigned count = cut_up(wire.n, pieces, &seed);

		/* Plain TLS and HTTP may come in front of their SYN, too. */
		unsigned late = round % STREAMS < 4 && round % STREAMS != 2 && round % 3 == 0
					? next_random(&seed) % count
					: 0;

		port = 20000 + round;
		for (unsigned i = 0; i < count; i++) {
			if (i == late)
				segment(hook, 9, TCP_SYN, isn, NULL, 0);
			segment(hook, 9, TCP_ACK, isn + 1 + (uint32_t)pieces[i].from,
				wire.at + pieces[i].from, pieces[i].to - pieces[i].from);
		}
		check_flow("film.example", via);
	}
	ck_assert_uint_gt(engine_counters(engine)->hellos, 3000);
	ck_assert_uint_eq(engine_counters(engine)->hellos_evicted, 0);
	ck_assert_uint_eq(engine_counters(engine)->hellos_lost, 0);
	done();
}
END_TEST

/* The reason for the policy in hello.c. */
START_TEST(no_blocked_hello_gets_through_whole)
{
	static uint8_t passed[CRAFT_MAX];
	struct piece pieces[PIECES_MAX];
	uint32_t seed = 0x51c7;

	setup();
	for (unsigned round = 0; round < 4000; round++) {
		uint32_t isn = next_random(&seed);
		size_t through = 0;
		unsigned count;

		make_stream(round % STREAMS, "ads.tracker.example");
		count = cut_up(wire.n, pieces, &seed);
		memset(passed, 0, wire.n);
		port = 20000 + round;
		segment(FRAME_FORWARD, 9, TCP_SYN, isn, NULL, 0);
		/* What was refused is sent again, three times over. */
		for (unsigned i = 0; i < 3 * count; i++) {
			const struct piece *p = &pieces[i % count];
			enum action_kind a =
				segment(FRAME_FORWARD, 9, TCP_ACK, isn + 1 + (uint32_t)p->from,
					wire.at + p->from, p->to - p->from);

			if (a == ACTION_PASS || a == ACTION_KEEP)
				memset(passed + p->from, 1, p->to - p->from);
		}
		for (size_t i = 0; i < wire.n; i++)
			through += passed[i];
		ck_assert_msg(through < wire.n, "round %u kind %u", round, round % STREAMS);
		engine_flush(engine);
		ck_assert_int_eq(flows[flow_count - 1].verdict.kind, VERDICT_BLOCK);
		flow_count = 0;
	}
	done();
}
END_TEST

START_TEST(segments_of_one_byte)
{
	setup();
	for (unsigned kind = 0; kind < STREAMS; kind++) {
		enum via via = make_stream(kind, "film.example");

		if (wire.n > 2000)
			continue;
		port++;
		segment(FRAME_FORWARD, 9, TCP_SYN, 99, NULL, 0);
		for (size_t i = 0; i < wire.n; i++)
			segment(FRAME_FORWARD, 9, TCP_ACK, 100 + (uint32_t)i, wire.at + i, 1);
		check_flow("film.example", via);
	}
	done();
}
END_TEST

START_TEST(hello_of_64_kib)
{
	struct piece pieces[64];
	unsigned count = 0;

	setup();
	wire.n = 0;
	put_tls("film.example", 65000, 16384);
	for (size_t at = 0; at < wire.n; at += 1400)
		pieces[count++] = (struct piece){ at, wire.n - at < 1400 ? wire.n : at + 1400 };
	segment(FRAME_FORWARD, 443, TCP_SYN, 99, NULL, 0);
	while (count--)
		segment(FRAME_FORWARD, 443, TCP_ACK, 100 + (uint32_t)pieces[count].from,
			wire.at + pieces[count].from, pieces[count].to - pieces[count].from);
	check_flow("film.example", VIA_TLS);
	done();
}
END_TEST

START_TEST(data_on_the_syn)
{
	setup();
	wire.n = 0;
	put_tls("ads.tracker.example", 0, 16384);
	ck_assert_int_eq(segment(FRAME_FORWARD, 443, TCP_SYN, 5, wire.at, wire.n), ACTION_RESET);
	port++;
	segment(FRAME_FORWARD, 443, TCP_SYN, 5, wire.at, 100);
	ck_assert_int_eq(segment(FRAME_FORWARD, 443, TCP_ACK, 106, wire.at + 100, wire.n - 100),
			 ACTION_RESET);
	done();
}
END_TEST

START_TEST(targets_of_proxies)
{
	setup();
	wire.n = 0;
	put(&wire, "\5\1\0\5\1\0\3", 7);
	put_n(&wire, strlen("ads.tracker.example"), 1);
	put_text(&wire, "ads.tracker.example");
	put_n(&wire, 443, 2);
	ck_assert_int_eq(send_all(FRAME_FORWARD, 1080, &wire), ACTION_RESET);
	check_flow("ads.tracker.example", VIA_SOCKS);

	/* The target is allowed, what is behind it is not. */
	wire.n = 0;
	put_text(&wire, "CONNECT film.example:443 HTTP/1.1\r\n\r\n");
	ck_assert_int_eq(send_all(FRAME_FORWARD, 3128, &wire), ACTION_PASS);
	message.n = wire.n;
	wire.n = 0;
	{
		uint32_t seq = 100 + (uint32_t)message.n;

		put_tls("ads.tracker.example", 0, 16384);
		ck_assert_int_eq(segment(FRAME_FORWARD, 3128, TCP_ACK, seq, wire.at, 50),
				 ACTION_PASS);
		ck_assert_int_eq(
			segment(FRAME_FORWARD, 3128, TCP_ACK, seq + 50, wire.at + 50, wire.n - 50),
			ACTION_RESET);
	}
	engine_flush(engine);
	ck_assert_uint_eq(flow_count, 2);
	ck_assert(flows[0].is_open);
	ck_assert_str_eq(flows[0].name.text, "film.example");
	ck_assert_int_eq(flows[0].via, VIA_HTTP);
	check_flow("ads.tracker.example", VIA_TLS);

	/* Nothing that is known behind it: the target stays. */
	port++;
	wire.n = 0;
	put_text(&wire, "CONNECT film.example:22 HTTP/1.1\r\n\r\nSSH-2.0-x\r\n");
	ck_assert_int_eq(send_all(FRAME_FORWARD, 3128, &wire), ACTION_KEEP);
	check_flow("film.example", VIA_HTTP);
	ck_assert_uint_eq(engine_counters(engine)->http, 1);
	ck_assert_uint_eq(engine_counters(engine)->socks, 1);
	ck_assert_uint_eq(engine_counters(engine)->tls, 1);
	done();
}
END_TEST

START_TEST(hellos_that_come_late)
{
	static const struct {
		enum frame_hook hook;
		unsigned dport;
		bool is_found;
	} cases[] = { { FRAME_CAPTURED, 9, true },
		      { FRAME_FORWARD, 9, false },
		      { FRAME_FORWARD, 25, true } };

	setup();
	for (size_t i = 0; i < 3; i++) {
		uint32_t seq = 100;

		port++;
		wire.n = 0;
		put_text(&wire, "\x01\x02\x03 who knows");
		send_all(cases[i].hook, cases[i].dport, &wire);
		seq += (uint32_t)wire.n;
		segment(cases[i].hook, cases[i].dport, TCP_ACK, seq, "more", 4);
		wire.n = 0;
		put_tls("film.example", 0, 16384);
		segment(cases[i].hook, cases[i].dport, TCP_ACK, seq + 4, wire.at, 60);
		segment(cases[i].hook, cases[i].dport, TCP_ACK, seq + 64, wire.at + 60,
			wire.n - 60);
		check_flow(cases[i].is_found ? "film.example" : "",
			   cases[i].is_found ? VIA_TLS : VIA_NONE);
	}
	/* A request without Host, then one with it. */
	port++;
	wire.n = 0;
	put_text(&wire, "GET / HTTP/1.0\r\n\r\n");
	ck_assert_int_eq(send_all(FRAME_FORWARD, 80, &wire), ACTION_PASS);
	ck_assert_int_eq(segment(FRAME_FORWARD, 80, TCP_ACK, 100 + (uint32_t)wire.n,
				 "GET / HTTP/1.1\r\nHost: tracker.example\r\n\r\n", 41),
			 ACTION_RESET);
	check_flow("tracker.example", VIA_HTTP);
	/* It is not looked for without end. */
	port++;
	segment(FRAME_FORWARD, 25, TCP_SYN, 99, NULL, 0);
	for (uint32_t i = 0; i < 15; i++)
		ck_assert_int_eq(segment(FRAME_FORWARD, 25, TCP_ACK, 100 + i, "\x01", 1),
				 ACTION_PASS);
	ck_assert_int_eq(segment(FRAME_FORWARD, 25, TCP_ACK, 115, "\x01", 1), ACTION_KEEP);
	done();
}
END_TEST

/* The beginning was not seen, and the server spoke first: its hello tells who the client is. */
START_TEST(the_other_end_may_be_the_client)
{
	setup();
	wire.n = 0;
	put_tls("film.example", 100, 16384);
	engine_frame(engine, build_tcp(&built, now++, SERVER, 8443, TV, port, TCP_ACK, 1, "x", 1));
	segment(FRAME_CAPTURED, 8443, TCP_ACK, 500, wire.at, 90);
	segment(FRAME_CAPTURED, 8443, TCP_ACK, 590, wire.at + 90, wire.n - 90);
	engine_flush(engine);
	ck_assert_uint_eq(flow_count, 1);
	ck_assert_uint_eq(flows[0].sport, port);
	check_flow("film.example", VIA_TLS);
	done();
}
END_TEST

/* A probe repeats a byte that was sent before the capture began (RFC 9293, 3.8.4). */
START_TEST(keep_alive_probes_in_front_of_a_hello)
{
	setup();
	wire.n = 0;
	put_tls("film.example", 0, 16384);
	for (unsigned times = 1; times < 4; times++) {
		port++;
		for (unsigned i = 0; i < times; i++)
			segment(FRAME_CAPTURED, 443, TCP_ACK, 499, "", 1);
		segment(FRAME_CAPTURED, 443, TCP_ACK, 500, wire.at, 90);
		segment(FRAME_CAPTURED, 443, TCP_ACK, 590, wire.at + 90, wire.n - 90);
		check_flow("film.example", VIA_TLS);
	}
	done();
}
END_TEST

START_TEST(sslv2_hellos_are_counted)
{
	setup();
	wire.n = 0;
	put_n(&wire, 0x8022010301, 5);
	put_n(&wire, 0x000900000010, 6);
	put_fill(&wire, 0x11, 25);
	send_all(FRAME_FORWARD, 443, &wire);
	check_flow("", VIA_NONE);
	ck_assert_uint_eq(engine_counters(engine)->sslv2, 1);
	done();
}
END_TEST

/* An address is refused only if every name is that it has at the client, however many there are. */
START_TEST(one_good_name_of_many_saves_an_address)
{
	char name[32];

	for (int good = 0; good < 2; good++) {
		setup();
		if (good)
			tell("film.example");
		for (int i = 0; i < 12; i++) {
			snprintf(name, sizeof name, "n%d.tracker.example", i);
			tell(name);
		}
		wire.n = 0;
		put_tls(NULL, 0, 16384);
		ck_assert_int_eq(send_all(FRAME_FORWARD, 443, &wire),
				 good ? ACTION_KEEP : ACTION_RESET);
		check_flow(good ? "film.example" : "n11.tracker.example", VIA_DNS);
		done();
	}
}
END_TEST

static enum action_kind hello_with_ech(const char *name)
{
	port++;
	wire.n = message.n = 0;
	put_hello(&message, &(struct hello_plan){ .name = name, .ech = true });
	put_records(&wire, &message, 16384);
	return send_all(FRAME_FORWARD, 443, &wire);
}

START_TEST(outer_names_do_not_decide)
{
	setup();
	/* DNS says nothing: the name has to do. */
	ck_assert_int_eq(hello_with_ech("ads.tracker.example"), ACTION_RESET);
	check_flow("ads.tracker.example", VIA_TLS);

	tell("film.example");
	/* The outer name would be blocked, the true one is not known to be. */
	ck_assert_int_eq(hello_with_ech("ads.tracker.example"), ACTION_KEEP);
	engine_flush(engine);
	ck_assert_str_eq(flows[0].outer.text, "ads.tracker.example");
	check_flow("film.example", VIA_ECH);

	/* It is the one that was asked for: GREASE. */
	ck_assert_int_eq(hello_with_ech("film.example"), ACTION_KEEP);
	engine_flush(engine);
	ck_assert_uint_eq(flows[0].outer.len, 0);
	check_flow("film.example", VIA_TLS);
	ck_assert_uint_eq(engine_counters(engine)->ech, 1);
	done();
}
END_TEST

START_TEST(the_name_behind_ech_is_refused)
{
	struct policy *open = policy;

	setup();
	/* Learnt while nothing was blocked, as from a resolver that tacet does not see. */
	open = policy;
	policy = policy_new(&(struct policy_options){ .enforce = false }, NULL, NULL, NULL);
	engine_set_policy(engine, policy);
	tell("ads.tracker.example");
	engine_set_policy(engine, open);
	ck_assert_int_eq(hello_with_ech("front.example"), ACTION_RESET);
	engine_flush(engine);
	ck_assert_str_eq(flows[0].outer.text, "front.example");
	check_flow("ads.tracker.example", VIA_ECH);
	policy_free(open);
	done();
}
END_TEST

START_TEST(quic_in_every_order)
{
	static struct craft datagrams[PIECES_MAX];
	struct piece pieces[PIECES_MAX];
	uint32_t seed = 0x9001;

	setup();
	for (unsigned round = 0; round < 300; round++) {
		bool blocked = round % 3 == 0, is_v6 = round % 2;
		enum action_kind last = ACTION_PASS;
		unsigned count, refused = 0;

		message.n = 0;
		put_hello(&message, &(struct hello_plan){ .name = blocked ? "ads.tracker.example"
									  : "film.example",
							  .padding = round % 5 ? 0 : 6000 });
		count = cut_up(message.n, pieces, &seed);
		port = 20000 + round;
		for (unsigned i = 0; i < count; i++) {
			struct craft *d = &datagrams[i];

			d->n = frames.n = 0;
			put_fill(&frames, 0, next_random(&seed) % 40);
			put_crypto(&frames, &message, pieces[i].from, pieces[i].to);
			put_fill(&frames, 1, 4);
			if (next_random(&seed) % 4 == 0) { /* 0-RTT in front of it */
				put_n(d, 0xd000000001, 5);
				put_n(d, 8, 1);
				put_text(d, "tacet-01");
				put_n(d, 0, 1);
				put_n(d, 0x4020, 2);
				put_fill(d, 0xee, 32);
			}
			put_initial(d,
				    &(struct seal_plan){ .packet_number = i,
							 .token = round % 7 ? 0 : 30 },
				    &frames);
		}
		for (unsigned i = 0; i < count; i++) {
			last = datagram(is_v6, datagrams[i].at, datagrams[i].n);
			refused += last == ACTION_UNREACH;
		}
		if (blocked)
			ck_assert_uint_gt(refused, 0);
		else
			ck_assert_int_eq(last, ACTION_KEEP);
		check_flow(blocked ? "ads.tracker.example" : "film.example", VIA_QUIC);
	}
	done();
}
END_TEST

START_TEST(quic_after_other_packets)
{
	static const uint8_t unknown[] = "\xc1\x1a\x2a\x3a\x4a\x08unknown1\x03src\x40\x10"
					 "aaaaaaaaaaaaaaaa";
	struct craft *d = &wire;

	setup();
	message.n = 0;
	put_hello(&message, &(struct hello_plan){ .name = "film.example", .padding = 900 });

	/* A version that the server talks it out of, then one that is known. */
	datagram(false, unknown, sizeof unknown - 1);
	frames.n = d->n = 0;
	put_crypto(&frames, &message, 0, message.n);
	put_initial(d, &(struct seal_plan){ .version = 0x6b3343cf }, &frames);
	ck_assert_int_eq(datagram(false, d->at, d->n), ACTION_KEEP);
	check_flow("film.example", VIA_QUIC);

	/* Half a hello, a Retry from the server, then all of it under new keys with a token. */
	port++;
	frames.n = d->n = 0;
	put_crypto(&frames, &message, 0, 500);
	put_initial(d, &(struct seal_plan){ 0 }, &frames);
	ck_assert_int_eq(datagram(false, d->at, d->n), ACTION_PASS);
	frames.n = d->n = 0;
	put_crypto(&frames, &message, 0, 500);
	put_initial(d, &(struct seal_plan){ .dcid = "server-id", .token = 60 }, &frames);
	ck_assert_int_eq(datagram(false, d->at, d->n), ACTION_PASS);
	frames.n = d->n = 0;
	put_crypto(&frames, &message, 500, message.n);
	/* And the ID that the server chose then, under the keys of the one before. */
	put_initial(d,
		    &(struct seal_plan){ .dcid = "chosen", .keyed_by = "server-id", .token = 60 },
		    &frames);
	ck_assert_int_eq(datagram(false, d->at, d->n), ACTION_KEEP);
	check_flow("film.example", VIA_QUIC);
	done();
}
END_TEST

SUITE("engine/hello", every_cut_and_order_gives_the_name, no_blocked_hello_gets_through_whole,
      segments_of_one_byte, hello_of_64_kib, data_on_the_syn, targets_of_proxies,
      hellos_that_come_late, the_other_end_may_be_the_client, keep_alive_probes_in_front_of_a_hello,
      sslv2_hellos_are_counted, one_good_name_of_many_saves_an_address, outer_names_do_not_decide,
      the_name_behind_ech_is_refused, quic_in_every_order, quic_after_other_packets)
