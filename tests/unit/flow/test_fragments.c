// SPDX-License-Identifier: GPL-2.0-or-later
/* Packets cut into fragments and put together again: any order, overlaps, bounds. */
#include "flow/fragments.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"

enum { V4 = 20, V6 = 40, MOST = 65535 };

/* A packet, and where it is cut. */
struct sent {
	uint8_t bytes[V6 + 16 + MOST];
	size_t header, n; /* n bytes behind the header */
	struct fragment base;
};

static struct sent *packet(int family, uint32_t id, size_t n)
{
	struct sent *s = calloc(1, sizeof *s);

	ck_assert_ptr_nonnull(s);
	s->header = family == 4 ? V4 : V6;
	s->n = n;
	s->bytes[0] = family == 4 ? 0x45 : 0x60;
	s->bytes[family == 4 ? 9 : 6] = 17;
	for (size_t i = 0; i < n; i++)
		s->bytes[s->header + i] = (uint8_t)(i * 7 + i / 256 + id);
	s->base = (struct fragment){ .id = id, .proto = 17, .header = s->bytes };
	s->base.header_len = (uint32_t)s->header;
	s->base.next_at = family == 4 ? 9 : 6;
	ck_assert(addr_parse(family == 4 ? "10.0.0.1" : "2001:db8::1", &s->base.src));
	ck_assert(addr_parse(family == 4 ? "10.0.0.2" : "2001:db8::2", &s->base.dst));
	return s;
}

static struct fragment piece(const struct sent *s, size_t from, size_t to)
{
	struct fragment f = s->base;

	f.offset = (uint16_t)from;
	f.more = to < s->n;
	f.bytes = s->bytes + s->header + from;
	f.len = (uint32_t)(to - from);
	return f;
}

/* Adds a piece out of a block of its own size, so that a sanitizer sees every step beside it. */
static const uint8_t *give(struct fragments *t, const struct fragment *f, size_t *out_len)
{
	uint8_t *copy = malloc(f->len ? f->len : 1);
	struct fragment copied = *f;
	const uint8_t *whole;

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, f->bytes, f->len);
	copied.bytes = copy;
	whole = fragments_add(t, &copied, out_len);
	free(copy);
	return whole;
}

static const uint8_t *give_range(struct fragments *t, const struct sent *s, size_t from, size_t to)
{
	struct fragment f = piece(s, from, to);
	size_t n;

	return give(t, &f, &n);
}

static void expect_whole(const struct sent *s, const uint8_t *whole, size_t n)
{
	size_t length;

	ck_assert_ptr_nonnull(whole);
	ck_assert_uint_eq(n, s->header + s->n);
	ck_assert_mem_eq(whole + s->header, s->bytes + s->header, s->n);
	if (s->base.src.family == 4) {
		length = (size_t)whole[2] << 8 | whole[3];
		ck_assert_uint_eq(length, n);
		ck_assert_uint_eq(whole[6] | whole[7], 0);
		ck_assert_uint_eq(whole[9], 17);
	} else {
		length = (size_t)whole[4] << 8 | whole[5];
		ck_assert_uint_eq(length, n - V6);
		ck_assert_uint_eq(whole[6], 17);
	}
}

static void expect_joins(struct fragments *t, const struct sent *s, const struct fragment *f)
{
	size_t n = 0;
	const uint8_t *whole = give(t, f, &n);

	expect_whole(s, whole, n);
}

static struct fragments_counters counted(const struct fragments *t)
{
	struct fragments_counters c;

	fragments_counters(t, &c);
	return c;
}

START_TEST(any_order_and_repeated)
{
	static const uint8_t orders[][6] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 },	      { 1, 3, 0, 2 },
		{ 2, 0, 3, 1 }, { 3, 0, 0, 3, 1, 2 },
	};
	static const size_t cuts[] = { 0, 8, 1480, 2960, 3001 };

	for (int family = 4; family <= 6; family += 2) {
		struct fragments *t = fragments_new();
		struct sent *s = packet(family, 7, 3001);

		for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
			unsigned steps = o == 4 ? 6 : 4;

			for (unsigned i = 0; i < steps; i++) {
				unsigned at = orders[o][i];
				struct fragment f = piece(s, cuts[at], cuts[at + 1]);
				size_t n = 0;
				const uint8_t *whole = give(t, &f, &n);

				if (i + 1 < steps)
					ck_assert_ptr_null(whole);
				else
					expect_whole(s, whole, n);
			}
			ck_assert_uint_eq(counted(t).joined, o + 1);
		}
		ck_assert_uint_eq(counted(t).seen, 22);
		ck_assert_uint_eq(counted(t).evicted, 0);
		fragments_free(t);
		free(s);
	}
}
END_TEST

/* Every way to cut a packet in three at eights. */
START_TEST(every_cut)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(4 + 2 * _i, 1, 123);
	struct fragment f;

	for (size_t a = 8; a < 112; a += 8)
		for (size_t b = a + 8; b < 123; b += 8) {
			ck_assert_ptr_null(give_range(t, s, b, 123));
			ck_assert_ptr_null(give_range(t, s, 0, a));
			f = piece(s, a, b);
			expect_joins(t, s, &f);
		}
	fragments_free(t);
	free(s);
}
END_TEST

START_TEST(packets_are_told_apart)
{
	struct fragments *t = fragments_new();
	struct sent *a = packet(4, 1, 32), *b = packet(4, 2, 32), *c = packet(4, 1, 32),
		    *d = packet(4, 1, 32), *e = packet(6, 1, 32);
	struct sent *all[] = { a, b, c, d, e };
	struct fragment f;
	size_t n;

	ck_assert(addr_parse("10.0.0.3", &c->base.src));
	d->base.proto = 1;
	for (int i = 0; i < 5; i++)
		ck_assert_ptr_null(give_range(t, all[i], 0, 16));
	for (int i = 0; i < 5; i++) {
		f = piece(all[i], 16, 32);
		ck_assert_ptr_nonnull(give(t, &f, &n));
	}
	/* In IPv6 the protocol tells nothing apart: later pieces may name another. */
	ck_assert_ptr_null(give_range(t, e, 0, 16));
	f = piece(e, 16, 32);
	f.proto = 6;
	expect_joins(t, e, &f);
	for (int i = 0; i < 5; i++)
		free(all[i]);
	fragments_free(t);
}
END_TEST

START_TEST(v4_overlap_the_first_stays)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(4, 1, 48), *forged = packet(4, 1, 48);
	struct fragment f;

	memset(forged->bytes + V4, 0xee, 48);
	ck_assert_ptr_null(give_range(t, s, 8, 24));
	ck_assert_ptr_null(give_range(t, forged, 8, 24));
	f = piece(forged, 0, 32); /* brings 0..8 and 24..32 */
	ck_assert_ptr_null(give(t, &f, &(size_t){ 0 }));
	f = piece(s, 16, 48);
	memcpy(forged->bytes + V4 + 8, s->bytes + V4 + 8, 16);
	memcpy(forged->bytes + V4 + 32, s->bytes + V4 + 32, 16);
	expect_joins(t, forged, &f);
	free(s);
	free(forged);
	fragments_free(t);
}
END_TEST

START_TEST(v6_overlap_is_refused)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(6, 1, 48);
	struct fragment f;
	size_t n;

	ck_assert_ptr_null(give_range(t, s, 8, 24));
	ck_assert_ptr_null(give_range(t, s, 8, 24)); /* exactly the same is no overlap */
	ck_assert_uint_eq(counted(t).evicted, 0);
	ck_assert_ptr_null(give_range(t, s, 16, 32));
	ck_assert_uint_eq(counted(t).evicted, 1);
	/* It stays refused, and does not count again. */
	ck_assert_ptr_null(give_range(t, s, 0, 8));
	ck_assert_ptr_null(give_range(t, s, 24, 48));
	fragments_flush(t);
	ck_assert_uint_eq(counted(t).evicted, 1);
	/* The same place with other bytes. */
	ck_assert_ptr_null(give_range(t, s, 8, 24));
	s->bytes[V6 + 9] ^= 1;
	ck_assert_ptr_null(give_range(t, s, 8, 24));
	ck_assert_uint_eq(counted(t).evicted, 2);
	fragments_flush(t);
	/* A piece that is not the last divides by eight. */
	ck_assert_ptr_null(give_range(t, s, 0, 13));
	ck_assert_uint_eq(counted(t).evicted, 3);
	fragments_flush(t);
	/* Two ends. */
	ck_assert_ptr_null(give_range(t, s, 32, 48));
	f = piece(s, 32, 40);
	f.more = false;
	ck_assert_ptr_null(give(t, &f, &n));
	ck_assert_uint_eq(counted(t).evicted, 4);
	free(s);
	fragments_free(t);
}
END_TEST

START_TEST(v4_ends_that_contradict)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(4, 1, 48);
	struct fragment f;
	size_t n;

	ck_assert_ptr_null(give_range(t, s, 0, 32));
	f = piece(s, 16, 24);
	f.more = false; /* ends before what is there */
	ck_assert_ptr_null(give(t, &f, &n));
	ck_assert_ptr_null(give_range(t, s, 0, 13)); /* cut to 8 */
	f = piece(s, 32, 48);
	expect_joins(t, s, &f);
	ck_assert_ptr_null(give_range(t, s, 40, 48));
	f = piece(s, 40, 48);
	f.more = true;
	f.offset = 48; /* beyond the end */
	ck_assert_ptr_null(give(t, &f, &n));
	f = piece(s, 0, 40);
	expect_joins(t, s, &f);
	free(s);
	fragments_free(t);
}
END_TEST

/* The longest packets there are, and longer ones, which nobody sends ("ping of death"). */
START_TEST(largest)
{
	int family = 4 + 2 * _i;
	size_t most = family == 4 ? MOST - V4 : MOST;
	struct fragments *t = fragments_new();
	struct sent *s = packet(family, 1, most);
	const uint8_t *whole = NULL;
	struct fragment f;
	size_t n = 0;

	for (size_t at = 0; at < most; at += 1480) {
		f = piece(s, at, most - at < 1480 ? most : at + 1480);
		ck_assert_ptr_null(whole);
		whole = give(t, &f, &n);
	}
	expect_whole(s, whole, n);
	ck_assert_ptr_null(give_range(t, s, 0, 1480));
	f = piece(s, 0, 1480);
	f.offset = 65528;
	f.more = false;
	ck_assert_ptr_null(give(t, &f, &n));
	fragments_flush(t);
	ck_assert_uint_eq(counted(t).evicted, 1);
	/* Complete, but with its header longer than a packet can be. */
	if (family == 4) {
		s->n = MOST;
		for (size_t at = 0; at < MOST; at += 1480)
			ck_assert_ptr_null(
				give_range(t, s, at, MOST - at < 1480 ? MOST : at + 1480));
		ck_assert_uint_eq(counted(t).evicted, 2);
	}
	/* Lengths that offloading or damage may bring. */
	f = piece(s, 0, 8);
	f.missing = UINT32_MAX;
	ck_assert_ptr_null(give(t, &f, &n));
	free(s);
	fragments_free(t);
}
END_TEST

START_TEST(time_and_room)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(4, 0, 16);
	const int64_t ms = 1000000;
	struct fragment f;
	size_t n;

	ck_assert_ptr_null(give_range(t, s, 0, 8));
	f = piece(s, 8, 16);
	f.time_ns = FRAGMENTS_IDLE_MS * ms;
	ck_assert_ptr_nonnull(give(t, &f, &n)); /* in time */
	ck_assert_ptr_null(give_range(t, s, 0, 8));
	f.time_ns++;
	ck_assert_ptr_null(give(t, &f, &n)); /* too late */
	ck_assert_uint_eq(counted(t).evicted, 1);
	fragments_flush(t);
	ck_assert_uint_eq(counted(t).evicted, 2);
	/* One more than there is room for: the oldest goes. */
	for (uint32_t id = 0; id <= FRAGMENTS_POOL; id++) {
		s->base.id = id;
		ck_assert_ptr_null(give_range(t, s, 0, 8));
	}
	ck_assert_uint_eq(counted(t).evicted, 3);
	for (uint32_t id = 1; id <= FRAGMENTS_POOL; id++) {
		s->base.id = id;
		ck_assert_ptr_nonnull(give_range(t, s, 8, 16));
	}
	s->base.id = 0;
	ck_assert_ptr_null(give_range(t, s, 8, 16));
	free(s);
	fragments_free(t);
	fragments_free(NULL);
}
END_TEST

START_TEST(cut_by_the_capture)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(4, 1, 64);
	struct fragment f = piece(s, 0, 32);

	f.len = 13;
	f.missing = 19;
	ck_assert_ptr_null(give(t, &f, &(size_t){ 0 }));
	ck_assert_ptr_null(give_range(t, s, 32, 64));
	f = piece(s, 0, 32); /* captured twice, once whole */
	expect_joins(t, s, &f);
	free(s);
	fragments_free(t);
}
END_TEST

/* Headers longer than anybody makes them are not kept; those of IPv6 with extensions are. */
START_TEST(headers)
{
	struct fragments *t = fragments_new();
	struct sent *s = packet(6, 1, 16);
	const uint8_t *whole;
	struct fragment f;
	size_t n;

	ck_assert_ptr_null(give_range(t, s, 8, 16));
	f = piece(s, 0, 8);
	f.header_len = 2000;
	ck_assert_ptr_null(give(t, &f, &n));
	fragments_flush(t);
	/* A hop-by-hop header names what follows in its own first byte. */
	memmove(s->bytes + V6 + 8, s->bytes + V6, 16);
	memcpy(s->bytes + V6, (uint8_t[]){ 44, 0, 5, 2, 0, 0, 1, 0 }, 8);
	s->bytes[6] = 0;
	s->header = V6 + 8;
	s->base.header_len = V6 + 8;
	s->base.next_at = V6;
	ck_assert_ptr_null(give_range(t, s, 8, 16));
	f = piece(s, 0, 8);
	whole = give(t, &f, &n);
	ck_assert_ptr_nonnull(whole);
	ck_assert_uint_eq(n, V6 + 8 + 16);
	ck_assert_uint_eq(whole[5], 24);
	ck_assert_uint_eq(whole[6], 0);
	ck_assert_uint_eq(whole[V6], 17);
	free(s);
	fragments_free(t);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_test(t, any_order_and_repeated);
	tcase_add_loop_test(t, every_cut, 0, 2);
	tcase_add_test(t, packets_are_told_apart);
	tcase_add_test(t, v4_overlap_the_first_stays);
	tcase_add_test(t, v6_overlap_is_refused);
	tcase_add_test(t, v4_ends_that_contradict);
	tcase_add_loop_test(t, largest, 0, 2);
	tcase_add_test(t, time_and_room);
	tcase_add_test(t, cut_by_the_capture);
	tcase_add_test(t, headers);
	return suite_end(t, "flow/fragments");
}
