/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ClientHellos: names, flags, records, and answers that stay when bytes are added. */
#include "dissect/tls.h"

#include <stdlib.h>

#include "suite.h"
#include "unit/dissect/craft.h"

static struct craft message, wire;
static struct tls_hello hello;

static enum outcome parse_message(void)
{
	struct reader r = reader_prefix(message.at, message.n);

	memset(&hello, 0x77, sizeof(hello));
	return tls_client_hello(&r, &hello);
}

static enum outcome parse_records(size_t n, struct tls_hello *out)
{
	struct reader r = reader_prefix(wire.at, n);

	return tls_client_hello_records(&r, out);
}

static void craft_message(const struct hello_plan *p)
{
	message.n = 0;
	put_hello(&message, p);
}

/* Decided answers must not change: every cut says MORE or what the whole says. */
static void check_cuts(void)
{
	struct tls_hello whole = { 0 }, cut = { 0 };
	enum outcome last = parse_records(wire.n, &whole), o;

	for (size_t n = 0; n < wire.n; n++) {
		o = parse_records(n, &cut);
		if (o == OUTCOME_MORE)
			continue;
		ck_assert_msg(o == last, "cut %zu of %zu: %d, whole %d", n, wire.n, o, last);
		if (o == OUTCOME_FOUND)
			ck_assert(name_equal(&cut.name, &whole.name));
	}
}

START_TEST(finds_name)
{
	craft_message(&(struct hello_plan){ .name = "Logs.Example.COM" });
	ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
	ck_assert_str_eq(hello.name.text, "logs.example.com");
	ck_assert_uint_eq(hello.version, 0x0303);
	ck_assert(!hello.has_ech);
	ck_assert(!hello.has_esni);
}
END_TEST

START_TEST(flags)
{
	craft_message(&(struct hello_plan){ .name = "a.example", .ech = true, .version = 0x0301 });
	ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
	ck_assert(hello.has_ech && !hello.has_esni);
	ck_assert_uint_eq(hello.version, 0x0301);
	craft_message(&(struct hello_plan){ .esni = true });
	ck_assert_int_eq(parse_message(), OUTCOME_ABSENT);
	ck_assert(!hello.has_ech && hello.has_esni);
	ck_assert_uint_eq(hello.name.len, 0);
}
END_TEST

/* DNS over TLS and QUIC offer a protocol of their own; a broken list says nothing and costs no
 * name. */
START_TEST(protocols)
{
	static const struct {
		const char *alpn;
		bool dns;
	} cases[] = {
		{ "dot", true }, { "doq", true }, { "doq-i00", true }, { "h2,http/1.1,dot", true },
		{ "h2", false }, { "do", false }, { "dotx", false },   { "doq-", false },
		{ "", false },
	};
	size_t at;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		craft_message(&(struct hello_plan){ .name = "a.example", .alpn = cases[i].alpn });
		ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
		ck_assert_msg(hello.offers_dns == cases[i].dns, "%s", cases[i].alpn);
	}
	/* The list is longer than its extension, or a protocol than the list. */
	craft_message(&(struct hello_plan){ .name = "a.example", .alpn = "dot" });
	at = message.n - 6;
	for (int i = 0; i < 2; i++, at += 2) {
		message.at[at + 1]++;
		ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
		ck_assert(!hello.offers_dns);
		message.at[at + 1]--;
	}
}
END_TEST

START_TEST(absent)
{
	craft_message(&(struct hello_plan){ .bare = true });
	ck_assert_int_eq(parse_message(), OUTCOME_ABSENT);
	craft_message(&(struct hello_plan){ .name = NULL });
	ck_assert_int_eq(parse_message(), OUTCOME_ABSENT);
}
END_TEST

START_TEST(unusable_names)
{
	static const struct {
		const char *name;
		size_t n;
	} bad[] = {
		{ "192.0.2.1", 9 },
		{ "a b", 3 },
		{ "a\0b.example", 11 },
		{ "\0", 1 },
		{ "a..b", 4 },
		{ ".example", 8 },
		{ "caf\xc3\xa9.example", 13 },
		{ "a/b.example", 11 },
		{ ".", 1 },
		{ "2001:db8::1", 11 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		craft_message(&(struct hello_plan){ .name = bad[i].name, .name_len = bad[i].n });
		ck_assert_msg(parse_message() == OUTCOME_ABSENT, "case %zu", i);
		ck_assert_uint_eq(hello.name.len, 0);
	}
	craft_message(&(struct hello_plan){ .name = "a_b.example." });
	ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
	ck_assert_str_eq(hello.name.text, "a_b.example");
}
END_TEST

START_TEST(longest_name)
{
	char name[256];

	memset(name, 'a', sizeof(name));
	for (size_t i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	craft_message(&(struct hello_plan){ .name = name, .name_len = 253 });
	ck_assert_int_eq(parse_message(), OUTCOME_FOUND);
	ck_assert_uint_eq(hello.name.len, 253);
	craft_message(&(struct hello_plan){ .name = name, .name_len = 254 });
	ck_assert_int_eq(parse_message(), OUTCOME_ABSENT);
}
END_TEST

/* A hello whose server_name extension holds n raw bytes. */
static enum outcome parse_raw_sni(const char *bytes, size_t n)
{
	size_t body, all, ext;

	message.n = 0;
	body = put_hello_start(&message, 0x0303);
	all = block(&message, 2);
	put_n(&message, 0, 2);
	ext = block(&message, 2);
	put(&message, bytes, n);
	block_end(&message, ext, 2);
	block_end(&message, all, 2);
	block_end(&message, body, 3);
	return parse_message();
}

START_TEST(server_name_shapes)
{
	ck_assert_int_eq(parse_raw_sni("\0\4\0\0\1a", 6), OUTCOME_FOUND);
	ck_assert_str_eq(hello.name.text, "a");
	ck_assert_int_eq(parse_raw_sni("", 0), OUTCOME_ABSENT);
	ck_assert_int_eq(parse_raw_sni("\0\0", 2), OUTCOME_ABSENT);
	ck_assert_int_eq(parse_raw_sni("\0\3\0\0\0", 5), OUTCOME_ABSENT);
	/* Another type of name in front of the host name. */
	ck_assert_int_eq(parse_raw_sni("\0\11\7\0\2zz\0\0\1a", 11), OUTCOME_FOUND);
	ck_assert_str_eq(hello.name.text, "a");
	ck_assert_int_eq(parse_raw_sni("\0\5\7\0\2zz", 7), OUTCOME_ABSENT);
	/* Bytes behind the list, two host names, lengths that do not fit. */
	ck_assert_int_eq(parse_raw_sni("\0\4\0\0\1a!", 7), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_raw_sni("\0\10\0\0\1a\0\0\1b", 10), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_raw_sni("\0\4\0\0\2a", 6), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_raw_sni("\0\5\0\0\1a", 6), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_raw_sni("\0", 1), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(broken_hellos)
{
	static const uint16_t bad_version[] = { 0x0002, 0x0200, 0x02ff, 0x0305, 0x0403, 0xfefd };
	size_t body, all;

	for (size_t i = 0; i < sizeof(bad_version) / sizeof(*bad_version); i++) {
		craft_message(&(struct hello_plan){ .name = "a", .version = bad_version[i] });
		ck_assert_int_eq(parse_message(), OUTCOME_MALFORMED);
	}
	craft_message(&(struct hello_plan){ .name = "a" });
	message.at[0] = 2; /* ServerHello */
	ck_assert_int_eq(parse_message(), OUTCOME_MALFORMED);
	message.at[0] = 1;
	message.at[1] = 1; /* longer than any hello */
	ck_assert_int_eq(parse_message(), OUTCOME_MALFORMED);

	/* Bytes behind the extensions; server_name twice. */
	for (int twice = 0; twice < 2; twice++) {
		message.n = 0;
		body = put_hello_start(&message, 0x0303);
		all = block(&message, 2);
		put_server_name(&message, "a", 1);
		if (twice)
			put_server_name(&message, "a", 1);
		block_end(&message, all, 2);
		if (!twice)
			put_n(&message, 0, 1);
		block_end(&message, body, 3);
		ck_assert_int_eq(parse_message(), OUTCOME_MALFORMED);
	}
}
END_TEST

/* A hello with blocks of these sizes in front of its extensions. */
static enum outcome parse_sizes(size_t id, size_t suites, size_t methods)
{
	const size_t sizes[] = { id, suites, methods }, widths[] = { 1, 2, 1 };
	size_t body, b;

	message.n = 0;
	put_n(&message, 1, 1);
	body = block(&message, 3);
	put_n(&message, 0x0303, 2);
	put_fill(&message, 0x5a, 32);
	for (int i = 0; i < 3; i++) {
		b = block(&message, (unsigned)widths[i]);
		put_fill(&message, 0, sizes[i]);
		block_end(&message, b, (unsigned)widths[i]);
	}
	b = block(&message, 2);
	put_server_name(&message, "a", 1);
	block_end(&message, b, 2);
	block_end(&message, body, 3);
	return parse_message();
}

START_TEST(sizes_of_blocks)
{
	ck_assert_int_eq(parse_sizes(32, 4, 1), OUTCOME_FOUND);
	ck_assert_int_eq(parse_sizes(0, 2, 255), OUTCOME_FOUND);
	ck_assert_int_eq(parse_sizes(33, 4, 1), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_sizes(32, 5, 1), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_sizes(32, 0, 1), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse_sizes(32, 4, 0), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(whole_bytes_that_end_early)
{
	struct tls_hello out, before;
	struct reader r;

	memset(&before, 0x33, sizeof(before));
	craft_message(&(struct hello_plan){ .name = "a.example" });
	for (size_t n = 0; n < message.n; n++) {
		out = before;
		r = reader_whole(message.at, n);
		ck_assert_int_eq(tls_client_hello(&r, &out), OUTCOME_MALFORMED);
		r = reader_truncated(message.at, n, message.n - n);
		ck_assert_int_eq(tls_client_hello(&r, &out), OUTCOME_MORE);
		ck_assert_mem_eq(&out, &before, sizeof(out));
	}
	wire.n = 0;
	put_records(&wire, &message, 20);
	for (size_t n = 0; n < wire.n; n++) {
		r = reader_whole(wire.at, n);
		ck_assert_int_eq(tls_client_hello_records(&r, &out), OUTCOME_MALFORMED);
	}
	ck_assert_mem_eq(&out, &before, sizeof(out));
}
END_TEST

START_TEST(records_of_every_size)
{
	struct tls_hello out;

	craft_message(&(struct hello_plan){ .name = "cdn.example.net", .ech = true, .tail = 60 });
	for (size_t each = 1; each <= message.n + 1; each++) {
		wire.n = 0;
		put_records(&wire, &message, each);
		memset(&out, 0, sizeof(out));
		ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_FOUND);
		ck_assert_str_eq(out.name.text, "cdn.example.net");
		ck_assert(out.has_ech);
		check_cuts();
	}
}
END_TEST

START_TEST(largest_hello)
{
	struct tls_hello out;

	craft_message(&(struct hello_plan){ .name = "big.example" });
	craft_message(&(struct hello_plan){ .name = "big.example",
					    .padding = TLS_HELLO_MAX - message.n - 4 });
	ck_assert_uint_eq(message.n, TLS_HELLO_MAX);
	wire.n = 0;
	put_records(&wire, &message, 7000);
	ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_FOUND);
	ck_assert_str_eq(out.name.text, "big.example");
	wire.n = 0;
	put_records(&wire, &message, 16384);
	ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_FOUND);

	/* One byte more is refused by its header already, however it is cut up. */
	message.at[3]++;
	put_n(&message, 0, 1);
	for (size_t each = 48; each < 20000; each *= 4) {
		wire.n = 0;
		put_records(&wire, &message, each);
		ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_MALFORMED);
		ck_assert_int_eq(parse_records(30, &out), OUTCOME_MALFORMED);
	}
}
END_TEST

static enum outcome sslv2(size_t n)
{
	struct reader r = reader_prefix(wire.at, n);

	return tls_sslv2_hello(&r);
}

START_TEST(sslv2_hellos)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} bad[] = { { 0, 0 },  { 1, 0x2d }, { 2, 2 },	{ 3, 4 },  { 4, 5 },
		    { 6, 10 }, { 8, 15 },   { 10, 15 }, { 10, 33 } };

	wire.n = 0;
	put_n(&wire, 0x802e010301, 5);
	put_n(&wire, 0x000900000010, 6);
	put_fill(&wire, 0x11, 9 + 16 + 12);
	/* The length counts what follows it: 9 + 9 + 16. */
	wire.at[1] = 34;
	for (size_t cut = 0; cut <= wire.n; cut++)
		ck_assert_int_eq(sslv2(cut), cut < 11 ? OUTCOME_MORE : OUTCOME_FOUND);
	wire.at[3] = 0;
	wire.at[4] = 2;
	ck_assert_int_eq(sslv2(wire.n), OUTCOME_FOUND);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		uint8_t was = wire.at[bad[i].at];

		wire.at[bad[i].at] = bad[i].byte;
		ck_assert_msg(sslv2(wire.n) == OUTCOME_MALFORMED, "byte %zu", bad[i].at);
		wire.at[bad[i].at] = was;
	}
}
END_TEST

START_TEST(broken_records)
{
	struct tls_hello out;

	craft_message(&(struct hello_plan){ .name = "a.example" });
	for (size_t each = 50; each < 300; each += 200) {
		static const struct {
			size_t at;
			uint8_t byte;
		} bad[] = { { 0, 23 }, { 0, 21 }, { 1, 2 }, { 2, 5 }, { 3, 0x41 } };

		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			/* In the first record, then in the second, where there is one. */
			for (size_t start = 0; start + 5 < message.n; start += 55) {
				if (start && each > 200)
					break;
				wire.n = 0;
				put_records(&wire, &message, each);
				wire.at[start + bad[i].at] = bad[i].byte;
				ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_MALFORMED);
				ck_assert_int_eq(parse_records(start + 5, &out), OUTCOME_MALFORMED);
				check_cuts();
			}
		}
	}
	wire.n = 0;
	put_n(&wire, 0x1603010000, 5); /* an empty handshake record */
	ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_MALFORMED);
	wire.n = 0;
	put_records(&wire, &message, 16384);
	wire.at[3] = 0x40;
	wire.at[4] = 1; /* longer than a record can be */
	ck_assert_int_eq(parse_records(5, &out), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(other_streams)
{
	static const char *const streams[] = { "GET / HTTP/1.1\r\n",   "SSH-2.0-x\r\n",
					       "\x80\x2e\x01\x03\x01", "\x15\x03\x01\x00\x02",
					       "\x17\x03\x03\x00\x10", "\x16\xfe\xff" };
	struct tls_hello out;

	for (size_t i = 0; i < sizeof(streams) / sizeof(*streams); i++) {
		wire.n = 0;
		put_text(&wire, streams[i]);
		ck_assert_int_eq(parse_records(wire.n, &out), OUTCOME_MALFORMED);
	}
	ck_assert_int_eq(parse_records(0, &out), OUTCOME_MORE);
}
END_TEST

START_TEST(partial_tells_the_name_once_it_is_there)
{
	struct tls_hello out;
	struct reader r;
	size_t known = 0;
	enum outcome o;

	craft_message(&(struct hello_plan){ .name = "tv.example", .ech = true, .padding = 30 });
	for (size_t n = 0; n <= message.n; n++) {
		r = reader_prefix(message.at, n);
		o = tls_client_hello_partial(&r, &out);
		if (o == OUTCOME_FOUND) {
			known = known ? known : n;
			ck_assert_str_eq(out.name.text, "tv.example");
			ck_assert(out.has_ech || n < message.n);
			continue;
		}
		ck_assert_int_eq(o, OUTCOME_MORE);
		ck_assert_msg(!known, "lost at %zu", n);
	}
	ck_assert_uint_gt(known, 0);
	ck_assert_uint_lt(known, message.n - 40);
	/* The byte that makes it known is the last of the name. */
	ck_assert_mem_eq(message.at + known - 10, "tv.example", 10);

	wire.n = 0;
	put_records(&wire, &message, 64);
	r = reader_prefix(wire.at, wire.n - 1);
	ck_assert_int_eq(tls_client_hello_records(&r, &out), OUTCOME_MORE);
	r = reader_prefix(wire.at, wire.n - 1);
	ck_assert_int_eq(tls_client_hello_records_partial(&r, &out), OUTCOME_FOUND);
	ck_assert_str_eq(out.name.text, "tv.example");
	r = reader_prefix(wire.at, wire.n);
	ck_assert_int_eq(tls_client_hello_records_partial(&r, &out), OUTCOME_FOUND);
	ck_assert(out.has_ech);
}
END_TEST

START_TEST(partial_without_usable_name)
{
	struct tls_hello out;
	struct reader r;

	craft_message(&(struct hello_plan){ .name = "192.0.2.7", .tail = 30 });
	r = reader_prefix(message.at, message.n - 10);
	ck_assert_int_eq(tls_client_hello_partial(&r, &out), OUTCOME_ABSENT);
	ck_assert_uint_eq(out.name.len, 0);
	craft_message(&(struct hello_plan){ .tail = 30 });
	r = reader_prefix(message.at, message.n - 10);
	ck_assert_int_eq(tls_client_hello_partial(&r, &out), OUTCOME_MORE);
}
END_TEST

START_TEST(mutations_keep_their_answer)
{
	static const size_t sizes[] = { 16384, 100, 37, 5, 1 };
	uint32_t seed = 0x7ac37;
	int outcomes[4] = { 0 };
	struct tls_hello out;

	for (int round = 0; round < 1500; round++) {
		craft_message(&(struct hello_plan){
			.name = round % 5 ? "m.example.org" : "bad name",
			.ech = round % 3 == 0,
			.bare = round % 11 == 0,
			.tail = next_random(&seed) % 30,
		});
		if (round % 2)
			mutate(&message, &seed);
		wire.n = 0;
		put_records(&wire, &message, sizes[next_random(&seed) % 5]);
		mutate(&wire, &seed);
		outcomes[parse_records(wire.n, &out)]++;
		check_cuts();
	}
	for (int i = 0; i < 4; i++)
		ck_assert_msg(outcomes[i] > 0, "outcome %d never seen", i);
}
END_TEST

SUITE("dissect/tls", finds_name, flags, protocols, absent, unusable_names, longest_name,
      server_name_shapes, broken_hellos, sizes_of_blocks, whole_bytes_that_end_early,
      records_of_every_size, largest_hello, sslv2_hellos, broken_records, other_streams,
      partial_tells_the_name_once_it_is_there, partial_without_usable_name,
      mutations_keep_their_answer)
