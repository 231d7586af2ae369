/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load: new TLS-looking connections, as many as go or at a pace; and the server they talk to.
 *
 *   load serve ADDRESS... [-p PORT] [-a ADDRESSES]
 *   load run ADDRESS -n NAME [-p PORT] [-a ADDRESSES] [-c AT-ONCE] [-d SECONDS | -k COUNT]
 *            [-r A-SECOND]
 *
 * -a: so many consecutive addresses from ADDRESS on are used in turn. Towards one address a
 * client has 32,000 ports at hand, then connect(2) itself becomes slow.
 * A connection is: connect, a whole ClientHello, a few bytes of answer, close. It has failed when
 * anything else happens or when it takes more than 5 s. run prints one line of key=value. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hello.h"

enum { EVENTS = 64, SLOTS_MAX = 1024, TIMEOUT_MS = 5000, SAMPLES = 1 << 20 };

struct options {
	const char *port, *name;
	unsigned at_once, count, pace, addresses;
	double seconds;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of this process, what the kernel did on its behalf with it: packets are carried through all of
 * a household by whoever sends them. */
static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct addrinfo *resolve(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *ai;

	if (getaddrinfo(address, port, &hints, &ai)) {
		fprintf(stderr, "load: not an address: %s\n", address);
		exit(2);
	}
	return ai;
}

/* The i-th address from this one on. */
static void step_address(struct addrinfo *ai, unsigned i)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ai->ai_addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ai->ai_addr;

	if (ai->ai_family == AF_INET)
		v4->sin_addr.s_addr = htonl(ntohl(v4->sin_addr.s_addr) + i);
	else
		v6->sin6_addr.s6_addr[15] = (uint8_t)(v6->sin6_addr.s6_addr[15] + i);
}

static void watch(int epoll, int fd, uint32_t what, uint64_t tag)
{
	struct epoll_event ev = { .events = what, .data.u64 = tag };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
		die("epoll");
}

/* --- server ------------------------------------------------------------------------------- */

static void listen_on(int epoll, const char *address, const char *port, unsigned nth)
{
	struct addrinfo *ai = resolve(address, port);
	int one = 1, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	step_address(ai, nth);
	/* A route makes the addresses local, they are on no interface. */
	setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &one, sizeof one);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, 4096))
		die(address);
	freeaddrinfo(ai);
	watch(epoll, fd, EPOLLIN, (uint64_t)fd << 1 | 1); /* lowest bit: a listener */
}

static void serve_one(int fd)
{
	static const uint8_t alert[] = { 0x15, 3, 3, 0, 2, 1, 0 }; /* close_notify */
	uint8_t buf[HELLO_MAX];
	ssize_t n = recv(fd, buf, sizeof buf, 0);

	/* The client closes first: its ports, not ours, are in TIME-WAIT. */
	if (n <= 0 || send(fd, alert, sizeof alert, MSG_NOSIGNAL) < 0)
		close(fd);
}

static _Noreturn void serve(char **addresses, const struct options *o)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd;
	struct epoll_event ev[EVENTS];

	for (; *addresses; addresses++)
		for (unsigned i = 0; i < o->addresses; i++)
			listen_on(epoll, *addresses, o->port, i);
	printf("serving\n");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, ev, EVENTS, -1);

		if (n < 0 && errno != EINTR)
			die("epoll");
		for (int i = 0; i < n; i++) {
			if (!(ev[i].data.u64 & 1)) {
				serve_one((int)(ev[i].data.u64 >> 1));
				continue;
			}
			while ((fd = accept4((int)(ev[i].data.u64 >> 1), NULL, NULL,
					     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
				watch(epoll, fd, EPOLLIN, (uint64_t)fd << 1);
		}
	}
}

/* --- client ------------------------------------------------------------------------------- */

struct slot {
	int fd; /* -1: free */
	bool sent;
	double since;
};

struct run {
	const struct options *o;
	struct addrinfo *to[256];
	int epoll;
	struct slot slots[SLOTS_MAX];
	unsigned open, started, done, failed;
	uint32_t *us;
	double start;
};

static void end_one(struct run *r, struct slot *s, bool ok)
{
	close(s->fd);
	s->fd = -1;
	r->open--;
	if (!ok)
		r->failed++;
	else if (r->done < SAMPLES)
		r->us[r->done++] = (uint32_t)((now_s() - s->since) * 1e6);
	else
		r->done++;
}

static void start_one(struct run *r, struct slot *s)
{
	const struct addrinfo *to = r->to[r->started % r->o->addresses];
	int one = 1;

	s->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		die("socket");
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	s->sent = false;
	s->since = now_s();
	r->open++;
	r->started++;
	if (connect(s->fd, to->ai_addr, to->ai_addrlen) && errno != EINPROGRESS) {
		end_one(r, s, false);
		return;
	}
	watch(r->epoll, s->fd, EPOLLOUT, (uint64_t)(s - r->slots));
}

static void advance(struct run *r, struct slot *s, uint32_t what)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u64 = (uint64_t)(s - r->slots) };
	uint8_t buf[HELLO_MAX];

	if (what & (EPOLLERR | EPOLLHUP)) {
		end_one(r, s, false);
	} else if (!s->sent) {
		size_t n = tls_hello(buf, sizeof buf, r->o->name);

		s->sent = true;
		if (send(s->fd, buf, n, MSG_NOSIGNAL) != (ssize_t)n ||
		    epoll_ctl(r->epoll, EPOLL_CTL_MOD, s->fd, &ev))
			end_one(r, s, false);
	} else {
		end_one(r, s, recv(s->fd, buf, sizeof buf, 0) > 0);
	}
}

/* True while another connection may be started now. */
static bool wants_more(const struct run *r, double now)
{
	double since = now - r->start;

	if (r->o->count ? r->started >= r->o->count : since >= r->o->seconds)
		return false;
	return !r->o->pace || r->started < since * r->o->pace;
}

static bool is_over(const struct run *r, double now)
{
	return !r->open &&
	       (r->o->count ? r->started >= r->o->count : now - r->start >= r->o->seconds);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int run(const char *address, const struct options *o)
{
	static struct run r;
	struct epoll_event ev[EVENTS];
	unsigned kept;
	double now, cpu;

	r = (struct run){ .o = o, .start = now_s() };
	for (unsigned i = 0; i < o->addresses; i++) {
		r.to[i] = resolve(address, o->port);
		step_address(r.to[i], i);
	}
	r.epoll = epoll_create1(EPOLL_CLOEXEC);
	r.us = calloc(SAMPLES, sizeof *r.us);
	if (r.epoll < 0 || !r.us)
		die("start");
	for (unsigned i = 0; i < o->at_once; i++)
		r.slots[i].fd = -1;
	while (!is_over(&r, now = now_s())) {
		int n;

		for (unsigned i = 0; i < o->at_once; i++) {
			struct slot *s = &r.slots[i];

			if (s->fd >= 0 && now - s->since > TIMEOUT_MS / 1e3)
				end_one(&r, s, false);
			if (s->fd < 0 && wants_more(&r, now))
				start_one(&r, s);
		}
		n = epoll_wait(r.epoll, ev, EVENTS, o->pace ? 1 : 50);
		for (int i = 0; i < n; i++)
			if (r.slots[ev[i].data.u64].fd >= 0)
				advance(&r, &r.slots[ev[i].data.u64], ev[i].events);
	}
	cpu = cpu_us();
	now = now_s() - r.start;
	kept = r.done < SAMPLES ? r.done : SAMPLES;
	qsort(r.us, kept, sizeof *r.us, by_value);
	printf("connections=%u failed=%u seconds=%.2f rate=%.1f p50_us=%u p99_us=%u cpu_us=%.0f\n",
	       r.done, r.failed, now, r.done / now, kept ? r.us[kept / 2] : 0,
	       kept ? r.us[kept - 1 - kept / 100] : 0, cpu);
	free(r.us);
	for (unsigned i = 0; i < o->addresses; i++)
		freeaddrinfo(r.to[i]);
	return 0;
}

static int usage(void)
{
	fprintf(stderr,
		"usage: load serve ADDRESS... [-p PORT] [-a ADDRESSES]\n"
		"       load run ADDRESS -n NAME [-p PORT] [-c AT-ONCE] [-d SECONDS | -k COUNT]"
		" [-r A-SECOND]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct options o = {
		.port = "443", .name = "load.example", .at_once = 16, .addresses = 1, .seconds = 3
	};
	int c;

	while ((c = getopt(argc, argv, "n:p:a:c:d:k:r:")) != -1) {
		switch (c) {
		case 'n':
			o.name = optarg;
			break;
		case 'p':
			o.port = optarg;
			break;
		case 'a':
			o.addresses = (unsigned)atoi(optarg);
			break;
		case 'c':
			o.at_once = (unsigned)atoi(optarg);
			break;
		case 'd':
			o.seconds = atof(optarg);
			break;
		case 'k':
			o.count = (unsigned)atoi(optarg);
			break;
		case 'r':
			o.pace = (unsigned)atoi(optarg);
			break;
		default:
			return usage();
		}
	}
	argv += optind;
	if (argc - optind < 2 || !o.at_once || o.at_once > SLOTS_MAX || !o.addresses ||
	    o.addresses > 256)
		return usage();
	srandom((unsigned)getpid());
	if (!strcmp(argv[0], "serve"))
		serve(argv + 1, &o);
	return !strcmp(argv[0], "run") && argc - optind == 2 ? run(argv[1], &o) : usage();
}
