/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ethernet and what stands behind an EtherType: VLAN tags, MPLS, LLC/SNAP, PPPoE and PPP. */
#include "decode/layers.h"

#include <string.h>

/* More than one provider, one customer and two inner tags are nobody's network. */
enum { TAGS_MAX = 8, LABELS_MAX = 16 };

enum ethertype {
	TYPE_LENGTH_MAX = 1500, /* up to here it is a length (IEEE 802.3, 3.2.6) */
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE_SESSION = 0x8864,
	TYPE_PROVIDER = 0x88a8, /* 802.1ad */
	TYPE_CISCO_METADATA = 0x8909,
	TYPE_QINQ_OLD = 0x9100,
};

enum ppp_protocol { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057, PPP_MPLS = 0x0281 };

/* Labels up to the one with the bottom bit (RFC 3032, 2.1). What follows says by its first
 * bits what it is: 4 and 6 are IP, anything else a pseudowire (RFC 4928, 3). */
static enum decode_result mpls(struct link *l)
{
	struct reader peek;
	uint32_t label = 0;
	uint8_t first;

	for (int i = 0; i < LABELS_MAX && !(label & 0x100); i++)
		if (!read_u32(&l->rest, &label))
			return decode_failed(&l->rest);
	if (!(label & 0x100))
		return DECODE_MALFORMED;
	peek = l->rest;
	if (!read_u8(&peek, &first))
		return decode_failed(&peek);
	l->version = first >> 4;
	return l->version == 4 || l->version == 6 ? DECODE_OK : DECODE_TUNNEL;
}

enum decode_result link_ppp(struct link *l)
{
	struct reader peek = l->rest;
	uint16_t head, protocol;
	uint8_t byte;

	/* Address and control are there, or were compressed away (RFC 1661, 6.6). */
	if (read_u16(&peek, &head) && head == 0xff03)
		l->rest = peek;
	else if (peek.state == READER_SHORT)
		return DECODE_TRUNCATED;
	/* Of the protocol number the first byte is even, unless it was compressed to one
	 * byte, which is odd (RFC 1661, 6.5). */
	if (!read_u8(&l->rest, &byte))
		return decode_failed(&l->rest);
	protocol = byte;
	if (!(byte & 1)) {
		if (!read_u8(&l->rest, &byte))
			return decode_failed(&l->rest);
		protocol = (uint16_t)(protocol << 8 | byte);
	}
	switch (protocol) {
	case PPP_IPV4:
		l->version = 4;
		return DECODE_OK;
	case PPP_IPV6:
		l->version = 6;
		return DECODE_OK;
	case PPP_MPLS:
		return mpls(l);
	}
	return DECODE_NOT_IP;
}

enum decode_result link_pppoe(struct link *l)
{
	uint8_t version_type, code;
	uint16_t session, length;
	struct reader inside;

	if (!read_u8(&l->rest, &version_type) || !read_u8(&l->rest, &code) ||
	    !read_u16(&l->rest, &session) || !read_u16(&l->rest, &length))
		return decode_failed(&l->rest);
	if (version_type != 0x11)
		return DECODE_MALFORMED;
	if (code != 0) /* discovery */
		return DECODE_NOT_IP;
	if (!read_sub(&l->rest, length, &inside))
		return decode_failed(&l->rest);
	l->rest = inside;
	return link_ppp(l);
}

enum decode_result link_llc(struct link *l)
{
	uint8_t dsap, ssap, control;
	uint32_t oui;
	uint16_t type;

	if (!read_u8(&l->rest, &dsap) || !read_u8(&l->rest, &ssap) || !read_u8(&l->rest, &control))
		return decode_failed(&l->rest);
	if (dsap == 0x06 && ssap == 0x06 && control == 0x03) {
		l->version = 4;
		return DECODE_OK;
	}
	if (dsap != 0xaa || ssap != 0xaa || control != 0x03)
		return DECODE_NOT_IP;
	if (!read_u24(&l->rest, &oui) || !read_u16(&l->rest, &type))
		return decode_failed(&l->rest);
	/* RFC 1042; 0000f8 is the bridge tunnel encapsulation of IEEE 802.1H. */
	if ((oui != 0 && oui != 0xf8) || type <= TYPE_LENGTH_MAX)
		return DECODE_NOT_IP;
	return link_ethertype(l, type);
}

/* A security group tag: version, number of options, four bytes for each of them. */
static bool skip_cisco_metadata(struct reader *r, uint16_t *type)
{
	uint8_t version, options;

	if (!read_u8(r, &version) || !read_u8(r, &options))
		return false;
	if (version != 1)
		return reader_bad(r);
	return read_skip(r, options * 4u) && read_u16(r, type);
}

enum decode_result link_ethertype(struct link *l, uint16_t type)
{
	struct reader inside;
	uint16_t tag;

	for (int i = 0; i < TAGS_MAX; i++) {
		switch (type) {
		case TYPE_IPV4:
			l->version = 4;
			return DECODE_OK;
		case TYPE_IPV6:
			l->version = 6;
			return DECODE_OK;
		case TYPE_VLAN:
		case TYPE_PROVIDER:
		case TYPE_QINQ_OLD:
			if (!read_u16(&l->rest, &tag) || !read_u16(&l->rest, &type))
				return decode_failed(&l->rest);
			continue;
		case TYPE_CISCO_METADATA:
			if (!skip_cisco_metadata(&l->rest, &type))
				return decode_failed(&l->rest);
			continue;
		case TYPE_MPLS:
		case TYPE_MPLS_UPSTREAM:
			return mpls(l);
		case TYPE_PPPOE_SESSION:
			return link_pppoe(l);
		}
		if (type > TYPE_LENGTH_MAX)
			return DECODE_NOT_IP;
		if (!read_sub(&l->rest, type, &inside))
			return decode_failed(&l->rest);
		l->rest = inside;
		return link_llc(l);
	}
	return DECODE_MALFORMED;
}

enum decode_result link_ethernet(struct link *l)
{
	uint16_t type;

	if (!read_skip(&l->rest, 6) || !read_bytes(&l->rest, l->mac.bytes, sizeof(l->mac.bytes)) ||
	    !read_u16(&l->rest, &type))
		return decode_failed(&l->rest);
	return link_ethertype(l, type);
}
