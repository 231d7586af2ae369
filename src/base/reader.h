/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one way to read bytes that come from outside: test and advance in one call. */
#ifndef BASE_READER_H
#define BASE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum reader_state {
	READER_OK,
	READER_SHORT, /* the bytes were promised, or may still come: wait for them */
	READER_BAD,   /* the bytes cannot come: malformed */
};

/* A view of bytes that somebody else owns. `missing` counts bytes that a length promised and
 * that have not arrived; SIZE_MAX where nobody said how many will follow. Failure is sticky:
 * after the first one every read fails and zeroes its output. */
struct reader {
	const uint8_t *at, *end;
	size_t missing;
	enum reader_state state;
};

/* How a dissector ends. A decided answer (all but MORE) never changes when more bytes arrive. */
enum outcome {
	OUTCOME_FOUND,
	OUTCOME_ABSENT,	   /* well-formed and decided: there is no name in it */
	OUTCOME_MORE,	   /* a prefix of something well-formed: bring more bytes */
	OUTCOME_MALFORMED, /* not this protocol, or broken */
};

#define READER_INLINE static inline __attribute__((always_inline, warn_unused_result))

/* These are all the bytes. NULL is fine for none: claims of 0 bytes succeed in it too. */
static inline struct reader reader_whole(const void *p, size_t n)
{
	const uint8_t *at = p ? p : (const uint8_t *)"";
	return (struct reader){ .at = at, .end = at + n };
}

/* More may follow, nobody knows how many. */
static inline struct reader reader_prefix(const void *p, size_t n)
{
	struct reader r = reader_whole(p, n);
	r.missing = SIZE_MAX;
	return r;
}

/* n of the bytes arrived and `missing` more were on the wire (a truncated capture). */
static inline struct reader reader_truncated(const void *p, size_t n, size_t missing)
{
	struct reader r = reader_whole(p, n);
	r.missing = missing;
	return r;
}

/* Bytes present. 0 does not mean the end: `missing` may follow, so loops over the elements of
 * a block end by reader_done(), never by this. */
static inline size_t reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->at);
}

/* At the end of all that was promised? */
static inline bool reader_done(const struct reader *r)
{
	return r->at == r->end && !r->missing && r->state == READER_OK;
}

/* The content is wrong. What is SHORT already stays so: the value that looks wrong is then the
 * zero of a failed read, and the whole may be right. */
static inline bool reader_bad(struct reader *r)
{
	if (r->state == READER_OK)
		r->state = READER_BAD;
	r->at = r->end;
	return false;
}

/* Moves the cursor over n bytes and returns where they start, or NULL: the only function
 * that moves it. */
READER_INLINE const uint8_t *reader_claim(struct reader *r, size_t n)
{
	size_t left = (size_t)(r->end - r->at);
	const uint8_t *p = r->at;

	if (__builtin_expect(r->state != READER_OK, 0))
		return NULL;
	if (__builtin_expect(n > left, 0)) {
		r->state = n - left <= r->missing ? READER_SHORT : READER_BAD;
		r->at = r->end;
		return NULL;
	}
	r->at = p + n;
	return p;
}

READER_INLINE bool read_u8(struct reader *r, uint8_t *out)
{
	const uint8_t *p = reader_claim(r, 1);
	*out = p ? p[0] : 0;
	return p;
}

READER_INLINE bool read_u16(struct reader *r, uint16_t *out)
{
	const uint8_t *p = reader_claim(r, 2);
	*out = p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
	return p;
}

READER_INLINE bool read_u24(struct reader *r, uint32_t *out)
{
	const uint8_t *p = reader_claim(r, 3);
	*out = p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
	return p;
}

READER_INLINE bool read_u32(struct reader *r, uint32_t *out)
{
	const uint8_t *p = reader_claim(r, 4);
	*out = p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
	return p;
}

READER_INLINE bool read_skip(struct reader *r, size_t n)
{
	return reader_claim(r, n);
}

READER_INLINE bool read_bytes(struct reader *r, void *out, size_t n)
{
	const uint8_t *p = reader_claim(r, n);

	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
	return p;
}

/* Takes the next n bytes as a child of their own, which cannot be read past its n. If only a
 * part of them arrived the child holds that part and knows how many are missing, and every
 * later read of the parent is SHORT. False only if the n bytes can never come. */
READER_INLINE bool read_sub(struct reader *r, size_t n, struct reader *out)
{
	size_t left = (size_t)(r->end - r->at);

	*out = (struct reader){ .at = r->end, .end = r->end, .state = READER_BAD };
	if (r->state != READER_OK) {
		out->state = r->state;
		return false;
	}
	if (n > left && n - left > r->missing)
		return reader_bad(r);
	out->at = r->at;
	out->state = READER_OK;
	if (n <= left) {
		out->end = out->at + n;
		r->at = out->end;
		return true;
	}
	out->end = r->end;
	out->missing = n - left;
	if (r->missing != SIZE_MAX)
		r->missing -= n - left;
	r->at = r->end;
	r->state = READER_SHORT;
	return true;
}

READER_INLINE bool read_vec8(struct reader *r, struct reader *out)
{
	uint8_t n;
	bool ok = read_u8(r, &n);
	return read_sub(r, n, out) && ok;
}

READER_INLINE bool read_vec16(struct reader *r, struct reader *out)
{
	uint16_t n;
	bool ok = read_u16(r, &n);
	return read_sub(r, n, out) && ok;
}

READER_INLINE bool read_vec24(struct reader *r, struct reader *out)
{
	uint32_t n;
	bool ok = read_u24(r, &n);
	return read_sub(r, n, out) && ok;
}

/* What a dissector answers when a read failed: MORE if the bytes may still come. */
static inline enum outcome reader_outcome(const struct reader *r)
{
	return r->state == READER_SHORT ? OUTCOME_MORE : OUTCOME_MALFORMED;
}

#endif
