/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds messages for the dissectors' tests: bytes, length-prefixed blocks, ClientHellos, records
 * and sealed QUIC Initials. */
#ifndef TESTS_DISSECT_CRAFT_H
#define TESTS_DISSECT_CRAFT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { CRAFT_MAX = 80000 };

struct craft {
	size_t n;
	uint8_t at[CRAFT_MAX];
};

static inline void put(struct craft *c, const void *p, size_t n)
{
	assert(n <= CRAFT_MAX - c->n);
	if (n)
		memcpy(c->at + c->n, p, n);
	c->n += n;
}

static inline void put_n(struct craft *c, uint64_t value, unsigned width)
{
	while (width--) {
		uint8_t byte = (uint8_t)(value >> 8 * width);

		put(c, &byte, 1);
	}
}

/* A domain name as labels (RFC 1035, 3.1). */
static inline void put_name(struct craft *c, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		put_n(c, n, 1);
		put(c, name, n);
		name += n + (name[n] == '.');
	}
	put_n(c, 0, 1);
}

static inline void put_fill(struct craft *c, uint8_t byte, size_t n)
{
	while (n--)
		put(c, &byte, 1);
}

static inline void put_text(struct craft *c, const char *text)
{
	put(c, text, strlen(text));
}

/* Opens a block under a length of width bytes; block_end fills the length in. */
static inline size_t block(struct craft *c, unsigned width)
{
	put_n(c, 0, width);
	return c->n;
}

static inline void block_end(struct craft *c, size_t start, unsigned width)
{
	size_t len = c->n - start;

	for (unsigned i = 0; i < width; i++)
		c->at[start - 1 - i] = (uint8_t)(len >> 8 * i);
}

struct hello_plan {
	uint16_t version;
	const char *name;     /* NULL: no server_name */
	size_t name_len;      /* 0: strlen(name) */
	bool ech, esni, bare; /* bare: ends before the extensions */
	const char *alpn;     /* protocols, with commas between them; NULL: none */
	size_t padding;	      /* bytes of a padding extension in front of server_name */
	size_t tail;	      /* and of one behind it */
};

static inline void put_extension(struct craft *c, uint16_t type, size_t fill)
{
	size_t ext;

	put_n(c, type, 2);
	ext = block(c, 2);
	put_fill(c, 0, fill);
	block_end(c, ext, 2);
}

static inline void put_server_name(struct craft *c, const char *name, size_t n)
{
	size_t ext, list, host;

	put_n(c, 0, 2);
	ext = block(c, 2);
	list = block(c, 2);
	put_n(c, 0, 1);
	host = block(c, 2);
	put(c, name, n);
	block_end(c, host, 2);
	block_end(c, list, 2);
	block_end(c, ext, 2);
}

/* The fields before the extensions; returns where the handshake body starts. */
static inline size_t put_hello_start(struct craft *c, uint16_t version)
{
	size_t body, v;

	put_n(c, 1, 1);
	body = block(c, 3);
	put_n(c, version, 2);
	put_fill(c, 0x5a, 32);
	v = block(c, 1);
	put_fill(c, 0xa5, 32);
	block_end(c, v, 1);
	v = block(c, 2);
	put_n(c, 0x1a1a1301, 4); /* GREASE (RFC 8701) and a real one */
	block_end(c, v, 2);
	put_n(c, 0x0100, 2);
	return body;
}

static inline void put_alpn(struct craft *c, const char *protocols)
{
	size_t ext, list;

	put_n(c, 16, 2);
	ext = block(c, 2);
	list = block(c, 2);
	while (*protocols) {
		size_t n = strcspn(protocols, ",");

		put_n(c, n, 1);
		put(c, protocols, n);
		protocols += n + (protocols[n] == ',');
	}
	block_end(c, list, 2);
	block_end(c, ext, 2);
}

static inline void put_hello(struct craft *c, const struct hello_plan *p)
{
	size_t body = put_hello_start(c, p->version ? p->version : 0x0303), all;

	if (!p->bare) {
		all = block(c, 2);
		put_extension(c, 0x0a0a, 0);
		if (p->padding)
			put_extension(c, 21, p->padding);
		if (p->name)
			put_server_name(c, p->name, p->name_len ? p->name_len : strlen(p->name));
		put_extension(c, 0xff01, 1);
		if (p->alpn)
			put_alpn(c, p->alpn);
		if (p->ech)
			put_extension(c, 0xfe0d, 40);
		if (p->esni)
			put_extension(c, 0xffce, 40);
		if (p->tail)
			put_extension(c, 21, p->tail);
		block_end(c, all, 2);
	}
	block_end(c, body, 3);
}

/* Puts message into records of at most each bytes. */
static inline void put_records(struct craft *c, const struct craft *message, size_t each)
{
	for (size_t i = 0; i < message->n; i += each) {
		size_t n = message->n - i < each ? message->n - i : each;

		put_n(c, 0x160301, 3);
		put_n(c, n, 2);
		put(c, message->at + i, n);
	}
}

/* A seeded generator, so that a failing mutation can be repeated. */
static inline uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Changes, removes or repeats some bytes. */
static inline void mutate(struct craft *c, uint32_t *seed)
{
	for (uint32_t times = next_random(seed) % 3 + 1; times && c->n > 1; times--) {
		size_t at = next_random(seed) % c->n, n = next_random(seed) % 4 + 1;

		if (n > c->n - at)
			n = c->n - at;
		switch (next_random(seed) % 4) {
		case 0:
			c->at[at] = (uint8_t)next_random(seed);
			break;
		case 1:
			c->at[at] ^= (uint8_t)(1u << next_random(seed) % 8);
			break;
		case 2:
			memmove(c->at + at, c->at + at + n, c->n - at - n);
			c->n -= n;
			break;
		case 3:
			assert(c->n + n <= CRAFT_MAX);
			memmove(c->at + at + n, c->at + at, c->n - at);
			c->n += n;
			break;
		}
	}
}

#endif
