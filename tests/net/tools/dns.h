/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of DNS messages. */
#ifndef TOOLS_DNS_H
#define TOOLS_DNS_H

#include <stdio.h>

#include "script.h"

enum dns_way {
	D_A,
	D_AAAA,
	D_HTTPS,
	D_EDNS,
	D_COOKIE,
	D_MIXED_CASE,
	D_NO_RD,
	D_CNAME,
	D_CNAMES,
	D_TWICE
};

static inline void put_name(struct out *o, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ".");

		put_int(o, n, 1);
		put(o, name, n);
		name += n + (name[n] == '.');
	}
	put_int(o, 0, 1);
}

static inline void put_record(struct out *o, uint16_t owner, uint16_t type, const void *p, size_t n)
{
	put_int(o, 0xc000u | owner, 2);
	put_int(o, type, 2);
	put_int(o, 1, 2);
	put_int(o, 300, 4);
	put_int(o, n, 2);
	put(o, p, n);
}

/* A question for a name of nobody, and the answer that leads to the name. steps: CNAMEs of the
 * chain. */
static inline void dns_alias(struct script *s, const char *name, unsigned steps)
{
	uint8_t b[512], target[256];
	struct out o = { b, b + sizeof b }, t;
	size_t n;
	uint16_t owner = 12;

	put_int(&o, 0x77770100, 4);
	put_int(&o, 0x000100000000, 6);
	put_int(&o, 0, 2);
	put_name(&o, "alias.shop.example");
	put_int(&o, 0x00010001, 4);
	n = (size_t)(o.at - b);
	datagram(s, b, n, false);
	b[2] = 0x81;
	b[3] = 0x80;
	b[7] = (uint8_t)(steps + 1);
	for (unsigned i = 0; i < steps; i++) {
		t = (struct out){ target, target + sizeof target };
		if (i + 1 < steps) { /* a label before the name that was asked for, compressed */
			put(&t, "\4nex", 4);
			put_int(&t, '0' + i, 1);
			put_int(&t, 0xc000 | 18, 2); /* shop.example */
		} else {
			put_name(&t, name);
		}
		put_record(&o, owner, 5, target, (size_t)(t.at - target));
		owner = (uint16_t)((size_t)(o.at - b) - (size_t)(t.at - target));
	}
	put_record(&o, owner, 1, "\xc6\x33\x64\x07", 4);
	datagram(s, b, (size_t)(o.at - b), true);
}

static inline size_t dns_ask(uint8_t *b, size_t cap, const char *name, enum dns_way way)
{
	char asked[256];
	size_t n = 0;
	struct out o;

	snprintf(asked, sizeof asked, "%s", name);
	for (size_t i = 0; way == D_MIXED_CASE && asked[i]; i += 2)
		if (asked[i] >= 'a' && asked[i] <= 'z')
			asked[i] = (char)(asked[i] - 32);
	if (!dns_question(b, cap, 0x4711, asked, way == D_AAAA ? 28 : way == D_HTTPS ? 65 : 1, &n))
		abort();
	if (way == D_NO_RD)
		b[2] = 0;
	if (way != D_EDNS && way != D_COOKIE)
		return n;
	b[11] = 1;
	o = (struct out){ b + n, b + cap };
	put(&o, "\0\0\x29\x10\0\0\0\x80\0", 9); /* OPT, 4,096 bytes, DO (RFC 6891) */
	if (way == D_EDNS) {
		put_int(&o, 0, 2);
	} else {
		put_int(&o, 0x000c000a, 4);
		put_int(&o, 8, 2);
		put_random(&o, 8);
	}
	return (size_t)(o.at - b);
}

static inline void dns_datagram(struct script *s, const char *name, enum dns_way way)
{
	uint8_t b[512];
	size_t n;

	if (way == D_CNAME || way == D_CNAMES) {
		dns_alias(s, name, way == D_CNAME ? 1 : 4);
		return;
	}
	n = dns_ask(b, sizeof b, name, way);
	datagram(s, b, n, false);
	if (way == D_TWICE)
		*add_step(s) = s->steps[0];
}

#endif
