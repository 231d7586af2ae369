/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages, whatever carried them: the question is judged, its answer is waited for, and what
 * the answer says is remembered for the client. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/internal.h"

enum { RCODE_SERVFAIL = 2, RCODE_REFUSED = 5 }; /* RFC 1035, 4.1.1 */

struct question_key {
	uint8_t client[16], server[16];
	uint16_t port, server_port, id; /* the client's port; ...; of the message */
	uint8_t family, proto;
};

struct question {
	struct question_key key;
	struct held_name *qname;
	int64_t time_ns;
	struct mac mac;
	uint16_t qtype;
	bool reported; /* its record went out with the question */
	bool relayed;  /* for who asked this machine: judged and told there */
	UT_hash_handle hh;
};

struct questions {
	struct question *table, *pool, *free; /* free: linked by hh.next */
};

struct questions *questions_new(uint32_t max)
{
	struct questions *q = calloc(1, sizeof *q);

	if (!q || !(q->pool = calloc(max, sizeof *q->pool))) {
		free(q);
		return NULL;
	}
	for (uint32_t i = max; i-- > 0;) {
		q->pool[i].hh.next = q->free;
		q->free = &q->pool[i];
	}
	return q;
}

/* The names that are still held die with the pool they come from, right after. */
void questions_free(struct questions *q)
{
	if (!q)
		return;
	HASH_CLEAR(hh, q->table);
	free(q->pool);
	free(q);
}

/* Of message m in p. */
static void key_make(const struct packet *p, const struct dns_message *m, struct question_key *out)
{
	const struct addr *client = m->is_response ? &p->dst : &p->src;
	const struct addr *server = m->is_response ? &p->src : &p->dst;

	memset(out, 0, sizeof *out);
	memcpy(out->client, client->bytes, sizeof out->client);
	memcpy(out->server, server->bytes, sizeof out->server);
	out->port = m->is_response ? p->dport : p->sport;
	out->server_port = m->is_response ? p->sport : p->dport;
	out->id = m->id;
	out->family = client->family;
	out->proto = p->proto;
}

static enum policy_via via_of(uint8_t proto)
{
	return proto == IPPROTO_TCP ? POLICY_DNS_TCP : POLICY_DNS;
}

static void question_end(struct engine *e, struct question *q)
{
	struct questions *all = e->questions;

	names_drop(e->names, q->qname);
	HASH_DELETE(hh, all->table, q);
	q->hh.next = all->free;
	all->free = q;
}

static void emit(struct engine *e, struct dns_record *r)
{
	r->device = engine_device_name(e, &r->mac, &r->client);
	r->hostname = engine_device_hostname(e, &r->mac, &r->client);
	engine_count_verdict(e, &r->verdict);
	engine_habit_question(e, r);
	if (e->sink.dns && (!e->sink.wanted || e->sink.wanted(e->sink.ctx)))
		e->sink.dns(e->sink.ctx, r);
}

/* What the policy says of name, which r asked for or which its answer leads to. */
static void judge(const struct engine *e, const struct dns_record *r, const struct name *name,
		  struct verdict *out)
{
	struct policy_query q = engine_query(e, name, via_of(r->proto), &r->mac, &r->client);

	q.qtype = r->qtype;
	engine_decide(e, &q, &r->mac, r->time_ns, out);
}

/* No answer came in time, or none was waited for any longer. */
static void question_unanswered(struct engine *e, struct question *q)
{
	struct dns_record r = {
		.time_ns = q->time_ns,
		.mac = q->mac,
		.qtype = q->qtype,
		.cport = q->key.port,
		.port = q->key.server_port,
		.proto = q->key.proto,
	};

	if (!q->reported) {
		if (q->key.family == 4) {
			r.client = addr_v4(q->key.client);
			r.server = addr_v4(q->key.server);
		} else {
			r.client = addr_v6(q->key.client);
			r.server = addr_v6(q->key.server);
		}
		names_copy(q->qname, &r.qname);
		judge(e, &r, &r.qname, &r.verdict);
		emit(e, &r);
	}
	question_end(e, q);
}

void engine_questions_tick(struct engine *e, int64_t now_ns)
{
	struct question *q;

	while ((q = e->questions->table) &&
	       now_ns - q->time_ns >= (int64_t)e->options.question_ms * 1000000)
		question_unanswered(e, q);
}

void engine_questions_flush(struct engine *e)
{
	while (e->questions->table)
		question_unanswered(e, e->questions->table);
}

/* NULL: no room for its name, or no memory. */
static struct question *question_create(struct engine *e, const struct question_key *key,
					const struct packet *p, bool reported)
{
	struct questions *all = e->questions;
	struct question *q = all->free;

	if (!q) { /* the oldest comes free */
		e->counters.questions_evicted++;
		q = all->table;
		question_unanswered(e, q);
	}
	all->free = q->hh.next;
	*q = (struct question){
		.key = *key,
		.qname = names_hold(e->names, &e->message.qname),
		.time_ns = p->time_ns,
		.mac = p->mac,
		.qtype = e->message.qtype,
		.reported = reported,
	};
	if (q->qname || !e->message.qname.len)
		HASH_ADD(hh, all->table, key, sizeof q->key, q);
	if (!q->hh.tbl) {
		names_drop(e->names, q->qname);
		q->hh.next = all->free;
		all->free = q;
		return NULL;
	}
	return q;
}

/* Which answer a way to refuse is; false for those that are no answer. */
static bool forge_kind(enum verdict_how how, enum forge_answer *out)
{
	switch (how) {
	case HOW_NXDOMAIN:
		*out = FORGE_NXDOMAIN;
		return true;
	case HOW_NULL:
		*out = FORGE_NULL;
		return true;
	case HOW_STALL: /* the mildest, and late */
	case HOW_NODATA:
		*out = FORGE_NODATA;
		return true;
	case HOW_REFUSED:
		*out = FORGE_REFUSED;
		return true;
	case HOW_REWRITE:
		*out = FORGE_ADDRS;
		return true;
	case HOW_NONE:
	case HOW_RESET:
	case HOW_UNREACH:
	case HOW_DROP:
	case HOWS:
		break;
	}
	return false;
}

/* Does the client get another answer than the server's? */
static bool is_replaced(const struct verdict *v)
{
	return v->kind == VERDICT_BLOCK || v->how == HOW_REWRITE;
}

/* The answer that the client gets in place of the server's, after a while. */
static struct action refuse_later(struct engine *e, enum frame_hook hook, const struct packet *p,
				  const struct verdict *v, int64_t delay_ns)
{
	struct action a = action_of(ACTION_DROP);
	struct forge_reply reply = { .ttl_s = v->answer_ttl_s,
				     .addrs = v->addrs,
				     .addr_count = v->addr_count };

	if (!forge_kind(v->how, &reply.kind))
		return a;
	a.reply_len = forge_dns_answer(p, e->message.is_response, e->message.question_end,
				       e->message.qtype, &reply, e->reply);
	if (!a.reply_len)
		return a;
	a.kind = ACTION_ANSWER;
	a.reply = e->reply;
	if (!delay_ns || hook == FRAME_CAPTURED)
		return a;
	if (!late_put(e->late, a.reply, a.reply_len, p->time_ns + delay_ns)) {
		e->counters.late_full++;
		return a;
	}
	e->counters.late++;
	return action_of(ACTION_LATE);
}

static struct action refuse(struct engine *e, enum frame_hook hook, const struct packet *p,
			    const struct verdict *v)
{
	return refuse_later(e, hook, p, v, v->how == HOW_STALL ? STALL_NS : 0);
}

/* What the client is told in place of the server's answer, for the record and for what it will do
 * next; addrs holds what *r points into. */
static void forged_answer(struct engine *e, struct dns_record *r,
			  struct dns_addr addrs[static VERDICT_ADDRS])
{
	static const uint8_t rcodes[] = {
		[FORGE_NXDOMAIN] = 3, [FORGE_NULL] = 0,	 [FORGE_NODATA] = 0,
		[FORGE_REFUSED] = 5,  [FORGE_ADDRS] = 0,
	};
	const struct verdict *v = &r->verdict;
	enum forge_answer kind;

	r->addr_count = 0;
	if (!forge_kind(v->how, &kind))
		return;
	r->answered = true;
	r->rcode = rcodes[kind];
	r->addrs = addrs;
	for (unsigned i = 0; i < v->addr_count; i++) {
		if (r->qtype != (v->addrs[i].family == 4 ? 1 : 28))
			continue;
		addrs[r->addr_count++] = (struct dns_addr){ v->addrs[i], v->answer_ttl_s };
		memory_add(e->memory, &r->client, &v->addrs[i], &r->qname, v->answer_ttl_s,
			   e->now_ns);
	}
}

/* The queue gets answers of port 53 alone: others are not waited for. */
static bool has_answer(enum frame_hook hook, const struct packet *p)
{
	return hook == FRAME_CAPTURED || p->dport == 53;
}

/* An answer to something else does not count (RFC 5452, 9.1), nor does a new question with an
 * old one's ID. */
static bool is_asked(const struct question *q, const struct dns_message *m)
{
	struct name asked;

	names_copy(q->qname, &asked);
	return name_equal(&asked, &m->qname) && q->qtype == m->qtype;
}

static bool is_loopback(const struct addr *a)
{
	static const struct addr one = { .family = 6, .bytes = { [15] = 1 } };

	return a->family == 4 ? a->bytes[0] == 127 : addr_equal(a, &one);
}

/* Who is asked may ask on: this machine, by a device of the household or by a program over lo. */
static void note_relay(struct engine *e, enum frame_hook hook, const struct packet *p)
{
	if (hook == FRAME_FORWARD || (hook == FRAME_LOCAL && is_loopback(&p->dst)))
		relays_note(e->relays, &e->message.qname, e->message.qtype, p->time_ns);
}

static bool is_relayed(const struct engine *e, enum frame_hook hook, const struct packet *p)
{
	return hook == FRAME_LOCAL && !e->message.is_response && !is_loopback(&p->dst) &&
	       relays_has(e->relays, &e->message.qname, e->message.qtype, p->time_ns);
}

/* Waited for, so that its answer passes as it did. */
static void relay(struct engine *e, const struct packet *p)
{
	struct question_key key;
	struct question *q;

	key_make(p, &e->message, &key);
	HASH_FIND(hh, e->questions->table, &key, sizeof key, q);
	if (q)
		question_unanswered(e, q);
	q = question_create(e, &key, p, true);
	if (q)
		q->relayed = true;
}

static void question(struct engine *e, enum frame_hook hook, const struct packet *p,
		     struct verdict *out)
{
	struct dns_record r = {
		.time_ns = p->time_ns,
		.client = p->src,
		.server = p->dst,
		.mac = p->mac,
		.qname = e->message.qname,
		.qtype = e->message.qtype,
		.cport = p->sport,
		.port = p->dport,
		.proto = p->proto,
	};
	struct dns_addr forged[VERDICT_ADDRS];
	struct question_key key;
	struct question *q;
	bool replaced;

	e->counters.questions++;
	device_table_seen(e->devices, &p->mac, &p->src, p->time_ns);
	judge(e, &r, &r.qname, &r.verdict);
	*out = r.verdict;
	replaced = is_replaced(&r.verdict);
	if (!replaced)
		note_relay(e, hook, p);
	key_make(p, &e->message, &key);
	HASH_FIND(hh, e->questions->table, &key, sizeof key, q);
	if (q && !is_asked(q, &e->message)) {
		question_unanswered(e, q);
		q = NULL;
	}
	if (!q) { /* not the same question again */
		q = question_create(e, &key, p, replaced || !has_answer(hook, p));
		if (!q || q->reported) {
			forged_answer(e, &r, forged);
			emit(e, &r);
		}
	}
	if (r.verdict.kind == VERDICT_BLOCK && hook != FRAME_CAPTURED)
		engine_question_refused(e, p, &p->mac, &r.verdict);
}

/* A name that nobody rules on may stand for one that is blocked (CNAME cloaking). What the user,
 * a list or the catalogue says of the name that was asked for comes first. Returns the name
 * that the verdict is of. */
static const struct name *judge_chain(struct engine *e, const struct dns_record *r,
				      struct verdict *v)
{
	const struct dns_message *m = &e->message;
	const struct name *judged = &m->qname;
	struct verdict other;

	for (unsigned i = 0; v->reason == REASON_NO_RULE && i < m->chain_count; i++) {
		judge(e, r, &m->chain[i], &other);
		if (other.kind == VERDICT_ALLOW)
			continue;
		other.app = v->app ? v->app : other.app;
		*v = other;
		judged = &m->chain[i];
	}
	return judged;
}

static void answer(struct engine *e, enum frame_hook hook, const struct packet *p,
		   struct verdict *out)
{
	const struct dns_message *m = &e->message;
	struct dns_record r = {
		.time_ns = p->time_ns,
		.client = p->dst,
		.server = p->src,
		.qname = m->qname,
		.qtype = m->qtype,
		.cport = p->dport,
		.port = p->sport,
		.proto = p->proto,
		.answered = true,
		.rcode = m->rcode,
		.chain = m->chain,
		.chain_count = m->chain_count,
		.addrs = m->addrs,
		.addr_count = m->addr_count,
	};
	struct dns_addr forged[VERDICT_ADDRS];
	const struct name *judged;
	struct question_key key;
	struct question *q;
	bool replaced, reported = false, relayed = false;

	e->counters.answers++;
	if (m->rcode != RCODE_SERVFAIL && m->rcode != RCODE_REFUSED) /* others are asked then */
		relays_end(e->relays, &m->qname, m->qtype);
	key_make(p, m, &key);
	HASH_FIND(hh, e->questions->table, &key, sizeof key, q);
	if (q && is_asked(q, m)) {
		r.time_ns = q->time_ns;
		r.mac = q->mac; /* an answer has the server's, or the router's */
		reported = q->reported;
		relayed = q->relayed;
		question_end(e, q);
	}
	if (relayed) {
		*out = (struct verdict){ .kind = VERDICT_ALLOW };
		return;
	}
	judge(e, &r, &r.qname, &r.verdict);
	judged = judge_chain(e, &r, &r.verdict);
	*out = r.verdict;
	replaced = is_replaced(&r.verdict);
	/* In a capture a refused answer did arrive: what came of it is to be shown, as what it was
	 * refused for. */
	if (!replaced || hook == FRAME_CAPTURED)
		for (unsigned i = 0; i < m->addr_count; i++)
			memory_add(e->memory, &p->dst, &m->addrs[i].addr,
				   replaced ? judged : &m->qname, m->addrs[i].ttl, p->time_ns);
	if (replaced)
		forged_answer(e, &r, forged);
	if (!reported)
		emit(e, &r);
	if (r.verdict.kind == VERDICT_BLOCK && hook != FRAME_CAPTURED)
		engine_question_refused(e, p, &r.mac, &r.verdict);
}

void engine_dns_message(struct engine *e, enum frame_hook hook, const struct packet *p,
			struct verdict *out)
{
	if (e->message.is_response) {
		answer(e, hook, p, out);
	} else if (is_relayed(e, hook, p)) {
		e->counters.relayed++;
		relay(e, p);
		*out = (struct verdict){ .kind = VERDICT_ALLOW };
	} else {
		question(e, hook, p, out);
	}
}

bool engine_withholds_ech(const struct engine *e, enum frame_hook hook, const struct packet *p)
{
	static const struct mac unknown; /* the frame has the server's, or the router's */
	struct policy_query q;

	if (!e->message.is_response || hook == FRAME_CAPTURED || !e->policy)
		return false;
	q = engine_query(e, &e->message.qname, via_of(p->proto), &unknown, &p->dst);
	return policy_withholds_ech(e->policy, &q);
}

/* Without the keys the client shows the true name. FOUND: *out is p with the answer as the client
 * will get it, in bytes, and so is e->message: that is what is judged. MALFORMED: p holds keys, and
 * cannot be told without. */
static enum outcome withhold_ech(struct engine *e, enum frame_hook hook, const struct packet *p,
				 uint8_t bytes[static FORGE_MAX], struct packet *out)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);
	enum outcome o;
	size_t n;

	if (!engine_withholds_ech(e, hook, p))
		return OUTCOME_ABSENT;
	o = dns_without_ech(&r, bytes, FORGE_MAX, &n);
	if (o != OUTCOME_FOUND)
		return o;
	r = reader_whole(bytes, n);
	if (dns_message_parse(&r, &e->message) != OUTCOME_FOUND)
		return OUTCOME_MALFORMED;
	*out = *p;
	out->payload = bytes;
	out->payload_len = (uint32_t)n;
	return OUTCOME_FOUND;
}

struct action engine_dns_datagram(struct engine *e, enum frame_hook hook, const struct packet *p)
{
	struct action a = action_of(ACTION_ANSWER);
	uint8_t bytes[FORGE_MAX];
	struct packet told;
	struct verdict v;
	enum outcome o;
	int64_t delay_ns;

	if (!e->message.is_response && hook != FRAME_CAPTURED && !is_relayed(e, hook, p) &&
	    engine_question_again(e, p, &v, &delay_ns))
		return refuse_later(e, hook, p, &v, delay_ns);
	o = withhold_ech(e, hook, p, bytes, &told);
	if (o == OUTCOME_FOUND)
		p = &told;
	engine_dns_message(e, hook, p, &v);
	if (is_replaced(&v))
		return refuse(e, hook, p, &v);
	if (o == OUTCOME_ABSENT)
		return action_of(ACTION_PASS);
	a.reply_len = o == OUTCOME_FOUND ? forge_payload(p, bytes, told.payload_len, e->reply) : 0;
	if (!a.reply_len) /* told as empty: the client goes by the address alone */
		return refuse(e, hook, p, &(struct verdict){ .how = HOW_NODATA });
	a.reply = e->reply;
	return a;
}

struct action engine_dns_packet(struct engine *e, const struct frame *f, const struct packet *p,
				bool *out_is_dns)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);

	*out_is_dns = false;
	if (dns_message_parse(&r, &e->message) != OUTCOME_FOUND)
		return action_of(ACTION_PASS);
	if ((e->message.is_response ? p->sport : p->dport) != 53)
		return action_of(ACTION_PASS);
	*out_is_dns = true;
	return engine_dns_datagram(e, f->hook, p);
}
