/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC Initial packets: keys (RFC 9001, 5.2; RFC 9369, 3.3) and removal of header and packet
 * protection, over nettle. Initial keys are public: anyone on the path can do this. */
#ifndef CRYPTO_INITIAL_H
#define CRYPTO_INITIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INITIAL_CID_MAX = 20 };

struct initial_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* Does `version` have Initial keys that are known here (v1 at least)? */
bool initial_version_known(uint32_t version);

/* The client's keys. dcid is the destination ID of the client's first Initial (or of the first
 * after a Retry). False for an unknown version or an ID over INITIAL_CID_MAX. */
bool initial_client_keys(uint32_t version, const uint8_t *dcid, size_t dcid_len,
			 struct initial_keys *out);

/* Opens one long-header packet of n bytes (from its first byte to the end its Length field
 * gives); pn_offset is where the packet number starts. Writes the plain frames to out_plain
 * (room for n bytes). False, nothing usable in out_plain, if it does not authenticate. No
 * allocation. */
bool initial_open(const struct initial_keys *keys, const uint8_t *packet, size_t n,
		  size_t pn_offset, uint8_t *out_plain, size_t *out_len);

#endif
