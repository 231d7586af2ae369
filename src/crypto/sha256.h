/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 (FIPS 180-4) over nettle. */
#ifndef CRYPTO_SHA256_H
#define CRYPTO_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 };

/* Of n bytes in one call. No allocation. */
void sha256(const void *bytes, size_t n, uint8_t out[static SHA256_SIZE]);

#endif
