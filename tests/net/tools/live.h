/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script on the wire, and who listens at the other end.
 *
 * TCP is spoken from here over a raw socket, because no kernel sends segments out of order: the
 * machine's own resets have to be kept back (iptables, OUTPUT, RST). Nothing is sent twice unless
 * the script does. live_send says in one line:
 *   end=arrived   the server has acknowledged, or answered, all    end=reset    TCP reset
 *   end=answered  an answer came that is not the sink's            end=unreach  ICMP said so
 *   end=partly    nothing of these within a second; sent=BYTES or DATAGRAMS arrived=... of the
 * server's word The sink prints "tcp|udp PORT COUNT" as it grows: bytes of the stream, or
 * datagrams. */
#ifndef TOOLS_LIVE_H
#define TOOLS_LIVE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "carry.h"

enum { WAIT_MS = 1000, GAP_US = 1500, LISTEN_MAX = 64, OPEN_MAX = 512 };

static inline int64_t live_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline struct addrinfo *live_resolve(const char *address, uint16_t port, int type)
{
	struct addrinfo hints = { .ai_socktype = type, .ai_flags = AI_NUMERICHOST }, *ai;
	char text[8];

	snprintf(text, sizeof text, "%u", port);
	if (getaddrinfo(address, text, &hints, &ai)) {
		fprintf(stderr, "packings: not an address: %s\n", address);
		exit(2);
	}
	return ai;
}

static inline void live_die(const char *what)
{
	perror(what);
	exit(1);
}

/* A UDP socket from port to the server; for TCP it tells which address the kernel would use. */
static inline int live_udp(const char *address, uint16_t to, uint16_t from, struct ends *out)
{
	struct addrinfo *ai = live_resolve(address, to, SOCK_DGRAM);
	struct sockaddr_storage own = { .ss_family = (sa_family_t)ai->ai_family };
	struct sockaddr_in *own4 = (struct sockaddr_in *)&own;
	struct sockaddr_in6 *own6 = (struct sockaddr_in6 *)&own;
	socklen_t n = sizeof own;
	int fd = socket(ai->ai_family, SOCK_DGRAM, 0);

	*out = (struct ends){ .v6 = ai->ai_family == AF_INET6, .port = { from, to } };
	own4->sin_port = htons(from); /* at the same place in both */
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, ai->ai_addrlen) ||
	    connect(fd, ai->ai_addr, ai->ai_addrlen) ||
	    getsockname(fd, (struct sockaddr *)&own, &n))
		live_die(address);
	memcpy(out->addr[0], out->v6 ? (void *)&own6->sin6_addr : (void *)&own4->sin_addr,
	       out->v6 ? 16 : 4);
	memcpy(out->addr[1],
	       out->v6 ? (void *)&((struct sockaddr_in6 *)(void *)ai->ai_addr)->sin6_addr
		       : (void *)&((struct sockaddr_in *)(void *)ai->ai_addr)->sin_addr,
	       out->v6 ? 16 : 4);
	freeaddrinfo(ai);
	return fd;
}

/* --- UDP ----------------------------------------------------------------------------------------
 */

static inline int live_send_datagrams(const struct script *s, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t until = live_now_ms() + WAIT_MS;
	unsigned sent = 0, replies = 0;
	const char *end = NULL;
	uint8_t b[2048];

	for (size_t i = 0; i < s->count; i++) {
		if (s->steps[i].from_server)
			continue;
		/* An error of the datagram before is told at the next. */
		if (send(fd, s->pool + s->steps[i].at, s->steps[i].n, 0) < 0 && errno != EINTR) {
			end = "unreach";
			if (send(fd, s->pool + s->steps[i].at, s->steps[i].n, 0) < 0)
				live_die("send");
		}
		sent++;
		usleep(GAP_US);
	}
	while (replies < sent &&
	       poll(&p, 1, (int)(until - live_now_ms() > 0 ? until - live_now_ms() : 0)) > 0) {
		ssize_t n = recv(fd, b, sizeof b, MSG_DONTWAIT);

		if (n < 0)
			end = errno == EAGAIN ? end : "unreach";
		else if (n == 1)
			replies++;
		else
			end = "answered";
		if (end)
			break;
	}
	if (!end)
		end = replies == sent ? "arrived" : "partly";
	printf("end=%s sent=%u arrived=%u\n", end, sent, replies);
	return 0;
}

/* --- TCP ----------------------------------------------------------------------------------------
 */

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

/* --- the other side ------------------------------------------------------------------------------
 */

struct sink {
	struct pollfd fds[OPEN_MAX];
	uint8_t what[OPEN_MAX]; /* 0 listens, 1 datagrams, 2 a stream */
	uint16_t port[OPEN_MAX];
	size_t bytes[OPEN_MAX], n;
	unsigned datagrams[65536]; /* by the port they come from, of both families */
};

static inline void sink_add(struct sink *k, int fd, uint8_t what, uint16_t port)
{
	if (k->n == OPEN_MAX) {
		close(fd);
		return;
	}
	k->fds[k->n] = (struct pollfd){ .fd = fd, .events = POLLIN };
	k->what[k->n] = what;
	k->port[k->n] = port;
	k->bytes[k->n++] = 0;
}

static inline void sink_listen(struct sink *k, const char *address, uint16_t port, int type)
{
	struct addrinfo *ai = live_resolve(address, port, type);
	int fd = socket(ai->ai_family, type, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) || (type == SOCK_STREAM && listen(fd, 100)))
		live_die(address);
	freeaddrinfo(ai);
	sink_add(k, fd, type == SOCK_DGRAM, port);
}

/* True: the stream at i is over. */
static inline bool sink_take(struct sink *k, size_t i)
{
	static uint8_t b[1 << 16];
	struct sockaddr_storage from;
	struct sockaddr *peer = (struct sockaddr *)&from;
	socklen_t n = sizeof from;
	ssize_t got;
	uint16_t port;

	if (k->what[i] == 0) {
		int fd = accept(k->fds[i].fd, peer, &n);

		if (fd >= 0)
			sink_add(k, fd, 2, ntohs(((struct sockaddr_in *)&from)->sin_port));
		return false;
	}
	if (k->what[i] == 2) {
		got = recv(k->fds[i].fd, b, sizeof b, 0);
		if (got <= 0)
			return true;
		k->bytes[i] += (size_t)got;
		printf("tcp %u %zu\n", k->port[i], k->bytes[i]);
		return false;
	}
	got = recvfrom(k->fds[i].fd, b, sizeof b, 0, peer, &n);
	if (got < 0)
		return false;
	port = ntohs(((struct sockaddr_in *)&from)->sin_port);
	printf("udp %u %u\n", port, ++k->datagrams[port]);
	sendto(k->fds[i].fd, ".", 1, 0, peer, n);
	return false;
}

static inline int live_sink(int count, char **addresses)
{
	static const uint16_t tcp[] = { 443, 80, 53, 8443 }, udp[] = { 443, 53, 8443 };
	static struct sink k;

	for (int a = 0; a < count; a++) {
		for (size_t i = 0; i < sizeof tcp / sizeof *tcp; i++)
			sink_listen(&k, addresses[a], tcp[i], SOCK_STREAM);
		for (size_t i = 0; i < sizeof udp / sizeof *udp; i++)
			sink_listen(&k, addresses[a], udp[i], SOCK_DGRAM);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("ready\n");
	for (;;) {
		size_t n = k.n;

		if (poll(k.fds, n, -1) < 0 && errno != EINTR)
			return 1;
		for (size_t i = n; i-- > 0;) {
			if (!k.fds[i].revents || !sink_take(&k, i))
				continue;
			close(k.fds[i].fd);
			k.n--;
			k.fds[i] = k.fds[k.n];
			k.what[i] = k.what[k.n];
			k.port[i] = k.port[k.n];
			k.bytes[i] = k.bytes[k.n];
		}
	}
}

#endif
