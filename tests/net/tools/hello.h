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

/* The handshake message without a record, RFC 8446, 4.1.2. name NULL: no server_name. scid: the
 * QUIC source connection ID (RFC 9001, 8.2), NULL for TLS over TCP. */
static inline size_t client_hello(uint8_t *buf, size_t cap, const char *name, const uint8_t *scid,
				  size_t scid_len)
{
	static const uint8_t ciphers[] = { 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0 };
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
	put_int(&o, scid ? 0 : 32, 1);
	put_random(&o, scid ? 0 : 32);
	put(&o, ciphers, sizeof ciphers);
	extensions = open_length(&o, 2);
	if (name)
		put_server_name(&o, name);
	put_extension(&o, 10, groups, sizeof groups);
	put_extension(&o, 13, signatures, sizeof signatures);
	if (scid)
		put_extension(&o, 16, quic_alpn, sizeof quic_alpn - 1);
	else
		put_extension(&o, 16, tcp_alpn, sizeof tcp_alpn - 1);
	put_extension(&o, 43, versions, sizeof versions);
	put_int(&o, 51, 2); /* key_share: one X25519 share */
	put_int(&o, 38, 2);
	put_int(&o, 36, 2);
	put_int(&o, 0x001d, 2);
	put_int(&o, 32, 2);
	put_random(&o, 32);
	if (scid) {
		static const uint8_t limits[] = { 4, 4, 0x80, 0x10, 0, 0, 8, 1, 3, 9, 1, 3 };

		put_int(&o, 57, 2); /* quic_transport_parameters */
		ext = open_length(&o, 2);
		put(&o, limits, sizeof limits);
		put_int(&o, 15, 1); /* initial_source_connection_id */
		put_int(&o, scid_len, 1);
		put(&o, scid, scid_len);
		close_length(&o, ext, 2);
	}
	close_length(&o, extensions, 2);
	close_length(&o, message, 3);
	return (size_t)(o.at - buf);
}

/* The same in one TLS record: what a client's first segment holds. */
static inline size_t tls_hello(uint8_t *buf, size_t cap, const char *name)
{
	size_t n = client_hello(buf + 5, cap - 5, name, NULL, 0);
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

/* One datagram of INITIAL_BYTES with a whole client Initial of QUIC v1, protected as RFC 9001, 5.2
 * to 5.4 say. */
static inline size_t quic_initial(uint8_t buf[INITIAL_BYTES], const char *name)
{
	static const uint8_t salt[] = {
		0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
		0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a
	};
	uint8_t initial[32], client[32], key[16], iv[12], hp[16], mask[16], hello[HELLO_MAX];
	struct out o = { buf, buf + INITIAL_BYTES };
	struct hmac_sha256_ctx h;
	struct gcm_aes128_ctx gcm;
	struct aes128_ctx aes;
	uint8_t *scid, *number;
	size_t n, body;

	put_int(&o, 0xc300000001, 5); /* Initial, four bytes of packet number, version 1 */
	put_int(&o, 8, 1);
	put_random(&o, 8);
	put_int(&o, 8, 1);
	scid = o.at;
	put_random(&o, 8);
	put_int(&o, 0, 1);						     /* no token */
	put_int(&o, 0x4000 | (uint64_t)(buf + INITIAL_BYTES - o.at - 2), 2); /* length */
	number = o.at;
	put_int(&o, 0, 4);
	n = client_hello(hello, sizeof hello, name, scid, 8);
	put_int(&o, 6, 1); /* CRYPTO, offset 0 */
	put_int(&o, 0, 1);
	put_int(&o, 0x4000 | n, 2);
	put(&o, hello, n);
	memset(o.at, 0, (size_t)(o.end - o.at)); /* PADDING, then the tag */

	hmac_sha256_set_key(&h, sizeof salt, salt);
	hkdf_extract(&h, (nettle_hash_update_func *)hmac_sha256_update,
		     (nettle_hash_digest_func *)hmac_sha256_digest, 32, 8, buf + 6, initial);
	expand_label(initial, "client in", client, sizeof client);
	expand_label(client, "quic key", key, sizeof key);
	expand_label(client, "quic iv", iv, sizeof iv);
	expand_label(client, "quic hp", hp, sizeof hp);
	body = (size_t)(o.end - number) - 4 - GCM_DIGEST_SIZE;
	gcm_aes128_set_key(&gcm, key);
	gcm_aes128_set_iv(&gcm, sizeof iv, iv); /* packet number 0: the nonce is the IV */
	gcm_aes128_update(&gcm, (size_t)(number + 4 - buf), buf);
	gcm_aes128_encrypt(&gcm, body, number + 4, number + 4);
	gcm_aes128_digest(&gcm, GCM_DIGEST_SIZE, number + 4 + body);
	aes128_set_encrypt_key(&aes, hp);
	aes128_encrypt(&aes, 16, mask, number + 4);
	buf[0] ^= mask[0] & 0x0f;
	for (int i = 0; i < 4; i++)
		number[i] ^= mask[1 + i];
	return INITIAL_BYTES;
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
