/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IEEE 802.11 data frames and radiotap headers. */
#include "frames.h"
#include "suite.h"

#define A1   "0a0000000001"
#define A2   "0a0000000002"
#define A3   "0a0000000003"
#define A4   "0a0000000004"
#define SNAP "aaaa03 000000 0800"

START_TEST(senders)
{
	struct packet p;

	p = expect_hex(DLT_IEEE802_11, "0800 0000" A1 A2 A3 "1000" SNAP V4_UDP, DECODE_OK);
	expect_sender(&p, "0a:00:00:00:00:02"); /* between two stations */
	p = expect_hex(DLT_IEEE802_11, "0801 0000" A1 A2 A3 "1000" SNAP V4_UDP, DECODE_OK);
	expect_sender(&p, "0a:00:00:00:00:02"); /* to the access point */
	p = expect_hex(DLT_IEEE802_11, "0802 0000" A1 A2 A3 "1000" SNAP V4_UDP, DECODE_OK);
	expect_sender(&p, "0a:00:00:00:00:03"); /* from it */
	p = expect_hex(DLT_IEEE802_11, "0803 0000" A1 A2 A3 "1000" A4 SNAP V4_UDP, DECODE_OK);
	expect_sender(&p, "0a:00:00:00:00:04"); /* between two of them */
}
END_TEST

START_TEST(kinds)
{
	expect_hex(DLT_IEEE802_11, "8801 0000" A1 A2 A3 "1000 0000" SNAP V4_UDP, DECODE_OK);
	expect_hex(DLT_IEEE802_11, "8881 0000" A1 A2 A3 "1000 0000 00000000" SNAP V4_UDP,
		   DECODE_OK);
	expect_hex(DLT_IEEE802_11, "8841 0000" A1 A2 A3 "1000 0000" SNAP V4_UDP, DECODE_NOT_IP);
	expect_hex(DLT_IEEE802_11, "4801 0000" A1 A2 A3 "1000", DECODE_NOT_IP); /* no data */
	expect_hex(DLT_IEEE802_11, "8000 0000" A1 A2 A3 "1000", DECODE_NOT_IP); /* beacon */
	expect_hex(DLT_IEEE802_11, "d400 0000" A1, DECODE_NOT_IP);		/* ACK */
	expect_hex(DLT_IEEE802_11, "0801 0000" A1 A2 A3 "1100" SNAP V4_UDP, DECODE_FRAGMENT);
	expect_hex(DLT_IEEE802_11, "0805 0000" A1 A2 A3 "1000" SNAP V4_UDP, DECODE_FRAGMENT);
	expect_hex(DLT_IEEE802_11, "0801 0000" A1 A2 "0a00", DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11, "0803 0000" A1 A2 A3 "1000 0a", DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11, "8801 0000" A1 A2 A3 "1000 00", DECODE_MALFORMED);
}
END_TEST

START_TEST(first_of_an_aggregate)
{
	struct packet p = expect_hex(DLT_IEEE802_11,
				     "8801 0000" A1 A2 A3 "1000 8000" MACS "0029" SNAP V4_UDP
				     "000000" MACS "0004 aaaa0300",
				     DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	expect_hex(DLT_IEEE802_11, "8801 0000" A1 A2 A3 "1000 8000" MACS "002a" SNAP V4_UDP,
		   DECODE_MALFORMED);
}
END_TEST

START_TEST(radiotap)
{
#define DATA "0801 0000" A1 A2 A3 "1000" SNAP V4_UDP
#define QOS  "8801 0000" A1 A2 A3 "1000 0000"
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0800 00000000" DATA, DECODE_OK);
	/* Two words of bitmap; the time stamp then is aligned without padding. */
	expect_hex(DLT_IEEE802_11_RADIO,
		   "0000 1c00 03000080 00000080 00000000 1122334455667788 00000000" DATA,
		   DECODE_OK);
	/* Flags say that the header is padded to a multiple of four. */
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0900 02000000 20" QOS "beef" SNAP V4_UDP, DECODE_OK);
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0900 02000000 20" DATA, DECODE_OK);
	expect_hex(DLT_IEEE802_11_RADIO,
		   "0000 1100 03000000 1122334455667788 20" QOS "beef" SNAP V4_UDP, DECODE_OK);
	expect_hex(DLT_IEEE802_11_RADIO,
		   "0000 1900 03000080 00000000 00000000 1122334455667788 20" QOS
		   "beef" SNAP V4_UDP,
		   DECODE_OK); /* the time stamp is aligned to eight */
	expect_hex(DLT_IEEE802_11_RADIO,
		   "0000 1500 03000080 00000000 00000000 11223344 20" QOS "beef" SNAP V4_UDP,
		   DECODE_MALFORMED); /* the time stamp does not fit into the header */
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0800 02000000" DATA, DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0800 00000080" DATA, DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11_RADIO, "0100 0800 00000000" DATA, DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11_RADIO, "0000 0700 00000000" DATA, DECODE_MALFORMED);
	expect_hex(DLT_IEEE802_11_RADIO, "0000 ff00 00000000" DATA, DECODE_MALFORMED);
}
END_TEST

SUITE("decode/wifi", senders, kinds, first_of_an_aggregate, radiotap)
