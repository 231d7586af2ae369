/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages: names and their compression, questions, chains, addresses, cuts. */
#include "dissect/dns.h"

#include <stdlib.h>

#include "suite.h"
#include "unit/dissect/craft.h"

static struct craft wire;
static struct dns_message m;

static enum outcome parse_n(size_t n, size_t missing)
{
	/* An exact copy, so that a read behind the end is a read behind the block. */
	uint8_t *exact = malloc(n ? n : 1);
	struct reader r;
	enum outcome o;

	ck_assert_ptr_nonnull(exact);
	memcpy(exact, wire.at, n);
	r = reader_truncated(exact, n, missing);
	memset(&m, 0x77, sizeof(m));
	o = dns_message_parse(&r, &m);
	free(exact);
	return o;
}

static enum outcome parse(void)
{
	return parse_n(wire.n, 0);
}

static void put_pointer(size_t target)
{
	put_n(&wire, 0xc000 | target, 2);
}

static void start(uint16_t flags, unsigned questions, unsigned answers)
{
	wire.n = 0;
	put_n(&wire, 0xbeef, 2);
	put_n(&wire, flags, 2);
	put_n(&wire, questions, 2);
	put_n(&wire, answers, 2);
	put_n(&wire, 0, 4);
}

static void put_question(const char *name, uint16_t type)
{
	put_name(&wire, name);
	put_n(&wire, type, 2);
	put_n(&wire, 1, 2);
}

/* Type, class, TTL and the length of what follows; the owner stands already. */
static size_t put_record(uint16_t type, uint32_t ttl)
{
	put_n(&wire, type, 2);
	put_n(&wire, 1, 2);
	put_n(&wire, ttl, 4);
	return block(&wire, 2);
}

static void put_cname(const char *owner, const char *target, uint32_t ttl)
{
	size_t data;

	put_name(&wire, owner);
	data = put_record(DNS_CNAME, ttl);
	put_name(&wire, target);
	block_end(&wire, data, 2);
}

static void put_a(const char *owner, uint32_t addr, uint32_t ttl)
{
	size_t data;

	put_name(&wire, owner);
	data = put_record(DNS_A, ttl);
	put_n(&wire, addr, 4);
	block_end(&wire, data, 2);
}

static void check_addr(size_t i, const char *text, uint32_t ttl)
{
	char buf[ADDR_TEXT_MAX];

	ck_assert_uint_gt(m.addr_count, i);
	ck_assert_str_eq(addr_format(&m.addrs[i].addr, buf), text);
	ck_assert_uint_eq(m.addrs[i].ttl, ttl);
}

START_TEST(question)
{
	start(0x0120, 1, 0);
	put_question("Logs.Example.COM", DNS_AAAA);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.id, 0xbeef);
	ck_assert_uint_eq(m.flags, 0x0120);
	ck_assert(!m.is_response);
	ck_assert(m.has_question);
	ck_assert_uint_eq(m.opcode, 0);
	ck_assert_str_eq(m.qname.text, "logs.example.com");
	ck_assert_uint_eq(m.qtype, DNS_AAAA);
	ck_assert_uint_eq(m.qclass, 1);
	ck_assert_uint_eq(m.questions, 1);
	ck_assert_uint_eq(m.question_end, wire.n);
	ck_assert_uint_eq(m.chain_count + m.addr_count + m.dropped, 0);
	/* EDNS and bytes behind the message do not matter. */
	wire.at[11] = 1;
	put(&wire, "\0\0\x29\x10\0\0\0\0\0\0\0trailing", 19);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.question_end, wire.n - 19);
}
END_TEST

START_TEST(root_and_escapes)
{
	start(0x0100, 1, 0);
	put_question("", DNS_NS);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.qname.len, 0);
	ck_assert_str_eq(m.qname.text, "");
	start(0x0100, 1, 0);
	put(&wire, "\4a.b\n\1c\0\0\1\0\1", 12);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_str_eq(m.qname.text, "a\\.b\\010.c");
}
END_TEST

START_TEST(longest_names)
{
	char label[64];

	memset(label, 'a', 63);
	label[63] = '\0';
	for (unsigned last = 61; last <= 62; last++) {
		/* 3 labels of 63 and one of 61 are 255 octets; one more is none. */
		start(0x0100, 1, 0);
		for (int i = 0; i < 3; i++) {
			put_n(&wire, 63, 1);
			put_text(&wire, label);
		}
		put_n(&wire, last, 1);
		put(&wire, label, last);
		put(&wire, "\0\0\1\0\1", 5);
		ck_assert_int_eq(parse(), last == 61 ? OUTCOME_FOUND : OUTCOME_MALFORMED);
		if (last == 61)
			ck_assert_uint_eq(m.qname.len, 253);
	}
	/* Octets that all need escapes: no name that fits. */
	start(0x0100, 1, 0);
	for (int i = 0; i < 2; i++) {
		put_n(&wire, 60, 1);
		put_fill(&wire, 0xff, 60);
	}
	put(&wire, "\0\0\1\0\1", 5);
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(headers)
{
	static const uint16_t bad[] = { 0x1800, 0x3800, 0x4000, 0x7800, 0xf880 };
	static const uint16_t good[] = { 0x0000, 0x0800, 0x1000, 0x2000, 0x2800, 0x3000, 0x8180 };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start(bad[i], 1, 0);
		put_question("a.example", DNS_A);
		ck_assert_msg(parse() == OUTCOME_MALFORMED, "%04x", bad[i]);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		start(good[i], 1, 0);
		put_question("a.example", DNS_A);
		ck_assert_msg(parse() == OUTCOME_FOUND, "%04x", good[i]);
		ck_assert_uint_eq(m.opcode, good[i] >> 11 & 15);
		ck_assert_uint_eq(m.rcode, good[i] & 15);
	}
	/* Counts that the bytes cannot hold. */
	start(0x0100, 40, 0);
	put_question("a.example", DNS_A);
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
	start(0x0100, 1, 9);
	put_question("a.example", DNS_A);
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
	/* A server that cut its answer and left the counts. */
	start(0x8380, 1, 9);
	put_question("a.example", DNS_A);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	start(0x8183, 0, 0);
	ck_assert_int_eq(parse(), OUTCOME_ABSENT);
	ck_assert_uint_eq(m.rcode, 3);
	ck_assert(!m.has_question);
}
END_TEST

START_TEST(other_datagrams)
{
	uint32_t seed = 0x5eed;
	unsigned taken = 0;

	for (int round = 0; round < 20000; round++) {
		wire.n = 0;
		for (size_t n = 20 + next_random(&seed) % 40; n; n--)
			put_n(&wire, next_random(&seed) >> 9, 1);
		taken += parse() == OUTCOME_FOUND;
	}
	ck_assert_uint_lt(taken, 20);
}
END_TEST

START_TEST(addresses)
{
	size_t data;

	start(0x8180, 1, 4);
	put_question("a.example", DNS_A);
	put_a("A.EXAMPLE", 0xc0000201, 300);
	put_pointer(12);
	data = put_record(DNS_AAAA, 60);
	put(&wire, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7", 16);
	block_end(&wire, data, 2);
	put_a("other.example", 0x01020304, 9);
	put_pointer(12);
	data = put_record(DNS_A, 0x80000001);
	put_n(&wire, 0x0a000001, 4);
	block_end(&wire, data, 2);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert(m.is_response);
	ck_assert_uint_eq(m.addr_count, 3);
	check_addr(0, "192.0.2.1", 300);
	check_addr(1, "2001:db8::7", 60);
	check_addr(2, "10.0.0.1", 0);
	ck_assert_uint_eq(m.chain_count, 0);
}
END_TEST

START_TEST(records_that_are_no_addresses)
{
	size_t data;

	start(0x8180, 1, 3);
	put_question("a.example", DNS_A);
	put_pointer(12);
	data = put_record(DNS_A, 1); /* five bytes are no address */
	put_fill(&wire, 1, 5);
	block_end(&wire, data, 2);
	put_pointer(12);
	put_n(&wire, 1, 2);
	put_n(&wire, 3, 2); /* class CH */
	put_n(&wire, 5, 4);
	put(&wire, "\0\4zzzz", 6);
	put_pointer(12);
	data = put_record(DNS_TXT, 1);
	put(&wire, "\3abc", 4);
	block_end(&wire, data, 2);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, 0);
}
END_TEST

static void check_chain_in_any_order(int sample_no)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

	start(0x8180, 1, 4);
	put_question("www.example.com", DNS_A);
	for (int i = 0; i < 3; i++)
		switch (orders[sample_no][i]) {
		case 0:
			put_cname("WWW.example.com", "edge.CDN.example", 20);
			break;
		case 1:
			put_cname("edge.cdn.example", "pop7.cdn.example", 500);
			break;
		case 2:
			put_a("pop7.cdn.example", 0xc6336407, 90);
			break;
		}
	put_a("www.example.com", 0x7f000001, 1); /* not of the last name */
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, 2);
	ck_assert_str_eq(m.chain[0].text, "edge.cdn.example");
	ck_assert_str_eq(m.chain[1].text, "pop7.cdn.example");
	ck_assert_uint_eq(m.addr_count, 1);
	check_addr(0, "198.51.100.7", 20);
}

START_TEST(chain_in_any_order)
{
	for (int i = 0; i < 6; i++)
		check_chain_in_any_order(i);
}
END_TEST

START_TEST(chain_with_compression)
{
	size_t data, target;

	start(0x8180, 1, 2);
	put_question("www.example.com", DNS_A);
	put_pointer(12);
	data = put_record(DNS_CNAME, 30);
	target = wire.n;
	put(&wire, "\3cdn", 4);
	put_pointer(16); /* example.com */
	block_end(&wire, data, 2);
	put_pointer(target);
	data = put_record(DNS_A, 40);
	put_n(&wire, 0xc0000263, 4);
	block_end(&wire, data, 2);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, 1);
	ck_assert_str_eq(m.chain[0].text, "cdn.example.com");
	check_addr(0, "192.0.2.99", 30);
}
END_TEST

START_TEST(chain_loops)
{
	start(0x8180, 1, 4);
	put_question("a.example", DNS_A);
	put_cname("a.example", "b.example", 5);
	put_cname("b.example", "c.example", 5);
	put_cname("c.example", "b.example", 5);
	put_a("c.example", 0xc0000201, 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, 2);
	ck_assert_uint_eq(m.addr_count, 1);
	start(0x8180, 1, 1);
	put_question("a.example", DNS_A);
	put_cname("a.example", "A.example", 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, 0);
}
END_TEST

START_TEST(chain_over_the_limit)
{
	char from[] = "n00.example", to[] = "n00.example";

	start(0x8180, 1, 13);
	put_question("n00.example", DNS_A);
	for (int i = 0; i < 12; i++) {
		from[1] = (char)('0' + i / 10), from[2] = (char)('0' + i % 10);
		to[1] = (char)('0' + (i + 1) / 10), to[2] = (char)('0' + (i + 1) % 10);
		put_cname(from, to, 100 - (uint32_t)i);
	}
	put_a("n12.example", 0xc0000202, 500);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, DNS_CHAIN_MAX);
	ck_assert_str_eq(m.chain[DNS_CHAIN_MAX - 1].text, "n08.example");
	ck_assert_uint_eq(m.dropped, 4);
	check_addr(0, "192.0.2.2", 89);
}
END_TEST

START_TEST(addresses_over_the_limit)
{
	start(0x8180, 1, DNS_ADDRS_MAX + 300);
	put_question("a.example", DNS_A);
	for (uint32_t i = 0; i < DNS_ADDRS_MAX + 300; i++)
		put_a("a.example", i, 1);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, DNS_ADDRS_MAX);
	ck_assert_uint_eq(m.dropped, 255);
	check_addr(DNS_ADDRS_MAX - 1, "0.0.0.31", 1);
}
END_TEST

START_TEST(broken_answers_keep_the_question)
{
	start(0x8180, 1, 3);
	put_question("a.example", DNS_A);
	put_a("a.example", 0xc0000201, 5);
	put_pointer(wire.n); /* at itself */
	put_record(DNS_A, 1);
	put_a("a.example", 0xc0000202, 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, 1);
	/* The second question is no name: no answers, the first stands. */
	start(0x8180, 2, 1);
	put_question("a.example", DNS_A);
	put(&wire, "\x80zzzzz", 6);
	put_a("a.example", 0xc0000201, 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, 0);
	start(0x8180, 2, 1);
	put_question("a.example", DNS_A);
	put_question("b.example", DNS_A);
	put_a("a.example", 0xc0000201, 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, 1);
	/* An owner with a label type that nobody assigned. */
	start(0x8180, 1, 2);
	put_question("a.example", DNS_A);
	put_n(&wire, 0x40, 1);
	put_fill(&wire, 'a', 0x40);
	put_a("", 0xc0000201, 5);
	put_a("a.example", 0xc0000201, 5);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.addr_count, 0);
	/* A target with too many octets to escape ends the chain. */
	start(0x8180, 1, 1);
	put_question("a.example", DNS_A);
	put_name(&wire, "a.example");
	put_record(DNS_CNAME, 1);
	wire.at[wire.n - 1] = 124;
	for (int i = 0; i < 2; i++) {
		put_n(&wire, 60, 1);
		put_fill(&wire, 7, 60);
	}
	put(&wire, "\0\0", 2);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_uint_eq(m.chain_count, 0);
}
END_TEST

START_TEST(pointers)
{
	static const struct {
		const char *name;
		size_t n;
	} bad[] = {
		{ "\xc0\x0c", 2 },	/* at itself */
		{ "\xc0\x0e", 2 },	/* forward */
		{ "\xc0\x00", 2 },	/* into the header */
		{ "\xc0\x0b", 2 },	/* the same */
		{ "\1a\xc0\x0c", 4 },	/* a.a.a. ... */
		{ "\3abc\xff\xff", 6 }, /* behind the end */
		{ "\x40zzz", 4 },	/* label types that nobody assigned */
		{ "\x80zzz", 4 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start(0x0100, 1, 0);
		put(&wire, bad[i].name, bad[i].n);
		put_n(&wire, 0, 1);
		put_n(&wire, 0x00010001, 4);
		put_fill(&wire, 0, 8);
		ck_assert_msg(parse() == OUTCOME_MALFORMED, "case %zu", i);
	}
}
END_TEST

START_TEST(pointer_chains)
{
	size_t data, at;

	/* Pointers that lead to pointers: as many as labels are followed, one more is not. */
	for (unsigned hops = 126; hops <= 127; hops++) {
		start(0x8180, 1, 2);
		put_question("x.example", DNS_A);
		put_name(&wire, "x.example");
		data = put_record(DNS_TXT, 1);
		at = 12;
		for (unsigned i = 0; i < hops; i++) {
			size_t here = wire.n;

			put_pointer(at);
			at = here;
		}
		block_end(&wire, data, 2);
		put_pointer(at);
		data = put_record(DNS_A, 1);
		put_n(&wire, 0xc0000201, 4);
		block_end(&wire, data, 2);
		ck_assert_int_eq(parse(), OUTCOME_FOUND);
		ck_assert_uint_eq(m.addr_count, hops == 126);
	}
}
END_TEST

static void craft_answer(void)
{
	start(0x8180, 1, 3);
	put_question("www.example.com", DNS_A);
	put_cname("www.example.com", "cdn.example", 30);
	put_a("cdn.example", 0xc0000201, 60);
	put_a("cdn.example", 0xc0000202, 60);
}

START_TEST(cut_at_every_length)
{
	size_t end;

	craft_answer();
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	end = m.question_end;
	for (size_t n = 0; n <= wire.n; n++) {
		ck_assert_int_eq(parse_n(n, wire.n - n), n < end ? OUTCOME_MORE : OUTCOME_FOUND);
		if (n >= end)
			ck_assert_str_eq(m.qname.text, "www.example.com");
		ck_assert_int_eq(parse_n(n, 0), n < end ? OUTCOME_MALFORMED : OUTCOME_FOUND);
	}
	ck_assert_uint_eq(m.addr_count, 2);
	parse_n(wire.n - 1, 1);
	ck_assert_uint_eq(m.addr_count, 1);
}
END_TEST

START_TEST(mutations_keep_their_answer)
{
	uint32_t seed = 0xd25;
	int outcomes[4] = { 0 };
	enum outcome last, o;
	struct name qname;

	for (int round = 0; round < 1200; round++) {
		craft_answer();
		if (round % 16 == 0)
			wire.at[5] = 0;
		mutate(&wire, &seed);
		last = parse();
		qname = m.qname;
		outcomes[last]++;
		for (size_t n = 0; n < wire.n; n++) {
			o = parse_n(n, wire.n - n);
			if (o == OUTCOME_MORE)
				continue;
			ck_assert_msg(o == last, "cut %zu of %zu: %d, whole %d", n, wire.n, o,
				      last);
			if (o == OUTCOME_FOUND)
				ck_assert(name_equal(&m.qname, &qname));
		}
	}
	ck_assert_int_gt(outcomes[OUTCOME_FOUND], 0);
	ck_assert_int_gt(outcomes[OUTCOME_ABSENT], 0);
	ck_assert_int_gt(outcomes[OUTCOME_MALFORMED], 0);
}
END_TEST

START_TEST(names_of_types_and_codes)
{
	char buf[12];

	ck_assert_str_eq(dns_type_name(DNS_A, buf), "A");
	ck_assert_str_eq(dns_type_name(DNS_HTTPS, buf), "HTTPS");
	ck_assert_str_eq(dns_type_name(51, buf), "NSEC3PARAM");
	ck_assert_str_eq(dns_type_name(DNS_ANY, buf), "ANY");
	ck_assert_str_eq(dns_type_name(0, buf), "TYPE0");
	ck_assert_str_eq(dns_type_name(65535, buf), "TYPE65535");
	ck_assert_str_eq(dns_rcode_name(0, buf), "NOERROR");
	ck_assert_str_eq(dns_rcode_name(3, buf), "NXDOMAIN");
	ck_assert_str_eq(dns_rcode_name(10, buf), "NOTZONE");
	ck_assert_str_eq(dns_rcode_name(11, buf), "RCODE11");
	ck_assert_str_eq(dns_rcode_name(255, buf), "RCODE255");
}
END_TEST

SUITE("dissect/dns", question, root_and_escapes, longest_names, headers, other_datagrams, addresses,
      records_that_are_no_addresses, chain_in_any_order, chain_with_compression, chain_loops,
      chain_over_the_limit, addresses_over_the_limit, broken_answers_keep_the_question, pointers,
      pointer_chains, cut_at_every_length, mutations_keep_their_answer, names_of_types_and_codes)
