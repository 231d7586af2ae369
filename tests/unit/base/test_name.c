/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names: what is taken, what is refused, what lies under what. */
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "suite.h"

static struct name name_of(const char *text)
{
	struct name n;

	ck_assert_msg(name_from_text(text, strlen(text), &n), "%s is not taken", text);
	return n;
}

/* A name out of labels, as the DNS gives them. */
static struct name name_of_labels(const char *const *labels)
{
	struct name n = { 0 };

	for (; *labels; labels++)
		ck_assert(name_append_label(&n, (const uint8_t *)*labels, strlen(*labels)));
	return n;
}

START_TEST(host_names)
{
	static const char *const good[][2] = {
		{ "example.com", "example.com" },
		{ "Example.COM.", "example.com" },
		{ "localhost", "localhost" },
		{ "_dmarc.a-b.Co.UK", "_dmarc.a-b.co.uk" },
		{ "*.example.com", "*.example.com" },
		{ "a.*.com", "a.*.com" },
		{ "*", "*" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example" },
		{ "192.0.2.1", "192.0.2.1" },
	};
	static const char *const bad[] = {
		"",	  ".",	    "..",     ".a",	      "a..b",	"a..",	"a b",	 "a/b",
		"a*.com", "**.com", "*a.com", "b\xc3\xbc.de", "a.b:80", "a\\b", "[::1]", "a,b",
	};
	struct name n = { .len = 3, .text = "old" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!name_from_text(bad[i], strlen(bad[i]), &n), "%s is taken", bad[i]);
	ck_assert_str_eq(n.text, "old");
	ck_assert(!name_from_text("a\0b", 3, &n));
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		n = name_of(good[i][0]);
		ck_assert_str_eq(n.text, good[i][1]);
		ck_assert_uint_eq(n.len, strlen(good[i][1]));
	}
	/* Only the given length counts. */
	ck_assert(name_from_text("example.com/path", 11, &n));
	ck_assert_str_eq(n.text, "example.com");
}
END_TEST

START_TEST(limits)
{
	char text[300];
	struct name n;

	memset(text, 'a', sizeof(text));
	ck_assert(name_from_text(text, 63, &n));
	ck_assert(!name_from_text(text, 64, &n));
	for (size_t i = 63; i < sizeof(text); i += 64)
		text[i] = '.';
	ck_assert(name_from_text(text, 253, &n));
	ck_assert_uint_eq(n.len, 253);
	ck_assert(!name_from_text(text, 254, &n));
	text[253] = '.'; /* a final dot is not counted */
	ck_assert(name_from_text(text, 254, &n));
	ck_assert_uint_eq(n.len, 253);
	text[254] = '.';
	ck_assert(!name_from_text(text, 255, &n));
}
END_TEST

START_TEST(labels_of_dns)
{
	static const char *const plain[] = { "WWW", "Example", "com", NULL };
	static const char *const odd[] = { "a.b", "c\\d", "e f", "g\x01\xff*", "com", NULL };
	uint8_t label[64];
	struct name n = name_of_labels(plain);

	ck_assert_str_eq(n.text, "www.example.com");
	ck_assert_uint_eq(n.len, 15);
	n = name_of_labels(odd);
	ck_assert_str_eq(n.text, "a\\.b.c\\\\d.e\\032f.g\\001\\255*.com");
	ck_assert_uint_eq(name_labels(n.text), 5);

	memset(label, 'x', sizeof(label));
	ck_assert(!name_append_label(&n, label, 64));
	ck_assert(!name_append_label(&n, label, 0));
	n.len = 0;
	for (int i = 0; i < 3; i++)
		ck_assert(name_append_label(&n, label, 63));
	ck_assert(name_append_label(&n, label, 61));
	ck_assert_uint_eq(n.len, 253);
	n = (struct name){ 0 };
	for (int i = 0; i < 3; i++)
		ck_assert(name_append_label(&n, label, 63));
	ck_assert(!name_append_label(&n, label, 62));
	ck_assert_uint_eq(n.len, 191); /* untouched */
	ck_assert_uint_eq(strlen(n.text), 191);
	/* One label of 63 escaped bytes is 252 characters; nothing fits behind it. */
	memset(label, 0, sizeof(label));
	n = (struct name){ 0 };
	ck_assert(name_append_label(&n, label, 63));
	ck_assert_uint_eq(n.len, 252);
	ck_assert(!name_append_label(&n, label, 1));
}
END_TEST

START_TEST(under)
{
	static const char *const escaped[] = { "a.example", "com", NULL };
	static const char *const slash[] = { "a\\", "example", "com", NULL };
	struct name com = name_of("example.com"), www = name_of("www.example.com");
	struct name other = name_of("badexample.com"), tld = name_of("com"), n;

	ck_assert(name_under(&com, &com));
	ck_assert(name_under(&www, &com));
	ck_assert(name_under(&www, &tld));
	ck_assert(!name_under(&com, &www));
	ck_assert(!name_under(&other, &com));
	ck_assert(!name_under(&com, &(struct name){ 0 }));
	ck_assert(!name_under(&(struct name){ 0 }, &com));
	n = name_of_labels(escaped);
	ck_assert(!name_under(&n, &com));
	ck_assert(name_under(&n, &tld));
	n = name_of_labels(slash);
	ck_assert(name_under(&n, &com));
	ck_assert(name_equal(&com, &com));
	ck_assert(!name_equal(&com, &other));
	ck_assert(!name_equal(&com, &tld));
}
END_TEST

START_TEST(parents)
{
	ck_assert_str_eq(name_parent("a.b.c"), "b.c");
	ck_assert_str_eq(name_parent("c"), "");
	ck_assert_str_eq(name_parent(""), "");
	ck_assert_str_eq(name_parent("a\\.b.c"), "c");
	ck_assert_str_eq(name_parent("a\\\\.c"), "c");
	ck_assert_str_eq(name_parent("a\\"), "");
	ck_assert_uint_eq(name_labels(""), 0);
	ck_assert_uint_eq(name_labels("com"), 1);
	ck_assert_uint_eq(name_labels("a.b.c"), 3);
}
END_TEST

START_TEST(address_literals)
{
	static const char *const yes[] = { "192.0.2.1", "::1", "[2001:db8::1]", "2001:db8::1" };
	static const char *const no[] = { "",
					  "[]",
					  "example.com",
					  "1.2.3",
					  "[192.0.2.1]",
					  "[::1",
					  "[0000:0000:0000:0000:0000:0000:0000:0000:0000:00]",
					  "1.2.3.4.in-addr.arpa" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		ck_assert_msg(name_is_address(yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		ck_assert_msg(!name_is_address(no[i]), "%s", no[i]);
}
END_TEST

SUITE("base/name", host_names, limits, labels_of_dns, under, parents, address_literals)
