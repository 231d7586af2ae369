/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host names in DHCP requests of both families, cut at every byte. */
#include "dissect/dhcp.h"

#include "suite.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static uint8_t message[600];
static size_t length;

static void v4(uint8_t op, const uint8_t *options, size_t n)
{
	static const uint8_t cookie[] = { 0x63, 0x82, 0x53, 0x63 };

	memset(message, 0, sizeof message);
	message[0] = op;
	memcpy(message + 236, cookie, 4);
	memcpy(message + 240, options, n);
	length = 240 + n;
}

static void v6(const uint8_t *bytes, size_t n)
{
	memcpy(message, bytes, n);
	length = n;
}

/* The whole says `last`; every cut says MORE or the same. */
static void check(enum outcome (*parse)(struct reader *, struct dhcp_label *), enum outcome last,
		  const char *want)
{
	struct dhcp_label label = { .len = 0 };
	struct reader r;

	for (size_t cut = 0; cut < length; cut++) {
		enum outcome o;

		r = reader_truncated(message, cut, length - cut);
		o = parse(&r, &label);
		ck_assert_msg(o == OUTCOME_MORE || o == last, "cut %zu: %d", cut, o);
	}
	memset(&label, 0, sizeof label);
	r = reader_whole(message, length);
	ck_assert_int_eq(parse(&r, &label), last);
	ck_assert_str_eq(label.text, want);
	ck_assert_uint_eq(label.len, strlen(want));
}

START_TEST(version_4)
{
	v4(1, BYTES("\x35\x01\x03\x0c\x02tv\xff"));
	check(dhcp4_hostname, OUTCOME_FOUND, "tv");
	v4(1, BYTES("\x00\x00\x0c\x07tv.home\x00\x0c\x03set")); /* no end; the last counts */
	check(dhcp4_hostname, OUTCOME_FOUND, "set");
	v4(1, BYTES("\x0c\x03tv\0\xff"));
	check(dhcp4_hostname, OUTCOME_FOUND, "tv");
	v4(1, BYTES("\x35\x01\x03\xff\x0c\x02tv")); /* behind the end */
	check(dhcp4_hostname, OUTCOME_ABSENT, "");
	v4(1, BYTES("\x0c\x00\xff"));
	check(dhcp4_hostname, OUTCOME_ABSENT, "");
	v4(2, BYTES("\x0c\x02tv\xff")); /* a server's */
	check(dhcp4_hostname, OUTCOME_MALFORMED, "");
	v4(1, BYTES("\x0c\x09tv")); /* longer than the message */
	check(dhcp4_hostname, OUTCOME_MALFORMED, "");
}
END_TEST

START_TEST(version_4_fqdn)
{
	v4(1, BYTES("\x51\x0a\x05\x00\x00\x05shelf\x00\x0c\x02tv\xff"));
	check(dhcp4_hostname, OUTCOME_FOUND, "shelf");
	v4(1, BYTES("\x0c\x02tv\x51\x08\x00\x00\x00shelf\xff"));
	check(dhcp4_hostname, OUTCOME_FOUND, "shelf");
	v4(1, BYTES("\x51\x05\x04\x00\x00\x07x\x0c\x02tv\xff")); /* a label past its option */
	check(dhcp4_hostname, OUTCOME_FOUND, "tv");
}
END_TEST

START_TEST(version_6)
{
	v6(BYTES("\x01\xaa\xbb\xcc\x00\x08\x00\x02\x00\x00\x00\x27\x00\x0c\x01\x05shelf\x04home"));
	check(dhcp6_hostname, OUTCOME_FOUND, "shelf");
	v6(BYTES("\x0b\xaa\xbb\xcc\x00\x08\x00\x02\x00\x00"));
	check(dhcp6_hostname, OUTCOME_ABSENT, "");
	v6(BYTES("\x07\xaa\xbb\xcc\x00\x27\x00\x04\x01\x02tv")); /* a server's */
	check(dhcp6_hostname, OUTCOME_MALFORMED, "");
	v6(BYTES("\x01\xaa\xbb\xcc\x00\x27\x00\x09\x01\x02tv"));
	check(dhcp6_hostname, OUTCOME_MALFORMED, "");
}
END_TEST

SUITE("dissect/dhcp", version_4, version_4_fqdn, version_6)
