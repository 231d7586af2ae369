/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watch, and single requests. */
#include "view/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tacet.h"

enum { RETRY_MS = 1000, STATS_MS = 2000, OPEN_MS = 500, ANSWER_MS = 1500, LINES_A_TURN = 2000 };

bool feed_init(struct feed *f, const char *path, const struct model_limits *rows,
	       const struct log_limits *records)
{
	*f = (struct feed){ .path = path, .model = model_new(rows), .log = view_log_new(records) };
	if (f->model && f->log)
		return true;
	feed_done(f);
	return false;
}

void feed_done(struct feed *f)
{
	tacet_close(f->watch);
	model_free(f->model);
	view_log_free(f->log);
	text_done(&f->stats);
	*f = (struct feed){ 0 };
}

static uint64_t number(const char *line, const char *path)
{
	char digits[24];

	return tacet_field(line, path, digits, sizeof(digits)) > 0 ? strtoull(digits, NULL, 10) : 0;
}

/* The value of a member as JSON text; strings come without their quotes. */
static bool put_field(const char *line, const char *path, struct text *out)
{
	long n = tacet_field(line, path, NULL, 0);
	char *copy = n >= 0 ? malloc((size_t)n + 1) : NULL;

	if (!copy)
		return false;
	tacet_field(line, path, copy, (size_t)n + 1);
	text_put(out, copy, (size_t)n);
	free(copy);
	return true;
}

/* What a lower level let be kept must not outlive a higher one. */
static void set_privacy(struct feed *f, unsigned level)
{
	if (level > f->privacy) {
		model_clear(f->model);
		view_log_clear(f->log);
	}
	f->privacy = level;
}

/* Another tacet than before numbers its flows anew. */
static void note_start(struct feed *f, const char *hello)
{
	char started[sizeof(f->started)];

	tacet_field(hello, "started", started, sizeof(started));
	if (strcmp(started, f->started) != 0)
		model_restarted(f->model);
	memcpy(f->started, started, sizeof(started));
}

static void connect_now(struct feed *f, int64_t now_ms)
{
	f->retry_ms = now_ms + RETRY_MS;
	f->watch = tacet_open_within(f->path, OPEN_MS);
	if (!f->watch)
		return;
	set_privacy(f, (unsigned)number(tacet_hello(f->watch), "privacy"));
	note_start(f, tacet_hello(f->watch));
	f->asked_ms = 0;
	f->stats_seq++;
	if (tacet_send(f->watch, "watch") < 0 ||
	    (f->wants_flows && tacet_send(f->watch, "flows") < 0)) {
		tacet_close(f->watch);
		f->watch = NULL;
	}
}

static void disconnect(struct feed *f)
{
	tacet_close(f->watch);
	f->watch = NULL;
	text_clear(&f->stats);
	f->stats_seq++;
}

static void take_stats(struct feed *f, const char *line, int64_t now_ms)
{
	struct model_counts c = { number(line, "data.allowed"), number(line, "data.logged"),
				  number(line, "data.blocked") };

	model_counts(f->model, &c, now_ms);
	set_privacy(f, (unsigned)number(line, "data.privacy"));
	text_clear(&f->stats);
	put_field(line, "data", &f->stats);
	f->stats_seq++;
}

/* A flow that is open already, out of the answer to flows. */
static void take_flow(struct feed *f, const char *line, int64_t now_ms)
{
	struct text flow = { 0 };
	struct view_record r;

	if (put_field(line, "data", &flow) && !flow.failed && view_record_parse(flow.at, &r))
		model_record(f->model, &r, now_ms);
	text_done(&flow);
}

static void take_line(struct feed *f, const char *line, int64_t now_ms)
{
	struct view_record r;
	char ok[8];

	if (tacet_field(line, "ok", ok, sizeof(ok)) > 0) {
		if (tacet_field(line, "data.mode", ok, sizeof(ok)) > 0)
			take_stats(f, line, now_ms);
		else if (tacet_field(line, "data.type", ok, sizeof(ok)) > 0)
			take_flow(f, line, now_ms);
		return;
	}
	if (!view_record_parse(line, &r))
		return;
	if (r.type == RECORD_LOST) {
		f->lost += r.repeats;
		f->stats_seq++;
		return;
	}
	if (r.type == RECORD_OTHER) {
		f->asked_ms = 0; /* a new state: ask for it now */
		return;
	}
	model_record(f->model, &r, now_ms);
	view_log_add(f->log, &r, line, now_ms);
}

void feed_run(struct feed *f, int64_t now_ms)
{
	const char *line;
	int rc = 1;

	if (!f->watch && now_ms >= f->retry_ms)
		connect_now(f, now_ms);
	if (!f->watch)
		return;
	for (int i = 0; i < LINES_A_TURN && rc == 1; i++) {
		rc = tacet_next(f->watch, 0, &line);
		if (rc == 1)
			take_line(f, line, now_ms);
	}
	if (rc >= 0 && now_ms - f->asked_ms >= STATS_MS) {
		f->asked_ms = now_ms;
		rc = tacet_send(f->watch, "{\"id\":1,\"cmd\":\"stats\"}");
	}
	if (rc < 0)
		disconnect(f);
}

static int take_answer(struct tacet *t, struct text *data)
{
	const char *line;
	char word[8] = "";
	bool several = false;
	int rc;

	for (;;) {
		rc = tacet_next(t, ANSWER_MS, &line);
		if (rc <= 0)
			return rc ? rc : -ETIMEDOUT;
		if (tacet_field(line, "ok", word, sizeof(word)) < 0)
			continue;
		if (strcmp(word, "true") != 0) {
			text_clear(data);
			put_field(line, "error", data);
			return -EINVAL;
		}
		if (tacet_field(line, "more", word, sizeof(word)) < 0) {
			put_field(line, "data", data);
			return 0;
		}
		if (!strcmp(word, "true")) {
			text_str(data, several ? "," : "[");
			several = true;
			put_field(line, "data", data);
			continue;
		}
		text_str(data, several ? "]" : "[]");
		return 0;
	}
}

int feed_ask(const char *path, const char *request, struct text *data)
{
	struct tacet *t = tacet_open_within(path, OPEN_MS);
	int rc;

	if (!t)
		return -errno;
	rc = tacet_send(t, request);
	if (!rc)
		rc = take_answer(t, data);
	tacet_close(t);
	return rc;
}
