/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script on the wire.
 *
 * TCP is spoken from here over a raw socket, because no kernel sends segments out of order: the
 * machine's own resets have to be kept back (iptables, OUTPUT, RST). Nothing is sent twice unless
 * the script does. live_send says in one line:
 *   end=arrived   the server has acknowledged, or answered, all
 *   end=reset     TCP reset
 *   end=unreach   ICMP said so
 *   end=answered  an answer came that is not the sink's
 *   end=partly    nothing of these within a second
 * and sent=, arrived= by the server's word: bytes of the stream, or datagrams. */
#ifndef TOOLS_RAW_H
#define TOOLS_RAW_H

#include "live.h"

struct live_tcp {
	int fd;
	struct ends ends;
	uint32_t isn, theirs, acked; /* acked: the server's latest acknowledgement */
	uint32_t stamp;		     /* of the SYN-ACK */
	bool connected, reset, answered;
};

static inline void live_put(struct live_tcp *t, const struct tcp *h, const void *p, size_t n)
{
	static uint8_t b[FRAME_MAX];
	struct out o = { b, b + sizeof b };

	put_tcp(&o, &t->ends, h, p, n);
	if (send(t->fd, b, (size_t)(o.at - b), 0) < 0 && errno != ECONNREFUSED)
		live_die("send");
}

/* The time stamp of a segment's options (RFC 7323, 3.2), or 0. */
static inline uint32_t live_stamp(const uint8_t *h, size_t n)
{
	size_t end = (size_t)(h[12] >> 4) * 4;

	for (size_t i = 20; i + 1 < end && end <= n; i += h[i] == 1	 ? 1
							  : h[i + 1] > 1 ? h[i + 1]
									 : n)
		if (h[i] == 8 && i + 6 <= end)
			return (uint32_t)h[i + 2] << 24 | (uint32_t)h[i + 3] << 16 |
			       (uint32_t)h[i + 4] << 8 | h[i + 5];
	return 0;
}

/* One segment from the server, if it is of this connection. IPv4 comes with its header. */
static inline void live_take(struct live_tcp *t)
{
	static uint8_t b[FRAME_MAX];
	ssize_t got = recv(t->fd, b, sizeof b, MSG_DONTWAIT);
	size_t at = t->ends.v6 || got < 20 ? 0 : (size_t)(b[0] & 15) * 4;
	const uint8_t *h = b + at;
	uint32_t seq, ack;

	if (got < (ssize_t)at + 20 || (h[0] << 8 | h[1]) != t->ends.port[1] ||
	    (h[2] << 8 | h[3]) != t->ends.port[0])
		return;
	seq = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
	ack = (uint32_t)h[8] << 24 | (uint32_t)h[9] << 16 | (uint32_t)h[10] << 8 | h[11];
	if (h[13] & RST) {
		t->reset = true;
	} else if (!t->connected && (h[13] & (SYN | ACK)) == (SYN | ACK)) {
		t->theirs = seq + 1;
		t->acked = ack;
		t->stamp = live_stamp(h, (size_t)got - at);
		t->connected = true;
	} else if (t->connected && h[13] & ACK) {
		t->answered = t->answered || (size_t)got > at + (h[12] >> 4) * 4u;
		if ((int32_t)(ack - t->acked) > 0)
			t->acked = ack;
	}
}

static inline void live_listen(struct live_tcp *t, int64_t ms, uint32_t want)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	int64_t until = live_now_ms() + ms, left;

	while (!t->reset && (left = until - live_now_ms()) > 0 && poll(&p, 1, (int)left) > 0) {
		bool was = t->connected;

		live_take(t);
		if ((!was && t->connected) || (t->connected && t->acked == want))
			return;
	}
}

static inline int live_send_stream(const struct script *s, const char *address, struct ends ends)
{
	struct addrinfo *ai = live_resolve(address, 0, SOCK_DGRAM);
	struct live_tcp t = { .fd = socket(ai->ai_family, SOCK_RAW, IPPROTO_TCP),
			      .ends = ends,
			      .isn = s->isn };
	uint32_t want = s->isn + 1 + (uint32_t)s->total;
	struct tcp h = { .seq = s->isn, .flags = SYN, .timestamps = s->timestamps };
	const char *end;
	bool fin = false;
	int big = 1 << 20;

	if (t.fd < 0 || connect(t.fd, ai->ai_addr, ai->ai_addrlen) ||
	    setsockopt(t.fd, SOL_SOCKET, SO_RCVBUF, &big, sizeof big))
		live_die("raw socket");
	freeaddrinfo(ai);
	live_put(&t, &h, NULL, 0);
	live_listen(&t, WAIT_MS, want);
	if (t.connected) {
		h = (struct tcp){ t.isn + 1, t.theirs, ACK, s->timestamps, t.stamp };
		live_put(&t, &h, NULL, 0);
	}
	for (size_t i = 0; i < s->count && t.connected && !t.reset; i++) {
		const struct step *step = &s->steps[i];

		h.seq = t.isn + 1 + (uint32_t)step->seq;
		h.flags = ACK | PSH | (step->fin ? FIN : 0);
		fin = fin || step->fin;
		live_put(&t, &h, s->pool + step->at, step->n);
		usleep(GAP_US);
		live_listen(&t, 1, want);
	}
	want += fin;
	if (t.connected && t.acked != want)
		live_listen(&t, WAIT_MS, want);
	end = !t.connected	? "refused"
	      : t.reset		? "reset"
	      : t.acked == want ? "arrived"
	      : t.answered	? "answered"
				: "partly";
	h.seq = want;
	h.flags = ACK | RST; /* whatever came of it, it ends */
	if (t.connected && !t.reset)
		live_put(&t, &h, NULL, 0);
	printf("end=%s sent=%zu arrived=%u\n", end, s->total,
	       t.connected ? t.acked - t.isn - 1 - (fin && t.acked == want) : 0);
	return 0;
}

static inline int live_send(const struct script *s, const char *address, uint16_t port)
{
	struct ends ends;
	int fd = live_udp(address, s->port, port, &ends);

	return s->proto == 17 ? live_send_datagrams(s, fd) : live_send_stream(s, address, ends);
}

#endif
