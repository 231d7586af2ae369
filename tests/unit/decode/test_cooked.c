/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linux cooked 1 and 2, BSD loopback in both byte orders, netfilter log. */
#include "frames.h"
#include "suite.h"

#define SLL(hardware, type)  "0000" hardware "0006" SENDER "0000" type
#define SLL2(hardware, type) type "0000 00000002" hardware "00 06" SENDER "0000"

START_TEST(cooked)
{
	struct packet p = expect_hex(DLT_LINUX_SLL, SLL("0001", "0800") V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	p = expect_hex(DLT_LINUX_SLL, "0000 0200 0000 0000000000000000 86dd" V6_UDP, DECODE_OK);
	ck_assert(mac_is_zero(&p.mac));
	expect_hex(DLT_LINUX_SLL, SLL("0001", "8100") "0006 0800" V4_UDP, DECODE_OK);
	expect_hex(DLT_LINUX_SLL, SLL("0001", "0004") "aaaa03 000000 0800" V4_UDP, DECODE_OK);
	expect_hex(DLT_LINUX_SLL, SLL("0001", "0001") "ffff", DECODE_NOT_IP);
	expect_hex(DLT_LINUX_SLL, SLL("0001", "0806") "0001", DECODE_NOT_IP);
	expect_hex(DLT_LINUX_SLL, SLL("0338", "0800") V4_UDP, DECODE_NOT_IP); /* netlink */
	expect_hex(DLT_LINUX_SLL, "0000 0001 0006", DECODE_MALFORMED);
}
END_TEST

START_TEST(cooked_2)
{
	struct packet p = expect_hex(DLT_LINUX_SLL2, SLL2("0001", "0800") V4_UDP, DECODE_OK);

	expect_sender(&p, "02:03:04:05:06:07");
	expect_hex(DLT_LINUX_SLL2, SLL2("0304", "86dd") V6_UDP, DECODE_OK);
	expect_hex(DLT_LINUX_SLL2, SLL2("0001", "0806") "0001", DECODE_NOT_IP);
	expect_hex(DLT_LINUX_SLL2, SLL2("0338", "0000") "0001", DECODE_NOT_IP);
	expect_hex(DLT_LINUX_SLL2, "0800 0000", DECODE_MALFORMED);
}
END_TEST

START_TEST(loopback)
{
	static const char *const six[] = { "18000000", "1c000000", "1e000000", "17000000",
					   "0a000000", "00000018", "0000001e" };
	char hex[1024];

	expect_hex(DLT_NULL, "02000000" V4_UDP, DECODE_OK);
	expect_hex(DLT_NULL, "00000002" V4_UDP, DECODE_OK);
	expect_hex(DLT_LOOP, "00000002" V4_UDP, DECODE_OK);
	for (size_t i = 0; i < sizeof(six) / sizeof(six[0]); i++) {
		snprintf(hex, sizeof(hex), "%s%s", six[i], V6_UDP);
		expect_hex(i % 2 ? DLT_NULL : DLT_LOOP, hex, DECODE_OK);
	}
	expect_hex(DLT_NULL, "02000000" V6_UDP, DECODE_MALFORMED);
	expect_hex(DLT_NULL, "07000000" V4_UDP, DECODE_NOT_IP);
	expect_hex(DLT_NULL, "0f000800" V4_UDP, DECODE_OK); /* with an EtherType */
	expect_hex(DLT_NULL, "0200", DECODE_MALFORMED);
}
END_TEST

/* Attributes are in the byte order of this machine. */
static size_t put_attribute(uint8_t *at, uint16_t type, const char *hex, int longer)
{
	uint16_t head[2] = { 0, type };
	size_t n = from_hex(hex, at + 4);

	head[0] = (uint16_t)((int)n + 4 + longer);
	memcpy(at, head, 4);
	while (n % 4)
		at[4 + n++] = 0;
	return 4 + n;
}

START_TEST(netfilter_log)
{
	uint8_t bytes[512] = { 2, 0, 0, 5 };
	struct packet p;
	size_t n = 4, payload;

	n += put_attribute(bytes + n, 1, "08000300", 0);
	n += put_attribute(bytes + n, 10, "7461636574 00", 0); /* the prefix, padded */
	n += put_attribute(bytes + n, 8, "0006 0000" SENDER "0000", 0);
	payload = n;
	n += put_attribute(bytes + n, 9, V4_UDP, 0);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_OK);
	expect_sender(&p, "02:03:04:05:06:07");
	ck_assert_uint_eq(p.payload_len, 5);
	for (size_t cut = 0; cut < n - 3; cut++) {
		enum decode_result r = decode_bytes(DLT_NFLOG, bytes, cut, n, &p);

		ck_assert(r == DECODE_TRUNCATED || (r == DECODE_OK && p.payload_len < 5 &&
						    p.payload_len + p.payload_missing == 5));
	}
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, payload, payload, &p), DECODE_NOT_IP);

	/* The copy range cut the packet inside the attribute. */
	n = payload +
	    put_attribute(bytes + payload, 9,
			  "4500 0021 0001 4000 4011 0000" V4_ENDS "1234 0035 000d 0000 6865", 0);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_OK);
	ck_assert_uint_eq(p.payload_len, 2);
	ck_assert_uint_eq(p.payload_missing, 3);
	ck_assert_uint_eq(p.ip_len, 33);
	n = payload + put_attribute(bytes + payload, 9, "4500 0021 0001", 0);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_TRUNCATED);
	n = payload +
	    put_attribute(bytes + payload, 9, "4500 0000 0001 4000 4011 0000" V4_ENDS UDP, 0);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_OK);
	ck_assert_uint_eq(p.ip_len, 33);

	n = payload + put_attribute(bytes + payload, 9, V4_UDP, 8);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_MALFORMED);
	n = payload + put_attribute(bytes + payload, 9, "", -1);
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_MALFORMED);
	n = payload + put_attribute(bytes + payload, 9, "00010800", 0); /* ARP of a bridge */
	ck_assert_int_eq(decode_bytes(DLT_NFLOG, bytes, n, n, &p), DECODE_NOT_IP);
}
END_TEST

SUITE("decode/cooked", cooked, cooked_2, loopback, netfilter_log)
