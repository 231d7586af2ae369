/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every DLT_ number that is known, and the serial links. */
#include "frames.h"
#include "suite.h"

START_TEST(raw)
{
	struct packet p = expect_hex(DLT_RAW, V4_UDP, DECODE_OK);

	ck_assert(mac_is_zero(&p.mac));
	expect_hex(DLT_RAW, V6_UDP, DECODE_OK);
	expect_hex(14, V4_UDP, DECODE_OK); /* OpenBSD's DLT_RAW */
	expect_hex(DLT_RAW, "00112233", DECODE_NOT_IP);
	expect_hex(DLT_RAW, "", DECODE_MALFORMED);
	expect_hex(DLT_IPV4, V4_UDP, DECODE_OK);
	expect_hex(DLT_IPV4, V6_UDP, DECODE_MALFORMED);
	expect_hex(DLT_IPV6, V6_UDP, DECODE_OK);
	expect_hex(DLT_IPV6, V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_USER0, V4_UDP, DECODE_UNKNOWN_LINK);
	expect_hex(-1, V4_UDP, DECODE_UNKNOWN_LINK);
}
END_TEST

START_TEST(mac_of_the_source)
{
	uint8_t bytes[64];
	struct frame f = { .bytes = bytes, .link = DLT_RAW, .mac = { { 2, 0, 0, 0, 0, 9 } } };
	struct packet p;

	f.len = f.wire_len = (uint32_t)from_hex(V4_UDP, bytes);
	ck_assert_int_eq(decode_frame(&f, &p), DECODE_OK);
	expect_sender(&p, "02:00:00:00:00:09");
	f.wire_len = 0; /* a source that does not know it */
	ck_assert_int_eq(decode_frame(&f, &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_missing, 0);
}
END_TEST

START_TEST(cisco_hdlc)
{
	expect_hex(DLT_C_HDLC, "0f00 0800" V4_UDP, DECODE_OK);
	expect_hex(DLT_C_HDLC, "8f00 86dd" V6_UDP, DECODE_OK);
	expect_hex(DLT_C_HDLC, "8f00 8035 00000002", DECODE_NOT_IP);
	expect_hex(DLT_C_HDLC, "0f00 08", DECODE_MALFORMED);
}
END_TEST

START_TEST(frame_relay)
{
	expect_hex(DLT_FRELAY, "1841 03 cc" V4_UDP, DECODE_OK);
	expect_hex(DLT_FRELAY, "1841 03 00 8e" V6_UDP, DECODE_OK);
	expect_hex(DLT_FRELAY, "184041 03 cc" V4_UDP, DECODE_OK);
	expect_hex(DLT_FRELAY, "18404041 03 cc" V4_UDP, DECODE_OK);
	expect_hex(DLT_FRELAY, "18404040 03 cc" V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_FRELAY, "1841 03 00 80 000000 0800" V4_UDP, DECODE_OK);
	expect_hex(DLT_FRELAY, "1841 03 00 80 0080c2 0007" MACS "0800" V4_UDP, DECODE_NOT_IP);
	expect_hex(DLT_FRELAY, "1841 0800" V4_UDP, DECODE_OK); /* Cisco's own form */
	expect_hex(DLT_FRELAY, "1841 03 08 0000", DECODE_NOT_IP);
	expect_hex(DLT_FRELAY, "1841 03 00 00", DECODE_MALFORMED);
	expect_hex(DLT_FRELAY, "1841 08", DECODE_MALFORMED);
	expect_hex(DLT_FRELAY, "1841 03 80 0000", DECODE_MALFORMED);
	expect_hex(DLT_ATM_RFC1483, "aaaa03 000000 0800" V4_UDP, DECODE_OK);
}
END_TEST

START_TEST(links_in_links)
{
	struct packet p = expect_hex(DLT_PPI, "0000 0800 01000000" MACS "0800" V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	expect_hex(DLT_PPI, "0000 0c00 65000000 00000000" V4_UDP, DECODE_UNKNOWN_LINK);
	expect_hex(DLT_PPI, "0000 0c00 e4000000 00000000" V4_UDP, DECODE_OK);
	expect_hex(DLT_PPI, "0000 0700 e4000000" V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_PPI, "0000 ff00 e4000000" V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_PPI, "0000 0800 c0000000 0000 0800 e4000000" V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_PPI, "0000 0800 e4000100" V4_UDP, DECODE_MALFORMED);
	expect_hex(DLT_PKTAP, "10000000 01000000 01000000 656e3000" MACS "0800" V4_UDP, DECODE_OK);
	expect_hex(DLT_PKTAP, "08000000 01000000 01000000" V4_UDP, DECODE_MALFORMED);
}
END_TEST

SUITE("decode/link", raw, mac_of_the_source, cisco_hdlc, frame_relay, links_in_links)
