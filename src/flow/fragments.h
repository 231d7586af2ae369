/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP packets put together from their fragments, in any order, in a bounded pool (75 KiB for each
 * packet of it that was ever in use). Only captures need it: conntrack puts fragments together
 * before they come to a queue. */
#ifndef FLOW_FRAGMENTS_H
#define FLOW_FRAGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "decode/decode.h"

enum {
	FRAGMENTS_POOL = 64, /* packets collected at once; one more takes the place of the oldest */
	FRAGMENTS_IDLE_MS = 30000, /* as long as Linux waits (ipfrag_time) */
};

struct fragments;
struct fragments *fragments_new(void);
void fragments_free(struct fragments *t); /* accepts NULL */

/* Adds a fragment. If it completes its packet, returns the whole IP packet as it was before it
 * was cut, valid until the next call on t, and *out_len; else NULL. Of IPv4 bytes that come twice
 * the first stay. Fragments of IPv6 that overlap end their packet, with all of it that is still to
 * come (RFC 5722); exact repetitions do not. Of a fragment that the capture cut only what is
 * present counts: its packet stays incomplete unless the bytes come once more. */
const uint8_t *fragments_add(struct fragments *t, const struct fragment *f, size_t *out_len);
/* Gives up what is incomplete. */
void fragments_flush(struct fragments *t);

struct fragments_counters {
	uint64_t seen, joined;
	uint64_t evicted; /* packets given up: out of time or room, overlapping, flushed */
};
void fragments_counters(const struct fragments *t, struct fragments_counters *out);

#endif
