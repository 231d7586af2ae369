/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pseudo headers that a kernel writes: Linux cooked, BSD loopback, netfilter log. */
#include "decode/layers.h"

enum hardware { HARDWARE_NETLINK = 824 };

static enum decode_result cooked(struct link *l, uint16_t hardware, uint16_t type)
{
	enum { TYPE_802_3 = 0x0001, TYPE_802_2 = 0x0004 };

	if (hardware == HARDWARE_NETLINK) /* there the type is a netlink family */
		return DECODE_NOT_IP;
	if (type == TYPE_802_2)
		return link_llc(l);
	return type <= 1500 ? DECODE_NOT_IP : link_ethertype(l, type);
}

static bool read_address(struct link *l, unsigned length)
{
	uint8_t address[8];

	if (!read_bytes(&l->rest, address, sizeof(address)))
		return false;
	if (length == sizeof(l->mac.bytes))
		memcpy(l->mac.bytes, address, sizeof(l->mac.bytes));
	return true;
}

enum decode_result link_sll(struct link *l)
{
	uint16_t direction, hardware, length, type;

	if (!read_u16(&l->rest, &direction) || !read_u16(&l->rest, &hardware) ||
	    !read_u16(&l->rest, &length) || !read_address(l, length) || !read_u16(&l->rest, &type))
		return decode_failed(&l->rest);
	return cooked(l, hardware, type);
}

enum decode_result link_sll2(struct link *l)
{
	uint16_t type, reserved, hardware;
	uint8_t direction, length;
	uint32_t interface;

	if (!read_u16(&l->rest, &type) || !read_u16(&l->rest, &reserved) ||
	    !read_u32(&l->rest, &interface) || !read_u16(&l->rest, &hardware) ||
	    !read_u8(&l->rest, &direction) || !read_u8(&l->rest, &length) ||
	    !read_address(l, length))
		return decode_failed(&l->rest);
	return cooked(l, hardware, type);
}

/* The family is in the byte order of the machine that wrote the capture, and IPv6 has another
 * number on each of them. Some loopbacks write 16 bits of family and an EtherType. */
enum decode_result link_loopback(struct link *l)
{
	uint32_t family;

	if (!read_u32(&l->rest, &family))
		return decode_failed(&l->rest);
	if (family >> 16 && (family & 0xffff) > 1500)
		return link_ethertype(l, (uint16_t)family);
	if (family >> 16)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2:
		l->version = 4;
		return DECODE_OK;
	case 10: /* Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD, Npcap */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		l->version = 6;
		return DECODE_OK;
	}
	return DECODE_NOT_IP;
}

/* libpcap hands these two over in the byte order of this machine. */
static bool read_native16(struct reader *r, uint16_t *out)
{
	bool ok = read_u16(r, out);

	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		*out = (uint16_t)(*out << 8 | *out >> 8);
	return ok;
}

static void nflog_address(struct reader value, struct mac *out)
{
	uint16_t length, pad;
	struct mac mac = { { 0 } };

	if (read_u16(&value, &length) && read_u16(&value, &pad) && length == sizeof(mac.bytes) &&
	    read_bytes(&value, mac.bytes, sizeof(mac.bytes)))
		*out = mac;
}

/* Attributes, each padded to four bytes; the packet is the payload attribute, cut to the copy
 * range of the rule without any word about it. */
enum decode_result link_nflog(struct link *l)
{
	enum { HEADER_BYTES = 4, ATTRIBUTE_HWADDR = 8, ATTRIBUTE_PAYLOAD = 9 };
	uint16_t length, type;
	struct reader value;

	if (!read_skip(&l->rest, HEADER_BYTES))
		return decode_failed(&l->rest);
	while (!reader_done(&l->rest)) {
		if (!read_native16(&l->rest, &length) || !read_native16(&l->rest, &type))
			return decode_failed(&l->rest);
		if (length < HEADER_BYTES)
			return DECODE_MALFORMED;
		if (!read_sub(&l->rest, (size_t)length - HEADER_BYTES, &value))
			return decode_failed(&l->rest);
		if (type == ATTRIBUTE_PAYLOAD) {
			l->rest = reader_prefix(value.at, reader_left(&value));
			l->cut = value.missing;
			return DECODE_OK;
		}
		if (type == ATTRIBUTE_HWADDR)
			nflog_address(value, &l->mac);
		if (length % 4 && !read_skip(&l->rest, 4 - length % 4))
			return decode_failed(&l->rest);
	}
	return DECODE_NOT_IP;
}
