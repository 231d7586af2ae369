/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop: browsers, the stats socket, time. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "tacet.h"
#include "web/server.h"
#include "web/stream.h"

enum { TURN_MS = 500, DEVICES = 256, APPS = 256, NAMES = 5000, RECORD_BYTES = 1024 };

int64_t web_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What came into the log goes into the history. */
static void follow(struct web *w, int64_t now_ms)
{
	const struct view_log *log = w->feed.log;
	const struct log_entry *e;

	if (!w->history)
		return;
	if (w->feed.privacy > w->history_level)
		history_raise(w->history, w->feed.privacy);
	w->history_level = w->feed.privacy;
	for (; w->history_next < view_log_next(log); w->history_next++) {
		e = view_log_at(log, w->history_next);
		if (e)
			history_add(w->history, e, w->feed.privacy);
	}
	history_run(w->history, now_ms);
}

static void serve(struct web *w, struct MHD_Daemon *http, int stop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(http, MHD_DAEMON_INFO_EPOLL_FD);
	struct pollfd p[3] = { { .fd = stop, .events = POLLIN },
			       { .fd = info->epoll_fd, .events = POLLIN },
			       { .events = POLLIN } };
	MHD_UNSIGNED_LONG_LONG ms;

	while (!p[0].revents) {
		int64_t now = web_now_ms();

		feed_run(&w->feed, now);
		follow(w, now);
		view_log_expire(w->feed.log, now);
		model_expire(w->feed.model, now);
		streams_wake(w, now);
		MHD_run(http);
		if (MHD_get_timeout(http, &ms) != MHD_YES || ms > TURN_MS)
			ms = TURN_MS;
		p[2].fd = w->feed.watch ? tacet_fd(w->feed.watch) : -1;
		poll(p, 3, (int)ms);
	}
	streams_end(w);
	MHD_run(http);
}

int web_run(const struct web_options *o, struct error *e)
{
	int64_t span_ms = (int64_t)o->keep_minutes * 60000;
	struct model_limits rows = { { DEVICES, APPS, NAMES }, span_ms };
	struct log_limits records = { o->keep_records, o->keep_records * RECORD_BYTES, span_ms };
	struct history_options history = { o->history, o->history_days, o->history_records };
	struct web w = { .o = *o, .started_ms = web_now_ms(), .history_next = 1 };
	struct MHD_Daemon *http = NULL;
	int stop = signals(), rc = 0;

	if (!feed_init(&w.feed, o->stats_path, &rows, &records) || stop < 0)
		rc = error_set(e, -ENOMEM, "web: out of memory");
	else if (o->history && (rc = history_open(&history, &w.history, e)))
		;
	else if (!(http = http_open(&w, e)))
		rc = -EIO;
	else {
		o->ready(o);
		serve(&w, http, stop);
	}
	if (http)
		MHD_stop_daemon(http);
	history_close(w.history);
	feed_done(&w.feed);
	if (stop >= 0)
		close(stop);
	return rc;
}
