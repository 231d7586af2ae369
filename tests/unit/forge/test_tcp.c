/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resets: numbers that each end accepts. */
#include "packets.h"
#include "suite.h"

static struct packet hello(bool v6)
{
	struct packet p = packet_of(v6, IPPROTO_TCP, 443, false, "hello", 5);

	p.tcp_seq = 0xfffffff0;
	p.tcp_ack = 0x01020304;
	p.tcp_flags = TCP_PSH | TCP_ACK;
	p.tcp_window = 500;
	return p;
}

START_TEST(to_the_receiver)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct packet p = hello(v6), q;
		uint8_t out[FORGE_MAX];
		size_t n = forge_tcp_reset_receiver(&p, out);

		ck_assert_uint_eq(n, v6 ? 60 : 40);
		q = check_packet(out, n);
		ck_assert_uint_eq(q.proto, IPPROTO_TCP);
		ck_assert(addr_equal(&q.src, &p.src) && addr_equal(&q.dst, &p.dst));
		ck_assert_uint_eq(q.sport, CLIENT_PORT);
		ck_assert_uint_eq(q.dport, 443);
		ck_assert_uint_eq(q.tcp_seq, 0xfffffff0);
		ck_assert_uint_eq(q.tcp_ack, 0x01020304);
		ck_assert_uint_eq(q.tcp_flags, TCP_RST | TCP_ACK);
		ck_assert_uint_eq(q.tcp_window, 0);
		ck_assert_uint_eq(q.payload_len, 0);

		p.tcp_flags = TCP_SYN;
		q = check_packet(out, forge_tcp_reset_receiver(&p, out));
		ck_assert_uint_eq(q.tcp_flags, TCP_RST);
		ck_assert_uint_eq(q.tcp_ack, 0);
	}
}
END_TEST

START_TEST(to_the_sender)
{
	for (int v6 = 0; v6 < 2; v6++) {
		struct packet p = hello(v6), q;
		uint8_t out[FORGE_MAX];

		q = check_packet(out, forge_tcp_reset_sender(&p, out));
		ck_assert(addr_equal(&q.src, &p.dst) && addr_equal(&q.dst, &p.src));
		ck_assert_uint_eq(q.sport, 443);
		ck_assert_uint_eq(q.dport, CLIENT_PORT);
		ck_assert_uint_eq(q.tcp_seq, 0x01020304);
		ck_assert_uint_eq(q.tcp_ack, 0);
		ck_assert_uint_eq(q.tcp_flags, TCP_RST);
		ck_assert_uint_eq(q.payload_len, 0);

		/* Nothing acknowledged: what the reset acknowledges is all that the segment held.
		 */
		p.tcp_flags = TCP_SYN | TCP_FIN;
		p.payload_missing = 20;
		q = check_packet(out, forge_tcp_reset_sender(&p, out));
		ck_assert_uint_eq(q.tcp_flags, TCP_RST | TCP_ACK);
		ck_assert_uint_eq(q.tcp_seq, 0);
		ck_assert_uint_eq(q.tcp_ack, 11); /* 0xfffffff0 + 5 + 20 + 2 */
	}
}
END_TEST

START_TEST(refused)
{
	struct packet p = hello(false);
	uint8_t out[FORGE_MAX];

	p.proto = IPPROTO_UDP;
	ck_assert_uint_eq(forge_tcp_reset_sender(&p, out), 0);
	ck_assert_uint_eq(forge_tcp_reset_receiver(&p, out), 0);
	p = hello(false);
	p.dst = addr_of("::1");
	ck_assert_uint_eq(forge_tcp_reset_sender(&p, out), 0);
	ck_assert_uint_eq(forge_tcp_reset_receiver(&p, out), 0);
	p.src = p.dst = (struct addr){ 0 };
	ck_assert_uint_eq(forge_tcp_reset_receiver(&p, out), 0);
}
END_TEST

SUITE("forge/tcp", to_the_receiver, to_the_sender, refused)
