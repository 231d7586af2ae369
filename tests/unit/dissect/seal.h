/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seals QUIC Initials under the client's keys (RFC 9001, 5): what initial_open undoes. */
#ifndef TESTS_DISSECT_SEAL_H
#define TESTS_DISSECT_SEAL_H

#include <nettle/aes.h>
#include <nettle/gcm.h>

#include "crypto/initial.h"
#include "unit/dissect/craft.h"

struct seal_plan {
	uint32_t version;		     /* 0: version 1 */
	const char *dcid;		     /* as text; NULL: "tacet-01" */
	const char *keyed_by;		     /* the ID that gives the keys; NULL: dcid */
	size_t token, packet_number, pn_len; /* pn_len 0: 1 */
};

static inline void put_varint(struct craft *c, uint64_t value)
{
	if (value < 64)
		put_n(c, value, 1);
	else if (value < 16384)
		put_n(c, value | 0x4000, 2);
	else if (value < 1u << 30)
		put_n(c, value | 0x80000000, 4);
	else
		put_n(c, value | 0xc000000000000000, 8);
}

static inline void put_crypto(struct craft *frames, const struct craft *hello, size_t from,
			      size_t to)
{
	put_varint(frames, 6);
	put_varint(frames, from);
	put_varint(frames, to - from);
	put(frames, hello->at + from, to - from);
}

/* Appends one Initial with these frames; 4 bytes at least, for the sample. */
static inline void put_initial(struct craft *c, const struct seal_plan *p,
			       const struct craft *frames)
{
	const char *dcid = p->dcid ? p->dcid : "tacet-01";
	const char *keyed_by = p->keyed_by ? p->keyed_by : dcid;
	uint32_t version = p->version ? p->version : 1;
	size_t start = c->n, pn_len = p->pn_len ? p->pn_len : 1, pn_offset, body, v;
	uint8_t nonce[12], mask[16];
	struct initial_keys k;
	struct gcm_aes128_ctx aead;
	struct aes128_ctx hp;
	bool ok = initial_client_keys(version, (const uint8_t *)keyed_by, strlen(keyed_by), &k);

	assert(ok);
	put_n(c, (version == 0x6b3343cf ? 0xd0u : 0xc0u) | (pn_len - 1), 1);
	put_n(c, version, 4);
	v = block(c, 1);
	put_text(c, dcid);
	block_end(c, v, 1);
	v = block(c, 1);
	put_text(c, "src");
	block_end(c, v, 1);
	put_varint(c, p->token);
	put_fill(c, 0x70, p->token);
	put_n(c, (pn_len + frames->n + 16) | 0x4000, 2);
	pn_offset = c->n;
	put_n(c, p->packet_number, (unsigned)pn_len);
	body = c->n;

	memcpy(nonce, k.iv, sizeof(nonce));
	for (size_t i = 0; i < pn_len; i++)
		nonce[12 - pn_len + i] ^= c->at[pn_offset + i];
	put(c, frames->at, frames->n);
	put_fill(c, 0, 16);
	gcm_aes128_set_key(&aead, k.key);
	gcm_aes128_set_iv(&aead, sizeof(nonce), nonce);
	gcm_aes128_update(&aead, body - start, c->at + start);
	gcm_aes128_encrypt(&aead, frames->n, c->at + body, c->at + body);
	gcm_aes128_digest(&aead, 16, c->at + body + frames->n);

	aes128_set_encrypt_key(&hp, k.hp);
	aes128_encrypt(&hp, 16, mask, c->at + pn_offset + 4);
	c->at[start] ^= mask[0] & 0x0f;
	for (size_t i = 0; i < pn_len; i++)
		c->at[pn_offset + i] ^= mask[1 + i];
}

#endif
