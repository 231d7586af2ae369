/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JA4 against fingerprints that FoxIO publishes with the lists they are made of
 * (python/test/testdata of its repository), and what the rules say of odd hellos. */
#include "dissect/ja4.h"

#include "suite.h"
#include "unit/dissect/craft.h"

static struct craft hello;
static char got[JA4_SIZE];

struct offer {
	uint16_t version;
	const char *ciphers, *extensions, *signatures; /* "1301 1302"; signatures NULL: no such */
	const char *alpn;			       /* the first; NULL: no protocols in it */
	size_t alpn_len;			       /* 0: strlen */
	const char *versions;
};

static void put_list(const char *text)
{
	while (text && *text) {
		put_n(&hello, strtoul(text, NULL, 16), 2);
		text += strcspn(text, " ");
		text += *text == ' ';
	}
}

static void put_one_extension(uint16_t type, const struct offer *o)
{
	size_t ext, list, one;

	if (type == 0) {
		put_server_name(&hello, "a.example", 9);
		return;
	}
	put_n(&hello, type, 2);
	ext = block(&hello, 2);
	switch (type) {
	case 13:
		list = block(&hello, 2);
		put_list(o->signatures);
		block_end(&hello, list, 2);
		break;
	case 16:
		list = block(&hello, 2);
		if (o->alpn) {
			one = block(&hello, 1);
			put(&hello, o->alpn, o->alpn_len ? o->alpn_len : strlen(o->alpn));
			block_end(&hello, one, 1);
			put(&hello, "\x08http/1.1", 9);
		}
		block_end(&hello, list, 2);
		break;
	case 43:
		list = block(&hello, 1);
		put_list(o->versions);
		block_end(&hello, list, 1);
		break;
	default:
		put_fill(&hello, 0x77, type & 15);
	}
	block_end(&hello, ext, 2);
}

static void craft_offer(const struct offer *o)
{
	const char *at = o->extensions;
	size_t body, v;

	hello.n = 0;
	put_n(&hello, 1, 1);
	body = block(&hello, 3);
	put_n(&hello, o->version ? o->version : 0x0303, 2);
	put_fill(&hello, 0x5a, 32);
	put_n(&hello, 0, 1);
	v = block(&hello, 2);
	put_list(o->ciphers);
	block_end(&hello, v, 2);
	put_n(&hello, 0x0100, 2);
	if (at) {
		v = block(&hello, 2);
		while (*at) {
			put_one_extension((uint16_t)strtoul(at, NULL, 16), o);
			at += strcspn(at, " ");
			at += *at == ' ';
		}
		block_end(&hello, v, 2);
	}
	block_end(&hello, body, 3);
}

static bool fingerprint(enum ja4_transport t)
{
	struct reader r = reader_whole(hello.at, hello.n);

	memset(got, '?', sizeof got);
	return ja4_client_hello(&r, t, got);
}

static void check_offer(const struct offer *o, enum ja4_transport t, const char *want)
{
	craft_offer(o);
	ck_assert(fingerprint(t));
	ck_assert_str_eq(got, want);
}

#define CHROME_CIPHERS                                                                             \
	"0a0a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035"
#define CHROME_SIGNATURES "0403 0804 0401 0503 0805 0501 0806 0601"

/* Browsers and system libraries in FoxIO's captures; extensions in the order they came. */
START_TEST(published)
{
	check_offer(
		&(struct offer){
			.ciphers = CHROME_CIPHERS,
			.extensions = "aaaa 0023 ff01 0000 001b 0012 4469 002d 002b 000d 0010 0033 "
				      "000a 0005 0017 000b 1a1a 0015",
			.signatures = CHROME_SIGNATURES,
			.versions = "fafa 0304 0303",
			.alpn = "h2" },
		JA4_TCP, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	check_offer(
		&(struct offer){
			.ciphers = CHROME_CIPHERS,
			.extensions = "000d 0010 0000 000b 0023 4469 ff01 0033 000a 002d 002b 0005 "
				      "0017 0012 001b 0029",
			.signatures = CHROME_SIGNATURES,
			.versions = "0304 0303",
			.alpn = "h2" },
		JA4_TCP, "t13d1516h2_8daaf6152771_9b887d9acb53");
	check_offer(
		&(struct offer){
			.ciphers = "c02c c02b c030 c02f c024 c023 c028 c027 c00a c009 c014 c013 "
				   "009d 009c 003d 003c 0035 002f 000a",
			.extensions = "0000 0005 000a 000b 000d 0023 0017 ff01",
			.signatures = "0804 0805 0806 0401 0501 0201 0403 0503 0203 0202 0601 "
				      "0603" },
		JA4_TCP, "t12d190800_d83cc789557e_7af1ed941c26");
	check_offer(
		&(struct offer){
			.ciphers = CHROME_CIPHERS " 000a",
			.extensions = "0000 0017 ff01 000a 000b 0023 0010 0005 000d 0012 0033 002d "
				      "002b 001b 0015",
			.signatures = CHROME_SIGNATURES " 0201",
			.versions = "0304 0303 0302 0301",
			.alpn = "h2" },
		JA4_TCP, "t13d1615h2_46e7e9700bed_45f260be83e2");
	/* GREASE among the signature algorithms. */
	check_offer(
		&(struct offer){
			.ciphers = CHROME_CIPHERS,
			.extensions = "fe0d 0010 0017 0033 44cd ff01 000a 000d 0023 002b 000b ca34 "
				      "002d 0000 0005 001b 0012",
			.signatures = "0a0a 0904 0905 0906 " CHROME_SIGNATURES,
			.versions = "0304 0303",
			.alpn = "h2" },
		JA4_TCP, "t13d1517h2_8daaf6152771_cb7bf5808d99");
	/* Chrome over QUIC. */
	check_offer(
		&(struct offer){ .ciphers = "1301 1302 1303",
				 .extensions = "000a 0010 002d 000d 0000 4469 001b 0033 002b 0039",
				 .signatures = CHROME_SIGNATURES " 0201",
				 .versions = "0304",
				 .alpn = "h3" },
		JA4_QUIC, "q13d0310h3_55b375c5d22e_cd85d2d88918");
}
END_TEST

/* Bytes that are no letters or digits show as the ends of their hexadecimal form. */
START_TEST(alpn)
{
	static const struct {
		const char *alpn, *want;
	} cases[] = {
		{ "http/1.1", "h1" },	   { "x", "xx" },     { "\xab", "ab" },
		{ "\xab\xcd", "ad" },	   { "0\xab", "3b" }, { "01\xab\xcd", "3d" },
		{ "0\xab\xcd\x31", "01" }, { "-h2", "22" },   { "h2_", "6f" },
		{ "\"\\", "2c" },
	};
	struct offer o = { .ciphers = "1301", .extensions = "0010 002b", .versions = "0304" };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		o.alpn = cases[i].alpn;
		craft_offer(&o);
		ck_assert(fingerprint(JA4_TCP));
		ck_assert_msg(!strncmp(got + 8, cases[i].want, 2), "%zu: %s", i, got);
	}
	o.alpn = NULL;
	craft_offer(&o);
	ck_assert(fingerprint(JA4_TCP));
	ck_assert_msg(!strncmp(got, "t13i010200_", 11), "%s", got);
	o.alpn = "\0h2"; /* a protocol of no bytes, by its length */
	o.alpn_len = 1;
	craft_offer(&o);
	ck_assert(fingerprint(JA4_TCP));
	ck_assert_msg(!strncmp(got + 8, "00", 2), "%s", got);
}
END_TEST

START_TEST(versions)
{
	static const struct {
		uint16_t legacy;
		const char *versions, *want;
	} cases[] = {
		{ 0x0303, NULL, "12" },	       { 0x0302, NULL, "11" },
		{ 0x0301, NULL, "10" },	       { 0x0300, NULL, "s3" },
		{ 0x0002, NULL, "s2" },	       { 0x0305, NULL, "00" },
		{ 0x0303, "0304", "13" },      { 0x0303, "0303 0302", "12" },
		{ 0x0303, "0302", "11" },      { 0x0303, "6a6a 0304", "13" },
		{ 0x0303, "0303 0304", "13" }, { 0x0303, "7f1c", "00" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		craft_offer(&(struct offer){ .version = cases[i].legacy,
					     .ciphers = "1301",
					     .extensions = cases[i].versions ? "002b" : "000a",
					     .versions = cases[i].versions });
		ck_assert(fingerprint(JA4_TCP));
		ck_assert_msg(!strncmp(got + 1, cases[i].want, 2), "%zu: %s", i, got);
	}
}
END_TEST

START_TEST(empty_lists)
{
	/* No extensions at all, as TLS 1.0 clients do. */
	check_offer(&(struct offer){ .version = 0x0301, .ciphers = "1301 1302 1303" }, JA4_TCP,
		    "t10i030000_55b375c5d22e_000000000000");
	/* Nothing but GREASE; SNI and ALPN are counted, not hashed. */
	check_offer(&(struct offer){ .ciphers = "0a0a fafa", .extensions = "0000 0010 dada" },
		    JA4_TCP, "t12d000200_000000000000_000000000000");
	/* No signature algorithms: no '_' behind the extensions either. */
	check_offer(&(struct offer){ .ciphers = "1301 1302 1303",
				     .extensions = "002b 000a",
				     .versions = "0304" },
		    JA4_TCP, "t13i030200_55b375c5d22e_b0ac53b37fa7");
}
END_TEST

/* 0a1a and 1a0a look alike, and are none. */
START_TEST(grease)
{
	craft_offer(&(struct offer){ .ciphers = "0a1a 1a0a 0a0a 1a1a eaea 0b0b" });
	ck_assert(fingerprint(JA4_TCP));
	ck_assert_msg(!strncmp(got, "t12i0300", 8), "%s", got);
}
END_TEST

START_TEST(long_lists)
{
	size_t body, v;

	for (unsigned n = 99; n <= JA4_LIST_MAX + 1; n += n == 100 ? JA4_LIST_MAX - 100 : 1) {
		hello.n = 0;
		put_n(&hello, 1, 1);
		body = block(&hello, 3);
		put_n(&hello, 0x0303, 2);
		put_fill(&hello, 0, 33);
		v = block(&hello, 2);
		for (unsigned i = n; i--;)
			put_n(&hello, i, 2);
		block_end(&hello, v, 2);
		put_n(&hello, 0x0100, 2);
		block_end(&hello, body, 3);
		ck_assert(fingerprint(JA4_TCP) == (n <= JA4_LIST_MAX));
		ck_assert_msg(n > JA4_LIST_MAX || !strncmp(got, "t12i9900", 8), "%s", got);
	}
	ck_assert_int_eq(got[0], '?');
}
END_TEST

/* What is not whole has no fingerprint; damage of any kind ends without one or with one that is
 * well-formed. */
START_TEST(broken)
{
	static const struct offer o = { .ciphers = CHROME_CIPHERS,
					.extensions = "0000 0010 000d 002b 0033",
					.signatures = CHROME_SIGNATURES,
					.versions = "0304",
					.alpn = "h2" };
	uint32_t seed = 4;
	size_t whole;

	craft_offer(&o);
	whole = hello.n;
	for (hello.n = 0; hello.n < whole; hello.n++) {
		struct reader r = reader_prefix(hello.at, hello.n);

		ck_assert(!ja4_client_hello(&r, JA4_TCP, got));
		ck_assert(!fingerprint(JA4_TCP));
		ck_assert_int_eq(got[0], '?');
	}
	for (int i = 0; i < 20000; i++) {
		craft_offer(&o);
		mutate(&hello, &seed);
		if (!fingerprint(JA4_QUIC))
			continue;
		ck_assert_uint_eq(strlen(got), JA4_SIZE - 1);
		ck_assert_uint_eq(strspn(got, "0123456789abcdefghijklmnopqrstuvwxyz_"
					      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
				  JA4_SIZE - 1);
		ck_assert(got[10] == '_' && got[23] == '_');
	}
}
END_TEST

/* In records of any length; what is cut has none. */
START_TEST(records)
{
	static struct craft wire;
	struct reader r;

	craft_offer(&(struct offer){
		.ciphers = "1301 1302 1303", .extensions = "002b 000a 0000", .versions = "0304" });
	for (size_t each = 1; each <= hello.n; each++) {
		wire.n = 0;
		put_records(&wire, &hello, each);
		r = reader_prefix(wire.at, wire.n);
		ck_assert(ja4_client_hello_records(&r, got));
		ck_assert_str_eq(got, "t13d030300_55b375c5d22e_b0ac53b37fa7");
	}
	got[0] = '?';
	for (size_t n = 0; n < wire.n; n++) {
		r = reader_prefix(wire.at, n);
		ck_assert(!ja4_client_hello_records(&r, got));
	}
	wire.at[0] = 23;
	r = reader_prefix(wire.at, wire.n);
	ck_assert(!ja4_client_hello_records(&r, got));
	ck_assert_int_eq(got[0], '?');
}
END_TEST

SUITE("dissect/ja4", published, alpn, versions, empty_lists, grease, long_lists, broken, records)
