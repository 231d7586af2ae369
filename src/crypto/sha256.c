/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of bytes that lie together. */
#include "crypto/sha256.h"

#include <nettle/sha2.h>
#include <nettle/version.h>

void sha256(const void *bytes, size_t n, uint8_t out[static SHA256_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, bytes);
#if NETTLE_VERSION_MAJOR >= 4
	sha256_digest(&ctx, out);
#else
	sha256_digest(&ctx, SHA256_SIZE, out);
#endif
}
