/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages: names with compression, the question, and what the answers make of it. */
#include "dissect/dns.h"

enum {
	HEADER_SIZE = 12,
	QUESTION_MIN = 5, /* root name, type, class */
	RECORD_MIN = 11,
	NAME_WIRE_MAX = 255,
	POINTERS_MAX = 127, /* as many as a name can have labels */
	RECORDS_MAX = 512,  /* answers looked at; each hop of the chain walks them again */
	HOPS_MAX = 32,
	CLASS_IN = 1,
};

struct header {
	uint16_t id, flags, questions, answers, authorities, additionals;
};

struct question {
	struct name name;
	uint16_t type, class;
};

struct record {
	struct name owner;
	bool is_text; /* owner fits into a struct name */
	uint16_t type, class;
	uint32_t ttl;
	struct reader data;
};

/* The answer section: r stands at its first record. */
struct answers {
	struct reader r;
	const struct reader *message;
	unsigned count;
};

static size_t offset_in(const struct reader *message, const struct reader *r)
{
	return (size_t)(r->at - message->at);
}

/* A name at r, which lies inside message (RFC 1035, 4.1.4). out_text says whether it fits into
 * out: octets that need escapes can make a name too long as text. Every pointer must lead to
 * before the labels it ends, so that no name can run in a circle. */
static bool read_name(struct reader *r, const struct reader *message, struct name *out,
		      bool *out_text)
{
	struct reader at = *r;
	size_t run = offset_in(message, r), target, wire = 1;
	unsigned pointers = 0;
	const uint8_t *label;
	uint8_t len, low;

	out->len = 0;
	out->text[0] = '\0';
	*out_text = true;
	for (;;) {
		if (!read_u8(&at, &len) || !len)
			break;
		if (len >= 0xc0) {
			if (!read_u8(&at, &low))
				break;
			target = (size_t)(len & 0x3f) << 8 | low;
			if (!pointers)
				*r = at;
			if (target < HEADER_SIZE || target >= run || ++pointers > POINTERS_MAX)
				return reader_bad(r);
			run = target;
			at = *message;
			if (!read_skip(&at, target))
				break;
			continue;
		}
		wire += (size_t)len + 1;
		if (len > 63 || wire > NAME_WIRE_MAX)
			return reader_bad(r);
		label = reader_claim(&at, len);
		if (!label)
			break;
		*out_text = *out_text && name_append_label(out, label, len);
	}
	if (!pointers || at.state != READER_OK)
		*r = at;
	return r->state == READER_OK;
}

static bool read_header(struct reader *r, struct header *h)
{
	return read_u16(r, &h->id) && read_u16(r, &h->flags) && read_u16(r, &h->questions) &&
	       read_u16(r, &h->answers) && read_u16(r, &h->authorities) &&
	       read_u16(r, &h->additionals);
}

static uint8_t opcode_of(uint16_t flags)
{
	return flags >> 11 & 15;
}

/* Most UDP that is not DNS ends here: an opcode that nobody assigned, or counts for which the
 * message has not the bytes. Some servers cut an answer and leave its counts, so only
 * questions are held to that strictly. */
static bool is_plausible(const struct header *h, const struct reader *rest)
{
	size_t records = (size_t)h->answers + h->authorities + h->additionals;
	size_t room = rest->missing > SIZE_MAX - reader_left(rest)
			      ? SIZE_MAX
			      : reader_left(rest) + rest->missing;

	if (opcode_of(h->flags) > 6 || opcode_of(h->flags) == 3)
		return false;
	if ((size_t)h->questions * QUESTION_MIN > room)
		return false;
	return h->flags & 0x8000 || records * RECORD_MIN <= room;
}

static bool read_question(struct reader *r, const struct reader *message, struct question *q)
{
	bool is_text;

	if (!read_name(r, message, &q->name, &is_text) || !read_u16(r, &q->type) ||
	    !read_u16(r, &q->class))
		return false;
	return is_text || reader_bad(r);
}

static bool read_record(struct reader *r, const struct reader *message, struct record *out)
{
	if (!read_name(r, message, &out->owner, &out->is_text) || !read_u16(r, &out->type) ||
	    !read_u16(r, &out->class) || !read_u32(r, &out->ttl) || !read_vec16(r, &out->data))
		return false;
	if (out->ttl > INT32_MAX)
		out->ttl = 0; /* RFC 2181, 8 */
	return true;
}

/* The next record that belongs to owner. False: none is left that can be read. */
static bool next_of_owner(struct answers *a, const struct name *owner, struct record *out)
{
	while (a->count) {
		a->count--;
		if (!read_record(&a->r, a->message, out))
			return false;
		if (out->class == CLASS_IN && out->is_text && name_equal(&out->owner, owner))
			return true;
	}
	return false;
}

/* By value: every walk starts at the first answer. */
static bool find_cname(struct answers a, const struct name *owner, struct name *out,
		       uint32_t *out_ttl)
{
	struct record rr;
	bool is_text;

	while (next_of_owner(&a, owner, &rr)) {
		if (rr.type != DNS_CNAME)
			continue;
		if (!read_name(&rr.data, a.message, out, &is_text) || !is_text)
			return false;
		*out_ttl = rr.ttl;
		return true;
	}
	return false;
}

static void count_dropped(struct dns_message *m)
{
	if (m->dropped < UINT8_MAX)
		m->dropped++;
}

static bool in_chain(const struct dns_message *m, const struct name *n)
{
	if (name_equal(n, &m->qname))
		return true;
	for (unsigned i = 0; i < m->chain_count; i++)
		if (name_equal(n, &m->chain[i]))
			return true;
	return false;
}

/* Follows CNAMEs from qname; out_last is the last name, the return value its least TTL. */
static uint32_t follow_chain(struct dns_message *m, const struct answers *a, struct name *out_last)
{
	uint32_t least = UINT32_MAX, ttl;
	struct name next;

	*out_last = m->qname;
	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		if (!find_cname(*a, out_last, &next, &ttl) || in_chain(m, &next))
			break;
		if (m->chain_count < DNS_CHAIN_MAX)
			m->chain[m->chain_count++] = next;
		else
			count_dropped(m);
		*out_last = next;
		if (ttl < least)
			least = ttl;
	}
	return least;
}

static void collect_addresses(struct dns_message *m, struct answers a, const struct name *owner,
			      uint32_t least)
{
	struct record rr;
	uint8_t bytes[16];
	struct addr addr;

	while (next_of_owner(&a, owner, &rr)) {
		if (rr.type == DNS_A && reader_left(&rr.data) == 4 &&
		    read_bytes(&rr.data, bytes, 4))
			addr = addr_v4(bytes);
		else if (rr.type == DNS_AAAA && reader_left(&rr.data) == 16 &&
			 read_bytes(&rr.data, bytes, 16))
			addr = addr_v6(bytes);
		else
			continue;
		if (m->addr_count < DNS_ADDRS_MAX)
			m->addrs[m->addr_count++] =
				(struct dns_addr){ addr, rr.ttl < least ? rr.ttl : least };
		else
			count_dropped(m);
	}
}

static void read_answers(struct dns_message *m, const struct header *h, struct reader r,
			 const struct reader *message)
{
	struct answers a = { .message = message, .count = h->answers };
	struct question ignored;
	struct name last;
	uint32_t least;

	for (unsigned i = 1; i < h->questions; i++)
		if (!read_question(&r, message, &ignored))
			return;
	if (a.count > RECORDS_MAX)
		a.count = RECORDS_MAX;
	a.r = r;
	least = follow_chain(m, &a, &last);
	collect_addresses(m, a, &last, least);
}

enum outcome dns_message_parse(struct reader *r, struct dns_message *out)
{
	const struct reader message = *r;
	struct question q = { .type = 0 };
	struct header h;
	uint16_t end = 0;

	if (!read_header(r, &h))
		return reader_outcome(r);
	if (!is_plausible(&h, r))
		return OUTCOME_MALFORMED;
	if (h.questions) {
		if (!read_question(r, &message, &q))
			return reader_outcome(r);
		end = (uint16_t)offset_in(&message, r);
	}
	*out = (struct dns_message){
		.id = h.id,
		.flags = h.flags,
		.is_response = h.flags & 0x8000,
		.opcode = opcode_of(h.flags),
		.rcode = h.flags & 15,
		.questions = h.questions,
		.has_question = h.questions,
		.qname = q.name,
		.qtype = q.type,
		.qclass = q.class,
		.question_end = end,
	};
	if (!h.questions)
		return OUTCOME_ABSENT;
	if (out->is_response)
		read_answers(out, &h, *r, &message);
	return OUTCOME_FOUND;
}
