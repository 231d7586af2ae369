/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What carries a script: TCP and UDP headers, IP with options and extension headers, and link
 * headers. */
#ifndef TOOLS_CARRY_H
#define TOOLS_CARRY_H

#include <stdio.h>

#include "script.h"

enum { SYN = 2, FIN = 1, RST = 4, PSH = 8, ACK = 16, FRAME_MAX = 65535 };

/* Source and destination as on the wire: 4 or 16 bytes each. */
struct ends {
	bool v6;
	uint8_t addr[2][16];
	uint16_t port[2];
};

struct tcp {
	uint32_t seq, ack;
	uint8_t flags;
	bool timestamps;
	uint32_t echo; /* the peer's latest time stamp */
};

static inline uint32_t sum_of(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return n % 2 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static inline uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static inline uint16_t l4_sum(const struct ends *e, uint8_t proto, const uint8_t *p, size_t n)
{
	uint32_t sum = sum_of(proto, p, n) + (uint32_t)n;
	size_t bytes = e->v6 ? 16 : 4;

	return folded(sum_of(sum_of(sum, e->addr[0], bytes), e->addr[1], bytes));
}

static inline void put_tcp(struct out *o, const struct ends *e, const struct tcp *t, const void *p,
			   size_t n)
{
	static const uint8_t clock[] = { 1, 1, 8, 10, 0, 0, 1, 0 };
	static const uint8_t options[] = { 2, 4, 5, 0xb4 }; /* of a SYN: MSS 1,460 */
	uint8_t *start = o->at;
	size_t header =
		20 + (t->timestamps ? sizeof clock + 4 : 0) + (t->flags & SYN ? sizeof options : 0);
	struct out sum = { start + 16, start + 18 };

	put_int(o, e->port[0], 2);
	put_int(o, e->port[1], 2);
	put_int(o, t->seq, 4);
	put_int(o, t->flags & ACK ? t->ack : 0, 4);
	put_int(o, header / 4 << 4, 1);
	put_int(o, t->flags, 1);
	put_int(o, 65535, 2);
	put_int(o, 0, 4);
	if (t->timestamps) {
		put(o, clock, sizeof clock);
		put_int(o, t->echo, 4);
	}
	if (t->flags & SYN)
		put(o, options, sizeof options);
	if (n)
		put(o, p, n);
	put_int(&sum, l4_sum(e, 6, start, (size_t)(o->at - start)), 2);
}

static inline void put_udp(struct out *o, const struct ends *e, const void *p, size_t n)
{
	uint8_t *start = o->at;
	struct out sum = { start + 6, start + 8 };

	put_int(o, e->port[0], 2);
	put_int(o, e->port[1], 2);
	put_int(o, n + 8, 2);
	put_int(o, 0, 2);
	put(o, p, n);
	put_int(&sum, l4_sum(e, 17, start, n + 8), 2);
}

/* --- captures -------------------------------------------------------------------------------- */

enum link { LINK_ETHERNET, LINK_VLAN, LINK_QINQ, LINK_PPPOE };
enum ip_way { BY_PLAIN, BY_OPTIONS, BY_HOP_BY_HOP, BY_DESTINATION, BY_CHAIN, BY_ATOMIC };

struct carrier {
	const char *name;
	bool v6, of_all; /* of_all: carries every packing, others some */
	enum link link;
	enum ip_way ip;
};

static const struct carrier carriers[] = {
	{ "v4", false, true, LINK_ETHERNET, BY_PLAIN },
	{ "v6", true, true, LINK_ETHERNET, BY_PLAIN },
	{ "v4-options", false, false, LINK_ETHERNET, BY_OPTIONS },
	{ "v6-hop-by-hop", true, false, LINK_ETHERNET, BY_HOP_BY_HOP },
	{ "v6-destination", true, false, LINK_ETHERNET, BY_DESTINATION },
	{ "v6-chain", true, false, LINK_ETHERNET, BY_CHAIN },
	{ "v6-atomic", true, false, LINK_ETHERNET, BY_ATOMIC },
	{ "v4-vlan", false, false, LINK_VLAN, BY_PLAIN },
	{ "v6-qinq", true, false, LINK_QINQ, BY_PLAIN },
	{ "v4-pppoe", false, false, LINK_PPPOE, BY_PLAIN },
	{ "v6-pppoe", true, false, LINK_PPPOE, BY_PLAIN },
};
enum { CARRIERS = sizeof carriers / sizeof *carriers };

static inline void put_ip4(struct out *o, const struct ends *e, enum ip_way way, uint8_t proto,
			   size_t n)
{
	uint8_t *start = o->at;
	size_t header = way == BY_OPTIONS ? 28 : 20;
	struct out sum = { start + 10, start + 12 };

	put_int(o, 0x40 | header / 4, 1);
	put_int(o, 0, 1);
	put_int(o, header + n, 2);
	put_int(o, 0x12344000, 4);
	put_int(o, 64, 1);
	put_int(o, proto, 1);
	put_int(o, 0, 2);
	put(o, e->addr[0], 4);
	put(o, e->addr[1], 4);
	if (way == BY_OPTIONS) /* router alert, end (RFC 2113) */
		put(o, "\x94\4\0\0\1\1\1\0", 8);
	put_int(&sum, folded(sum_of(0, start, header)), 2);
}

static inline void put_ip6(struct out *o, const struct ends *e, enum ip_way way, uint8_t proto,
			   size_t n)
{
	static const uint8_t chain[] = { 0, 60, 43, 60, 44 }; /* RFC 8200, 4.1 */
	static const uint8_t hop[] = { 0 }, destination[] = { 60 }, atomic[] = { 44 };
	const uint8_t *types = way == BY_CHAIN	       ? chain
			       : way == BY_HOP_BY_HOP  ? hop
			       : way == BY_DESTINATION ? destination
						       : atomic;
	size_t count = way == BY_CHAIN ? sizeof chain : way == BY_PLAIN ? 0 : 1;

	put_int(o, 0x60012345, 4);
	put_int(o, n + 8 * count, 2);
	put_int(o, count ? types[0] : proto, 1);
	put_int(o, 64, 1);
	put(o, e->addr[0], 16);
	put(o, e->addr[1], 16);
	for (size_t i = 0; i < count; i++) {
		put_int(o, i + 1 < count ? types[i + 1] : proto, 1);
		if (types[i] == 44) /* a fragment that is the whole (RFC 6946) */
			put(o, "\0\0\0\1\2\3\4", 7);
		else if (types[i] == 43) /* type 2, no segments left */
			put(o, "\0\2\0\0\0\0\0", 7);
		else /* PadN */
			put(o, "\0\1\4\0\0\0\0", 7);
	}
}

static inline void put_link(struct out *o, const struct carrier *c, bool from_server, size_t n)
{
	uint16_t type = c->v6 ? 0x86dd : 0x0800;

	put_int(o, from_server ? 0x020000007702 : 0x020000000001, 6);
	put_int(o, from_server ? 0x020000000001 : 0x020000007702, 6);
	switch (c->link) {
	case LINK_ETHERNET:
		break;
	case LINK_QINQ:
		put_int(o, 0x88a80007, 4);
		put_int(o, 0x8100000a, 4);
		break;
	case LINK_VLAN:
		put_int(o, 0x8100000a, 4);
		break;
	case LINK_PPPOE:
		put_int(o, 0x886411000001, 6);
		put_int(o, n + 2, 2);
		put_int(o, c->v6 ? 0x57 : 0x21, 2);
		return;
	}
	put_int(o, type, 2);
}

#endif
