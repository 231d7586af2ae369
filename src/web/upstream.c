/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection to the stats socket, and single requests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "web/internal.h"

enum { RETRY_MS = 1000, STATS_MS = 2000, OPEN_MS = 500, ANSWER_MS = 1500, LINES_A_TURN = 2000 };

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
static void set_privacy(struct web *w, unsigned level)
{
	if (level > w->privacy) {
		model_clear(w->model);
		view_log_clear(w->log);
	}
	w->privacy = level;
}

static void connect_now(struct web *w, int64_t now_ms)
{
	w->retry_ms = now_ms + RETRY_MS;
	w->watch = tacet_open_within(w->o.stats_path, OPEN_MS);
	if (!w->watch)
		return;
	set_privacy(w, (unsigned)number(tacet_hello(w->watch), "privacy"));
	w->asked_ms = 0;
	w->stats_seq++;
	if (tacet_send(w->watch, "watch") < 0) {
		tacet_close(w->watch);
		w->watch = NULL;
	}
}

static void disconnect(struct web *w)
{
	tacet_close(w->watch);
	w->watch = NULL;
	text_clear(&w->stats);
	w->stats_seq++;
	w->has_news = true;
}

static void take_stats(struct web *w, const char *line, int64_t now_ms)
{
	struct model_counts c = { number(line, "data.allowed"), number(line, "data.logged"),
				  number(line, "data.blocked") };

	model_counts(w->model, &c, now_ms);
	set_privacy(w, (unsigned)number(line, "data.privacy"));
	text_clear(&w->stats);
	put_field(line, "data", &w->stats);
	w->stats_seq++;
}

static void take_line(struct web *w, const char *line, int64_t now_ms)
{
	struct view_record r;
	char ok[8];

	w->has_news = true;
	if (tacet_field(line, "ok", ok, sizeof(ok)) > 0) {
		if (tacet_field(line, "data.mode", ok, sizeof(ok)) > 0)
			take_stats(w, line, now_ms);
		return;
	}
	if (!view_record_parse(line, &r))
		return;
	if (r.type == RECORD_OTHER) {
		w->asked_ms = 0; /* a new state: ask for it now */
		return;
	}
	model_record(w->model, &r, now_ms);
	view_log_add(w->log, &r, line, now_ms);
}

void upstream_run(struct web *w, int64_t now_ms)
{
	const char *line;
	int rc = 1;

	if (!w->watch && now_ms >= w->retry_ms)
		connect_now(w, now_ms);
	if (!w->watch)
		return;
	for (int i = 0; i < LINES_A_TURN && rc == 1; i++) {
		rc = tacet_next(w->watch, 0, &line);
		if (rc == 1)
			take_line(w, line, now_ms);
	}
	if (rc >= 0 && now_ms - w->asked_ms >= STATS_MS) {
		w->asked_ms = now_ms;
		rc = tacet_send(w->watch, "{\"id\":1,\"cmd\":\"stats\"}");
	}
	if (rc < 0)
		disconnect(w);
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

int upstream_ask(const char *path, const char *request, struct text *data)
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
