/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC Initials of a client: keys, packets, CRYPTO frames. */
#ifndef TOOLS_INITIAL_H
#define TOOLS_INITIAL_H

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>

#include "hello.h"

/* HKDF-Expand-Label of RFC 8446, 7.1 with an empty context. */
static inline void expand_label(const uint8_t secret[32], const char *label, uint8_t *out, size_t n)
{
	struct hmac_sha256_ctx h;
	uint8_t info[64];
	struct out o = { info, info + sizeof info };

	put_int(&o, n, 2);
	put_int(&o, 6 + strlen(label), 1);
	put(&o, "tls13 ", 6);
	put(&o, label, strlen(label));
	put_int(&o, 0, 1);
	hmac_sha256_set_key(&h, 32, secret);
	hkdf_expand(&h, (nettle_hash_update_func *)hmac_sha256_update,
		    (nettle_hash_digest_func *)hmac_sha256_digest, 32, (size_t)(o.at - info), info,
		    n, out);
}

enum { INITIAL_BYTES = 1200 };

/* QUIC versions whose Initials are made here. */
enum { QUIC_V1 = 1, QUIC_V2 = 0x6b3343cf, QUIC_DRAFT_29 = (int)0xff00001d };

struct quic_keys {
	uint8_t key[16], iv[12], hp[16];
};

/* Of the client: RFC 9001, 5.2; RFC 9369, 3.3; draft-ietf-quic-tls-29, 5.2. */
static inline void quic_client_keys(uint32_t version, const uint8_t *id, size_t n,
				    struct quic_keys *k)
{
	static const uint8_t salts[3][20] = {
		{ 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
		  0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
		{ 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
		  0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
		{ 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
		  0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 },
	};
	bool v2 = version == QUIC_V2;
	uint8_t initial[32], client[32];
	struct hmac_sha256_ctx h;

	hmac_sha256_set_key(&h, 20, salts[v2 ? 1 : version == QUIC_V1 ? 0 : 2]);
	hkdf_extract(&h, (nettle_hash_update_func *)hmac_sha256_update,
		     (nettle_hash_digest_func *)hmac_sha256_digest, 32, n, id, initial);
	expand_label(initial, "client in", client, sizeof client);
	expand_label(client, v2 ? "quicv2 key" : "quic key", k->key, sizeof k->key);
	expand_label(client, v2 ? "quicv2 iv" : "quic iv", k->iv, sizeof k->iv);
	expand_label(client, v2 ? "quicv2 hp" : "quic hp", k->hp, sizeof k->hp);
}

struct initial_plan {
	uint32_t version; /* 0: QUIC_V1 */
	const uint8_t *dcid, *scid;
	size_t dcid_len, scid_len;
	const uint8_t *keyed_by; /* the ID that gives the keys; NULL: dcid */
	size_t keyed_by_len;
	size_t token, number;
	size_t bytes; /* of the whole packet, by PADDING; 0: no PADDING */
};

/* A client Initial with these frames, protected as RFC 9001, 5.3 and 5.4 say. */
static inline void put_initial(struct out *o, const struct initial_plan *p, const void *frames,
			       size_t n)
{
	uint32_t version = p->version ? p->version : QUIC_V1;
	uint8_t *start = o->at, *number, mask[16], nonce[12];
	struct gcm_aes128_ctx gcm;
	struct aes128_ctx aes;
	struct quic_keys k;
	size_t body;

	quic_client_keys(version, p->keyed_by ? p->keyed_by : p->dcid,
			 p->keyed_by ? p->keyed_by_len : p->dcid_len, &k);
	put_int(o, version == QUIC_V2 ? 0xd3 : 0xc3, 1); /* four bytes of packet number */
	put_int(o, version, 4);
	put_int(o, p->dcid_len, 1);
	put(o, p->dcid, p->dcid_len);
	put_int(o, p->scid_len, 1);
	put(o, p->scid, p->scid_len);
	put_int(o, 0x4000 | p->token, 2);
	put_random(o, p->token);
	body = n;
	if (p->bytes > (size_t)(o->at - start) + 6 + n + GCM_DIGEST_SIZE)
		body = p->bytes - (size_t)(o->at - start) - 6 - GCM_DIGEST_SIZE;
	put_int(o, 0x4000 | (4 + body + GCM_DIGEST_SIZE), 2);
	number = o->at;
	put_int(o, p->number, 4);
	put(o, frames, n);
	for (size_t i = n; i < body + GCM_DIGEST_SIZE; i++)
		put_int(o, 0, 1);

	memcpy(nonce, k.iv, sizeof nonce);
	for (int i = 0; i < 4; i++)
		nonce[8 + i] ^= number[i];
	gcm_aes128_set_key(&gcm, k.key);
	gcm_aes128_set_iv(&gcm, sizeof nonce, nonce);
	gcm_aes128_update(&gcm, (size_t)(number + 4 - start), start);
	gcm_aes128_encrypt(&gcm, body, number + 4, number + 4);
	gcm_aes128_digest(&gcm, GCM_DIGEST_SIZE, number + 4 + body);
	aes128_set_encrypt_key(&aes, k.hp);
	aes128_encrypt(&aes, 16, mask, number + 4);
	start[0] ^= mask[0] & 0x0f;
	for (int i = 0; i < 4; i++)
		number[i] ^= mask[1 + i];
}

/* Bytes of the hello as a CRYPTO frame (RFC 9000, 19.6). */
static inline void put_crypto(struct out *o, const uint8_t *hello, size_t from, size_t to)
{
	put_int(o, 6, 1);
	put_int(o, 0x4000 | from, 2);
	put_int(o, 0x4000 | (to - from), 2);
	put(o, hello + from, to - from);
}

/* One datagram of INITIAL_BYTES with a whole client Initial of QUIC v1. */
static inline size_t quic_initial(uint8_t buf[INITIAL_BYTES], const char *name)
{
	uint8_t hello[HELLO_MAX], frames[HELLO_MAX + 8], ids[16];
	struct initial_plan p = { .dcid = ids, .dcid_len = 8, .scid = ids + 8, .scid_len = 8 };
	struct out o = { ids, ids + sizeof ids }, f = { frames, frames + sizeof frames };
	size_t n;

	put_random(&o, sizeof ids);
	n = planned_hello(hello, sizeof hello,
			  &(struct hello_plan){ .name = name, .scid = p.scid, .scid_len = 8 });
	put_crypto(&f, hello, 0, n);
	p.bytes = INITIAL_BYTES;
	o = (struct out){ buf, buf + INITIAL_BYTES };
	put_initial(&o, &p, frames, (size_t)(f.at - frames));
	return (size_t)(o.at - buf);
}

#endif
