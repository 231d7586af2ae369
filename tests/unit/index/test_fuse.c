/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter: never wrong about a member, wrong about one in 256 others, whatever the size. */
#include <check.h>
#include <stdlib.h>

#include "index/fuse.h"

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
	struct text t = build(1000);
	uint8_t *at = (uint8_t *)t.at;
	struct bytes s = { at, t.len };

	for (size_t n = 0; n < t.len; n++)
		ck_assert_msg(!fuse_check((struct bytes){ at, n }), "cut to %zu bytes", n);
	ck_assert(fuse_check(s));
	static const struct {
		size_t at;
		uint8_t value;
	} damages[] = { { 0, 200 }, { 4 + 7, 1 }, { 4 + 8, 19 }, { 4 + 11, 1 } };
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		uint8_t before = at[damages[i].at];
		at[damages[i].at] = damages[i].value;
		ck_assert_msg(!fuse_check(s), "damage %zu is taken", i);
		at[damages[i].at] = before;
	}
	text_done(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fuse");
	TCase *t = tcase_create("fuse");
	SRunner *r = srunner_create(s);

	tcase_set_timeout(t, 60);
	tcase_add_test(t, sizes);
	tcase_add_test(t, damage);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
