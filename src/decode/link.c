/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chooses the link layer by DLT_ number, and decodes the serial ones: Cisco HDLC, Frame Relay. */
#include "decode/layers.h"

#include <pcap/dlt.h>

enum { DLT_RAW_OPENBSD = 14, NLPID_SNAP = 0x80, NLPID_IPV6 = 0x8e, NLPID_IPV4 = 0xcc };

static enum decode_result cisco_hdlc(struct link *l)
{
	uint16_t address, type;

	if (!read_u16(&l->rest, &address) || !read_u16(&l->rest, &type))
		return decode_failed(&l->rest);
	return link_ethertype(l, type);
}

/* The address has two to four bytes, of which the last has its lowest bit set (Q.922, 3.2). */
static bool skip_q922_address(struct reader *r)
{
	uint8_t byte;

	for (int i = 0; i < 4; i++) {
		if (!read_u8(r, &byte))
			return false;
		if (byte & 1)
			return true;
	}
	return reader_bad(r);
}

/* RFC 2427; or Cisco's own form, where the EtherType follows the address. */
static enum decode_result frame_relay(struct link *l)
{
	uint8_t control, nlpid, low, oui[3];
	uint16_t type;

	if (!skip_q922_address(&l->rest) || !read_u8(&l->rest, &control))
		return decode_failed(&l->rest);
	if (control != 0x03) {
		if (!read_u8(&l->rest, &low))
			return decode_failed(&l->rest);
		return link_ethertype(l, (uint16_t)(control << 8 | low));
	}
	do {
		if (!read_u8(&l->rest, &nlpid))
			return decode_failed(&l->rest);
	} while (nlpid == 0); /* padding */
	switch (nlpid) {
	case NLPID_IPV4:
		l->version = 4;
		return DECODE_OK;
	case NLPID_IPV6:
		l->version = 6;
		return DECODE_OK;
	case NLPID_SNAP:
		if (!read_bytes(&l->rest, oui, sizeof(oui)) || !read_u16(&l->rest, &type))
			return decode_failed(&l->rest);
		if (oui[0] || oui[1] || oui[2])
			return DECODE_NOT_IP;
		return link_ethertype(l, type);
	}
	return DECODE_NOT_IP;
}

static enum decode_result link_raw(struct link *l, uint8_t version)
{
	l->version = version;
	return DECODE_OK;
}

/* Headers that name the DLT_ number of what follows them, in little-endian fields. */
enum carrier { CARRIER_PPI, CARRIER_PKTAP };

static enum decode_result carried_link(struct link *l, enum carrier carrier)
{
	bool pktap = carrier == CARRIER_PKTAP; /* length 4, type 4, DLT_ 4; else 2 + 2 and 4 */
	uint32_t length, type, dlt;
	struct reader header, peek = l->rest;

	if (!read_u32(&peek, &length))
		return decode_failed(&peek);
	length = __builtin_bswap32(length);
	if (!pktap)
		length >>= 16;
	if (!read_sub(&l->rest, length, &header))
		return decode_failed(&l->rest);
	if (!read_skip(&header, 4) || (pktap && !read_u32(&header, &type)) ||
	    !read_u32(&header, &dlt))
		return decode_failed(&header);
	dlt = __builtin_bswap32(dlt);
	if (dlt == DLT_PPI || dlt == DLT_PKTAP || dlt > UINT16_MAX)
		return DECODE_MALFORMED;
	return link_decode(l, (int)dlt);
}

enum decode_result link_decode(struct link *l, int dlt)
{
	switch (dlt) {
	case DLT_EN10MB:
		return link_ethernet(l);
	case DLT_RAW:
	case DLT_RAW_OPENBSD:
		return link_raw(l, 0);
	case DLT_IPV4:
		return link_raw(l, 4);
	case DLT_IPV6:
		return link_raw(l, 6);
	case DLT_LINUX_SLL:
		return link_sll(l);
	case DLT_LINUX_SLL2:
		return link_sll2(l);
	case DLT_NULL:
	case DLT_LOOP:
		return link_loopback(l);
	case DLT_NFLOG:
		return link_nflog(l);
	case DLT_PPP:
	case DLT_PPP_SERIAL:
		return link_ppp(l);
	case DLT_PPP_ETHER:
		return link_pppoe(l);
	case DLT_C_HDLC:
		return cisco_hdlc(l);
	case DLT_FRELAY:
		return frame_relay(l);
	case DLT_ATM_RFC1483:
		return link_llc(l);
	case DLT_FDDI:
		return link_fddi(l);
	case DLT_ARCNET:
		return link_arcnet(l);
	case DLT_ARCNET_LINUX:
		return link_arcnet_linux(l);
	case DLT_IEEE802_11:
		return link_ieee80211(l, false);
	case DLT_IEEE802_11_RADIO:
		return link_radiotap(l);
	case DLT_PPI:
		return carried_link(l, CARRIER_PPI);
	case DLT_PKTAP:
		return carried_link(l, CARRIER_PKTAP);
	}
	return DECODE_UNKNOWN_LINK;
}
