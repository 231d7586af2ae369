/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS over TCP (RFC 7766): messages with a length before them, put together per direction. Whole
 * messages are read where they lie in the packet; a stream is held only for a part of one. */
#include <netinet/in.h>
#include <stdlib.h>

#include "engine/internal.h"

enum {
	ASTRAY_MAX = 3,	   /* segments that are no beginning, of a flow whose own was not seen */
	ASTRAY_LATER = 16, /* the same of one that was DNS: something else goes on in it */
	WAITS_MAX = 32,	   /* segments behind a gap until it counts as lost: a capture may have lost
			      it */
};

struct side {
	struct stream *stream; /* NULL: nothing is held */
	uint32_t next;	       /* sequence number of the next message, if is_known */
	bool is_known;
	bool from_syn; /* nothing was left out: what it says first is its protocol */
	uint8_t astray, waits;
};

struct talk {
	struct talk *older, *younger; /* of all in use; free ones by older */
	struct flow *owner;
	enum frame_hook hook;
	struct side sides[2]; /* by the end that sends */
};

struct talks {
	struct stream_pool *streams;
	struct talk *pool, *free, *oldest, *youngest;
};

/* It goes on with the segment that comes next. */
static void side_taken(void *ctx, void *owner)
{
	struct side *s = owner;

	(void)ctx;
	s->stream = NULL;
	s->is_known = s->from_syn = false;
}

struct talks *talks_new(uint32_t max)
{
	struct talks *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	/* Few parts of messages are under way at once: most fit into one segment. */
	t->streams = stream_pool_new(max / 4 + 1, max / 64 + 1, side_taken, NULL);
	t->pool = calloc(max, sizeof *t->pool);
	if (!t->streams || !t->pool) {
		talks_free(t);
		return NULL;
	}
	for (uint32_t i = max; i-- > 0;) {
		t->pool[i].older = t->free;
		t->free = &t->pool[i];
	}
	return t;
}

void talks_free(struct talks *t)
{
	if (!t)
		return;
	stream_pool_free(t->streams);
	free(t->pool);
	free(t);
}

static void link_youngest(struct talks *all, struct talk *t)
{
	t->younger = NULL;
	t->older = all->youngest;
	*(all->youngest ? &all->youngest->younger : &all->oldest) = t;
	all->youngest = t;
}

static void unlink_talk(struct talks *all, struct talk *t)
{
	*(t->older ? &t->older->younger : &all->oldest) = t->younger;
	*(t->younger ? &t->younger->older : &all->youngest) = t->older;
}

static void side_close(struct talks *all, struct side *s)
{
	stream_close(all->streams, s->stream);
	s->stream = NULL;
}

static void talk_close(struct talks *all, struct talk *t)
{
	side_close(all, &t->sides[0]);
	side_close(all, &t->sides[1]);
	t->owner->hello = NULL;
	t->owner->dns_talk = false;
	unlink_talk(all, t);
	t->older = all->free;
	all->free = t;
}

/* Where each direction goes on, as far as the first packet that is looked at tells. */
static struct talk *talk_open(struct talks *all, struct flow *f, const struct packet *p,
			      unsigned end)
{
	bool is_first = !f->tries && !f->is_dns;
	struct talk *t;

	if (!all->free) {
		struct flow *other = all->oldest->owner;

		talk_close(all, all->oldest);
		if (!other->is_dns)
			other->stage = FLOW_NEW; /* its next segment opens another */
	}
	t = all->free;
	all->free = t->older;
	*t = (struct talk){ .owner = f };
	link_youngest(all, t);
	f->hello = t;
	f->dns_talk = true;
	f->tries = 1;
	if (is_first && f->saw_syn)
		t->sides[f->opener] =
			(struct side){ .next = f->isn + 1, .is_known = true, .from_syn = true };
	if (p->tcp_flags & TCP_ACK && !t->sides[!end].is_known)
		t->sides[!end] = (struct side){ .next = p->tcp_ack, .is_known = true };
	return t;
}

/* Questions go to the server and answers come from it. */
static bool has_direction(struct flow *f, const struct packet *p, unsigned end, bool is_response)
{
	bool to_53 = p->dport == 53, from_53 = p->sport == 53;
	bool from_server = to_53 == from_53 ? end != f->opener : from_53;

	if (from_server != is_response)
		return false;
	flow_set_opener(f, from_server ? !end : end);
	return true;
}

/* What there is to read, and what came of it. */
struct reading {
	struct engine *e;
	struct flow *f;
	const struct packet *p;
	unsigned end;
	enum frame_hook hook;
	struct verdict *verdict;
	struct side *side;
	bool said;
};

/* Does it hold keys of Encrypted ClientHello that the client is not to have? A part of a stream
 * cannot be told shorter than it is: its connection is refused. */
static bool has_withheld(const struct reading *g, const struct reader *message)
{
	uint16_t type = g->e->message.qtype;
	uint8_t nothing[1];
	size_t n;

	if (!engine_withholds_ech(g->e, g->hook, g->p))
		return false;
	if (message->missing) /* the kernel told a part, and the rest may hold them */
		return type == DNS_HTTPS || type == DNS_SVCB || type == DNS_ANY;
	return dns_without_ech(message, nothing, 0, &n) != OUTCOME_ABSENT;
}

/* e->message, read from these bytes. */
static bool take_message(struct reading *g, const struct reader *message)
{
	bool is_withheld = has_withheld(g, message);
	struct verdict v;

	if (!has_direction(g->f, g->p, g->end, g->e->message.is_response))
		return false;
	engine_dns_message(g->e, g->hook, g->p, &v);
	if (is_withheld && v.kind != VERDICT_BLOCK)
		v = (struct verdict){ .kind = VERDICT_BLOCK, .how = HOW_RESET };
	if (v.kind == VERDICT_BLOCK && !g->e->message.is_response && !g->f->name)
		g->f->name = names_hold(g->e->names, &g->e->message.qname);
	if (!g->said || (v.kind == VERDICT_BLOCK && g->verdict->kind != VERDICT_BLOCK))
		*g->verdict = v;
	g->said = true;
	g->f->is_dns = true;
	g->side->astray = 0;
	return true;
}

/* Reads whole messages at the beginning of bytes. False: no DNS. Of the very first message even
 * a part must look like DNS, for another protocol may wait to be recognised. */
static bool read_messages(struct reading *g, const uint8_t *bytes, size_t n, size_t *out_used)
{
	struct reader r = reader_prefix(bytes, n), m, message;
	enum outcome o;

	*out_used = 0;
	while (read_vec16(&r, &m)) {
		message = m;
		if (m.missing)
			return g->f->is_dns ||
			       dns_message_parse(&m, &g->e->message) != OUTCOME_MALFORMED;
		o = dns_message_parse(&m, &g->e->message);
		if (o == OUTCOME_MALFORMED || (o == OUTCOME_FOUND && !take_message(g, &message)))
			return false;
		*out_used = n - reader_left(&r);
	}
	return true;
}

static enum talk_state side_restart(struct reading *g)
{
	struct side *s = g->side;

	side_close(g->e->talks, s);
	s->is_known = s->from_syn = false;
	return g->said ? TALK_SAID : TALK_MORE;
}

static bool gives_up(const struct flow *f, const struct side *s)
{
	if (f->is_dns)
		return f->stage != FLOW_DECIDED && s->astray >= ASTRAY_LATER;
	return s->from_syn || s->astray >= ASTRAY_MAX;
}

/* What the side says is no message. The next segment may be one. */
static enum talk_state side_lost(struct reading *g, struct packet *io_p, const uint8_t *bytes,
				 size_t n, uint32_t seq)
{
	struct side *s = g->side;
	struct talks *all = g->e->talks;
	struct flow *f = g->f;

	if (s->astray < UINT8_MAX)
		s->astray++;
	if (g->end == f->opener && gives_up(f, s)) {
		/* Bytes of a stream stay as they are until something is added to one. */
		io_p->payload = bytes;
		io_p->payload_len = (uint32_t)n;
		io_p->tcp_seq = seq;
		talk_close(all, f->hello);
		f->saw_syn = f->saw_syn && !f->is_dns; /* what it says now is not its beginning */
		f->is_dns = false;
		f->stage = FLOW_NEW;
		f->tries = 0;
		return TALK_NOT;
	}
	return side_restart(g);
}

static enum talk_state read_stream(struct reading *g, struct packet *io_p)
{
	struct side *s = g->side;
	const uint8_t *bytes;
	size_t n, used;

	do {
		bytes = stream_ready(s->stream, &n);
		if (!read_messages(g, bytes, n, &used))
			return side_lost(g, io_p, bytes, n, s->next);
		stream_drop(s->stream, used);
		s->next += (uint32_t)used;
		if (used == n && !stream_has_gap(s->stream)) {
			side_close(g->e->talks, s);
			break;
		}
		if (used)
			s->waits = 0;
		/* The queue has seen all that was sent: there, a gap will be filled. */
		if (g->hook != FRAME_CAPTURED || !stream_has_gap(s->stream) ||
		    ++s->waits <= WAITS_MAX)
			break;
		s->waits = 0;
		stream_skip_gap(s->stream);
		s->from_syn = false;
		s->next = stream_base(s->stream);
	} while (true);
	return g->said ? TALK_SAID : TALK_MORE;
}

static enum talk_state read_segment(struct reading *g, struct packet *io_p)
{
	struct side *s = g->side;
	struct stream_pool *streams = g->e->talks->streams;
	uint32_t seq = io_p->tcp_seq + !!(io_p->tcp_flags & TCP_SYN), behind;
	const uint8_t *bytes = io_p->payload;
	size_t n = io_p->payload_len, used;

	if (!s->is_known) {
		s->next = seq;
		s->is_known = true;
	}
	behind = s->next - seq;
	if (!s->stream && behind <= INT32_MAX) {
		if (behind >= n)
			return TALK_MORE; /* a repeat */
		bytes += behind;
		n -= behind;
		seq = s->next;
		if (!read_messages(g, bytes, n, &used))
			return side_lost(g, io_p, bytes, n, seq);
		s->next += (uint32_t)used;
		if (used == n)
			return TALK_SAID;
		bytes += used;
		n -= used;
		seq = s->next;
	}
	if (!s->stream)
		s->stream = stream_open(streams, s, s->next, true);
	if (!stream_add(streams, s->stream, seq, bytes, n))
		return side_restart(g);
	return read_stream(g, io_p);
}

/* All messages of a side that ended, over the gaps; of the last one a part may do. */
static void side_end(struct reading *g)
{
	struct side *s = g->side;
	const uint8_t *bytes;
	size_t n, used;
	struct reader r, m, message;

	do {
		bytes = stream_ready(s->stream, &n);
		if (!read_messages(g, bytes, n, &used))
			continue;
		r = reader_prefix(bytes + used, n - used);
		if (!read_vec16(&r, &m))
			continue;
		message = m;
		if (dns_message_parse(&m, &g->e->message) == OUTCOME_FOUND)
			take_message(g, &message);
	} while (stream_skip_gap(s->stream));
}

enum talk_state talk_packet(struct engine *e, enum frame_hook hook, struct flow *f,
			    struct packet *io_p, unsigned end, struct verdict *out)
{
	struct talk *t = f->dns_talk ? f->hello : talk_open(e->talks, f, io_p, end);
	const struct packet p = *io_p;
	struct reading g = { .e = e,
			     .f = f,
			     .p = &p,
			     .end = end,
			     .hook = hook,
			     .verdict = out,
			     .side = &t->sides[end] };
	enum talk_state state;

	t->hook = hook;
	unlink_talk(e->talks, t);
	link_youngest(e->talks, t);
	state = read_segment(&g, io_p);
	/* The kernel told only the beginning of a segment, and will not tell the rest. */
	if (state == TALK_NOT || hook == FRAME_CAPTURED || !p.payload_missing)
		return state;
	if (g.side->stream)
		side_end(&g);
	return side_restart(&g);
}

void talk_end(struct engine *e, struct flow *f)
{
	struct talk *t = f->hello;
	struct verdict ignored = { .kind = VERDICT_ALLOW };

	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i ? !f->opener : f->opener;
		struct packet p = {
			.time_ns = f->last_ns,
			.src = flow_addr(f, end),
			.dst = flow_addr(f, !end),
			.sport = f->key.ports[end],
			.dport = f->key.ports[!end],
			.proto = IPPROTO_TCP,
		};
		struct reading g = {
			.e = e,
			.f = f,
			.p = &p,
			.end = end,
			.hook = t->hook,
			.verdict = &ignored,
			.side = &t->sides[end],
		};

		if (end == f->opener)
			p.mac = f->mac;
		if (t->sides[end].stream)
			side_end(&g);
	}
	talk_close(e->talks, t);
}
