/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of UDP: QUIC Initials and DNS messages. */
#ifndef TOOLS_DATAGRAMS_H
#define TOOLS_DATAGRAMS_H

#include <stdio.h>

#include "script.h"

/* --- QUIC ---------------------------------------------------------------------------------------
 */

struct quic {
	struct initial_plan plan;
	uint8_t ids[48], hello[HELLO_MAX];
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

/* Another long header packet of the same connection: 1 is 0-RTT, 2 is Handshake (RFC 9000, 17.2).
 */
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

enum quic_parts {
	QP_TWO,
	QP_SWAPPED,
	QP_THREE_BACKWARDS,
	QP_TWICE,
	QP_NEW_DCID,
	QP_ONE_DATAGRAM,
	QP_DCID_20_V2,
};

/* A hello of about 1,600 bytes, as with a post-quantum key share, over several Initials. */
static inline void quic_several(struct script *s, const char *name, enum quic_parts way)
{
	static struct quic q;
	size_t a = 300, b;

	quic_start(&q, name, 1216);
	/* The first part ends within the name, which is near the beginning. */
	b = q.n / 2;
	a = (size_t)((uint8_t *)memmem(q.hello, q.n, name, strlen(name)) - q.hello) + 3;
	switch (way) {
	case QP_TWO:
		quic_part(&q, s, 0, b);
		quic_part(&q, s, b, q.n);
		break;
	case QP_SWAPPED:
		quic_part(&q, s, b, q.n);
		quic_part(&q, s, 0, b);
		break;
	case QP_THREE_BACKWARDS:
		quic_part(&q, s, b, q.n);
		quic_part(&q, s, a, b);
		quic_part(&q, s, 0, a);
		break;
	case QP_TWICE:
		quic_part(&q, s, 0, b);
		*add_step(s) = s->steps[0];
		quic_part(&q, s, b, q.n);
		break;
	case QP_NEW_DCID: /* the server has answered: its ID, the old keys (RFC 9001, 5.2) */
		quic_part(&q, s, 0, b);
		q.plan.keyed_by = q.plan.dcid;
		q.plan.keyed_by_len = q.plan.dcid_len;
		q.plan.dcid = q.ids + 20;
		q.plan.dcid_len = 4;
		quic_part(&q, s, b, q.n);
		break;
	case QP_ONE_DATAGRAM: /* two packets in each */
		q.plan.bytes = 0;
		put_crypto(&q.f, q.hello, 0, a);
		quic_packet(&q);
		put_crypto(&q.f, q.hello, b, b + 200);
		quic_packet(&q);
		quic_send(&q, s);
		put_crypto(&q.f, q.hello, a, b);
		quic_packet(&q);
		put_crypto(&q.f, q.hello, b + 200, q.n);
		quic_packet(&q);
		quic_send(&q, s);
		break;
	case QP_DCID_20_V2:
		q.plan.version = (uint32_t)QUIC_V2;
		q.plan.dcid_len = 20;
		quic_part(&q, s, b, q.n);
		quic_part(&q, s, 0, b);
		break;
	}
}

enum quic_frames { QF_SHUFFLED, QF_OVERLAP, QF_BYTES, QF_ACK_FIRST, QF_SHUFFLED_OVER_TWO };

/* CRYPTO frames in every order, with PADDING and PING between them, as Chrome sends them. */
static inline void quic_shuffled(struct script *s, const char *name, enum quic_frames way)
{
	static const uint8_t order[] = { 5, 0, 7, 3, 1, 6, 2, 4 };
	static struct quic q;
	size_t i;

	quic_start(&q, name, way == QF_SHUFFLED_OVER_TWO ? 1216 : 0);
	switch (way) {
	case QF_SHUFFLED:
	case QF_SHUFFLED_OVER_TWO:
		for (i = 0; i < 8; i++) {
			put_crypto(&q.f, q.hello, q.n * order[i] / 8, q.n * (order[i] + 1u) / 8);
			put(&q.f, "\0\0\0\1", 4); /* PADDING, PING */
			if (way == QF_SHUFFLED_OVER_TWO && i % 4 == 3) {
				quic_packet(&q);
				quic_send(&q, s);
			}
		}
		if (way == QF_SHUFFLED_OVER_TWO)
			return;
		break;
	case QF_OVERLAP:
		put_crypto(&q.f, q.hello, q.n / 2, q.n);
		put_crypto(&q.f, q.hello, 0, q.n / 3);
		put_crypto(&q.f, q.hello, q.n / 4, q.n * 3 / 4);
		put_crypto(&q.f, q.hello, 0, q.n / 3);
		break;
	case QF_BYTES: /* backwards, one byte each, the first 100 */
		for (i = 100; i-- > 0;)
			put_crypto(&q.f, q.hello, i, i + 1);
		put_crypto(&q.f, q.hello, 100, q.n);
		break;
	case QF_ACK_FIRST: /* ACK (RFC 9000, 19.3) with two ranges */
		put(&q.f, "\2\x05\0\1\0\1\0", 7);
		put_crypto(&q.f, q.hello, 0, q.n);
		break;
	}
	quic_packet(&q);
	quic_send(&q, s);
}

/* --- DNS ----------------------------------------------------------------------------------------
 */

enum dns_way {
	D_A,
	D_AAAA,
	D_HTTPS,
	D_EDNS,
	D_COOKIE,
	D_MIXED_CASE,
	D_NO_RD,
	D_CNAME,
	D_CNAMES,
	D_TWICE
};

static inline void put_name(struct out *o, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		put_int(o, n, 1);
		put(o, name, n);
		name += n + (name[n] == '.');
	}
	put_int(o, 0, 1);
}

static inline void put_record(struct out *o, uint16_t owner, uint16_t type, const void *p, size_t n)
{
	put_int(o, 0xc000u | owner, 2);
	put_int(o, type, 2);
	put_int(o, 1, 2);
	put_int(o, 300, 4);
	put_int(o, n, 2);
	put(o, p, n);
}

/* A question for a name of nobody, and the answer that leads to the name. steps: CNAMEs of the
 * chain. */
static inline void dns_alias(struct script *s, const char *name, unsigned steps)
{
	uint8_t b[512], target[256];
	struct out o = { b, b + sizeof b }, t;
	size_t n;
	uint16_t owner = 12;

	put_int(&o, 0x77770100, 4);
	put_int(&o, 0x000100000000, 6);
	put_int(&o, 0, 2);
	put_name(&o, "alias.shop.example");
	put_int(&o, 0x00010001, 4);
	n = (size_t)(o.at - b);
	datagram(s, b, n, false);
	b[2] = 0x81;
	b[3] = 0x80;
	b[7] = (uint8_t)(steps + 1);
	for (unsigned i = 0; i < steps; i++) {
		t = (struct out){ target, target + sizeof target };
		if (i + 1 < steps) { /* a label before the name that was asked for, compressed */
			put(&t, "\4nex", 4);
			put_int(&t, '0' + i, 1);
			put_int(&t, 0xc000 | 18, 2); /* shop.example */
		} else {
			put_name(&t, name);
		}
		put_record(&o, owner, 5, target, (size_t)(t.at - target));
		owner = (uint16_t)((size_t)(o.at - b) - (size_t)(t.at - target));
	}
	put_record(&o, owner, 1, "\xc6\x33\x64\x07", 4);
	datagram(s, b, (size_t)(o.at - b), true);
}

static inline size_t dns_ask(uint8_t *b, size_t cap, const char *name, enum dns_way way)
{
	char asked[256];
	size_t n = 0;
	struct out o;

	snprintf(asked, sizeof asked, "%s", name);
	for (size_t i = 0; way == D_MIXED_CASE && asked[i]; i += 2)
		if (asked[i] >= 'a' && asked[i] <= 'z')
			asked[i] = (char)(asked[i] - 32);
	if (!dns_question(b, cap, 0x4711, asked, way == D_AAAA ? 28 : way == D_HTTPS ? 65 : 1, &n))
		abort();
	if (way == D_NO_RD)
		b[2] = 0;
	if (way != D_EDNS && way != D_COOKIE)
		return n;
	b[11] = 1;
	o = (struct out){ b + n, b + cap };
	put(&o, "\0\0\x29\x10\0\0\0\x80\0", 9); /* OPT, 4,096 bytes, DO (RFC 6891) */
	if (way == D_EDNS) {
		put_int(&o, 0, 2);
	} else {
		put_int(&o, 0x000c000a, 4);
		put_int(&o, 8, 2);
		put_random(&o, 8);
	}
	return (size_t)(o.at - b);
}

static inline void dns_datagram(struct script *s, const char *name, enum dns_way way)
{
	uint8_t b[512];
	size_t n;

	if (way == D_CNAME || way == D_CNAMES) {
		dns_alias(s, name, way == D_CNAME ? 1 : 4);
		return;
	}
	n = dns_ask(b, sizeof b, name, way);
	datagram(s, b, n, false);
	if (way == D_TWICE)
		*add_step(s) = s->steps[0];
}

#endif
