/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of a ClientHello in one QUIC Initial, and what they share. */
#ifndef TOOLS_DATAGRAMS_H
#define TOOLS_DATAGRAMS_H

#include "initial.h"
#include "script.h"

struct quic {
	struct initial_plan plan;
	uint8_t ids[48], hello[16383];
	size_t n;
	uint8_t frames[4096], packet[4096];
	struct out f, o;
};

static inline void quic_start(struct quic *q, const char *name, size_t share)
{
	struct out ids = { q->ids, q->ids + sizeof q->ids };

	put_random(&ids, sizeof q->ids);
	q->plan = (struct initial_plan){
		.dcid = q->ids, .dcid_len = 8, .scid = q->ids + 40, .scid_len = 8, .bytes = 1200
	};
	q->n = planned_hello(
		q->hello, sizeof q->hello,
		&(struct hello_plan){
			.name = name, .scid = q->plan.scid, .scid_len = 8, .share = share });
	q->f = (struct out){ q->frames, q->frames + sizeof q->frames };
	q->o = (struct out){ q->packet, q->packet + sizeof q->packet };
}

/* The frames so far become a packet, behind those already in the datagram. */
static inline void quic_packet(struct quic *q)
{
	put_initial(&q->o, &q->plan, q->frames, (size_t)(q->f.at - q->frames));
	q->plan.number++;
	q->f.at = q->frames;
}

static inline void quic_send(struct quic *q, struct script *s)
{
	datagram(s, q->packet, (size_t)(q->o.at - q->packet), false);
	q->o.at = q->packet;
}

/* from to to in a datagram of its own */
static inline void quic_part(struct quic *q, struct script *s, size_t from, size_t to)
{
	put_crypto(&q->f, q->hello, from, to);
	quic_packet(q);
	quic_send(q, s);
}

/* Another long header packet: 1 is 0-RTT, 2 is Handshake (RFC 9000, 17.2). */
static inline void put_other_packet(struct out *o, const struct initial_plan *p, unsigned type,
				    size_t n)
{
	uint32_t version = p->version ? p->version : QUIC_V1;

	if (version == QUIC_V2)
		type = type + 1;
	put_int(o, 0xc3 | type << 4, 1);
	put_int(o, version, 4);
	put_int(o, p->dcid_len, 1);
	put(o, p->dcid, p->dcid_len);
	put_int(o, p->scid_len, 1);
	put(o, p->scid, p->scid_len);
	put_int(o, 0x4000 | n, 2);
	put_random(o, n);
}

enum quic_way {
	Q_ONE,
	Q_V2,
	Q_DRAFT_29,
	Q_TOKEN,
	Q_NO_DCID,
	Q_DCID_20,
	Q_SMALL, /* less than 1,200 bytes: clients must not, some did */
	Q_TWICE,
	Q_HANDSHAKE_BEHIND,
	Q_ZERO_RTT_BEHIND,
	Q_ZERO_RTT_FIRST,
	Q_RETRY,
	Q_OTHER_VERSION_FIRST,
};

/* A hello in one Initial. */
static inline void quic_whole(struct script *s, const char *name, enum quic_way way)
{
	static struct quic q;

	quic_start(&q, name, 0);
	switch (way) {
	case Q_ONE:
	case Q_TWICE:
	case Q_HANDSHAKE_BEHIND:
	case Q_ZERO_RTT_BEHIND:
	case Q_ZERO_RTT_FIRST:
	case Q_RETRY:
		break;
	case Q_V2:
		q.plan.version = (uint32_t)QUIC_V2;
		break;
	case Q_DRAFT_29:
		q.plan.version = (uint32_t)QUIC_DRAFT_29;
		break;
	case Q_TOKEN:
		q.plan.token = 100;
		break;
	case Q_NO_DCID:
		q.plan.dcid_len = 0;
		break;
	case Q_DCID_20:
		q.plan.dcid_len = 20;
		break;
	case Q_SMALL:
		q.plan.bytes = 0;
		break;
	case Q_OTHER_VERSION_FIRST: /* the client learns by Version Negotiation (RFC 9000, 6) */
		put_int(&q.o, 0xcb1a2a3a4a, 5);
		put_int(&q.o, 8, 1);
		put(&q.o, q.plan.dcid, 8);
		put_random(&q.o, 1186);
		quic_send(&q, s);
		put_int(&q.o, 0x8000000000, 5);
		put_random(&q.o, 18);
		put_int(&q.o, 1, 4);
		datagram(s, q.packet, (size_t)(q.o.at - q.packet), true);
		q.o.at = q.packet;
		break;
	}
	if (way == Q_ZERO_RTT_FIRST) {
		put_other_packet(&q.o, &q.plan, 1, 600);
		quic_send(&q, s);
	}
	if (way == Q_RETRY) { /* the server answers; its ID gives the new keys (RFC 9001, 5.2) */
		quic_part(&q, s, 0, q.n);
		put_int(&q.o, 0xf000000001, 5);
		put_int(&q.o, 8, 1);
		put(&q.o, q.plan.scid, 8);
		put_int(&q.o, 8, 1);
		put(&q.o, q.ids + 20, 8);
		put_random(&q.o, 60);
		datagram(s, q.packet, (size_t)(q.o.at - q.packet), true);
		q.o.at = q.packet;
		q.plan.dcid = q.ids + 20;
		q.plan.token = 60;
	}
	if (way == Q_HANDSHAKE_BEHIND || way == Q_ZERO_RTT_BEHIND)
		q.plan.bytes = 700;
	put_crypto(&q.f, q.hello, 0, q.n);
	quic_packet(&q);
	if (way == Q_HANDSHAKE_BEHIND || way == Q_ZERO_RTT_BEHIND)
		put_other_packet(&q.o, &q.plan, way == Q_HANDSHAKE_BEHIND ? 2 : 1, 450);
	quic_send(&q, s);
	if (way == Q_TWICE)
		*add_step(s) = s->steps[0];
}

#endif
