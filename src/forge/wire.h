/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded writing, and the IP header around what was written; for no other room. */
#ifndef FORGE_WIRE_H
#define FORGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"
#include "forge/forge.h"

/* Failure is sticky: over the end nothing is written any more. Test `failed` once, at the end. */
struct writer {
	uint8_t *start, *at, *end;
	bool failed;
};

void write_u8(struct writer *w, uint8_t v);
void write_u16(struct writer *w, uint16_t v);
void write_u32(struct writer *w, uint32_t v);
void write_bytes(struct writer *w, const void *p, size_t n);

/* One direction of a flow. */
struct ends {
	struct addr src, dst;
	uint16_t sport, dport;
};

struct ends ends_of(const struct packet *p);
struct ends ends_reversed(const struct packet *p);

/* Starts an IP packet in out and leaves room for its header, whose length comes out; what is
 * written next is the transport header. A flow without addresses fails. */
struct writer wire_begin(const struct ends *e, uint8_t out[static FORGE_MAX], size_t *out_header);

/* Fills in the IP header, and the checksum at byte checksum_at of what it carries. Returns the
 * length of the whole packet, or 0 if the writer failed. */
size_t wire_end(struct writer *w, const struct ends *e, size_t header, uint8_t proto,
		size_t checksum_at);

#endif
