/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decisions say over time: sessions of apps, trackers in them, hosts that behave like one. */
#include <netinet/in.h>
#include <string.h>

#include "engine/internal.h"

/* A name that phones home, or that a list blocks without saying what for. */
static bool is_tracker(const struct verdict *v)
{
	return v->kind != VERDICT_ALLOW || role_phones(v->role);
}

void engine_decide(const struct engine *e, struct policy_query *q, const struct mac *mac,
		   int64_t at_ns, struct verdict *out)
{
	struct whose w;

	decided_ask(e->decided, e->policy, e->generation, q, out);
	if (out->app || !is_tracker(out))
		return;
	w = whose(mac, q->client);
	q->app = sessions_app(e->sessions, &w, at_ns);
	if (!q->app)
		return;
	decided_ask(e->decided, e->policy, e->generation, q, out);
	out->app_by_session = true;
}

/* What nobody says anything of. */
static bool is_unlisted(const struct verdict *v)
{
	return v->kind == VERDICT_ALLOW && v->reason == REASON_NO_RULE && v->role == ROLE_NONE &&
	       !v->row;
}

static void contact(struct engine *e, const struct whose *w, const struct name *name,
		    const struct verdict *v, int64_t now_ns)
{
	if (v->app && !v->app_by_session)
		sessions_contact(e->sessions, w, v->app, v->row && v->row->is_device, now_ns);
	else if (is_tracker(v))
		sessions_companion(e->sessions, w, v->app, name, v->kind != VERDICT_ALLOW, now_ns);
}

void engine_habit_question(struct engine *e, const struct dns_record *r)
{
	struct whose w = whose(&r->mac, &r->client);

	contact(e, &w, &r->qname, &r->verdict, r->time_ns);
}

/* What is heard of a flow that the kernel keeps: of those that carry a film nothing. */
enum { HEARD_BYTES = 64 * 1024, HEARD_BYTES_PER_S = 4096 };

/* Resolvers and clocks are asked again and again by trade. */
static bool is_service(const struct flow *f)
{
	uint16_t port = f->key.ports[!f->opener];

	return port == 53 || port == 853 || (f->key.proto == IPPROTO_UDP && port == 123);
}

/* False: it is none that counts. Addresses alone are peers of games and calls more often than
 * trackers. */
static bool host_of(const struct flow *f, struct name *out)
{
	struct addr server = flow_addr(f, !f->opener);

	if (!f->name || addr_is_local(&server) || is_service(f))
		return false;
	names_copy(f->name, out);
	return true;
}

static void suspect(struct engine *e, struct flow *f, const struct whose *w, int64_t now_ns)
{
	struct name host;

	if (!f->watched)
		f->burst_s = (uint16_t)(now_ns / 1000000000);
	if (host_of(f, &host))
		suspects_contact(e->suspects, w, &host, sessions_app(e->sessions, w, now_ns),
				 now_ns);
}

void engine_habit_flow(struct engine *e, struct flow *f, const struct verdict *v)
{
	struct addr client = flow_addr(f, f->opener);
	struct whose w = whose(&f->mac, &client);
	struct name name;

	names_copy(f->name, &name);
	if (name.len)
		contact(e, &w, &name, v, f->last_ns);
	f->unlisted = is_unlisted(v);
	if (f->unlisted)
		suspect(e, f, &w, f->last_ns);
}

/* The policy may have changed since it was decided. */
static bool is_unlisted_yet(const struct flow *f)
{
	return f->unlisted && f->kind == VERDICT_ALLOW && f->reason == REASON_NO_RULE;
}

bool engine_habit_hears(const struct flow *f)
{
	int64_t age_s = (f->last_ns - f->first_ns) / 1000000000;

	return is_unlisted_yet(f) &&
	       (int64_t)(f->bytes[0] + f->bytes[1]) <= HEARD_BYTES + age_s * HEARD_BYTES_PER_S;
}

/* Seconds tell bursts apart: a film's packets cost no look-up. */
void engine_habit_payload(struct engine *e, struct flow *f, int64_t now_ns)
{
	uint16_t now_s = (uint16_t)(now_ns / 1000000000), since = (uint16_t)(now_s - f->burst_s);
	struct addr client;
	struct whose w;

	if (since * 1000 < SUSPECT_BURST_MS) {
		f->burst_s = now_s;
		return;
	}
	if (!is_unlisted_yet(f))
		return;
	client = flow_addr(f, f->opener);
	w = whose(&f->mac, &client);
	suspect(e, f, &w, now_ns);
}

void engine_habit_bytes(struct engine *e, const struct flow *f, bool ended)
{
	struct name host;

	if (is_unlisted_yet(f) && host_of(f, &host))
		suspects_bytes(e->suspects, &host, f->bytes[0], f->bytes[1], ended);
}

static void session_record(const struct engine *e, const struct app_session *s,
			   struct session_record *out)
{
	*out = (struct session_record){ .mac = s->device.mac,
					.addr = s->device.addr,
					.session = s };
	out->device = engine_device_name(e, &out->mac, &out->addr);
	out->hostname = engine_device_hostname(e, &out->mac, &out->addr);
}

static void on_ended(void *ctx, const struct app_session *s)
{
	const struct engine *e = ctx;
	struct session_record r;

	if (!e->sink.session || (e->sink.wanted && !e->sink.wanted(e->sink.ctx)))
		return;
	session_record(e, s, &r);
	e->sink.session(e->sink.ctx, &r);
}

bool engine_habits_new(struct engine *e)
{
	struct sessions_options o = {
		.max_sessions = e->options.max_sessions,
		.max_companions = 2 * e->options.max_sessions,
		.ended = on_ended,
		.ctx = e,
	};

	e->sessions = sessions_new(&o);
	e->suspects = suspects_new(e->options.max_sessions);
	return e->sessions && e->suspects;
}

void engine_habits_count(const struct engine *e, struct engine_counters *out)
{
	struct sessions_counters s;
	struct suspects_counters h;

	sessions_counters(e->sessions, &s);
	suspects_counters(e->suspects, &h);
	out->sessions = s.begun;
	out->sessions_evicted = s.evicted;
	out->sessions_now = s.now;
	out->companions_evicted = s.companions_evicted;
	out->companions_now = s.companions_now;
	out->hosts = h.hosts;
	out->hosts_evicted = h.evicted;
	out->hosts_now = h.now;
}

struct each_session {
	const struct engine *e;
	void (*session)(void *ctx, const struct session_record *r);
	void (*companion)(void *ctx, const struct companion_record *r);
	void *ctx;
};

static void each_session(void *ctx, const struct app_session *s)
{
	const struct each_session *c = ctx;
	struct session_record r;

	session_record(c->e, s, &r);
	c->session(c->ctx, &r);
}

void engine_each_session(const struct engine *e,
			 void (*each)(void *ctx, const struct session_record *r), void *ctx)
{
	struct each_session c = { .e = e, .session = each, .ctx = ctx };

	sessions_each(e->sessions, each_session, &c);
}

static void each_companion(void *ctx, const struct companion *s)
{
	const struct each_session *c = ctx;
	struct companion_record r = { .mac = s->device.mac,
				      .addr = s->device.addr,
				      .companion = s };

	r.device = engine_device_name(c->e, &r.mac, &r.addr);
	r.hostname = engine_device_hostname(c->e, &r.mac, &r.addr);
	c->companion(c->ctx, &r);
}

void engine_each_companion(const struct engine *e,
			   void (*each)(void *ctx, const struct companion_record *r), void *ctx)
{
	struct each_session c = { .e = e, .companion = each, .ctx = ctx };

	sessions_each_companion(e->sessions, each_companion, &c);
}

void engine_each_suspect(const struct engine *e, void (*each)(void *ctx, const struct suspect *s),
			 void *ctx)
{
	suspects_each(e->suspects, each, ctx);
}
