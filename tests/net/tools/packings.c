/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packings: one name in every legal packing.
 *
 *   packings list                            NAME live, or NAME capture REASON
 *   packings pcap DIR BLOCKED ALLOWED        a capture each, and DIR/expect: FILE TYPE NAME VIA
 * VERDICT packings send PACKING NAME ADDRESS PORT  from this machine, by raw socket; see raw.h
 *   packings sink ADDRESS...                 the other side: counts what arrives; see sink.h */
#define _GNU_SOURCE /* memmem */
#include <arpa/inet.h>

#include "capture.h"
#include "cuts.h"
#include "dns.h"
#include "pieces.h"
#include "raw.h"
#include "sink.h"
#include "streams.h"

enum kind { TLS, PROXY, TLS_BEHIND, HTTP, H2, DNS_TCP, QUIC, QUIC_SEVERAL, QUIC_SHUFFLED, DNS };

enum tls_way {
	T_PLAIN,
	T_12,
	T_NAME_LAST,
	T_RECORDS_2,
	T_RECORDS_3,
	T_RECORDS_TINY, /* of one byte */
	T_RECORD_IN_NAME,
	T_PQ, /* about 1,800 bytes */
	T_PQ_NAME_LAST,
	T_PQ_RECORDS_3,
	T_16K,
	T_60K,
	T_RETRIED, /* the hello, and the one after a HelloRetryRequest */
	T_SECOND,  /* the latter alone */
};

enum {
	NO_SYN = 1,
	NO_SERVER = 2,
	SYN_DATA = 4,
	TIMESTAMPS = 8,
	WRAP = 16,
	OTHER_PORT = 32,
	CARRIED = 64, /* by every carrier */
};

struct packing {
	const char *name;
	enum kind kind;
	int way;
	enum shape shape;
	unsigned flags;
	const char *text;     /* HTTP */
	const char *not_live; /* why it is not sent */
};

#define GET "GET / HTTP/1.1\r\nHost: \a\r\nUser-Agent: tv\r\n\r\n"
/* Host came with HTTP/1.1. */
#define NO_HOST	     "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
#define NO_HANDSHAKE "a connection needs its handshake to reach a server"

static const struct packing packings[] = {
	{ "tls", TLS, T_PLAIN, ONE, CARRIED, NULL, NULL },
	{ "tls-two-segments", TLS, T_PLAIN, TWO, CARRIED, NULL, NULL },
	{ "tls-three-segments", TLS, T_PLAIN, THREE, 0, NULL, NULL },
	{ "tls-every-byte", TLS, T_PLAIN, EVERY_BYTE, 0, NULL, NULL },
	{ "tls-first-byte", TLS, T_PLAIN, FIRST_BYTE, 0, NULL, NULL },
	{ "tls-record-header", TLS, T_PLAIN, FIVE_BYTES, 0, NULL, NULL },
	{ "tls-cut-in-name", TLS, T_PLAIN, IN_NAME, 0, NULL, NULL },
	{ "tls-swapped", TLS, T_PLAIN, SWAPPED, CARRIED, NULL, NULL },
	{ "tls-shuffled", TLS, T_PLAIN, SHUFFLED, 0, NULL, NULL },
	{ "tls-shuffled-8", TLS, T_PLAIN, SHUFFLED_8, 0, NULL, NULL },
	{ "tls-backwards", TLS, T_PLAIN, BACKWARDS, 0, NULL, NULL },
	{ "tls-duplicates", TLS, T_PLAIN, TWICE, 0, NULL, NULL },
	{ "tls-overlap", TLS, T_PLAIN, OVERLAP, 0, NULL, NULL },
	{ "tls-again-otherwise", TLS, T_PLAIN, AGAIN, 0, NULL, NULL },
	{ "tls-keepalive", TLS, T_PLAIN, KEEPALIVE, 0, NULL, NULL },
	{ "tls-fin", TLS, T_PLAIN, WITH_FIN, 0, NULL, NULL },
	{ "tls-timestamps", TLS, T_PLAIN, TWO, TIMESTAMPS, NULL, NULL },
	{ "tls-sequence-wraps", TLS, T_PLAIN, SHUFFLED, WRAP, NULL, NULL },
	{ "tls-other-port", TLS, T_PLAIN, SWAPPED, OTHER_PORT, NULL, NULL },
	{ "tls-no-syn", TLS, T_PLAIN, ONE, NO_SYN, NULL, NO_HANDSHAKE },
	{ "tls-no-syn-two", TLS, T_PLAIN, TWO, NO_SYN, NULL, NO_HANDSHAKE },
	{ "tls-no-syn-swapped", TLS, T_PLAIN, SWAPPED, NO_SYN, NULL, NO_HANDSHAKE },
	{ "tls-no-syn-backwards", TLS, T_PLAIN, BACKWARDS, NO_SYN, NULL, NO_HANDSHAKE },
	{ "tls-no-syn-shuffled-8", TLS, T_PLAIN, SHUFFLED_8, NO_SYN, NULL, NO_HANDSHAKE },
	{ "tls-no-syn-record-ends-in-name", TLS, T_RECORD_IN_NAME, SHUFFLED, NO_SYN, NULL,
	  NO_HANDSHAKE },
	{ "tls-no-server", TLS, T_PLAIN, SWAPPED, NO_SERVER, NULL,
	  "the queue never has the server's side: all others are this one" },
	{ "tls-in-syn", TLS, T_PLAIN, ONE, SYN_DATA, NULL,
	  "the server has to hand out a Fast Open cookie before (RFC 7413)" },
	{ "tls12", TLS, T_12, ONE, 0, NULL, NULL },
	{ "tls12-cut-in-name", TLS, T_12, IN_NAME, 0, NULL, NULL },
	{ "tls-name-last", TLS, T_NAME_LAST, IN_NAME, 0, NULL, NULL },
	{ "tls-two-records", TLS, T_RECORDS_2, ONE, CARRIED, NULL, NULL },
	{ "tls-two-records-swapped", TLS, T_RECORDS_2, SWAPPED, 0, NULL, NULL },
	{ "tls-three-records", TLS, T_RECORDS_3, ONE, 0, NULL, NULL },
	{ "tls-three-records-three-segments", TLS, T_RECORDS_3, THREE, 0, NULL, NULL },
	{ "tls-tiny-records", TLS, T_RECORDS_TINY, FULL, 0, NULL, NULL },
	{ "tls-record-ends-in-name", TLS, T_RECORD_IN_NAME, ONE, 0, NULL, NULL },
	{ "tls-record-ends-in-name-shuffled", TLS, T_RECORD_IN_NAME, SHUFFLED, 0, NULL, NULL },
	{ "tls-pq", TLS, T_PQ, FULL, CARRIED, NULL, NULL },
	{ "tls-pq-swapped", TLS, T_PQ, FULL_SWAPPED, 0, NULL, NULL },
	{ "tls-pq-shuffled", TLS, T_PQ, FULL_SHUFFLED, 0, NULL, NULL },
	{ "tls-pq-name-last", TLS, T_PQ_NAME_LAST, FULL, 0, NULL, NULL },
	{ "tls-pq-name-last-swapped", TLS, T_PQ_NAME_LAST, FULL_SWAPPED, 0, NULL, NULL },
	{ "tls-pq-three-records", TLS, T_PQ_RECORDS_3, FULL_SWAPPED, 0, NULL, NULL },
	{ "tls-16k", TLS, T_16K, FULL, 0, NULL, NULL },
	{ "tls-16k-swapped", TLS, T_16K, FULL_SWAPPED, 0, NULL, NULL },
	{ "tls-60k", TLS, T_60K, FULL, 0, NULL, NULL },
	{ "tls-60k-swapped", TLS, T_60K, FULL_SWAPPED, 0, NULL, NULL },
	{ "tls-hello-retry", TLS, T_RETRIED, SECOND_HELLO, 0, NULL, NULL },
	{ "tls-hello-retry-three-segments", TLS, T_RETRIED, THREE, 0, NULL, NULL },
	{ "tls-second-hello-no-syn", TLS, T_SECOND, TWO, NO_SYN, NULL, NO_HANDSHAKE },

	{ "socks5", PROXY, P_SOCKS5, ONE, CARRIED, NULL, NULL },
	{ "socks5-login-every-byte", PROXY, P_SOCKS5_LOGIN, EVERY_BYTE, 0, NULL, NULL },
	{ "socks4a", PROXY, P_SOCKS4A, TWO, 0, NULL, NULL },
	{ "tls-behind-socks5", TLS_BEHIND, P_SOCKS5, ONE, 0, NULL, NULL },
	{ "tls-behind-socks5-swapped", TLS_BEHIND, P_SOCKS5_LOGIN, SWAPPED, 0, NULL, NULL },
	{ "tls-behind-socks4a", TLS_BEHIND, P_SOCKS4A, THREE, 0, NULL, NULL },
	{ "tls-behind-connect", TLS_BEHIND, P_CONNECT, SECOND_HEAD, 0, NULL, NULL },

	{ "http", HTTP, 0, ONE, CARRIED, GET, NULL },
	{ "http-two-segments", HTTP, 0, TWO, 0, GET, NULL },
	{ "http-every-byte", HTTP, 0, EVERY_BYTE, 0, GET, NULL },
	{ "http-swapped", HTTP, 0, SWAPPED, 0, GET, NULL },
	{ "http-cut-in-name", HTTP, 0, IN_NAME, 0, GET, NULL },
	{ "http-no-syn", HTTP, 0, TWO, NO_SYN, GET, NO_HANDSHAKE },
	{ "http-other-port", HTTP, 0, ONE, OTHER_PORT, GET, NULL },
	{ "http-absolute", HTTP, 0, ONE, 0,
	  "GET http://\a/film HTTP/1.1\r\nHost: other.example\r\n\r\n", NULL },
	{ "http-connect", HTTP, 0, TWO, 0, "CONNECT \a:443 HTTP/1.1\r\nHost: \a:443\r\n\r\n",
	  NULL },
	{ "http-line-feeds", HTTP, 0, ONE, 0, "GET / HTTP/1.1\nHost: \a\nAccept: */*\n\n", NULL },
	{ "http-white-space", HTTP, 0, ONE, 0,
	  "GET / HTTP/1.1\r\nAccept: */*\r\nhOsT:\t \a \t\r\n\r\n", NULL },
	{ "http-folded", HTTP, 0, ONE, 0, "GET / HTTP/1.1\r\nHost:\r\n \a\r\nAccept: */*\r\n\r\n",
	  NULL },
	{ "http-port", HTTP, 0, ONE, 0, "GET / HTTP/1.1\r\nHost: \a:80\r\n\r\n", NULL },
	{ "http-post", HTTP, 0, TWO, 0,
	  "POST /collect HTTP/1.1\r\nContent-Length: 5\r\nHost: \a\r\n\r\nhello", NULL },
	{ "http-empty-line", HTTP, 0, ONE, 0, "\r\n" GET, NULL },
	{ "http-host-last", HTTP, 0, FULL_SWAPPED, 0,
	  "GET / HTTP/1.1\r\n\fHost: \a\r\nAccept: */*\r\n\r\n", NULL },
	{ "http-pipelined", HTTP, 0, ONE, 0, GET GET, NULL },
	{ "http-second-request", HTTP, 0, ONE, 0, NO_HOST GET, NULL },
	{ "http-second-request-later", HTTP, 0, SECOND_HEAD, 0, NO_HOST GET, NULL },

	{ "h2", H2, H2_PLAIN, ONE, CARRIED, NULL, NULL },
	{ "h2-huffman", H2, H2_HUFFMAN, ONE, 0, NULL, NULL },
	{ "h2-two-segments", H2, H2_HUFFMAN, TWO, 0, NULL, NULL },
	{ "h2-every-byte", H2, H2_PLAIN, EVERY_BYTE, 0, NULL, NULL },
	{ "h2-swapped", H2, H2_HUFFMAN, SWAPPED, 0, NULL, NULL },
	{ "h2-continued", H2, H2_CONTINUED, ONE, 0, NULL, NULL },
	{ "h2-padded", H2, H2_PADDED, ONE, 0, NULL, NULL },
	{ "h2-after-others", H2, H2_SETTINGS_MANY, THREE, 0, NULL, NULL },
	{ "h2-name-spelled", H2, H2_NEW_NAME, ONE, 0, NULL, NULL },

	{ "quic", QUIC, Q_ONE, ONE, CARRIED, NULL, NULL },
	{ "quic-v2", QUIC, Q_V2, ONE, 0, NULL, NULL },
	{ "quic-draft-29", QUIC, Q_DRAFT_29, ONE, 0, NULL, NULL },
	{ "quic-token", QUIC, Q_TOKEN, ONE, 0, NULL, NULL },
	{ "quic-no-dcid", QUIC, Q_NO_DCID, ONE, 0, NULL, NULL },
	{ "quic-dcid-20", QUIC, Q_DCID_20, ONE, 0, NULL, NULL },
	{ "quic-small", QUIC, Q_SMALL, ONE, 0, NULL, NULL },
	{ "quic-duplicate", QUIC, Q_TWICE, ONE, 0, NULL, NULL },
	{ "quic-other-port", QUIC, Q_ONE, ONE, OTHER_PORT, NULL, NULL },
	{ "quic-handshake-behind", QUIC, Q_HANDSHAKE_BEHIND, ONE, 0, NULL, NULL },
	{ "quic-0rtt-behind", QUIC, Q_ZERO_RTT_BEHIND, ONE, 0, NULL, NULL },
	{ "quic-0rtt-first", QUIC, Q_ZERO_RTT_FIRST, ONE, 0, NULL, NULL },
	{ "quic-retry", QUIC, Q_RETRY, ONE, 0, NULL, NULL },
	{ "quic-version-negotiation", QUIC, Q_OTHER_VERSION_FIRST, ONE, 0, NULL, NULL },
	{ "quic-two-initials", QUIC_SEVERAL, QP_TWO, ONE, CARRIED, NULL, NULL },
	{ "quic-two-initials-swapped", QUIC_SEVERAL, QP_SWAPPED, ONE, 0, NULL, NULL },
	{ "quic-three-initials-backwards", QUIC_SEVERAL, QP_THREE_BACKWARDS, ONE, 0, NULL, NULL },
	{ "quic-two-initials-duplicate", QUIC_SEVERAL, QP_TWICE, ONE, 0, NULL, NULL },
	{ "quic-new-dcid", QUIC_SEVERAL, QP_NEW_DCID, ONE, 0, NULL, NULL },
	{ "quic-four-initials-two-datagrams", QUIC_SEVERAL, QP_ONE_DATAGRAM, ONE, 0, NULL, NULL },
	{ "quic-v2-dcid-20-swapped", QUIC_SEVERAL, QP_DCID_20_V2, ONE, 0, NULL, NULL },
	{ "quic-12k-backwards", QUIC_SEVERAL, QP_LONG, ONE, 0, NULL, NULL },
	{ "quic-hello-retry", QUIC_SEVERAL, QP_SECOND_HELLO, ONE, 0, NULL, NULL },
	{ "quic-shuffled", QUIC_SHUFFLED, QF_SHUFFLED, ONE, 0, NULL, NULL },
	{ "quic-overlap", QUIC_SHUFFLED, QF_OVERLAP, ONE, 0, NULL, NULL },
	{ "quic-every-byte", QUIC_SHUFFLED, QF_BYTES, ONE, 0, NULL, NULL },
	{ "quic-ack-first", QUIC_SHUFFLED, QF_ACK_FIRST, ONE, 0, NULL, NULL },
	{ "quic-shuffled-over-two", QUIC_SHUFFLED, QF_SHUFFLED_OVER_TWO, ONE, 0, NULL, NULL },

	{ "dns-a", DNS, D_A, ONE, CARRIED, NULL, NULL },
	{ "dns-aaaa", DNS, D_AAAA, ONE, 0, NULL, NULL },
	{ "dns-https", DNS, D_HTTPS, ONE, 0, NULL, NULL },
	{ "dns-edns", DNS, D_EDNS, ONE, 0, NULL, NULL },
	{ "dns-cookie", DNS, D_COOKIE, ONE, 0, NULL, NULL },
	{ "dns-mixed-case", DNS, D_MIXED_CASE, ONE, 0, NULL, NULL },
	{ "dns-no-recursion", DNS, D_NO_RD, ONE, 0, NULL, NULL },
	{ "dns-duplicate", DNS, D_TWICE, ONE, 0, NULL, NULL },
	{ "dns-cname", DNS, D_CNAME, ONE, CARRIED, NULL,
	  "the name comes with the answer: cname.sh has it with a real resolver" },
	{ "dns-cname-chain", DNS, D_CNAMES, ONE, 0, NULL,
	  "the name comes with the answer: cname.sh has it with a real resolver" },
	{ "dns-tcp", DNS_TCP, D_A, ONE, CARRIED, NULL, NULL },
	{ "dns-tcp-edns", DNS_TCP, D_EDNS, ONE, 0, NULL, NULL },
	{ "dns-tcp-length-alone", DNS_TCP, D_A, FIRST_BYTE, 0, NULL, NULL },
	{ "dns-tcp-every-byte", DNS_TCP, D_A, EVERY_BYTE, 0, NULL, NULL },
	{ "dns-tcp-swapped", DNS_TCP, D_AAAA, SWAPPED, 0, NULL, NULL },
	{ "dns-tcp-three-segments", DNS_TCP, D_HTTPS, SHUFFLED, 0, NULL, NULL },
	{ "dns-tcp-second-question", DNS_TCP, D_TWICE, TWO, 0, NULL, NULL },
};
enum { PACKINGS = sizeof packings / sizeof *packings };

static size_t tls_stream(uint8_t *b, enum tls_way way, const char *name)
{
	struct hello_plan p = { .name = name };
	struct records r = { 0 };
	size_t n;

	switch (way) {
	case T_PLAIN:
		break;
	case T_12:
		p.tls12 = true;
		break;
	case T_NAME_LAST:
		p.name_last = true;
		break;
	case T_RECORDS_2:
		r.each = 130;
		break;
	case T_RECORDS_3:
		r.each = 90;
		break;
	case T_RECORDS_TINY:
		r.each = 1;
		break;
	case T_RECORD_IN_NAME:
		r.in_name = true;
		break;
	case T_PQ_NAME_LAST:
		p.name_last = true;
		p.share = 1216;
		p.padding = 200;
		break;
	case T_PQ_RECORDS_3:
		r.each = 600;
		p.share = 1216;
		p.padding = 200;
		break;
	case T_PQ:
		p.share = 1216;
		p.padding = 200;
		break;
	case T_16K:
		p.name_last = true;
		p.padding = 16000;
		break;
	case T_60K:
		p.name_last = true;
		p.padding = 60000;
		break;
	case T_RETRIED:
		n = tls_records(b, &p, &r);
		p.padding = 100;
		return n + tls_second_hello(b + n, &p);
	case T_SECOND:
		return tls_second_hello(b, &p);
	}
	return tls_records(b, &p, &r);
}

static size_t dns_stream(uint8_t *b, enum dns_way way, const char *name)
{
	struct out o = { b, b + STREAM_BYTES };
	uint8_t *length;

	if (way == D_TWICE) {
		length = open_length(&o, 2);
		o.at += dns_ask(o.at, QUESTION_MAX, "first.example", D_AAAA);
		close_length(&o, length, 2);
	}
	length = open_length(&o, 2);
	o.at += dns_ask(o.at, QUESTION_MAX, name, way);
	close_length(&o, length, 2);
	return (size_t)(o.at - b);
}

static void make_script(struct script *s, const struct packing *p, const char *name)
{
	static uint8_t stream[STREAM_BYTES];
	bool other = p->flags & OTHER_PORT;
	size_t n = 0;

	srandom(7);
	script_init(s);
	s->no_syn = p->flags & NO_SYN;
	s->no_server = p->flags & NO_SERVER;
	s->syn_data = p->flags & SYN_DATA;
	s->timestamps = p->flags & TIMESTAMPS;
	s->port = other ? 8443 : 443;
	switch (p->kind) {
	case TLS:
		n = tls_stream(stream, (enum tls_way)p->way, name);
		break;
	case PROXY:
		s->port = 1080;
		n = proxy_request(stream, (enum proxy)p->way, name);
		break;
	case TLS_BEHIND:
		s->port = 1080;
		n = proxy_request(stream, (enum proxy)p->way, "proxied.example");
		n += tls_stream(stream + n, T_PLAIN, name);
		break;
	case HTTP:
		s->port = other ? 8443 : 80;
		n = http_head(stream, p->text, name);
		break;
	case H2:
		s->port = 80;
		n = h2_request(stream, (enum h2_way)p->way, name);
		break;
	case DNS_TCP:
		s->port = 53;
		n = dns_stream(stream, (enum dns_way)p->way, name);
		break;
	case QUIC:
		quic_whole(s, name, (enum quic_way)p->way);
		return;
	case QUIC_SEVERAL:
		quic_several(s, name, (enum quic_parts)p->way);
		return;
	case QUIC_SHUFFLED:
		quic_shuffled(s, name, (enum quic_frames)p->way);
		return;
	case DNS:
		s->port = 53;
		dns_datagram(s, name, (enum dns_way)p->way);
		return;
	}
	set_stream(s, stream, n, name);
	if (p->flags & WRAP)
		s->isn = (uint32_t) - (int32_t)(n / 2);
	cut(s, p->shape);
}

/* --- captures -------------------------------------------------------------------------------- */

static const char *via_of(enum kind k)
{
	switch (k) {
	case TLS:
	case TLS_BEHIND:
		return "tls";
	case PROXY:
		return "socks";
	case HTTP:
	case H2:
		return "http";
	case QUIC:
	case QUIC_SEVERAL:
	case QUIC_SHUFFLED:
		return "quic";
	case DNS:
	case DNS_TCP:
		return "-";
	}
	return "-";
}

static bool write_capture(const char *dir, FILE *expect, const struct packing *p,
			  const struct carrier *c, const char *name, const char *verdict)
{
	static struct script s;
	struct capture capture;
	char file[128], path[4096];
	struct ends e = { .v6 = c->v6, .port = { 40000 } };

	make_script(&s, p, name);
	e.port[1] = s.port;
	inet_pton(c->v6 ? AF_INET6 : AF_INET, c->v6 ? "2001:db8:77::2" : "192.168.77.2", e.addr[0]);
	inet_pton(c->v6 ? AF_INET6 : AF_INET, c->v6 ? "2001:db8:1:b::7" : "203.0.113.7", e.addr[1]);
	snprintf(file, sizeof file, "%s.%s.%s.pcap", p->name, c->name, verdict);
	snprintf(path, sizeof path, "%s/%s", dir, file);
	fprintf(expect, "%s %s %s %s %s\n", file,
		p->kind == DNS || p->kind == DNS_TCP ? "dns" : "flow", name, via_of(p->kind),
		verdict);
	if (capture_open(&capture, path, c)) {
		capture.ends = e;
		capture_script(&capture, &s);
		if (capture_close(&capture))
			return true;
	}
	perror(path);
	return false;
}

static int write_captures(const char *dir, const char *blocked, const char *allowed)
{
	char path[4096];
	bool ok = true;
	FILE *expect;

	snprintf(path, sizeof path, "%s/expect", dir);
	expect = fopen(path, "w");
	if (!expect) {
		perror(path);
		return 1;
	}
	for (size_t i = 0; i < PACKINGS; i++)
		for (size_t c = 0; c < CARRIERS && ok; c++)
			if (carriers[c].of_all || packings[i].flags & CARRIED)
				ok = write_capture(dir, expect, &packings[i], &carriers[c], blocked,
						   "block") &&
				     write_capture(dir, expect, &packings[i], &carriers[c], allowed,
						   "allow");
	return fclose(expect) || !ok;
}

/* An ordinary hello in one segment, as of a browser before post-quantum key shares: 517 bytes. */
static int write_many(const char *way, size_t count, const char *path)
{
	static struct script s;
	static uint8_t stream[STREAM_BYTES];
	struct hello_plan plan = { .padding = 317 };
	struct ends e = { .port = { 0, 443 } };
	struct capture c;
	char name[64];

	if (!capture_open(&c, path, &carriers[0])) {
		perror(path);
		return 1;
	}
	inet_pton(AF_INET, "203.0.113.7", e.addr[1]);
	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "n%05zu.cdn.example", i % 100000);
		script_init(&s);
		memcpy(e.addr[0], (uint8_t[]){ 192, 168, 77, (uint8_t)(2 + i / 50000) }, 4);
		e.port[0] = (uint16_t)(1024 + i % 50000);
		c.ends = e;
		if (!strcmp(way, "quic")) {
			quic_whole(&s, name, Q_ONE);
		} else {
			plan.name = name;
			set_stream(&s, stream, tls_records(stream, &plan, &(struct records){ 0 }),
				   name);
			segment(&s, 0, !strcmp(way, "tls") ? s.total : 0);
			s.quiet_end = true;
		}
		capture_script(&c, &s);
	}
	return !capture_close(&c);
}

static int list(void)
{
	for (size_t i = 0; i < PACKINGS; i++)
		printf("%s %s%s\n", packings[i].name, packings[i].not_live ? "capture " : "live",
		       packings[i].not_live ? packings[i].not_live : "");
	return 0;
}

static int send_packing(const char *packing, const char *name, const char *address,
			const char *port)
{
	static struct script s;

	for (size_t i = 0; i < PACKINGS; i++)
		if (!strcmp(packings[i].name, packing)) {
			make_script(&s, &packings[i], name);
			return live_send(&s, address, (uint16_t)atoi(port));
		}
	fprintf(stderr, "packings: no such packing: %s\n", packing);
	return 2;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if (argc == 5 && !strcmp(argv[1], "pcap"))
		return write_captures(argv[2], argv[3], argv[4]);
	if (argc == 5 && !strcmp(argv[1], "many"))
		return write_many(argv[2], (size_t)atoi(argv[3]), argv[4]);
	if (argc == 6 && !strcmp(argv[1], "send"))
		return send_packing(argv[2], argv[3], argv[4], argv[5]);
	if (argc > 2 && !strcmp(argv[1], "sink"))
		return live_sink(argc - 2, argv + 2);
	fprintf(stderr, "usage: packings list\n"
			"       packings pcap DIR BLOCKED ALLOWED\n"
			"       packings many tls|tls-none|quic COUNT FILE\n"
			"       packings send PACKING NAME ADDRESS PORT\n"
			"       packings sink ADDRESS...\n");
	return 2;
}
