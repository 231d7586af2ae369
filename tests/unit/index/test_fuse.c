/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter: never wrong about a member, wrong about one in 256 others, whatever the size. */
#include <stdlib.h>

#include "index/fuse.h"
#include "damage.h"
#include "suite.h"

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
	x = (x ^ x >> 27) * 0x94d049bb133111ebU;
	return x ^ x >> 31;
}

static bool has(struct bytes s, uint64_t hash)
{
	struct fuse_probe p = fuse_probe(s, hash);

	return fuse_has(&p);
}

static struct text build(size_t n)
{
	uint64_t *hashes = calloc(n + 1, sizeof *hashes);
	struct text out = { 0 };

	ck_assert_ptr_nonnull(hashes);
	for (size_t i = 0; i < n; i++)
		hashes[i] = mix(i + 1);
	/* The same key twice is one. */
	hashes[n] = mix(1);
	fuse_build(hashes, n ? n + 1 : 0, &out);
	ck_assert(!out.failed);
	free(hashes);
	return out;
}

static void check_size(size_t n, double most_bytes)
{
	struct text t = build(n);
	struct bytes s = { (const uint8_t *)t.at, t.len };
	unsigned wrong = 0;

	ck_assert(fuse_check(s));
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(has(s, mix(i + 1)), "%zu keys: number %zu is missing", n, i);
	for (uint64_t i = 0; i < 100000; i++)
		wrong += has(s, mix(i + (1U << 30)));
	/* 391 of 100,000 on average, a standard deviation of 20. */
	if (n)
		ck_assert_msg(wrong > 250 && wrong < 530, "%zu keys: %u of 100000", n, wrong);
	else
		ck_assert_uint_eq(wrong, 0);
	if (most_bytes > 0)
		ck_assert_msg((double)s.len < most_bytes * (double)n, "%zu keys: %zu bytes", n,
			      s.len);
	text_done(&t);
}

START_TEST(sizes)
{
	check_size(0, 0);
	check_size(1, 0);
	check_size(2, 0);
	check_size(33, 0);
	check_size(1000, 0);
	check_size(100000, 1.2);
	/* Of three parts. */
	check_size(2 * FUSE_PART_KEYS + 5, 1.2);
}
END_TEST

START_TEST(damage)
{
	/* Too many parts, one behind the end, segments that are too long, too many of them. */
	static const struct damage damages[] = {
		{ 0, 200 }, { 4 + 7, 1 }, { 4 + 8, 19 }, { 4 + 11, 1 }
	};
	struct text t = build(1000);

	check_damages(&t, damages, sizeof damages / sizeof *damages, fuse_check);
	text_done(&t);
}
END_TEST

/* No key leads behind what fuse_check() has seen: it knows no longer segments, room or not. */
START_TEST(longest_segments)
{
	enum { HEAD = 4, PART = 12, LONGEST = 18 };
	size_t len = HEAD + PART + ((size_t)3 << (LONGEST + 1));
	uint8_t *at = calloc(len, 1);
	struct bytes s = { at, len };

	ck_assert_ptr_nonnull(at);
	at[0] = 1;
	at[HEAD + 4] = HEAD + PART;
	at[HEAD + 9] = 1; /* segment that a key may begin in; two more follow */
	at[HEAD + 8] = LONGEST;
	ck_assert(fuse_check(s));
	for (uint64_t i = 0; i < 1000; i++) {
		struct fuse_probe p = fuse_probe(s, mix(i));
		for (int j = 0; j < 3; j++)
			ck_assert(p.at[j] >= at && p.at[j] < at + len);
	}
	at[HEAD + 8] = LONGEST + 1;
	ck_assert(!fuse_check(s));
	free(at);
}
END_TEST

SUITE("index/fuse", sizes, damage, longest_segments)
