/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of a ClientHello in several QUIC Initials or many CRYPTO frames. */
#ifndef TOOLS_PIECES_H
#define TOOLS_PIECES_H

#include "datagrams.h"

enum quic_parts {
	QP_TWO,
	QP_SWAPPED,
	QP_THREE_BACKWARDS,
	QP_TWICE,
	QP_NEW_DCID,
	QP_ONE_DATAGRAM,
	QP_DCID_20_V2,
	QP_SECOND_HELLO, /* after a HelloRetryRequest, behind the first in the CRYPTO stream */
	QP_LONG,	 /* 12 KiB in 13 datagrams, the last first */
};

/* The server has answered: from now on its ID, and the old keys (RFC 9001, 5.2). */
static inline void quic_answered(struct quic *q)
{
	q->plan.keyed_by = q->plan.dcid;
	q->plan.keyed_by_len = q->plan.dcid_len;
	q->plan.dcid = q->ids + 20;
	q->plan.dcid_len = 4;
}

/* A hello of about 1,600 bytes, as with a post-quantum key share, over several Initials. */
static inline void quic_several(struct script *s, const char *name, enum quic_parts way)
{
	static struct quic q;
	size_t a = 300, b;

	quic_start(&q, name, way == QP_LONG ? 12000 : way == QP_SECOND_HELLO ? 0 : 1216);
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
	case QP_SECOND_HELLO:
		quic_part(&q, s, 0, q.n);
		quic_answered(&q);
		b = q.n;
		q.n += planned_hello(
			q.hello + b, sizeof q.hello - b,
			&(struct hello_plan){
				.name = name, .scid = q.plan.scid, .scid_len = 8, .share = 65 });
		quic_part(&q, s, b, q.n);
		break;
	case QP_NEW_DCID:
		quic_part(&q, s, 0, b);
		quic_answered(&q);
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
	case QP_LONG:
		for (size_t i = 13; i-- > 0;)
			quic_part(&q, s, q.n * i / 13, q.n * (i + 1) / 13);
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

#endif
