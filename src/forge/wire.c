/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded writing, IP headers and the Internet checksum (RFC 1071). */
#include "forge/wire.h"

#include <netinet/in.h>
#include <string.h>

enum { HOPS = 64, V4_HEADER = 20, V6_HEADER = 40 };

void write_bytes(struct writer *w, const void *p, size_t n)
{
	if (w->failed || n > (size_t)(w->end - w->at)) {
		w->failed = true;
		return;
	}
	memcpy(w->at, p, n);
	w->at += n;
}

void write_u8(struct writer *w, uint8_t v)
{
	write_bytes(w, &v, 1);
}

void write_u16(struct writer *w, uint16_t v)
{
	write_bytes(w, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

void write_u32(struct writer *w, uint32_t v)
{
	write_u16(w, (uint16_t)(v >> 16));
	write_u16(w, (uint16_t)v);
}

struct ends ends_of(const struct packet *p)
{
	return (struct ends){ p->src, p->dst, p->sport, p->dport };
}

struct ends ends_reversed(const struct packet *p)
{
	return (struct ends){ p->dst, p->src, p->dport, p->sport };
}

static size_t address_bytes(const struct ends *e)
{
	return e->src.family == 4 ? 4 : 16;
}

struct writer wire_begin(const struct ends *e, uint8_t out[static FORGE_MAX], size_t *out_header)
{
	struct writer w = { .start = out, .at = out, .end = out + FORGE_MAX };

	if (e->src.family != e->dst.family || (e->src.family != 4 && e->src.family != 6))
		w.failed = true;
	*out_header = e->src.family == 4 ? V4_HEADER : V6_HEADER;
	w.at += *out_header;
	return w;
}

static uint32_t sum_words(uint32_t sum, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	return n % 2 ? sum + ((uint32_t)p[n - 1] << 8) : sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* With the pseudo header of RFC 9293, 3.1 or RFC 8200, 8.1; their sums are the same but for
 * the size of the addresses. ICMP for IPv4 has none (RFC 792). */
static uint16_t transport_checksum(const struct ends *e, uint8_t proto, const uint8_t *p, size_t n)
{
	uint32_t sum = proto + (uint32_t)n;

	if (proto == IPPROTO_ICMP)
		return sum_fold(sum_words(0, p, n));
	sum = sum_words(sum, e->src.bytes, address_bytes(e));
	sum = sum_words(sum, e->dst.bytes, address_bytes(e));
	return sum_fold(sum_words(sum, p, n));
}

/* Don't Fragment with identification 0: an atomic datagram (RFC 6864, 4.1). */
static void write_v4(struct writer *w, const struct ends *e, size_t total, uint8_t proto)
{
	struct writer sum;

	write_u16(w, 0x4500);
	write_u16(w, (uint16_t)total);
	write_u32(w, 0x4000);
	write_u8(w, HOPS);
	write_u8(w, proto);
	sum = *w;
	write_u16(w, 0);
	write_bytes(w, e->src.bytes, 4);
	write_bytes(w, e->dst.bytes, 4);
	write_u16(&sum, sum_fold(sum_words(0, w->start, V4_HEADER)));
}

static void write_v6(struct writer *w, const struct ends *e, size_t total, uint8_t proto)
{
	write_u32(w, UINT32_C(6) << 28);
	write_u16(w, (uint16_t)(total - V6_HEADER));
	write_u8(w, proto);
	write_u8(w, HOPS);
	write_bytes(w, e->src.bytes, 16);
	write_bytes(w, e->dst.bytes, 16);
}

size_t wire_end(struct writer *w, const struct ends *e, size_t header, uint8_t proto,
		size_t checksum_at)
{
	struct writer head = { .start = w->start, .at = w->start, .end = w->start + header };
	struct writer sum = { .start = w->start, .end = w->at };
	size_t total = (size_t)(w->at - w->start);
	uint16_t checksum;

	if (w->failed)
		return 0;
	checksum = transport_checksum(e, proto, w->start + header, total - header);
	/* 0 in UDP means that there is none (RFC 768). */
	if (proto == IPPROTO_UDP && !checksum)
		checksum = 0xffff;
	sum.at = w->start + header + checksum_at;
	write_u16(&sum, checksum);
	if (e->src.family == 4)
		write_v4(&head, e, total, proto);
	else
		write_v6(&head, e, total, proto);
	return total;
}
