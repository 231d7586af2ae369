/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ARCnet and FDDI. */
#include "frames.h"
#include "suite.h"

START_TEST(arcnet)
{
	static const struct {
		int dlt;
		const char *ends;
	} kinds[] = { { DLT_ARCNET, "0102" }, { DLT_ARCNET_LINUX, "0102 0000" } };
	char hex[512];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct {
			const char *head, *rest;
			enum decode_result result;
		} cases[] = {
			{ "d4 00 0001", V4_UDP, DECODE_OK },
			{ "c4 00 0001", V6_UDP, DECODE_OK },
			{ "f0", V4_UDP, DECODE_OK }, /* RFC 1051 */
			{ "d4 ff ffff d4 00 0001", V4_UDP, DECODE_OK },
			{ "d4 01 0001", V4_UDP, DECODE_FRAGMENT },
			{ "d4 02 0001", V4_UDP, DECODE_FRAGMENT },
			{ "d4 ff ffff d4 01 0001", V4_UDP, DECODE_FRAGMENT },
			{ "d5 00 0001", V4_UDP, DECODE_NOT_IP }, /* ARP */
			{ "d5 01 0001", V4_UDP, DECODE_NOT_IP },
			{ "f1", V4_UDP, DECODE_NOT_IP },
			{ "dd 00 0001", V4_UDP, DECODE_NOT_IP }, /* AppleTalk */
			{ "c4 00 0001", V4_UDP, DECODE_MALFORMED },
			{ "d4 00 0001", V6_UDP, DECODE_MALFORMED },
			{ "d4 00", "", DECODE_MALFORMED },
			{ "d4 ff ffff d4", "", DECODE_MALFORMED },
		};

		for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
			snprintf(hex, sizeof(hex), "%s%s%s", kinds[i].ends, cases[c].head,
				 cases[c].rest);
			expect_hex(kinds[i].dlt, hex, cases[c].result);
		}
	}
	expect_hex(DLT_ARCNET, "01", DECODE_MALFORMED);
	expect_hex(DLT_ARCNET_LINUX, "010200", DECODE_MALFORMED);
	expect_hex(DLT_ARCNET, "0102", DECODE_MALFORMED);
}
END_TEST

START_TEST(fddi)
{
	struct packet p = expect_hex(DLT_FDDI, "50" MACS "aaaa03 000000 0800" V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	p = expect_hex(DLT_FDDI, "d7" MACS "aaaa03 000000 86dd" V6_UDP, DECODE_OK);
	expect_hex(DLT_FDDI, "51" MACS "aaaa03 000000 0806", DECODE_NOT_IP);
	expect_hex(DLT_FDDI, "41" MACS "aaaa03 000000 0800" V4_UDP, DECODE_NOT_IP); /* SMT */
	expect_hex(DLT_FDDI, "50 ffff", DECODE_MALFORMED);
}
END_TEST

SUITE("decode/lan", arcnet, fddi)
