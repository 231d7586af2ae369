/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers: tacet-stats(7). */
#include "control/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <tacet.h>

static const char bad_request_hint[] =
	"send one JSON object a line, {\"cmd\":\"stats\"}, or a bare word, stats";

/* A member whose value is JSON text already. */
static void put_raw(struct text *t, const char *key, const char *json, size_t n)
{
	if (t->comma)
		text_str(t, ",");
	text_printf(t, "\"%s\":", key);
	text_put(t, json, n);
	t->comma = true;
}

static void put_error(struct text *t, const char *key, const char *message, const char *hint)
{
	json_bool(t, "ok", false);
	json_object_begin(t, "error");
	json_str(t, "key", key);
	json_str(t, "message", message);
	json_str(t, "hint", hint);
	json_object_end(t);
	json_object_end(t);
	json_newline(t);
}

void request_error_text(struct text *t, const char *key, const char *message, const char *hint)
{
	text_clear(t);
	json_object_begin(t, NULL);
	put_error(t, key, message, hint);
}

/* A client whose answer cannot be queued would wait for ever: it is ended. */
static void send_line(struct client *c, const struct text *t)
{
	if (t->failed || !client_queue(c, t->at, t->len))
		c->dead = true;
}

void request_refuse(struct client *c, const char *key, const char *message, const char *hint)
{
	request_error_text(&c->server->line, key, message, hint);
	send_line(c, &c->server->line);
}

static struct text *answer_begin(const struct request *r)
{
	struct text *t = &r->client->server->line;

	text_clear(t);
	json_object_begin(t, NULL);
	if (r->query.id)
		put_raw(t, "id", r->query.id, strlen(r->query.id));
	return t;
}

void answer_error(struct request *r, const char *key, const char *message, const char *hint)
{
	struct text *t = answer_begin(r);

	if (strcmp(key, "failed") != 0)
		r->client->server->counters.bad_requests++;
	put_error(t, key, message, hint);
	send_line(r->client, t);
}

void answer_failure(struct request *r, int rc, const struct error *e)
{
	const char *message = e && e->text[0] ? e->text : strerror(-rc);

	answer_error(r, rc == -EINVAL ? "bad_argument" : "failed", message, NULL);
}

static void answer_end(struct request *r, struct text *t, bool any_length)
{
	json_object_end(t);
	json_newline(t);
	if (t->failed)
		answer_error(r, "failed", "out of memory", NULL);
	else if (!any_length && t->len > r->client->server->o.max_line)
		answer_error(r, "failed", "the answer is longer than a line may be", NULL);
	else
		send_line(r->client, t);
}

void answer_data(struct request *r, const struct text *data)
{
	struct text *t = answer_begin(r);

	json_bool(t, "ok", true);
	if (data && data->failed)
		t->failed = true;
	else if (data && data->len)
		put_raw(t, "data", data->at, data->len);
	answer_end(r, t, false);
}

void answer_string(struct request *r, const struct text *data)
{
	struct text *t = answer_begin(r);

	json_bool(t, "ok", true);
	json_str(t, "data", data->at ? data->at : "");
	if (data->failed)
		t->failed = true;
	answer_end(r, t, true);
}

bool answer_more(struct request *r, const struct text *object)
{
	struct client *c = r->client;
	struct text *t = answer_begin(r);

	json_bool(t, "ok", true);
	json_bool(t, "more", true);
	put_raw(t, "data", object->at ? object->at : "{}", object->at ? object->len : 2);
	json_object_end(t);
	json_newline(t);
	if (object->failed || t->failed || t->len > c->server->o.max_line)
		return false;
	if (client_pending(c) + t->len > c->server->o.max_buffer)
		client_send(c);
	return !c->dead && client_pending(c) + t->len <= c->server->o.max_buffer &&
	       client_queue(c, t->at, t->len);
}

void answer_last(struct request *r, uint64_t left_out)
{
	struct text *t = answer_begin(r);

	json_bool(t, "ok", true);
	json_bool(t, "more", false);
	if (left_out)
		json_u64(t, "left_out", left_out);
	answer_end(r, t, false);
}

void request_end(struct client *c, int rc, const struct text *data, const struct error *e)
{
	struct request r = { .client = c, .query = { .id = c->ticket_id } };

	if (rc)
		answer_failure(&r, rc, e);
	else
		answer_data(&r, data);
	free(c->ticket_id);
	c->ticket_id = NULL;
	c->ticket = 0;
}

static void put_hello(const struct client *c, struct text *t)
{
	const struct server *s = c->server;

	json_str(t, "tacet", TACET_VERSION);
	json_u64(t, "proto", TACET_PROTOCOL);
	json_str(t, "socket", c->listener->privileged ? "control" : "stats");
	if (s->ops.hello)
		s->ops.hello(s->ops.ctx, t);
}

void request_greet(struct client *c)
{
	struct text *t = &c->server->line;

	c->greeted = true;
	text_clear(t);
	json_object_begin(t, NULL);
	json_str(t, "type", "hello");
	put_hello(c, t);
	json_object_end(t);
	json_newline(t);
	send_line(c, t);
}

void answer_hello(struct request *r)
{
	struct text *data = &r->client->server->data;

	text_clear(data);
	json_object_begin(data, NULL);
	put_hello(r->client, data);
	json_object_end(data);
	answer_data(r, data);
}

static void run_words(struct request *r, char *line)
{
	struct query *q = &r->query;
	size_t n = strcspn(line, " \t");
	const struct command *cmd;
	struct error e = { "" };
	char *words = line + n;
	int rc;

	if (*words)
		*words++ = '\0';
	cmd = command_find(line);
	rc = cmd ? query_from_words(q, words, cmd->args[0], cmd->bare_filter, &e) : 0;
	if (rc == -EINVAL)
		answer_error(r, "bad_argument", e.text, cmd->usage);
	else if (rc)
		answer_failure(r, rc, NULL);
	else
		command_run(r, cmd, line);
}

static void run_json(struct request *r, const char *line, size_t n)
{
	const char *key;
	struct error e = { "" };
	int rc = query_from_json(&r->query, line, n, &key, &e);

	if (rc == -EINVAL)
		answer_error(r, key, e.text, strcmp(key, "bad_request") ? NULL : bad_request_hint);
	else if (rc)
		answer_failure(r, rc, NULL);
	else
		command_run(r, command_find(r->query.cmd), r->query.cmd);
}

void request_line(struct client *c, const char *line, size_t n)
{
	struct request r = { .client = c };
	char *copy;

	while (n && (line[n - 1] == '\r' || line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	while (n && (*line == ' ' || *line == '\t')) {
		line++;
		n--;
	}
	if (!n)
		return;
	c->server->counters.requests++;
	if (*line == '{' || *line == '[') {
		run_json(&r, line, n);
		query_done(&r.query);
		return;
	}
	if (memchr(line, '\0', n)) {
		answer_error(&r, "bad_request", "a NUL byte in the line", bad_request_hint);
		return;
	}
	copy = strndup(line, n);
	if (copy)
		run_words(&r, copy);
	else
		answer_error(&r, "failed", "out of memory", NULL);
	query_done(&r.query);
	free(copy);
}
