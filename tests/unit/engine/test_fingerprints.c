/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned fingerprints: one number for a text, room that comes back, an end of room. */
#include "engine/fingerprints.h"

#include <stdio.h>

#include "base/hash.h"
#include "engine/engine.h"
#include "packets.h"
#include "suite.h"

static char text[JA4_SIZE];

static const char *text_of(unsigned i)
{
	snprintf(text, sizeof text, "t13d1516h2_8daaf6152771_%012x", i);
	return text;
}

START_TEST(one_number_a_text)
{
	struct fingerprints *f = fingerprints_new(10);
	uint16_t a = fingerprints_hold(f, text_of(1)), b = fingerprints_hold(f, text_of(2));

	ck_assert_uint_ne(a, 0);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(fingerprints_hold(f, text_of(1)), a);
	ck_assert_str_eq(fingerprints_text(f, a), text_of(1));
	ck_assert_str_eq(fingerprints_text(f, b), text_of(2));
	ck_assert_ptr_null(fingerprints_text(f, 0));
	fingerprints_drop(f, a);
	ck_assert_str_eq(fingerprints_text(f, a), text_of(1));
	ck_assert_uint_eq(fingerprints_hold(f, text_of(1)), a);
	fingerprints_drop(f, 0);
	fingerprints_free(f);
	fingerprints_free(NULL);
}
END_TEST

START_TEST(room_ends_and_comes_back)
{
	struct fingerprints *f = fingerprints_new(3000);
	uint16_t numbers[3000];

	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 3000; i++) {
			numbers[i] = fingerprints_hold(f, text_of(i));
			ck_assert_uint_ne(numbers[i], 0);
		}
		ck_assert_uint_eq(fingerprints_hold(f, text_of(3000)), 0);
		for (unsigned i = 0; i < 3000; i++)
			ck_assert_str_eq(fingerprints_text(f, numbers[i]), text_of(i));
		/* Not in the order in which they came. */
		for (unsigned i = 0; i < 3000; i++)
			fingerprints_drop(f, numbers[i * 7 % 3000]);
	}
	fingerprints_free(f);
}
END_TEST

START_TEST(more_flows_than_numbers)
{
	struct fingerprints *f = fingerprints_new(100000);

	for (unsigned i = 0; i < UINT16_MAX; i++)
		ck_assert_uint_ne(fingerprints_hold(f, text_of(i)), 0);
	ck_assert_uint_eq(fingerprints_hold(f, text_of(UINT16_MAX)), 0);
	ck_assert_uint_ne(fingerprints_hold(f, text_of(5)), 0);
	fingerprints_free(f);
}
END_TEST

/* --- in records --------------------------------------------------------------------------------
 */

static char recorded[2][JA4_SIZE];
static unsigned records;
static bool is_wanted;

static bool wanted(void *ctx)
{
	return is_wanted;
}

static void on_flow(void *ctx, const struct flow_record *r)
{
	ck_assert_uint_lt(records, 2);
	snprintf(recorded[records++], JA4_SIZE, "%s", r->ja4 ? r->ja4 : "");
}

/* A connection whose hello comes in segments of so many bytes; its records go to recorded. */
static void connect_once(bool fingerprints, size_t each)
{
	static const struct engine_options o = { .max_flows = 4,
						 .max_names = 4,
						 .max_questions = 4,
						 .max_hellos = 4,
						 .tcp_idle_ms = 1000,
						 .udp_idle_ms = 1000,
						 .open_records = true };
	static const struct policy_options p;
	struct record_sink sink = { .wanted = wanted,
				    .fingerprints = fingerprints,
				    .flow = on_flow };
	struct policy *policy = policy_new(&p, NULL, NULL, NULL);
	struct engine *e = engine_new(&o, &sink);
	struct built b;
	uint8_t hello[512];
	size_t n = build_hello(hello, "film.example");

	records = 0;
	engine_set_policy(e, policy);
	engine_frame(e,
		     build_tcp(&b, 1, "192.0.2.1", 4000, "192.0.2.2", 443, TCP_SYN, 99, NULL, 0));
	for (size_t i = 0; i < n; i += each)
		engine_frame(e,
			     build_tcp(&b, 2, "192.0.2.1", 4000, "192.0.2.2", 443, TCP_ACK,
				       100 + (uint32_t)i, hello + i, n - i < each ? n - i : each));
	is_wanted = true;
	engine_flush(e);
	engine_free(e);
	policy_free(policy);
}

START_TEST(of_a_flow)
{
	char whole[JA4_SIZE];

	is_wanted = true;
	connect_once(true, 4096);
	ck_assert_uint_eq(records, 2);
	ck_assert_uint_eq(strlen(recorded[0]), JA4_SIZE - 1);
	ck_assert_int_eq(strncmp(recorded[0], "t12d", 4), 0);
	ck_assert_str_eq(recorded[1], recorded[0]);
	memcpy(whole, recorded[0], JA4_SIZE);
	connect_once(true, 50);
	ck_assert_uint_eq(records, 2);
	ck_assert_str_eq(recorded[1], whole);
}
END_TEST

START_TEST(of_nobody)
{
	is_wanted = true;
	connect_once(false, 4096);
	ck_assert_str_eq(recorded[1], "");
	/* Nobody watched when the hello came. */
	is_wanted = false;
	connect_once(true, 4096);
	ck_assert_uint_eq(records, 1);
	ck_assert_str_eq(recorded[0], "");
}
END_TEST

SUITE("engine/fingerprints", one_number_a_text, room_ends_and_comes_back, more_flows_than_numbers,
      of_a_flow, of_nobody)
