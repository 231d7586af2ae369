/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 options, IPv6 extension headers, fragments, tunnels, and lengths that contradict. */
#include "frames.h"
#include "suite.h"

#define EXPECT_V4(hex, result)		     expect_hex(DLT_RAW, hex, result)
#define V6(length, next)		     "60000000" length next "40" V6_ENDS
#define EXPECT_V6(length, next, hex, result) expect_hex(DLT_RAW, V6(length, next) hex, result)

START_TEST(addresses)
{
	struct packet p = EXPECT_V4(V4_UDP, DECODE_OK);
	char buf[ADDR_TEXT_MAX];

	ck_assert_str_eq(addr_format(&p.src, buf), "10.0.0.1");
	ck_assert_str_eq(addr_format(&p.dst, buf), "8.8.8.8");
	ck_assert_uint_eq(p.ip_len, 33);
	ck_assert_uint_eq(p.network_len, 33);
	ck_assert_uint_eq(p.network[0], 0x45);
	p = expect_hex(DLT_RAW, V6_UDP, DECODE_OK);
	ck_assert_str_eq(addr_format(&p.src, buf), "2001:db8::1");
	ck_assert_str_eq(addr_format(&p.dst, buf), "2001:db8::2");
	ck_assert_uint_eq(p.ip_len, 53);
}
END_TEST

START_TEST(v4_lengths)
{
	struct packet p;

	EXPECT_V4("4700 0029 0001 4000 4011 0000" V4_ENDS "0101010101010100" UDP, DECODE_OK);
	EXPECT_V4("4400 0021 0001 4000 4011 0000" V4_ENDS UDP, DECODE_MALFORMED);
	EXPECT_V4("4f00 0021 0001 4000 4011 0000" V4_ENDS UDP, DECODE_MALFORMED);
	EXPECT_V4("4500 0013 0001 4000 4011 0000" V4_ENDS UDP, DECODE_MALFORMED);
	EXPECT_V4("4500 0022 0001 4000 4011 0000" V4_ENDS UDP, DECODE_MALFORMED);
	EXPECT_V4("4500 0020 0001 4000 4011 0000" V4_ENDS UDP, DECODE_MALFORMED); /* UDP longer */
	EXPECT_V4("4500 0014 0001 4000 4011 0000" V4_ENDS, DECODE_MALFORMED);
	EXPECT_V4("4500 0014 0001 4000 4001 0000" V4_ENDS, DECODE_OTHER_PROTO);
	/* Segmentation offload leaves 0: then the frame is the packet. */
	p = EXPECT_V4("4500 0000 0001 4000 4006 0000" V4_ENDS TCP, DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 45);
	ck_assert_uint_eq(p.network_len, 45);
}
END_TEST

START_TEST(v4_fragments)
{
	EXPECT_V4("4500 0021 0001 2000 4011 0000" V4_ENDS UDP, DECODE_FRAGMENT);
	EXPECT_V4("4500 0021 0001 0001 4011 0000" V4_ENDS UDP, DECODE_FRAGMENT);
	EXPECT_V4("4500 0021 0001 1fff 4011 0000" V4_ENDS UDP, DECODE_FRAGMENT);
	EXPECT_V4("4500 0021 0001 8000 4011 0000" V4_ENDS UDP, DECODE_OK); /* the evil bit */
}
END_TEST

static struct fragment expect_fragment(const char *hex)
{
	uint8_t bytes[256];
	size_t n = from_hex(hex, bytes);
	struct frame f = {
		.bytes = bytes, .wire_len = (uint32_t)n, .link = DLT_RAW, .time_ns = 42
	};
	struct fragment out = { .id = 0 }, part, untouched;

	for (f.len = 0; f.len <= n; f.len++) {
		memset(&part, 0xa5, sizeof(part));
		untouched = part;
		if (!decode_fragment(&f, &part)) {
			ck_assert_mem_eq(&part, &untouched, sizeof(part));
			ck_assert_uint_lt(f.len, n);
			continue;
		}
		out = part;
		ck_assert(out.header == bytes && out.bytes + out.len == bytes + f.len);
		ck_assert_uint_eq(out.len + out.missing, 13);
		ck_assert_uint_lt(out.next_at, out.header_len);
		ck_assert_int_eq(out.time_ns, 42);
	}
	ck_assert_uint_eq(out.missing, 0);
	return out;
}

START_TEST(fragments_are_read)
{
	struct fragment f = expect_fragment("4500 0021 abcd 2000 4011 0000" V4_ENDS UDP);
	char buf[ADDR_TEXT_MAX];
	struct frame whole = { .link = DLT_RAW };
	uint8_t bytes[64];

	ck_assert_str_eq(addr_format(&f.src, buf), "10.0.0.1");
	ck_assert_str_eq(addr_format(&f.dst, buf), "8.8.8.8");
	ck_assert_uint_eq(f.id, 0xabcd);
	ck_assert_uint_eq(f.proto, 17);
	ck_assert(f.more);
	ck_assert_uint_eq(f.offset, 0);
	ck_assert_uint_eq(f.header_len, 20);
	ck_assert_uint_eq(f.next_at, 9);
	f = expect_fragment("4600 0025 abcd 1fff 4006 0000" V4_ENDS "01010101" UDP);
	ck_assert(!f.more);
	ck_assert_uint_eq(f.proto, 6);
	ck_assert_uint_eq(f.offset, 65528);
	ck_assert_uint_eq(f.header_len, 24);
	f = expect_fragment(V6("0015", "2c") "110000090a0b0c0d" UDP);
	ck_assert_str_eq(addr_format(&f.src, buf), "2001:db8::1");
	ck_assert_uint_eq(f.id, 0x0a0b0c0d);
	ck_assert_uint_eq(f.proto, 17);
	ck_assert(f.more);
	ck_assert_uint_eq(f.offset, 8);
	ck_assert_uint_eq(f.header_len, 40);
	ck_assert_uint_eq(f.next_at, 6);
	f = expect_fragment(V6("0025", "00") "3c00050200000100 2c00010400000000"
					     "3cff000800000001" UDP);
	ck_assert(!f.more);
	ck_assert_uint_eq(f.proto, 60);
	ck_assert_uint_eq(f.header_len, 56);
	ck_assert_uint_eq(f.next_at, 48);
	/* Whole packets, and fragments of a link layer, are none. */
	whole.bytes = bytes;
	whole.len = whole.wire_len = (uint32_t)from_hex(V4_UDP, bytes);
	ck_assert(!decode_fragment(&whole, &f));
	whole.link = DLT_ARCNET;
	whole.len = whole.wire_len = (uint32_t)from_hex("0102 d4 01 0001" V4_UDP, bytes);
	ck_assert(!decode_fragment(&whole, &f));
}
END_TEST

START_TEST(other_protocols)
{
	static const uint8_t tunnels[] = { 4, 41, 47, 55, 94, 97, 98, 115, 137, 143 };
	static const uint8_t others[] = { 0, 1, 2, 43, 44, 50, 58, 60, 89, 132, 136, 255 };
	uint8_t bytes[64];
	struct packet p;
	size_t n = from_hex(V4_UDP, bytes);

	for (size_t i = 0; i < sizeof(tunnels); i++) {
		bytes[9] = tunnels[i];
		ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, n, n, &p), DECODE_TUNNEL);
	}
	for (size_t i = 0; i < sizeof(others); i++) {
		bytes[9] = others[i];
		ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, n, n, &p), DECODE_OTHER_PROTO);
	}
	EXPECT_V6("0000", "3b", "", DECODE_OTHER_PROTO); /* no next header */
	EXPECT_V6("0004", "3a", "80000000", DECODE_OTHER_PROTO);
	EXPECT_V6("0021", "04", V4_UDP, DECODE_TUNNEL);
}
END_TEST

START_TEST(v6_extensions)
{
	struct packet p;

	p = EXPECT_V6("0015", "00", "1100050200000100" UDP, DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 61);
	EXPECT_V6("001d", "3c", "1101010c 000000000000000000000000" UDP, DECODE_OK);
	EXPECT_V6("0015", "2b", "1100000000000000" UDP, DECODE_OK);
	EXPECT_V6("0015", "2c", "1100000000000001" UDP, DECODE_OK); /* atomic, RFC 6946 */
	EXPECT_V6("0015", "2c", "1100000600000001" UDP, DECODE_OK); /* its reserved bits */
	EXPECT_V6("0015", "2c", "1100000100000001" UDP, DECODE_FRAGMENT);
	EXPECT_V6("0015", "2c", "1100000800000001" UDP, DECODE_FRAGMENT);
	EXPECT_V6("001d", "33", "1102000000000001 0000000100000000" UDP, DECODE_OK);
	EXPECT_V4("4500 0031 0001 4000 4033 0000" V4_ENDS "1102000000000001 0000000100000000" UDP,
		  DECODE_OK);
	EXPECT_V6("002d", "00",
		  "3c00050200000100 2b00010400000000 2c00000000000000 1100000000000001" UDP,
		  DECODE_OK);
	EXPECT_V6("0008", "00", "1104050200000100", DECODE_MALFORMED);
	EXPECT_V6("0008", "2c", "11000000 00000001", DECODE_MALFORMED);
	EXPECT_V6("0004", "2c", "11000000", DECODE_MALFORMED);
	EXPECT_V6("0008", "33", "11ff0000 00000001", DECODE_MALFORMED);
	EXPECT_V4("4500 001c 0001 4000 4033 0000" V4_ENDS "11ff0000 00000001", DECODE_MALFORMED);
}
END_TEST

/* Chains as long as a frame must end, and soon. */
START_TEST(v6_endless_chain)
{
	uint8_t bytes[40 + 65528] = { 0x60, [4] = 0xff, 0xf8, 0x3c };
	struct packet p;

	for (size_t i = 40; i < sizeof(bytes); i += 8)
		bytes[i] = 0x3c;
	ck_assert_int_eq(decode_bytes(DLT_RAW, bytes, sizeof(bytes), sizeof(bytes), &p),
			 DECODE_MALFORMED);
}
END_TEST

START_TEST(v6_lengths)
{
	struct packet p;

	EXPECT_V6("000e", "11", UDP, DECODE_MALFORMED);
	EXPECT_V6("000c", "11", UDP, DECODE_MALFORMED);
	p = EXPECT_V6("0000", "11", UDP, DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 53);
	/* A big packet names its length in a hop-by-hop option, which is passed over. */
	p = EXPECT_V6("0000", "00", "0600c20400020000" TCP, DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 73);
	ck_assert_int_eq(decode_hex(DLT_RAW, V6("000d", "11") UDP "0000", &p), DECODE_OK);
	ck_assert_uint_eq(p.network_len, 53);
	expect_hex(DLT_RAW, "60000000 000d", DECODE_MALFORMED);
}
END_TEST

SUITE("decode/ip", addresses, v4_lengths, v4_fragments, fragments_are_read, other_protocols,
      v6_extensions, v6_endless_chain, v6_lengths)
