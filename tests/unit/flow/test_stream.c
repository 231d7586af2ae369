/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly: every cut, every order, repeats and overlaps give the same bytes. */
#include <string.h>

#include "flow/stream.h"
#include "suite.h"

static void *taken[8];
static unsigned taken_count;

static void on_taken(void *ctx, void *owner)
{
	(void)ctx;
	taken[taken_count++ % 8] = owner;
}

static struct stream_pool *pool(uint32_t small, uint32_t large)
{
	struct stream_pool *p = stream_pool_new(small, large, on_taken, NULL);

	ck_assert_ptr_nonnull(p);
	taken_count = 0;
	return p;
}

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static uint8_t byte_at(uint32_t i)
{
	return (uint8_t)(i * 7 + (i >> 8));
}

/* Cuts n bytes into pieces, some overlapping, shuffles them, adds them all. */
static void shuffle_in(struct stream_pool *p, struct stream *s, uint32_t base, uint32_t n,
		       uint32_t most)
{
	struct {
		uint32_t at, len;
	} pieces[64], swap;
	uint8_t bytes[STREAM_MAX];
	unsigned count = 0;
	uint32_t at = 0;

	while (at < n) {
		uint32_t len = 1 + rnd(most), back = rnd(4) ? 0 : rnd(at < 50 ? at + 1 : 50);

		if (len > n - at || count == 62)
			len = n - at;
		pieces[count].at = at - back;
		pieces[count++].len = len + back;
		at += len;
	}
	pieces[count++] = pieces[0]; /* one comes twice */
	for (unsigned i = count - 1; i; i--) {
		unsigned j = rnd(i + 1);

		swap = pieces[i];
		pieces[i] = pieces[j];
		pieces[j] = swap;
	}
	for (unsigned i = 0; i < count; i++) {
		for (uint32_t k = 0; k < pieces[i].len; k++)
			bytes[k] = byte_at(pieces[i].at + k);
		stream_add(p, s, base + pieces[i].at, bytes, pieces[i].len);
	}
}

START_TEST(every_order_gives_the_same_bytes)
{
	struct stream_pool *p = pool(2, 1);

	seed = 1;
	for (int round = 0; round < 5000; round++) {
		uint32_t n = 1 + rnd(round % 10 ? 3000 : 20000), base = rnd(0x7fffffff) * 2;
		bool sure = rnd(2);
		/* Without a SYN the first piece that comes may be any. */
		struct stream *s = stream_open(p, p, base + (sure ? 0 : rnd(n)), sure);
		const uint8_t *got;
		size_t ready;

		shuffle_in(p, s, base, n, n / 20 + 1);
		got = stream_ready(s, &ready);
		ck_assert_msg(ready == n && !stream_has_gap(s), "round %d: %zu of %u", round, ready,
			      n);
		for (uint32_t i = 0; i < n; i++)
			if (got[i] != byte_at(i))
				ck_abort_msg("round %d: byte %u", round, i);
		stream_close(p, s);
	}
	stream_pool_free(p);
}
END_TEST

START_TEST(the_first_of_two_versions_stays)
{
	struct stream_pool *p = pool(1, 0);
	struct stream *s = stream_open(p, p, 100, true);
	size_t n;

	stream_add(p, s, 102, (const uint8_t *)"CD", 2);
	stream_add(p, s, 100, (const uint8_t *)"abcdef", 6);
	ck_assert_mem_eq(stream_ready(s, &n), "abCDef", 6);
	ck_assert_uint_eq(n, 6);
	/* Before a sure beginning nothing counts. */
	ck_assert(stream_add(p, s, 98, (const uint8_t *)"zz", 2));
	ck_assert(stream_add(p, s, 98, (const uint8_t *)"zzQ", 3));
	ck_assert_mem_eq(stream_ready(s, &n), "abCDef", 6);
	stream_close(p, s);
	stream_close(p, NULL);
	stream_pool_free(p);
}
END_TEST

START_TEST(sequence_numbers_wrap)
{
	struct stream_pool *p = pool(1, 0);
	struct stream *s = stream_open(p, p, 0xfffffffe, true);
	size_t n;

	stream_add(p, s, 1, (const uint8_t *)"def", 3);
	ck_assert(stream_has_gap(s));
	stream_add(p, s, 0xfffffffe, (const uint8_t *)"abc", 3);
	ck_assert_mem_eq(stream_ready(s, &n), "abcdef", 6);
	ck_assert_uint_eq(n, 6);
	stream_pool_free(p);
}
END_TEST

START_TEST(bounds_hold_and_are_counted)
{
	static uint8_t big[STREAM_MAX + 10];
	struct stream_pool *p = pool(2, 1);
	struct stream_counters c;
	int a, b, d;
	struct stream *one = stream_open(p, &a, 0, true), *two = stream_open(p, &b, 0, true),
		      *three;
	size_t n;

	ck_assert(!stream_add(p, one, 0, big, sizeof big));
	stream_ready(one, &n);
	ck_assert_uint_eq(n, STREAM_MAX);
	/* There is one large buffer: the other stream takes it, and the first is told. */
	ck_assert(stream_add(p, two, 0, big, 5000));
	ck_assert_uint_eq(taken_count, 1);
	ck_assert_ptr_eq(taken[0], &a);
	/* No small one is left either: the idlest goes. */
	one = stream_open(p, &d, 0, true);
	three = stream_open(p, &a, 0, true);
	ck_assert_ptr_eq(taken[1], &b);
	ck_assert(stream_add(p, three, 0, big, 100));
	stream_counters(p, &c);
	ck_assert_uint_eq(c.opened, 4);
	ck_assert_uint_eq(c.taken, 2);
	ck_assert_uint_eq(c.lost, 1);
	ck_assert_uint_eq(c.now, 2);
	stream_close(p, one);
	stream_pool_free(p);
}
END_TEST

START_TEST(too_many_islands_lose_the_last)
{
	struct stream_pool *p = pool(1, 0);
	struct stream *s = stream_open(p, p, 0, true);

	for (uint32_t i = 0; i < STREAM_RANGES; i++)
		ck_assert(stream_add(p, s, 2 + i * 4, (const uint8_t *)"x", 1));
	ck_assert(!stream_add(p, s, 2 + STREAM_RANGES * 4, (const uint8_t *)"x", 1));
	ck_assert(stream_add(p, s, 3, (const uint8_t *)"yyy", 3)); /* joins two */
	ck_assert(stream_add(p, s, 2 + STREAM_RANGES * 4, (const uint8_t *)"x", 1));
	/* Without a large buffer the small one is the bound. */
	ck_assert(!stream_add(p, s, STREAM_SMALL - 1, (const uint8_t *)"xy", 2));
	stream_pool_free(p);
}
END_TEST

/* Dropping what was read, in steps of any size, shows the same bytes as keeping all. */
START_TEST(what_was_read_is_dropped)
{
	struct stream_pool *p = pool(1, 1);
	uint8_t bytes[600];

	for (uint32_t i = 0; i < sizeof bytes; i++)
		bytes[i] = byte_at(i);
	for (seed = 1; seed < 500; seed++) {
		uint32_t base = 0xffffff00u + (uint32_t)seed, at = 0;
		struct stream *s = stream_open(p, p, base, true);
		size_t n;

		while (at < sizeof bytes) {
			uint32_t from = at + rnd(60), len = 1 + rnd(90), read;
			const uint8_t *ready;

			if (from >= sizeof bytes)
				from = at;
			if (len > sizeof bytes - from)
				len = (uint32_t)sizeof bytes - from;
			stream_add(p, s, base + from, bytes + from, len);
			ready = stream_ready(s, &n);
			ck_assert_uint_le(at + n, sizeof bytes);
			ck_assert_mem_eq(ready, bytes + at, n);
			read = n ? rnd((unsigned)n + 1) : 0;
			stream_drop(s, read);
			at += read;
			ck_assert_uint_eq(stream_base(s), base + at);
			/* What is repeated of it does not come again. */
			stream_add(p, s, base, bytes, at);
			stream_ready(s, &n);
			ck_assert_uint_le(at + n, sizeof bytes);
		}
		ck_assert(!stream_has_gap(s));
		stream_close(p, s);
	}
	stream_pool_free(p);
}
END_TEST

START_TEST(a_gap_is_skipped)
{
	struct stream_pool *p = pool(1, 1);
	struct stream *s = stream_open(p, p, 100, true);
	const uint8_t *ready;
	size_t n;

	ck_assert(!stream_skip_gap(s));
	stream_add(p, s, 100, (const uint8_t *)"ab", 2);
	ck_assert(!stream_skip_gap(s));
	stream_add(p, s, 105, (const uint8_t *)"cd", 2);
	stream_add(p, s, 110, (const uint8_t *)"ef", 2);
	ck_assert(stream_skip_gap(s));
	ck_assert_uint_eq(stream_base(s), 105);
	ready = stream_ready(s, &n);
	ck_assert_uint_eq(n, 2);
	ck_assert_mem_eq(ready, "cd", 2);
	stream_drop(s, 2);
	ck_assert(stream_skip_gap(s)); /* with nothing ready in front of it */
	ck_assert_uint_eq(stream_base(s), 110);
	ready = stream_ready(s, &n);
	ck_assert_mem_eq(ready, "ef", 2);
	ck_assert(!stream_has_gap(s));
	/* What was skipped is gone. */
	stream_add(p, s, 102, (const uint8_t *)"xyz", 3);
	stream_ready(s, &n);
	ck_assert_uint_eq(n, 2);
	stream_pool_free(p);
}
END_TEST

SUITE("flow/stream", every_order_gives_the_same_bytes, the_first_of_two_versions_stays,
      sequence_numbers_wrap, bounds_hold_and_are_counted, too_many_islands_lose_the_last,
      what_was_read_is_dropped, a_gap_is_skipped)
