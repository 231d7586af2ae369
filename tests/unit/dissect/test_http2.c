/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 from the preface to the first host; header blocks of RFC 7541, appendix C. */
#include "dissect/http2.h"

#include "dissect/hpack.h"
#include "suite.h"
#include "unit/dissect/craft.h"

#define PREFACE	    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define SETTINGS    "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\144"
#define BLOCK(text) (text), sizeof(text) - 1
#define PLAIN	    BLOCK("\x82\x86\x84\x41\x0fwww.example.com")

static struct craft wire;
static struct http_head head;

static enum outcome parse(size_t n)
{
	struct reader r = reader_prefix(wire.at, n);

	memset(&head, 0, sizeof(head));
	return http2_request_host(&r, &head);
}

static void begin(void)
{
	wire.n = 0;
	put(&wire, PREFACE, sizeof(PREFACE) - 1);
	put(&wire, SETTINGS, sizeof(SETTINGS) - 1);
}

static void put_frame(unsigned type, unsigned flags, uint32_t stream, const void *p, size_t n)
{
	put_n(&wire, n, 3);
	put_n(&wire, type, 1);
	put_n(&wire, flags, 1);
	put_n(&wire, stream, 4);
	put(&wire, p, n);
}

/* Every cut says MORE or what the whole says. */
static void check(enum outcome last, const char *host)
{
	for (size_t cut = 0; cut <= wire.n; cut++) {
		enum outcome o = parse(cut);

		ck_assert_msg(o == last || o == OUTCOME_MORE, "cut %zu of %zu: %d", cut, wire.n, o);
		if (o == OUTCOME_FOUND)
			ck_assert_str_eq(head.host.text, host);
	}
	ck_assert_int_eq(parse(wire.n), last);
}

static void check_block(enum outcome last, const char *host, const void *p, size_t n)
{
	begin();
	put_frame(1, 4, 1, p, n);
	check(last, host);
	/* In pieces of every size, which must not matter. */
	for (size_t each = 1; each <= n; each++) {
		begin();
		for (size_t i = 0; i < n; i += each) {
			size_t piece = n - i < each ? n - i : each;

			put_frame(i ? 9 : 1, i + piece == n ? 4 : 0, 1, (const char *)p + i, piece);
		}
		check(last, host);
	}
}

START_TEST(blocks)
{
	check_block(OUTCOME_FOUND, "www.example.com", PLAIN);
	check_block(OUTCOME_FOUND, "www.example.com",
		    BLOCK("\x82\x86\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"));
	/* Never indexed, without indexing; with a port. */
	check_block(OUTCOME_FOUND, "a.example",
		    BLOCK("\x82\x11\x0d"
			  "a.example:443"));
	check_block(OUTCOME_FOUND, "a.example",
		    BLOCK("\x82\x01\x09"
			  "a.example"));
	/* The name as a literal, plain and coded. */
	check_block(OUTCOME_FOUND, "b.example",
		    BLOCK("\x40\x0a:authority\x09"
			  "b.example"));
	check_block(OUTCOME_FOUND, "b.example",
		    BLOCK("\x82\0\x04host\x09"
			  "b.example"));
	check_block(OUTCOME_FOUND, "b.example",
		    BLOCK("\x82\x66\x09"
			  "b.example"));
	/* Other fields before it, a new table size first. */
	check_block(OUTCOME_FOUND, "c.example",
		    BLOCK("\x20\x3f\xe1\x1f\x82\x40\x05x-one\x03two\xbe\x41\x09"
			  "c.example"));
	/* The table refers to a name that came before; the host is the first of its kind. */
	check_block(OUTCOME_FOUND, "d.example",
		    BLOCK("\x82\x04\x02/x\x41\x09"
			  "d.example\xbe"));
}
END_TEST

START_TEST(without_host)
{
	check_block(OUTCOME_ABSENT, "", BLOCK("\x82\x86\x84"));
	check_block(OUTCOME_ABSENT, "", BLOCK("\x82\x81"));
	check_block(OUTCOME_ABSENT, "", BLOCK("\x82\x41\x09two names"));
	check_block(OUTCOME_ABSENT, "",
		    BLOCK("\x40\x03"
			  "abc\x03"
			  "def\xbe"));
	begin();
	put_n(&wire, 4 + HPACK_TEXT_MAX + 10, 3);
	put_n(&wire, 0x010400000001, 6);
	put_n(&wire, 0x417fb701, 4); /* 310 as 127 + 55 + 128 */
	put_fill(&wire, 'a', HPACK_TEXT_MAX + 10);
	ck_assert_int_eq(parse(wire.n), OUTCOME_ABSENT);
}
END_TEST

START_TEST(broken_blocks)
{
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x80"));	/* index 0 */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\xbe"));	/* nothing there yet */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x7e\x01x")); /* nor its name */
	check_block(OUTCOME_MALFORMED, "",
		    BLOCK("\x41\x09"
			  "a.ex"));				       /* ends early */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x3f\xe2\x1f"));     /* 4,097 */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x41\x81\xfe"));     /* wrong padding */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x41\x82\xff\xff")); /* a byte of padding */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\x41\x84\xff\xff\xff\xff")); /* EOS */
	check_block(OUTCOME_MALFORMED, "", BLOCK("\xff\xff\xff\xff\xff\xff\x01"));
	/* Emptied by a size of 0. */
	check_block(OUTCOME_MALFORMED, "",
		    BLOCK("\x40\x03"
			  "abc\x03"
			  "def\x20\xbe"));
}
END_TEST

START_TEST(frames)
{
	static const char settings[] = { 0, 3, 0, 0, 0, 100 };
	static const char padded[] = "\3\x80\0\0\0\xff\x82\x41\x09"
				     "a.example\0\0\0";
	static const char update[] = { 0, 1, 0, 0 };

	begin();
	put_frame(8, 0, 0, update, 4);
	put_frame(2, 0, 3, "\0\0\0\0\1", 5);
	put_frame(0xfb, 7, 1, "grease", 6);
	put_frame(1, 4 | 8 | 0x20, 1, padded, sizeof(padded) - 1);
	check(OUTCOME_FOUND, "a.example");

	begin();
	put_frame(1, 4 | 8, 1, "\4abc", 4); /* more padding than there is */
	check(OUTCOME_MALFORMED, "");
	begin();
	put_frame(1, 4, 0, PLAIN);
	check(OUTCOME_MALFORMED, "");
	for (unsigned type = 0; type < 10; type++) {
		begin();
		put_frame(type, 4, 1, "\x82\x84", 2);
		ck_assert_int_eq(parse(wire.n), type == 1 ? OUTCOME_ABSENT
						: type == 2 || type == 4 || type == 6 || type == 8
							? OUTCOME_MORE
							: OUTCOME_MALFORMED);
	}
	/* Something between a block and its continuation, or of another stream. */
	begin();
	put_frame(1, 0, 1, "\x82", 1);
	put_frame(4, 0, 0, settings, 6);
	check(OUTCOME_MALFORMED, "");
	begin();
	put_frame(1, 0, 1, "\x82", 1);
	put_frame(9, 4, 3, "\x84", 1);
	check(OUTCOME_MALFORMED, "");
	/* It does not matter any more behind the host. */
	begin();
	put_frame(1, 0, 1, PLAIN);
	put_frame(4, 0, 0, settings, 6);
	check(OUTCOME_FOUND, "www.example.com");
	begin();
	put_n(&wire, 16385, 3);
	put_n(&wire, 0x010400000001, 6);
	check(OUTCOME_MALFORMED, "");
}
END_TEST

START_TEST(prefaces)
{
	static const char *const other[] = { "PRI * HTTP/2.1", "GET / HTTP/1.1", "PRI\r\n" };

	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		wire.n = 0;
		put_text(&wire, other[i]);
		ck_assert_int_eq(parse(wire.n), OUTCOME_MALFORMED);
	}
	wire.n = 0;
	put(&wire, PREFACE, sizeof(PREFACE) - 1);
	put_frame(1, 4, 1, PLAIN);
	ck_assert_int_eq(parse(wire.n), OUTCOME_MALFORMED); /* SETTINGS come first */
}
END_TEST

START_TEST(bounds)
{
	static uint8_t fill[16384];

	/* A block over its bound; then requests that do not come. */
	begin();
	put_frame(1, 0, 1, fill, 0);
	memset(fill, 0x82, sizeof(fill));
	put_frame(9, 0, 1, fill, 16000);
	ck_assert_int_eq(parse(wire.n), OUTCOME_MORE);
	put_frame(9, 0, 1, fill, 1000);
	ck_assert_int_eq(parse(wire.n), OUTCOME_MALFORMED);
	begin();
	for (int i = 0; i < 4; i++)
		put_frame(0xfb, 0, 0, fill, sizeof(fill));
	ck_assert_int_eq(parse(HTTP2_START_MAX - 1), OUTCOME_MORE);
	ck_assert_int_eq(parse(wire.n), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(mutations_keep_their_answer)
{
	uint32_t seed = 0x7541;
	int outcomes[4] = { 0 };

	for (int round = 0; round < 4000; round++) {
		enum outcome last;
		struct name name;

		begin();
		put_frame(1, round % 2 ? 4 : 0, 1,
			  BLOCK("\x82\x40\x05x-one\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4"
				"\xff\xbe\x86\x7e\x02no"));
		put_frame(round % 2 ? 0xb : 9, 4, 1,
			  BLOCK("\x84\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"));
		mutate(&wire, &seed);
		last = parse(wire.n);
		name = head.host;
		outcomes[last]++;
		for (size_t cut = 0; cut < wire.n; cut++) {
			enum outcome o = parse(cut);

			ck_assert_msg(o == OUTCOME_MORE || o == last, "round %d cut %zu", round,
				      cut);
			if (o == OUTCOME_FOUND)
				ck_assert(name_equal(&head.host, &name));
		}
	}
	for (int i = 0; i < 4; i++)
		ck_assert_msg(outcomes[i] > 0, "outcome %d never seen", i);
}
END_TEST

SUITE("dissect/http2", blocks, without_host, broken_blocks, frames, prefaces, bounds,
      mutations_keep_their_answer)
