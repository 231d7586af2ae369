/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address-to-name memory: per client, TTL with a floor, several names, bounded. */
#include <stdio.h>
#include <string.h>

#include "flow/memory.h"
#include "suite.h"

#define SECOND 1000000000LL

static struct addr address(const char *text)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	return a;
}

static void add(struct memory *m, const char *client, const char *addr, const char *name,
		uint32_t ttl, int64_t now)
{
	struct addr c = address(client), a = address(addr);
	struct name n;

	ck_assert(name_from_text(name, strlen(name), &n));
	memory_add(m, &c, &a, &n, ttl, now);
}

static unsigned find(struct memory *m, const char *client, const char *addr, int64_t now,
		     struct name out[MEMORY_NAMES])
{
	struct addr c = address(client), a = address(addr);

	return memory_find(m, &c, &a, now, out);
}

START_TEST(one_client_does_not_speak_for_another)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(8, 0, names);
	struct name out[MEMORY_NAMES];

	add(m, "192.168.1.2", "203.0.113.7", "a.example", 60, 0);
	ck_assert_uint_eq(find(m, "192.168.1.2", "203.0.113.7", SECOND, out), 1);
	ck_assert_str_eq(out[0].text, "a.example");
	ck_assert_uint_eq(find(m, "192.168.1.3", "203.0.113.7", SECOND, out), 0);
	ck_assert_uint_eq(find(m, "192.168.1.2", "203.0.113.8", SECOND, out), 0);
	memory_free(m);
	names_free(names);
}
END_TEST

START_TEST(ttl_ends_and_the_floor_holds)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(8, 30, names);
	struct name out[MEMORY_NAMES];

	add(m, "fd00::2", "2001:db8::7", "short.example", 1, 0);
	add(m, "fd00::2", "2001:db8::8", "long.example", 100, 0);
	ck_assert_uint_eq(find(m, "fd00::2", "2001:db8::7", 29 * SECOND, out), 1);
	ck_assert_uint_eq(find(m, "fd00::2", "2001:db8::7", 30 * SECOND, out), 0);
	ck_assert_uint_eq(find(m, "fd00::2", "2001:db8::8", 99 * SECOND, out), 1);
	ck_assert_uint_eq(find(m, "fd00::2", "2001:db8::8", 100 * SECOND, out), 0);
	memory_free(m);
	names_free(names);
}
END_TEST

START_TEST(all_names_the_latest_first)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(64, 0, names);
	struct name out[MEMORY_NAMES];
	char text[16];

	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "n%d.example", i);
		add(m, "10.0.0.1", "203.0.113.7", text, i == 5 ? 10 : 60, i * SECOND);
	}
	/* All twenty, but the one whose time is over. */
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.7", 20 * SECOND, out), 19);
	ck_assert_str_eq(out[0].text, "n19.example");
	ck_assert_str_eq(out[18].text, "n0.example");
	add(m, "10.0.0.1", "203.0.113.7", "n3.example", 60, 21 * SECOND);
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.7", 22 * SECOND, out), 19);
	ck_assert_str_eq(out[0].text, "n3.example");
	ck_assert_str_eq(out[1].text, "n19.example");
	ck_assert_uint_eq(names_now(names), 19);
	memory_free(m);
	ck_assert_uint_eq(names_now(names), 0);
	names_free(names);
}
END_TEST

START_TEST(of_too_many_names_the_latest_stay)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(64, 0, names);
	struct name out[MEMORY_NAMES];
	char text[16];

	for (int i = 0; i < MEMORY_NAMES + 9; i++) {
		snprintf(text, sizeof text, "n%d.example", i);
		add(m, "10.0.0.1", "203.0.113.7", text, 60, SECOND);
	}
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.7", 2 * SECOND, out), MEMORY_NAMES);
	ck_assert_str_eq(out[MEMORY_NAMES - 1].text, "n9.example");
	ck_assert_uint_eq(names_now(names), MEMORY_NAMES);
	memory_free(m);
	names_free(names);
}
END_TEST

/* Names are bounded all together: the address unused longest gives its own, at last the one that
 * has them all its oldest. */
START_TEST(names_of_one_address_push_out_others)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(4, 0, names);
	struct name out[MEMORY_NAMES];
	char text[16];

	add(m, "10.0.0.1", "203.0.113.1", "one.example", 60, 1);
	add(m, "10.0.0.1", "203.0.113.1", "uno.example", 60, 1);
	for (int i = 0; i < 6; i++) {
		snprintf(text, sizeof text, "n%d.example", i);
		add(m, "10.0.0.1", "203.0.113.2", text, 60, 2);
		ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.1", 3, out), i < 2 ? 2 : 0);
	}
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.2", 3, out), 4);
	ck_assert_str_eq(out[0].text, "n5.example");
	ck_assert_str_eq(out[3].text, "n2.example");
	ck_assert_uint_eq(memory_now(m), 1);
	ck_assert_uint_eq(memory_evicted(m), 1);
	ck_assert_uint_eq(names_now(names), 4);
	memory_free(m);
	names_free(names);
}
END_TEST

START_TEST(a_full_memory_forgets_what_was_unused_longest)
{
	struct names *names = names_new(64);
	struct memory *m = memory_new(3, 0, names);
	struct name out[MEMORY_NAMES];

	add(m, "10.0.0.1", "203.0.113.1", "one.example", 60, 1);
	add(m, "10.0.0.1", "203.0.113.2", "two.example", 60, 2);
	add(m, "10.0.0.1", "203.0.113.3", "three.example", 60, 3);
	add(m, "10.0.0.1", "203.0.113.1", "one.example", 60, 4);
	add(m, "10.0.0.1", "203.0.113.4", "four.example", 60, 5);
	ck_assert_uint_eq(memory_now(m), 3);
	ck_assert_uint_eq(memory_evicted(m), 1);
	ck_assert_uint_eq(memory_created(m), 4);
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.2", 6, out), 0);
	ck_assert_uint_eq(find(m, "10.0.0.1", "203.0.113.1", 6, out), 1);
	memory_free(m);
	names_free(names);
}
END_TEST

SUITE("flow/memory", one_client_does_not_speak_for_another, ttl_ends_and_the_floor_holds,
      all_names_the_latest_first, of_too_many_names_the_latest_stay,
      names_of_one_address_push_out_others, a_full_memory_forgets_what_was_unused_longest)
