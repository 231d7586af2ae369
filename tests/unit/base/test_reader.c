/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reader: every read at its edges, and the property that everything rests on. */
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "suite.h"

START_TEST(integers)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xff };
	struct reader r = reader_whole(bytes, sizeof(bytes));
	uint8_t u8;
	uint16_t u16;
	uint32_t u24, u32;

	ck_assert(read_u8(&r, &u8) && u8 == 1);
	ck_assert(read_u16(&r, &u16) && u16 == 0x0203);
	ck_assert(read_u24(&r, &u24) && u24 == 0x040506);
	ck_assert(!reader_done(&r));
	ck_assert_uint_eq(reader_left(&r), 4);
	ck_assert(read_u32(&r, &u32) && u32 == 0x070809ff);
	ck_assert(reader_done(&r));
	ck_assert(!read_u8(&r, &u8));
	ck_assert_uint_eq(u8, 0);
	ck_assert_int_eq(r.state, READER_BAD);
	ck_assert(!reader_done(&r));
}
END_TEST

START_TEST(failure_zeroes_and_stays)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	uint8_t out[4] = { 9, 9, 9, 9 };
	uint16_t u16 = 9;
	uint32_t u24 = 9, u32 = 9;
	struct reader r = reader_prefix(bytes, sizeof(bytes)), child;

	ck_assert(!read_u32(&r, &u32));
	ck_assert_uint_eq(u32, 0);
	ck_assert_int_eq(r.state, READER_SHORT);
	/* Two bytes would still be there. */
	ck_assert(!read_u16(&r, &u16) && !u16);
	ck_assert(!read_u24(&r, &u24) && !u24);
	ck_assert(!read_bytes(&r, out, sizeof(out)));
	ck_assert(!out[0] && !out[3]);
	ck_assert(!read_skip(&r, 0));
	ck_assert(!read_sub(&r, 0, &child));
	ck_assert_int_eq(child.state, READER_SHORT);
	ck_assert(!read_vec8(&r, &child) && !read_vec16(&r, &child) && !read_vec24(&r, &child));
	/* What looks wrong after a SHORT may be the zero of a failed read. */
	ck_assert(!reader_bad(&r));
	ck_assert_int_eq(reader_outcome(&r), OUTCOME_MORE);
	r = reader_whole(bytes, sizeof(bytes));
	ck_assert(!reader_bad(&r));
	ck_assert_int_eq(reader_outcome(&r), OUTCOME_MALFORMED);
	ck_assert(!read_skip(&r, 0));
}
END_TEST

START_TEST(nothing_at_all)
{
	struct reader r = reader_whole(NULL, 0), child;
	uint8_t byte;

	ck_assert(reader_done(&r));
	ck_assert(read_skip(&r, 0));
	ck_assert(read_bytes(&r, &byte, 0));
	ck_assert(read_sub(&r, 0, &child));
	ck_assert(reader_done(&child));
	r = reader_prefix(NULL, 0);
	ck_assert(!reader_done(&r));
	ck_assert(!read_u8(&r, &byte));
	ck_assert_int_eq(r.state, READER_SHORT);
}
END_TEST

START_TEST(what_was_promised)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4 };
	struct reader r = reader_truncated(bytes, 4, 2);

	ck_assert(!read_skip(&r, 6));
	ck_assert_int_eq(r.state, READER_SHORT);
	r = reader_truncated(bytes, 4, 2);
	ck_assert(!read_skip(&r, 7));
	ck_assert_int_eq(r.state, READER_BAD);
}
END_TEST

START_TEST(children)
{
	static const uint8_t bytes[] = { 3, 'a', 'b', 'c', 0, 2, 'd', 'e', 0, 0, 1, 'f', 9 };
	struct reader r = reader_whole(bytes, sizeof(bytes)), child, none;
	uint8_t text[3];

	ck_assert(read_vec8(&r, &child));
	ck_assert(read_bytes(&child, text, 3) && !memcmp(text, "abc", 3));
	ck_assert(!read_u8(&child, text)); /* the next byte belongs to the parent */
	ck_assert_int_eq(child.state, READER_BAD);
	ck_assert(read_vec16(&r, &child));
	ck_assert_uint_eq(reader_left(&child), 2);
	ck_assert(read_vec24(&r, &child));
	ck_assert_uint_eq(reader_left(&child), 1);
	ck_assert(!read_vec8(&r, &none)); /* 9 bytes that can never come */
	ck_assert_int_eq(r.state, READER_BAD);
	ck_assert_int_eq(none.state, READER_BAD);
	ck_assert_uint_eq(reader_left(&none), 0);
}
END_TEST

START_TEST(part_of_a_child)
{
	static const uint8_t bytes[] = { 0, 9, 2, 'a', 'b', 4, 'c' };
	struct reader r = reader_truncated(bytes, sizeof(bytes), 6), child, inner;
	uint8_t byte;

	ck_assert(read_vec16(&r, &child)); /* 5 of 9 bytes are there, 6 were promised */
	ck_assert_uint_eq(child.missing, 4);
	ck_assert_uint_eq(r.missing, 2);
	ck_assert(!read_u8(&r, &byte)); /* the rest of the child comes first */
	ck_assert_int_eq(r.state, READER_SHORT);
	ck_assert(read_vec8(&child, &inner));
	ck_assert_uint_eq(reader_left(&inner), 2);
	ck_assert(read_skip(&inner, 2) && reader_done(&inner));
	ck_assert(read_vec8(&child, &inner)); /* 1 of 4 */
	ck_assert_uint_eq(inner.missing, 3);
	ck_assert(!reader_done(&inner));
	ck_assert(read_u8(&inner, &byte) && byte == 'c');
	ck_assert(!reader_done(&inner));
	ck_assert(!read_u8(&inner, &byte));
	ck_assert_int_eq(inner.state, READER_SHORT);
	ck_assert_int_eq(child.state, READER_SHORT);
}
END_TEST

/* A small protocol with all that the real ones have: blocks in blocks, lists up to the end of
 * a block, values that are wrong, trailing bytes. It looks for the first element of type 7. */
static enum outcome dissect(struct reader r, uint8_t *out_first)
{
	struct reader block, element, value;
	uint8_t magic, type;

	if (!read_u8(&r, &magic) || magic != 0x16) {
		if (!reader_bad(&r))
			return reader_outcome(&r);
	}
	if (!read_vec16(&r, &block))
		return reader_outcome(&r);
	while (!reader_done(&block)) {
		if (!read_u8(&block, &type) || type == 0) {
			if (!reader_bad(&block))
				return reader_outcome(&block);
		}
		if (!read_vec8(&block, &element))
			return reader_outcome(&block);
		if (type != 7)
			continue;
		if (!read_vec8(&element, &value))
			return reader_outcome(&element);
		if (!read_u8(&value, out_first))
			return reader_outcome(&value);
		return OUTCOME_FOUND;
	}
	if (reader_done(&r))
		return OUTCOME_ABSENT;
	return read_u8(&r, &magic) ? OUTCOME_MALFORMED : reader_outcome(&r);
}

static uint32_t state = 2026;

static unsigned draw(unsigned below)
{
	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

static size_t message(uint8_t *bytes)
{
	size_t n = 3;

	bytes[0] = draw(16) ? 0x16 : (uint8_t)draw(256);
	for (unsigned elements = draw(5); elements; elements--) {
		unsigned length = draw(6);

		bytes[n++] = (uint8_t)draw(9);
		bytes[n++] = (uint8_t)length;
		for (unsigned i = 0; i < length; i++)
			bytes[n++] = (uint8_t)draw(i ? 256 : 6);
	}
	bytes[1] = 0;
	bytes[2] = (uint8_t)(n - 3 + (draw(8) ? 0 : draw(5)));
	for (unsigned extra = draw(8) ? 0 : draw(3); extra; extra--)
		bytes[n++] = (uint8_t)draw(256);
	if (!draw(4))
		bytes[draw((unsigned)n)] ^= (uint8_t)(1 << draw(8));
	return n;
}

static void expect_same(const char *what, enum outcome early, uint8_t early_first,
			enum outcome late, uint8_t late_first, size_t cut)
{
	if (early == OUTCOME_MORE)
		return;
	ck_assert_msg(early == late, "%s: %d after %zu bytes, then %d", what, early, cut, late);
	if (early == OUTCOME_FOUND)
		ck_assert_uint_eq(early_first, late_first);
}

/* A decided answer never changes when more bytes arrive, and the whole decides. Of a stream
 * nobody knows the end; of a capture that was cut the length is known. */
START_TEST(decided_is_decided)
{
	unsigned seen[4] = { 0 }, early = 0, earlier = 0;

	for (int round = 0; round < 100000; round++) {
		uint8_t bytes[64], first = 0, stream_first = 0, part_first = 0;
		size_t n = message(bytes);
		enum outcome whole = dissect(reader_whole(bytes, n), &first);
		enum outcome stream = dissect(reader_prefix(bytes, n), &stream_first), part;

		ck_assert_int_ne(whole, OUTCOME_MORE);
		seen[whole]++;
		for (size_t cut = 0; cut < n; cut++) {
			/* A copy of the exact size: the sanitizer sees reads over its end. */
			uint8_t *copy = malloc(cut ? cut : 1);

			memcpy(copy, bytes, cut);
			part = dissect(reader_prefix(copy, cut), &part_first);
			expect_same("stream", part, part_first, stream, stream_first, cut);
			early += part != OUTCOME_MORE;
			part = dissect(reader_truncated(copy, cut, n - cut), &part_first);
			expect_same("capture", part, part_first, whole, first, cut);
			earlier += part != OUTCOME_MORE;
			free(copy);
		}
	}
	/* The messages are of all kinds, many are decided before their end, and more are
	 * where the end is known. */
	ck_assert_uint_gt(seen[OUTCOME_FOUND], 1000);
	ck_assert_uint_gt(seen[OUTCOME_ABSENT], 1000);
	ck_assert_uint_gt(seen[OUTCOME_MALFORMED], 1000);
	ck_assert_uint_gt(early, 1000);
	ck_assert_uint_gt(earlier, early);
}
END_TEST

SUITE("base/reader", integers, failure_zeroes_and_stays, nothing_at_all, what_was_promised,
      children, part_of_a_child, decided_is_decided)
