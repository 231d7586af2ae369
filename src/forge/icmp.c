/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ICMP error that makes a UDP client give up at once. */
#include "forge/forge.h"

#include <netinet/in.h>

#include "forge/wire.h"

enum {
	V4_MOST = 576, /* bytes of an ICMP error (RFC 1812, 4.3.2.3) */
	V4_PORT_UNREACHABLE = 3 << 8 | 3,
	V6_PORT_UNREACHABLE = 1 << 8 | 4, /* RFC 4443, 3.1 */
};

size_t forge_unreachable(const struct packet *p, uint8_t out[static FORGE_MAX])
{
	struct ends ends = ends_reversed(p);
	bool is_v4 = p->src.family == 4;
	size_t header, most, quoted = p->network_len;
	struct writer w = wire_begin(&ends, out, &header);

	write_u16(&w, is_v4 ? V4_PORT_UNREACHABLE : V6_PORT_UNREACHABLE);
	write_u16(&w, 0); /* checksum */
	write_u32(&w, 0);
	most = (is_v4 ? V4_MOST : FORGE_MAX) - (size_t)(w.at - w.start);
	write_bytes(&w, p->network, quoted < most ? quoted : most);
	return wire_end(&w, &ends, header, is_v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6, 2);
}
