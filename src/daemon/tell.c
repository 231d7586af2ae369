/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records to the watchers: with the process, without what the privacy level forbids, and after the
 * verdicts of the packets that they tell of. */
#include "daemon/daemon.h"
#include "daemon/privacy.h"
#include "report/report.h"

static void event_of(const struct verdict *v, const char *device, const struct name *name,
		     struct server_event *out)
{
	out->verdict = verdict_kind_name(v->kind);
	out->device = device;
	out->app = v->app;
	out->role = role_name(v->role);
	out->name = name->len ? name->text : NULL;
}

static void publish_flow(void *ctx, const struct flow_record *r)
{
	struct daemon *d = ctx;
	struct flow_record copy = *r;
	struct server_event ev = { .type = "flow" };
	char buf[PSEUDONYM_MAX];

	if (d->processes)
		copy.process = owners_of_flow(d->owners, d->processes, r, true);
	if (!privacy_flow(d->config->privacy_level, &copy, buf))
		return;
	event_of(&copy.verdict, copy.device, &copy.name, &ev);
	text_clear(&d->line);
	report_flow_json(&d->line, &copy, 0);
	server_publish(d->server, &ev, &d->line);
}

static void publish_dns(void *ctx, const struct dns_record *r)
{
	struct daemon *d = ctx;
	struct dns_record copy = *r;
	struct server_event ev = { .type = "dns" };
	char buf[PSEUDONYM_MAX];

	if (d->processes)
		copy.process = owners_of_question(d->owners, d->processes, r);
	if (!privacy_dns(d->config->privacy_level, &copy, buf))
		return;
	event_of(&copy.verdict, copy.device, &copy.qname, &ev);
	text_clear(&d->line);
	report_dns_json(&d->line, &copy, 0);
	server_publish(d->server, &ev, &d->line);
}

void daemon_tell(struct daemon *d)
{
	d->in_batch = false;
	told_each(d->told, publish_flow, publish_dns, d);
}

/* Told after the verdicts; what finds no room does not get lost. */
static void on_flow(void *ctx, const struct flow_record *r)
{
	struct daemon *d = ctx;

	if (d->in_batch && told_flow(d->told, r))
		return;
	told_each(d->told, publish_flow, publish_dns, d);
	publish_flow(d, r);
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	struct daemon *d = ctx;

	if (d->in_batch && told_dns(d->told, r))
		return;
	told_each(d->told, publish_flow, publish_dns, d);
	publish_dns(d, r);
}

/* Sessions end by the clock: no packet waits. */
static void on_session(void *ctx, const struct session_record *r)
{
	struct daemon *d = ctx;
	struct session_record copy = *r;
	struct server_event ev = { .type = "session", .app = r->session->app };
	char buf[PSEUDONYM_MAX];

	if (!privacy_session(d->config->privacy_level, &copy, buf))
		return;
	ev.device = copy.device;
	text_clear(&d->line);
	report_session_json(&d->line, &copy, 0);
	server_publish(d->server, &ev, &d->line);
}

static bool wanted(void *ctx)
{
	const struct daemon *d = ctx;

	return server_has_watchers(d->server);
}

void daemon_sink(struct daemon *d, struct record_sink *out)
{
	*out = (struct record_sink){
		.ctx = d,
		.wanted = wanted,
		.fingerprints = true,
		.flow = on_flow,
		.dns = on_dns,
		.session = on_session,
	};
}
