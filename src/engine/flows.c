/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows: find the name in the first payload, decide, and say so to every later packet. */
#include <netinet/in.h>
#include <string.h>

#include "engine/internal.h"

static enum policy_via flow_policy_via(const struct flow *f)
{
	return f->key.proto == IPPROTO_TCP ? POLICY_TCP : POLICY_UDP;
}

static void remember(struct engine *e, struct flow *f, const struct hint *hint,
		     const struct verdict *v)
{
	if (!f->name)
		f->name = names_hold(e->names, &hint->name);
	f->via = (uint8_t)hint->via;
	f->kind = (uint8_t)v->kind;
	f->how = (uint8_t)v->how;
	f->reason = (uint8_t)v->reason;
	f->generation = e->generation;
	f->stage = FLOW_DECIDED;
}

/* An address may have several names at this client (shared hosting, CDNs): it is refused
 * only if every name that it may stand for would be. */
static void decide_by_memory(struct engine *e, const struct flow *f, struct hint *hint,
			     struct verdict *v)
{
	struct addr client = flow_addr(f, f->opener), server = flow_addr(f, !f->opener);
	struct name names[MEMORY_NAMES];
	unsigned n = memory_find(e->memory, &client, &server, e->now_ns, names);
	struct verdict other;

	for (unsigned i = 0; i < n; i++) {
		policy_decide(e->policy, &names[i], flow_policy_via(f), e->now_ns, &other);
		if (i && other.kind >= v->kind)
			continue;
		*v = other;
		hint->via = VIA_DNS;
		hint->name = names[i];
	}
}

static void count_via(struct engine *e, enum via via)
{
	switch (via) {
	case VIA_TLS:
	case VIA_ECH:
		e->counters.tls++;
		break;
	case VIA_QUIC:
		e->counters.quic++;
		break;
	case VIA_HTTP:
		e->counters.http++;
		break;
	case VIA_DNS:
		e->counters.from_dns++;
		break;
	case VIA_NONE:
		e->counters.unnamed++;
		break;
	}
}

static void decide(struct engine *e, struct flow *f, struct hint *hint)
{
	struct verdict v = { .kind = VERDICT_ALLOW };

	if (hint->name.len)
		policy_decide(e->policy, &hint->name, flow_policy_via(f), e->now_ns, &v);
	else
		decide_by_memory(e, f, hint, &v);
	/* TCP carries payload only after a handshake; a first datagram can be held back. */
	f->reached = f->key.proto == IPPROTO_TCP || v.kind != VERDICT_BLOCK || f->packets[0] > 1 ||
		     f->packets[1];
	remember(e, f, hint, &v);
	count_via(e, hint->via);
	engine_count_verdict(e, &v);
}

static void emit(struct engine *e, const struct flow *f, bool is_open)
{
	struct flow_record r;

	if (!e->sink.flow || (e->sink.wanted && !e->sink.wanted(e->sink.ctx)))
		return;
	engine_flow_record(e, f, &r);
	r.is_open = is_open;
	e->sink.flow(e->sink.ctx, &r);
}

/* The policy changed under a decided flow: the name stays, the verdict is made anew. */
static void decide_again(struct engine *e, struct flow *f)
{
	struct hint hint = { .via = (enum via)f->via };
	struct verdict v = { .kind = VERDICT_ALLOW };

	names_copy(f->name, &hint.name);
	policy_decide(e->policy, &hint.name, flow_policy_via(f), e->now_ns, &v);
	remember(e, f, &hint, &v);
}

static void look(struct engine *e, struct flow *f, const struct packet *p, unsigned end)
{
	struct hint hint = { .via = VIA_NONE };
	enum outcome o;

	/* Of a flow whose beginning was not seen nobody knows yet who opened it. */
	if (end != f->opener && f->sure_opener)
		return;
	o = hello_look(e, f, p, end, &hint);
	if (o == OUTCOME_FOUND)
		flow_set_opener(f, end);
	else if (end != f->opener)
		return;
	f->stage = FLOW_WAITING;
	if (o == OUTCOME_MORE)
		return;
	decide(e, f, &hint);
	/* Live, a record goes out with the decision; the flow's end brings another. */
	if (e->options.open_records)
		emit(e, f, true);
}

struct action engine_refuse(struct engine *e, enum verdict_how how, const struct packet *p)
{
	struct action a = action_of(ACTION_DROP);

	switch (how) {
	case HOW_RESET:
		a.kind = p->proto == IPPROTO_TCP ? ACTION_RESET : ACTION_UNREACH;
		break;
	case HOW_UNREACH:
		a.kind = ACTION_UNREACH;
		break;
	case HOW_NONE:
	case HOW_NXDOMAIN:
	case HOW_NULL:
	case HOW_NODATA:
	case HOW_REFUSED:
	case HOW_DROP:
	case HOWS:
		return a;
	}
	a.reply_len = a.kind == ACTION_RESET ? forge_tcp_reset(p, e->reply)
					     : forge_unreachable(p, e->reply);
	a.reply = a.reply_len ? e->reply : NULL;
	return a;
}

static struct action flow_action(struct engine *e, struct flow *f, const struct packet *p,
				 unsigned end)
{
	if (f->stage != FLOW_DECIDED)
		return action_of(ACTION_PASS);
	if (f->kind != VERDICT_BLOCK) {
		f->kept = e->options.open_records;
		return action_of(ACTION_KEEP);
	}
	if (end != f->opener)
		return action_of(ACTION_PASS);
	f->kept = false;
	return engine_refuse(e, (enum verdict_how)f->how, p);
}

struct action engine_flow_packet(struct engine *e, const struct frame *frame,
				 const struct packet *p)
{
	unsigned end;
	struct flow *f = flow_table_packet(e->flows, p, &end);
	struct packet said = *p;
	struct action a;

	/* The queue gets packets of the original direction alone (DNS answers apart). */
	if (frame->hook != FRAME_CAPTURED && !f->sure_opener)
		flow_set_opener(f, end);
	if (engine_dns_flow(e, frame->hook, f, &said, end, &a))
		return a;
	if (f->stage == FLOW_DECIDED) {
		if (f->generation != e->generation)
			decide_again(e, f);
	} else if (said.payload_len) {
		look(e, f, &said, end);
	}
	return flow_action(e, f, p, end);
}

void engine_flow_record(const struct engine *e, const struct flow *f, struct flow_record *out)
{
	*out = (struct flow_record){
		.id = f->id,
		.proto = f->key.proto,
		.src = flow_addr(f, f->opener),
		.dst = flow_addr(f, !f->opener),
		.sport = f->key.ports[f->opener],
		.dport = f->key.ports[!f->opener],
		.mac = f->mac,
		.via = (enum via)f->via,
		.reached = f->stage == FLOW_DECIDED ? f->reached : f->packets[0] > 0,
		.first_ns = f->first_ns,
		.last_ns = f->last_ns,
		.packets_out = f->packets[0],
		.bytes_out = f->bytes[0],
		.packets_in = f->packets[1],
		.bytes_in = f->bytes[1],
	};
	out->device = engine_device_name(e, &out->mac, &out->src);
	names_copy(f->name, &out->name);
	if (f->stage != FLOW_DECIDED)
		return;
	policy_decide(e->policy, &out->name, flow_policy_via(f), e->now_ns, &out->verdict);
	if (f->generation == e->generation && out->verdict.kind == (enum verdict_kind)f->kind)
		return;
	/* The policy has moved on: what was done stands, its rule is no longer there to name. */
	out->verdict.kind = (enum verdict_kind)f->kind;
	out->verdict.how = (enum verdict_how)f->how;
	out->verdict.reason = (enum verdict_reason)f->reason;
	out->verdict.has_rule = false;
	out->verdict.list = NULL;
}

void engine_flow_gone(void *ctx, struct flow *f)
{
	struct engine *e = ctx;
	struct hint hint = { .via = VIA_NONE };

	if (engine_dns_flow_gone(e, f))
		return;
	hello_finish(e, f, &hint);
	if (f->stage != FLOW_DECIDED)
		decide(e, f, &hint);
	emit(e, f, false);
}

void engine_flow_counted(struct engine *e, const struct engine_count *c, int64_t now_ns)
{
	unsigned end;
	struct flow *f =
		flow_table_find(e->flows, c->proto, &c->src, c->sport, &c->dst, c->dport, &end);

	if (!f || end != f->opener)
		return;
	if (c->packets_out) {
		f->packets[0] = (uint32_t)c->packets_out;
		f->bytes[0] = c->bytes_out;
		f->packets[1] = (uint32_t)c->packets_in;
		f->bytes[1] = c->bytes_in;
		f->last_ns = now_ns;
	}
	if (c->ended)
		flow_table_end(e->flows, f);
}
