/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF made by hand, every cut of it, and the kernel's own where there is one. */
#include "process/btf.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

enum { STRINGS = 64, TYPES = 19 };

/* 1: int, 2: union { int word; }, 3: struct sock { int family; union 2; int :5 bits; },
 * 4: func proto, 5: func connect */
struct image {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t head, type_off, type_len, str_off, str_len;
	uint32_t types[TYPES + 9];
	char strings[STRINGS];
};

static struct image image(void)
{
	static const char strings[] = "\0int\0word\0sock\0family\0bits\0connect";
	enum { S_INT = 1, S_WORD = 5, S_SOCK = 10, S_FAMILY = 15, S_BITS = 22, S_CONNECT = 27 };
	const uint32_t types[] = {
		S_INT,	   1u << 24,
		4,	   32, /* int */
		0,	   5u << 24 | 1,
		4,	   S_WORD,
		1,	   0, /* union */
		S_SOCK,	   4u << 24 | 3,
		12,	   S_FAMILY,
		1,	   0, /* struct, family */
		0,	   2,
		32,	   S_BITS,
		1,	   64, /* the union, bits */
		0,	   13u << 24,
		0, /* func proto */
		S_CONNECT, 12u << 24,
		4,
	};
	struct image i = { .magic = 0xeb9f, .version = 1, .head = 24, .str_len = sizeof strings };

	ck_assert_uint_le(sizeof types, sizeof i.types);
	memcpy(i.types, types, sizeof types);
	i.type_len = sizeof types;
	i.str_off = offsetof(struct image, strings) - 24;
	memcpy(i.strings, strings, sizeof strings);
	return i;
}

START_TEST(functions_and_members_are_found)
{
	struct image i = image();
	struct btf *b = btf_new((const uint8_t *)&i, sizeof i);
	uint32_t at = 99;

	ck_assert_ptr_nonnull(b);
	ck_assert_uint_eq(btf_function(b, "connect"), 5);
	ck_assert_uint_eq(btf_function(b, "sock"), 0); /* no function */
	ck_assert_uint_eq(btf_function(b, "conn"), 0);
	ck_assert(!btf_member(b, "sock", "none", &at));
	ck_assert(!btf_member(b, "none", "word", &at));
	ck_assert_uint_eq(at, 99);
	ck_assert(btf_member(b, "sock", "family", &at));
	ck_assert_uint_eq(at, 0);
	ck_assert(btf_member(b, "sock", "word", &at)); /* in the anonymous union */
	ck_assert_uint_eq(at, 4);
	ck_assert(btf_member(b, "sock", "bits", &at));
	ck_assert_uint_eq(at, 8);
	btf_free(b);
	btf_free(NULL);
}
END_TEST

/* Whatever a byte becomes, nothing outside is read: sanitizers would tell. */
START_TEST(damage_is_harmless)
{
	const struct image whole = image();
	uint32_t at;

	for (size_t n = 0; n < sizeof whole; n++)
		for (int flip = 0; flip < 9; flip++) {
			uint8_t *bytes = malloc(sizeof whole);
			size_t len = flip == 8 ? n : sizeof whole;
			struct btf *b;

			memcpy(bytes, &whole, sizeof whole);
			if (flip < 8)
				bytes[n] ^= (uint8_t)(1 << flip);
			bytes = realloc(bytes, len ? len : 1);
			b = btf_new(bytes, len);
			if (b) {
				btf_function(b, "connect");
				btf_member(b, "sock", "word", &at);
			}
			btf_free(b);
			free(bytes);
		}
}
END_TEST

START_TEST(a_type_that_contains_itself_ends)
{
	struct image i = image();
	uint32_t at;
	struct btf *b;

	i.types[17] = 3; /* the anonymous member is of its own struct */
	b = btf_new((const uint8_t *)&i, sizeof i);
	ck_assert_ptr_nonnull(b);
	ck_assert(!btf_member(b, "sock", "word", &at));
	btf_free(b);
}
END_TEST

START_TEST(the_kernels_own)
{
	static uint8_t bytes[32 << 20];
	FILE *f = fopen("/sys/kernel/btf/vmlinux", "r");
	uint32_t num = 0, dport = 0;
	struct btf *b;
	size_t n;

	if (!f)
		return;
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	b = btf_new(bytes, n);
	ck_assert_ptr_nonnull(b);
	ck_assert_uint_ne(btf_function(b, "tcp_connect"), 0);
	ck_assert(btf_member(b, "sock_common", "skc_num", &num));
	ck_assert(btf_member(b, "sock_common", "skc_dport", &dport));
	ck_assert_uint_eq(num, dport + 2); /* skc_portpair: both are read as one */
	btf_free(b);
}
END_TEST

SUITE("process/btf", functions_and_members_are_found, damage_is_harmless,
      a_type_that_contains_itself_ends, the_kernels_own)
