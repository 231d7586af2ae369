/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP and UDP headers. */
#include "decode/layers.h"

static void set_payload(struct packet *p, const struct reader *payload)
{
	p->payload = payload->at;
	p->payload_len = (uint32_t)reader_left(payload);
	p->payload_missing = (uint32_t)payload->missing;
}

enum decode_result transport_tcp(struct reader *r, struct packet *p)
{
	uint16_t checksum, urgent;
	uint8_t offset;
	size_t header;

	if (!read_u16(r, &p->sport) || !read_u16(r, &p->dport) || !read_u32(r, &p->tcp_seq) ||
	    !read_u32(r, &p->tcp_ack) || !read_u8(r, &offset) || !read_u8(r, &p->tcp_flags) ||
	    !read_u16(r, &p->tcp_window) || !read_u16(r, &checksum) || !read_u16(r, &urgent))
		return decode_failed(r);
	header = (offset >> 4) * 4u;
	if (header < 20)
		return DECODE_MALFORMED;
	if (!read_skip(r, header - 20))
		return decode_failed(r);
	set_payload(p, r);
	return DECODE_OK;
}

enum decode_result transport_udp(struct reader *r, struct packet *p)
{
	struct reader payload;
	uint16_t length, checksum;

	if (!read_u16(r, &p->sport) || !read_u16(r, &p->dport) || !read_u16(r, &length) ||
	    !read_u16(r, &checksum))
		return decode_failed(r);
	if (!length) { /* segmentation offload, as in ip.c */
		set_payload(p, r);
		return DECODE_OK;
	}
	if (length < 8)
		return DECODE_MALFORMED;
	if (!read_sub(r, length - 8u, &payload))
		return decode_failed(r);
	set_payload(p, &payload);
	return DECODE_OK;
}
