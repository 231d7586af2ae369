/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 against vectors, and the process's key. */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "suite.h"

/* Key 00 01 .. 0f, message 00 01 .. (n - 1): the vectors that CPython's hash() and Rust's
 * SipHasher13 agree on. */
START_TEST(vectors)
{
	static const struct {
		size_t n;
		uint64_t hash;
	} known[] = {
		{ 0, UINT64_C(0xabac0158050fc4dc) },  { 1, UINT64_C(0xc9f49bf37d57ca93) },
		{ 7, UINT64_C(0xd3927d989bb11140) },  { 8, UINT64_C(0x369095118d299a8e) },
		{ 9, UINT64_C(0x25a48eb36c063de4) },  { 15, UINT64_C(0xd320d86d2a519956) },
		{ 16, UINT64_C(0xcc4fdd1a7d908b66) }, { 23, UINT64_C(0x525a0e7fdae6c123) },
		{ 63, UINT64_C(0x9d199062b7bbb3a8) },
	};
	uint8_t room[64 + 3];

	for (size_t shift = 0; shift < 3; shift++) { /* alignment must not matter */
		uint8_t *message = room + shift;

		for (size_t i = 0; i < 64; i++)
			message[i] = (uint8_t)i;
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			ck_assert_uint_eq(hash_bytes_keyed(UINT64_C(0x0706050403020100),
							   UINT64_C(0x0f0e0d0c0b0a0908), message,
							   known[i].n),
					  known[i].hash);
	}
	ck_assert_uint_eq(hash_bytes_keyed(0, 0, "tacet", 5), UINT64_C(18424566400805996078));
}
END_TEST

START_TEST(key_of_the_process)
{
	uint64_t unkeyed = hash_bytes_keyed(0, 0, "example.com", 11), first;

	ck_assert_uint_eq(hash_bytes("example.com", 11), unkeyed);
	hash_seed();
	first = hash_bytes("example.com", 11);
	ck_assert_uint_ne(first, unkeyed);
	hash_seed();
	ck_assert_uint_eq(hash_bytes("example.com", 11), first);
}
END_TEST

struct item {
	int key;
	UT_hash_handle hh;
};

START_TEST(serves_uthash)
{
	struct item items[100], *table = NULL, *found;
	int key = 42, none = 1000;

	hash_seed();
	for (int i = 0; i < 100; i++) {
		items[i].key = i;
		HASH_ADD_INT(table, key, &items[i]);
	}
	HASH_FIND_INT(table, &key, found);
	ck_assert_ptr_eq(found, &items[42]);
	ck_assert_uint_eq(found->hh.hashv, (unsigned)hash_bytes(&key, sizeof(key)));
	HASH_FIND_INT(table, &none, found);
	ck_assert_ptr_null(found);
	HASH_CLEAR(hh, table);
}
END_TEST

SUITE("base/hash", vectors, key_of_the_process, serves_uthash)
