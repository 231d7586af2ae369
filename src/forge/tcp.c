/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resets that both ends get instead of a packet. */
#include "forge/forge.h"

#include <netinet/in.h>

#include "forge/wire.h"

static size_t reset(const struct ends *ends, uint32_t seq, bool has_ack, uint32_t ack,
		    uint8_t out[static FORGE_MAX])
{
	size_t header;
	struct writer w = wire_begin(ends, out, &header);

	write_u16(&w, ends->sport);
	write_u16(&w, ends->dport);
	write_u32(&w, seq);
	write_u32(&w, has_ack ? ack : 0);
	write_u8(&w, 5 << 4);
	write_u8(&w, (uint8_t)(TCP_RST | (has_ack ? TCP_ACK : 0)));
	write_u16(&w, 0); /* window */
	write_u32(&w, 0); /* checksum, urgent */
	return wire_end(&w, ends, header, IPPROTO_TCP, 16);
}

/* Whoever has acknowledged something expects its number; who has not looks at what the reset
 * acknowledges: all of the segment, in which SYN and FIN count as a byte each. */
size_t forge_tcp_reset_sender(const struct packet *p, uint8_t out[static FORGE_MAX])
{
	const struct ends ends = ends_reversed(p);
	uint32_t length = p->payload_len + p->payload_missing + !!(p->tcp_flags & TCP_SYN) +
			  !!(p->tcp_flags & TCP_FIN);

	if (p->proto != IPPROTO_TCP)
		return 0;
	if (p->tcp_flags & TCP_ACK)
		return reset(&ends, p->tcp_ack, false, 0, out);
	return reset(&ends, 0, true, p->tcp_seq + length, out);
}

/* In a synchronized state the reset counts only with exactly the sequence number that comes
 * next (RFC 5961, 3.2), and that is where the data of p would have begun. */
size_t forge_tcp_reset_receiver(const struct packet *p, uint8_t out[static FORGE_MAX])
{
	const struct ends ends = ends_of(p);

	if (p->proto != IPPROTO_TCP)
		return 0;
	return reset(&ends, p->tcp_seq, p->tcp_flags & TCP_ACK, p->tcp_ack, out);
}
