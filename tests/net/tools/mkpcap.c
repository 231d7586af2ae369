/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mkpcap FILE MEGABYTES [NAMES]: a capture to measure `tacet audit` with. A household of twenty
 * devices: DNS questions with their answers, TLS over TCP and QUIC with real Initials, IPv4 and
 * IPv6; an eighth of the flows brings bulk data, interleaved. NAMES: a file with a name a line. */
#include <stdio.h>
#include <time.h>

#include "initial.h"

enum { OPEN = 64, SEGMENT = 1400, NAMES_MAX = 4096, NAME_MAX_BYTES = 254 };

struct flow {
	bool v6, quic;
	uint8_t device;
	uint16_t port, id;
	uint32_t server, out_seq, in_seq;
	unsigned step, bulk;
	char name[NAME_MAX_BYTES];
};

static struct {
	FILE *file;
	uint64_t us, bytes;
	char (*names)[NAME_MAX_BYTES];
	size_t names_count, flows;
} w;

static void word(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void checksum(uint8_t ip[20])
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

/* Ethernet, IP and the whole record of the capture. l4: transport header with its payload. */
static void write_packet(const struct flow *f, bool out, uint8_t proto, uint32_t peer,
			 const uint8_t *l4, size_t n)
{
	uint8_t eth[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 1, f->device, 8, 0 };
	uint8_t ip[40] = { 0x45 };
	uint32_t total = (uint32_t)(n + (f->v6 ? 40 : 20) + 14), head[4];
	uint32_t device = 0xc0a84d00u + f->device;

	if (f->v6) {
		uint8_t *in = ip + (out ? 8 : 24), *far = ip + (out ? 24 : 8);

		eth[12] = 0x86;
		eth[13] = 0xdd;
		word(ip, 0x60000000);
		word(ip + 4, (uint32_t)n << 16 | (uint32_t)proto << 8 | 64);
		word(in, 0x20010db8);
		word(in + 4, 0x00770000);
		in[15] = f->device;
		word(far, 0x20010db8);
		word(far + 4, 0x00010000);
		word(far + 12, peer);
	} else {
		word(ip, 0x45000000 | (uint32_t)(n + 20));
		word(ip + 8, 64u << 24 | (uint32_t)proto << 16);
		word(ip + (out ? 12 : 16), device);
		word(ip + (out ? 16 : 12), peer);
		checksum(ip);
	}
	if (!out)
		for (int i = 0; i < 6; i++) {
			uint8_t b = eth[i];

			eth[i] = eth[6 + i];
			eth[6 + i] = b;
		}
	w.us += 20;
	head[0] = (uint32_t)(w.us / 1000000);
	head[1] = (uint32_t)(w.us % 1000000);
	head[2] = head[3] = total;
	fwrite(head, sizeof head, 1, w.file);
	fwrite(eth, sizeof eth, 1, w.file);
	fwrite(ip, f->v6 ? 40 : 20, 1, w.file);
	fwrite(l4, n, 1, w.file);
	w.bytes += total + sizeof head;
}

static void udp(const struct flow *f, bool out, uint16_t port, uint32_t peer, const uint8_t *p,
		size_t n)
{
	uint8_t b[8 + 1500];

	word(b, out ? (uint32_t)f->port << 16 | port : (uint32_t)port << 16 | f->port);
	word(b + 4, (uint32_t)(n + 8) << 16);
	memcpy(b + 8, p, n);
	write_packet(f, out, 17, peer, b, n + 8);
}

static void tcp(struct flow *f, bool out, uint8_t flags, const uint8_t *p, size_t n)
{
	uint8_t b[20 + 1500] = { 0 };
	uint32_t *seq = out ? &f->out_seq : &f->in_seq, ack = out ? f->in_seq : f->out_seq;

	word(b, out ? (uint32_t)f->port << 16 | 443 : 443u << 16 | f->port);
	word(b + 4, *seq);
	word(b + 8, flags & 0x10 ? ack : 0);
	b[12] = 5 << 4;
	b[13] = flags;
	b[14] = 0xfa;
	if (n)
		memcpy(b + 20, p, n);
	write_packet(f, out, 6, f->server, b, n + 20);
	*seq += (uint32_t)n + (flags & 3 ? 1 : 0);
}

static void dns(struct flow *f, bool out)
{
	uint8_t b[QUESTION_MAX + 32] = { 0 };
	struct flow asks = *f;
	struct out o;
	size_t n = 0;

	asks.v6 = false; /* the router's resolver is asked over IPv4 */
	if (!dns_question(b, QUESTION_MAX, f->id, f->name, f->v6 ? 28 : 1, &n))
		abort();
	if (!out) {
		o = (struct out){ b + n, b + sizeof b };
		b[2] = 0x81;
		b[3] = 0x80;
		b[7] = 1;
		put_int(&o, 0xc00c, 2);
		put_int(&o, f->v6 ? 28 : 1, 2);
		put_int(&o, 1, 2);
		put_int(&o, 300, 4);
		put_int(&o, f->v6 ? 16 : 4, 2);
		if (f->v6) {
			put_int(&o, 0x20010db800010000, 8);
			put_int(&o, f->server, 8);
		} else {
			put_int(&o, f->server, 4);
		}
		n = (size_t)(o.at - b);
	}
	udp(&asks, out, 53, 0xc0a84d01, b, n);
}

static void begin(struct flow *f)
{
	size_t i = w.flows++;

	*f = (struct flow){ .v6 = random() % 3 == 0, .quic = random() % 4 == 0 };
	f->device = (uint8_t)(10 + random() % 20);
	f->port = (uint16_t)(1024 + i % 60000);
	f->id = (uint16_t)random();
	f->server = 0xc6120000u | ((uint32_t)random() & 0x1ffff); /* 198.18.0.0/15 */
	f->out_seq = (uint32_t)random();
	f->in_seq = (uint32_t)random();
	f->bulk = random() % 8 == 0 ? 100 + (unsigned)random() % 300 : (unsigned)random() % 8;
	if (w.names_count && random() % 2)
		memcpy(f->name, w.names[(size_t)random() % w.names_count], NAME_MAX_BYTES);
	else
		snprintf(f->name, sizeof f->name, "e%ld.cdn%ld.example.net", random() % 5000,
			 random() % 50);
}

/* The next packet of the flow; false: that was its last. */
static bool next(struct flow *f)
{
	static uint8_t bulk[SEGMENT];
	uint8_t b[HELLO_MAX];
	unsigned step = f->step++;

	if (!bulk[SEGMENT - 1])
		for (size_t i = 0; i < SEGMENT; i++)
			bulk[i] = (uint8_t)(random() | 1);
	if (step < 2) {
		dns(f, step == 0);
	} else if (f->quic) {
		bulk[0] = 0x40 | (bulk[0] & 0x3f); /* a short header */
		if (step == 2)
			udp(f, true, 443, f->server, b, quic_initial(b, f->name));
		else
			udp(f, step % 8 == 0, 443, f->server, bulk, step % 8 ? 1350 : 60);
	} else if (step < 5) {
		tcp(f, step != 3, step == 2 ? 0x02 : step == 3 ? 0x12 : 0x10, NULL, 0);
	} else if (step == 5) {
		tcp(f, true, 0x18, b, tls_hello(b, sizeof b, f->name));
	} else if (step < f->bulk + 6) {
		tcp(f, step % 8 == 0, 0x10, bulk, step % 8 ? SEGMENT : 0);
	} else {
		tcp(f, step % 2 == 0, 0x11, NULL, 0);
	}
	return f->step < f->bulk + 8;
}

static int read_names(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[512];

	w.names = calloc(NAMES_MAX, sizeof *w.names);
	if (!f || !w.names) {
		perror(path);
		return 1;
	}
	while (w.names_count < NAMES_MAX && fgets(line, sizeof line, f)) {
		size_t n = strcspn(line, " \t\r\n");

		line[n] = 0;
		if (n && n < NAME_MAX_BYTES)
			memcpy(w.names[w.names_count++], line, n + 1);
	}
	fclose(f);
	return 0;
}

int main(int argc, char **argv)
{
	static const uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };
	static struct flow flows[OPEN];
	uint64_t most;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: mkpcap FILE MEGABYTES [NAMES]\n");
		return 2;
	}
	if (argc == 4 && read_names(argv[3]))
		return 1;
	srandom(1);
	most = strtoull(argv[2], NULL, 10) * 1000000;
	w.us = 1767225600000000; /* 2026-01-01 */
	w.file = fopen(argv[1], "wb");
	if (!w.file) {
		perror(argv[1]);
		return 1;
	}
	fwrite(head, sizeof head, 1, w.file);
	for (int i = 0; i < OPEN; i++)
		begin(&flows[i]);
	while (w.bytes < most) {
		struct flow *f = &flows[random() % OPEN];

		if (!next(f))
			begin(f);
	}
	free(w.names);
	if (ferror(w.file) || fclose(w.file)) {
		perror(argv[1]);
		return 1;
	}
	printf("flows=%zu bytes=%llu\n", w.flows, (unsigned long long)w.bytes);
	return 0;
}
