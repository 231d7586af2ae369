/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who listens at the other end: prints "tcp|udp PORT COUNT" as it grows, by the port of the client:
 * bytes of the stream, or datagrams. */
#ifndef TOOLS_SINK_H
#define TOOLS_SINK_H

#include "live.h"

enum { OPEN_MAX = 512 };

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
	static const uint16_t tcp[] = { 443, 80, 53, 8443, 1080 }, udp[] = { 443, 53, 8443 };
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
