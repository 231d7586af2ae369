/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From payloads to a name. Nearly every hello comes in one packet and is read where it lies;
 * one that is spread over packets is collected: TCP in a stream, QUIC in an assembly.
 *
 * In the kernel's way the early packets of a hello pass at once, and the one that completes a
 * blocked name is refused, whichever it is; so are all that follow. A server can do nothing with a
 * hello that has a gap: it answers when the message is whole (RFC 8446, 4), so its tracker learns
 * of a handshake begun and no more, as from the SYN before it. To hold them back instead would
 * take a copy or a slot of the queue for every hello with a post-quantum key share, a clock for
 * those that are never finished, and a round trip of each where the sender waits for an
 * acknowledgement; and what is held is let go when memory ends. No bytes and no time need a bound
 * this way but those of the pools: a hello that is given up for want of room is counted.
 *
 * One bound is of segments: in the kernel's way the SYN, which has no payload, is not seen, so that
 * a hello whose first segment comes last is known as one only then. Until the 48th segment what
 * comes is kept for that: 64 KiB in segments of full size are fewer, and a client that cuts and
 * turns its hello further than that passes. */
#include <netinet/in.h>
#include <stdlib.h>

#include "dissect/quic.h"
#include "engine/internal.h"

enum {
	TRIES_TCP = 2048, /* segments of one hello, which may have a byte each */
	TRIES_UDP = 64,	  /* datagrams of one hello */
	TRIES_OTHER = 6,  /* datagrams of a QUIC that is no Initial of a known version */
};

struct assembly {
	struct assembly *older, *younger; /* of all in use; free ones by older */
	struct flow *owner;
	struct quic_assembly quic;
};

struct hellos {
	struct stream_pool *streams;
	struct assembly *pool, *free, *oldest, *youngest;
	uint64_t taken, opened;
	uint32_t now;
};

/* The flow goes on without: what it said so far stays unread. */
static void stream_taken(void *ctx, void *owner)
{
	struct flow *f = owner;

	(void)ctx;
	f->hello = NULL;
	f->tries = UINT16_MAX;
}

struct hellos *hellos_new(uint32_t max)
{
	struct hellos *h = calloc(1, sizeof *h);

	if (!h)
		return NULL;
	h->streams = stream_pool_new(max, max / 16 + 1, stream_taken, NULL);
	h->pool = calloc(max, sizeof *h->pool);
	if (!h->streams || !h->pool) {
		hellos_free(h);
		return NULL;
	}
	for (uint32_t i = max; i-- > 0;) {
		h->pool[i].older = h->free;
		h->free = &h->pool[i];
	}
	return h;
}

struct stream_pool *hellos_streams(const struct hellos *h)
{
	return h->streams;
}

void hellos_free(struct hellos *h)
{
	if (!h)
		return;
	stream_pool_free(h->streams);
	free(h->pool);
	free(h);
}

static void assembly_close(struct hellos *h, struct assembly *a)
{
	*(a->older ? &a->older->younger : &h->oldest) = a->younger;
	*(a->younger ? &a->younger->older : &h->youngest) = a->older;
	a->older = h->free;
	h->free = a;
	h->now--;
}

static struct assembly *assembly_open(struct hellos *h, struct flow *owner)
{
	struct assembly *a;

	if (!h->free) {
		h->taken++;
		stream_taken(NULL, h->oldest->owner);
		assembly_close(h, h->oldest);
	}
	a = h->free;
	h->free = a->older;
	a->owner = owner;
	a->younger = NULL;
	a->older = h->youngest;
	*(h->youngest ? &h->youngest->younger : &h->oldest) = a;
	h->youngest = a;
	h->opened++;
	h->now++;
	quic_assembly_init(&a->quic);
	return a;
}

void hello_give_back(struct engine *e, struct flow *f)
{
	if (!f->hello)
		return;
	if (f->key.proto == IPPROTO_TCP)
		stream_close(e->hellos->streams, f->hello);
	else
		assembly_close(e->hellos, f->hello);
	f->hello = NULL;
}

static struct hint hint_of_quic(const struct quic_hello *hello)
{
	return (struct hint){ .via = VIA_QUIC,
			      .name = hello->tls.name,
			      .has_ech = hello->tls.has_ech,
			      .offers_dns = hello->tls.offers_dns };
}

static enum outcome look_udp(struct engine *e, struct flow *f, const struct packet *p,
			     struct hint *out)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);
	struct quic_hello hello;
	struct assembly *a = f->hello;
	uint32_t version;
	enum outcome o;

	if (!a && !quic_is_long_header(&r, &version))
		return f->tries > 1 && f->tries < TRIES_OTHER ? OUTCOME_MORE : OUTCOME_MALFORMED;
	if (!a)
		a = f->hello = assembly_open(e->hellos, f);
	o = quic_assembly_add(&a->quic, &r, &hello);
	if (o == OUTCOME_FOUND)
		*out = hint_of_quic(&hello);
	if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT) {
		out->offers_dns = hello.tls.offers_dns;
		out->hello = a->quic.bytes;
		out->hello_end = a->quic.bytes + a->quic.ready;
	}
	if (o != OUTCOME_MALFORMED || a->quic.has_keys)
		return o;
	/* 0-RTT ahead of its Initial, or a version that the server will talk the client out of. */
	hello_give_back(e, f);
	return f->tries < TRIES_OTHER ? OUTCOME_MORE : OUTCOME_MALFORMED;
}

/* Hashing costs more than all else about a hello: only for a record that somebody reads. */
static void fingerprint(struct engine *e, struct flow *f, const struct hint *h)
{
	char ja4[JA4_SIZE];
	struct reader r;
	bool ok;

	if (!h->hello || f->ja4 || !e->fingerprints ||
	    (e->sink.wanted && !e->sink.wanted(e->sink.ctx)))
		return;
	r = reader_whole(h->hello, (size_t)(h->hello_end - h->hello));
	ok = f->key.proto == IPPROTO_TCP ? ja4_client_hello_records(&r, ja4)
					 : ja4_client_hello(&r, JA4_QUIC, ja4);
	if (ok)
		f->ja4 = fingerprints_hold(e->fingerprints, ja4);
}

/* An end that only may be the opener is asked by what it says in one packet. */
static enum outcome look_once(const struct packet *p, struct hint *out)
{
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);
	struct quic_hello hello;
	enum outcome o;

	if (p->proto == IPPROTO_TCP)
		return hello_stream(p->payload, p->payload_len, false, out);
	o = quic_client_hello(&r, &hello);
	if (o == OUTCOME_FOUND)
		*out = hint_of_quic(&hello);
	return o;
}

/* Only a client begins so, even where the rest is still to come. */
static bool must_be_opener(const struct packet *p)
{
	/* What a capture cut may be anything. */
	return p->proto == IPPROTO_TCP ? hello_is_opener(p) : !p->payload_missing;
}

enum outcome hello_look(struct engine *e, struct flow *f, const struct packet *p, unsigned end,
			struct hint *out)
{
	bool is_tcp = p->proto == IPPROTO_TCP;
	enum outcome o;

	if (end != f->opener) {
		o = look_once(p, out);
		if (o == OUTCOME_FOUND && !out->may_change)
			hello_give_back(e, f);
		else if ((o != OUTCOME_FOUND && o != OUTCOME_MORE) || !must_be_opener(p))
			return o;
		if (o == OUTCOME_FOUND && !out->may_change) {
			fingerprint(e, f, out);
			return o;
		}
		hello_give_back(e, f);
		flow_set_opener(f, end);
		f->tries = 0;
	}
	if (f->tries < UINT16_MAX)
		f->tries++;
	if (f->tries == UINT16_MAX)
		o = OUTCOME_MALFORMED; /* what had been collected was taken from it */
	else
		o = is_tcp ? hello_look_tcp(e, f, p, out) : look_udp(e, f, p, out);
	if (o == OUTCOME_FOUND && out->may_change)
		return o;
	if (o == OUTCOME_MORE && f->tries < (is_tcp ? TRIES_TCP : TRIES_UDP))
		return o;
	if (o == OUTCOME_MORE)
		return hello_finish(e, f, out) ? OUTCOME_FOUND : OUTCOME_ABSENT;
	e->counters.sslv2 += out->is_sslv2;
	fingerprint(e, f, out);
	hello_give_back(e, f);
	return o;
}

bool hello_finish(struct engine *e, struct flow *f, struct hint *out)
{
	enum outcome o = OUTCOME_ABSENT;

	if (!f->hello)
		return false;
	if (f->key.proto == IPPROTO_TCP) {
		size_t n;
		const uint8_t *bytes = stream_ready(f->hello, &n);

		o = hello_stream(bytes, n, true, out);
	} else {
		struct assembly *a = f->hello;
		struct quic_hello hello;

		o = quic_assembly_partial(&a->quic, &hello);
		if (o == OUTCOME_FOUND)
			*out = hint_of_quic(&hello);
	}
	out->may_change = false;
	hello_give_back(e, f);
	return o == OUTCOME_FOUND;
}

void hellos_count(const struct hellos *h, struct engine_counters *out)
{
	struct stream_counters s;

	stream_counters(h->streams, &s);
	out->hellos = s.opened + h->opened;
	out->hellos_evicted = s.taken + h->taken;
	out->hellos_lost = s.lost;
	out->hellos_now = s.now + h->now;
}
