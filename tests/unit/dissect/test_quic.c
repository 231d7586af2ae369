/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QUIC datagrams: published packets, frames in any order, coalesced packets, many datagrams. */
#include "dissect/quic.h"

#include <stdlib.h>

#include "suite.h"
#include "unit/crypto/vectors.h"
#include "unit/dissect/seal.h"

static struct craft hello, frames, datagram;
static struct quic_hello found;
static const struct seal_plan plain_plan = { 0 };

static void start(void)
{
	hello.n = frames.n = datagram.n = 0;
	put_hello(&hello, &(struct hello_plan){ .name = "quic.example.org", .ech = true });
	memset(&found, 0x77, sizeof(found));
}

static enum outcome parse(void)
{
	struct reader r = reader_whole(datagram.at, datagram.n);

	return quic_client_hello(&r, &found);
}

static void check_found(void)
{
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_str_eq(found.tls.name.text, "quic.example.org");
	ck_assert(found.tls.has_ech);
}

static void seal(void)
{
	put_initial(&datagram, &plain_plan, &frames);
	frames.n = 0;
}

static void check_published_packets(int sample_no)
{
	static const struct {
		const char *hex;
		uint32_t version;
	} sample[] = { { packet_v1, 0x00000001 }, { packet_v2, 0x6b3343cf } };

	start();
	datagram.n = from_hex(sample[sample_no].hex, datagram.at, SAMPLE_PACKET);
	ck_assert_uint_eq(datagram.n, SAMPLE_PACKET);
	ck_assert_int_eq(parse(), OUTCOME_FOUND);
	ck_assert_str_eq(found.tls.name.text, "example.com");
	ck_assert_uint_eq(found.version, sample[sample_no].version);
	ck_assert(!found.tls.has_ech);
	datagram.at[700] ^= 1;
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
}

START_TEST(published_packets)
{
	for (int i = 0; i < 2; i++)
		check_published_packets(i);
}
END_TEST

START_TEST(server_packet_is_not_the_clients)
{
	start();
	datagram.n = from_hex(server_packet_v1, datagram.at, 200);
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(versions)
{
	static const uint32_t version[] = { 1,		0x6b3343cf, 0xff00001d, 0xff000022,
					    0xff000017, 0xff000016, 0xfaceb002 };

	for (size_t i = 0; i < sizeof(version) / sizeof(*version); i++) {
		start();
		put_crypto(&frames, &hello, 0, hello.n);
		put_initial(&datagram, &(struct seal_plan){ .version = version[i] }, &frames);
		check_found();
		ck_assert_uint_eq(found.version, version[i]);
	}
}
END_TEST

START_TEST(google_crypto_frames)
{
	static const uint32_t version[] = { 0x54303530, 0x54303531, 1 };

	for (size_t i = 0; i < 3; i++) {
		start();
		put_crypto(&frames, &hello, 0, hello.n);
		frames.at[0] = 8;
		put_initial(&datagram, &(struct seal_plan){ .version = version[i] }, &frames);
		ck_assert_int_eq(parse(), i < 2 ? OUTCOME_FOUND : OUTCOME_MALFORMED);
	}
}
END_TEST

START_TEST(packet_numbers_and_tokens)
{
	for (size_t pn_len = 1; pn_len <= 4; pn_len++)
		for (size_t token = 0; token < 300; token += 70) {
			start();
			put_crypto(&frames, &hello, 0, hello.n);
			put_initial(&datagram,
				    &(struct seal_plan){ .pn_len = pn_len,
							 .packet_number = 200 + pn_len,
							 .token = token },
				    &frames);
			check_found();
		}
}
END_TEST

START_TEST(frames_out_of_order_and_overlapping)
{
	size_t third;

	start();
	third = hello.n / 3;
	put_crypto(&frames, &hello, 2 * third, hello.n);
	put_fill(&frames, 0, 5);
	put_crypto(&frames, &hello, third - 7, 2 * third + 9);
	put_fill(&frames, 1, 2);
	put_crypto(&frames, &hello, third, third + 1);
	put_crypto(&frames, &hello, 0, third);
	put_crypto(&frames, &hello, 0, third);
	put_fill(&frames, 0, 300);
	seal();
	check_found();
}
END_TEST

START_TEST(single_bytes_backwards)
{
	start();
	for (size_t i = hello.n; i; i--)
		put_crypto(&frames, &hello, i - 1, i);
	seal();
	check_found();
}
END_TEST

START_TEST(other_frames_are_passed_over)
{
	start();
	/* ACK of three ranges, ACK with ECN counts, CONNECTION_CLOSE with a reason. */
	put(&frames, "\x02\x10\x00\x02\x01\x40\x41\x02\x03\x04", 10);
	put(&frames, "\x03\x05\x00\x00\x01\x07\x08\x09", 8);
	put_crypto(&frames, &hello, 0, 40);
	put(&frames,
	    "\x1c\x40\x80\x06\x03"
	    "bye",
	    8);
	put_crypto(&frames, &hello, 40, hello.n);
	seal();
	check_found();
}
END_TEST

START_TEST(broken_frames)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "\x1d\x00\x00\x00\x00\x00", 6 },	   /* not allowed in an Initial */
		{ "\x08\x00\x00\x00\x00\x00", 6 },	   /* a STREAM */
		{ "\x40\x06\x00\x00\x00\x00", 6 },	   /* a type not in its shortest form */
		{ "\x06\x00\x44\x00\x01\x02", 6 },	   /* CRYPTO longer than the packet */
		{ "\x06\xff\xff\xff\xff\xff\xff\xff", 8 }, /* an offset that is cut */
		{ "\x02\x10\x00\x3f\x00\x00\x00", 7 },	   /* ACK ranges that are not there */
		{ "\x02\x10\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00", 12 },
		{ "\x1c\x00\x06\x3f\x00\x00", 6 }, /* a reason that is not there */
		{ "\x1c\x00\x06\xff\xff\xff\xff\xff\xff\xff\xff", 11 },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start();
		put(&frames, bad[i].bytes, bad[i].n);
		seal();
		ck_assert_msg(parse() == OUTCOME_MALFORMED, "case %zu", i);
	}
	/* No frame at all (RFC 9000, 12.4). */
	start();
	put_initial(&datagram, &(struct seal_plan){ .pn_len = 4 }, &frames);
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(hello_that_is_none)
{
	start();
	hello.at[0] = 2;
	put_crypto(&frames, &hello, 0, hello.n);
	seal();
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
	start();
	hello.n = 0;
	put_hello(&hello, &(struct hello_plan){ .name = NULL });
	put_crypto(&frames, &hello, 0, hello.n);
	seal();
	ck_assert_int_eq(parse(), OUTCOME_ABSENT);
	ck_assert_uint_eq(found.tls.name.len, 0);
	ck_assert_uint_eq(found.version, 1);
}
END_TEST

START_TEST(far_offsets)
{
	/* Bytes that nobody keeps: no harm, no answer. */
	start();
	put(&frames, "\x06\xff\xff\xff\xff\xff\xff\xff\xff\x02zz", 12);
	put(&frames, "\x06\x60\x00\x04zzzz", 8);
	put(&frames, "\x06\x5f\xfe\x04zzzz", 8);
	seal();
	ck_assert_int_eq(parse(), OUTCOME_MORE);
	put_crypto(&frames, &hello, 0, hello.n);
	seal();
	check_found();
}
END_TEST

START_TEST(coalesced)
{
	/* An Initial with an ACK, a 0-RTT and a Handshake packet, then the Initial that counts. */
	start();
	put(&frames, "\x02\x00\x00\x00\x00", 5);
	seal();
	put(&datagram, "\xd0\x00\x00\x00\x01\x00\x00\x05zzzzz", 13);
	put(&datagram,
	    "\xe0\x00\x00\x00\x01\x02"
	    "ab\x01z\x40\x03zzz",
	    15);
	ck_assert_int_eq(parse(), OUTCOME_MORE);
	put_crypto(&frames, &hello, 0, hello.n);
	seal();
	check_found();
	/* A short header packet or padding behind it. */
	put(&datagram, "\x40zzzzzzzzzz", 11);
	check_found();
}
END_TEST

START_TEST(two_halves_in_one_datagram)
{
	start();
	put_crypto(&frames, &hello, 100, hello.n);
	seal();
	put_fill(&datagram, 0, 77); /* padded behind, then another: segmentation offload */
	put_crypto(&frames, &hello, 0, 100);
	put_initial(&datagram, &(struct seal_plan){ .packet_number = 1 }, &frames);
	check_found();
}
END_TEST

START_TEST(not_quic)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
		{ "", 0 },
		{ "\x00\x01\x00\x00", 4 },
		{ "\xc0\x00\x00\x00\x01", 5 },
		{ "\xc0\x00\x00\x00\x02\x00\x00\x00\x01\x00", 10 }, /* unknown version */
		{ "\x80\x00\x00\x00\x00\x08"
		  "abcdefgh\x00",
		  15 }, /* version negotiation */
		{ "\xf0\x00\x00\x00\x01\x00\x00token-and-tag-of-a-retry", 31 },
		{ "\xc0\x00\x00\x00\x01\x08"
		  "abcdefgh\x00\x7f\xff",
		  17 }, /* token too long */
		{ "\xc0\x00\x00\x00\x01\x15"
		  "abcdefghijklmnopqrstu\x00\x00\x04zzzz",
		  33 },
		{ "\xc0\x00\x00\x00\x01\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 15 },
		{ "\xe0\x00\x00\x00\x01\x00\x00\x03zzz", 11 },	   /* a Handshake packet alone */
		{ "\xc0\x00\x00\x00\x01\x00\x00\x00\x03zzz", 12 }, /* too short to be sealed */
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		start();
		put(&datagram, bad[i].bytes, bad[i].n);
		ck_assert_msg(parse() == OUTCOME_MALFORMED, "case %zu", i);
	}
}
END_TEST

START_TEST(over_long_packet)
{
	start();
	put_crypto(&frames, &hello, 0, hello.n);
	put_fill(&frames, 0, QUIC_PACKET_MAX);
	seal();
	ck_assert_int_eq(parse(), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(cut_captures)
{
	struct quic_hello before;
	enum outcome o;

	start();
	put_crypto(&frames, &hello, 0, hello.n);
	seal();
	before = found;
	for (size_t n = 0; n <= datagram.n; n++) {
		struct reader r = reader_truncated(datagram.at, n, datagram.n - n);

		o = quic_client_hello(&r, &found);
		ck_assert_int_eq(o, n < datagram.n ? OUTCOME_MORE : OUTCOME_FOUND);
		if (n < datagram.n)
			ck_assert_mem_eq(&found, &before, sizeof(found));
	}
}
END_TEST

static enum outcome add(struct quic_assembly *a)
{
	struct reader r = reader_whole(datagram.at, datagram.n);
	enum outcome o = quic_assembly_add(a, &r, &found);

	datagram.n = frames.n = 0;
	return o;
}

static void check_datagrams_in_any_order(int sample_no)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
					      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	struct quic_assembly a;
	size_t third;

	start();
	third = hello.n / 3;
	quic_assembly_init(&a);
	for (unsigned i = 0; i < 3; i++) {
		unsigned part = orders[sample_no][i];

		put_crypto(&frames, &hello, part * third, part == 2 ? hello.n : (part + 1) * third);
		/* Later Initials carry the server's ID, and keep the keys. */
		put_initial(&datagram,
			    &(struct seal_plan){ .packet_number = part,
						 .dcid = i ? "srv" : "tacet-01",
						 .keyed_by = "tacet-01" },
			    &frames);
		ck_assert_int_eq(add(&a), i < 2 ? OUTCOME_MORE : OUTCOME_FOUND);
	}
	ck_assert_str_eq(found.tls.name.text, "quic.example.org");
	ck_assert(found.tls.has_ech);
}

START_TEST(datagrams_in_any_order)
{
	for (int i = 0; i < 6; i++)
		check_datagrams_in_any_order(i);
}
END_TEST

START_TEST(assembly_starts_anew_after_a_retry)
{
	struct quic_assembly a;
	struct craft *other = malloc(sizeof(*other));

	ck_assert_ptr_nonnull(other);
	start();
	quic_assembly_init(&a);
	/* Half a hello; then, under the ID of a Retry, a whole one that differs. */
	put_crypto(&frames, &hello, 0, hello.n / 2);
	seal();
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	other->n = 0;
	put_hello(other, &(struct hello_plan){ .name = "second.example" });
	put_crypto(&frames, other, 20, other->n);
	put_initial(&datagram, &(struct seal_plan){ .dcid = "retried!", .token = 40 }, &frames);
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	put_crypto(&frames, other, 0, 20);
	put_initial(&datagram, &(struct seal_plan){ .dcid = "retried!", .token = 40 }, &frames);
	ck_assert_int_eq(add(&a), OUTCOME_FOUND);
	ck_assert_str_eq(found.tls.name.text, "second.example");
	free(other);
}
END_TEST

START_TEST(assembly_and_what_is_no_initial)
{
	struct quic_assembly a;

	start();
	quic_assembly_init(&a);
	put_text(&datagram, "not quic at all");
	ck_assert_int_eq(add(&a), OUTCOME_MALFORMED);
	put_crypto(&frames, &hello, 0, 50);
	seal();
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	put_text(&datagram, "not quic at all");
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	/* Bytes sent twice: the first stay. */
	hello.at[30] ^= 0xff;
	put_crypto(&frames, &hello, 0, 60);
	hello.at[30] ^= 0xff;
	seal();
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	ck_assert_uint_eq(a.ready, 60);
	ck_assert_mem_eq(a.bytes, hello.at, 60);
	/* Broken frames of the client itself. */
	put_fill(&frames, 0x1f, 8);
	seal();
	ck_assert_int_eq(add(&a), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(assembly_partial)
{
	struct quic_assembly a;

	start();
	quic_assembly_init(&a);
	ck_assert_int_eq(quic_assembly_partial(&a, &found), OUTCOME_MORE);
	put_crypto(&frames, &hello, 0, hello.n - 1);
	seal();
	ck_assert_int_eq(add(&a), OUTCOME_MORE);
	ck_assert_int_eq(quic_assembly_partial(&a, &found), OUTCOME_FOUND);
	ck_assert_str_eq(found.tls.name.text, "quic.example.org");
	ck_assert_uint_eq(found.version, 1);
}
END_TEST

START_TEST(long_header)
{
	struct reader r = reader_whole("\xc3"
				       "Q046\x04"
				       "abcd\x00zz",
				       13);
	uint32_t version = 0;

	ck_assert(quic_is_long_header(&r, &version));
	ck_assert_uint_eq(version, 0x51303436);
	for (size_t n = 0; n < 11; n++) {
		r = reader_whole("\xc3"
				 "Q046\x04"
				 "abcd\x00zz",
				 n);
		ck_assert(!quic_is_long_header(&r, &version));
		r = reader_truncated("\xc3"
				     "Q046\x04"
				     "abcd\x00zz",
				     n, 40);
		ck_assert(!quic_is_long_header(&r, &version));
	}
	r = reader_whole("\x83"
			 "Q046\x04"
			 "abcd\x00zz",
			 13); /* fixed bit */
	ck_assert(!quic_is_long_header(&r, &version));
	r = reader_whole("\x43"
			 "Q046\x04"
			 "abcd\x00zz",
			 13); /* short header */
	ck_assert(!quic_is_long_header(&r, &version));
	r = reader_whole("\xc3\0\0\0\0\x04"
			 "abcd\x00zz",
			 13); /* version negotiation */
	ck_assert(!quic_is_long_header(&r, &version));
	r = reader_whole("\xc3"
			 "Q046\x15"
			 "abcdefghijklmnopqrstu\x00",
			 28);
	ck_assert(!quic_is_long_header(&r, &version));
	ck_assert_uint_eq(version, 0x51303436);
}
END_TEST

START_TEST(mutated_frames)
{
	uint32_t seed = 0xbeef1;
	int outcomes[4] = { 0 };

	for (int round = 0; round < 3000; round++) {
		start();
		put_crypto(&frames, &hello, 60, hello.n);
		put(&frames, "\x02\x10\x00\x01\x01\x40\x41\x02", 8);
		put_crypto(&frames, &hello, 0, 60);
		mutate(&frames, &seed);
		seal();
		if (round % 4 == 0)
			mutate(&datagram, &seed);
		outcomes[parse()]++;
	}
	ck_assert_int_gt(outcomes[OUTCOME_FOUND], 0);
	ck_assert_int_gt(outcomes[OUTCOME_MORE], 0);
	ck_assert_int_gt(outcomes[OUTCOME_MALFORMED], 0);
}
END_TEST

SUITE("dissect/quic", published_packets, server_packet_is_not_the_clients, versions,
      google_crypto_frames, packet_numbers_and_tokens, frames_out_of_order_and_overlapping,
      single_bytes_backwards, other_frames_are_passed_over, broken_frames, hello_that_is_none,
      far_offsets, coalesced, two_halves_in_one_datagram, not_quic, over_long_packet, cut_captures,
      datagrams_in_any_order, assembly_starts_anew_after_a_retry, assembly_and_what_is_no_initial,
      assembly_partial, long_header, mutated_frames)
