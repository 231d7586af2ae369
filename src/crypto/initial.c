/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of QUIC Initial packets per version, and opening such a packet with them. */
#include "crypto/initial.h"

#include <string.h>

#include <nettle/aes.h>
#include <nettle/gcm.h>
#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>

enum { SALT_SIZE = 20, SAMPLE_SIZE = 16, TAG_SIZE = 16, NONCE_SIZE = 12, PN_MAX = 4 };

/* The labels under which a version derives its keys: "quic ..." or, in version 2, "quicv2 ..." */
struct labels {
	const char *key, *iv, *hp;
};

static const struct labels labels_v1 = { "quic key", "quic iv", "quic hp" };
static const struct labels labels_v2 = { "quicv2 key", "quicv2 iv", "quicv2 hp" };

static const uint8_t salt_v1[SALT_SIZE] = { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34,
					    0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8,
					    0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a };
static const uint8_t salt_v2[SALT_SIZE] = { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6,
					    0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26,
					    0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 };
static const uint8_t salt_d29[SALT_SIZE] = { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2,
					     0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61,
					     0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 };
static const uint8_t salt_d23[SALT_SIZE] = { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb,
					     0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4,
					     0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 };
static const uint8_t salt_d22[SALT_SIZE] = { 0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb,
					     0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51,
					     0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a };
static const uint8_t salt_t050[SALT_SIZE] = { 0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72,
					      0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2,
					      0x36, 0x7c, 0x60, 0x48, 0x83, 0x10 };
static const uint8_t salt_t051[SALT_SIZE] = { 0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee,
					      0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f,
					      0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d };

/* Televisions keep the QUIC they were sold with, so the drafts that shipped stay here. */
static const struct version {
	uint32_t first, last;
	const uint8_t *salt;
	const struct labels *labels;
} versions[] = {
	{ 0x00000001, 0x00000001, salt_v1, &labels_v1 },   /* RFC 9001, 5.2 */
	{ 0x6b3343cf, 0x6b3343cf, salt_v2, &labels_v2 },   /* RFC 9369, 3.3.1 */
	{ 0xff000021, 0xff000022, salt_v1, &labels_v1 },   /* drafts 33, 34 */
	{ 0xff00001d, 0xff000020, salt_d29, &labels_v1 },  /* drafts 29 to 32 */
	{ 0xff000017, 0xff00001c, salt_d23, &labels_v1 },  /* drafts 23 to 28 */
	{ 0xff000016, 0xff000016, salt_d22, &labels_v1 },  /* draft 22 */
	{ 0xfaceb001, 0xfaceb001, salt_d22, &labels_v1 },  /* mvfst over draft 22 */
	{ 0xfaceb002, 0xfaceb002, salt_d23, &labels_v1 },  /* mvfst over draft 27 */
	{ 0xfaceb00e, 0xfaceb00e, salt_d23, &labels_v1 },  /* the same, experimental */
	{ 0x54303530, 0x54303530, salt_t050, &labels_v1 }, /* Google T050 */
	{ 0x54303531, 0x54303531, salt_t051, &labels_v1 }, /* Google T051 */
};

static const struct version *version_find(uint32_t version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		if (version >= versions[i].first && version <= versions[i].last)
			return &versions[i];
	return NULL;
}

bool initial_version_known(uint32_t version)
{
	return version_find(version) != NULL;
}

/* nettle calls both through types with a void pointer. */
static void mac_update(void *ctx, size_t n, const uint8_t *bytes)
{
	hmac_sha256_update(ctx, n, bytes);
}

static void mac_digest(void *ctx, size_t n, uint8_t *out)
{
	hmac_sha256_digest(ctx, n, out);
}

/* HKDF-Expand-Label with an empty context (RFC 8446, 7.1). */
static void expand_label(struct hmac_sha256_ctx *secret, const char *label, uint8_t *out, size_t n)
{
	static const char prefix[] = "tls13 ";
	uint8_t info[2 + 1 + sizeof(prefix) + 16 + 1];
	size_t prefix_len = sizeof(prefix) - 1, label_len = strlen(label), used = 0;

	info[used++] = (uint8_t)(n >> 8);
	info[used++] = (uint8_t)n;
	info[used++] = (uint8_t)(prefix_len + label_len);
	memcpy(info + used, prefix, prefix_len);
	used += prefix_len;
	memcpy(info + used, label, label_len);
	used += label_len;
	info[used++] = 0;
	hkdf_expand(secret, mac_update, mac_digest, SHA256_DIGEST_SIZE, used, info, n, out);
}

bool initial_client_keys(uint32_t version, const uint8_t *dcid, size_t dcid_len,
			 struct initial_keys *out)
{
	const struct version *v = version_find(version);
	uint8_t initial[SHA256_DIGEST_SIZE], client[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx mac;

	if (!v || dcid_len > INITIAL_CID_MAX)
		return false;
	hmac_sha256_set_key(&mac, SALT_SIZE, v->salt);
	hkdf_extract(&mac, mac_update, mac_digest, SHA256_DIGEST_SIZE, dcid_len, dcid, initial);
	hmac_sha256_set_key(&mac, sizeof(initial), initial);
	expand_label(&mac, "client in", client, sizeof(client));
	/* A digest leaves the key in place: it is set up once for the three. */
	hmac_sha256_set_key(&mac, sizeof(client), client);
	expand_label(&mac, v->labels->key, out->key, sizeof(out->key));
	expand_label(&mac, v->labels->iv, out->iv, sizeof(out->iv));
	expand_label(&mac, v->labels->hp, out->hp, sizeof(out->hp));
	return true;
}

bool initial_open(const struct initial_keys *keys, const uint8_t *packet, size_t n,
		  size_t pn_offset, uint8_t *out_plain, size_t *out_len)
{
	uint8_t mask[AES_BLOCK_SIZE], nonce[NONCE_SIZE], tag[TAG_SIZE];
	size_t pn_len, header_len, plain_len;
	struct aes128_ctx hp;
	struct gcm_aes128_ctx aead;

	/* The sample is taken as if the packet number had its full length (RFC 9001, 5.4.2). */
	if (!pn_offset || pn_offset > n || n - pn_offset < PN_MAX + SAMPLE_SIZE)
		return false;
	aes128_set_encrypt_key(&hp, keys->hp);
	aes128_encrypt(&hp, sizeof(mask), mask, packet + pn_offset + PN_MAX);

	/* The plain header is the associated data; it waits where the frames will be written. */
	pn_len = (size_t)((packet[0] ^ mask[0]) & 0x03) + 1;
	header_len = pn_offset + pn_len;
	memcpy(out_plain, packet, header_len);
	out_plain[0] ^= mask[0] & 0x0f;
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < pn_len; i++) {
		out_plain[pn_offset + i] ^= mask[1 + i];
		nonce[NONCE_SIZE - pn_len + i] ^= out_plain[pn_offset + i];
	}

	plain_len = n - header_len - TAG_SIZE;
	gcm_aes128_set_key(&aead, keys->key);
	gcm_aes128_set_iv(&aead, sizeof(nonce), nonce);
	gcm_aes128_update(&aead, header_len, out_plain);
	gcm_aes128_decrypt(&aead, plain_len, out_plain, packet + header_len);
	gcm_aes128_digest(&aead, sizeof(tag), tag);
	if (!memeql_sec(tag, packet + n - TAG_SIZE, TAG_SIZE)) {
		memset(out_plain, 0, n);
		return false;
	}
	*out_len = plain_len;
	return true;
}
