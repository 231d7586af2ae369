/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams of a script on the wire, and what both ways of sending share. */
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

enum { WAIT_MS = 1000, GAP_US = 1500 };

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

_Noreturn static inline void live_die(const char *what)
{
	perror(what);
	exit(1);
}

static inline void live_address(const void *from, uint8_t out[16])
{
	const struct sockaddr_in *in = from;
	const struct sockaddr_in6 *in6 = from;

	if (in->sin_family == AF_INET6)
		memcpy(out, &in6->sin6_addr, 16);
	else
		memcpy(out, &in->sin_addr, 4);
}

/* A UDP socket from port to the server; for TCP it tells which address the kernel would use. */
static inline int live_udp(const char *address, uint16_t to, uint16_t from, struct ends *out)
{
	struct addrinfo *ai = live_resolve(address, to, SOCK_DGRAM);
	struct sockaddr_storage own = { .ss_family = (sa_family_t)ai->ai_family };
	struct sockaddr_in *own4 = (struct sockaddr_in *)&own;
	socklen_t n = sizeof own;
	int fd = socket(ai->ai_family, SOCK_DGRAM, 0);

	*out = (struct ends){ .v6 = ai->ai_family == AF_INET6, .port = { from, to } };
	own4->sin_port = htons(from); /* at the same place in both */
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, ai->ai_addrlen) ||
	    connect(fd, ai->ai_addr, ai->ai_addrlen) ||
	    getsockname(fd, (struct sockaddr *)&own, &n))
		live_die(address);
	live_address(&own, out->addr[0]);
	live_address(ai->ai_addr, out->addr[1]);
	freeaddrinfo(ai);
	return fd;
}

/* --- UDP ------------------------------------------------------------------------------------- */

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

#endif
