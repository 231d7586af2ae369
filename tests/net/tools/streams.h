/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of TCP: what the stream holds (TLS, HTTP, HTTP/2, DNS) and how it is cut into segments.
 */
#ifndef TOOLS_STREAMS_H
#define TOOLS_STREAMS_H

#include <stdio.h>

#include "script.h"

enum { STREAM_BYTES = 128 << 10 };

/* --- TLS ------------------------------------------------------------------------------------- */

struct records {
	size_t each;  /* bytes of the message in a record; 0: as many as fit */
	bool in_name; /* two records, the first ends within the name */
};

static inline size_t tls_records(uint8_t *buf, const struct hello_plan *p, const struct records *r)
{
	static uint8_t message[STREAM_BYTES];
	size_t n = planned_hello(message, sizeof message, p), each = r->each ? r->each : 16384;
	struct out o = { buf, buf + STREAM_BYTES };

	if (r->in_name) {
		const uint8_t *name = memmem(message, n, p->name, strlen(p->name));

		each = (size_t)(name - message) + strlen(p->name) / 2;
	}
	for (size_t i = 0; i < n; i += each) {
		if (r->in_name && i)
			each = n - i;
		put_int(&o, 0x160301, 3);
		put_int(&o, n - i < each ? n - i : each, 2);
		put(&o, message + i, n - i < each ? n - i : each);
	}
	return (size_t)(o.at - buf);
}

/* What a client says when the server has asked for a hello again (RFC 8446, 4.1.4 and D.4). */
#define CHANGE_CIPHER_SPEC "\24\3\3\0\1\1"

static inline size_t tls_second_hello(uint8_t *buf, const struct hello_plan *p)
{
	memcpy(buf, CHANGE_CIPHER_SPEC, 6);
	return 6 + tls_records(buf + 6, p, &(struct records){ 0 });
}

/* --- proxies --------------------------------------------------------------------------------- */

enum proxy { P_SOCKS5, P_SOCKS5_LOGIN, P_SOCKS4A, P_CONNECT };

/* Asks a proxy for port 443 of name. */
static inline size_t proxy_request(uint8_t *buf, enum proxy way, const char *name)
{
	struct out o = { buf, buf + STREAM_BYTES };
	char text[600];

	switch (way) {
	case P_SOCKS5:
	case P_SOCKS5_LOGIN:
		put(&o, way == P_SOCKS5 ? "\5\1\0" : "\5\1\2", 3);
		if (way == P_SOCKS5_LOGIN)
			put(&o, "\1\2me\6secret", 11);
		put(&o, "\5\1\0\3", 4);
		put_int(&o, strlen(name), 1);
		put(&o, name, strlen(name));
		put_int(&o, 443, 2);
		break;
	case P_SOCKS4A:
		put(&o, "\4\1\1\273\0\0\0\1me", 11);
		put(&o, name, strlen(name) + 1);
		break;
	case P_CONNECT:
		snprintf(text, sizeof text, "CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", name,
			 name);
		put(&o, text, strlen(text));
		break;
	}
	return (size_t)(o.at - buf);
}

/* --- HTTP ------------------------------------------------------------------------------------ */

/* \a stands for the name, \f for 3,000 bytes of other fields. */
static inline size_t http_head(uint8_t *buf, const char *text, const char *name)
{
	struct out o = { buf, buf + STREAM_BYTES };

	for (; *text; text++) {
		if (*text == '\a')
			put(&o, name, strlen(name));
		else if (*text != '\f')
			put(&o, text, 1);
		for (int i = 0; *text == '\f' && i < 100; i++) {
			char field[40];

			put(&o, field,
			    (size_t)snprintf(field, sizeof field, "X-Field-%02d: some value..\r\n",
					     i));
		}
	}
	return (size_t)(o.at - buf);
}

/* --- HTTP/2 with prior knowledge (RFC 9113, 3.3) --------------------------------------------- */

enum h2_way { H2_PLAIN, H2_HUFFMAN, H2_CONTINUED, H2_PADDED, H2_SETTINGS_MANY, H2_NEW_NAME };

/* RFC 7541, appendix B, of what a host name is made of. */
static inline void put_huffman(struct out *o, const char *text)
{
	static const struct {
		char c;
		uint8_t code, bits;
	} codes[] = {
		{ '0', 0x00, 5 }, { '1', 0x01, 5 }, { '2', 0x02, 5 }, { 'a', 0x03, 5 },
		{ 'c', 0x04, 5 }, { 'e', 0x05, 5 }, { 'i', 0x06, 5 }, { 'o', 0x07, 5 },
		{ 's', 0x08, 5 }, { 't', 0x09, 5 }, { '-', 0x16, 6 }, { '.', 0x17, 6 },
		{ 'b', 0x23, 6 }, { 'd', 0x24, 6 }, { 'f', 0x25, 6 }, { 'g', 0x26, 6 },
		{ 'h', 0x27, 6 }, { 'l', 0x28, 6 }, { 'm', 0x29, 6 }, { 'n', 0x2a, 6 },
		{ 'p', 0x2b, 6 }, { 'r', 0x2c, 6 }, { 'u', 0x2d, 6 }, { 'j', 0x74, 7 },
		{ 'k', 0x75, 7 }, { 'q', 0x76, 7 }, { 'v', 0x77, 7 }, { 'w', 0x78, 7 },
		{ 'x', 0x79, 7 }, { 'y', 0x7a, 7 }, { 'z', 0x7b, 7 },
	};
	uint32_t waiting = 0;
	unsigned bits = 0;
	uint8_t *length = open_length(o, 1);

	for (; *text; text++) {
		size_t i = 0;

		while (codes[i].c != *text)
			if (++i == sizeof codes / sizeof *codes)
				abort();
		waiting = waiting << codes[i].bits | codes[i].code;
		for (bits += codes[i].bits; bits >= 8; bits -= 8)
			put_int(o, waiting >> (bits - 8) & 0xff, 1);
	}
	if (bits)
		put_int(o, (waiting << (8 - bits) | 0xff >> bits) & 0xff, 1);
	close_length(o, length, 1);
	*length |= 0x80;
}

static inline void put_frame(struct out *o, uint8_t type, uint8_t flags, uint32_t stream,
			     const void *p, size_t n)
{
	put_int(o, n, 3);
	put_int(o, type, 1);
	put_int(o, flags, 1);
	put_int(o, stream, 4);
	put(o, p, n);
}

static inline size_t h2_request(uint8_t *buf, enum h2_way way, const char *name)
{
	static const uint8_t settings[] = { 0, 3, 0, 0, 0, 100, 0, 4, 0, 0x10, 0, 0 };
	static const uint8_t window[] = { 0, 0x0f, 0, 1 };
	uint8_t block[512];
	struct out o = { buf, buf + STREAM_BYTES }, b = { block, block + sizeof block };
	size_t n;

	put(&o, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
	put_frame(&o, 4, 0, 0, settings, sizeof settings);
	for (int i = 0; way == H2_SETTINGS_MANY && i < 20; i++)
		put_frame(&o, 8, 0, 0, window, sizeof window);
	if (way == H2_PADDED)
		put(&b, "\x07\x80\0\0\0\x10", 6); /* pad length, exclusive dependency, weight */
	put(&b, "\x82\x86", 2);			  /* GET, http */
	if (way == H2_NEW_NAME) {
		put(&b, "\x10\x0a:authority", 12);
	} else {
		put(&b, "\x84\x41", 2); /* path /, then a literal of name 1, :authority */
	}
	if (way == H2_HUFFMAN) {
		put_huffman(&b, name);
	} else {
		put_int(&b, strlen(name), 1);
		put(&b, name, strlen(name));
	}
	if (way == H2_NEW_NAME)
		put(&b, "\x84", 1);
	put(&b, "\x0f\x2b\x04test", 7); /* user-agent, not indexed */
	n = (size_t)(b.at - block);
	switch (way) {
	case H2_CONTINUED:
		put_frame(&o, 1, 1, 1, block, 8);
		put_frame(&o, 9, 0, 1, block + 8, 3);
		put_frame(&o, 9, 4, 1, block + 11, n - 11);
		break;
	case H2_PADDED:
		put(&b, "\0\0\0\0\0\0\0", 7);
		put_frame(&o, 1, 0x2d, 1, block, n + 7);
		break;
	case H2_PLAIN:
	case H2_HUFFMAN:
	case H2_SETTINGS_MANY:
	case H2_NEW_NAME:
		put_frame(&o, 1, 5, 1, block, n);
		break;
	}
	return (size_t)(o.at - buf);
}

#endif
