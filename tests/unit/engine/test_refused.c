/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was refused lately: series and their delays, one record for all of it, bounds. */
#include "engine/refused.h"

#include <netinet/in.h>
#include <string.h>

#include "suite.h"

#define SECOND 1000000000LL

static struct names *names;
static struct refused told[32];
static unsigned told_count;
static const struct mac tv = { { 2, 0, 0, 0, 0, 1 } }, nobody;
static struct addr client, server;
static const struct verdict nodata = {
	.kind = VERDICT_BLOCK, .how = HOW_NODATA, .role = ROLE_ADS, .answer_ttl_s = 7
};

static void on_told(void *ctx, const struct refused *r)
{
	(void)ctx;
	ck_assert_uint_lt(told_count, 32);
	told[told_count++] = *r;
}

static struct refused_table *table(uint32_t max)
{
	struct refused_table *t;

	hash_seed();
	told_count = 0;
	names = names_new(8);
	t = refused_new(max, names, on_told, NULL);
	ck_assert(t && addr_parse("192.0.2.20", &client) && addr_parse("192.0.2.1", &server));
	return t;
}

static void done(struct refused_table *t)
{
	refused_flush(t);
	ck_assert_uint_eq(refused_now(t), 0);
	ck_assert_uint_eq(names_now(names), 0); /* every one was given back */
	refused_free(t);
	refused_free(NULL);
	names_free(names);
}

static struct refused_ask ask(const struct name *name, int64_t now, uint32_t generation)
{
	return (struct refused_ask){ .mac = &tv,
				     .client = &client,
				     .server = &server,
				     .name = name,
				     .qtype = 1,
				     .port = 53,
				     .proto = IPPROTO_UDP,
				     .generation = generation,
				     .now_ns = now };
}

static struct name name_of(const char *text)
{
	struct name n;

	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

/* As the engine asks: true if it was answered from the table. */
static bool question(struct refused_table *t, const struct refused_ask *a, int64_t *delay)
{
	if (refused_again(t, a, delay))
		return true;
	refused_note(t, a, &nodata, true);
	return false;
}

START_TEST(a_series_is_answered_later_and_later_and_told_once)
{
	static const struct {
		unsigned from;
		int64_t delay;
	} delays[] = { { 5, 0 },
		       { 16, SECOND / 8 },
		       { 32, SECOND / 4 },
		       { 64, SECOND / 2 },
		       { 128, SECOND } };
	struct refused_table *t = table(4);
	struct name name = name_of("ads.example");
	struct refused_ask a = ask(&name, 0, 1);
	size_t step = 0;
	int64_t delay;

	for (unsigned n = 1; n <= 100000; n++) {
		a.now_ns = n * SECOND / 1000;
		ck_assert_uint_eq(question(t, &a, &delay), n > REFUSED_AT_ONCE);
		if (n <= REFUSED_AT_ONCE)
			continue;
		if (step + 1 < sizeof delays / sizeof *delays && n == delays[step + 1].from)
			step++;
		ck_assert_int_eq(delay, delays[step].delay);
	}
	ck_assert_uint_eq(step, 4);
	refused_tick(t, 109 * SECOND);
	ck_assert_uint_eq(told_count, 0);
	refused_tick(t, 111 * SECOND);
	refused_tick(t, 113 * SECOND);
	ck_assert_uint_eq(told_count, 1);
	ck_assert_uint_eq(told[0].untold, 100000 - REFUSED_AT_ONCE);
	ck_assert_int_eq(told[0].untold_ns, 5 * SECOND / 1000);
	ck_assert_int_eq(told[0].last_ns, 100 * SECOND);
	ck_assert_uint_eq(told[0].count, 100000);
	ck_assert_int_eq(told[0].how, HOW_NODATA);
	/* A new series begins at once again. */
	a.now_ns = 114 * SECOND;
	ck_assert(!question(t, &a, &delay));
	done(t);
}
END_TEST

START_TEST(one_without_end_is_told_of_now_and_then)
{
	struct refused_table *t = table(4);
	struct name name = name_of("ads.example");
	struct refused_ask a = ask(&name, 0, 1);
	int64_t delay;

	for (int s = 1; s <= 3 * REFUSED_SUMMARY_S; s++) {
		a.now_ns = s * SECOND;
		question(t, &a, &delay);
		refused_tick(t, a.now_ns);
	}
	ck_assert_uint_eq(told_count, 2);
	ck_assert_uint_eq(told[1].untold, REFUSED_SUMMARY_S + 1); /* both ends count */
	done(t);
	ck_assert_uint_eq(told_count, 3);
}
END_TEST

START_TEST(others_are_decided_for_themselves)
{
	struct refused_table *t = table(16);
	struct name name = name_of("ads.example"), other = name_of("other.example");
	struct refused_ask a = ask(&name, SECOND, 1), b;
	struct addr another;
	int64_t delay;

	for (int i = 0; i < 10; i++)
		question(t, &a, &delay);
	ck_assert(refused_again(t, &a, &delay));
	b = a;
	b.name = &other;
	ck_assert(!refused_again(t, &b, &delay));
	b = a;
	b.qtype = 28;
	ck_assert(!refused_again(t, &b, &delay));
	b = a;
	b.mac = &nobody;
	ck_assert(!refused_again(t, &b, &delay));
	b = a; /* one device at another address */
	ck_assert(addr_parse("2001:db8::7", &another));
	b.client = &another;
	ck_assert(refused_again(t, &b, &delay));
	b = a;
	b.generation = 2; /* another policy */
	ck_assert(!refused_again(t, &b, &delay));
	ck_assert_uint_eq(told_count, 0);
	refused_note(t, &b, &nodata, true);
	ck_assert_uint_eq(told_count, 1);
	ck_assert(!refused_again(t, &b, &delay));
	/* What an answer was refused for begins no series. */
	b.name = &other;
	for (int i = 0; i < 10; i++)
		refused_note(t, &b, &nodata, false);
	ck_assert(!refused_again(t, &b, &delay));
	done(t);
}
END_TEST

START_TEST(the_table_is_bounded_and_forgets)
{
	struct refused_table *t = table(4);
	struct name n[6] = { name_of("a.example"), name_of("b.example"), name_of("c.example"),
			     name_of("d.example"), name_of("e.example") };
	struct refused_ask a;
	int64_t delay;

	for (int i = 0; i < 10; i++) {
		a = ask(&n[0], SECOND, 1);
		question(t, &a, &delay);
	}
	for (int i = 1; i < 5; i++) {
		a = ask(&n[i], i * SECOND, 1);
		question(t, &a, &delay);
	}
	ck_assert_uint_eq(refused_now(t), 4);
	ck_assert_uint_eq(refused_evicted(t), 1);
	ck_assert_uint_eq(told_count, 1); /* what it still had to tell */
	ck_assert_uint_eq(told[0].untold, 10 - REFUSED_AT_ONCE);
	refused_tick(t, (REFUSED_REMEMBER_S + 2) * SECOND);
	ck_assert_uint_eq(refused_now(t), 2);
	/* Names without room are decided, and that is all. */
	for (char c = 'f'; c < 'z'; c++) {
		char text[] = "?.example";

		text[0] = c;
		n[5] = name_of(text);
		a = ask(&n[5], 3 * SECOND, 1);
		refused_note(t, &a, &nodata, true);
	}
	done(t);
}
END_TEST

SUITE("engine/refused", a_series_is_answered_later_and_later_and_told_once,
      one_without_end_is_told_of_now_and_then, others_are_decided_for_themselves,
      the_table_is_bounded_and_forgets)
