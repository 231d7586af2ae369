/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP packets made by hand, with their checksums. */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

__attribute__((unused)) static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

__attribute__((unused)) static uint32_t sum(const uint8_t *p, size_t n, uint32_t s)
{
	for (size_t i = 0; i < n; i++)
		s += (uint32_t)p[i] << (i % 2 ? 0 : 8);
	return s;
}

__attribute__((unused)) static uint16_t fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

__attribute__((unused)) static size_t ip_header(const uint8_t *p)
{
	return p[0] >> 4 == 4 ? (size_t)(p[0] & 15) * 4 : 40;
}

/* Checksums of a packet made by hand; check is the offset of the transport's. */
__attribute__((unused)) static void finish(uint8_t *p, size_t n, uint8_t proto, size_t check)
{
	size_t h = ip_header(p), addrs = h == 20 ? 12 : 8;
	size_t addrs_len = h == 20 ? 8 : 32;

	if (h == 20) {
		put16(p + 2, (unsigned)n);
		put16(p + 10, 0);
		put16(p + 10, fold(sum(p, h, 0)));
	} else {
		put16(p + 4, (unsigned)(n - h));
	}
	put16(p + h + check, 0);
	put16(p + h + check,
	      fold(sum(p + h, n - h, sum(p + addrs, addrs_len, proto + (uint32_t)(n - h)))));
}

/* The packet with both ends exchanged; returns the offset of the transport header. */
__attribute__((unused)) static size_t turned(const uint8_t *p, size_t n, uint8_t *out)
{
	size_t h = ip_header(p), addr = h == 20 ? 4 : 16, at_ = h == 20 ? 12 : 8;

	memcpy(out, p, n);
	memcpy(out + at_, p + at_ + addr, addr);
	memcpy(out + at_ + addr, p + at_, addr);
	memcpy(out + h, p + h + 2, 2);
	memcpy(out + h + 2, p + h, 2);
	return h;
}

#endif
