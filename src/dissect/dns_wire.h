/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files on DNS share; for no other room. */
#ifndef DISSECT_DNS_WIRE_H
#define DISSECT_DNS_WIRE_H

#include "dissect/dns.h"

struct dns_record_view {
	struct name owner;
	bool is_text; /* owner fits into a struct name */
	uint16_t type, class;
	uint32_t ttl;
	struct reader data;
};

/* A name at r, which lies inside message (RFC 1035, 4.1.4). out_text says whether it fits into
 * out: octets that need escapes can make a name too long as text. */
bool dns_read_name(struct reader *r, const struct reader *message, struct name *out,
		   bool *out_text);
bool dns_read_record(struct reader *r, const struct reader *message, struct dns_record_view *out);

/* dns_answers.c: chain and addresses of m->qname from the count records at r. */
void dns_read_answers(struct dns_message *m, struct reader r, const struct reader *message,
		      unsigned count);

#endif
