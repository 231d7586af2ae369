/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server under test is asked about: the ops of a household with as many flows, and as
 * long ones, as a test wants. */
#ifndef TESTS_CONTROL_WORLD_H
#define TESTS_CONTROL_WORLD_H

#include <string.h>

#include "control/server.h"

static struct server *server;

/* The household that the ops answer about. */
static struct world {
	unsigned flows;	     /* lines of `flows` */
	unsigned flow_bytes; /* of each */
	uint32_t paused_s;
	int pauses, resumes, reloads, excepts;
	char except[256]; /* the last one: kind name device app role list seconds */
	int fail;	  /* -errno that the ops return */
	uint64_t ticket;  /* reload is answered later, with this */
	bool forced;
	size_t metrics_bytes, explain_bytes;
} world;

static void op_hello(void *ctx, struct text *out)
{
	(void)ctx;
	json_str(out, "mode", "enforce");
}

static int op_stats(void *ctx, struct text *out)
{
	struct server_counters c;
	struct world *w = ctx;

	if (w->fail)
		return w->fail;
	server_counters(server, &c);
	json_object_begin(out, NULL);
	json_u64(out, "requests", c.requests);
	json_array_begin(out, "clients");
	server_clients_json(server, out);
	json_array_end(out);
	json_object_end(out);
	return 0;
}

static int op_metrics(void *ctx, struct text *out)
{
	struct world *w = ctx;

	text_str(out, "# TYPE tacet_flows_total counter\ntacet_flows_total 12\n");
	while (out->len < w->metrics_bytes)
		text_str(out, "tacet_by_list_total{list=\"x\"} 1\n");
	return w->fail;
}

static int op_trouble(void *ctx, const char *device,
		      void (*line)(void *to, const struct text *object), void *to)
{
	struct text t = { 0 };

	(void)ctx;
	json_object_begin(&t, NULL);
	json_str(&t, "type", "refusal");
	json_str(&t, "device", device);
	json_object_end(&t);
	line(to, &t);
	text_done(&t);
	return 0;
}

static int op_flows(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	struct text t = { 0 };
	struct world *w = ctx;

	for (unsigned i = 0; i < w->flows; i++) {
		text_clear(&t);
		json_object_begin(&t, NULL);
		json_u64(&t, "id", i);
		if (w->flow_bytes) {
			json_object_end(&t);
			t.len--;
			text_printf(&t, ",\"pad\":\"%0*u\"}", (int)w->flow_bytes, i);
		} else {
			json_object_end(&t);
		}
		line(to, &t);
	}
	text_done(&t);
	return w->fail;
}

static int op_explain(void *ctx, const char *name, const char *device, const char *app,
		      struct text *out)
{
	struct world *w = ctx;

	json_object_begin(out, NULL);
	json_str(out, "name", name);
	json_str(out, "device", device);
	json_str(out, "app", app);
	json_str(out, "verdict", "block");
	if (w->explain_bytes) {
		json_str(out, "pad", "");
		out->len--;
		text_printf(out, "%0*d\"", (int)w->explain_bytes, 0);
	}
	json_object_end(out);
	return w->fail;
}

/* Tells the watchers, as the daemon does, in the middle of the request. */
static void tell_state(const char *what, struct text *out)
{
	struct server_event ev = { .type = "state" };
	struct text line = { 0 };

	json_object_begin(out, NULL);
	json_str(out, "now", what);
	json_object_end(out);
	json_object_begin(&line, NULL);
	json_str(&line, "type", "state");
	json_str(&line, "now", what);
	json_object_end(&line);
	server_publish(server, &ev, &line);
	text_done(&line);
}

static int op_pause(void *ctx, uint32_t seconds, struct text *out, struct error *e)
{
	struct world *w = ctx;

	(void)e;
	w->pauses++;
	w->paused_s = seconds;
	tell_state("paused", out);
	return 0;
}

static int op_except(void *ctx, const struct server_exception *x, struct text *out, struct error *e)
{
	struct world *w = ctx;

	(void)e;
	w->excepts++;
	snprintf(w->except, sizeof w->except, "%s %s %s %s %s %s %u", x->kind,
		 x->name ? x->name : "-", x->device ? x->device : "-", x->app ? x->app : "-",
		 x->role ? x->role : "-", x->list ? x->list : "-", x->seconds);
	tell_state("excepted", out);
	return 0;
}

static int op_resume(void *ctx, const struct server_exception *x, struct text *out, struct error *e)
{
	struct world *w = ctx;

	if (x && x->name && !strcmp(x->name, "nobody.example"))
		return error_set(e, -EINVAL, "there is no rule of now of that name");
	w->resumes++;
	tell_state(x ? "resumed one" : "resumed", out);
	return 0;
}

static int op_reload(void *ctx, bool force, struct text *out, uint64_t *out_ticket, struct error *e)
{
	struct world *w = ctx;

	(void)out;
	w->reloads++;
	w->forced = force;
	*out_ticket = w->ticket;
	return w->fail ? error_set(e, w->fail, "tacet.conf:3: no such key") : 0;
}

static const struct server_ops ops = {
	.ctx = &world,
	.hello = op_hello,
	.stats = op_stats,
	.metrics = op_metrics,
	.flows = op_flows,
	.lists = op_flows,
	.devices = op_flows,
	.sessions = op_flows,
	.suspects = op_flows,
	.trouble = op_trouble,
	.explain = op_explain,
	.pause = op_pause,
	.except = op_except,
	.resume = op_resume,
	.reload = op_reload,
};

#endif
