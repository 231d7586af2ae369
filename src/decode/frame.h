/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a source yields: bytes as they were on a link, with their time. */
#ifndef DECODE_FRAME_H
#define DECODE_FRAME_H

#include <stdint.h>

#include "base/addr.h"

/* Where in the kernel a queued packet was seen. */
enum frame_hook {
	FRAME_CAPTURED, /* a capture: the direction is not known */
	FRAME_FORWARD,	/* from the LAN, at PREROUTING */
	FRAME_LOCAL,	/* this machine's own, at OUTPUT */
	FRAME_BACK,	/* on its way to who opened the flow, at FORWARD or INPUT */
};

/* The bytes belong to the source until its verdict (nfqueue) or its next frame. */
struct frame {
	const uint8_t *bytes;
	uint32_t len;	   /* bytes present */
	uint32_t wire_len; /* bytes it had on the wire, >= len */
	int link;	   /* DLT_ number of <pcap/dlt.h>: the meaning of the first byte */
	int64_t time_ns;   /* since the epoch */
	enum frame_hook hook;
	struct mac mac;	 /* sender's, where the link header is not among the bytes; else zero */
	uint32_t uid;	 /* owner of the socket (local traffic), or UINT32_MAX */
	uint32_t mark;	 /* packet mark */
	uint32_t cookie; /* the source's own: names the packet in its verdict */
};

#endif
