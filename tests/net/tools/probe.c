/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe: tries one name in one way and says in one line of key=value how it ended and how fast.
 *
 *   probe tls|http|quic|dns|udp ADDRESS [-n NAME] [-p PORT] [-t TYPE] [-s BYTES] [-T] [-r MS] [-w
 * MS]
 *
 * end=answered   bytes came back              end=reset    the connection was reset
 * end=closed     closed without a byte        end=unreach  ICMP or ICMPv6 said so
 * end=refused    the connect was refused      end=timeout  nothing within -w MS (default 3000)
 * ms is counted from the last byte that was sent; with -r a datagram is sent again as often, as
 * QUIC does, and ms is counted from the first; connected=1 if TCP was up before the end. dns also
 * prints rcode, answers, cname, ttl (of the first answer, or of the SOA) and soa. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "initial.h"

enum way { WAY_TLS, WAY_HTTP, WAY_QUIC, WAY_DNS, WAY_UDP, WAYS };
static const char *const way_names[WAYS] = { "tls", "http", "quic", "dns", "udp" };
static const char *const way_ports[WAYS] = { "443", "80", "443", "53", "9" };

struct probe {
	enum way way;
	const char *address, *name, *port;
	uint16_t type;
	size_t split; /* send so many bytes, wait, send the rest */
	bool tcp;
	int again_ms; /* send the datagram again so often; 0: once */
	int wait_ms;
};

struct ending {
	const char *end;
	bool connected;
	double ms;
	size_t bytes;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static const char *end_of(int error)
{
	switch (error) {
	case 0:
		return "answered";
	case ECONNRESET:
	case EPIPE:
		return "reset";
	case ECONNREFUSED:
		return "refused";
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EACCES:
	case EPERM:
		return "unreach";
	case ETIMEDOUT:
	case EAGAIN:
		return "timeout";
	default:
		return strerror(error);
	}
}

static int wait_for(int fd, short what, double until)
{
	struct pollfd p = { .fd = fd, .events = what };
	double left = until - now_ms();

	return poll(&p, 1, left > 0 ? (int)left + 1 : 0) > 0 ? 0 : ETIMEDOUT;
}

static int so_error(int fd)
{
	int error = 0;
	socklen_t n = sizeof error;

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
	return error;
}

static int open_socket(const struct probe *p, int type, double until, int *out_fd)
{
	struct addrinfo hints = { .ai_socktype = type, .ai_flags = AI_NUMERICHOST }, *ai;
	int one = 1, error = 0;

	if (getaddrinfo(p->address, p->port, &hints, &ai) != 0) {
		fprintf(stderr, "probe: not an address: %s\n", p->address);
		exit(2);
	}
	*out_fd = socket(ai->ai_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*out_fd < 0)
		error = errno;
	else if (connect(*out_fd, ai->ai_addr, ai->ai_addrlen) < 0)
		error = errno;
	freeaddrinfo(ai);
	if (error == EINPROGRESS) {
		error = wait_for(*out_fd, POLLOUT, until);
		if (!error)
			error = so_error(*out_fd);
	}
	if (type == SOCK_STREAM)
		setsockopt(*out_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return error;
}

static size_t make_request(const struct probe *p, uint8_t *buf, size_t cap)
{
	size_t n = 0;

	switch (p->way) {
	case WAY_TLS:
		return tls_hello(buf, cap, p->name);
	case WAY_HTTP:
		return (size_t)snprintf((char *)buf, cap,
					"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
					p->name ? p->name : p->address);
	case WAY_QUIC:
		return quic_initial(buf, p->name);
	case WAY_DNS:
		if (!p->name ||
		    !dns_question(buf + 2, cap - 2, (uint16_t)random(), p->name, p->type, &n)) {
			fprintf(stderr, "probe: not a name: %s\n", p->name ? p->name : "");
			exit(2);
		}
		buf[0] = (uint8_t)(n >> 8);
		buf[1] = (uint8_t)n;
		if (p->tcp)
			return n + 2;
		memmove(buf, buf + 2, n);
		return n;
	case WAY_UDP:
	case WAYS:
		memcpy(buf, "hello", 5);
		return 5;
	}
	return 0;
}

static int send_all(int fd, const uint8_t *p, size_t n)
{
	return send(fd, p, n, MSG_NOSIGNAL) == (ssize_t)n ? 0 : errno;
}

/* Until something comes, or nothing within the time. */
static int wait_for_answer(const struct probe *p, int fd, const uint8_t *request, size_t n,
			   double until)
{
	int error = ETIMEDOUT;

	while (p->again_ms && now_ms() < until &&
	       (error = wait_for(fd, POLLIN, now_ms() + p->again_ms)))
		if (send_all(fd, request, n))
			return 0; /* recv tells why */
	return error ? wait_for(fd, POLLIN, until) : 0;
}

/* Sends the request and takes what comes first: bytes, the end, or an error. */
static void run(const struct probe *p, struct ending *e, uint8_t *answer, size_t cap)
{
	bool stream = p->way == WAY_TLS || p->way == WAY_HTTP || p->tcp;
	double start = now_ms(), until = start + p->wait_ms;
	uint8_t request[HELLO_MAX];
	size_t n = make_request(p, request, sizeof request), first = n;
	int fd, error = open_socket(p, stream ? SOCK_STREAM : SOCK_DGRAM, until, &fd);
	ssize_t got = 0;

	e->connected = stream && !error;
	if (!error && stream && p->split && p->split < n)
		first = p->split;
	if (!error)
		error = send_all(fd, request, first);
	if (!error && first < n) {
		usleep(50000);
		error = send_all(fd, request + first, n - first);
	}
	if (e->connected || !stream)
		start = now_ms();
	if (!error)
		error = wait_for_answer(p, fd, request, n, until);
	if (!error) {
		got = recv(fd, answer, cap, 0);
		error = got < 0 ? errno : 0;
	}
	e->ms = now_ms() - start;
	e->bytes = got > 0 ? (size_t)got : 0;
	e->end = !error && got == 0 ? "closed" : end_of(error);
	/* A UDP socket reports an ICMP port unreachable as a refusal. */
	if (!stream && error == ECONNREFUSED)
		e->end = "unreach";
	close(fd);
}

/* --- reading the answer to a DNS question ------------------------------------------------- */

struct message {
	const uint8_t *at, *end;
	bool bad;
};

static uint32_t take(struct message *m, unsigned bytes)
{
	uint32_t v = 0;

	if (m->end - m->at < (long)bytes) {
		m->bad = true;
		return 0;
	}
	while (bytes--)
		v = v << 8 | *m->at++;
	return v;
}

/* Reads a name with its pointers (RFC 1035, 4.1.4) and steps over it. */
static void take_name(struct message *m, const uint8_t *whole, char out[256])
{
	struct message r = *m;
	size_t used = 0;
	bool jumped = false;

	for (int hops = 0; !r.bad && hops < 128; hops++) {
		uint8_t n = (uint8_t)take(&r, 1);

		if ((n & 0xc0) == 0xc0) {
			size_t to = (n & 0x3fu) << 8 | take(&r, 1);

			if (!jumped)
				m->at = r.at;
			jumped = true;
			r.at = whole + to < r.end ? whole + to : r.end;
			continue;
		}
		if (n == 0 || r.end - r.at < n || used + n + 2 > 256)
			break;
		memcpy(out + used, r.at, n);
		used += n;
		out[used++] = '.';
		r.at += n;
	}
	if (!jumped)
		m->at = r.at;
	m->bad = m->bad || r.bad;
	out[used ? used - 1 : 0] = 0;
}

static void print_address(const struct message *m, uint16_t length, bool first)
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (m->end - m->at >= length)
		inet_ntop(length == 4 ? AF_INET : AF_INET6, m->at, text, sizeof text);
	printf("%s%s", first ? " answers=" : ",", text);
}

static void print_dns(const uint8_t *p, size_t n)
{
	static const char *const codes[] = { "NOERROR",	 "FORMERR", "SERVFAIL",
					     "NXDOMAIN", "NOTIMP",  "REFUSED" };
	struct message m = { p, p + n, false };
	char name[256], cname[256] = "";
	uint32_t ttl = 0, answers, authority, seen = 0;
	unsigned flags;
	bool soa = false, has_ttl = false;

	take(&m, 2);
	flags = take(&m, 2);
	take(&m, 2);
	answers = take(&m, 2);
	authority = take(&m, 2);
	take(&m, 2);
	take_name(&m, p, name);
	take(&m, 4);
	if ((flags & 15) < 6)
		printf(" rcode=%s", codes[flags & 15]);
	else
		printf(" rcode=%u", flags & 15);
	for (uint32_t i = 0; i < answers + authority && !m.bad; i++) {
		uint16_t type, length;
		uint32_t life;

		take_name(&m, p, name);
		type = (uint16_t)take(&m, 2);
		take(&m, 2);
		life = take(&m, 4);
		length = (uint16_t)take(&m, 2);
		if (!has_ttl)
			ttl = life;
		has_ttl = true;
		soa = soa || type == 6;
		if (type == 1 || type == 28)
			print_address(&m, length, seen++ == 0);
		if (type == 5) {
			struct message c = m;

			take_name(&c, p, cname);
		}
		m.at = m.end - m.at < length ? m.end : m.at + length;
	}
	if (cname[0])
		printf(" cname=%s", cname);
	if (has_ttl)
		printf(" ttl=%u", ttl);
	printf(" soa=%d%s", soa, m.bad ? " malformed=1" : "");
}

static uint16_t type_of(const char *text)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = { { "A", 1 }, { "AAAA", 28 }, { "HTTPS", 65 }, { "TXT", 16 }, { "ANY", 255 } };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(text, types[i].name))
			return types[i].type;
	return (uint16_t)atoi(text);
}

static int usage(void)
{
	fprintf(stderr, "usage: probe tls|http|quic|dns|udp ADDRESS [-n NAME] [-p PORT] [-t TYPE] "
			"[-s BYTES] [-T] [-r MS] [-w MS]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct probe p = { .type = 1, .wait_ms = 3000 };
	struct ending e = { .end = "" };
	struct timespec t;
	uint8_t answer[65536];
	int c;

	while ((c = getopt(argc, argv, "n:p:t:s:Tr:w:")) != -1) {
		switch (c) {
		case 'n':
			p.name = optarg;
			break;
		case 'p':
			p.port = optarg;
			break;
		case 't':
			p.type = type_of(optarg);
			break;
		case 's':
			p.split = (size_t)atoi(optarg);
			break;
		case 'T':
			p.tcp = true;
			break;
		case 'r':
			p.again_ms = atoi(optarg);
			break;
		case 'w':
			p.wait_ms = atoi(optarg);
			break;
		default:
			return usage();
		}
	}
	if (argc - optind != 2)
		return usage();
	while (p.way < WAYS && strcmp(argv[optind], way_names[p.way]))
		p.way++;
	if (p.way == WAYS)
		return usage();
	p.address = argv[optind + 1];
	if (!p.port)
		p.port = way_ports[p.way];
	clock_gettime(CLOCK_REALTIME, &t);
	srandom((unsigned)(t.tv_nsec ^ getpid()));
	run(&p, &e, answer, sizeof answer);
	printf("end=%s ms=%.1f connected=%d bytes=%zu", e.end, e.ms, e.connected, e.bytes);
	if (p.way == WAY_DNS && e.bytes > (p.tcp ? 2u : 0u))
		print_dns(answer + (p.tcp ? 2 : 0), e.bytes - (p.tcp ? 2 : 0));
	putchar('\n');
	return 0;
}
