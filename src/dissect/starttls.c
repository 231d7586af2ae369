/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What clients say before STARTTLS and its like. */
#include "dissect/starttls.h"

enum {
	LINE_MAX_TEXT = 512, /* RFC 5321, 4.5.3.1.4 */
	TLS_HANDSHAKE = 22,
	POSTGRES_LENGTH = 8,
	POSTGRES_SSL = 80877103,
	MYSQL_SSL_LENGTH = 32,
	MYSQL_CLIENT_SSL = 0x0800,
	TPKT_VERSION = 3,
	X224_CONNECT = 0xe0,
	BER_SEQUENCE = 0x30,
	BER_INTEGER = 2,
	BER_ONE_BYTE = 0x81, /* the length is in the next byte */
	LDAP_EXTENDED = 0x77,
	LDAP_EXTENDED_NAME = 0x80,
};

struct line {
	const char *at;
	size_t n;
};

/* word is upper case */
static bool begins_with(struct line l, const char *word)
{
	size_t n = strlen(word);

	if (l.n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = l.at[i];

		if ((c >= 'a' && c <= 'z' ? c - 0x20 : c) != word[i])
			return false;
	}
	return true;
}

static bool is_word(struct line l, const char *word)
{
	return begins_with(l, word) && (l.n == strlen(word) || l.at[strlen(word)] == ' ');
}

/* Behind the tag that IMAP puts before each command. */
static struct line behind_tag(struct line l)
{
	size_t i = 0;

	while (i < l.n && l.at[i] != ' ')
		i++;
	if (i == l.n)
		return (struct line){ l.at, 0 };
	return (struct line){ l.at + i + 1, l.n - i - 1 };
}

static bool is_one_of(struct line l, const char *const *words)
{
	for (; *words; words++)
		if (is_word(l, *words))
			return true;
	return false;
}

static bool asks_for_tls(struct line l)
{
	static const char *const words[] = { "STARTTLS", "STLS",       "AUTH TLS",
					     "AUTH SSL", "AUTH TLS-C", NULL };

	return is_one_of(l, words) || is_word(behind_tag(l), "STARTTLS");
}

/* Commands that clients send before they ask for TLS; after another one TLS does not come. */
static bool may_precede_tls(struct line l)
{
	static const char *const plain[] = { "EHLO", "HELO",	     "LHLO",	    "NOOP",
					     "CAPA", "CAPABILITIES", "MODE READER", "FEAT",
					     "HELP", "CAPABILITY",   NULL };
	static const char *const tagged[] = { "CAPABILITY", "ID", "NOOP", NULL };

	return is_one_of(l, plain) || is_one_of(behind_tag(l), tagged);
}

/* A line, its end taken off. */
static bool read_line(struct reader *r, struct line *out)
{
	const char *at = (const char *)r->at;
	size_t n = 0;
	uint8_t c;

	while (read_u8(r, &c)) {
		if (c == '\n') {
			*out = (struct line){ at, n && at[n - 1] == '\r' ? n - 1 : n };
			return true;
		}
		/* Refused with the first byte that no command has. */
		if ((c < ' ' && c != '\r' && c != '\t') || c > '~' || ++n > LINE_MAX_TEXT)
			return reader_bad(r);
	}
	return false;
}

static enum outcome skip_lines(struct reader *r)
{
	struct line l;

	while (read_line(r, &l)) {
		if (asks_for_tls(l))
			return OUTCOME_FOUND;
		if (!may_precede_tls(l))
			return OUTCOME_MALFORMED;
	}
	return reader_outcome(r);
}

/* <stream:stream ...> and, behind the server's features, <starttls .../> or with an end tag
 * (RFC 6120, 5.4.2.1). */
static enum outcome skip_xmpp(struct reader *r)
{
	static const char ask[] = "<starttls", end[] = "</starttls>";
	size_t seen = 0;
	uint8_t c, before = 0;

	while (read_u8(r, &c) && (c >= ' ' || c == '\r' || c == '\n' || c == '\t')) {
		seen = c == (uint8_t)ask[seen] ? seen + 1 : c == '<';
		if (!ask[seen])
			break;
	}
	if (r->state == READER_OK && ask[seen])
		return OUTCOME_MALFORMED;
	while (read_u8(r, &c) && c != '>')
		before = c;
	if (r->state == READER_OK && before != '/')
		for (seen = 0; end[seen] && read_u8(r, &c); seen++)
			if (c != (uint8_t)end[seen])
				return OUTCOME_MALFORMED;
	return r->state == READER_OK ? OUTCOME_FOUND : reader_outcome(r);
}

/* SSLRequest (PostgreSQL, Message Formats). */
static enum outcome skip_postgres(struct reader *r)
{
	uint32_t len, code;

	if (!read_u32(r, &len))
		return reader_outcome(r);
	if (len != POSTGRES_LENGTH)
		return OUTCOME_MALFORMED;
	if (!read_u32(r, &code))
		return reader_outcome(r);
	return code == POSTGRES_SSL ? OUTCOME_FOUND : OUTCOME_MALFORMED;
}

/* Protocol::SSLRequest: a packet of 32 bytes, number 1, whose capabilities say SSL. */
static enum outcome skip_mysql(struct reader *r)
{
	uint32_t head;
	uint8_t low, high;

	if (!read_u32(r, &head))
		return reader_outcome(r);
	if (head != ((uint32_t)MYSQL_SSL_LENGTH << 24 | 1))
		return OUTCOME_MALFORMED;
	if (!read_u8(r, &low) || !read_u8(r, &high))
		return reader_outcome(r);
	if (!((high << 8 | low) & MYSQL_CLIENT_SSL))
		return OUTCOME_MALFORMED;
	return read_skip(r, MYSQL_SSL_LENGTH - 2) ? OUTCOME_FOUND : reader_outcome(r);
}

/* X.224 Connection Request in a TPKT (MS-RDPBCGR, 2.2.1.1). */
static enum outcome skip_rdp(struct reader *r)
{
	uint8_t version, reserved, indicator, kind;
	uint16_t len;

	if (!read_u8(r, &version) || !read_u8(r, &reserved) || !read_u16(r, &len))
		return reader_outcome(r);
	if (version != TPKT_VERSION || reserved || len < 11)
		return OUTCOME_MALFORMED;
	if (!read_u8(r, &indicator) || !read_u8(r, &kind))
		return reader_outcome(r);
	if (indicator != len - 5 || kind != X224_CONNECT)
		return OUTCOME_MALFORMED;
	return read_skip(r, len - 6u) ? OUTCOME_FOUND : reader_outcome(r);
}

/* Lengths up to 255 are enough for this message. */
static bool read_ber(struct reader *r, uint8_t tag, struct reader *out)
{
	uint8_t got, len;

	*out = *r;
	if (!read_u8(r, &got))
		return false;
	if (got != tag)
		return reader_bad(r);
	if (!read_u8(r, &len))
		return false;
	if (len > BER_ONE_BYTE)
		return reader_bad(r);
	if (len == BER_ONE_BYTE)
		return read_vec8(r, out);
	return len < BER_ONE_BYTE - 1 ? read_sub(r, len, out) : reader_bad(r);
}

/* LDAPMessage with an ExtendedRequest of this name (RFC 4511, 4.14.1). */
static enum outcome skip_ldap(struct reader *r)
{
	static const char oid[] = "1.3.6.1.4.1.1466.20037";
	char name[sizeof(oid) - 1];
	struct reader message, id, request, value;

	if (!read_ber(r, BER_SEQUENCE, &message))
		return reader_outcome(r);
	if (!read_ber(&message, BER_INTEGER, &id))
		return reader_outcome(&message);
	if (!read_ber(&message, LDAP_EXTENDED, &request))
		return reader_outcome(&message);
	if (!read_ber(&request, LDAP_EXTENDED_NAME, &value))
		return reader_outcome(&request);
	if (!read_bytes(&value, name, sizeof(name)))
		return reader_outcome(&value);
	if (!reader_done(&value) || memcmp(name, oid, sizeof(name)))
		return OUTCOME_MALFORMED;
	return r->state == READER_OK ? OUTCOME_FOUND : reader_outcome(r);
}

static enum outcome skip(struct reader *r)
{
	struct reader start = *r, probe = *r;
	enum outcome o;
	uint8_t first;

	if (!read_u8(&probe, &first))
		return reader_outcome(&probe);
	switch (first) {
	case 0:
		return skip_postgres(r);
	case TPKT_VERSION:
		return skip_rdp(r);
	case MYSQL_SSL_LENGTH:
		return skip_mysql(r);
	case BER_SEQUENCE: /* '0', which may begin a tag of IMAP as well */
		o = skip_ldap(r);
		if (o != OUTCOME_MALFORMED)
			return o;
		*r = start;
		return skip_lines(r);
	case '<':
		return skip_xmpp(r);
	default:
		return skip_lines(r);
	}
}

enum outcome starttls_skip(struct reader *r)
{
	struct reader bounded = *r;
	enum outcome o;

	if (reader_left(r) >= STARTTLS_MAX) {
		bounded.end = bounded.at + STARTTLS_MAX;
		bounded.missing = 0;
	}
	o = skip(&bounded);
	if (o != OUTCOME_FOUND)
		return o;
	return read_skip(r, (size_t)(bounded.at - r->at)) ? OUTCOME_FOUND : reader_outcome(r);
}
