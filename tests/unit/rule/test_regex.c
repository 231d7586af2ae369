/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions: bounded in time and memory, whatever they and the names are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rule/regex.h"
#include "suite.h"

/* The allocator is the C library's, watched; not where a sanitizer has its own. */
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
static unsigned long allocations;
void *__libc_malloc(size_t n);

__attribute__((visibility("default"))) void *malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}
#define WATCHED 1
#else
static const unsigned long allocations;
#define WATCHED 0
#endif

static bool match(const char *text, struct regex_room *room, const char *name)
{
	struct regex *r = regex_new(text);
	struct name n;
	bool got;

	ck_assert_ptr_nonnull(r);
	ck_assert(name_from_text(name, strlen(name), &n));
	got = regex_match(r, room, &n);
	regex_free(r);
	return got;
}

START_TEST(anywhere_and_whatever_the_case)
{
	struct regex_room *room = regex_room_new();

	if (!regex_possible())
		return;
	ck_assert(match("ADS\\.", room, "www.ads.example"));
	ck_assert(!match("^ads\\.", room, "www.ads.example"));
	ck_assert(match("^(a|b)(c)\\.(?<x>d)$", room, "bc.d"));
	ck_assert_ptr_null(regex_new("(a"));
	ck_assert_ptr_null(regex_new("a\\Cb"));
	ck_assert_uint_eq(regex_cut(room), 0);
	regex_room_free(room);
	regex_room_free(NULL);
	ck_assert_uint_eq(regex_cut(NULL), 0);
}
END_TEST

/* Each needs more steps or more memory than there are, takes none from the heap, and is counted. */
START_TEST(too_much_is_cut_without_allocating)
{
	static const char *const texts[] = { "^(a+)+$", "^(a|a)*$", "^(a*)*$", "^(?:a|aa)+$",
					     "^((((((a?)?)?)?)?)?)*$" };
	static const char label[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct regex_room *room = regex_room_new();
	struct regex *r[5];
	char text[256];
	struct name n;
	unsigned long before, during;
	bool any = false;

	if (!regex_possible())
		return;
	snprintf(text, sizeof text, "%s.%s.%s.%s", label, label, label, label);
	memset(text, 'a', 60);
	ck_assert(name_from_text(text, strlen(text), &n));
	memset(n.text, 'a', n.len); /* one label of any length: the expression does not care */
	n.text[n.len - 1] = 'd';
	for (size_t i = 0; i < 5; i++)
		ck_assert_ptr_nonnull(r[i] = regex_new(texts[i]));
	before = allocations;
	for (size_t i = 0; i < 50; i++)
		any |= regex_match(r[i % 5], room, &n);
	during = allocations - before;
	ck_assert_uint_eq(during, 0);
	ck_assert(!any);
	ck_assert_msg(!WATCHED || before, "nothing is watched");
	ck_assert_uint_eq(regex_cut(room), 50);
	for (size_t i = 0; i < 5; i++)
		regex_free(r[i]);
	regex_room_free(room);
}
END_TEST

SUITE("classify/regex", anywhere_and_whatever_the_case, too_much_is_cut_without_allocating)
