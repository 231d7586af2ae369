/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time and the feed; one screen for scripts. */
#include "top/run.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "tacet.h"
#include "top/screen.h"

enum { DEVICES = 256, APPS = 256, NAMES = 2000, RECORDS = 500, RECORD_BYTES = 2048 };
enum { SPAN_MS = 3600000, TURN_MS = 100 };

int64_t top_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int top_feed(struct feed *f, const struct top_options *o, struct error *e)
{
	struct model_limits rows = { { DEVICES, APPS, NAMES }, SPAN_MS };
	struct log_limits records = { RECORDS, RECORDS * RECORD_BYTES, SPAN_MS };

	if (!feed_init(f, o->stats_path, &rows, &records))
		return error_set(e, -ENOMEM, "top: out of memory");
	f->wants_flows = true;
	return 0;
}

void top_turn(struct feed *f, int fd, int wait_ms)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = -1, .events = POLLIN } };

	feed_run(f, top_clock_ms());
	p[1].fd = f->watch ? tacet_fd(f->watch) : -1;
	poll(p, 2, wait_ms);
	feed_run(f, top_clock_ms());
}

static void print_screen(const struct screen *s)
{
	for (int row = 0; row < s->rows; row++) {
		const char *at = s->cell + row * s->cols;
		int n = s->cols;

		while (n && at[n - 1] == ' ')
			n--;
		printf("%.*s\n", n, at);
	}
}

int top_once(const struct top_options *o, struct error *e)
{
	int64_t end = top_clock_ms() + (int64_t)o->seconds * 1000;
	struct screen s = { 0 };
	struct text json = { 0 };
	struct feed f = { 0 };
	struct top t = { .feed = &f };
	int rc = top_feed(&f, o, e);

	if (rc)
		return rc;
	while (top_clock_ms() < end)
		top_turn(&f, -1, TURN_MS);
	t.now_ms = top_clock_ms();
	if (!f.stats.len) {
		rc = error_set(e, -ECONNREFUSED, "top: %s: tacet does not answer", o->stats_path);
	} else if (o->json) {
		top_json(&t, &json);
		rc = json.failed ? error_set(e, -ENOMEM, "top: out of memory") : 0;
		if (!rc)
			fputs(json.at, stdout);
	} else if (screen_resize(&s, o->rows, o->cols)) {
		rc = error_set(e, -ENOMEM, "top: out of memory");
	} else {
		screen_draw(&s, &t);
		s.rows--; /* keys */
		print_screen(&s);
	}
	screen_done(&s);
	text_done(&json);
	feed_done(&f);
	return rc;
}
