/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the layers of this room hand to each other; for no other room. */
#ifndef DECODE_LAYERS_H
#define DECODE_LAYERS_H

#include "base/reader.h"
#include "decode/decode.h"

/* The way down to the IP header. A layer moves `rest` behind its own header and answers
 * DECODE_OK when what follows is IP. */
struct link {
	struct reader rest; /* missing == SIZE_MAX: the link does not say how long IP was ... */
	size_t cut;	    /* ... and this much of what it holds is missing at least */
	struct mac mac;	    /* sender's, or zero */
	uint8_t version;    /* 4 or 6 as the link says, 0 = the first byte of IP decides */
	struct fragment *fragment; /* filled where one is met; NULL: nobody asks */
};

/* What a frame ends in when a read of it failed. */
static inline enum decode_result decode_failed(const struct reader *r)
{
	return r->state == READER_SHORT ? DECODE_TRUNCATED : DECODE_MALFORMED;
}

/* Strips whatever lies before the IP header for the DLT_ number. */
enum decode_result link_decode(struct link *l, int dlt);

/* ether.c: Ethernet and what stands behind an EtherType, an LLC header or a PPP header. */
enum decode_result link_ethernet(struct link *l);
enum decode_result link_ethertype(struct link *l, uint16_t type);
enum decode_result link_llc(struct link *l);
enum decode_result link_ppp(struct link *l);
enum decode_result link_pppoe(struct link *l);

/* lan.c: ARCnet and FDDI. */
enum decode_result link_arcnet(struct link *l);
enum decode_result link_arcnet_linux(struct link *l);
enum decode_result link_fddi(struct link *l);

/* wifi.c */
enum decode_result link_ieee80211(struct link *l, bool padded);
enum decode_result link_radiotap(struct link *l);

/* cooked.c: pseudo headers that a kernel writes. */
enum decode_result link_sll(struct link *l);
enum decode_result link_sll2(struct link *l);
enum decode_result link_loopback(struct link *l);
enum decode_result link_nflog(struct link *l);

/* ip.c: the IP header, with its extensions, and then the transport header, of what link
 * stands at. */
enum decode_result ip_decode(struct link *l, struct packet *p);

/* transport.c: r holds what IP carries. */
enum decode_result transport_tcp(struct reader *r, struct packet *p);
enum decode_result transport_udp(struct reader *r, struct packet *p);

#endif
