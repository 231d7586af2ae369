/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hosts behave like a tracker, and which do not. */
#include "habit/suspects.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define MS 1000000LL
#define S  (1000 * MS)

static struct suspect found[16];
static unsigned found_count;
static uint32_t seed;

static void each(void *ctx, const struct suspect *s)
{
	ck_assert_uint_lt(found_count, 16);
	found[found_count++] = *s;
}

static const struct suspect *of(const struct suspects *s, const char *host)
{
	found_count = 0;
	suspects_each(s, each, NULL);
	for (unsigned i = 0; i < found_count; i++)
		if (!strcmp(found[i].name.text, host))
			return &found[i];
	return NULL;
}

static struct whose device(uint8_t n)
{
	struct mac mac = { { 2, 0, 0, 0, 0, n } };
	struct addr none = { .family = 0 };

	return whose(&mac, &none);
}

/* The same for every run: -range..range. */
static int64_t jitter(int64_t range)
{
	seed = seed * 1664525 + 1013904223;
	return (int64_t)(seed >> 8) % (2 * range + 1) - range;
}

static void visit(struct suspects *s, uint8_t who, const char *host, const char *app, int64_t at,
		  uint64_t up, uint64_t down)
{
	struct whose w = device(who);
	struct name n = { .len = 0 };

	ck_assert(name_from_text(host, strlen(host), &n));
	suspects_contact(s, &w, &n, app, at);
	suspects_contact(s, &w, &n, app, at + 300 * MS); /* the same burst */
	suspects_bytes(s, &n, up, down, true);
}

/* The periods that are known: LG's and Samsung's recognition of what is on the screen. */
START_TEST(clockwork)
{
	static const uint32_t periods[] = { 15, 60, 600 };

	for (size_t i = 0; i < 3; i++) {
		struct suspects *s = suspects_new(8);
		const struct suspect *one;
		int64_t at = 5 * S;

		for (int n = 0; n < 20; n++) {
			at += periods[i] * S + jitter(400 * MS);
			if (n != 7) /* one is missed */
				visit(s, 1, "acr.example", NULL, at, 9000, 4000);
		}
		one = of(s, "acr.example");
		ck_assert_ptr_nonnull(one);
		ck_assert(one->is_periodic && !one->is_shared);
		ck_assert_uint_ge(one->period_ms, periods[i] * 970);
		ck_assert_uint_le(one->period_ms, periods[i] * 1030);
		ck_assert_uint_ge(one->regular_permille, 950);
		ck_assert_uint_eq(one->bursts, 19);
		suspects_free(s);
	}
	suspects_free(NULL);
}
END_TEST

START_TEST(several_devices_or_apps)
{
	struct suspects *s = suspects_new(8);
	const struct suspect *one;

	for (int n = 0; n < 4; n++) {
		visit(s, 1, "two.example", NULL, (10 + 97 * n * n) * S, 3000, 5000);
		visit(s, 2, "two.example", NULL, (50 + 83 * n * n) * S, 3000, 5000);
		visit(s, 1, "apps.example", n & 1 ? "hulu" : "netflix", (9 + 71 * n * n) * S, 2000,
		      100);
		visit(s, 1, "one.example", "hulu", (10 + 61 * n * n) * S, 3000, 5000);
	}
	for (int n = 0; n < 4; n++)
		visit(s, 1, "apps.example", "hulu", (9000 + 71 * n * n) * S, 2000, 100);
	one = of(s, "two.example");
	ck_assert(one && one->is_shared && !one->is_periodic && one->devices == 2);
	one = of(s, "apps.example");
	ck_assert(one && one->is_shared && one->devices == 1 && one->apps == 2);
	ck_assert_str_eq(one->app[0], "netflix");
	ck_assert_str_eq(one->app[1], "hulu");
	ck_assert_str_eq(one->app[2], "");
	ck_assert_ptr_null(of(s, "one.example"));
	suspects_free(s);
}
END_TEST

/* A film's parts come by clockwork too, and a page's from everywhere: both come down. */
START_TEST(what_comes_down_is_none)
{
	struct suspects *s = suspects_new(8);

	for (int n = 0; n < 30; n++) {
		visit(s, 1, "film.example", NULL, (5 + 6 * n) * S, 3000, 900000);
		visit(s, (uint8_t)(1 + n % 3), "pictures.example", NULL, (5 + n * n) * S, 2000,
		      60000);
		visit(s, (uint8_t)(1 + n % 3), "icons.example", NULL, (7 + n * n) * S, 2000, 30000);
		visit(s, 1, "backup.example", NULL, (5 + 60 * n) * S, 90 << 20, 9000);
		visit(s, 1, "person.example", NULL, 5 * S + (n * 40 + jitter(15)) * S, 3000, 2000);
	}
	ck_assert_ptr_null(of(s, "film.example"));
	ck_assert_ptr_null(of(s, "pictures.example"));
	ck_assert_ptr_null(of(s, "icons.example"));
	ck_assert_ptr_null(of(s, "backup.example"));
	ck_assert_ptr_null(of(s, "person.example"));
	suspects_free(s);
}
END_TEST

START_TEST(few_say_nothing)
{
	struct suspects *s = suspects_new(8);

	for (int n = 0; n < SUSPECT_BURSTS - 1; n++)
		visit(s, 1, "few.example", NULL, (5 + 15 * n) * S, 3000, 2000);
	ck_assert_ptr_null(of(s, "few.example"));
	visit(s, 1, "few.example", NULL, (5 + 15 * SUSPECT_BURSTS - 15) * S, 3000, 2000);
	ck_assert_ptr_nonnull(of(s, "few.example"));
	suspects_free(s);
}
END_TEST

START_TEST(the_table_is_bounded)
{
	struct suspects *s = suspects_new(3);
	struct suspects_counters c;
	char host[32];

	for (int n = 0; n < 10; n++) {
		snprintf(host, sizeof host, "h%d.example", n);
		visit(s, 1, host, NULL, n * S, 1, 1);
		visit(s, 1, "often.example", NULL, n * S, 1, 1);
	}
	suspects_counters(s, &c);
	ck_assert_uint_eq(c.now, 3);
	ck_assert_uint_eq(c.hosts, 11);
	ck_assert_uint_eq(c.evicted, 8);
	/* More devices than are told apart. */
	for (int n = 0; n < 100; n++)
		visit(s, (uint8_t)n, "often.example", NULL, (100 + n * 5) * S, 3000, 100);
	ck_assert_uint_eq(of(s, "often.example")->devices, 8);
	suspects_free(s);
}
END_TEST

SUITE("habit/suspects", clockwork, several_devices_or_apps, what_comes_down_is_none,
      few_say_nothing, the_table_is_bounded)
