/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly by an ordered list of ranges: offsets of the stream that have arrived. */
#include "flow/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct range {
	uint32_t start, end;
};

struct stream {
	struct stream *older, *younger; /* of all streams in use; free ones by older */
	void *owner;
	uint8_t *small, *large; /* large: NULL until it is needed */
	uint32_t base;		/* sequence number of offset 0 */
	bool sure;
	uint8_t count;
	struct range ranges[STREAM_RANGES];
};

struct stream_pool {
	struct stream *streams, *free, *oldest, *youngest;
	uint8_t *small, *large;
	uint8_t **large_free;
	uint32_t large_count, large_left;
	stream_taken_fn *taken;
	void *ctx;
	struct stream_counters counters;
};

struct stream_pool *stream_pool_new(uint32_t small, uint32_t large, stream_taken_fn *taken,
				    void *ctx)
{
	struct stream_pool *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->streams = calloc(small, sizeof *p->streams);
	p->small = malloc((size_t)small * STREAM_SMALL);
	p->large = malloc((size_t)large * STREAM_MAX + 1);
	p->large_free = calloc((size_t)large + 1, sizeof *p->large_free);
	if (!p->streams || !p->small || !p->large || !p->large_free) {
		stream_pool_free(p);
		return NULL;
	}
	for (uint32_t i = small; i-- > 0;) {
		p->streams[i].small = p->small + (size_t)i * STREAM_SMALL;
		p->streams[i].older = p->free;
		p->free = &p->streams[i];
	}
	for (uint32_t i = 0; i < large; i++)
		p->large_free[i] = p->large + (size_t)i * STREAM_MAX;
	p->large_count = p->large_left = large;
	p->taken = taken;
	p->ctx = ctx;
	return p;
}

void stream_pool_free(struct stream_pool *p)
{
	if (!p)
		return;
	free(p->streams);
	free(p->small);
	free(p->large);
	free(p->large_free);
	free(p);
}

static void unlink_stream(struct stream_pool *p, struct stream *s)
{
	*(s->older ? &s->older->younger : &p->oldest) = s->younger;
	*(s->younger ? &s->younger->older : &p->youngest) = s->older;
}

static void link_youngest(struct stream_pool *p, struct stream *s)
{
	s->younger = NULL;
	s->older = p->youngest;
	*(p->youngest ? &p->youngest->younger : &p->oldest) = s;
	p->youngest = s;
}

void stream_close(struct stream_pool *p, struct stream *s)
{
	if (!s)
		return;
	unlink_stream(p, s);
	if (s->large)
		p->large_free[p->large_left++] = s->large;
	s->large = NULL;
	s->older = p->free;
	p->free = s;
	p->counters.now--;
}

static void take_from(struct stream_pool *p, struct stream *s)
{
	p->counters.taken++;
	p->taken(p->ctx, s->owner);
	stream_close(p, s);
}

struct stream *stream_open(struct stream_pool *p, void *owner, uint32_t seq, bool sure)
{
	struct stream *s;

	if (!p->free)
		take_from(p, p->oldest);
	s = p->free;
	p->free = s->older;
	s->owner = owner;
	s->base = seq;
	s->sure = sure;
	s->count = 0;
	link_youngest(p, s);
	p->counters.opened++;
	p->counters.now++;
	return s;
}

static uint8_t *storage(const struct stream *s)
{
	return s->large ? s->large : s->small;
}

static uint32_t capacity(const struct stream *s)
{
	return s->large ? STREAM_MAX : STREAM_SMALL;
}

/* Of the stream that has one and is idle longest, if it must be. */
static bool large_get(struct stream_pool *p, struct stream *s)
{
	struct stream *other = p->oldest;

	if (!p->large_left) {
		while (other && (other == s || !other->large))
			other = other->younger;
		if (!other)
			return false;
		take_from(p, other);
	}
	s->large = p->large_free[--p->large_left];
	memcpy(s->large, s->small, STREAM_SMALL);
	return true;
}

/* A segment from before what was taken for the beginning: everything moves up. */
static bool move_up(struct stream_pool *p, struct stream *s, uint32_t by)
{
	uint32_t end = s->count ? s->ranges[s->count - 1].end : 0;

	if (by > STREAM_MAX - end)
		return false;
	if (end + by > capacity(s) && !large_get(p, s))
		return false;
	memmove(storage(s) + by, storage(s), end);
	for (unsigned i = 0; i < s->count; i++) {
		s->ranges[i].start += by;
		s->ranges[i].end += by;
	}
	s->base -= by;
	return true;
}

/* Copies those bytes of [start, end) that no range has. */
static void copy_new(struct stream *s, uint32_t start, uint32_t end, const uint8_t *bytes)
{
	uint32_t at = start;

	for (unsigned i = 0; i < s->count && at < end; i++) {
		const struct range *r = &s->ranges[i];

		if (r->end <= at)
			continue;
		if (r->start >= end)
			break;
		if (r->start > at)
			memcpy(storage(s) + at, bytes + (at - start), r->start - at);
		at = r->end;
	}
	if (at < end)
		memcpy(storage(s) + at, bytes + (at - start), end - at);
}

/* Puts [start, end) in its place and joins what it touches. */
static void join(struct stream *s, uint32_t start, uint32_t end)
{
	unsigned first = 0, last;

	while (first < s->count && s->ranges[first].end < start)
		first++;
	for (last = first; last < s->count && s->ranges[last].start <= end; last++) {
		if (s->ranges[last].start < start)
			start = s->ranges[last].start;
		if (s->ranges[last].end > end)
			end = s->ranges[last].end;
	}
	memmove(s->ranges + first + 1, s->ranges + last, (s->count - last) * sizeof *s->ranges);
	s->ranges[first] = (struct range){ start, end };
	s->count = (uint8_t)(s->count + 1 - (last - first));
}

/* Would [start, end) be an island more than there is room for? */
static bool is_one_too_many(const struct stream *s, uint32_t start, uint32_t end)
{
	if (s->count < STREAM_RANGES)
		return false;
	for (unsigned i = 0; i < s->count; i++)
		if (s->ranges[i].end >= start && s->ranges[i].start <= end)
			return false;
	return true;
}

/* How many of n bytes from `start` there is room for. */
static size_t room_for(struct stream_pool *p, struct stream *s, uint32_t start, size_t n)
{
	if (start >= STREAM_MAX || is_one_too_many(s, start, start + (uint32_t)n))
		return 0;
	if (n > STREAM_MAX - start)
		n = STREAM_MAX - start;
	if (start + n <= capacity(s) || large_get(p, s))
		return n;
	return start < STREAM_SMALL ? STREAM_SMALL - start : 0;
}

bool stream_add(struct stream_pool *p, struct stream *s, uint32_t seq, const uint8_t *bytes,
		size_t n)
{
	int32_t offset = (int32_t)(seq - s->base);
	size_t fits;

	unlink_stream(p, s);
	link_youngest(p, s);
	if (offset < 0 && !s->sure && move_up(p, s, -(uint32_t)offset))
		offset = 0;
	if (offset < 0) {
		size_t before = -(uint32_t)offset;

		if (before >= n)
			return true;
		bytes += before;
		n -= before;
		offset = 0;
	}
	fits = room_for(p, s, (uint32_t)offset, n);
	if (fits) {
		copy_new(s, (uint32_t)offset, (uint32_t)(offset + (int32_t)fits), bytes);
		join(s, (uint32_t)offset, (uint32_t)(offset + (int32_t)fits));
	}
	p->counters.lost += fits < n;
	return fits == n;
}

const uint8_t *stream_ready(const struct stream *s, size_t *out_n)
{
	*out_n = s->count && s->ranges[0].start == 0 ? s->ranges[0].end : 0;
	return storage(s);
}

bool stream_has_gap(const struct stream *s)
{
	return s->count > 1 || (s->count == 1 && s->ranges[0].start);
}

static void move_down(struct stream *s, uint32_t by)
{
	uint32_t end = s->ranges[s->count - 1].end;

	memmove(storage(s), storage(s) + by, end - by);
	for (unsigned i = 0; i < s->count; i++) {
		s->ranges[i].start -= by;
		s->ranges[i].end -= by;
	}
	s->base += by;
	s->sure = true;
}

static void forget_first(struct stream *s)
{
	s->count--;
	memmove(s->ranges, s->ranges + 1, s->count * sizeof *s->ranges);
}

void stream_drop(struct stream *s, size_t n)
{
	size_t ready;

	stream_ready(s, &ready);
	assert(n <= ready);
	if (!n)
		return;
	s->ranges[0].start = (uint32_t)n;
	move_down(s, (uint32_t)n);
	if (n == ready)
		forget_first(s);
}

bool stream_skip_gap(struct stream *s)
{
	size_t ready;

	if (!stream_has_gap(s))
		return false;
	stream_ready(s, &ready);
	if (ready)
		forget_first(s);
	move_down(s, s->ranges[0].start);
	return true;
}

uint32_t stream_base(const struct stream *s)
{
	return s->base;
}

void stream_counters(const struct stream_pool *p, struct stream_counters *out)
{
	*out = p->counters;
}
