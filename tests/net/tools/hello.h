/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test programs send: a ClientHello, a DNS question. */
#ifndef TOOLS_HELLO_H
#define TOOLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { HELLO_MAX = 2048, QUESTION_MAX = 320 };

/* A buffer that grows to its end; what does not fit is a mistake of the test. */
struct out {
	uint8_t *at, *end;
};

static inline void put(struct out *o, const void *p, size_t n)
{
	if ((size_t)(o->end - o->at) < n)
		abort();
	memcpy(o->at, p, n);
	o->at += n;
}

static inline void put_int(struct out *o, uint64_t v, unsigned bytes)
{
	uint8_t b[8];

	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	put(o, b, bytes);
}

/* Leaves room for a length of `bytes`; close_length fills it with what was put since. */
static inline uint8_t *open_length(struct out *o, unsigned bytes)
{
	uint8_t *at = o->at;

	put_int(o, 0, bytes);
	return at;
}

static inline void close_length(struct out *o, uint8_t *at, unsigned bytes)
{
	struct out hole = { at, at + bytes };

	put_int(&hole, (uint64_t)(o->at - at) - bytes, bytes);
}

static inline void put_random(struct out *o, size_t n)
{
	while (n--)
		put_int(o, (uint64_t)(random() & 0xff), 1);
}

static inline void put_extension(struct out *o, uint16_t type, const void *p, size_t n)
{
	put_int(o, type, 2);
	put_int(o, n, 2);
	put(o, p, n);
}

static inline void put_server_name(struct out *o, const char *name)
{
	uint8_t *ext, *list, *host;

	put_int(o, 0, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	put_int(o, 0, 1);
	host = open_length(o, 2);
	put(o, name, strlen(name));
	close_length(o, host, 2);
	close_length(o, list, 2);
	close_length(o, ext, 2);
}

/* What a ClientHello is made of. Zero: a TLS 1.3 client with one X25519 share. */
struct hello_plan {
	const char *name;    /* NULL: no server_name */
	const uint8_t *scid; /* QUIC source connection ID (RFC 9001, 8.2); NULL for TCP */
	size_t scid_len;
	size_t share;	/* bytes of one more key share, as of X25519MLKEM768 (1216) */
	size_t padding; /* bytes of a padding extension, the first */
	bool tls12;	/* no versions, no shares */
	bool name_last; /* server_name behind all others */
};

static inline void put_key_share(struct out *o, size_t more)
{
	uint8_t *ext, *list;

	put_int(o, 51, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	if (more) {
		put_int(o, 0x11ec, 2);
		put_int(o, more, 2);
		put_random(o, more);
	}
	put_int(o, 0x001d, 2);
	put_int(o, 32, 2);
	put_random(o, 32);
	close_length(o, list, 2);
	close_length(o, ext, 2);
}

static inline void put_transport_parameters(struct out *o, const struct hello_plan *p)
{
	static const uint8_t limits[] = { 4, 4, 0x80, 0x10, 0, 0, 8, 1, 3, 9, 1, 3 };
	uint8_t *ext;

	put_int(o, 57, 2);
	ext = open_length(o, 2);
	put(o, limits, sizeof limits);
	put_int(o, 15, 1); /* initial_source_connection_id */
	put_int(o, p->scid_len, 1);
	put(o, p->scid, p->scid_len);
	close_length(o, ext, 2);
}

/* The handshake message without a record, RFC 8446, 4.1.2. */
static inline size_t planned_hello(uint8_t *buf, size_t cap, const struct hello_plan *p)
{
	static const uint8_t ciphers[] = { 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0 };
	static const uint8_t ciphers12[] = { 0, 6, 0xc0, 0x2b, 0xc0, 0x2f, 0, 0x9c, 1, 0 };
	static const uint8_t groups[] = { 0, 2, 0, 0x1d };
	static const uint8_t signatures[] = { 0, 6, 4, 3, 8, 4, 4, 1 };
	static const uint8_t versions[] = { 2, 3, 4 };
	static const uint8_t tcp_alpn[] = "\0\x0c\x02h2\x08http/1.1", quic_alpn[] = "\0\x03\x02h3";
	struct out o = { buf, buf + cap };
	uint8_t *message, *extensions, *ext;

	put_int(&o, 1, 1);
	message = open_length(&o, 3);
	put_int(&o, 0x0303, 2);
	put_random(&o, 32);
	put_int(&o, p->scid ? 0 : 32, 1);
	put_random(&o, p->scid ? 0 : 32);
	put(&o, p->tls12 ? ciphers12 : ciphers, sizeof ciphers);
	extensions = open_length(&o, 2);
	if (p->padding) {
		put_int(&o, 21, 2);
		ext = open_length(&o, 2);
		put_random(&o, p->padding);
		close_length(&o, ext, 2);
	}
	if (p->name && !p->name_last)
		put_server_name(&o, p->name);
	put_extension(&o, 10, groups, sizeof groups);
	put_extension(&o, 13, signatures, sizeof signatures);
	if (p->scid)
		put_extension(&o, 16, quic_alpn, sizeof quic_alpn - 1);
	else
		put_extension(&o, 16, tcp_alpn, sizeof tcp_alpn - 1);
	if (!p->tls12) {
		put_extension(&o, 43, versions, sizeof versions);
		put_key_share(&o, p->share);
	}
	if (p->scid)
		put_transport_parameters(&o, p);
	if (p->name && p->name_last)
		put_server_name(&o, p->name);
	close_length(&o, extensions, 2);
	close_length(&o, message, 3);
	return (size_t)(o.at - buf);
}

/* The same in one TLS record: what a client's first segment holds. */
static inline size_t tls_hello(uint8_t *buf, size_t cap, const char *name)
{
	size_t n = planned_hello(buf + 5, cap - 5, &(struct hello_plan){ .name = name });
	struct out o = { buf, buf + 5 };

	put_int(&o, 0x160301, 3);
	put_int(&o, n, 2);
	return n + 5;
}

/* A question with recursion desired. False: the name is none. */
static inline bool dns_question(uint8_t *buf, size_t cap, uint16_t id, const char *name,
				uint16_t type, size_t *out_n)
{
	struct out o = { buf, buf + cap };

	if (strlen(name) > 253)
		return false;
	put_int(&o, id, 2);
	put_int(&o, 0x0100, 2);
	put_int(&o, 1, 2);
	put_int(&o, 0, 6);
	while (*name) {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > 63)
			return false;
		put_int(&o, n, 1);
		put(&o, name, n);
		name += n + (name[n] == '.');
	}
	put_int(&o, 0, 1);
	put_int(&o, type, 2);
	put_int(&o, 1, 2);
	*out_n = (size_t)(o.at - buf);
	return true;
}

#endif
