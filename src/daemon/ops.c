/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sockets may ask, and what they are told of by themselves. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/explain.h"
#include "daemon/privacy.h"
#include "report/counters.h"
#include "report/report.h"

static void hello(void *ctx, struct text *out)
{
	struct daemon *d = ctx;

	json_str(out, "mode", d->config->mode);
	json_u64(out, "privacy", d->config->privacy_level);
	json_time(out, "started", d->started_ns);
}

/* Resident memory; 0 where /proc is not there. */
static uint64_t memory_bytes(void)
{
	unsigned long long size, resident;
	FILE *f = fopen("/proc/self/statm", "re");
	bool ok = f && fscanf(f, "%llu %llu", &size, &resident) == 2;

	if (f)
		fclose(f);
	return ok ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

static void count_suspect(void *ctx, const struct suspect *s)
{
	++*(uint64_t *)ctx;
}

static bool figures(struct daemon *d, struct figure_set *set)
{
	struct queue_counters q;
	struct server_counters s;
	struct process_counters p = { 0 };
	struct household_counters h;
	uint64_t suspects = 0;
	uint64_t generation, changed_s;
	bool ok = figures_engine(set, engine_counters(d->engine));

#define COUNT(name, help, value)                                                                   \
	ok = ok && figures_add(set, name, help, FIGURE_COUNTER, NULL, NULL, value)
#define GAUGE(name, help, value)                                                                   \
	ok = ok && figures_add(set, name, help, FIGURE_GAUGE, NULL, NULL, value)
	queue_counters(d->queue, &q);
	COUNT("queue_packets", "Packets that came up to tacet", q.packets);
	COUNT("queue_batches", "Reads of the queue that brought packets", q.batches);
	COUNT("queue_verdicts", "Verdicts given", q.verdicts);
	COUNT("queue_lost", "Netlink overruns seen", q.lost);
	COUNT("queue_kernel_dropped", "Packets dropped because the queue was full",
	      q.kernel_dropped);
	COUNT("queue_user_dropped", "Packets dropped because the socket was full", q.user_dropped);
	GAUGE("queue_waiting", "Packets that wait for a verdict", q.waiting);
	COUNT("inject_failed", "Forged packets that could not be sent", d->inject_failed);
	if (d->processes)
		processes_counters(d->processes, &p);
	COUNT("processes_traced", "Processes of connections that the kernel had noted", p.traced);
	COUNT("processes_searched", "Processes of connections found by their sockets", p.searched);
	COUNT("processes_user_only", "Connections of which the user alone was found", p.user_only);
	COUNT("processes_unknown", "Connections of this machine whose process was not found",
	      p.unknown);
	COUNT("processes_evicted", "Processes of connections forgotten early: the table was full",
	      d->owners ? owners_evicted(d->owners) : 0);
	engine_each_suspect(d->engine, count_suspect, &suspects);
	GAUGE("suspects", "Hosts on no list that behave like a tracker", suspects);
	household_counters(d->household, &h);
	COUNT("leases_read", "Files of leases read", h.reads);
	COUNT("leases_refused", "Files of leases that are too large, or none", h.refused);
	GAUGE("leases", "Leases with a host name", h.leases);
	GAUGE("vendors", "Makers of devices in the IEEE's list", h.vendors);
	COUNT("conntrack_lost", "Flow ends that the kernel could not tell",
	      d->conntrack ? conntrack_lost(d->conntrack) : 0);
	COUNT("flows_called_up", "Flows in the kernel that a change of the policy blocked",
	      d->called_up);
	COUNT("reloads", "Reloads that took effect", d->reloads);
	COUNT("reloads_failed", "Reloads that were refused", d->reloads_failed);
	server_counters(d->server, &s);
	COUNT("clients", "Clients accepted", s.clients);
	COUNT("clients_refused", "Clients over the limit", s.refused);
	COUNT("requests", "Requests answered", s.requests);
	COUNT("requests_bad", "Requests that were no requests", s.bad_requests);
	COUNT("requests_overlong", "Clients that sent an endless line", s.overlong);
	COUNT("requests_unfinished", "Clients that left a line half said", s.idle);
	COUNT("events", "Records handed to watchers", s.events);
	COUNT("events_lost", "Records that slow watchers lost", s.events_lost);
	GAUGE("clients_now", "Clients connected", s.clients_now);
	GAUGE("watchers_now", "Clients that watch", s.watchers_now);
	GAUGE("rules", "Rules of all lists", index_rules(lists_index(policy_lists(d->policy))));
	GAUGE("index_bytes", "Memory of the domain index",
	      index_memory(lists_index(policy_lists(d->policy))));
	COUNT("regex_cut", "Expressions given up on a name since the lists were read",
	      index_regex_cut(lists_index(policy_lists(d->policy))));
	GAUGE("lists_kept", "Lists whose file was no good: the last good one is in force",
	      daemon_lists_in(d, "kept"));
	GAUGE("lists_missing", "Lists that are left out", daemon_lists_in(d, "missing"));
	daemon_lists_age(d, &generation, &changed_s);
	GAUGE("lists_generation", "How often lists in force changed, all together", generation);
	GAUGE("lists_changed_timestamp_seconds",
	      "When one last did, in seconds since 1970; 0 = not known", changed_s);
	GAUGE("memory_bytes", "Resident memory of the process", memory_bytes());
	GAUGE("compiling", "1 while lists are compiled", d->aside != NULL);
	GAUGE("paused", "1 while blocking is paused", policy_paused_until(d->policy) != 0);
#undef COUNT
#undef GAUGE
	return ok;
}

static void exceptions_json(const struct policy *p, struct text *out)
{
	json_array_begin(out, "exceptions");
	for (size_t i = 0; i < policy_exceptions(p); i++) {
		const struct policy_exception *x = policy_exception(p, i);

		json_object_begin(out, NULL);
		json_str(out, "kind",
			 x->is_pause		   ? "pause"
			 : x->action == RULE_ALLOW ? "allow"
						   : "block");
		json_str(out, "name", x->name.len ? x->name.text : NULL);
		json_str(out, "device", *x->device ? x->device : NULL);
		json_str(out, "app", *x->app ? x->app : NULL);
		json_str(out, "role", *x->role ? x->role : NULL);
		json_str(out, "list", *x->list ? x->list : NULL);
		if (x->until_ns != INT64_MAX)
			json_time(out, "until", x->until_ns);
		json_object_end(out);
	}
	json_array_end(out);
}

static int stats(void *ctx, struct text *out)
{
	struct daemon *d = ctx;
	struct figure_set set = { 0 };
	int64_t until = policy_paused_until(d->policy);

	if (!figures(d, &set)) {
		figures_done(&set);
		return -ENOMEM;
	}
	json_object_begin(out, NULL);
	json_str(out, "mode", d->config->mode);
	json_str(out, "backend", rules_backend_name(d->rules));
	json_str(out, "processes",
		 !d->processes			  ? "off"
		 : processes_traces(d->processes) ? "bpf"
						  : "proc");
	json_time(out, "started", d->started_ns);
	json_u64(out, "uptime_s", (uint64_t)((clock_now_ns() - d->started_ns) / 1000000000));
	json_u64(out, "privacy", d->config->privacy_level);
	if (until == INT64_MAX)
		json_str(out, "paused_until", "resume");
	else if (until)
		json_time(out, "paused_until", until);
	figures_json(&set, out);
	exceptions_json(d->policy, out);
	daemon_lists_json(d, out);
	json_array_begin(out, "connected");
	server_clients_json(d->server, out);
	json_array_end(out);
	json_object_end(out);
	figures_done(&set);
	return 0;
}

static int metrics(void *ctx, struct text *out)
{
	struct figure_set set = { 0 };
	bool ok = figures(ctx, &set);

	if (ok)
		figures_prometheus(&set, out);
	figures_done(&set);
	return ok ? 0 : -ENOMEM;
}

struct flows_context {
	struct daemon *d;
	void (*line)(void *to, const struct text *object);
	void *to;
};

static void flow_line(void *ctx, const struct flow_record *r)
{
	struct flows_context *c = ctx;
	struct flow_record copy = *r;
	char buf[PSEUDONYM_MAX];

	if (c->d->processes)
		copy.process = owners_of_flow(c->d->owners, c->d->processes, r, false);
	if (!privacy_flow(c->d->config->privacy_level, &copy, buf))
		return;
	text_clear(&c->d->line);
	report_flow_json(&c->d->line, &copy, 0);
	if (!c->d->line.failed)
		c->line(c->to, &c->d->line);
}

static int flows(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	struct daemon *d = ctx;
	struct flows_context c = { .d = d, .line = line, .to = to };

	if (d->conntrack)
		conntrack_dump(d->conntrack, daemon_flow_figures, d);
	engine_each_flow(d->engine, flow_line, &c);
	return 0;
}

struct trouble_context {
	struct daemon *d;
	const char *device;
	void (*line)(void *to, const struct text *object);
	void *to;
};

/* By the name that it is shown under, by its address or by its hardware address. */
static bool is_wanted(const struct refusal *r, const char *device)
{
	char addr[ADDR_TEXT_MAX], mac[MAC_TEXT_MAX];

	return !device || (r->device && !strcmp(device, r->device)) ||
	       (r->hostname && !strcmp(device, r->hostname)) ||
	       (r->client.family && !strcmp(device, addr_format(&r->client, addr))) ||
	       (!mac_is_zero(&r->mac) && !strcmp(device, mac_format(&r->mac, mac)));
}

static void trouble_line(void *ctx, const struct refusal *r)
{
	struct trouble_context *c = ctx;
	struct refusal copy = *r;
	char buf[PSEUDONYM_MAX];

	if (!privacy_refusal(c->d->config->privacy_level, &copy, buf) ||
	    !is_wanted(&copy, c->device))
		return;
	text_clear(&c->d->line);
	report_refusal_json(&c->d->line, &copy);
	if (!c->d->line.failed)
		c->line(c->to, &c->d->line);
}

static int trouble(void *ctx, const char *device, void (*line)(void *to, const struct text *object),
		   void *to)
{
	struct daemon *d = ctx;
	struct trouble_context c = { .d = d, .device = device, .line = line, .to = to };

	engine_each_refusal(d->engine, trouble_line, &c);
	return 0;
}

static int explain(void *ctx, const char *name, const char *device, const char *app,
		   struct text *out)
{
	struct daemon *d = ctx;

	explain_json(d->policy, name, device, app, true, out);
	return 0;
}

/* Into an open object. */
static void state(struct daemon *d, struct text *out)
{
	int64_t until = policy_paused_until(d->policy);

	json_str(out, "type", "state");
	json_time(out, "time", clock_now_ns());
	json_str(out, "mode", d->config->mode);
	json_bool(out, "paused", until != 0);
	if (until && until != INT64_MAX)
		json_time(out, "paused_until", until);
	json_u64(out, "rules", index_rules(lists_index(policy_lists(d->policy))));
	daemon_lists_trouble(d, out);
}

static void tell_state(struct daemon *d)
{
	struct server_event ev = { .type = "state" };

	text_clear(&d->line);
	json_object_begin(&d->line, NULL);
	state(d, &d->line);
	json_object_end(&d->line);
	server_publish(d->server, &ev, &d->line);
}

/* Answers the caller with the new state and tells the watchers. */
void daemon_state_changed(struct daemon *d, struct text *out)
{
	json_object_begin(out, NULL);
	state(d, out);
	json_object_end(out);
	tell_state(d);
}

static int pause_op(void *ctx, uint32_t seconds, struct text *out, struct error *e)
{
	struct daemon *d = ctx;

	(void)e;
	daemon_pause(d, seconds ? clock_now_ns() + (int64_t)seconds * 1000000000 : INT64_MAX);
	log_info("pause: blocking is paused%s", seconds ? "" : " until resume");
	daemon_state_changed(d, out);
	return 0;
}

/* Scopes that name nothing would do nothing, and nobody would know why. */
static int check_scope(const struct daemon *d, const struct server_exception *x, struct error *e)
{
	const struct config *c = d->config;
	const struct lists *lists = policy_lists(d->policy);
	enum role role;
	bool known = !x->device;

	for (size_t i = 0; !known && i < c->device_count; i++)
		known = !strcmp(c->devices[i].name, x->device) ||
			(c->devices[i].group && !strcmp(c->devices[i].group, x->device));
	if (!known)
		return error_set(e, -EINVAL, "there is no device or group \"%.64s\" in tacet.conf",
				 x->device);
	known = !x->list || !strcmp(x->list, "user");
	for (uint16_t i = 0; !known && i < lists_count(lists); i++)
		known = !strcmp(lists_source(lists, i)->name, x->list);
	if (!known)
		return error_set(e, -EINVAL, "there is no list \"%.64s\"", x->list);
	if (x->role && !role_parse(x->role, &role))
		return error_set(e, -EINVAL, "there is no role \"%.64s\"", x->role);
	if (x->app && !setup_knows_app(policy_catalogue(d->policy), x->app))
		return error_set(e, -EINVAL, "the catalogue has no app \"%.64s\"", x->app);
	return 0;
}

static int except_op(void *ctx, const struct server_exception *x, struct text *out, struct error *e)
{
	struct daemon *d = ctx;
	struct policy_exception p = {
		.is_pause = !strcmp(x->kind, "pause"),
		.action = strcmp(x->kind, "block") ? RULE_ALLOW : RULE_BLOCK,
		.until_ns =
			x->seconds ? clock_now_ns() + (int64_t)x->seconds * 1000000000 : INT64_MAX,
	};
	int rc = check_scope(d, x, e);

	if (rc)
		return rc;
	if (x->name && !name_from_text(x->name, strlen(x->name), &p.name))
		return error_set(e, -EINVAL, "\"%.64s\" is no domain name", x->name);
	snprintf(p.device, sizeof p.device, "%s", x->device ? x->device : "");
	snprintf(p.app, sizeof p.app, "%s", x->app ? x->app : "");
	snprintf(p.role, sizeof p.role, "%s", x->role ? x->role : "");
	snprintf(p.list, sizeof p.list, "%s", x->list ? x->list : "");
	rc = policy_except(d->policy, &p);
	if (rc)
		return error_set(e, rc, "there are %d pauses and rules already: resume first",
				 POLICY_EXCEPTIONS);
	daemon_redecide(d);
	log_info("%s: for a part of it", x->kind);
	json_object_begin(out, NULL);
	state(d, out);
	if (p.until_ns != INT64_MAX)
		json_time(out, "until", p.until_ns);
	json_object_end(out);
	tell_state(d);
	return 0;
}

static int resume_op(void *ctx, const struct server_exception *x, struct text *out, struct error *e)
{
	struct daemon *d = ctx;
	struct name name = { .len = 0 };
	size_t ended = policy_exceptions(d->policy);

	if (x && x->name && !name_from_text(x->name, strlen(x->name), &name))
		return error_set(e, -EINVAL, "\"%.64s\" is no domain name", x->name);
	if (x)
		ended = policy_resume_one(d->policy, &name, x->device ? x->device : "");
	else
		policy_resume(d->policy);
	daemon_redecide(d);
	log_info("resume: %s", x ? "for a part of it" : "blocking again");
	json_object_begin(out, NULL);
	state(d, out);
	json_u64(out, "ended", ended);
	json_object_end(out);
	tell_state(d);
	return 0;
}

static int reload_op(void *ctx, bool force, struct text *out, uint64_t *out_ticket, struct error *e)
{
	struct daemon *d = ctx;
	int rc = daemon_reload(d, force, out_ticket, e);

	if (!rc && !*out_ticket)
		daemon_state_changed(d, out);
	return rc;
}

void daemon_ops(struct daemon *d, struct server_ops *out)
{
	*out = (struct server_ops){
		.ctx = d,
		.hello = hello,
		.stats = stats,
		.metrics = metrics,
		.flows = flows,
		.lists = daemon_lists,
		.devices = daemon_devices,
		.sessions = daemon_sessions,
		.suspects = daemon_suspects,
		.trouble = trouble,
		.explain = explain,
		.pause = pause_op,
		.except = except_op,
		.resume = resume_op,
		.reload = reload_op,
	};
}
