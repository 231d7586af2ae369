/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ClientHello: from records to the message, from the message to its server_name. */
#include "dissect/tls.h"

enum {
	RECORD_HANDSHAKE = 22,
	RECORD_MAX = 16384, /* TLSPlaintext.length, RFC 8446, 5.1 */
	HANDSHAKE_CLIENT_HELLO = 1,
	HANDSHAKE_HEADER = 4,
	RANDOM_SIZE = 32,
	SESSION_ID_MAX = 32,
	NAME_TYPE_HOST = 0,
	SSL_2 = 0x0002,
};

enum extension { EXT_SERVER_NAME = 0, EXT_ALPN = 16, EXT_ECH = 0xfe0d, EXT_ESNI = 0xffce };

/* What was read of a hello, also where it is cut. */
struct seen {
	struct tls_hello hello;
	bool name_whole; /* server_name has arrived as a whole: hello.name is decided */
};

/* Bytes that the block has, arrived or not. */
static size_t promised(const struct reader *r)
{
	return reader_left(r) + r->missing;
}

/* ServerNameList (RFC 6066, 3). FOUND: read to its end; whether there is a name says out. */
static enum outcome read_server_name(struct reader *ext, struct name *out)
{
	struct reader list, host;
	bool has_host = false;
	struct name name;
	uint8_t type;

	if (!promised(ext))
		return OUTCOME_FOUND;
	if (!read_vec16(ext, &list))
		return reader_outcome(ext);
	if (promised(ext))
		return OUTCOME_MALFORMED;
	while (!reader_done(&list)) {
		if (!read_u8(&list, &type) || !read_vec16(&list, &host))
			return reader_outcome(&list);
		if (type != NAME_TYPE_HOST)
			continue;
		if (has_host)
			return OUTCOME_MALFORMED; /* not more than one name of a type */
		has_host = true;
		if (host.missing)
			return OUTCOME_MORE;
		if (name_from_text((const char *)host.at, reader_left(&host), &name) &&
		    !name_is_address(name.text))
			*out = name;
	}
	return OUTCOME_FOUND;
}

static bool begins_with(const struct reader *protocol, const char *text)
{
	size_t n = strlen(text);

	return reader_left(protocol) >= n && !memcmp(protocol->at, text, n);
}

/* ProtocolNameList (RFC 7301, 3.1). DNS over TLS has "dot", over QUIC "doq" and, in drafts,
 * "doq-i00" and up; DNS over HTTPS and Oblivious HTTP have no protocols of their own (RFC 8484, RFC
 * 9458). A list that is broken says nothing: not every server reads it. */
static bool has_dns_protocol(struct reader ext)
{
	struct reader list, protocol;
	bool is_dns;

	if (!read_vec16(&ext, &list))
		return false;
	while (reader_left(&list) && read_vec8(&list, &protocol)) {
		size_t n = reader_left(&protocol);

		is_dns = n == 3 ? begins_with(&protocol, "dot") || begins_with(&protocol, "doq")
				: begins_with(&protocol, "doq-i");
		if (is_dns && !protocol.missing)
			return true;
	}
	return false;
}

static enum outcome read_extensions(struct reader *r, struct seen *s)
{
	struct reader ext;
	enum outcome o;
	uint16_t type;

	while (!reader_done(r)) {
		if (!read_u16(r, &type) || !read_vec16(r, &ext))
			return reader_outcome(r);
		switch (type) {
		case EXT_SERVER_NAME:
			if (s->name_whole)
				return OUTCOME_MALFORMED; /* RFC 8446, 4.2: each type once */
			o = read_server_name(&ext, &s->hello.name);
			if (o != OUTCOME_FOUND)
				return o;
			s->name_whole = true;
			break;
		case EXT_ALPN:
			s->hello.offers_dns |= has_dns_protocol(ext);
			break;
		case EXT_ECH:
			s->hello.has_ech = true;
			break;
		case EXT_ESNI:
			s->hello.has_esni = true;
			break;
		}
	}
	return OUTCOME_FOUND;
}

/* The fields before the extensions. FOUND: r stands behind the compression methods. */
static enum outcome read_fixed_fields(struct reader *r, struct seen *s)
{
	struct reader id, suites, methods;

	if (!read_u16(r, &s->hello.version))
		return reader_outcome(r);
	if (s->hello.version < 0x0300 || s->hello.version > 0x0304)
		return OUTCOME_MALFORMED;
	if (!read_skip(r, RANDOM_SIZE) || !read_vec8(r, &id))
		return reader_outcome(r);
	if (promised(&id) > SESSION_ID_MAX)
		return OUTCOME_MALFORMED;
	if (!read_vec16(r, &suites))
		return reader_outcome(r);
	if (!promised(&suites) || promised(&suites) % 2)
		return OUTCOME_MALFORMED;
	if (!read_vec8(r, &methods))
		return reader_outcome(r);
	return promised(&methods) ? OUTCOME_FOUND : OUTCOME_MALFORMED;
}

/* r stands at the handshake header. FOUND: the hello is complete. */
static enum outcome read_hello(struct reader *r, struct seen *s)
{
	struct reader body, extensions;
	enum outcome o;
	uint8_t type;
	uint32_t len;

	if (!read_u8(r, &type))
		return reader_outcome(r);
	if (type != HANDSHAKE_CLIENT_HELLO)
		return OUTCOME_MALFORMED;
	if (!read_u24(r, &len))
		return reader_outcome(r);
	if (len > TLS_HELLO_MAX - HANDSHAKE_HEADER)
		return OUTCOME_MALFORMED;
	if (!read_sub(r, len, &body))
		return reader_outcome(r);
	o = read_fixed_fields(&body, s);
	/* Up to TLS 1.2 a hello may end here (RFC 5246, 7.4.1.2). */
	if (o != OUTCOME_FOUND || reader_done(&body))
		return o;
	if (!read_vec16(&body, &extensions))
		return reader_outcome(&body);
	if (promised(&body))
		return OUTCOME_MALFORMED;
	return read_extensions(&extensions, s);
}

/* The next record's fragment; what cannot be a handshake record makes r bad. */
static bool next_fragment(struct reader *r, struct reader *out)
{
	uint8_t type, major, minor;
	uint16_t len;

	*out = *r;
	if (!read_u8(r, &type))
		return false;
	if (type != RECORD_HANDSHAKE)
		return reader_bad(r);
	if (!read_u8(r, &major))
		return false;
	if (major != 3)
		return reader_bad(r);
	if (!read_u8(r, &minor))
		return false;
	if (minor > 4)
		return reader_bad(r);
	if (!read_u16(r, &len))
		return false;
	/* Fragments of a handshake are never empty (RFC 8446, 5.1). */
	if (!len || len > RECORD_MAX)
		return reader_bad(r);
	return read_sub(r, len, out);
}

/* Length of the message that starts here, header included; SIZE_MAX while that is not known. */
static size_t message_length(struct reader r)
{
	uint32_t len;

	if (!read_skip(&r, 1) || !read_u24(&r, &len))
		return SIZE_MAX;
	return HANDSHAKE_HEADER + (size_t)len;
}

/* Records must follow each other with nothing between them (RFC 8446, 5.1). */
bool tls_join_records(struct reader *r, uint8_t out[static TLS_HELLO_MAX], size_t *out_n)
{
	size_t used = 0, whole = SIZE_MAX;
	struct reader fragment;

	while (used < whole && used < TLS_HELLO_MAX && next_fragment(r, &fragment)) {
		size_t n = reader_left(&fragment);

		if (n > TLS_HELLO_MAX - used)
			n = TLS_HELLO_MAX - used;
		if (!read_bytes(&fragment, out + used, n))
			break;
		used += n;
		whole = message_length(reader_whole(out, used));
	}
	if (used < whole && r->state == READER_BAD)
		return false;
	*out_n = used;
	return true;
}

/* A hello that does not end in its first record. */
static __attribute__((noinline)) enum outcome join_records(struct reader *r, struct seen *s)
{
	uint8_t joined[TLS_HELLO_MAX];
	struct reader message;
	size_t n;

	if (!tls_join_records(r, joined, &n))
		return OUTCOME_MALFORMED;
	message = reader_prefix(joined, n);
	return read_hello(&message, s);
}

static enum outcome read_records(struct reader *r, struct seen *s)
{
	struct reader start = *r, fragment;

	if (!next_fragment(r, &fragment))
		return reader_outcome(r);
	if (message_length(fragment) <= promised(&fragment))
		return read_hello(&fragment, s);
	*r = start;
	return join_records(r, s);
}

enum outcome tls_sslv2_hello(struct reader *r)
{
	uint16_t head, version, suites, id, challenge;
	uint8_t type;

	if (!read_u16(r, &head) || !read_u8(r, &type))
		return reader_outcome(r);
	if (!(head & 0x8000) || type != HANDSHAKE_CLIENT_HELLO)
		return OUTCOME_MALFORMED;
	if (!read_u16(r, &version))
		return reader_outcome(r);
	if (version != SSL_2 && (version < 0x0300 || version > 0x0304))
		return OUTCOME_MALFORMED;
	if (!read_u16(r, &suites) || !read_u16(r, &id) || !read_u16(r, &challenge))
		return reader_outcome(r);
	if (!suites || suites % 3 || (id && id != 16) || challenge < 16 || challenge > RANDOM_SIZE)
		return OUTCOME_MALFORMED;
	return (head & 0x7fff) == 9 + suites + id + challenge ? OUTCOME_FOUND : OUTCOME_MALFORMED;
}

/* FOUND or ABSENT by the name, where all of it that matters was read. */
static enum outcome conclude(enum outcome o, bool decided, const struct seen *s,
			     struct tls_hello *out)
{
	if (!decided)
		return o;
	*out = s->hello;
	return s->hello.name.len ? OUTCOME_FOUND : OUTCOME_ABSENT;
}

enum outcome tls_client_hello_records(struct reader *r, struct tls_hello *out)
{
	struct seen s = { 0 };
	enum outcome o = read_records(r, &s);

	return conclude(o, o == OUTCOME_FOUND, &s, out);
}

enum outcome tls_client_hello(struct reader *r, struct tls_hello *out)
{
	struct seen s = { 0 };
	enum outcome o = read_hello(r, &s);

	return conclude(o, o == OUTCOME_FOUND, &s, out);
}

enum outcome tls_client_hello_records_partial(struct reader *r, struct tls_hello *out)
{
	struct seen s = { 0 };
	enum outcome o = read_records(r, &s);

	return conclude(o, o == OUTCOME_FOUND || (o == OUTCOME_MORE && s.name_whole), &s, out);
}

enum outcome tls_client_hello_partial(struct reader *r, struct tls_hello *out)
{
	struct seen s = { 0 };
	enum outcome o = read_hello(r, &s);

	return conclude(o, o == OUTCOME_FOUND || (o == OUTCOME_MORE && s.name_whole), &s, out);
}
