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

/* DNS over TLS and over QUIC have a port of their own (RFC 7858, 3.1; RFC 9250, 4.1.1), and on
 * another one an ALPN of their own. */
static void judge(const struct engine *e, const struct flow *f, const struct name *name,
		  struct verdict *out)
{
	struct addr client = flow_addr(f, f->opener);
	struct addr server = flow_addr(f, !f->opener);
	struct policy_query q = engine_query(e, name, flow_policy_via(f), &f->mac, &client);

	q.server = &server;
	q.is_resolver = f->is_resolver || f->key.ports[!f->opener] == 853;
	engine_decide(e, &q, &f->mac, f->first_ns, out);
}

/* An address may have several names at this client (shared hosting, CDNs): it is refused
 * only if every name that it may stand for would be, the one of the hint among them. */
static void decide_by_memory(struct engine *e, const struct flow *f, struct hint *hint,
			     struct verdict *v)
{
	struct addr client = flow_addr(f, f->opener), server = flow_addr(f, !f->opener);
	struct name names[MEMORY_NAMES];
	unsigned n = engine_names_of(e, &client, &server, names);
	bool has_one = hint->name.len || !n;
	struct verdict other;

	if (has_one)
		judge(e, f, &hint->name, v);
	for (unsigned i = 0; i < n; i++) {
		judge(e, f, &names[i], &other);
		if (has_one && other.kind >= v->kind)
			continue;
		has_one = true;
		*v = other;
		hint->via = VIA_DNS;
		hint->name = names[i];
	}
}

static void count_via(struct engine *e, enum via via)
{
	switch (via) {
	case VIA_TLS:
		e->counters.tls++;
		break;
	case VIA_QUIC:
		e->counters.quic++;
		break;
	case VIA_HTTP:
		e->counters.http++;
		break;
	case VIA_SOCKS:
		e->counters.socks++;
		break;
	case VIA_DNS:
		e->counters.from_dns++;
		break;
	case VIA_ECH:
		e->counters.ech++;
		break;
	case VIA_NONE:
		e->counters.unnamed++;
		break;
	}
}

/* A hello with encrypted_client_hello shows the public name of the server's operator in place of
 * its own (RFC 9849, 6.1), or it is GREASE and shows its own (6.2); the wire does not tell which.
 * The DNS answers to this client do: a name among those of the address is the true one. Where
 * there are none the name has to do. */
static bool is_outer_name(struct engine *e, const struct flow *f, const struct hint *hint)
{
	struct addr client = flow_addr(f, f->opener), server = flow_addr(f, !f->opener);
	struct name names[MEMORY_NAMES];
	unsigned n;

	if (!hint->has_ech || !hint->name.len)
		return false;
	n = engine_names_of(e, &client, &server, names);
	for (unsigned i = 0; i < n; i++)
		if (name_equal(&names[i], &hint->name))
			return false;
	return n;
}

static void forget(struct engine *e, struct flow *f)
{
	names_drop(e->names, f->name);
	names_drop(e->names, f->outer);
	f->name = f->outer = NULL;
}

/* Every flow counts once: when its name is final. */
static void count(struct engine *e, const struct flow *f, const struct verdict *v)
{
	count_via(e, (enum via)f->via);
	engine_count_verdict(e, v);
}

static void count_late(struct engine *e, const struct flow *f)
{
	struct name name;
	struct verdict v;

	names_copy(f->name, &name);
	judge(e, f, &name, &v);
	v.kind = (enum verdict_kind)f->kind;
	count(e, f, &v);
}

/* watch: the name may yet be another, unless this one is refused. */
static void decide(struct engine *e, struct flow *f, struct hint *hint, bool watch)
{
	struct addr client = flow_addr(f, f->opener);
	struct verdict v = { .kind = VERDICT_ALLOW };

	device_table_seen(e->devices, &f->mac, &client, f->last_ns);
	forget(e, f);
	f->is_resolver |= hint->offers_dns;
	if (is_outer_name(e, f, hint)) {
		f->outer = names_hold(e->names, &hint->name);
		hint->name = (struct name){ .len = 0 };
		decide_by_memory(e, f, hint, &v);
		hint->via = VIA_ECH;
	} else if (hint->name.len) {
		judge(e, f, &hint->name, &v);
	} else {
		decide_by_memory(e, f, hint, &v);
	}
	/* TCP carries payload only after a handshake; a first datagram can be held back. */
	f->reached = f->key.proto == IPPROTO_TCP || v.kind != VERDICT_BLOCK || f->packets[0] > 1 ||
		     f->packets[1];
	remember(e, f, hint, &v);
	if (v.kind == VERDICT_BLOCK && e->options.open_records)
		engine_flow_refused(e, f, &v);
	f->watched = watch && v.kind != VERDICT_BLOCK;
	engine_habit_flow(e, f, &v);
	if (f->watched)
		return;
	hello_give_back(e, f);
	count(e, f, &v);
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

/* What the policy of now says of a decided flow: of the name that it showed, or of all that its
 * address may stand for. */
static void judge_again(struct engine *e, const struct flow *f, struct verdict *v)
{
	struct hint hint = { .via = (enum via)f->via };

	names_copy(f->name, &hint.name);
	if (f->via == VIA_DNS || f->via == VIA_ECH)
		decide_by_memory(e, f, &hint, v);
	else
		judge(e, f, &hint.name, v);
}

/* The policy changed under a decided flow: the name stays, the verdict is made anew. */
static void decide_again(struct engine *e, struct flow *f)
{
	struct hint hint = { .via = (enum via)f->via };
	struct verdict v = { .kind = VERDICT_ALLOW };
	uint8_t before = f->kind;

	judge_again(e, f, &v);
	remember(e, f, &hint, &v);
	if (!e->options.open_records || f->kind == before)
		return;
	emit(e, f, true);
	if (v.kind == VERDICT_BLOCK)
		engine_flow_refused(e, f, &v);
}

struct changed_context {
	struct engine *e;
	void (*each)(void *ctx, const struct engine_flow *f);
	void *ctx;
};

static void each_kept(void *ctx, const struct flow *f)
{
	const struct changed_context *c = ctx;
	struct verdict v = { .kind = VERDICT_ALLOW };

	if (f->generation == c->e->generation && f->kind != VERDICT_BLOCK)
		return;
	judge_again(c->e, f, &v);
	if (v.kind == VERDICT_BLOCK)
		c->each(c->ctx, &(struct engine_flow){ .proto = f->key.proto,
						       .src = flow_addr(f, f->opener),
						       .dst = flow_addr(f, !f->opener),
						       .sport = f->key.ports[f->opener],
						       .dport = f->key.ports[!f->opener] });
}

bool engine_each_changed(struct engine *e, uint32_t *io_place, uint32_t n,
			 void (*each)(void *ctx, const struct engine_flow *f), void *ctx)
{
	struct changed_context c = { .e = e, .each = each, .ctx = ctx };

	return flow_table_kept(e->flows, io_place, n, each_kept, &c);
}

/* Servers of these speak in clear first, and a hello may follow in dialects that starttls.h does
 * not know; on the ports of HTTP the first request may be without Host. */
static bool is_late_port(uint16_t port)
{
	static const uint16_t ports[] = { 21,	25,   80,   110,  119,	143,  389, 587,
					  1080, 3128, 3306, 4190, 5222, 5432, 8080 };

	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* Is a flow that was decided without a name of its own to be looked at further? In a capture
 * that costs nothing; in the kernel's way each of its packets has to come up. */
static bool may_be_named_late(const struct flow *f, bool captured)
{
	return f->key.proto == IPPROTO_TCP && (captured || is_late_port(f->key.ports[!f->opener]));
}

static void look(struct engine *e, struct flow *f, const struct packet *p, unsigned end,
		 bool captured)
{
	struct hint hint = { .via = VIA_NONE };
	enum outcome o;
	bool watch;

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
	watch = hint.may_change || (o != OUTCOME_FOUND && may_be_named_late(f, captured));
	decide(e, f, &hint, watch);
	/* Live, a record goes out with the decision; the flow's end brings another. */
	if (e->options.open_records)
		emit(e, f, true);
}

/* The next payload of a flow that is watched. */
static void look_again(struct engine *e, struct flow *f, const struct packet *p, unsigned end)
{
	struct hint hint = { .via = VIA_NONE };
	enum outcome o = hello_look(e, f, p, end, &hint);

	if (o == OUTCOME_MORE || (o == OUTCOME_FOUND && hint.may_change && hint.via == f->via))
		return;
	f->watched = false;
	if (o != OUTCOME_FOUND) {
		count_late(e, f);
		return;
	}
	/* The target of a proxy is told too; live it was when it was decided. */
	if (f->name && f->via != VIA_DNS && !e->options.open_records)
		emit(e, f, true);
	decide(e, f, &hint, hint.may_change);
	if (e->options.open_records)
		emit(e, f, true);
}

/* p is the client's, or the server's answer to its question. */
static void reset_both(struct engine *e, const struct flow *f, const struct packet *p,
		       struct action *a)
{
	const struct addr client = flow_addr(f, f->opener);

	if (addr_equal(&p->src, &client) && p->sport == f->key.ports[f->opener]) {
		a->reply_len = forge_tcp_reset_sender(p, e->reply);
		a->to_server_len = forge_tcp_reset_receiver(p, e->to_server);
	} else {
		a->reply_len = forge_tcp_reset_receiver(p, e->reply);
		a->to_server_len = forge_tcp_reset_sender(p, e->to_server);
	}
	a->to_server = a->to_server_len ? e->to_server : NULL;
}

struct action engine_refuse(struct engine *e, const struct flow *f, enum verdict_how how,
			    const struct packet *p)
{
	struct action a = action_of(ACTION_DROP);

	if (how == HOW_STALL && p->time_ns - f->first_ns >= STALL_NS)
		how = HOW_RESET;
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
	case HOW_REWRITE:
	case HOW_STALL:
	case HOW_DROP:
	case HOWS:
		return a;
	}
	if (a.kind == ACTION_RESET)
		reset_both(e, f, p, &a);
	else
		a.reply_len = forge_unreachable(p, e->reply);
	a.reply = a.reply_len ? e->reply : NULL;
	return a;
}

static struct action flow_action(struct engine *e, enum frame_hook hook, struct flow *f,
				 const struct packet *p, unsigned end)
{
	if (f->stage != FLOW_DECIDED)
		return action_of(ACTION_PASS);
	if (f->kind != VERDICT_BLOCK) {
		if (f->watched || (f->heard && engine_habit_hears(f)))
			return action_of(ACTION_PASS);
		f->heard = false;
		f->kept = e->options.open_records;
		return action_of(ACTION_KEEP);
	}
	/* Datagrams come up on their way back when the policy changed: who is sent them may be
	 * silent. Of streams the acknowledgements are refused. */
	if (end != f->opener)
		return action_of(hook == FRAME_BACK ? ACTION_DROP : ACTION_PASS);
	/* The mark of datagrams stays until their entry goes: what comes back is to come up. */
	f->kept = f->kept && p->proto == IPPROTO_UDP;
	return engine_refuse(e, f, (enum verdict_how)f->how, p);
}

/* Of what leaves this machine the queue gets answers of DNS alone. */
static bool is_way_back(const struct frame *frame, const struct packet *p)
{
	if (frame->hook == FRAME_LOCAL)
		return p->sport == 53 && p->dport != 53;
	return frame->hook == FRAME_BACK;
}

struct action engine_flow_packet(struct engine *e, const struct frame *frame,
				 const struct packet *p)
{
	unsigned end;
	struct flow *f = flow_table_packet(e->flows, p, &end);
	const struct packet *said = p;
	struct action a;

	if (frame->hook != FRAME_CAPTURED && !f->sure_opener)
		flow_set_opener(f, is_way_back(frame, p) ? !end : end);
	if (engine_dns_flow(e, frame->hook, f, &said, end, &a))
		return a;
	if (f->stage == FLOW_DECIDED) {
		if (f->generation != e->generation)
			decide_again(e, f);
		if (f->watched && f->kind != VERDICT_BLOCK && said->payload_len && end == f->opener)
			look_again(e, f, said, end);
		else if ((frame->hook == FRAME_CAPTURED || f->heard) && said->payload_len &&
			 end == f->opener)
			engine_habit_payload(e, f, p->time_ns);
	} else if (said->payload_len) {
		look(e, f, said, end, frame->hook == FRAME_CAPTURED);
	}
	return flow_action(e, frame->hook, f, p, end);
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
	out->hostname = engine_device_hostname(e, &out->mac, &out->src);
	if (f->ja4)
		out->ja4 = fingerprints_text(e->fingerprints, f->ja4);
	names_copy(f->name, &out->name);
	names_copy(f->outer, &out->outer);
	if (f->stage != FLOW_DECIDED)
		return;
	judge(e, f, &out->name, &out->verdict);
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

	if (engine_dns_flow_gone(e, f)) {
		e->counters.dns_flows++;
		return;
	}
	if (hello_finish(e, f, &hint) || f->stage != FLOW_DECIDED)
		decide(e, f, &hint, false);
	else if (f->watched)
		count_late(e, f);
	emit(e, f, false);
	engine_habit_bytes(e, f, true);
	if (f->ja4)
		fingerprints_drop(e->fingerprints, f->ja4);
	f->ja4 = 0;
}

bool engine_flow_counted(struct engine *e, const struct engine_count *c, int64_t now_ns)
{
	bool was_heard;
	unsigned end;
	struct flow *f =
		flow_table_find(e->flows, c->proto, &c->src, c->sport, &c->dst, c->dport, &end);

	if (!f || end != f->opener)
		return false;
	if (c->packets_out) {
		uint64_t seen = (uint64_t)f->packets[0] + f->packets[1];
		uint64_t counted = c->packets_out + c->packets_in;

		e->counters.kept_packets += counted > seen ? counted - seen : 0;
		f->packets[0] = (uint32_t)c->packets_out;
		f->bytes[0] = c->bytes_out;
		f->packets[1] = (uint32_t)c->packets_in;
		f->bytes[1] = c->bytes_in;
		f->last_ns = now_ns;
	}
	if (c->ended) {
		flow_table_end(e->flows, f);
		return false;
	}
	/* With a change of the policy it comes up by itself. */
	was_heard = f->heard;
	f->heard = f->kept && f->generation == e->generation && engine_habit_hears(f);
	if (f->heard)
		engine_habit_bytes(e, f, false);
	return f->heard && !was_heard;
}
