/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the test programs send: a ClientHello, the QUIC Initial that carries one, a DNS question. */
#ifndef TOOLS_HELLO_H
#define TOOLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>

enum { HELLO_MAX = 2048, INITIAL_BYTES = 1200, QUESTION_MAX = 320 };

/* A buffer that grows to its end; what does not fit is a mistake of the test. */
struct out {
	uint8_t *at, *end;
};

static inline void put(struct out *o, const void *p, size_t n)
{
	if ((size_t)(o->end - o->at) < n)
		abort();
	memcpy(o->at, p, n);
	o->at += n;
}

static inline void put_int(struct out *o, uint64_t v, unsigned bytes)
{
	uint8_t b[8];

	for (unsigned i = 0; i < bytes; i++)
		b[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
	put(o, b, bytes);
}

/* Leaves room for a length of `bytes`; close_length fills it with what was put since. */
static inline uint8_t *open_length(struct out *o, unsigned bytes)
{
	uint8_t *at = o->at;

	put_int(o, 0, bytes);
	return at;
}

static inline void close_length(struct out *o, uint8_t *at, unsigned bytes)
{
	struct out hole = { at, at + bytes };

	put_int(&hole, (uint64_t)(o->at - at) - bytes, bytes);
}

static inline void put_random(struct out *o, size_t n)
{
	while (n--)
		put_int(o, (uint64_t)(random() & 0xff), 1);
}

static inline void put_extension(struct out *o, uint16_t type, const void *p, size_t n)
{
	put_int(o, type, 2);
	put_int(o, n, 2);
	put(o, p, n);
}

static inline void put_server_name(struct out *o, const char *name)
{
	uint8_t *ext, *list, *host;

	put_int(o, 0, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	put_int(o, 0, 1);
	host = open_length(o, 2);
	put(o, name, strlen(name));
	close_length(o, host, 2);
	close_length(o, list, 2);
	close_length(o, ext, 2);
}

/* What a ClientHello is made of. Zero: a TLS 1.3 client with one X25519 share. */
struct hello_plan {
	const char *name;    /* NULL: no server_name */
	const uint8_t *scid; /* QUIC source connection ID (RFC 9001, 8.2); NULL for TCP */
	size_t scid_len;
	size_t share;	/* bytes of one more key share, as of X25519MLKEM768 (1216) */
	size_t padding; /* bytes of a padding extension, the first */
	bool tls12;	/* no versions, no shares */
	bool name_last; /* server_name behind all others */
};

static inline void put_key_share(struct out *o, size_t more)
{
	uint8_t *ext, *list;

	put_int(o, 51, 2);
	ext = open_length(o, 2);
	list = open_length(o, 2);
	if (more) {
		put_int(o, 0x11ec, 2);
		put_int(o, more, 2);
		put_random(o, more);
	}
	put_int(o, 0x001d, 2);
	put_int(o, 32, 2);
	put_random(o, 32);
	close_length(o, list, 2);
	close_length(o, ext, 2);
}

static inline void put_transport_parameters(struct out *o, const struct hello_plan *p)
{
	static const uint8_t limits[] = { 4, 4, 0x80, 0x10, 0, 0, 8, 1, 3, 9, 1, 3 };
	uint8_t *ext;

	put_int(o, 57, 2);
	ext = open_length(o, 2);
	put(o, limits, sizeof limits);
	put_int(o, 15, 1); /* initial_source_connection_id */
	put_int(o, p->scid_len, 1);
	put(o, p->scid, p->scid_len);
	close_length(o, ext, 2);
}

/* The handshake message without a record, RFC 8446, 4.1.2. */
static inline size_t planned_hello(uint8_t *buf, size_t cap, const struct hello_plan *p)
{
	static const uint8_t ciphers[] = { 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0 };
	static const uint8_t ciphers12[] = { 0, 6, 0xc0, 0x2b, 0xc0, 0x2f, 0, 0x9c, 1, 0 };
	static const uint8_t groups[] = { 0, 2, 0, 0x1d };
	static const uint8_t signatures[] = { 0, 6, 4, 3, 8, 4, 4, 1 };
	static const uint8_t versions[] = { 2, 3, 4 };
	static const uint8_t tcp_alpn[] = "\0\x0c\x02h2\x08http/1.1", quic_alpn[] = "\0\x03\x02h3";
	struct out o = { buf, buf + cap };
	uint8_t *message, *extensions, *ext;

	put_int(&o, 1, 1);
	message = open_length(&o, 3);
	put_int(&o, 0x0303, 2);
	put_random(&o, 32);
	put_int(&o, p->scid ? 0 : 32, 1);
	put_random(&o, p->scid ? 0 : 32);
	put(&o, p->tls12 ? ciphers12 : ciphers, sizeof ciphers);
	extensions = open_length(&o, 2);
	if (p->padding) {
		put_int(&o, 21, 2);
		ext = open_length(&o, 2);
		put_random(&o, p->padding);
		close_length(&o, ext, 2);
	}
	if (p->name && !p->name_last)
		put_server_name(&o, p->name);
	put_extension(&o, 10, groups, sizeof groups);
	put_extension(&o, 13, signatures, sizeof signatures);
	if (p->scid)
		put_extension(&o, 16, quic_alpn, sizeof quic_alpn - 1);
	else
		put_extension(&o, 16, tcp_alpn, sizeof tcp_alpn - 1);
	if (!p->tls12) {
		put_extension(&o, 43, versions, sizeof versions);
		put_key_share(&o, p->share);
	}
	if (p->scid)
		put_transport_parameters(&o, p);
	if (p->name && p->name_last)
		put_server_name(&o, p->name);
	close_length(&o, extensions, 2);
	close_length(&o, message, 3);
	return (size_t)(o.at - buf);
}

/* The same in one TLS record: what a client's first segment holds. */
static inline size_t tls_hello(uint8_t *buf, size_t cap, const char *name)
{
	size_t n = planned_hello(buf + 5, cap - 5, &(struct hello_plan){ .name = name });
	struct out o = { buf, buf + 5 };

	put_int(&o, 0x160301, 3);
	put_int(&o, n, 2);
	return n + 5;
}

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

/* A question with recursion desired. False: the name is none. */
static inline bool dns_question(uint8_t *buf, size_t cap, uint16_t id, const char *name,
				uint16_t type, size_t *out_n)
{
	struct out o = { buf, buf + cap };

	if (strlen(name) > 253)
		return false;
	put_int(&o, id, 2);
	put_int(&o, 0x0100, 2);
	put_int(&o, 1, 2);
	put_int(&o, 0, 6);
	while (*name) {
		size_t n = strcspn(name, ".");

		if (n == 0 || n > 63)
			return false;
		put_int(&o, n, 1);
		put(&o, name, n);
		name += n + (name[n] == '.');
	}
	put_int(&o, 0, 1);
	put_int(&o, type, 2);
	put_int(&o, 1, 2);
	*out_n = (size_t)(o.at - buf);
	return true;
}

#endif
