/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the results, and frames of noise. */
#include "frames.h"
#include "suite.h"

START_TEST(result_names)
{
	static const char *const names[DECODE_RESULTS] = { "ok",	"not_ip",   "other_proto",
							   "fragment",	"tunnel",   "unknown_link",
							   "truncated", "malformed" };

	for (int i = 0; i < DECODE_RESULTS; i++)
		ck_assert_str_eq(decode_result_name((enum decode_result)i), names[i]);
	ck_assert_str_eq(decode_result_name(DECODE_RESULTS), "unknown");
}
END_TEST

static uint32_t state = 11;

static unsigned draw(unsigned below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* Frames with some bytes changed: never a read beside the frame, never a packet that points out
 * of it (decode_bytes looks), and knowing less never turns nonsense into a packet. */
START_TEST(noise)
{
	static const struct {
		int dlt;
		const char *hex;
	} seeds[] = {
		{ DLT_EN10MB, MACS "8100 0006 88a8 0007 0800" V4_TCP },
		{ DLT_EN10MB, MACS "8864 1100 0001 0037 0057" V6_UDP },
		{ DLT_EN10MB, MACS "8847 000010ff 000021ff" V4_UDP },
		{ DLT_EN10MB,
		  MACS "86dd 60000000 001d 0040" V6_ENDS "3c00050200000100 1100010400000000" UDP },
		{ DLT_IEEE802_11_RADIO, "0000 1100 03000000 1122334455667788 20 8801 0000" MACS MACS
					"1000 0000 beef aaaa03 000000 0800" V4_UDP },
		{ DLT_NFLOG, "02000005 0800 0100 00000000 2500 0900" V4_UDP },
		{ DLT_LINUX_SLL, "0000 0001 0006" SENDER "0000 0800" V4_UDP },
		{ DLT_PPP, "ff03 0021" V4_UDP },
		{ DLT_FRELAY, "1841 03 00 80 000000 0800" V4_UDP },
		{ DLT_PPI, "0000 0800 01000000" MACS "0800" V4_UDP },
	};
	unsigned seen[DECODE_RESULTS] = { 0 };

	for (unsigned round = 0; round < 100000; round++) {
		unsigned which = draw(sizeof(seeds) / sizeof(seeds[0]));
		uint8_t bytes[256];
		size_t n = from_hex(seeds[which].hex, bytes), cut;
		enum decode_result whole, part;
		struct packet p, q;

		for (unsigned changes = draw(4); changes; changes--)
			bytes[draw((unsigned)n)] = (uint8_t)(draw(2) ? draw(256) : draw(8));
		cut = draw((unsigned)n + 1);
		part = decode_bytes(seeds[which].dlt, bytes, cut, n, &q);
		whole = decode_bytes(seeds[which].dlt, bytes, n, n, &p);
		seen[whole]++;
		ck_assert_msg(part == whole || part == DECODE_TRUNCATED, "%s: %s, cut at %zu %s",
			      seeds[which].hex, decode_result_name(whole), cut,
			      decode_result_name(part));
		if (part != DECODE_OK)
			continue;
		ck_assert_uint_eq(q.ip_len, p.ip_len);
		ck_assert_uint_eq(q.payload_len + q.payload_missing,
				  p.payload_len + p.payload_missing);
	}
	ck_assert_uint_gt(seen[DECODE_OK], 10000);
	ck_assert_uint_gt(seen[DECODE_MALFORMED], 10000);
	ck_assert_uint_gt(seen[DECODE_NOT_IP], 1000);
	ck_assert_uint_gt(seen[DECODE_FRAGMENT], 1000);
}
END_TEST

SUITE("decode/decode", result_names, noise)
