/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"). */
#include "base/hash.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static struct {
	bool drawn;
	uint64_t k0, k1;
} process_key;

void hash_seed(void)
{
	uint64_t key[2];
	struct timespec now;
	ssize_t n;

	if (process_key.drawn)
		return;
	do {
		n = getrandom(key, sizeof(key), 0);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(key)) {
		/* Only where a sandbox forbids the call: still not the same in every process. */
		clock_gettime(CLOCK_MONOTONIC, &now);
		key[0] = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
		key[1] = (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&now;
	}
	process_key.k0 = key[0];
	process_key.k1 = key[1];
	process_key.drawn = true;
}

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t v, int bits)
{
	return v << bits | v >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	s->v0 ^= word;
}

/* Little-endian whatever the machine is: the index of one machine serves another. */
static inline uint64_t load_word(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	       (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

uint64_t hash_bytes_keyed(uint64_t k0, uint64_t k1, const void *p, size_t n)
{
	struct sip s = {
		.v0 = k0 ^ UINT64_C(0x736f6d6570736575),
		.v1 = k1 ^ UINT64_C(0x646f72616e646f6d),
		.v2 = k0 ^ UINT64_C(0x6c7967656e657261),
		.v3 = k1 ^ UINT64_C(0x7465646279746573),
	};
	uint64_t last = (uint64_t)n << 56;
	const uint8_t *at = p;
	size_t left = n;

	for (; left >= 8; at += 8, left -= 8)
		sip_word(&s, load_word(at));
	for (size_t i = 0; i < left; i++)
		last |= (uint64_t)at[i] << (8 * i);
	sip_word(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t hash_bytes(const void *p, size_t n)
{
	return hash_bytes_keyed(process_key.k0, process_key.k1, p, n);
}
