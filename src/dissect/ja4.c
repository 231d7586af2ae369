/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JA4: version, counts and ALPN in clear, then truncated hashes of what the client offers, sorted
 * because clients shuffle it. */
#include "dissect/ja4.h"

#include <stdio.h>

#include "crypto/sha256.h"
#include "dissect/tls.h"

enum {
	EXT_SERVER_NAME = 0,
	EXT_SIGNATURE_ALGORITHMS = 13,
	EXT_ALPN = 16,
	EXT_SUPPORTED_VERSIONS = 43,
	HASH_TEXT = 12, /* hexadecimal characters kept of a hash */
	COUNT_MAX = 99,
	RANDOM_SIZE = 32,
};

struct list {
	size_t n;
	uint16_t at[JA4_LIST_MAX];
};

struct offer {
	uint16_t version;
	bool has_name;
	char alpn[2];
	size_t extension_count; /* also of those that are not in extensions */
	struct list ciphers, extensions, signatures;
};

/* RFC 8701, 2: two equal bytes that end in 0xa. */
static bool is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

static bool list_add(struct list *l, uint16_t v)
{
	if (l->n == JA4_LIST_MAX)
		return false;
	l->at[l->n++] = v;
	return true;
}

static bool read_list(struct reader *r, struct list *out)
{
	uint16_t v;

	while (!reader_done(r)) {
		if (!read_u16(r, &v))
			return false;
		if (!is_grease(v) && !list_add(out, v))
			return false;
	}
	return true;
}

/* Lists of some 16 entries: nothing beats inserting. */
static void list_sort(struct list *l)
{
	for (size_t i = 1; i < l->n; i++) {
		uint16_t v = l->at[i];
		size_t j = i;

		for (; j && l->at[j - 1] > v; j--)
			l->at[j] = l->at[j - 1];
		l->at[j] = v;
	}
}

/* Not isalnum: that asks the locale. */
static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last byte of the first protocol; if one of them is not alphanumeric, first and last
 * digit of its hexadecimal form. */
static void read_alpn(struct reader *ext, char out[static 2])
{
	static const char digits[] = "0123456789abcdef";
	struct reader protocols, first;
	uint8_t a, b;

	if (!read_vec16(ext, &protocols) || !read_vec8(&protocols, &first) || !read_u8(&first, &a))
		return;
	b = a;
	while (!reader_done(&first))
		if (!read_u8(&first, &b))
			return;
	if (is_alphanumeric(a) && is_alphanumeric(b)) {
		out[0] = (char)a;
		out[1] = (char)b;
	} else {
		out[0] = digits[a >> 4];
		out[1] = digits[b & 15];
	}
}

static void read_versions(struct reader *ext, uint16_t *out)
{
	struct reader versions;
	uint16_t highest = 0, v;

	if (!read_vec8(ext, &versions))
		return;
	while (!reader_done(&versions) && read_u16(&versions, &v))
		if (!is_grease(v) && v > highest)
			highest = v;
	*out = highest;
}

static bool read_extension(uint16_t type, struct reader *ext, struct offer *out)
{
	struct reader list;

	if (is_grease(type))
		return true;
	out->extension_count++;
	switch (type) {
	case EXT_SERVER_NAME:
		out->has_name = true;
		return true;
	case EXT_ALPN:
		read_alpn(ext, out->alpn);
		return true;
	case EXT_SUPPORTED_VERSIONS:
		read_versions(ext, &out->version);
		break;
	case EXT_SIGNATURE_ALGORITHMS:
		if (!read_vec16(ext, &list) || !read_list(&list, &out->signatures))
			return false;
		break;
	}
	return list_add(&out->extensions, type);
}

static bool read_offer(struct reader *r, struct offer *out)
{
	struct reader body, session, ciphers, methods, all, ext;
	uint8_t type;
	uint16_t ext_type;

	if (!read_u8(r, &type) || type != 1 || !read_vec24(r, &body) || body.missing)
		return false;
	if (!read_u16(&body, &out->version) || !read_skip(&body, RANDOM_SIZE))
		return false;
	if (!read_vec8(&body, &session) || !read_vec16(&body, &ciphers) ||
	    !read_vec8(&body, &methods) || !read_list(&ciphers, &out->ciphers))
		return false;
	if (reader_done(&body))
		return true;
	if (!read_vec16(&body, &all))
		return false;
	while (!reader_done(&all))
		if (!read_u16(&all, &ext_type) || !read_vec16(&all, &ext) ||
		    !read_extension(ext_type, &ext, out))
			return false;
	return true;
}

static const char *version_text(uint16_t version)
{
	switch (version) {
	case 0x0304:
		return "13";
	case 0x0303:
		return "12";
	case 0x0302:
		return "11";
	case 0x0301:
		return "10";
	case 0x0300:
		return "s3";
	case 0x0002:
		return "s2";
	}
	return "00";
}

/* "1301,1302"; returns behind it. */
static char *list_text(const struct list *l, char *at)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			*at++ = ',';
		for (int shift = 12; shift >= 0; shift -= 4)
			*at++ = digits[l->at[i] >> shift & 15];
	}
	return at;
}

/* What is empty has no hash but zeros. */
static void put_hash(const char *text, const char *end, char out[static HASH_TEXT + 1])
{
	uint8_t hash[SHA256_SIZE] = { 0 };

	if (end != text)
		sha256(text, (size_t)(end - text), hash);
	for (int i = 0; i < HASH_TEXT / 2; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

static unsigned capped(size_t n)
{
	return n > COUNT_MAX ? COUNT_MAX : (unsigned)n;
}

bool ja4_client_hello(struct reader *r, enum ja4_transport transport, char out[static JA4_SIZE])
{
	struct offer o = { .alpn = { '0', '0' } };
	char text[2 * 5 * JA4_LIST_MAX], *end, ciphers[HASH_TEXT + 1], extensions[HASH_TEXT + 1];

	if (!read_offer(r, &o))
		return false;
	list_sort(&o.ciphers);
	put_hash(text, list_text(&o.ciphers, text), ciphers);
	list_sort(&o.extensions);
	end = list_text(&o.extensions, text);
	/* Signature algorithms in the order of the client; without any not even a '_'. */
	if (o.signatures.n) {
		*end++ = '_';
		end = list_text(&o.signatures, end);
	}
	put_hash(text, end, extensions);
	snprintf(out, JA4_SIZE, "%c%s%c%02u%02u%c%c_%s_%s", (char)transport,
		 version_text(o.version), o.has_name ? 'd' : 'i', capped(o.ciphers.n),
		 capped(o.extension_count), o.alpn[0], o.alpn[1], ciphers, extensions);
	return true;
}

bool ja4_client_hello_records(struct reader *r, char out[static JA4_SIZE])
{
	uint8_t joined[TLS_HELLO_MAX];
	struct reader message;
	size_t n;

	if (!tls_join_records(r, joined, &n))
		return false;
	message = reader_whole(joined, n);
	return ja4_client_hello(&message, JA4_TCP, out);
}
