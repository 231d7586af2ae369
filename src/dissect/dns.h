/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages (RFC 1035, 4): question, CNAME chain, addresses. Pure. */
#ifndef DISSECT_DNS_H
#define DISSECT_DNS_H

#include "base/addr.h"
#include "base/name.h"
#include "base/reader.h"

enum { DNS_CHAIN_MAX = 8, DNS_ADDRS_MAX = 32 };
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_DNAME = 39,
	DNS_OPT = 41,
	DNS_SVCB = 64,
	DNS_HTTPS = 65,
	DNS_ANY = 255,
};

struct dns_addr {
	struct addr addr;
	uint32_t ttl; /* seconds: the least of the chain that led here */
};

struct dns_message {
	uint16_t id;
	uint16_t flags;	  /* as on the wire */
	bool is_response; /* QR */
	uint8_t opcode, rcode;
	uint16_t questions; /* QDCOUNT as stated */
	bool has_question;
	struct name qname; /* of the first question */
	uint16_t qtype, qclass;
	uint16_t question_end; /* offset just after the first question: what an answer repeats */
	uint8_t chain_count, addr_count;
	uint8_t dropped;		      /* names or addresses over the limits, saturating */
	struct name chain[DNS_CHAIN_MAX];     /* names qname leads to by aliases, in order */
	struct dns_addr addrs[DNS_ADDRS_MAX]; /* of the last name of the chain or of qname; with the
						 hints of HTTPS and SVCB */
};

/* r holds one whole UDP payload (reader_truncated for a cut capture), or what follows the length
 * over TCP. FOUND: a message whose header and first question hold; answers are read as far as
 * they are well-formed, and the first 512 of them. ABSENT: a message without a question; out
 * holds its header. MALFORMED: not DNS, or a name that does not fit a struct name once its octets
 * are escaped. Bytes behind the message are allowed. out is untouched on MORE and MALFORMED.
 * Compression pointers must go strictly backwards (RFC 1035, 4.1.4). Aliases are CNAMEs, DNAMEs
 * above a name that has no CNAME along, and HTTPS and SVCB records in AliasMode. Targets of MX,
 * SRV, NS and of services are no aliases. */
enum outcome dns_message_parse(struct reader *r, struct dns_message *out);

/* The message without the keys of Encrypted ClientHello in its HTTPS and SVCB records (RFC 9848),
 * and without AD, in out: lengths, `mandatory` and compressed names follow. Signatures of these
 * records stay and no longer hold. ABSENT: it has none, or is cut. MALFORMED: it has, and cannot be
 * told without them: it does not fit into room, contradicts itself, or is signed as a whole. */
enum outcome dns_without_ech(const struct reader *message, uint8_t *out, size_t room,
			     size_t *out_n);

/* Nothing but an ordinary question: one, of a known type and class IN, for a host name of two
 * labels or more, with an OPT at most, and no byte that is left over. What passes is DNS on any
 * port. scratch is then the message; else what it holds means nothing. */
bool dns_is_plain_question(const struct reader *r, struct dns_message *scratch);

bool dns_type_known(uint16_t type); /* by a name */
/* "A", "AAAA", "HTTPS", ... or "TYPE123" (RFC 3597, 5); buf holds at least 12. */
const char *dns_type_name(uint16_t type, char buf[static 12]);
/* "NOERROR", "NXDOMAIN", ... or "RCODE11". */
const char *dns_rcode_name(uint8_t rcode, char buf[static 12]);

#endif
