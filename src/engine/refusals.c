/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the pipeline and the table of what was refused lately: repeats are answered from it, told
 * of in one record, and all of it is there to be looked through. */
#include <netinet/in.h>

#include "engine/internal.h"

/* The name and the verdict as they are now; what was done stands. */
static void verdict_of(const struct engine *e, const struct refused *r, struct name *name,
		       struct verdict *v)
{
	struct policy_query q;

	names_copy(r->key.name, name);
	q = engine_query(e, name, r->proto == IPPROTO_TCP ? POLICY_TCP : POLICY_UDP, &r->mac,
			 &r->client);
	if (r->key.qtype) {
		q.via = r->proto == IPPROTO_TCP ? POLICY_DNS_TCP : POLICY_DNS;
		q.qtype = r->key.qtype;
	} else {
		q.server = &r->server;
	}
	engine_decide(e, &q, &r->mac, r->last_ns, v);
}

static uint8_t rcode_of(enum verdict_how how)
{
	return how == HOW_NXDOMAIN ? 3 : how == HOW_REFUSED ? 5 : 0;
}

void engine_repeats_told(void *ctx, const struct refused *r)
{
	struct engine *e = ctx;
	struct dns_record record = {
		.time_ns = r->untold_ns,
		.until_ns = r->last_ns,
		.repeats = r->untold,
		.client = r->client,
		.server = r->server,
		.mac = r->mac,
		.qtype = r->key.qtype,
		.port = r->port,
		.proto = r->proto,
		.answered = r->how != HOW_DROP,
		.rcode = rcode_of((enum verdict_how)r->how),
	};

	verdict_of(e, r, &record.qname, &record.verdict);
	record.verdict.kind = VERDICT_BLOCK;
	record.verdict.how = (enum verdict_how)r->how;
	record.device = engine_device_name(e, &r->mac, &r->client);
	record.hostname = engine_device_hostname(e, &r->mac, &r->client);
	if (e->sink.dns && (!e->sink.wanted || e->sink.wanted(e->sink.ctx)))
		e->sink.dns(e->sink.ctx, &record);
}

static struct refused_ask ask_of(const struct engine *e, const struct packet *p)
{
	return (struct refused_ask){ .mac = &p->mac,
				     .client = &p->src,
				     .server = &p->dst,
				     .name = &e->message.qname,
				     .qtype = e->message.qtype,
				     .port = p->dport,
				     .proto = p->proto,
				     .generation = e->generation,
				     .now_ns = p->time_ns };
}

bool engine_question_again(struct engine *e, const struct packet *p, struct verdict *out,
			   int64_t *out_delay_ns)
{
	const struct refused_ask a = ask_of(e, p);
	const struct refused *r = refused_again(e->refused, &a, out_delay_ns);

	if (!r)
		return false;
	*out = (struct verdict){ .kind = VERDICT_BLOCK,
				 .how = (enum verdict_how)r->how,
				 .role = (enum role)r->role,
				 .answer_ttl_s = r->answer_ttl_s };
	if (out->how == HOW_STALL)
		*out_delay_ns = STALL_NS;
	e->counters.questions++;
	e->counters.repeats++;
	engine_count_verdict(e, out);
	return true;
}

void engine_question_refused(struct engine *e, const struct packet *p, const struct mac *mac,
			     const struct verdict *v)
{
	struct refused_ask a = ask_of(e, p);

	a.mac = mac;
	if (e->message.is_response) {
		a.client = &p->dst;
		a.server = &p->src;
		a.port = p->sport;
	}
	refused_note(e->refused, &a, v, !e->message.is_response && p->proto == IPPROTO_UDP);
}

void engine_flow_refused(struct engine *e, const struct flow *f, const struct verdict *v)
{
	const struct addr client = flow_addr(f, f->opener), server = flow_addr(f, !f->opener);
	struct name name;
	const struct refused_ask a = { .mac = &f->mac,
				       .client = &client,
				       .server = &server,
				       .name = &name,
				       .port = f->key.ports[!f->opener],
				       .proto = f->key.proto,
				       .generation = e->generation,
				       .now_ns = f->last_ns };

	names_copy(f->name, &name);
	refused_note(e->refused, &a, v, false);
}

struct each_context {
	const struct engine *e;
	void (*each)(void *ctx, const struct refusal *r);
	void *ctx;
};

static void each_refused(void *ctx, const struct refused *r)
{
	const struct each_context *c = ctx;
	struct refusal out = {
		.client = r->client,
		.mac = r->mac,
		.qtype = r->key.qtype,
		.proto = r->proto,
		.count = r->count,
		.first_ns = r->first_ns,
		.last_ns = r->last_ns,
	};

	verdict_of(c->e, r, &out.name, &out.verdict);
	out.device = engine_device_name(c->e, &r->mac, &r->client);
	out.hostname = engine_device_hostname(c->e, &r->mac, &r->client);
	c->each(c->ctx, &out);
}

void engine_each_refusal(const struct engine *e, void (*each)(void *ctx, const struct refusal *r),
			 void *ctx)
{
	struct each_context c = { .e = e, .each = each, .ctx = ctx };

	refused_each(e->refused, each_refused, &c);
}
