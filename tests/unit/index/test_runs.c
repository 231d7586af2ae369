/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorting in bounded memory: the same records in the same order as without bounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index/runs.h"
#include "suite.h"

enum { COUNT = 20000 };

/* Many keys twice and more, some begin others, one empty, one as long as can be. */
static size_t make_key(uint32_t i, uint8_t key[static RECORD_KEY_MAX])
{
	uint32_t x = i * 2654435761U >> 18;

	if (i == 7)
		return 0;
	if (i == 8) {
		memset(key, 'k', RECORD_KEY_MAX);
		return RECORD_KEY_MAX;
	}
	memset(key, 'a', 30);
	int n = snprintf((char *)key + x % 20, 20, "%u", x / 3);
	return x % 20 + (size_t)n;
}

static int compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int rc = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return rc ? rc : a_len < b_len ? -1 : a_len > b_len;
}

/* Reads all: rising keys, of equal ones as added, nothing lost, nothing changed. */
static void check_order(struct runs *r)
{
	static uint8_t before[RECORD_KEY_MAX], key[RECORD_KEY_MAX], seen[COUNT];
	size_t before_len = 0;
	uint32_t before_number = 0, n = 0;
	struct record rec;
	int rc;

	memset(seen, 0, sizeof seen);
	ck_assert_int_eq(runs_rewind(r), 0);
	while ((rc = runs_next(r, &rec)) > 0) {
		ck_assert_uint_lt(rec.payload, COUNT);
		ck_assert_uint_eq(rec.line, rec.payload ^ 0x5a5a5a5aU);
		ck_assert(!seen[rec.payload]++);
		ck_assert_uint_eq(rec.len, make_key(rec.payload, key));
		ck_assert(!rec.len || !memcmp(rec.key, key, rec.len));
		if (n++) {
			int order = compare(before, before_len, rec.key, rec.len);
			ck_assert_msg(order < 0 || (order == 0 && before_number < rec.payload),
				      "record %u behind %u", rec.payload, before_number);
		}
		memcpy(before, rec.key, rec.len);
		before_len = rec.len;
		before_number = rec.payload;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(n, COUNT);
	ck_assert_int_eq(runs_next(r, &rec), 0);
}

static void check_memory(size_t memory)
{
	static uint8_t key[RECORD_KEY_MAX];
	struct runs *r = runs_new(memory);

	ck_assert_ptr_nonnull(r);
	for (uint32_t i = 0; i < COUNT; i++) {
		struct record rec = { .key = key, .payload = i, .line = i ^ 0x5a5a5a5aU };
		rec.len = make_key(i, key);
		ck_assert_int_eq(runs_add(r, &rec), 0);
	}
	check_order(r);
	check_order(r);
	runs_free(r);
}

START_TEST(order)
{
	check_memory(0);
	check_memory(100000);
	check_memory(6000);
}
END_TEST

START_TEST(none)
{
	struct runs *r = runs_new(0);
	struct record rec;

	ck_assert_int_eq(runs_rewind(r), 0);
	ck_assert_int_eq(runs_next(r, &rec), 0);
	runs_free(r);
	runs_free(NULL);
}
END_TEST

SUITE("index/runs", order, none)
