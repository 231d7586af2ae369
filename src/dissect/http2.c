/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 as a client begins it: preface, SETTINGS, then frames up to the first HEADERS. */
#include "dissect/http2.h"

#include "dissect/hpack.h"

enum {
	FRAME_HEADERS = 1,
	FRAME_PRIORITY = 2,
	FRAME_SETTINGS = 4,
	FRAME_PING = 6,
	FRAME_WINDOW_UPDATE = 8,
	FRAME_CONTINUATION = 9,
	FRAME_UNKNOWN = 10, /* from here on: extensions, to be passed over (RFC 9113, 4.1) */
	FRAME_MAX = 16384,  /* SETTINGS_MAX_FRAME_SIZE until the server says otherwise */
	FLAG_END_HEADERS = 0x04,
	FLAG_PADDED = 0x08,
	FLAG_PRIORITY = 0x20,
};

struct frame {
	uint8_t type, flags;
	uint32_t stream;
	struct reader payload;
};

static enum outcome read_preface(struct reader *r)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	uint8_t c;

	for (const char *at = preface; *at; at++) {
		if (!read_u8(r, &c))
			return reader_outcome(r);
		if (c != (uint8_t)*at)
			return OUTCOME_MALFORMED;
	}
	return OUTCOME_FOUND;
}

static bool read_frame(struct reader *r, struct frame *out)
{
	uint32_t len;

	out->payload = *r;
	if (!read_u24(r, &len))
		return false;
	if (len > FRAME_MAX)
		return reader_bad(r);
	if (!read_u8(r, &out->type) || !read_u8(r, &out->flags) || !read_u32(r, &out->stream))
		return false;
	out->stream &= 0x7fffffff;
	return read_sub(r, len, &out->payload);
}

/* Frames that a client may send before its first request. */
static bool may_precede(const struct frame *f)
{
	return f->type == FRAME_SETTINGS || f->type == FRAME_WINDOW_UPDATE ||
	       f->type == FRAME_PRIORITY || f->type == FRAME_PING || f->type >= FRAME_UNKNOWN;
}

/* Takes off padding and priority (RFC 9113, 6.2). */
static bool open_headers(struct frame *f)
{
	struct reader *r = &f->payload, block;
	uint8_t padding = 0;

	if (f->flags & FLAG_PADDED && !read_u8(r, &padding))
		return false;
	if (f->flags & FLAG_PRIORITY && !read_skip(r, 5))
		return false;
	if (padding > reader_left(r) + r->missing)
		return reader_bad(r);
	if (!read_sub(r, reader_left(r) + r->missing - padding, &block))
		return false;
	*r = block;
	return true;
}

/* A block that goes on in CONTINUATION frames, which follow with nothing between them. What is
 * wrong behind the host is too late to matter: the answer was given. */
static __attribute__((noinline)) enum outcome
join_block(struct reader *r, const struct frame *headers, struct hpack_text *out)
{
	uint8_t joined[HTTP2_BLOCK_MAX];
	struct frame f = *headers;
	bool is_whole = false, is_broken = false;
	struct reader block;
	enum outcome o;
	size_t used = 0;

	for (;;) {
		size_t n = reader_left(&f.payload), room = sizeof(joined) - used;

		if (!read_bytes(&f.payload, joined + used, n < room ? n : room))
			break;
		used += n < room ? n : room;
		is_broken = n > room;
		is_whole = f.flags & FLAG_END_HEADERS && !f.payload.missing;
		if (is_broken || is_whole || !read_frame(r, &f))
			break;
		is_broken = f.type != FRAME_CONTINUATION || f.stream != headers->stream;
		if (is_broken)
			break;
	}
	block = is_whole ? reader_whole(joined, used) : reader_prefix(joined, used);
	o = hpack_host(&block, out);
	return o == OUTCOME_MORE && (is_broken || r->state == READER_BAD) ? OUTCOME_MALFORMED : o;
}

static enum outcome read_start(struct reader *r, struct hpack_text *out)
{
	enum outcome o = read_preface(r);
	bool first = true;
	struct frame f;

	if (o != OUTCOME_FOUND)
		return o;
	for (;; first = false) {
		if (!read_frame(r, &f))
			return reader_outcome(r);
		if (first && f.type != FRAME_SETTINGS)
			return OUTCOME_MALFORMED;
		if (f.type == FRAME_HEADERS)
			break;
		if (!may_precede(&f))
			return OUTCOME_MALFORMED;
		if (f.payload.missing)
			return OUTCOME_MORE;
	}
	if (!f.stream)
		return OUTCOME_MALFORMED;
	if (!open_headers(&f))
		return reader_outcome(&f.payload);
	return f.flags & FLAG_END_HEADERS ? hpack_host(&f.payload, out) : join_block(r, &f, out);
}

enum outcome http2_request_host(struct reader *r, struct http_head *out)
{
	struct reader bounded = *r;
	struct http_head head = { 0 };
	struct hpack_text text;
	enum outcome o;

	if (reader_left(r) >= HTTP2_START_MAX) {
		bounded.end = bounded.at + HTTP2_START_MAX;
		bounded.missing = 0;
	}
	o = read_start(&bounded, &text);
	if (o != OUTCOME_FOUND)
		return o;
	if (!http_read_authority(text.at, text.n, &head))
		return OUTCOME_ABSENT;
	*out = head;
	return OUTCOME_FOUND;
}
