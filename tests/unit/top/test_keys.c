/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What keys change. */
#include <string.h>

#include "suite.h"
#include "top/top.h"

static const int64_t now = INT64_C(1769890500000);
static struct feed feed;
static struct top top;

static void record(const char *device, const char *name, const char *verdict, int times)
{
	struct view_record r = { .type = RECORD_DNS, .verdict = view_verdict_parse(verdict) };

	strcpy(r.device, device);
	strcpy(r.name, name);
	while (times--)
		model_record(feed.model, &r, now);
}

static void begin(void)
{
	struct model_limits limits = { { 50, 50, 50 }, 3600000 };
	struct log_limits records = { 50, 100000, 3600000 };

	ck_assert(feed_init(&feed, "/nowhere", &limits, &records));
	top = (struct top){ .feed = &feed, .now_ms = now };
	record("tv", "m.example", "allow", 3);
	record("tv", "z.tracker.test", "block", 2);
	record("pad", "a.example", "allow", 1);
}

static void end(void)
{
	text_done(&top.told);
	feed_done(&feed);
}

static void press(const char *keys)
{
	for (; *keys; keys++)
		ck_assert_int_eq(top_key(&top, *keys), TOP_NOTHING);
}

static const char *names(void)
{
	static char out[200];
	size_t n = 0;
	struct model_row *rows = top_rows(&top, PANE_NAMES, &n);

	*out = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(strcat(out, rows[i].name), " ");
	free(rows);
	return out;
}

START_TEST(sort)
{
	begin();
	ck_assert_str_eq(names(), "m.example z.tracker.test a.example ");
	press("ss");
	ck_assert_str_eq(names(), "z.tracker.test m.example a.example ");
	press("s");
	ck_assert_str_eq(names(), "a.example m.example z.tracker.test ");
	end();
}
END_TEST

START_TEST(filter)
{
	begin();
	press("/TRACKq");
	ck_assert_str_eq(names(), "");
	top_key(&top, TOP_BACKSPACE);
	press("\n");
	ck_assert_str_eq(names(), "z.tracker.test ");
	press("/\033b");
	ck_assert_str_eq(names(), "z.tracker.test ");
	press("b");
	ck_assert_str_eq(names(), "m.example z.tracker.test a.example ");
	end();
}
END_TEST

START_TEST(select_and_device)
{
	char name[256], device[64];

	begin();
	press("jjjj");
	ck_assert(top_selected_name(&top, name, device));
	ck_assert_str_eq(name, "a.example");
	ck_assert_str_eq(device, "pad");
	top_key(&top, TOP_PAGE_UP);
	ck_assert(top_selected_name(&top, name, device));
	ck_assert_str_eq(name, "m.example");
	ck_assert_int_eq(top_key(&top, '\n'), TOP_EXPLAIN);
	press("\tj\n");
	ck_assert_str_eq(names(), "a.example ");
	press("d");
	ck_assert_str_eq(top.device, "");
	end();
}
END_TEST

START_TEST(pause_asks_first)
{
	begin();
	press("pn");
	press("p");
	ck_assert_int_eq(top_key(&top, 'y'), TOP_PAUSE);
	text_str(&feed.stats, "{\"paused_until\":\"resume\"}");
	ck_assert_int_eq(top_key(&top, 'p'), TOP_RESUME);
	end();
}
END_TEST

/* The question is about what was selected when it was asked, and is answered by y alone. */
START_TEST(allow_asks_first)
{
	begin();
	ck_assert_int_eq(top_key(&top, 'a'), TOP_NOTHING);
	ck_assert_int_eq(top.prompt, PROMPT_ALLOW);
	ck_assert(*top.asked_name);
	ck_assert_int_eq(top_key(&top, 'n'), TOP_NOTHING);
	ck_assert_int_eq(top.prompt, PROMPT_NONE);
	press("a");
	ck_assert_int_eq(top_key(&top, 'y'), TOP_ALLOW);
	ck_assert_int_eq(top_key(&top, 'r'), TOP_RESUME);
	end();
}
END_TEST

/* Rules know no addresses and pseudonyms. */
START_TEST(devices_without_a_name)
{
	static const char *const none[] = { "192.168.1.20", "fd00::1", "02:00:5e:00:53:01",
					    "device-0a1b2c" };
	struct model_row *rows;
	size_t n;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct view_record r = { .type = RECORD_DNS, .verdict = RECORD_BLOCK };

		begin();
		model_clear(feed.model);
		strcpy(r.device, none[i]);
		strcpy(r.name, "a.example");
		model_record(feed.model, &r, top.now_ms);
		rows = top_rows(&top, PANE_NAMES, &n);
		ck_assert_uint_eq(n, 1);
		free(rows);
		press("P");
		ck_assert_int_eq(top.prompt, PROMPT_NONE);
		ck_assert(*top.message);
		press("a");
		ck_assert_str_eq(top.asked_name, "a.example");
		ck_assert_str_eq(top.asked_device, "");
		end();
	}
	begin();
	press("P");
	ck_assert_int_eq(top.prompt, PROMPT_PAUSE_DEVICE);
	ck_assert_int_eq(top_key(&top, 'y'), TOP_PAUSE_DEVICE);
	end();
}
END_TEST

START_TEST(held_and_covered)
{
	begin();
	press(" s");
	ck_assert(top.is_frozen);
	ck_assert_int_eq(top.sort, SORT_CONTACTS);
	press(" h");
	ck_assert(!top.is_frozen && top.show_help);
	press("s");
	ck_assert(!top.show_help);
	ck_assert_int_eq(top.sort, SORT_CONTACTS);
	top_tell(&top, "{\"name\":\"a\\u001bb.example\",\"verdict\":\"block\"}");
	ck_assert_str_eq(top.told.at, "name      a\\x1bb.example\nverdict   block\n");
	ck_assert_int_eq(top_key(&top, 'q'), TOP_QUIT);
	end();
}
END_TEST

SUITE("top/keys", sort, filter, select_and_device, pause_asks_first, allow_asks_first,
      devices_without_a_name, held_and_covered)
