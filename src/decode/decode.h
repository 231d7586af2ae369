/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link layer, IP and transport headers: a frame becomes a packet of views, nothing is copied. */
#ifndef DECODE_DECODE_H
#define DECODE_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "decode/frame.h"

enum tcp_flag { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08, TCP_ACK = 0x10 };

struct packet {
	int64_t time_ns;
	struct addr src, dst;
	uint16_t sport, dport; /* host byte order */
	uint8_t proto;	       /* IPPROTO_TCP or IPPROTO_UDP */
	uint8_t tcp_flags;
	uint16_t tcp_window;
	uint32_t tcp_seq, tcp_ack;
	struct mac mac;		  /* sender's, or zero */
	const uint8_t *network;	  /* the IP header ... */
	uint32_t network_len;	  /* ... and how many bytes from there are present */
	uint32_t ip_len;	  /* bytes of the whole IP packet on the wire */
	const uint8_t *payload;	  /* after the TCP or UDP header */
	uint32_t payload_len;	  /* bytes present */
	uint32_t payload_missing; /* bytes that were on the wire and are not present */
};

/* Every frame ends in exactly one of these, and each has a counter. */
enum decode_result {
	DECODE_OK,
	DECODE_NOT_IP,	     /* ARP, LLDP, ... */
	DECODE_OTHER_PROTO,  /* ICMP, ESP, SCTP, ... */
	DECODE_FRAGMENT,     /* an IP fragment, first ones too; see decode_fragment */
	DECODE_TUNNEL,	     /* IP in IP, GRE, ... : the inside is not judged */
	DECODE_UNKNOWN_LINK, /* a link type that tacet does not know */
	DECODE_TRUNCATED,    /* the capture cut it before the end of the transport header */
	DECODE_MALFORMED,    /* lengths that contradict each other */
	DECODE_RESULTS
};

const char *decode_result_name(enum decode_result r); /* "ok", "not_ip", ... stable */

/* Fills out only on DECODE_OK. Pure. Bytes after the IP packet (Ethernet padding) are not
 * payload. An IPv4 total length or TCP/UDP length of 0 in a frame from segmentation offload
 * counts as "to the end of the frame". Understands DLT EN10MB (VLAN, QinQ, PPPoE, MPLS, LLC/SNAP),
 * LINUX_SLL, LINUX_SLL2, RAW/IPV4/IPV6, NULL/LOOP, NFLOG, PPP, PPP_SERIAL, PPP_ETHER, C_HDLC,
 * FRELAY, ATM_RFC1483, FDDI, ARCNET, ARCNET_LINUX, PPI, PKTAP, and IEEE802_11 and IEEE802_11_RADIO
 * data frames that are not encrypted; of an aggregate (A-MSDU) the first. */
enum decode_result decode_frame(const struct frame *f, struct packet *out);

/* A piece of an IP packet that was sent in several (RFC 791, 3.2; RFC 8200, 4.5). */
struct fragment {
	int64_t time_ns;
	struct addr src, dst;
	struct mac mac;	       /* sender's, or zero */
	uint32_t id;	       /* tells the packets of src to dst apart ... */
	uint8_t proto;	       /* ... in IPv4 those of one protocol only */
	bool more;	       /* it is not the last piece */
	uint16_t offset;       /* of its bytes in what the packet carries; divides by 8 */
	const uint8_t *header; /* of the IP packet: all that is repeated in every piece, so of
				* IPv6 without the fragment header */
	uint32_t header_len;
	uint16_t next_at;     /* where in header the number of what follows it stands */
	const uint8_t *bytes; /* the piece ... */
	uint32_t len;	      /* ... as much of it as is present */
	uint32_t missing;     /* bytes of it that were on the wire and are not present */
};

/* Reads a frame that decode_frame calls DECODE_FRAGMENT once more, as one. False, out untouched:
 * it is a fragment of the link layer (802.11, ARCnet), which nobody puts together here. */
bool decode_fragment(const struct frame *f, struct fragment *out);

#endif
