/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ICMP error: to the client, from its server, with what it answers to inside. */
#include "packets.h"
#include "suite.h"

static uint16_t sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

START_TEST(unreachable)
{
	static uint8_t payload[1400] = "the packet";

	for (int v6 = 0; v6 < 2; v6++)
		for (size_t size = 1; size <= sizeof payload; size += 1399) {
			struct packet p = packet_of(v6, IPPROTO_UDP, 443, false, payload, size);
			size_t n, header = v6 ? 40 : 20, quoted;
			uint8_t out[FORGE_MAX];
			uint32_t pseudo = 0;

			p.network = payload;
			p.network_len = (uint32_t)size;
			n = forge_unreachable(&p, out);
			quoted = n - header - 8;
			ck_assert_uint_eq(quoted, size == 1 ? p.network_len
						  : v6	    ? 1280 - 48
							    : 576 - 28);
			ck_assert_mem_eq(out + header + 8, p.network, quoted);
			ck_assert_mem_eq(out + (v6 ? 8 : 12), p.dst.bytes, v6 ? 16 : 4);
			ck_assert_mem_eq(out + (v6 ? 24 : 16), p.src.bytes, v6 ? 16 : 4);
			ck_assert_uint_eq(out[v6 ? 6 : 9], v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
			ck_assert_uint_eq(out[header], v6 ? 1 : 3);
			ck_assert_uint_eq(out[header + 1], v6 ? 4 : 3);
			if (v6)
				pseudo = (uint32_t)sum(IPPROTO_ICMPV6 + (uint32_t)(n - header),
						       out + 8, 32);
			ck_assert_uint_eq(sum(pseudo, out + header, n - header), 0xffff);
		}
}
END_TEST

START_TEST(nothing_to_answer)
{
	struct packet p = { 0 };
	uint8_t out[FORGE_MAX];

	ck_assert_uint_eq(forge_unreachable(&p, out), 0);
}
END_TEST

SUITE("forge/icmp", unreachable, nothing_to_answer)
