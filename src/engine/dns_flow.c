/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS in flows: over TCP, and over UDP on ports that are not its own. */
#include <netinet/in.h>

#include "engine/internal.h"

/* Multicast DNS, LLMNR and NetBIOS names look like DNS and are the neighbours' talk. */
static bool is_neighbours(uint16_t port)
{
	return port == 137 || port == 5353 || port == 5355;
}

static bool udp_flow(struct engine *e, enum frame_hook hook, struct flow *f, const struct packet *p,
		     unsigned end, struct action *out)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);

	if (!f->is_dns) {
		if (f->stage != FLOW_NEW || end != f->opener || is_neighbours(p->sport) ||
		    is_neighbours(p->dport) || !dns_is_plain_question(&r, &e->message))
			return false;
		f->is_dns = true;
		f->stage = FLOW_WAITING;
	} else if (dns_message_parse(&r, &e->message) != OUTCOME_FOUND ||
		   e->message.is_response != (end != f->opener)) {
		if (end != f->opener)
			return true;
		f->is_dns = false;
		f->stage = FLOW_NEW;
		return false;
	}
	*out = engine_dns_datagram(e, hook, p);
	return true;
}

/* Port 53, or a first segment that is a question and nothing else. */
static bool begins_talk(struct engine *e, const struct flow *f, const struct packet *p,
			unsigned end)
{
	struct reader r = reader_whole(p->payload, p->payload_len), m;

	if (p->sport == 53 || p->dport == 53)
		return true;
	return end == f->opener && read_vec16(&r, &m) && reader_done(&r) &&
	       dns_is_plain_question(&m, &e->message);
}

/* From now on the client is refused: what it said again would reach the server else. */
static void refuse_from_now(struct engine *e, struct flow *f, const struct verdict *v)
{
	f->kind = (uint8_t)v->kind;
	f->how = (uint8_t)v->how;
	f->generation = e->generation;
	f->stage = FLOW_DECIDED;
}

/* Another policy may let the name through. */
static void decide_again(struct engine *e, struct flow *f)
{
	struct addr client = flow_addr(f, f->opener);
	struct policy_query q;
	struct verdict v;
	struct name name;

	names_copy(f->name, &name);
	q = engine_query(e, &name, POLICY_DNS_TCP, &f->mac, &client);
	policy_decide(e->policy, &q, &v);
	if (v.kind == VERDICT_BLOCK) {
		refuse_from_now(e, f, &v);
		return;
	}
	names_drop(e->names, f->name);
	f->name = NULL;
	f->stage = FLOW_WAITING;
}

static bool tcp_flow(struct engine *e, enum frame_hook hook, struct flow *f,
		     const struct packet **io_p, unsigned end, struct action *out)
{
	const struct packet *p = *io_p;
	struct verdict v = { .kind = VERDICT_ALLOW };
	bool refusable;

	if (!f->is_dns && !f->dns_talk && (!p->payload_len || !begins_talk(e, f, p, end)))
		return false;
	if (f->stage == FLOW_DECIDED && f->generation != e->generation)
		decide_again(e, f);
	if (p->payload_len) {
		if (f->stage == FLOW_NEW)
			f->stage = FLOW_WAITING;
		e->said = *p;
		if (talk_packet(e, hook, f, &e->said, end, &v) == TALK_NOT) {
			*io_p = &e->said;
			return false;
		}
	}
	/* A refused answer in the kernel's way, too, would come again. */
	refusable = end == f->opener || hook != FRAME_CAPTURED;
	if (v.kind == VERDICT_BLOCK && f->stage != FLOW_DECIDED && refusable)
		refuse_from_now(e, f, &v);
	if (v.kind == VERDICT_BLOCK)
		*out = engine_refuse(e, f, v.how, p);
	else if (f->stage == FLOW_DECIDED && refusable)
		*out = engine_refuse(e, f, (enum verdict_how)f->how, p);
	return true;
}

bool engine_dns_flow(struct engine *e, enum frame_hook hook, struct flow *f,
		     const struct packet **io_p, unsigned end, struct action *out)
{
	if (!f->is_dns && !f->dns_talk && (f->stage != FLOW_NEW || !(*io_p)->payload_len))
		return false;
	*out = action_of(ACTION_PASS);
	if (f->key.proto == IPPROTO_TCP)
		return tcp_flow(e, hook, f, io_p, end, out);
	return udp_flow(e, hook, f, *io_p, end, out);
}

bool engine_dns_flow_gone(struct engine *e, struct flow *f)
{
	if (f->dns_talk)
		talk_end(e, f);
	return f->is_dns;
}
