/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sockets may ask of devices, sessions of apps, and hosts that behave like a tracker. */
#include "daemon/daemon.h"
#include "daemon/privacy.h"
#include "report/report.h"

struct lines {
	struct daemon *d;
	void (*line)(void *to, const struct text *object);
	void *to;
};

static void put(struct lines *c)
{
	if (!c->d->line.failed)
		c->line(c->to, &c->d->line);
}

static void device_line(void *ctx, const struct device_record *r)
{
	struct lines *c = ctx;
	struct device_record copy = *r;
	char buf[PSEUDONYM_MAX];

	copy.vendor = household_vendor(c->d->household, &r->mac);
	if (!privacy_device(c->d->config->privacy_level, &copy, clock_now_ns(), buf))
		return;
	text_clear(&c->d->line);
	report_device_json(&c->d->line, &copy);
	put(c);
}

static void session_line(void *ctx, const struct session_record *r)
{
	struct lines *c = ctx;
	struct session_record copy = *r;
	char buf[PSEUDONYM_MAX];

	if (!privacy_session(c->d->config->privacy_level, &copy, buf))
		return;
	text_clear(&c->d->line);
	report_session_json(&c->d->line, &copy, 0);
	put(c);
}

static void companion_line(void *ctx, const struct companion_record *r)
{
	struct lines *c = ctx;
	struct companion_record copy = *r;
	char buf[PSEUDONYM_MAX];

	if (!privacy_companion(c->d->config->privacy_level, &copy, buf))
		return;
	text_clear(&c->d->line);
	report_companion_json(&c->d->line, &copy);
	put(c);
}

static void suspect_line(void *ctx, const struct suspect *s)
{
	struct lines *c = ctx;
	struct suspect copy = *s;

	if (!privacy_suspect(c->d->config->privacy_level, &copy))
		return;
	text_clear(&c->d->line);
	report_suspect_json(&c->d->line, &copy);
	put(c);
}

int daemon_devices(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	struct lines c = { .d = ctx, .line = line, .to = to };

	engine_each_device(c.d->engine, device_line, &c);
	return 0;
}

int daemon_sessions(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	struct lines c = { .d = ctx, .line = line, .to = to };

	engine_each_session(c.d->engine, session_line, &c);
	engine_each_companion(c.d->engine, companion_line, &c);
	return 0;
}

int daemon_suspects(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	struct lines c = { .d = ctx, .line = line, .to = to };

	engine_each_suspect(c.d->engine, suspect_line, &c);
	return 0;
}
