/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC datagrams of a client: packets, their CRYPTO frames, and the hello these make up. */
#include "dissect/quic.h"

enum {
	FORM_LONG = 0x80,
	FIXED_BIT = 0x40,
	VERSION_2 = 0x6b3343cf,
	VERSION_T050 = 0x54303530,
	VERSION_T051 = 0x54303531,
	DATAGRAM_PACKETS_MAX = 64, /* segmentation offload joins up to 64 datagrams */
};

enum packet_kind { PACKET_INITIAL, PACKET_OTHER, PACKET_LAST };

/* A long header packet; start and len cover it to the end that its Length field gives. */
struct long_packet {
	enum packet_kind kind;
	uint32_t version;
	struct reader dcid;
	const uint8_t *start;
	size_t len, pn_offset;
};

enum frame_type {
	FRAME_PADDING = 0x00,
	FRAME_PING = 0x01,
	FRAME_ACK = 0x02,
	FRAME_ACK_ECN = 0x03,
	FRAME_CRYPTO = 0x06,
	FRAME_CRYPTO_GOOGLE = 0x08, /* in T050 and T051, which kept their own numbers */
	FRAME_CONNECTION_CLOSE = 0x1c,
};

/* RFC 9000, 16 */
static bool read_varint(struct reader *r, uint64_t *out)
{
	uint8_t byte;

	*out = 0;
	if (!read_u8(r, &byte))
		return false;
	*out = byte & 0x3f;
	for (unsigned left = (1u << (byte >> 6)) - 1; left; left--) {
		if (!read_u8(r, &byte)) {
			*out = 0;
			return false;
		}
		*out = *out << 8 | byte;
	}
	return true;
}

static bool skip_varints(struct reader *r, uint64_t n)
{
	uint64_t ignored;

	while (n--)
		if (!read_varint(r, &ignored))
			return false;
	return true;
}

static bool skip_block(struct reader *r, uint64_t n)
{
	return n <= SIZE_MAX ? read_skip(r, (size_t)n) : reader_bad(r);
}

/* First byte to source ID (RFC 8999, 5.1). */
static bool read_invariants(struct reader *r, uint8_t *first, uint32_t *version,
			    struct reader *dcid)
{
	struct reader scid;

	*version = 0;
	*dcid = *r;
	if (!read_u8(r, first))
		return false;
	if (!(*first & FORM_LONG))
		return reader_bad(r);
	return read_u32(r, version) && read_vec8(r, dcid) && read_vec8(r, &scid);
}

bool quic_is_long_header(const struct reader *r, uint32_t *out_version)
{
	struct reader copy = *r, dcid;
	uint32_t version;
	uint8_t first;

	/* Version 0 is version negotiation, which a server sends. */
	if (!read_invariants(&copy, &first, &version, &dcid) || copy.state != READER_OK)
		return false;
	if (!(first & FIXED_BIT) || !version || reader_left(&dcid) > INITIAL_CID_MAX)
		return false;
	*out_version = version;
	return true;
}

/* The two type bits; version 2 turns them by one (RFC 9369, 3.2). */
static enum packet_kind kind_of(uint8_t first, uint32_t version)
{
	unsigned type = first >> 4 & 3;

	if (version == VERSION_2)
		type = (type + 3) & 3;
	switch (type) {
	case 0:
		return PACKET_INITIAL;
	case 3:
		return PACKET_LAST; /* Retry: no Length, nothing after it */
	default:
		return PACKET_OTHER; /* 0-RTT, Handshake */
	}
}

/* FOUND: r stands behind the packet. The fixed bit is not asked for: a client may clear it
 * (RFC 9287), and the packet authenticates or not. */
static enum outcome next_packet(struct reader *r, struct long_packet *out)
{
	struct reader header = *r;
	uint64_t token_len = 0, len;
	uint8_t first;

	if (!read_invariants(&header, &first, &out->version, &out->dcid))
		return reader_outcome(&header);
	if (!initial_version_known(out->version))
		return OUTCOME_MALFORMED;
	out->kind = kind_of(first, out->version);
	if (out->kind == PACKET_LAST)
		return OUTCOME_MALFORMED;
	if (out->kind == PACKET_INITIAL &&
	    (!read_varint(&header, &token_len) || !skip_block(&header, token_len)))
		return reader_outcome(&header);
	if (!read_varint(&header, &len))
		return reader_outcome(&header);
	out->pn_offset = (size_t)(header.at - r->at);
	if (!skip_block(&header, len))
		return reader_outcome(&header);
	out->len = (size_t)(header.at - r->at);
	out->start = reader_claim(r, out->len);
	return out->start ? OUTCOME_FOUND : reader_outcome(r);
}

static bool has_byte(const struct quic_assembly *a, size_t i)
{
	return a->have[i / 8] >> i % 8 & 1;
}

/* What lies beyond QUIC_HELLO_MAX is forgotten: a hello that needs it is MALFORMED by its own
 * length, and behind the hello nothing is wanted. */
static void add_crypto(struct quic_assembly *a, uint64_t offset, struct reader *data)
{
	uint8_t byte;

	while (offset < QUIC_HELLO_MAX) {
		size_t i = (size_t)offset;

		/* Nearly always nothing is there yet: eight at a time. */
		if (i % 8 == 0 && !a->have[i / 8] && reader_left(data) >= 8) {
			a->have[i / 8] = read_bytes(data, a->bytes + i, 8) ? 0xff : 0;
			offset += 8;
			continue;
		}
		if (!read_u8(data, &byte))
			break;
		offset++;
		if (has_byte(a, i))
			continue;
		a->have[i / 8] |= (uint8_t)(1u << i % 8);
		a->bytes[i] = byte;
	}
	while (a->ready < QUIC_HELLO_MAX && has_byte(a, a->ready))
		a->ready += a->ready % 8 == 0 && a->have[a->ready / 8] == 0xff ? 8 : 1;
}

static bool read_crypto(struct quic_assembly *a, struct reader *r)
{
	uint64_t offset, len;
	struct reader data;

	if (!read_varint(r, &offset) || !read_varint(r, &len))
		return false;
	if (len > reader_left(r) || !read_sub(r, (size_t)len, &data))
		return false;
	add_crypto(a, offset, &data);
	return true;
}

static bool skip_ack(struct reader *r, bool has_ecn)
{
	uint64_t ranges;

	/* Largest, delay, number of ranges, first range; then a gap and a length each. */
	if (!skip_varints(r, 2) || !read_varint(r, &ranges) || !skip_varints(r, 1))
		return false;
	return skip_varints(r, 2 * ranges + (has_ecn ? 3 : 0));
}

static bool skip_close(struct reader *r)
{
	uint64_t reason_len;

	return skip_varints(r, 2) && read_varint(r, &reason_len) && skip_block(r, reason_len);
}

/* An Initial of a client is mostly padding. */
static bool skip_padding(struct reader *r)
{
	static const uint8_t zeros[64];

	while (reader_left(r) >= sizeof(zeros) && !memcmp(r->at, zeros, sizeof(zeros)))
		if (!read_skip(r, sizeof(zeros)))
			return false;
	return true;
}

/* Only these frames are allowed in an Initial (RFC 9000, 12.4), and there is at least one. */
static bool read_frames(struct quic_assembly *a, struct reader r)
{
	bool ok = !reader_done(&r);
	uint8_t type;

	while (ok && !reader_done(&r)) {
		if (!read_u8(&r, &type))
			return false;
		switch (type) {
		case FRAME_PADDING:
			ok = skip_padding(&r);
			break;
		case FRAME_PING:
			break;
		case FRAME_ACK:
		case FRAME_ACK_ECN:
			ok = skip_ack(&r, type == FRAME_ACK_ECN);
			break;
		case FRAME_CRYPTO:
			ok = read_crypto(a, &r);
			break;
		case FRAME_CRYPTO_GOOGLE:
			ok = (a->version == VERSION_T050 || a->version == VERSION_T051) &&
			     read_crypto(a, &r);
			break;
		case FRAME_CONNECTION_CLOSE:
			ok = skip_close(&r);
			break;
		default:
			ok = false;
		}
	}
	return ok;
}

void quic_assembly_init(struct quic_assembly *a)
{
	a->has_keys = false;
	a->ready = 0;
	memset(a->have, 0, sizeof(a->have));
}

/* Keys come from the destination ID of the client's first Initial and stay, even when later
 * Initials carry the server's ID. Only a Retry changes them (RFC 9001, 5.2). */
static bool open_initial(struct quic_assembly *a, const struct long_packet *p,
			 uint8_t plain[static QUIC_PACKET_MAX], size_t *out_len)
{
	struct initial_keys fresh;

	if (p->len > QUIC_PACKET_MAX)
		return false;
	if (a->has_keys && a->version == p->version &&
	    initial_open(&a->keys, p->start, p->len, p->pn_offset, plain, out_len))
		return true;
	if (!initial_client_keys(p->version, p->dcid.at, reader_left(&p->dcid), &fresh) ||
	    !initial_open(&fresh, p->start, p->len, p->pn_offset, plain, out_len))
		return false;
	quic_assembly_init(a);
	a->has_keys = true;
	a->version = p->version;
	a->keys = fresh;
	return true;
}

/* MORE: nothing decided by this packet. */
static enum outcome add_initial(struct quic_assembly *a, const struct long_packet *p,
				struct quic_hello *out)
{
	uint8_t plain[QUIC_PACKET_MAX];
	struct reader hello;
	enum outcome o;
	size_t n;

	if (!open_initial(a, p, plain, &n))
		return OUTCOME_MORE;
	if (!read_frames(a, reader_whole(plain, n)))
		return OUTCOME_MALFORMED;
	hello = reader_prefix(a->bytes, a->ready);
	o = tls_client_hello(&hello, &out->tls);
	if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT)
		out->version = a->version;
	return o;
}

/* Some clients pad behind the last packet instead of inside it. */
static void skip_zeros(struct reader *r)
{
	struct reader next = *r;
	uint8_t byte;

	while (read_u8(&next, &byte) && !byte)
		*r = next;
}

enum outcome quic_assembly_add(struct quic_assembly *a, struct reader *r, struct quic_hello *out)
{
	enum outcome o = OUTCOME_MORE;
	struct long_packet p;

	for (int i = 0; i < DATAGRAM_PACKETS_MAX; i++) {
		if (i)
			skip_zeros(r);
		o = next_packet(r, &p);
		if (o != OUTCOME_FOUND)
			break;
		o = p.kind == PACKET_INITIAL ? add_initial(a, &p, out) : OUTCOME_MORE;
		if (o != OUTCOME_MORE)
			return o;
	}
	/* The walk has ended at the end, at a cut, or at what is no packet of this kind. */
	return a->has_keys || (o == OUTCOME_MORE && r->missing) ? OUTCOME_MORE : OUTCOME_MALFORMED;
}

enum outcome quic_assembly_partial(const struct quic_assembly *a, struct quic_hello *out)
{
	struct reader hello = reader_prefix(a->bytes, a->ready);
	enum outcome o = tls_client_hello_partial(&hello, &out->tls);

	if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT)
		out->version = a->version;
	return o;
}

static __attribute__((noinline)) enum outcome one_datagram(struct reader *r, struct quic_hello *out)
{
	struct quic_assembly a;

	quic_assembly_init(&a);
	return quic_assembly_add(&a, r, out);
}

enum outcome quic_client_hello(struct reader *r, struct quic_hello *out)
{
	struct reader header = *r;
	struct long_packet p;
	enum outcome o;

	/* Most UDP ends here, before the assembly takes its place on the stack. */
	o = next_packet(&header, &p);
	if (o != OUTCOME_FOUND)
		return o;
	return one_datagram(r, out);
}
