/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet: tags, labels, LLC, PPPoE, and the PPP inside it. */
#include "frames.h"

#define EXPECT_ETHER(hex, result) expect_hex(DLT_EN10MB, MACS hex, result)
#define PPPOE_V4(proto, length)	  "8864 1100 0001" length proto V4_UDP

START_TEST(plain)
{
	struct packet p = EXPECT_ETHER("0800" V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	ck_assert_uint_eq(p.src.family, 4);
	p = EXPECT_ETHER("86dd" V6_UDP, DECODE_OK);
	ck_assert_uint_eq(p.src.family, 6);
	EXPECT_ETHER("0806 0001 0800", DECODE_NOT_IP);
	EXPECT_ETHER("88cc 0207", DECODE_NOT_IP);
	EXPECT_ETHER("0800" V6_UDP, DECODE_MALFORMED);
	EXPECT_ETHER("86dd" V4_UDP, DECODE_MALFORMED);
	EXPECT_ETHER("0800", DECODE_MALFORMED);
	expect_hex(DLT_EN10MB, "ffffffffffff", DECODE_MALFORMED);
}
END_TEST

START_TEST(padding_is_no_payload)
{
	struct packet p;

	ck_assert_int_eq(decode_hex(DLT_EN10MB, MACS "0800" V4_UDP "00000000 00000000", &p),
			 DECODE_OK);
	ck_assert_uint_eq(p.payload_len, 5);
	ck_assert_uint_eq(p.network_len, 33);
	ck_assert_uint_eq(p.ip_len, 33);
}
END_TEST

START_TEST(tags)
{
	struct packet p = EXPECT_ETHER("8100 0006 0800" V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	EXPECT_ETHER("88a8 0006 8100 0007 86dd" V6_UDP, DECODE_OK);
	EXPECT_ETHER("9100 0006 9100 0007 8100 0008 0800" V4_UDP, DECODE_OK);
	EXPECT_ETHER("8100 0006 0806 0001", DECODE_NOT_IP);
	EXPECT_ETHER("8100 0006 8100 0006 8100 0006 8100 0006 8100 0006 8100 0006 8100 0006 "
		     "8100 0006 8100 0006 0800" V4_UDP,
		     DECODE_MALFORMED);
	EXPECT_ETHER("8909 01 01 0001 0002 0800" V4_UDP, DECODE_OK);
	EXPECT_ETHER("8909 01 02 0001 0002 0001 0003 8100 0006 0800" V4_UDP, DECODE_OK);
	EXPECT_ETHER("8909 02 01 0001 0002 0800" V4_UDP, DECODE_MALFORMED);
}
END_TEST

START_TEST(labels)
{
	EXPECT_ETHER("8847 000010ff 000021ff" V4_UDP, DECODE_OK);
	EXPECT_ETHER("8848 000021ff" V6_UDP, DECODE_OK);
	/* A pseudowire with a control word: Ethernet inside. */
	EXPECT_ETHER("8847 000021ff 00000000" MACS "0800" V4_UDP, DECODE_TUNNEL);
	EXPECT_ETHER("8847 000010ff 000010ff", DECODE_MALFORMED);
	EXPECT_ETHER("8847 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff "
		     "000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff 000010ff "
		     "000011ff" V4_UDP,
		     DECODE_MALFORMED);
	EXPECT_ETHER("8847 000011ff", DECODE_MALFORMED);
}
END_TEST

START_TEST(llc)
{
	EXPECT_ETHER("0029 aaaa03 000000 0800" V4_UDP, DECODE_OK);
	EXPECT_ETHER("0029 aaaa03 0000f8 0800" V4_UDP, DECODE_OK);
	EXPECT_ETHER("0029 aaaa03 00000c 0800" V4_UDP, DECODE_NOT_IP); /* Cisco's */
	EXPECT_ETHER("0029 aaaa03 000000 0026" V4_UDP, DECODE_NOT_IP);
	EXPECT_ETHER("0024 060603" V4_UDP, DECODE_OK);
	EXPECT_ETHER("0026 424203 0000", DECODE_MALFORMED); /* longer than the frame */
	EXPECT_ETHER("0005 424203 0000", DECODE_NOT_IP);    /* spanning tree */
	EXPECT_ETHER("8100 0006 0029 aaaa03 000000 0800" V4_UDP, DECODE_OK);
	/* The length ends the block although the frame goes on. */
	EXPECT_ETHER("0020 aaaa03 000000 0800" V4_UDP, DECODE_MALFORMED);
	EXPECT_ETHER("05dd 0000", DECODE_NOT_IP);
}
END_TEST

START_TEST(pppoe)
{
	EXPECT_ETHER("8863 1109 0000 0004 01010000", DECODE_NOT_IP); /* discovery */
	EXPECT_ETHER(PPPOE_V4("0021", "0023"), DECODE_OK);
	EXPECT_ETHER("8864 1100 0001 0037 0057" V6_UDP, DECODE_OK);
	EXPECT_ETHER(PPPOE_V4("21", "0022"), DECODE_OK); /* compressed */
	EXPECT_ETHER("8100 0007" PPPOE_V4("0021", "0023") "0000", DECODE_OK);
	EXPECT_ETHER("8864 1100 0001 0006 c021 01010004", DECODE_NOT_IP); /* LCP */
	EXPECT_ETHER("8864 11a7 0001 0000", DECODE_NOT_IP);
	EXPECT_ETHER("8864 2100 0001 0023 0021" V4_UDP, DECODE_MALFORMED);
	EXPECT_ETHER(PPPOE_V4("0021", "0024"), DECODE_MALFORMED); /* longer than the frame */
	EXPECT_ETHER(PPPOE_V4("0021", "0020"), DECODE_MALFORMED); /* shorter than its IP */
	EXPECT_ETHER("8864 1100 0001 0027 0281 000021ff" V4_UDP, DECODE_OK);
}
END_TEST

START_TEST(ppp)
{
	expect_hex(DLT_PPP, "ff03 0021" V4_UDP, DECODE_OK);
	expect_hex(DLT_PPP, "0021" V4_UDP, DECODE_OK);
	expect_hex(DLT_PPP, "ff03 21" V4_UDP, DECODE_OK);
	expect_hex(DLT_PPP, "21" V4_UDP, DECODE_OK);
	expect_hex(DLT_PPP_SERIAL, "ff03 0057" V6_UDP, DECODE_OK);
	expect_hex(DLT_PPP, "ff03 c021 01010004", DECODE_NOT_IP);
	expect_hex(DLT_PPP, "ff03", DECODE_MALFORMED);
	expect_hex(DLT_PPP, "ff03 00", DECODE_MALFORMED);
	expect_hex(DLT_PPP, "21", DECODE_MALFORMED);
	expect_hex(DLT_PPP_ETHER, "1100 0001 0023 0021" V4_UDP, DECODE_OK);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("decode/ether");
	TCase *t = tcase_create("all");

	tcase_add_test(t, plain);
	tcase_add_test(t, padding_is_no_payload);
	tcase_add_test(t, tags);
	tcase_add_test(t, labels);
	tcase_add_test(t, llc);
	tcase_add_test(t, pppoe);
	tcase_add_test(t, ppp);
	suite_add_tcase(s, t);
	return run_suite(s);
}
