/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets to answer, and a second opinion on what was forged. */
#ifndef TESTS_FORGE_PACKETS_H
#define TESTS_FORGE_PACKETS_H

#include <check.h>
#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "forge/forge.h"

enum { CLIENT_PORT = 0xc001 };

static inline struct addr addr_of(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(text, &a), "%s", text);
	return a;
}

/* A packet of the client, or with from_server of the server. */
static inline struct packet packet_of(bool v6, uint8_t proto, uint16_t port, bool from_server,
				      const void *payload, size_t n)
{
	struct addr client = addr_of(v6 ? "2001:db8::c" : "192.168.1.20");
	struct addr server = addr_of(v6 ? "2001:db8:5::35" : "192.168.1.1");

	return (struct packet){
		.src = from_server ? server : client,
		.dst = from_server ? client : server,
		.sport = from_server ? port : CLIENT_PORT,
		.dport = from_server ? CLIENT_PORT : port,
		.proto = proto,
		.payload = payload,
		.payload_len = (uint32_t)n,
	};
}

/* The sum of RFC 1071 with the carry folded in at every step: not how forge does it. */
static inline uint16_t add16(uint16_t sum, uint16_t v)
{
	uint32_t s = (uint32_t)sum + v;

	return (uint16_t)(s > 0xffff ? s - 0xffff : s);
}

static inline uint16_t add_bytes(uint16_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sum = add16(sum, (uint16_t)(i % 2 ? p[i] : p[i] << 8));
	return sum;
}

/* Both checksums hold, hop limit and lengths are right, and decode reads it. */
static inline struct packet check_packet(const uint8_t *at, size_t n)
{
	struct frame f = {
		.bytes = at, .len = (uint32_t)n, .wire_len = (uint32_t)n, .link = DLT_RAW
	};
	bool v6 = at[0] >> 4 == 6;
	size_t header = v6 ? 40 : 20;
	struct packet p;
	uint16_t sum;

	ck_assert_uint_gt(n, header);
	ck_assert_uint_le(n, FORGE_MAX);
	ck_assert_int_eq(decode_frame(&f, &p), DECODE_OK);
	ck_assert_uint_eq(p.ip_len, n);
	ck_assert_uint_eq(p.payload_missing, 0);
	ck_assert_ptr_eq(p.payload + p.payload_len, at + n);
	ck_assert_uint_eq(at[v6 ? 7 : 8], 64);
	if (!v6) {
		ck_assert_uint_eq(at[0], 0x45);
		ck_assert_uint_eq(add_bytes(0, at, 20), 0xffff);
	}
	sum = add16(p.proto, (uint16_t)(n - header));
	sum = v6 ? add_bytes(sum, at + 8, 32) : add_bytes(sum, at + 12, 8);
	ck_assert_uint_eq(add_bytes(sum, at + header, n - header), 0xffff);
	return p;
}

#endif
