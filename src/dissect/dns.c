/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages: names with compression, header, question, records. */
#include "dissect/dns_wire.h"

enum {
	HEADER_SIZE = 12,
	QUESTION_MIN = 5, /* root name, type, class */
	RECORD_MIN = 11,
	NAME_WIRE_MAX = 255,
	POINTERS_MAX = 127, /* as many as a name can have labels */
};

struct header {
	uint16_t id, flags, questions, answers, authorities, additionals;
};

struct question {
	struct name name;
	uint16_t type, class;
};

static size_t offset_in(const struct reader *message, const struct reader *r)
{
	return (size_t)(r->at - message->at);
}

/* Every pointer must lead to before the labels it ends, so that no name can run in a circle. */
bool dns_read_name(struct reader *r, const struct reader *message, struct name *out, bool *out_text)
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

	if (!dns_read_name(r, message, &q->name, &is_text) || !read_u16(r, &q->type) ||
	    !read_u16(r, &q->class))
		return false;
	return is_text || reader_bad(r);
}

bool dns_read_record(struct reader *r, const struct reader *message, struct dns_record_view *out)
{
	if (!dns_read_name(r, message, &out->owner, &out->is_text) || !read_u16(r, &out->type) ||
	    !read_u16(r, &out->class) || !read_u32(r, &out->ttl) || !read_vec16(r, &out->data))
		return false;
	if (out->ttl > INT32_MAX)
		out->ttl = 0; /* RFC 2181, 8 */
	return true;
}

/* r stands behind the first question. */
static void read_answers(struct dns_message *m, const struct header *h, struct reader r,
			 const struct reader *message)
{
	struct question ignored;

	for (unsigned i = 1; i < h->questions; i++)
		if (!read_question(&r, message, &ignored))
			return;
	dns_read_answers(m, r, message, h->answers);
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
