/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS question that needs no port to be known as one. */
#include "dissect/dns.h"

enum {
	FLAGS_CLEAR = 0xfecf, /* all but RD, AD and CD */
	CLASS_IN = 1,
};

static bool is_host(const struct name *n)
{
	struct name same;

	return name_labels(n->text) >= 2 && name_from_text(n->text, n->len, &same);
}

/* The only record a question has is an OPT that reaches to the end (RFC 6891, 6.1.1). A DNSCrypt
 * client gives it type 0. */
static bool is_opt_alone(struct reader *r)
{
	struct reader data;
	uint16_t type, class;
	uint32_t ttl;
	uint8_t root;

	return read_u8(r, &root) && !root && read_u16(r, &type) && (type == DNS_OPT || !type) &&
	       read_u16(r, &class) && read_u32(r, &ttl) && read_vec16(r, &data) && !data.missing &&
	       reader_done(r);
}

bool dns_is_plain_question(const struct reader *r, struct dns_message *scratch)
{
	uint16_t id, flags, questions, others, additionals;
	struct reader head = *r, message = *r, rest = *r;

	if (!read_u16(&head, &id) || !read_u16(&head, &flags) || flags & FLAGS_CLEAR ||
	    !read_u16(&head, &questions) || questions != 1)
		return false;
	for (int section = 0; section < 2; section++)
		if (!read_u16(&head, &others) || others)
			return false;
	if (!read_u16(&head, &additionals) || additionals > 1)
		return false;
	if (dns_message_parse(&message, scratch) != OUTCOME_FOUND || scratch->qclass != CLASS_IN ||
	    !dns_type_known(scratch->qtype) || !is_host(&scratch->qname))
		return false;
	if (!read_skip(&rest, scratch->question_end))
		return false;
	return additionals ? is_opt_alone(&rest) : reader_done(&rest);
}
