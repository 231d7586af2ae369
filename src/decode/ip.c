/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 headers, options and extension headers. */
#include "decode/layers.h"

#include <netinet/in.h>

/* RFC 8200, 4.1 lists seven; more are nobody's packet. */
enum { EXTENSIONS_MAX = 16 };

static enum decode_result carried(struct reader *r, uint8_t proto, struct packet *p)
{
	p->proto = proto;
	switch (proto) {
	case IPPROTO_TCP:
		return transport_tcp(r, p);
	case IPPROTO_UDP:
		return transport_udp(r, p);
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
	case IPPROTO_GRE:
	case IPPROTO_MPLS:
	case IPPROTO_ENCAP:
	case 55:  /* minimal encapsulation, RFC 2004 */
	case 94:  /* KA9Q */
	case 97:  /* Ethernet in IP, RFC 3378 */
	case 115: /* L2TPv3, RFC 3931 */
	case 143: /* Ethernet of SRv6, RFC 8986 */
		return DECODE_TUNNEL;
	}
	return DECODE_OTHER_PROTO;
}

/* The authentication header counts in units of four and without its first two (RFC 4302, 2.2),
 * the others in units of eight and without the first (RFC 8200, 4.3). */
static bool skip_extension(struct reader *r, uint8_t *proto)
{
	bool authentication = *proto == IPPROTO_AH;
	uint8_t length;

	if (!read_u8(r, proto) || !read_u8(r, &length))
		return false;
	return read_skip(r, authentication ? (length + 2u) * 4 - 2 : (length + 1u) * 8 - 2);
}

/* What of a fragment IPv4 and IPv6 have in common; r holds the piece. */
static enum decode_result fragment_of(const struct link *l, const struct reader *r,
				      const struct packet *p, struct fragment fragment)
{
	if (!l->fragment)
		return DECODE_FRAGMENT;
	fragment.time_ns = p->time_ns;
	fragment.src = p->src;
	fragment.dst = p->dst;
	fragment.mac = p->mac;
	fragment.header = p->network;
	fragment.bytes = r->at;
	fragment.len = (uint32_t)reader_left(r);
	fragment.missing = (uint32_t)r->missing;
	*l->fragment = fragment;
	return DECODE_FRAGMENT;
}

/* Moves r to the header whose number comes out in proto. */
static enum decode_result skip_extensions(const struct link *l, const struct packet *p,
					  struct reader *r, uint8_t *proto)
{
	enum { MORE = 1, RESERVED = 6, NEXT_HEADER = 6 };
	const uint8_t *number = p->network + NEXT_HEADER, *here;
	uint8_t next, reserved;
	uint16_t offset;
	uint32_t id;

	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		here = r->at;
		switch (*proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_AH:
			if (!skip_extension(r, proto))
				return decode_failed(r);
			number = here;
			break;
		case IPPROTO_FRAGMENT:
			if (!read_u8(r, &next) || !read_u8(r, &reserved) || !read_u16(r, &offset) ||
			    !read_u32(r, &id))
				return decode_failed(r);
			/* An atomic fragment is the whole packet (RFC 6946). */
			if (offset & ~RESERVED)
				return fragment_of(
					l, r, p,
					(struct fragment){
						.id = id,
						.proto = next,
						.more = offset & MORE,
						.offset = offset & 0xfff8,
						.header_len = (uint32_t)(here - p->network),
						.next_at = (uint16_t)(number - p->network),
					});
			*proto = next;
			break;
		default:
			return DECODE_OK;
		}
	}
	return DECODE_MALFORMED;
}

/* Takes what the header at p->network carries: `length` bytes, or with `open` all there is,
 * because segmentation offload leaves 0 of a length that does not fit its field. */
static bool take_payload(struct link *l, bool open, size_t length, struct packet *p,
			 struct reader *out)
{
	struct reader *r = &l->rest;
	size_t header = (size_t)(r->at - p->network);

	if (open) {
		*out = *r;
		if (out->missing == SIZE_MAX)
			out->missing = l->cut;
	} else if (!read_sub(r, length, out)) {
		return false;
	}
	p->network_len = (uint32_t)(header + reader_left(out));
	p->ip_len = (uint32_t)(p->network_len + out->missing);
	return true;
}

static enum decode_result ipv4(struct link *l, struct packet *p)
{
	enum { MORE = 0x2000, OFFSET = 0x1fff, PROTOCOL = 9 };
	struct reader *r = &l->rest;
	uint8_t version_length, service, ttl, proto, src[4], dst[4];
	uint16_t total, id, fragment, checksum;
	struct reader payload;
	size_t header;

	p->network = r->at;
	if (!read_u8(r, &version_length) || !read_u8(r, &service) || !read_u16(r, &total) ||
	    !read_u16(r, &id) || !read_u16(r, &fragment) || !read_u8(r, &ttl) ||
	    !read_u8(r, &proto) || !read_u16(r, &checksum) || !read_bytes(r, src, sizeof(src)) ||
	    !read_bytes(r, dst, sizeof(dst)))
		return decode_failed(r);
	header = (version_length & 15u) * 4;
	if (header < 20 || (total && total < header))
		return DECODE_MALFORMED;
	if (!read_skip(r, header - 20))
		return decode_failed(r);
	if (!take_payload(l, !total, total - header, p, &payload))
		return decode_failed(r);
	p->src = addr_v4(src);
	p->dst = addr_v4(dst);
	if (fragment & (MORE | OFFSET))
		return fragment_of(l, &payload, p,
				   (struct fragment){
					   .id = id,
					   .proto = proto,
					   .more = fragment & MORE,
					   .offset = (uint16_t)((fragment & OFFSET) * 8),
					   .header_len = (uint32_t)header,
					   .next_at = PROTOCOL,
				   });
	if (proto == IPPROTO_AH && !skip_extension(&payload, &proto))
		return decode_failed(&payload);
	return carried(&payload, proto, p);
}

static enum decode_result ipv6(struct link *l, struct packet *p)
{
	struct reader *r = &l->rest;
	uint8_t proto, hops, src[16], dst[16];
	enum decode_result result;
	struct reader payload;
	uint32_t flow;
	uint16_t length;

	p->network = r->at;
	if (!read_u32(r, &flow) || !read_u16(r, &length) || !read_u8(r, &proto) ||
	    !read_u8(r, &hops) || !read_bytes(r, src, sizeof(src)) ||
	    !read_bytes(r, dst, sizeof(dst)) || !take_payload(l, !length, length, p, &payload))
		return decode_failed(r);
	p->src = addr_v6(src);
	p->dst = addr_v6(dst);
	result = skip_extensions(l, p, &payload, &proto);
	return result == DECODE_OK ? carried(&payload, proto, p) : result;
}

enum decode_result ip_decode(struct link *l, struct packet *p)
{
	struct reader peek = l->rest;
	uint8_t first;

	if (!read_u8(&peek, &first))
		return decode_failed(&peek);
	if (l->version && first >> 4 != l->version)
		return DECODE_MALFORMED;
	switch (first >> 4) {
	case 4:
		return ipv4(l, p);
	case 6:
		return ipv6(l, p);
	}
	return DECODE_NOT_IP;
}
