/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files written into memory, byte by byte. */
#ifndef TESTS_SOURCE_IMAGE_H
#define TESTS_SOURCE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A capture in memory: integers in the byte order asked for. */
struct image {
	uint8_t at[4096];
	size_t n;
	bool big;
};

static inline void put(struct image *i, uint64_t v, unsigned bytes)
{
	for (unsigned b = 0; b < bytes; b++) {
		unsigned at = i->big ? bytes - 1 - b : b;

		i->at[i->n++] = at < 8 ? (uint8_t)(v >> 8 * at) : 0;
	}
}

static inline void put_bytes(struct image *i, const char *s)
{
	memcpy(i->at + i->n, s, strlen(s));
	i->n += strlen(s);
}

static inline void block(struct image *i, uint32_t type, const struct image *body)
{
	uint32_t n = (uint32_t)(body->n + 3) / 4 * 4;

	put(i, type, 4);
	put(i, n + 12, 4);
	memcpy(i->at + i->n, body->at, body->n);
	memset(i->at + i->n + body->n, 0, n - body->n);
	i->n += n;
	put(i, n + 12, 4);
}

static inline void section_block(struct image *i)
{
	struct image body = { .big = i->big };

	put(&body, 0x1a2b3c4d, 4);
	put(&body, 1, 2);
	put(&body, 0, 2);
	put(&body, UINT64_MAX, 8);
	block(i, 0x0a0d0d0a, &body);
}

static inline void interface_block(struct image *i, unsigned link, uint32_t snaplen,
				   const struct image *options)
{
	struct image body = { .big = i->big };

	put(&body, link, 2);
	put(&body, 0, 2);
	put(&body, snaplen, 4);
	if (options) {
		memcpy(body.at + body.n, options->at, options->n);
		body.n += options->n;
	}
	block(i, 1, &body);
}

static inline void packet_block(struct image *i, uint32_t interface, uint64_t ticks,
				const char *bytes, uint32_t wire)
{
	struct image body = { .big = i->big };

	put(&body, interface, 4);
	put(&body, ticks >> 32, 4);
	put(&body, ticks & 0xffffffff, 4);
	put(&body, strlen(bytes), 4);
	put(&body, wire, 4);
	put_bytes(&body, bytes);
	block(i, 6, &body);
}

#endif
