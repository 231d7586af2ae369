/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bounded writer, and a packet that does not fit. */
#include "forge/wire.h"
#include "packets.h"
#include "suite.h"

START_TEST(bounds)
{
	uint8_t room[8] = { 0 };
	struct writer w = { .start = room, .at = room, .end = room + 7 };

	write_u8(&w, 1);
	write_u16(&w, 0x0203);
	write_u32(&w, 0x04050607);
	ck_assert(!w.failed);
	write_u8(&w, 8);
	ck_assert(w.failed);
	ck_assert_mem_eq(room, "\1\2\3\4\5\6\7", 8);
	w = (struct writer){ .start = room, .at = room, .end = room + 2 };
	write_u32(&w, 0x0a0b0c0d);
	ck_assert(w.failed);
	ck_assert_uint_eq(room[2], 3); /* nothing behind the end */
	w.at = room;
	write_u8(&w, 9); /* and nothing once it failed */
	ck_assert_uint_ne(room[0], 9);
}
END_TEST

START_TEST(too_large)
{
	struct packet p = packet_of(true, IPPROTO_UDP, 53, false, "", 0);
	struct ends e = ends_of(&p);
	uint8_t out[FORGE_MAX], filler[FORGE_MAX] = { 0 };
	size_t header;
	struct writer w = wire_begin(&e, out, &header);

	ck_assert_uint_eq(header, 40);
	write_bytes(&w, filler, FORGE_MAX - header);
	ck_assert_uint_eq(wire_end(&w, &e, header, IPPROTO_UDP, 6), FORGE_MAX);
	w = wire_begin(&e, out, &header);
	write_bytes(&w, filler, FORGE_MAX - header + 1);
	ck_assert_uint_eq(wire_end(&w, &e, header, IPPROTO_UDP, 6), 0);
}
END_TEST

/* An odd number of bytes is summed as if a zero followed (RFC 1071, 1). */
START_TEST(odd_length)
{
	struct packet p = packet_of(false, IPPROTO_UDP, 53, false, "", 0);
	struct ends e = ends_reversed(&p);
	uint8_t out[FORGE_MAX];
	size_t header;
	struct writer w = wire_begin(&e, out, &header);

	write_u16(&w, e.sport);
	write_u16(&w, e.dport);
	write_u16(&w, 11);
	write_u16(&w, 0);
	write_bytes(&w, "abc", 3);
	p = check_packet(out, wire_end(&w, &e, header, IPPROTO_UDP, 6));
	ck_assert_uint_eq(p.payload_len, 3);
	ck_assert_uint_eq(p.sport, 53);
}
END_TEST

SUITE("forge/wire", bounds, too_large, odd_length)
