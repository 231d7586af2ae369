/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline from frame to decision. */
#include "engine/engine.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <stdlib.h>

#include "base/hash.h"
#include "engine/internal.h"

struct engine *engine_new(const struct engine_options *o, const struct record_sink *sink)
{
	struct flow_options flows = {
		.max = o->max_flows,
		.tcp_idle_ms = o->tcp_idle_ms,
		.udp_idle_ms = o->udp_idle_ms,
		.closing_ms = 10000,
		/* Its end comes from conntrack; this is for the day when that was lost. */
		.kept_ms = 24 * 3600 * 1000,
	};
	struct device_options devices = {
		.max_devices = o->max_devices,
		.max_addresses = o->max_addresses,
		.configs = o->devices,
		.config_count = o->device_count,
	};
	struct engine *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	hash_seed();
	e->options = *o;
	e->options.devices = NULL;
	e->sink = *sink;
	e->names = names_new(o->max_flows + o->max_names + o->max_refused);
	if (sink->fingerprints)
		e->fingerprints = fingerprints_new(o->max_flows);
	if (!e->names || !(e->devices = device_table_new(&devices)) ||
	    (sink->fingerprints && !e->fingerprints) ||
	    !(e->flows = flow_table_new(&flows, e->names, engine_flow_gone, e)) ||
	    !(e->memory = memory_new(o->max_names, o->name_floor_s, e->names)) ||
	    !(e->questions = questions_new(o->max_questions)) || !engine_habits_new(e) ||
	    !(e->fragments = fragments_new()) || !(e->hellos = hellos_new(o->max_hellos)) ||
	    !(e->talks = talks_new(o->max_hellos)) || !(e->decided = decided_new()) ||
	    !(e->relays = relays_new()) || !(e->late = late_new(o->max_questions / 2)) ||
	    !(e->refused = refused_new(o->max_refused ? o->max_refused : 1, e->names,
				       engine_repeats_told, e))) {
		engine_free(e);
		return NULL;
	}
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	decided_free(e->decided);
	relays_free(e->relays);
	refused_free(e->refused);
	late_free(e->late);
	talks_free(e->talks);
	hellos_free(e->hellos);
	fragments_free(e->fragments);
	questions_free(e->questions);
	memory_free(e->memory);
	sessions_free(e->sessions);
	suspects_free(e->suspects);
	flow_table_free(e->flows);
	names_free(e->names);
	fingerprints_free(e->fingerprints);
	device_table_free(e->devices);
	free(e);
}

void engine_set_policy(struct engine *e, struct policy *p)
{
	e->policy = p;
	e->generation++;
	if (p)
		policy_tick(p, e->now_ns);
}

uint32_t engine_generation(const struct engine *e)
{
	return e->generation;
}

struct policy_query engine_query(const struct engine *e, const struct name *name,
				 enum policy_via via, const struct mac *mac,
				 const struct addr *client)
{
	return (struct policy_query){
		.name = name,
		.via = via,
		.client = client,
		.device = engine_device_name(e, mac, client),
	};
}

void engine_count_verdict(struct engine *e, const struct verdict *v)
{
	switch (v->kind) {
	case VERDICT_ALLOW:
		e->counters.allowed++;
		return;
	case VERDICT_LOG:
		e->counters.logged++;
		break;
	case VERDICT_BLOCK:
		e->counters.blocked++;
		break;
	}
	e->counters.by_role[v->role]++;
}

static void count_action(struct engine *e, const struct action *a)
{
	switch (a->kind) {
	case ACTION_PASS:
	case ACTION_KEEP:
	case ACTION_LATE:
		break;
	case ACTION_DROP:
		e->counters.dropped++;
		break;
	case ACTION_RESET:
		e->counters.reset++;
		break;
	case ACTION_UNREACH:
		e->counters.unreachable++;
		break;
	case ACTION_ANSWER:
		e->counters.answered++;
		break;
	}
}

static bool is_dns_port(const struct packet *p)
{
	return p->proto == IPPROTO_UDP && (p->dport == 53 || p->sport == 53);
}

/* The packet that f is the last missing piece of, and a frame of all its pieces. A queue brings
 * no fragments: conntrack puts packets together before they come to it. */
static bool join_fragments(struct engine *e, const struct frame *f, struct frame *out_whole,
			   struct packet *p)
{
	struct fragment fragment;
	const uint8_t *bytes;
	size_t n;

	if (!decode_fragment(f, &fragment))
		return false;
	bytes = fragments_add(e->fragments, &fragment, &n);
	if (!bytes)
		return false;
	*out_whole = *f;
	out_whole->bytes = bytes;
	out_whole->len = out_whole->wire_len = (uint32_t)n;
	out_whole->link = DLT_RAW;
	out_whole->mac = fragment.mac;
	return decode_frame(out_whole, p) == DECODE_OK;
}

struct action engine_frame(struct engine *e, const struct frame *f)
{
	struct action a = action_of(ACTION_PASS);
	enum decode_result r;
	struct frame whole;
	struct packet p;
	bool is_dns = false;

	e->counters.frames++;
	e->counters.bytes += f->wire_len;
	r = decode_frame(f, &p);
	e->counters.decode[r]++;
	if (r == DECODE_FRAGMENT && join_fragments(e, f, &whole, &p))
		f = &whole;
	else if (r != DECODE_OK)
		return a;
	/* Captures merged from several machines step back; time-outs only look forward. */
	if (p.time_ns > e->now_ns)
		engine_tick(e, p.time_ns);
	engine_dhcp(e, &p);
	if (is_dns_port(&p))
		a = engine_dns_packet(e, f, &p, &is_dns);
	if (!is_dns)
		a = engine_flow_packet(e, f, &p);
	count_action(e, &a);
	return a;
}

void engine_tick(struct engine *e, int64_t now_ns)
{
	e->now_ns = now_ns;
	if (e->policy && policy_tick(e->policy, now_ns))
		e->generation++;
	flow_table_tick(e->flows, now_ns);
	engine_questions_tick(e, now_ns);
	refused_tick(e->refused, now_ns);
	sessions_tick(e->sessions, now_ns);
}

bool engine_late(struct engine *e, struct action *out)
{
	const uint8_t *bytes;
	size_t n;

	bytes = late_take(e->late, e->now_ns, &n);
	if (!bytes)
		return false;
	*out = (struct action){ .kind = ACTION_ANSWER, .reply = bytes, .reply_len = n };
	count_action(e, out);
	return true;
}

void engine_flush(struct engine *e)
{
	fragments_flush(e->fragments);
	engine_questions_flush(e);
	flow_table_flush(e->flows);
	refused_flush(e->refused);
	sessions_flush(e->sessions);
}

const struct engine_counters *engine_counters(struct engine *e)
{
	/* The tables count for themselves; here all figures meet. */
	struct engine_counters *c = &e->counters;
	struct fragments_counters fragments;

	fragments_counters(e->fragments, &fragments);
	c->fragments = fragments.seen;
	c->fragments_joined = fragments.joined;
	c->fragments_evicted = fragments.evicted;
	c->flows = flow_table_created(e->flows);
	c->flows_evicted = flow_table_evicted(e->flows);
	c->flows_now = flow_table_now(e->flows);
	c->names = memory_created(e->memory);
	c->names_evicted = memory_evicted(e->memory);
	c->names_now = memory_now(e->memory);
	c->names_full = names_full(e->names);
	c->refused_now = refused_now(e->refused);
	c->refused_evicted = refused_evicted(e->refused);
	hellos_count(e->hellos, c);
	engine_devices_count(e, c);
	engine_habits_count(e, c);
	return c;
}

struct each_context {
	const struct engine *e;
	void (*each)(void *ctx, const struct flow_record *r);
	void *ctx;
};

static void each_flow(void *ctx, const struct flow *f)
{
	struct each_context *c = ctx;
	struct flow_record r;

	engine_flow_record(c->e, f, &r);
	r.is_open = true;
	c->each(c->ctx, &r);
}

void engine_each_flow(const struct engine *e, void (*each)(void *ctx, const struct flow_record *r),
		      void *ctx)
{
	struct each_context c = { .e = e, .each = each, .ctx = ctx };

	flow_table_each(e->flows, each_flow, &c);
}
