/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reset that a server gets instead of data. */
#include "forge/forge.h"

#include <netinet/in.h>

#include "forge/wire.h"

/* In a synchronized state the reset counts only with exactly the sequence number that comes
 * next (RFC 5961, 3.2), and that is where the data of p would have begun. */
size_t forge_tcp_reset(const struct packet *p, uint8_t out[static FORGE_MAX])
{
	struct ends ends = ends_of(p);
	bool has_ack = p->tcp_flags & TCP_ACK;
	struct writer w;
	size_t header;

	if (p->proto != IPPROTO_TCP)
		return 0;
	w = wire_begin(&ends, out, &header);
	write_u16(&w, ends.sport);
	write_u16(&w, ends.dport);
	write_u32(&w, p->tcp_seq);
	write_u32(&w, has_ack ? p->tcp_ack : 0);
	write_u8(&w, 5 << 4);
	write_u8(&w, (uint8_t)(TCP_RST | (has_ack ? TCP_ACK : 0)));
	write_u16(&w, 0); /* window */
	write_u32(&w, 0); /* checksum, urgent */
	return wire_end(&w, &ends, header, IPPROTO_TCP, 16);
}
