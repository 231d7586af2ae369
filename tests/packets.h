/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds frames for tests: raw IP packets with TCP or UDP, DNS messages, ClientHellos. */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>

#include "decode/decode.h"

struct built {
	uint8_t bytes[2048];
	size_t len;
	struct frame frame;
};

static inline void build_u8(struct built *b, unsigned v)
{
	b->bytes[b->len++] = (uint8_t)v;
}

static inline void build_u16(struct built *b, unsigned v)
{
	build_u8(b, v >> 8);
	build_u8(b, v);
}

static inline void build_u32(struct built *b, uint32_t v)
{
	build_u16(b, v >> 16);
	build_u16(b, v);
}

static inline void build_bytes(struct built *b, const void *p, size_t n)
{
	memcpy(b->bytes + b->len, p, n);
	b->len += n;
}

static inline void build_ip(struct built *b, const char *src, const char *dst, int proto, size_t n)
{
	struct addr from = { .family = 0 }, to = { .family = 0 };

	memset(b, 0, sizeof *b);
	addr_parse(src, &from);
	addr_parse(dst, &to);
	if (from.family == 4) {
		build_u16(b, 0x4500);
		build_u16(b, (unsigned)(20 + n));
		build_u32(b, 0);
		build_u16(b, 0x4000u | (unsigned)proto);
		build_u16(b, 0);
		b->bytes[8] = 64;
		b->bytes[9] = (uint8_t)proto;
		build_bytes(b, from.bytes, 4);
		build_bytes(b, to.bytes, 4);
	} else {
		build_u32(b, 0x60000000);
		build_u16(b, (unsigned)n);
		build_u8(b, (unsigned)proto);
		build_u8(b, 64);
		build_bytes(b, from.bytes, 16);
		build_bytes(b, to.bytes, 16);
	}
}

static inline const struct frame *build_frame(struct built *b, int64_t time_ns)
{
	b->frame = (struct frame){
		.bytes = b->bytes,
		.len = (uint32_t)b->len,
		.wire_len = (uint32_t)b->len,
		.link = DLT_RAW,
		.time_ns = time_ns,
		.uid = UINT32_MAX,
	};
	return &b->frame;
}

static inline const struct frame *build_udp(struct built *b, int64_t time_ns, const char *src,
					    unsigned sport, const char *dst, unsigned dport,
					    const void *payload, size_t n)
{
	build_ip(b, src, dst, IPPROTO_UDP, n + 8);
	build_u16(b, sport);
	build_u16(b, dport);
	build_u16(b, (unsigned)n + 8);
	build_u16(b, 0);
	build_bytes(b, payload, n);
	return build_frame(b, time_ns);
}

static inline const struct frame *build_tcp(struct built *b, int64_t time_ns, const char *src,
					    unsigned sport, const char *dst, unsigned dport,
					    unsigned flags, uint32_t seq, const void *payload,
					    size_t n)
{
	build_ip(b, src, dst, IPPROTO_TCP, n + 20);
	build_u16(b, sport);
	build_u16(b, dport);
	build_u32(b, seq);
	build_u32(b, 1);
	build_u8(b, 0x50);
	build_u8(b, flags);
	build_u16(b, 0xffff);
	build_u32(b, 0);
	if (n)
		build_bytes(b, payload, n);
	return build_frame(b, time_ns);
}

/* A name in DNS wire form; returns its length. */
static inline size_t build_dns_name(uint8_t *out, const char *name)
{
	size_t n = 0;

	while (*name) {
		size_t label = strcspn(name, ".");

		out[n++] = (uint8_t)label;
		memcpy(out + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	out[n++] = 0;
	return n;
}

static inline size_t build_dns_question(uint8_t *out, unsigned id, const char *name, unsigned type)
{
	uint8_t head[12] = { (uint8_t)(id >> 8), (uint8_t)id, 1, 0, 0, 1 };
	size_t n = sizeof head;

	memcpy(out, head, n);
	n += build_dns_name(out + n, name);
	memcpy(out + n, (uint8_t[]){ 0, (uint8_t)type, 0, 1 }, 4);
	return n + 4;
}

/* One record behind a message; the owner is a name. Adds to ANCOUNT. */
static inline size_t build_dns_record(uint8_t *msg, size_t n, const char *owner, unsigned type,
				      uint32_t ttl, const void *data, size_t data_len)
{
	msg[2] |= 0x80;
	msg[7]++;
	n += build_dns_name(msg + n, owner);
	memcpy(msg + n,
	       (uint8_t[]){ 0, (uint8_t)type, 0, 1, (uint8_t)(ttl >> 24), (uint8_t)(ttl >> 16),
			    (uint8_t)(ttl >> 8), (uint8_t)ttl, (uint8_t)(data_len >> 8),
			    (uint8_t)data_len },
	       10);
	memcpy(msg + n + 10, data, data_len);
	return n + 10 + data_len;
}

/* A TLS record with a ClientHello that has server_name and padding (RFC 7685). */
static inline size_t build_hello(uint8_t *out, const char *name)
{
	struct built b = { .len = 0 };
	size_t n = strlen(name);

	build_u8(&b, 22);
	build_u16(&b, 0x0301);
	build_u16(&b, (unsigned)(4 + 2 + 32 + 1 + 4 + 2 + 2 + 9 + n + 8));
	build_u8(&b, 1);
	build_u8(&b, 0);
	build_u16(&b, (unsigned)(2 + 32 + 1 + 4 + 2 + 2 + 9 + n + 8));
	build_u16(&b, 0x0303);
	b.len += 32;
	build_u8(&b, 0);
	build_u16(&b, 2);
	build_u16(&b, 0x1301);
	build_u16(&b, 0x0100);
	build_u16(&b, (unsigned)(9 + n + 8));
	build_u16(&b, 0);
	build_u16(&b, (unsigned)(5 + n));
	build_u16(&b, (unsigned)(3 + n));
	build_u8(&b, 0);
	build_u16(&b, (unsigned)n);
	build_bytes(&b, name, n);
	build_u16(&b, 21);
	build_u16(&b, 4);
	build_u32(&b, 0);
	memcpy(out, b.bytes, b.len);
	return b.len;
}

#endif
