/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local networks of the time beside Ethernet: ARCnet and FDDI. */
#include "decode/layers.h"

#include <string.h>

/* Protocol numbers of ARCnet: one-byte ones (RFC 1051), and those with a header for splitting
 * (RFC 1201). */
enum arcnet_protocol {
	ARCNET_IPV4_OLD = 240,
	ARCNET_ARP_OLD = 241,
	ARCNET_IPV4 = 212,
	ARCNET_IPV6 = 196,
};

enum { SPLIT_EXCEPTION = 0xff };

static enum decode_result arcnet_carries(struct link *l, uint8_t protocol)
{
	switch (protocol) {
	case ARCNET_IPV4:
	case ARCNET_IPV4_OLD:
		l->version = 4;
		return DECODE_OK;
	case ARCNET_IPV6:
		l->version = 6;
		return DECODE_OK;
	}
	return DECODE_NOT_IP;
}

/* From the protocol number on. */
static enum decode_result arcnet(struct link *l)
{
	uint8_t protocol, split;
	uint16_t number;

	if (!read_u8(&l->rest, &protocol))
		return decode_failed(&l->rest);
	if (protocol == ARCNET_IPV4_OLD || protocol == ARCNET_ARP_OLD)
		return arcnet_carries(l, protocol);
	if (!read_u8(&l->rest, &split) || !read_u16(&l->rest, &number))
		return decode_failed(&l->rest);
	/* A packet of a length that the hardware cannot send is stuffed with a second header. */
	if (split == SPLIT_EXCEPTION &&
	    (!read_u8(&l->rest, &protocol) || !read_u8(&l->rest, &split) ||
	     !read_u16(&l->rest, &number)))
		return decode_failed(&l->rest);
	if (arcnet_carries(l, protocol) != DECODE_OK)
		return DECODE_NOT_IP;
	return split ? DECODE_FRAGMENT : DECODE_OK;
}

/* As BSD hands it over: two addresses of a byte each. */
enum decode_result link_arcnet(struct link *l)
{
	if (!read_skip(&l->rest, 2))
		return decode_failed(&l->rest);
	return arcnet(l);
}

/* As Linux does: the offset of the data in the card's buffer as well. */
enum decode_result link_arcnet_linux(struct link *l)
{
	if (!read_skip(&l->rest, 2 + 2))
		return decode_failed(&l->rest);
	return arcnet(l);
}

enum decode_result link_fddi(struct link *l)
{
	enum { CLASS_AND_FORMAT = 0xf0, LLC_ASYNCHRONOUS = 0x50, LLC_SYNCHRONOUS = 0xd0 };
	uint8_t control;

	if (!read_u8(&l->rest, &control) || !read_skip(&l->rest, 6) ||
	    !read_bytes(&l->rest, l->mac.bytes, sizeof(l->mac.bytes)))
		return decode_failed(&l->rest);
	control &= CLASS_AND_FORMAT;
	if (control != LLC_ASYNCHRONOUS && control != LLC_SYNCHRONOUS)
		return DECODE_NOT_IP;
	return link_llc(l);
}
