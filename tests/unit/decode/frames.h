/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames out of hexadecimal text, and what every decoded packet has to keep. */
#ifndef TESTS_DECODE_FRAMES_H
#define TESTS_DECODE_FRAMES_H

#include <check.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"

#define HELLO	"68656c6c6f"
#define UDP	"1234 0035 000d 0000" HELLO				/* 13 bytes */
#define TCP	"1234 01bb 01020304 05060708 5018 2000 0000 0000" HELLO /* 25 */
#define V4_ENDS "0a000001 08080808"
#define V4_UDP	"4500 0021 0001 4000 4011 0000" V4_ENDS UDP /* 33 */
#define V4_TCP	"4500 002d 0001 4000 4006 0000" V4_ENDS TCP /* 45 */
#define V6_ENDS "20010db8 00000000 00000000 00000001 20010db8 00000000 00000000 00000002"
#define V6_UDP	"60000000 000d 1140" V6_ENDS UDP /* 53 */
#define SENDER	"020304050607"
#define MACS	"ffffffffffff" SENDER

static inline int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline size_t from_hex(const char *hex, uint8_t *out)
{
	size_t digits = 0;

	for (; *hex; hex++) {
		int v = hex_value(*hex);

		if (v < 0)
			continue;
		out[digits / 2] = (uint8_t)(digits % 2 ? out[digits / 2] | v : v << 4);
		digits++;
	}
	ck_assert_uint_eq(digits % 2, 0);
	return digits / 2;
}

/* Decodes the first `len` bytes of a frame that had wire_len. They lie in a block of their own
 * size, which is freed by the next call, so that a sanitizer sees every step beside it. */
static inline enum decode_result decode_bytes(int dlt, const uint8_t *bytes, size_t len,
					      size_t wire_len, struct packet *out)
{
	static uint8_t *copy;
	struct frame f = { .len = (uint32_t)len,
			   .wire_len = (uint32_t)wire_len,
			   .link = dlt,
			   .time_ns = 42,
			   .uid = UINT32_MAX };
	enum decode_result result;
	struct packet p, untouched;

	free(copy);
	copy = malloc(len ? len : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	f.bytes = copy;
	memset(&p, 0xa5, sizeof(p));
	result = decode_frame(&f, &p);
	if (result != DECODE_OK) {
		memset(&untouched, 0xa5, sizeof(untouched));
		ck_assert(!memcmp(&p, &untouched, sizeof(p)));
		return result;
	}
	ck_assert_int_eq(p.time_ns, 42);
	ck_assert(p.network >= copy && p.network + p.network_len <= copy + len);
	ck_assert(p.payload > p.network);
	ck_assert(p.payload + p.payload_len <= p.network + p.network_len);
	ck_assert_uint_ge(p.ip_len, p.network_len);
	ck_assert_uint_le(p.payload_len + p.payload_missing, p.ip_len);
	*out = p;
	return result;
}

static inline enum decode_result decode_hex(int dlt, const char *hex, struct packet *out)
{
	uint8_t bytes[4096];
	size_t n = from_hex(hex, bytes);

	return decode_bytes(dlt, bytes, n, n, out);
}

/* The frame ends in `result`; of DECODE_OK the payload is "hello". Cut anywhere, with the wire
 * length known, it ends in the same, or it is truncated, or "hello" is partly missing. */
static inline struct packet expect_hex(int dlt, const char *hex, enum decode_result result)
{
	uint8_t bytes[4096];
	size_t n = from_hex(hex, bytes);
	struct packet p = { 0 }, part;
	enum decode_result got;

	for (size_t cut = 0; cut < n; cut++) {
		got = decode_bytes(dlt, bytes, cut, n, &part);
		ck_assert_msg(got == result || got == DECODE_TRUNCATED, "%s cut at %zu: %s", hex,
			      cut, decode_result_name(got));
		if (got == DECODE_OK) {
			ck_assert_uint_eq(part.payload_len + part.payload_missing, 5);
			ck_assert_mem_eq(part.payload, "hello", part.payload_len);
		}
		(void)decode_bytes(dlt, bytes, cut, cut, &part);
	}
	got = decode_bytes(dlt, bytes, n, n, &p);
	ck_assert_msg(got == result, "%s: %s", hex, decode_result_name(got));
	if (got == DECODE_OK) {
		ck_assert_uint_eq(p.payload_len, 5);
		ck_assert_uint_eq(p.payload_missing, 0);
		ck_assert_mem_eq(p.payload, "hello", 5);
	}
	return p;
}

static inline void expect_sender(const struct packet *p, const char *text)
{
	char buf[MAC_TEXT_MAX];

	ck_assert_str_eq(mac_format(&p->mac, buf), text);
}

#endif
