/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that tacet answers with: built, never sent here. Pure. */
#ifndef FORGE_FORGE_H
#define FORGE_FORGE_H

#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

enum { FORGE_MAX = 1280 }; /* what any path carries (RFC 8200, 5) */

enum forge_answer { FORGE_NXDOMAIN, FORGE_NULL, FORGE_NODATA, FORGE_REFUSED, FORGE_ADDRS };
struct forge_reply {
	enum forge_answer kind;
	uint32_t ttl_s;
	const struct addr *addrs; /* ADDRS: borrowed during the call */
	size_t addr_count;
};

/* The IP packet that answers the DNS question in p (a UDP packet to port 53, or, with
 * from_answer, the server's answer to it, whose addresses stand the other way round): the
 * question repeated, RA set, AA clear, RD and CD copied; NXDOMAIN and NODATA carry a SOA for
 * negative caching (RFC 2308, 5) with MINIMUM = ttl; NULL carries 0.0.0.0 or ::, ADDRS those of
 * its addresses that are of the type asked for, and both are NODATA where there is none; an OPT of
 * the question is answered by an empty OPT with its DO bit (RFC 6891, 6.1.1). question_end is the
 * offset behind the question section in the DNS message, qtype the type in it. Returns the packet's
 * length, or 0 if it would not fit into FORGE_MAX, p is not UDP, or the message is not that one
 * question. */
size_t forge_dns_answer(const struct packet *p, bool from_answer, size_t question_end,
			uint16_t qtype, const struct forge_reply *reply,
			uint8_t out[static FORGE_MAX]);

/* The UDP packet p, of its own sender, with n other bytes as payload. 0 if p is not UDP or that
 * does not fit. */
size_t forge_payload(const struct packet *p, const uint8_t *payload, size_t n,
		     uint8_t out[static FORGE_MAX]);

/* The two RSTs that end the connection of p, which is not delivered (RFC 9293, 3.10.7.1 and 3.5.3):
 * what answers it to its sender, and what its receiver gets instead, with p's own addresses and
 * sequence number. 0 if p is not TCP. */
size_t forge_tcp_reset_sender(const struct packet *p, uint8_t out[static FORGE_MAX]);
size_t forge_tcp_reset_receiver(const struct packet *p, uint8_t out[static FORGE_MAX]);

/* ICMP or ICMPv6 "port unreachable" to the sender of p, from the address it talked to, with as
 * much of p as an error may quote. 0 if p has no addresses. */
size_t forge_unreachable(const struct packet *p, uint8_t out[static FORGE_MAX]);

#endif
