/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of apps: begin, end, whose a tracker is, bounds. */
#include "habit/sessions.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

#define S 1000000000LL

static struct app_session ended[8];
static unsigned ended_count;
static struct companion seen[8];
static unsigned seen_count;
static unsigned listed;

static void on_ended(void *ctx, const struct app_session *s)
{
	ck_assert(!s->is_open);
	ended[ended_count++ % 8] = *s;
}

static void on_companion(void *ctx, const struct companion *c)
{
	seen[seen_count++ % 8] = *c;
}

static void on_session(void *ctx, const struct app_session *s)
{
	listed++;
}

static struct sessions *make(uint32_t sessions, uint32_t companions)
{
	struct sessions_options o = { .max_sessions = sessions,
				      .max_companions = companions,
				      .ended = on_ended };
	struct sessions *s = sessions_new(&o);

	ck_assert_ptr_nonnull(s);
	ended_count = seen_count = listed = 0;
	return s;
}

static struct whose device(uint8_t n)
{
	struct mac mac = { { 2, 0, 0, 0, 0, n } };
	struct addr none = { .family = 0 };

	return whose(&mac, &none);
}

static struct name name(const char *text)
{
	struct name n = { .len = 0 };

	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

START_TEST(begin_and_end)
{
	struct sessions *s = make(8, 8);
	struct whose tv = device(1);
	struct sessions_counters c;

	sessions_contact(s, &tv, "hulu", false, 10 * S);
	sessions_contact(s, &tv, "hulu", false, 200 * S);
	sessions_tick(s, 499 * S);
	ck_assert_uint_eq(ended_count, 0);
	sessions_tick(s, 500 * S); /* five minutes after the last */
	ck_assert_uint_eq(ended_count, 1);
	ck_assert_int_eq(ended[0].first_ns, 10 * S);
	ck_assert_int_eq(ended[0].last_ns, 200 * S);
	ck_assert_uint_eq(ended[0].contacts, 2);
	ck_assert_uint_eq(ended[0].number, 1);
	/* The next one, ended by a contact that comes too late for it. */
	sessions_contact(s, &tv, "hulu", false, 1000 * S);
	sessions_contact(s, &tv, "hulu", false, 2000 * S);
	ck_assert_uint_eq(ended_count, 2);
	ck_assert_int_eq(ended[1].last_ns, 1000 * S);
	sessions_flush(s);
	ck_assert_uint_eq(ended_count, 3);
	ck_assert_uint_eq(ended[2].number, 3);
	sessions_each(s, on_session, NULL);
	ck_assert_uint_eq(listed, 1); /* the last one, which is over */
	sessions_counters(s, &c);
	ck_assert_uint_eq(c.begun, 3);
	ck_assert_uint_eq(c.now, 0);
	sessions_free(s);
	sessions_free(NULL);
}
END_TEST

START_TEST(whose_session_it_is)
{
	struct sessions *s = make(8, 8);
	struct whose tv = device(1), phone = device(2);

	ck_assert_ptr_null(sessions_app(s, &tv, 1));
	sessions_contact(s, &tv, "hulu", false, 10 * S);
	ck_assert_str_eq(sessions_app(s, &tv, 10 * S), "hulu");
	ck_assert_str_eq(sessions_app(s, &tv, 70 * S), "hulu");
	ck_assert_ptr_null(sessions_app(s, &tv, 71 * S)); /* it has fallen silent */
	ck_assert_ptr_null(sessions_app(s, &tv, 9 * S));  /* before it began */
	ck_assert_ptr_null(sessions_app(s, &phone, 10 * S));
	sessions_contact(s, &tv, "netflix", false, 30 * S);
	ck_assert_ptr_null(sessions_app(s, &tv, 40 * S)); /* of two nobody knows */
	ck_assert_str_eq(sessions_app(s, &tv, 20 * S), "hulu");
	ck_assert_str_eq(sessions_app(s, &tv, 80 * S), "netflix");
	/* What the app runs on speaks all the time. */
	sessions_contact(s, &tv, "roku-os", true, 100 * S);
	ck_assert_str_eq(sessions_app(s, &tv, 80 * S), "netflix");
	ck_assert_str_eq(sessions_app(s, &tv, 101 * S), "roku-os");
	sessions_contact(s, &tv, "netflix", false, 110 * S);
	ck_assert_str_eq(sessions_app(s, &tv, 110 * S), "netflix");
	sessions_free(s);
}
END_TEST

START_TEST(how_often_a_tracker_appears)
{
	struct sessions *s = make(8, 8);
	struct whose tv = device(1);
	struct name tracker = name("sdk.example");

	for (int i = 0; i < 5; i++) {
		int64_t at = (1000 * i + 1) * S;

		sessions_contact(s, &tv, "hulu", false, at);
		if (i == 2)
			continue;
		for (int n = 0; n < 3; n++)
			sessions_companion(s, &tv, "hulu", &tracker, false, at + n);
	}
	sessions_companion(s, &tv, NULL, &tracker, true, 9000 * S);
	sessions_contact(s, &tv, "hulu", false, 9000 * S);
	sessions_each_companion(s, on_companion, NULL);
	ck_assert_uint_eq(seen_count, 2);
	ck_assert_str_eq(seen[0].app, "hulu");
	ck_assert_str_eq(seen[0].name.text, "sdk.example");
	ck_assert_uint_eq(seen[0].sessions, 4);
	ck_assert_uint_eq(seen[0].of, 6); /* the one that is open counts */
	ck_assert_uint_eq(seen[0].contacts, 12);
	ck_assert(!seen[0].refused);
	ck_assert_str_eq(seen[1].app, "");
	ck_assert_uint_eq(seen[1].sessions, 0);
	ck_assert(seen[1].refused);
	sessions_flush(s);
	ck_assert_uint_eq(ended[0].trackers, 3);
	ck_assert_uint_eq(ended[2].trackers, 0);
	sessions_free(s);
}
END_TEST

START_TEST(tables_are_bounded)
{
	struct sessions *s = make(3, 4);
	struct sessions_counters c;
	char text[32];

	for (uint8_t i = 0; i < 10; i++) {
		struct whose w = device(i);

		sessions_contact(s, &w, i & 1 ? "hulu" : "netflix", false, i * S);
		for (int n = 0; n < 3; n++) {
			struct name host;

			snprintf(text, sizeof text, "t%d-%d.example", i, n);
			host = name(text);
			sessions_companion(s, &w, sessions_app(s, &w, i * S), &host, false, i * S);
		}
	}
	sessions_counters(s, &c);
	ck_assert_uint_eq(c.begun, 10);
	ck_assert_uint_eq(c.evicted, 7);
	ck_assert_uint_eq(ended_count, 7); /* each was told */
	ck_assert_uint_eq(c.now, 3);
	ck_assert_uint_eq(c.companions_now, 4);
	ck_assert_uint_eq(c.companions_evicted, 26);
	sessions_free(s);
}
END_TEST

START_TEST(time_that_steps_back)
{
	struct sessions *s = make(2, 2);
	struct whose tv = device(1);

	sessions_contact(s, &tv, "hulu", false, 100 * S);
	sessions_contact(s, &tv, "hulu", false, 50 * S);
	sessions_flush(s);
	ck_assert_int_eq(ended[0].last_ns, 100 * S);
	ck_assert_uint_eq(ended[0].contacts, 2);
	sessions_free(s);
}
END_TEST

SUITE("habit/sessions", begin_and_end, whose_session_it_is, how_often_a_tracker_appears,
      tables_are_bounded, time_that_steps_back)
