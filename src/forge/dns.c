/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DNS answer that tacet gives in a server's place. */
#include "forge/forge.h"

#include <netinet/in.h>

#include "base/reader.h"
#include "forge/wire.h"

enum {
	HEADER_BYTES = 12,
	NAME_MAX_BYTES = 255,
	POINTER_TO_QNAME = 0xc000 | HEADER_BYTES,
	TYPE_A = 1,
	TYPE_SOA = 6,
	TYPE_AAAA = 28,
	TYPE_OPT = 41,
	FLAG_RESPONSE = 0x8000,
	FLAG_RECURSION_AVAILABLE = 0x0080,
	FLAGS_COPIED = 0x7910, /* opcode, RD; CD (RFC 4035, 3.2.2) */
	OPT_UDP_BYTES = 1232,
	TTL_MAX = INT32_MAX, /* RFC 2181, 8 */
};

enum rcode { RCODE_NOERROR = 0, RCODE_NXDOMAIN = 3, RCODE_REFUSED = 5 };

struct question {
	uint16_t id, flags, type, class;
	const uint8_t *bytes; /* the question section */
	size_t length;
	bool has_opt;
	uint32_t opt_flags; /* as the TTL field of the OPT holds them */
};

/* A name in place: labels and the root, without a pointer. */
static bool skip_plain_name(struct reader *r)
{
	size_t total = 0;
	uint8_t length;

	do {
		if (!read_u8(r, &length) || !read_skip(r, length))
			return false;
		total += length + 1u;
		if (length > 63 || total > NAME_MAX_BYTES)
			return reader_bad(r);
	} while (length);
	return true;
}

/* Labels up to the root or to the first pointer, which ends a name (RFC 1035, 4.1.4). */
static bool skip_name(struct reader *r)
{
	uint8_t length;

	do {
		if (!read_u8(r, &length))
			return false;
		if (length >= 0xc0)
			return read_skip(r, 1);
		if (length > 63)
			return reader_bad(r);
		if (!read_skip(r, length))
			return false;
	} while (length);
	return true;
}

/* Is there an OPT among the records that r stands at? What is broken has none. */
static bool find_opt(struct reader *r, size_t records, uint32_t *out_flags)
{
	struct reader data;
	uint16_t type, class;
	uint32_t ttl;

	for (size_t i = 0; i < records; i++) {
		if (!skip_name(r) || !read_u16(r, &type) || !read_u16(r, &class) ||
		    !read_u32(r, &ttl) || !read_vec16(r, &data))
			return false;
		if (type == TYPE_OPT) {
			*out_flags = ttl;
			return true;
		}
	}
	return false;
}

static bool read_question(const struct packet *p, size_t end, struct question *q)
{
	struct reader r = reader_whole(p->payload, p->payload_len);
	uint16_t questions, answers, authorities, additionals;
	size_t before;

	if (!read_u16(&r, &q->id) || !read_u16(&r, &q->flags) || !read_u16(&r, &questions) ||
	    !read_u16(&r, &answers) || !read_u16(&r, &authorities) || !read_u16(&r, &additionals))
		return false;
	q->bytes = r.at;
	before = reader_left(&r);
	if (questions != 1 || !skip_plain_name(&r) || !read_u16(&r, &q->type) ||
	    !read_u16(&r, &q->class))
		return false;
	q->length = before - reader_left(&r);
	if (HEADER_BYTES + q->length != end)
		return false;
	q->has_opt = find_opt(&r, (size_t)answers + authorities + additionals, &q->opt_flags);
	return true;
}

static void write_record_head(struct writer *w, uint16_t type, uint16_t class, uint32_t ttl,
			      size_t length)
{
	write_u16(w, POINTER_TO_QNAME);
	write_u16(w, type);
	write_u16(w, class);
	write_u32(w, ttl);
	write_u16(w, (uint16_t)length);
}

static bool is_of_type(const struct addr *a, uint16_t type)
{
	return (type == TYPE_A && a->family == 4) || (type == TYPE_AAAA && a->family == 6);
}

/* Those of the type asked for; how many. */
static uint16_t write_addrs(struct writer *w, const struct question *q,
			    const struct forge_reply *reply)
{
	size_t n = q->type == TYPE_A ? 4 : 16;
	uint16_t written = 0;

	for (size_t i = 0; i < reply->addr_count; i++) {
		if (!is_of_type(&reply->addrs[i], q->type))
			continue;
		write_record_head(w, q->type, q->class, reply->ttl_s, n);
		write_bytes(w, reply->addrs[i].bytes, n);
		written++;
	}
	return written;
}

/* Its TTL and its MINIMUM say how long the name does not exist (RFC 2308, 5). */
static void write_soa(struct writer *w, const struct question *q, uint32_t ttl)
{
	static const uint8_t names[] = "\5tacet\7invalid\0" /* primary server */
				       "\6nobody\7invalid"; /* mailbox; the NUL is its root */

	write_record_head(w, TYPE_SOA, q->class, ttl, sizeof(names) + 20);
	write_bytes(w, names, sizeof(names));
	write_u32(w, 1);     /* serial */
	write_u32(w, 3600);  /* refresh */
	write_u32(w, 600);   /* retry */
	write_u32(w, 86400); /* expire */
	write_u32(w, ttl);   /* minimum */
}

/* Without options; the DO bit goes back as it came (RFC 3225, 3). */
static void write_opt(struct writer *w, const struct question *q)
{
	write_u8(w, 0);
	write_u16(w, TYPE_OPT);
	write_u16(w, OPT_UDP_BYTES);
	write_u32(w, q->opt_flags & 0x8000);
	write_u16(w, 0);
}

static enum rcode rcode_of(enum forge_answer kind)
{
	switch (kind) {
	case FORGE_NXDOMAIN:
		return RCODE_NXDOMAIN;
	case FORGE_REFUSED:
		return RCODE_REFUSED;
	case FORGE_NULL:
	case FORGE_NODATA:
	case FORGE_ADDRS:
		break;
	}
	return RCODE_NOERROR;
}

static void write_message(struct writer *w, const struct question *q,
			  const struct forge_reply *reply)
{
	struct writer counts;
	uint16_t addrs;
	bool soa;

	write_u16(w, q->id);
	write_u16(w, (uint16_t)(FLAG_RESPONSE | FLAG_RECURSION_AVAILABLE |
				(q->flags & FLAGS_COPIED) | rcode_of(reply->kind)));
	write_u16(w, 1);
	counts = *w;
	write_u32(w, 0); /* answers and authorities */
	write_u16(w, q->has_opt);
	write_bytes(w, q->bytes, q->length);
	addrs = write_addrs(w, q, reply);
	soa = !addrs && reply->kind != FORGE_REFUSED;
	write_u16(&counts, addrs);
	write_u16(&counts, soa);
	if (soa)
		write_soa(w, q, reply->ttl_s);
	if (q->has_opt)
		write_opt(w, q);
}

/* The length of UDP, once all is written (RFC 768). */
static size_t end_udp(struct writer *w, const struct ends *ends, size_t header,
		      struct writer *length)
{
	write_u16(length, (uint16_t)((size_t)(w->at - w->start) - header));
	return wire_end(w, ends, header, IPPROTO_UDP, 6);
}

static struct writer begin_udp(const struct ends *ends, uint8_t out[static FORGE_MAX],
			       size_t *out_header, struct writer *out_length)
{
	struct writer w = wire_begin(ends, out, out_header);

	write_u16(&w, ends->sport);
	write_u16(&w, ends->dport);
	*out_length = w;
	write_u32(&w, 0); /* length and checksum */
	return w;
}

size_t forge_payload(const struct packet *p, const uint8_t *payload, size_t n,
		     uint8_t out[static FORGE_MAX])
{
	struct ends ends = ends_of(p);
	struct writer w, length;
	size_t header;

	if (p->proto != IPPROTO_UDP)
		return 0;
	w = begin_udp(&ends, out, &header, &length);
	write_bytes(&w, payload, n);
	return end_udp(&w, &ends, header, &length);
}

size_t forge_dns_answer(const struct packet *p, bool from_answer, size_t question_end,
			uint16_t qtype, const struct forge_reply *reply,
			uint8_t out[static FORGE_MAX])
{
	static const struct addr null[] = { { .family = 4 }, { .family = 6 } };
	struct ends ends = from_answer ? ends_of(p) : ends_reversed(p);
	struct forge_reply said = *reply;
	struct writer w, length;
	struct question q = { 0 };
	size_t header;

	if (p->proto != IPPROTO_UDP || !read_question(p, question_end, &q) || q.type != qtype)
		return 0;
	if (said.kind != FORGE_ADDRS) {
		said.addrs = null;
		said.addr_count = said.kind == FORGE_NULL ? 2 : 0;
	}
	if (said.ttl_s > TTL_MAX)
		said.ttl_s = TTL_MAX;
	w = begin_udp(&ends, out, &header, &length);
	write_message(&w, &q, &said);
	return end_udp(&w, &ends, header, &length);
}
