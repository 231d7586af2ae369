/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clear beginnings, each cut at every byte; what does not lead to TLS. */
#include "dissect/starttls.h"

#include "suite.h"
#include "unit/dissect/craft.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* FOUND exactly when all of it is there, and then the hello is what is left. */
static void check_leads_to_tls(const uint8_t *p, size_t n)
{
	struct craft c = { 0 };
	struct reader r;

	put(&c, p, n);
	put_text(&c, "\x16hello");
	for (size_t cut = 0; cut <= c.n; cut++) {
		enum outcome o;

		r = reader_prefix(c.at, cut);
		o = starttls_skip(&r);
		ck_assert_msg(o == (cut < n ? OUTCOME_MORE : OUTCOME_FOUND), "%.20s: cut %zu: %d",
			      (const char *)p, cut, o);
		if (o == OUTCOME_FOUND)
			ck_assert_uint_eq(reader_left(&r), cut - n);
	}
	ck_assert_int_eq(*r.at, 0x16);
}

static void check_refused(const uint8_t *p, size_t n)
{
	for (size_t cut = 0; cut <= n; cut++) {
		struct reader r = reader_prefix(p, cut);
		enum outcome o = starttls_skip(&r);

		ck_assert_msg(o == OUTCOME_MALFORMED || (cut < n && o == OUTCOME_MORE),
			      "%.20s: cut %zu: %d", (const char *)p, cut, o);
	}
}

START_TEST(lines)
{
	check_leads_to_tls(BYTES("EHLO me\r\nSTARTTLS\r\n"));
	check_leads_to_tls(BYTES("ehlo [192.0.2.1]\nNOOP\nstarttls\n"));
	check_leads_to_tls(BYTES("LHLO me\r\nSTARTTLS \r\n"));
	check_leads_to_tls(BYTES("a001 CAPABILITY\r\na002 ID NIL\r\na003 STARTTLS\r\n"));
	check_leads_to_tls(BYTES("00 STARTTLS\r\n"));
	check_leads_to_tls(BYTES("CAPA\r\nSTLS\r\n"));
	check_leads_to_tls(BYTES("FEAT\r\nAUTH TLS\r\n"));
	check_leads_to_tls(BYTES("AUTH SSL\r\n"));
	check_leads_to_tls(BYTES("CAPABILITIES\r\nMODE READER\r\nSTARTTLS\r\n"));
}
END_TEST

START_TEST(messages)
{
	check_leads_to_tls(BYTES("\0\0\0\10\4\322\26\57"));
	check_leads_to_tls(BYTES("0\35\2\1\1w\30\200\0261.3.6.1.4.1.1466.20037"));
	check_leads_to_tls(BYTES("0\201\35\2\1\1w\30\200\0261.3.6.1.4.1.1466.20037"));
	check_leads_to_tls(BYTES("\40\0\0\1\205\256\377\31\0\0\0\1\377\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
				 "\0\0\0\0\0\0\0\0\0"));
	check_leads_to_tls(BYTES("\3\0\0\23\16\340\0\0\0\0\0\1\0\10\0\3\0\0\0"));
	check_leads_to_tls(BYTES("<?xml version='1.0'?><stream:stream to='a' xmlns='jabber:client'"
				 " version='1.0'><starttls xmlns='urn:x'/>"));
	check_leads_to_tls(BYTES("<stream:stream to='a'>\n<starttls xmlns='urn:x'></starttls>"));
}
END_TEST

START_TEST(refused)
{
	check_refused(BYTES("MAIL FROM:<a@b>\r\n"));
	check_refused(BYTES("EHLO me\r\nAUTH PLAIN eA==\r\n"));
	check_refused(BYTES("a1 LOGIN me x\r\n"));
	check_refused(BYTES("USER me\r\n"));
	check_refused(BYTES("SSH-2.0-x\r\n"));
	check_refused(BYTES("STARTTLSX\r\n"));
	check_refused(BYTES("EHLO me\r\n\x1b"));
	check_refused(BYTES("\x7f"));
	check_refused(BYTES("\0\0\0\11"));
	check_refused(BYTES("\0\0\0\10\4\322\26\56"));
	check_refused(BYTES("0\14\2\1\1`\7\2\1\3\4\0\200\0\r\n"));
	check_refused(BYTES("0\35\2\1\1w\30\200\0261.3.6.1.4.1.1466.20038"));
	check_refused(BYTES("0\202\0"));
	check_refused(BYTES("\40\0\0\1\205\246"));
	check_refused(BYTES("\41\0\0\1"));
	check_refused(BYTES("\3\0\0\7"));
	check_refused(BYTES("\3\0\0\23\16\320"));
	check_refused(BYTES("<stream to='a'>\0"));
	check_refused(BYTES("<starttls></startssl"));
}
END_TEST

START_TEST(bounds)
{
	struct craft c = { 0 };
	struct reader r;

	while (c.n < STARTTLS_MAX)
		put_text(&c, "NOOP\r\n");
	r = reader_prefix(c.at, STARTTLS_MAX - 1);
	ck_assert_int_eq(starttls_skip(&r), OUTCOME_MORE);
	r = reader_prefix(c.at, c.n);
	ck_assert_int_eq(starttls_skip(&r), OUTCOME_MALFORMED);
	c.n = 0;
	put_text(&c, "EHLO ");
	put_fill(&c, 'a', 508);
	check_refused(c.at, c.n);
}
END_TEST

SUITE("dissect/starttls", lines, messages, refused, bounds)
