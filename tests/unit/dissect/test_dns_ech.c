/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers without keys of Encrypted ClientHello: what is left out, and all that has to follow. */
#include "dissect/dns.h"
#include "suite.h"
#include "unit/dissect/craft.h"

/* A question for a.test, and records with a name compressed to it. */
#define QUESTION "\1a\4test\0\0\101\0\1"
#define OWNER	 "\300\14"
#define ALPN	 "\0\1\0\3\2h2"
#define ECH	 "\0\5\0\4\1\2\3\4"
#define HINT	 "\0\4\0\4\313\0\161\7"
#define AD	 0x20

static struct craft in, wanted;
static uint8_t out[CRAFT_MAX];

static void start(struct craft *c, uint8_t flags, unsigned answers, unsigned more)
{
	c->n = 0;
	put_n(c, 0xbeef8100 | flags, 4);
	put_n(c, 1, 2);
	put_n(c, answers, 2);
	put_n(c, 0, 2);
	put_n(c, more, 2);
	put(c, QUESTION, sizeof QUESTION - 1);
}

static void record(struct craft *c, unsigned type, const void *data, size_t n)
{
	size_t at;

	put(c, OWNER, 2);
	put_n(c, type, 2);
	put_n(c, 1, 2);
	put_n(c, 300, 4);
	at = block(c, 2);
	put(c, data, n);
	block_end(c, at, 2);
}

#define RECORD(c, type, data) record(c, type, data, sizeof(data) - 1)

static enum outcome told(size_t room, size_t *out_n)
{
	struct reader r = reader_whole(in.at, in.n);

	memset(out, 0xee, sizeof out);
	return dns_without_ech(&r, out, room, out_n);
}

static void is_told(void)
{
	size_t n = 0;

	ck_assert_int_eq(told(sizeof out, &n), OUTCOME_FOUND);
	ck_assert_uint_eq(n, wanted.n);
	ck_assert_mem_eq(out, wanted.at, n);
}

START_TEST(the_parameter_goes_and_the_rest_stays)
{
	start(&in, 0x80 | AD, 2, 1);
	RECORD(&in, DNS_HTTPS, "\0\1\0" ALPN HINT ECH);
	RECORD(&in, DNS_A, "\313\0\161\7");
	put(&in, "\0\0\51\4\320\0\0\200\0\0\0", 11); /* OPT */
	start(&wanted, 0x80, 2, 1);
	RECORD(&wanted, DNS_HTTPS, "\0\1\0" ALPN HINT);
	RECORD(&wanted, DNS_A, "\313\0\161\7");
	put(&wanted, "\0\0\51\4\320\0\0\200\0\0\0", 11);
	is_told();
}
END_TEST

/* Behind the parameter a name moves, and what points to it with it. */
START_TEST(compressed_names_follow)
{
	size_t there;

	start(&in, 0, 3, 0);
	RECORD(&in, DNS_SVCB, "\0\1\0" ECH);
	there = in.n + 12;
	RECORD(&in, DNS_CNAME, "\1b\300\16");
	put(&in, "\300", 1);
	put_n(&in, there, 1);
	put(&in, "\0\17\0\1\0\0\0\1\0\4\0\12\300", 13); /* MX */
	put_n(&in, there, 1);

	start(&wanted, 0, 3, 0);
	RECORD(&wanted, DNS_SVCB, "\0\1\0");
	RECORD(&wanted, DNS_CNAME, "\1b\300\16");
	put(&wanted, "\300", 1);
	put_n(&wanted, there - 8, 1);
	put(&wanted, "\0\17\0\1\0\0\0\1\0\4\0\12\300", 13);
	put_n(&wanted, there - 8, 1);
	is_told();
}
END_TEST

/* A client that is told of a key it must know, and does not find it, throws the record away. */
START_TEST(mandatory_forgets_it)
{
	start(&in, 0, 2, 0);
	RECORD(&in, DNS_HTTPS, "\0\1\0\0\0\0\4\0\1\0\5" ALPN ECH);
	RECORD(&in, DNS_HTTPS, "\0\2\0\0\0\0\2\0\5" ALPN ECH);
	start(&wanted, 0, 2, 0);
	RECORD(&wanted, DNS_HTTPS, "\0\1\0\0\0\0\2\0\1" ALPN);
	RECORD(&wanted, DNS_HTTPS, "\0\2\0" ALPN);
	is_told();
}
END_TEST

START_TEST(nothing_to_take_out)
{
	size_t n;

	start(&in, AD, 3, 0);
	RECORD(&in, DNS_HTTPS, "\0\1\0" ALPN HINT);
	RECORD(&in, DNS_HTTPS, "\0\0\1x\0"); /* an alias */
	RECORD(&in, 0xff00, "\0\1\0" ECH);   /* a private type: its data is its own */
	ck_assert_int_eq(told(sizeof out, &n), OUTCOME_ABSENT);
	in.n -= 30;
	ck_assert_int_eq(told(sizeof out, &n), OUTCOME_ABSENT);
}
END_TEST

START_TEST(what_cannot_be_told_without)
{
	size_t n;

	start(&in, 0, 1, 1);
	RECORD(&in, DNS_HTTPS, "\0\1\0" ECH);
	RECORD(&in, 250, "\0\0"); /* TSIG signs it all */
	ck_assert_int_eq(told(sizeof out, &n), OUTCOME_MALFORMED);

	start(&in, 0, 1, 0);
	RECORD(&in, DNS_HTTPS, "\0\1\0" ECH);
	for (size_t room = 0; room < in.n - 8; room++)
		ck_assert_int_eq(told(room, &n), OUTCOME_MALFORMED);
	ck_assert_int_eq(told(in.n - 8, &n), OUTCOME_FOUND);
	ck_assert_uint_eq(out[n], 0xee);

	start(&in, 0, 2, 0); /* a name that points to what is gone */
	RECORD(&in, DNS_HTTPS, "\0\1\0" ECH);
	n = in.n - 2;
	RECORD(&in, DNS_CNAME, "\300\50");
	in.at[in.n - 1] = (uint8_t)n;
	ck_assert_int_eq(told(sizeof out, &n), OUTCOME_MALFORMED);
}
END_TEST

SUITE("dissect/dns_ech", the_parameter_goes_and_the_rest_stays, compressed_names_follow,
      mandatory_forgets_it, nothing_to_take_out, what_cannot_be_told_without)
