/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands where at three sizes. */
#include "top/screen.h"

#include <string.h>

#include "suite.h"

static const int64_t now = INT64_C(1769890500000); /* 2026-01-31 20:15:00 UTC */
static const char stats[] =
	"{\"mode\":\"enforce\",\"uptime_s\":61,\"queue_waiting\":2,\"queue_kernel_dropped\":0,"
	"\"queue_packets\":1234,\"blocked\":7,\"logged\":0,\"allowed\":99,\"rules\":5,"
	"\"kept_packets\":56789,\"memory_bytes\":12500000,\"lists_generation\":6,"
	"\"lists_changed_timestamp_seconds\":1769879100,\"index_bytes\":2000000,"
	"\"backend\":\"nft\",\"flows_now\":3,\"questions\":40}";

static struct feed feed;
static struct top top;
static struct screen screen;

static void record(const char *line)
{
	struct view_record r;

	ck_assert(view_record_parse(line, &r));
	/* One after the other: what is equal in all else has the newest first. */
	model_record(feed.model, &r, now + (int64_t)view_log_next(feed.log));
	view_log_add(feed.log, &r, line, now);
}

static void begin(int rows, int cols)
{
	struct model_limits limits = { { 50, 50, 50 }, 3600000 };
	struct log_limits records = { 50, 100000, 3600000 };

	setenv("TZ", "UTC", 1);
	ck_assert(feed_init(&feed, "/nowhere", &limits, &records));
	text_str(&feed.stats, stats);
	top = (struct top){ .feed = &feed, .now_ms = now };
	record("{\"type\":\"dns\",\"device\":\"tv\",\"qname\":\"film.example\",\"app\":\"netflix\","
	       "\"role\":\"content\",\"verdict\":\"allow\"}");
	record("{\"type\":\"dns\",\"device\":\"tv\",\"qname\":\"film.example\",\"app\":\"netflix\","
	       "\"role\":\"content\",\"verdict\":\"allow\"}");
	record("{\"type\":\"flow\",\"id\":1,\"device\":\"tv\",\"name\":\"logs.tracker.test\","
	       "\"app\":\"netflix\",\"role\":\"telemetry\",\"verdict\":\"block\","
	       "\"rule\":\"||tracker.test^\"}");
	record("{\"type\":\"dns\",\"device\":\"pad\",\"qname\":\"\\u001b[2Jx.test\","
	       "\"verdict\":\"log\"}");
	ck_assert_int_eq(screen_resize(&screen, rows, cols), 0);
	screen_draw(&screen, &top);
}

static void end(void)
{
	screen_done(&screen);
	text_done(&top.told);
	feed_done(&feed);
}

/* A line without the blanks at its end. */
static const char *line(int row)
{
	static char buf[512];
	int n = screen.cols;

	ck_assert_int_lt(row, screen.rows);
	memcpy(buf, screen.cell + row * screen.cols, (size_t)n);
	while (n && buf[n - 1] == ' ')
		n--;
	buf[n] = '\0';
	return buf;
}

#define LINE(row, want) ck_assert_str_eq(line(row), want)
#define HAS(row, want)	ck_assert_msg(strstr(line(row), want) != NULL, "%s", line(row))

START_TEST(at_80x24)
{
	begin(24, 80);
	LINE(0, "tacet enforce  privacy level 0, in memory alone  up 61 s  nft");
	LINE(1, "blocked 7  would 0  queue 2 waiting, 0 dropped  packets 1234 up, 56789 in kernel");
	LINE(2, "memory 12.5 MB  rules 5, generation 6, 3 h old  flows 3  questions 40");
	LINE(3, "DEVICE                                         CONTACTS  BLOCKED  /MIN        UP");
	HAS(4, "tv  ");
	LINE(6, "NAME                          APP       ROLE      VERDICT /MIN RULE");
	LINE(7, "film.example                  netflix   content   allow      2 -");
	HAS(8, "log ");
	HAS(8, "\\x1b[2Jx.test ");
	LINE(9, "logs.tracker.test             netflix   telemetry block      1 ||tracker.test^");
	LINE(17, "LAST DECISIONS, newest below");
	LINE(21, "20:15:00 block flow tv              logs.tracker.test");
	LINE(22, "20:15:00 log   dns  pad             \\x1b[2Jx.test");
	HAS(23, "h help");
	ck_assert_int_eq(screen.style[9 * 80], STYLE_BLOCK);
	ck_assert_int_eq(screen.style[7 * 80], STYLE_SELECTED);
	end();
}
END_TEST

START_TEST(at_120x40)
{
	begin(40, 120);
	HAS(3, "DEVICE");
	HAS(9, "NAME");
	HAS(9, "DEVICE           APP             ROLE      VERDICT /MIN  COUNT RULE");
	HAS(10, "film.example ");
	HAS(10, "tv               netflix         content   allow      2      2 -");
	HAS(29, "LAST DECISIONS");
	HAS(38, "\\x1b[2Jx.test");
	HAS(39, "h help");
	end();
}
END_TEST

START_TEST(at_60x15)
{
	begin(15, 60);
	LINE(0, "tacet enforce  privacy level 0, in memory alone  up 61 s");
	LINE(1, "blocked 7  would 0  queue 2 waiting, 0 dropped");
	LINE(2, "NAME                                  ROLE      VERDICT /MIN");
	LINE(3, "film.example                          content   allow      2");
	LINE(5, "logs.tracker.test                     telemetry block      1");
	LINE(6, "");
	HAS(14, "h help");
	top_key(&top, '\t');
	screen_draw(&screen, &top);
	HAS(2, "DEVICE");
	end();
}
END_TEST

static bool is_printable(void)
{
	for (int i = 0; i < screen.rows * screen.cols; i++)
		if (screen.cell[i] < ' ' || screen.cell[i] > '~')
			return false;
	return true;
}

START_TEST(any_size_is_filled_with_printable_cells)
{
	for (int rows = 0; rows < 60; rows++) {
		struct screen_layout l = screen_layout(rows);

		if (rows >= 5)
			ck_assert_int_eq(l.header + (l.devices ? l.devices + 1 : 0) + l.names + 1 +
						 (l.log ? l.log + 1 : 0) + 1,
					 rows);
		begin(rows, rows * 4);
		for (int i = 0; i < 2; i++) {
			ck_assert(is_printable());
			top_key(&top, 'h');
			screen_draw(&screen, &top);
		}
		end();
	}
}
END_TEST

START_TEST(without_a_connection_it_says_so)
{
	begin(24, 80);
	text_clear(&feed.stats);
	screen_draw(&screen, &top);
	HAS(0, "no connection");
	end();
}
END_TEST

SUITE("top/screen", at_80x24, at_120x40, at_60x15, any_size_is_filled_with_printable_cells,
      without_a_connection_it_says_so)
