/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /api/v1: what is asked, as JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tacet.h"
#include "web/internal.h"

enum { ROWS_DEFAULT = 200, ROWS_MOST = 5000, LOG_MOST = 1000 };

unsigned api_error(struct text *out, unsigned status, const char *key, const char *message)
{
	text_clear(out);
	json_object_begin(out, NULL);
	json_object_begin(out, "error");
	json_str(out, "key", key);
	json_str(out, "message", message);
	json_object_end(out);
	json_object_end(out);
	return status;
}

/* False: not a number of up to 15 digits. */
static bool number(const struct api_query *q, const char *key, uint64_t fallback, uint64_t *out)
{
	const char *text = q->get(q->ctx, key);
	size_t n = text ? strlen(text) : 0;

	*out = text ? strtoull(text, NULL, 10) : fallback;
	return !text || (n && n < 16 && strspn(text, "0123456789") == n);
}

bool api_filter(const struct api_query *q, struct log_filter *f, struct text *out)
{
	const char *type = q->get(q->ctx, "type"), *verdict = q->get(q->ctx, "verdict");

	*f = (struct log_filter){ .device = q->get(q->ctx, "device"),
				  .app = q->get(q->ctx, "app"),
				  .role = q->get(q->ctx, "role"),
				  .name = q->get(q->ctx, "name") };
	if (type)
		f->type = !strcmp(type, "dns")	  ? RECORD_DNS
			  : !strcmp(type, "flow") ? RECORD_FLOW
						  : RECORD_OTHER;
	if (verdict)
		f->verdict = view_verdict_parse(verdict);
	if ((!type || f->type != RECORD_OTHER) && (!verdict || f->verdict != RECORD_NO_VERDICT))
		return true;
	api_error(out, 400, "bad_argument", "type is flow or dns; verdict is block, log or allow");
	return false;
}

void api_hello(const struct web *w, struct text *out)
{
	json_object_begin(out, NULL);
	json_str(out, "tacet", TACET_VERSION);
	json_u64(out, "proto", TACET_PROTOCOL);
	json_bool(out, "connected", w->feed.watch != NULL);
	json_bool(out, "control", w->o.control_path != NULL);
	if (w->feed.watch)
		json_u64(out, "privacy", w->feed.privacy);
	json_u64(out, "lost", w->feed.lost);
	json_u64(out, "keep_minutes", w->o.keep_minutes);
	json_u64(out, "keep_records", w->o.keep_records);
	if (w->history) {
		json_u64(out, "history_days", w->o.history_days);
		json_u64(out, "history_records", w->o.history_records);
		json_u64(out, "history_lost", history_lost(w->history));
	}
	json_object_end(out);
}

static unsigned rows(struct web *w, enum model_table table, const struct api_query *q,
		     struct text *out)
{
	uint64_t limit;

	if (!number(q, "limit", ROWS_DEFAULT, &limit) || limit > ROWS_MOST)
		return api_error(out, 400, "bad_argument", "limit is a number up to 5000");
	json_array_begin(out, NULL);
	model_rows_json(w->feed.model, table, q->get(q->ctx, "device"), q->get(q->ctx, "app"),
			(size_t)limit, web_now_ms(), out);
	json_array_end(out);
	return 200;
}

/* Of the records up to number `upto` that pass, newest first, those behind the first `skip`. */
static unsigned log_rows(struct web *w, const struct api_query *q, struct text *out)
{
	uint64_t upto, skip, limit, total = 0;
	struct log_filter f;

	if (!number(q, "upto", view_log_next(w->feed.log) - 1, &upto) ||
	    !number(q, "skip", 0, &skip) || !number(q, "limit", 100, &limit) || limit > LOG_MOST)
		return api_error(out, 400, "bad_argument",
				 "upto, skip and limit are numbers; limit up to 1000");
	if (!api_filter(q, &f, out))
		return 400;
	if (upto >= view_log_next(w->feed.log))
		upto = view_log_next(w->feed.log) - 1;
	json_object_begin(out, NULL);
	json_u64(out, "upto", upto);
	json_array_begin(out, "rows");
	for (uint64_t n = upto; n >= view_log_first(w->feed.log); n--) {
		const struct log_entry *e = view_log_at(w->feed.log, n);

		if (!e || !view_log_passes(&f, e))
			continue;
		if (total >= skip && total < skip + limit) {
			if (total > skip)
				text_str(out, ",");
			text_put(out, e->line, e->line_len);
		}
		total++;
	}
	json_array_end(out);
	json_u64(out, "total", total);
	json_object_end(out);
	return 200;
}

static unsigned history(struct web *w, const struct api_query *q, struct text *out)
{
	uint64_t upto, skip, limit;
	struct log_filter f;

	if (!w->history)
		return api_error(out, 404, "not_found",
				 "no history is kept; see --history in tacet-web(8)");
	if (!number(q, "upto", 0, &upto) || !number(q, "skip", 0, &skip) ||
	    !number(q, "limit", 100, &limit) || limit > LOG_MOST)
		return api_error(out, 400, "bad_argument",
				 "upto, skip and limit are numbers; limit up to 1000");
	if (!api_filter(q, &f, out))
		return 400;
	if (!history_rows(w->history, &f, upto, skip, limit, out))
		return api_error(out, 503, "failed", "the history cannot be read");
	return 200;
}

static unsigned asked(int rc, struct text *out)
{
	char *error;

	switch (-rc) {
	case 0:
		return 200;
	case EINVAL:
		error = strdup(out->at ? out->at : "{}");
		text_clear(out);
		text_printf(out, "{\"error\":%s}", error ? error : "{}");
		free(error);
		return 400;
	case EACCES:
		return api_error(out, 403, "not_permitted", "the socket is not for this user");
	default:
		return api_error(out, 503, "not_running", tacet_strerror(rc));
	}
}

static unsigned explain(struct web *w, const struct api_query *q, struct text *out)
{
	struct text request = { 0 };
	unsigned status;

	json_object_begin(&request, NULL);
	json_str(&request, "cmd", "explain");
	json_str(&request, "name", q->get(q->ctx, "name"));
	json_object_end(&request);
	status = asked(request.failed ? -ENOMEM : feed_ask(w->o.stats_path, request.at, out), out);
	text_done(&request);
	return status;
}

unsigned api_get(struct web *w, const char *what, const struct api_query *q, struct text *out)
{
	if (!strcmp(what, "hello"))
		return api_hello(w, out), 200;
	if (!strcmp(what, "stats")) {
		if (!w->feed.stats.len)
			return api_error(out, 503, "not_running", "tacet is not running");
		return text_put(out, w->feed.stats.at, w->feed.stats.len), 200;
	}
	if (!strcmp(what, "flows"))
		return asked(feed_ask(w->o.stats_path, "flows", out), out);
	if (!strcmp(what, "explain"))
		return explain(w, q, out);
	if (!strcmp(what, "devices"))
		return rows(w, MODEL_DEVICES, q, out);
	if (!strcmp(what, "apps"))
		return rows(w, MODEL_APPS, q, out);
	if (!strcmp(what, "names"))
		return rows(w, MODEL_NAMES, q, out);
	if (!strcmp(what, "log"))
		return log_rows(w, q, out);
	if (!strcmp(what, "history"))
		return history(w, q, out);
	if (!strcmp(what, "minutes")) {
		json_array_begin(out, NULL);
		model_minutes_json(w->feed.model, web_now_ms(), out);
		json_array_end(out);
		return 200;
	}
	return api_error(out, 404, "not_found", "see /openapi.json");
}

/* What may be asked, and with what. */
static const struct order {
	const char *what;
	const char *texts[5];
	bool needs_name;
} orders[] = {
	{ "pause", { "device", "app", "role", "list", "rule" }, false },
	{ "resume", { NULL }, false },
	{ "allow", { "name", "device", "app" }, true },
};

/* Arguments are handed on one by one: a body is not a request. */
static unsigned put_arguments(const struct order *o, const char *body, struct text *request,
			      struct text *out)
{
	char value[300] = "";

	if (*body && tacet_field(body, "seconds", value, sizeof(value)) == -EPROTO)
		return api_error(out, 400, "bad_request", "the body is a JSON object");
	if (strspn(value, "0123456789") != strlen(value) || strlen(value) > 10)
		return api_error(out, 400, "bad_argument", "seconds is a whole number");
	if (*value)
		json_u64(request, "seconds", strtoull(value, NULL, 10));
	for (size_t i = 0; i < sizeof(o->texts) / sizeof(o->texts[0]) && o->texts[i]; i++) {
		long n = *body ? tacet_field(body, o->texts[i], value, sizeof(value)) : -1;

		if (n >= (long)sizeof(value))
			return api_error(out, 400, "bad_argument", "an argument is too long");
		if (n > 0)
			json_str(request, o->texts[i], value);
		else if (o->needs_name && !i)
			return api_error(out, 400, "bad_argument", "name is missing");
	}
	return 200;
}

unsigned api_post(struct web *w, const char *what, const char *body, struct text *out)
{
	struct text request = { 0 };
	const struct order *o = NULL;
	unsigned status;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (!strcmp(what, orders[i].what))
			o = &orders[i];
	if (!o)
		return api_error(out, 404, "not_found", "see /openapi.json");
	if (!w->o.control_path)
		return api_error(out, 403, "not_permitted",
				 "started without --control: nothing can be changed here");
	json_object_begin(&request, NULL);
	json_str(&request, "cmd", what);
	status = put_arguments(o, body, &request, out);
	json_object_end(&request);
	if (status == 200)
		status = asked(request.failed ? -ENOMEM
					      : feed_ask(w->o.control_path, request.at, out),
			       out);
	text_done(&request);
	return status;
}
