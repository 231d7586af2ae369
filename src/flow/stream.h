/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first bytes of a TCP stream, put together from segments in any order. Buffers come from
 * two pools made at start; an exhausted pool takes the buffer of the stream idle longest. */
#ifndef FLOW_STREAM_H
#define FLOW_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	STREAM_SMALL = 4096,	/* a ClientHello with post-quantum key shares has about 1,800 */
	STREAM_MAX = 72 * 1024, /* a hello of 64 KiB with its record headers */
	STREAM_RANGES = 192,	/* islands kept at once; a segment that would make more is lost */
};

struct stream;
struct stream_pool;

/* The owner's stream was taken from it: it must forget the pointer. */
typedef void stream_taken_fn(void *ctx, void *owner);

struct stream_pool *stream_pool_new(uint32_t small, uint32_t large, stream_taken_fn *taken,
				    void *ctx);
void stream_pool_free(struct stream_pool *p); /* accepts NULL; streams die with it */

/* Never NULL while small > 0. sure: seq is the stream's very first byte (a SYN told), else a
 * segment from before it may come yet. */
struct stream *stream_open(struct stream_pool *p, void *owner, uint32_t seq, bool sure);
void stream_close(struct stream_pool *p, struct stream *s); /* accepts NULL */

/* Adds a segment. Of bytes that come twice the first stay. What lies beyond STREAM_MAX, and
 * before a sure beginning, is left out. False if something was lost for want of room. May take the
 * large buffer of another stream. */
bool stream_add(struct stream_pool *p, struct stream *s, uint32_t seq, const uint8_t *bytes,
		size_t n);

/* Bytes from the beginning without a gap; the stream's, until the next stream_add. */
const uint8_t *stream_ready(const struct stream *s, size_t *out_n);
/* Are there bytes behind a gap? */
bool stream_has_gap(const struct stream *s);
/* Forgets the first n bytes, which must be ready: what follows is the beginning from now on. */
void stream_drop(struct stream *s, size_t n);
/* Forgets the ready bytes and the gap behind them. False, and nothing done, if there is none. */
bool stream_skip_gap(struct stream *s);
/* The sequence number of the first byte that is kept, or is waited for. */
uint32_t stream_base(const struct stream *s);

struct stream_counters {
	uint64_t opened, taken, lost; /* lost: segments or parts without room */
	uint32_t now;
};
void stream_counters(const struct stream_pool *p, struct stream_counters *out);

#endif
