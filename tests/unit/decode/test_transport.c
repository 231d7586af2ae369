/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP and UDP headers and what is left behind them. */
#include <netinet/in.h>

#include "frames.h"
#include "suite.h"

#define V4(length, proto)  "4500" length "0001 4000 40" proto "0000" V4_ENDS
#define TCP_OFFSET(offset) "1234 01bb 01020304 05060708" offset "18 2000 0000 0000"

START_TEST(tcp)
{
	struct packet p = expect_hex(DLT_RAW, V4_TCP, DECODE_OK);

	ck_assert_uint_eq(p.proto, IPPROTO_TCP);
	ck_assert_uint_eq(p.sport, 0x1234);
	ck_assert_uint_eq(p.dport, 443);
	ck_assert_uint_eq(p.tcp_seq, 0x01020304);
	ck_assert_uint_eq(p.tcp_ack, 0x05060708);
	ck_assert_uint_eq(p.tcp_flags, TCP_PSH | TCP_ACK);
	ck_assert_uint_eq(p.tcp_window, 0x2000);
	expect_hex(DLT_RAW, V4("0031", "06") TCP_OFFSET("60") "01010101" HELLO, DECODE_OK);
	expect_hex(DLT_RAW, V4("002d", "06") TCP_OFFSET("40") HELLO, DECODE_MALFORMED);
	expect_hex(DLT_RAW, V4("002d", "06") TCP_OFFSET("f0") HELLO, DECODE_MALFORMED);
	expect_hex(DLT_RAW, V4("0018", "06") "123401bb", DECODE_MALFORMED);
}
END_TEST

START_TEST(tcp_without_data)
{
	struct packet p;

	ck_assert_int_eq(decode_hex(DLT_RAW, V4("0028", "06") TCP_OFFSET("50"), &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_len, 0);
	ck_assert_uint_eq(p.payload_missing, 0);
	ck_assert_ptr_nonnull(p.payload);
}
END_TEST

START_TEST(udp)
{
	struct packet p = expect_hex(DLT_RAW, V4_UDP, DECODE_OK);

	ck_assert_uint_eq(p.proto, IPPROTO_UDP);
	ck_assert_uint_eq(p.sport, 0x1234);
	ck_assert_uint_eq(p.dport, 53);
	ck_assert_uint_eq(p.tcp_flags, 0);
	/* Its own length ends it, although IP goes on. */
	p = expect_hex(DLT_RAW, V4("0024", "11") UDP "778899", DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 36);
	expect_hex(DLT_RAW, V4("0021", "11") "1234 0035 000e 0000" HELLO, DECODE_MALFORMED);
	expect_hex(DLT_RAW, V4("0021", "11") "1234 0035 0007 0000" HELLO, DECODE_MALFORMED);
	expect_hex(DLT_RAW, V4("0021", "11") "1234 0035 0000 0000" HELLO, DECODE_OK);
	expect_hex(DLT_RAW, V4("0017", "11") "1234 0035 00", DECODE_MALFORMED);
}
END_TEST

START_TEST(cut_payload)
{
	uint8_t bytes[64];
	struct packet p;
	size_t n = from_hex(V4_UDP, bytes);

	ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, n - 3, n, &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_len, 2);
	ck_assert_uint_eq(p.payload_missing, 3);
	ck_assert_uint_eq(p.network_len, 30);
	ck_assert_uint_eq(p.ip_len, 33);
	/* Padding that was cut is nothing that is missing. */
	ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, n, n + 10, &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_missing, 0);
	ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, n - 3, n + 10, &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_missing, 3);
}
END_TEST

SUITE("decode/transport", tcp, tcp_without_data, udp, cut_payload)
