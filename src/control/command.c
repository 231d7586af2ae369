/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands of both sockets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "control/request.h"

static struct text *fresh_data(struct server *s)
{
	text_clear(&s->data);
	return &s->data;
}

static bool is_number(const struct argument *a, int64_t *out)
{
	char *end;

	if (a->kind == ARGUMENT_NUMBER) {
		*out = a->number;
		return true;
	}
	if (a->kind != ARGUMENT_WORD || !*a->text)
		return false;
	errno = 0;
	*out = strtoll(a->text, &end, 10);
	return !*end && !errno;
}

/* A whole number from 0 to UINT32_MAX; *out stays as it is without one. False: it was answered
 * as bad_argument. */
static bool take_number(struct request *r, const char *key, uint32_t *out)
{
	const struct argument *a = query_find(&r->query.args, key);
	char message[80];
	int64_t number;

	if (!a)
		return true;
	if (is_number(a, &number) && number >= 0 && number <= UINT32_MAX) {
		*out = (uint32_t)number;
		return true;
	}
	snprintf(message, sizeof(message), "%s is a whole number from 0 to 4294967295", key);
	answer_error(r, "bad_argument", message, NULL);
	return false;
}

static void run_stats(struct request *r)
{
	struct server *s = r->client->server;
	struct text *data = fresh_data(s);
	int rc = s->ops.stats(s->ops.ctx, data);

	if (rc)
		answer_failure(r, rc, NULL);
	else
		answer_data(r, data);
}

static void run_metrics(struct request *r)
{
	struct server *s = r->client->server;
	struct text *data = fresh_data(s);
	int rc = s->ops.metrics(s->ops.ctx, data);

	if (rc)
		answer_failure(r, rc, NULL);
	else
		answer_string(r, data);
}

struct many_lines {
	struct request *r;
	uint64_t skip, limit, left_out;
	bool full;
};

/* Once one found no room, none goes out any more: what is left out is the end, and "skip"
 * brings it. */
static void one_line(void *to, const struct text *object)
{
	struct many_lines *f = to;

	if (f->skip) {
		f->skip--;
		return;
	}
	if (f->limit && !f->full && answer_more(f->r, object)) {
		f->limit--;
		return;
	}
	f->full = f->full || f->limit;
	f->left_out++;
}

/* NULL: not given, or no text. */
static const char *text_of(const struct request *r, const char *key)
{
	const struct argument *a = query_find(&r->query.args, key);

	return a ? a->text : NULL;
}

typedef int each_line(void *ctx, void (*line)(void *to, const struct text *object), void *to);

static void run_many(struct request *r, each_line *each)
{
	uint32_t skip = 0, limit = UINT32_MAX;
	struct many_lines f = { .r = r };
	int rc;

	if (!take_number(r, "skip", &skip) || !take_number(r, "limit", &limit))
		return;
	f.skip = skip;
	f.limit = limit;
	rc = each(r->client->server->ops.ctx, one_line, &f);
	if (rc)
		answer_failure(r, rc, NULL);
	else
		answer_last(r, f.left_out);
}

static void run_flows(struct request *r)
{
	run_many(r, r->client->server->ops.flows);
}

static void run_lists(struct request *r)
{
	run_many(r, r->client->server->ops.lists);
}

static void run_devices(struct request *r)
{
	run_many(r, r->client->server->ops.devices);
}

static void run_sessions(struct request *r)
{
	run_many(r, r->client->server->ops.sessions);
}

static void run_suspects(struct request *r)
{
	run_many(r, r->client->server->ops.suspects);
}

static void run_trouble(struct request *r)
{
	struct server *s = r->client->server;
	struct many_lines f = { .r = r, .limit = UINT64_MAX };
	int rc = s->ops.trouble(s->ops.ctx, text_of(r, "device"), one_line, &f);

	if (rc)
		answer_failure(r, rc, NULL);
	else
		answer_last(r, f.left_out);
}

static void run_explain(struct request *r)
{
	struct server *s = r->client->server;
	const struct argument *a = query_find(&r->query.args, "name");
	const char *text = a ? a->text : NULL;
	struct text *data = fresh_data(s);
	struct name name;
	int rc;

	if (!text || !name_from_text(text, strlen(text), &name)) {
		answer_error(r, "bad_argument", "name is missing or not a domain name",
			     "explain logs.netflix.com");
		return;
	}
	rc = s->ops.explain(s->ops.ctx, name.text, text_of(r, "device"), text_of(r, "app"), data);
	if (rc)
		answer_failure(r, rc, NULL);
	else
		answer_data(r, data);
}

static void run_watch(struct request *r)
{
	struct filter *filter = NULL;
	struct error e = { "" };
	int rc;

	if (query_find(&r->query.args, "filter")) {
		answer_error(r, "bad_argument", "filter has to be an object", NULL);
		return;
	}
	rc = filter_new(&r->query.filter, &filter, &e);
	if (rc == -EINVAL) {
		answer_error(r, "bad_argument", e.text,
			     "filters: type, verdict, device, app, name, role");
		return;
	}
	if (rc) {
		answer_failure(r, rc, &e);
		return;
	}
	filter_free(r->client->filter);
	r->client->filter = filter;
	answer_data(r, NULL);
}

static void answer_order(struct request *r, int rc, const struct error *e)
{
	if (rc)
		answer_failure(r, rc, e);
	else
		answer_data(r, &r->client->server->data);
}

static void run_except(struct request *r, const char *kind)
{
	struct server *s = r->client->server;
	struct server_exception x = {
		.kind = kind,
		.name = text_of(r, !strcmp(kind, "pause") ? "rule" : "name"),
		.device = text_of(r, "device"),
		.app = text_of(r, "app"),
		.role = text_of(r, "role"),
		.list = text_of(r, "list"),
	};
	struct error e = { "" };
	int rc;

	if (!take_number(r, "seconds", &x.seconds))
		return;
	if (!x.name && strcmp(kind, "pause")) {
		answer_error(r, "bad_argument", "name is missing", "allow logs.netflix.com");
		return;
	}
	if (!x.name && !x.device && !x.app && !x.role && !x.list)
		rc = s->ops.pause(s->ops.ctx, x.seconds, fresh_data(s), &e);
	else
		rc = s->ops.except(s->ops.ctx, &x, fresh_data(s), &e);
	if (rc == -EINVAL)
		answer_error(r, "bad_argument", e.text, NULL);
	else
		answer_order(r, rc, &e);
}

static void run_pause(struct request *r)
{
	run_except(r, "pause");
}

static void run_allow(struct request *r)
{
	run_except(r, "allow");
}

static void run_block(struct request *r)
{
	run_except(r, "block");
}

static void run_resume(struct request *r)
{
	struct server *s = r->client->server;
	struct server_exception x = { .kind = "resume",
				      .name = text_of(r, "name"),
				      .device = text_of(r, "device") };
	struct error e = { "" };
	int rc = s->ops.resume(s->ops.ctx, x.name || x.device ? &x : NULL, fresh_data(s), &e);

	if (rc == -EINVAL)
		answer_error(r, "bad_argument", e.text, NULL);
	else
		answer_order(r, rc, &e);
}

static void run_reload(struct request *r)
{
	struct server *s = r->client->server;
	struct client *c = r->client;
	struct error e = { "" };
	uint64_t ticket = 0;
	uint32_t force = 0;
	int rc;

	if (!take_number(r, "force", &force))
		return;
	if (r->query.id && !(c->ticket_id = strdup(r->query.id))) {
		answer_failure(r, -ENOMEM, NULL);
		return;
	}
	rc = s->ops.reload(s->ops.ctx, force, fresh_data(s), &ticket, &e);
	if (!rc && ticket) {
		c->ticket = ticket;
		return;
	}
	free(c->ticket_id);
	c->ticket_id = NULL;
	answer_order(r, rc, &e);
}

static const struct command commands[] = {
	{ .name = "hello", .usage = "hello", .run = answer_hello },
	{ .name = "stats", .usage = "stats", .run = run_stats },
	{ .name = "metrics", .usage = "metrics", .run = run_metrics },
	{ .name = "flows",
	  .usage = "flows [skip=N] [limit=N]",
	  .args = { "skip", "limit" },
	  .run = run_flows },
	{ .name = "lists",
	  .usage = "lists [skip=N] [limit=N]",
	  .args = { "skip", "limit" },
	  .run = run_lists },
	{ .name = "devices",
	  .usage = "devices [skip=N] [limit=N]",
	  .args = { "skip", "limit" },
	  .run = run_devices },
	{ .name = "sessions",
	  .usage = "sessions [skip=N] [limit=N]",
	  .args = { "skip", "limit" },
	  .run = run_sessions },
	{ .name = "suspects",
	  .usage = "suspects [skip=N] [limit=N]",
	  .args = { "skip", "limit" },
	  .run = run_suspects },
	{ .name = "trouble",
	  .usage = "trouble [DEVICE]",
	  .args = { "device" },
	  .run = run_trouble },
	{ .name = "explain",
	  .usage = "explain NAME [device=D] [app=A]",
	  .args = { "name", "device", "app" },
	  .run = run_explain },
	{ .name = "watch",
	  .usage = "watch [type=T] [verdict=V] [device=D] [app=A] [name=N] [role=R]",
	  .args = { "filter" },
	  .bare_filter = true,
	  .run = run_watch },
	{ .name = "pause",
	  .usage = "pause [SECONDS] [device=D] [app=A] [role=R] [list=L] [rule=NAME]",
	  .args = { "seconds", "device", "app", "role", "list", "rule" },
	  .privileged = true,
	  .run = run_pause },
	{ .name = "allow",
	  .usage = "allow NAME [seconds=N] [device=D] [app=A]",
	  .args = { "name", "seconds", "device", "app" },
	  .privileged = true,
	  .run = run_allow },
	{ .name = "block",
	  .usage = "block NAME [seconds=N] [device=D] [app=A]",
	  .args = { "name", "seconds", "device", "app" },
	  .privileged = true,
	  .run = run_block },
	{ .name = "resume",
	  .usage = "resume [NAME] [device=D]",
	  .args = { "name", "device" },
	  .privileged = true,
	  .run = run_resume },
	{ .name = "reload",
	  .usage = "reload [force=1]",
	  .args = { "force" },
	  .privileged = true,
	  .run = run_reload },
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static bool command_takes(const struct command *cmd, const char *key)
{
	for (int i = 0; i < COMMAND_ARGS; i++)
		if (cmd->args[i] && !strcmp(cmd->args[i], key))
			return true;
	return false;
}

static void refuse_unprivileged(struct request *r, const struct command *cmd)
{
	const char *path = r->client->server->o.control_path;
	char message[80], hint[160];

	snprintf(message, sizeof(message), "%s is not for the stats socket", cmd->name);
	if (path)
		snprintf(hint, sizeof(hint), "use the control socket %s", path);
	answer_error(r, "not_permitted", message, path ? hint : "there is no control socket");
}

/* A mistyped argument must not turn into the default: "pause" without its time. */
static const char *unknown_argument(const struct query *q, const struct command *cmd)
{
	for (size_t i = 0; i < q->args.count; i++)
		if (!command_takes(cmd, q->args.at[i].key))
			return q->args.at[i].key;
	return q->has_filter && !command_takes(cmd, "filter") ? "filter" : NULL;
}

void command_run(struct request *r, const struct command *cmd, const char *name)
{
	char message[120];
	const char *unknown;

	if (!cmd) {
		snprintf(message, sizeof(message), "there is no command \"%.40s\"", name);
		answer_error(
			r, "unknown_command", message,
			"known: hello, stats, metrics, flows, lists, devices, sessions, suspects, "
			"trouble, explain, watch, pause, allow, block, resume, reload");
		return;
	}
	if (cmd->privileged && !r->client->listener->privileged) {
		refuse_unprivileged(r, cmd);
		return;
	}
	unknown = unknown_argument(&r->query, cmd);
	if (unknown) {
		snprintf(message, sizeof(message), "%s has no argument \"%.40s\"", cmd->name,
			 unknown);
		answer_error(r, "bad_argument", message, cmd->usage);
		return;
	}
	cmd->run(r);
}
