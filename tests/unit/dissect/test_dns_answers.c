/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What answers lead to: DNAME, HTTPS and SVCB; and questions that are known on any port. */
#include "dissect/dns.h"
#include "suite.h"
#include "unit/dissect/craft.h"

static struct craft wire;
static struct dns_message m;

static void start(const char *name, uint16_t type, unsigned answers)
{
	wire.n = 0;
	put_n(&wire, 0xbeef, 2);
	put_n(&wire, answers ? 0x8180 : 0x0100, 2);
	put_n(&wire, 1, 2);
	put_n(&wire, answers, 2);
	put_n(&wire, 0, 4);
	put_name(&wire, name);
	put_n(&wire, type, 2);
	put_n(&wire, 1, 2);
}

static size_t put_record(const char *owner, uint16_t type, uint32_t ttl)
{
	put_name(&wire, owner);
	put_n(&wire, type, 2);
	put_n(&wire, 1, 2);
	put_n(&wire, ttl, 4);
	return block(&wire, 2);
}

static void put_target(const char *owner, uint16_t type, uint32_t ttl, const char *target)
{
	size_t data = put_record(owner, type, ttl);

	put_name(&wire, target);
	block_end(&wire, data, 2);
}

static void put_a(const char *owner, uint32_t addr, uint32_t ttl)
{
	size_t data = put_record(owner, DNS_A, ttl);

	put_n(&wire, addr, 4);
	block_end(&wire, data, 2);
}

/* Priority and target; parameters may follow. */
static size_t put_binding(const char *owner, uint16_t type, unsigned priority, const char *target)
{
	size_t data = put_record(owner, type, 300);

	put_n(&wire, priority, 2);
	put_name(&wire, target);
	return data;
}

static void put_hints(unsigned key, const void *bytes, size_t n)
{
	put_n(&wire, key, 2);
	put_n(&wire, n, 2);
	put(&wire, bytes, n);
}

static void parse(void)
{
	struct reader r = reader_whole(wire.at, wire.n);

	ck_assert_int_eq(dns_message_parse(&r, &m), OUTCOME_FOUND);
}

static const char *addr_text(unsigned i)
{
	static char buf[ADDR_TEXT_MAX];

	ck_assert_uint_lt(i, m.addr_count);
	return addr_format(&m.addrs[i].addr, buf);
}

START_TEST(hints_of_a_service)
{
	static const uint8_t six[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
	size_t data;

	start("film.example", DNS_HTTPS, 2);
	data = put_binding("film.example", DNS_HTTPS, 1, "");
	put_hints(1, "\2h3\2h2", 6);
	put_hints(4, "\313\0\161\1\313\0\161\2", 8);
	put_hints(5, "ech", 3);
	put_hints(6, six, 16);
	block_end(&wire, data, 2);
	/* An endpoint elsewhere: its hints are this name's too, its name is no alias. */
	data = put_binding("film.example", DNS_HTTPS, 2, "cdn.example");
	put_hints(4, "\313\0\161\2\313\0\161\3", 8);
	block_end(&wire, data, 2);
	parse();
	ck_assert_uint_eq(m.chain_count, 0);
	ck_assert_uint_eq(m.addr_count, 4);
	ck_assert_str_eq(addr_text(0), "203.0.113.1");
	ck_assert_str_eq(addr_text(1), "203.0.113.2");
	ck_assert_str_eq(addr_text(2), "2001:db8::7");
	ck_assert_str_eq(addr_text(3), "203.0.113.3");
	ck_assert_uint_eq(m.addrs[3].ttl, 300);
}
END_TEST

START_TEST(broken_services)
{
	size_t data;

	start("film.example", DNS_SVCB, 3);
	/* Keys that do not go up, and half an address. */
	data = put_binding("film.example", DNS_SVCB, 1, "");
	put_hints(6, "", 0);
	put_hints(4, "\313\0\161\1", 4);
	block_end(&wire, data, 2);
	data = put_binding("film.example", DNS_SVCB, 1, "");
	put_hints(4, "\313\0\161\2\313\0", 6);
	block_end(&wire, data, 2);
	/* A parameter longer than its record takes nothing of the next one. */
	data = put_binding("film.example", DNS_SVCB, 1, "");
	put_n(&wire, 4, 2);
	put_n(&wire, 200, 2);
	put(&wire, "\313\0\161\3", 4);
	block_end(&wire, data, 2);
	parse();
	ck_assert_uint_eq(m.addr_count, 1);
	ck_assert_str_eq(addr_text(0), "203.0.113.2");
}
END_TEST

START_TEST(aliases_of_a_service)
{
	size_t data;

	start("film.example", DNS_HTTPS, 3);
	data = put_binding("svc.cdn.example", DNS_HTTPS, 1, "");
	put_hints(4, "\313\0\161\1", 4);
	block_end(&wire, data, 2);
	put_target("www.film.example", DNS_CNAME, 20, "svc.cdn.example");
	block_end(&wire, put_binding("film.example", DNS_HTTPS, 0, "www.film.example"), 2);
	parse();
	ck_assert_uint_eq(m.chain_count, 2);
	ck_assert_str_eq(m.chain[0].text, "www.film.example");
	ck_assert_str_eq(m.chain[1].text, "svc.cdn.example");
	ck_assert_str_eq(addr_text(0), "203.0.113.1");
	ck_assert_uint_eq(m.addrs[0].ttl, 20);
	/* To the root: there is no such service (RFC 9460, 2.5.1). */
	start("film.example", DNS_HTTPS, 1);
	block_end(&wire, put_binding("film.example", DNS_HTTPS, 0, ""), 2);
	parse();
	ck_assert_uint_eq(m.chain_count, 0);
}
END_TEST

START_TEST(targets_that_are_no_aliases)
{
	size_t data;

	start("film.example", DNS_MX, 3);
	data = put_record("film.example", DNS_MX, 60);
	put_n(&wire, 10, 2);
	put_name(&wire, "mail.example");
	block_end(&wire, data, 2);
	put_target("film.example", DNS_NS, 60, "ns.example");
	put_a("mail.example", 0xcb007101, 60);
	parse();
	ck_assert_uint_eq(m.chain_count + m.addr_count, 0);
}
END_TEST

START_TEST(dname)
{
	char text[200];

	/* Alone it stands for a CNAME; what is not below it stays. */
	start("a.b.old.example", DNS_A, 2);
	put_target("old.example", DNS_DNAME, 30, "new.example.net");
	put_a("a.b.new.example.net", 0xcb007101, 60);
	parse();
	ck_assert_uint_eq(m.chain_count, 1);
	ck_assert_str_eq(m.chain[0].text, "a.b.new.example.net");
	ck_assert_uint_eq(m.chain[0].len, strlen(m.chain[0].text));
	ck_assert_uint_eq(m.addr_count, 1);
	ck_assert_uint_eq(m.addrs[0].ttl, 30);
	start("old.example", DNS_A, 1);
	put_target("old.example", DNS_DNAME, 30, "new.example.net");
	parse();
	ck_assert_uint_eq(m.chain_count, 0);
	/* The CNAME that came along is what counts. */
	start("a.old.example", DNS_A, 2);
	put_target("old.example", DNS_DNAME, 30, "new.example");
	put_target("a.old.example", DNS_CNAME, 30, "elsewhere.example");
	parse();
	ck_assert_uint_eq(m.chain_count, 1);
	ck_assert_str_eq(m.chain[0].text, "elsewhere.example");
	/* Too long after it: no name (RFC 6672, 2.2). */
	memset(text, 'a', sizeof text);
	for (unsigned i = 50; i < sizeof text; i += 50)
		text[i] = '.';
	text[sizeof text - 1] = '\0';
	start("0123456789012345678901234567890123456789.0123456789012345.old.example", DNS_A, 1);
	put_target("old.example", DNS_DNAME, 30, text);
	parse();
	ck_assert_uint_eq(m.chain_count, 0);
}
END_TEST

static bool is_plain(void)
{
	struct reader r = reader_whole(wire.at, wire.n);

	return dns_is_plain_question(&r, &m);
}

static void put_opt(unsigned type, size_t n)
{
	wire.at[11] = 1;
	put_n(&wire, 0, 1);
	put_n(&wire, type, 2);
	put_n(&wire, 1232, 2);
	put_n(&wire, 0, 4);
	put_n(&wire, n, 2);
	put_fill(&wire, 0, n);
}

START_TEST(plain_questions)
{
	start("2.dnscrypt-cert.resolver.example", DNS_TXT, 0);
	ck_assert(is_plain());
	ck_assert_str_eq(m.qname.text, "2.dnscrypt-cert.resolver.example");
	put_opt(DNS_OPT, 40);
	ck_assert(is_plain());
	for (size_t n = wire.n; wire.n--;)
		ck_assert_msg(!is_plain(), "%zu of %zu bytes", wire.n, n);
	start("a.example", DNS_A, 0);
	put_n(&wire, 0, 1);
	ck_assert(!is_plain());
	start("a.example", DNS_A, 0);
	put_opt(DNS_A, 4);
	ck_assert(!is_plain());
	start("_dns.resolver.arpa", DNS_SVCB, 0);
	ck_assert(is_plain());
	start("host", DNS_A, 0);
	ck_assert(!is_plain());
	start("a b.example", DNS_A, 0);
	ck_assert(!is_plain());
	start("a.example", 4000, 0);
	ck_assert(!is_plain());
}
END_TEST

/* Each bit of the header that a question must not have, alone. */
START_TEST(headers_of_no_question)
{
	static const uint16_t may[] = { 0x0100, 0x0020, 0x0010 };

	for (unsigned bit = 0; bit < 16; bit++) {
		uint16_t flags = (uint16_t)(1u << bit);
		bool expected = flags == may[0] || flags == may[1] || flags == may[2];

		start("a.example", DNS_A, 0);
		wire.at[2] = (uint8_t)(flags >> 8);
		wire.at[3] = (uint8_t)flags;
		ck_assert_msg(is_plain() == expected, "flags %04x", flags);
	}
	for (unsigned at = 4; at < 12; at++) {
		start("a.example", DNS_A, 0);
		wire.at[at] = (uint8_t)(wire.at[at] + 1);
		ck_assert_msg(!is_plain(), "byte %u", at);
	}
	start("a.example", DNS_A, 0);
	wire.at[wire.n - 1] = 3; /* class CHAOS */
	ck_assert(!is_plain());
}
END_TEST

SUITE("dissect/dns_answers", hints_of_a_service, broken_services, aliases_of_a_service,
      targets_that_are_no_aliases, dname, plain_questions, headers_of_no_question)
