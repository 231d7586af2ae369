/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of $dnsrewrite: the short and the full form are one, and what is none is refused. */
#include <string.h>

#include "rule/modifiers.h"
#include "rule/rewrite.h"
#include "suite.h"

START_TEST(values)
{
	static const struct {
		const char *value;
		enum rewrite_kind kind;
		const char *text, *addr;
	} rows[] = {
		{ "", REWRITE_ALL, "", NULL },
		{ "NXDOMAIN", REWRITE_NXDOMAIN, "NXDOMAIN", NULL },
		{ "NXDOMAIN;;", REWRITE_NXDOMAIN, "NXDOMAIN", NULL },
		{ "REFUSED;A;192.0.2.1", REWRITE_REFUSED, "REFUSED", NULL },
		{ "SERVFAIL", REWRITE_REFUSED, "SERVFAIL", NULL },
		{ "NOERROR", REWRITE_NODATA, "NOERROR", NULL },
		{ "NOERROR;;", REWRITE_NODATA, "NOERROR", NULL },
		{ "192.0.2.1", REWRITE_ADDRESS, "192.0.2.1", "192.0.2.1" },
		{ "NOERROR;A;192.0.2.1", REWRITE_ADDRESS, "192.0.2.1", "192.0.2.1" },
		{ "NOERROR;aaaa;2001:DB8:0::1", REWRITE_ADDRESS, "2001:db8::1", "2001:db8::1" },
		{ "0.0.0.0", REWRITE_NULL, "0.0.0.0", "0.0.0.0" },
		{ "::", REWRITE_NULL, "::", "::" },
		/* Keywords are in capitals. */
		{ "nxdomain", REWRITE_CNAME, "nxdomain", NULL },
		{ "Other.example.", REWRITE_CNAME, "other.example", NULL },
		{ "NOERROR;CNAME;other.example", REWRITE_CNAME, "other.example", NULL },
		{ "NOERROR;MX;10 Mail.example", REWRITE_RECORD, "mx;10 mail.example", NULL },
		{ "NOERROR;TXT;a;b", REWRITE_RECORD, "txt;a;b", NULL },
	};
	char text[64];
	struct rewrite got;
	struct addr addr;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *value = rows[i].value;
		ck_assert_msg(rewrite_parse(value, strlen(value), &got, text, sizeof text), "%s",
			      value);
		ck_assert_msg(got.kind == rows[i].kind, "%s: %d", value, got.kind);
		ck_assert_str_eq(text, rows[i].text);
		if (rows[i].addr)
			ck_assert(addr_parse(rows[i].addr, &addr) && addr_equal(&addr, &got.addr));
		/* A buffer that is a byte too short. */
		ck_assert(!rewrite_parse(value, strlen(value), &got, text, strlen(rows[i].text)));
	}
}
END_TEST

START_TEST(no_values)
{
	static const char *const rows[] = {
		"NOERROR;A;",	     "NOERROR;A;::1", "NOERROR;AAAA;192.0.2.1",	 "NOERROR;BOGUS;1",
		"OFTEN;A;1.1.1.1",   "NOERROR;MX;",   "NOERROR;CNAME;*.example", "*.example",
		"A:NOERROR:1.2.3.4", "a b",
	};
	char text[64];
	struct rewrite got;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(!rewrite_parse(rows[i], strlen(rows[i]), &got, text, sizeof text),
			      "%s", rows[i]);
}
END_TEST

/* As rules hold them: among other modifiers, with escapes, or missing in a damaged index. */
START_TEST(of_rules)
{
	const struct rule address = { .modifiers = "client=a\\,dnsrewrite=x,dnsrewrite=192.0.2.1" };
	const struct rule record = { .modifiers = "dnsrewrite=txt;NXDOMAIN,dnstype=txt" };
	const struct rule all = { .modifiers = "dnsrewrite,dnstype=a" }, none = { .modifiers = "" };
	const struct rule same = { .modifiers = "dnsrewrite=192.0.2.1" };
	const struct rule longer = { .modifiers = "dnsrewrite=192.0.2.11" };

	ck_assert_int_eq(rewrite_of(&address).kind, REWRITE_ADDRESS);
	ck_assert_int_eq(rewrite_of(&record).kind, REWRITE_RECORD);
	ck_assert_int_eq(rewrite_of(&none).kind, REWRITE_ALL);
	ck_assert(rewrite_excepts(&all, &address) && rewrite_excepts(&all, &record));
	ck_assert(rewrite_excepts(&same, &address) && !rewrite_excepts(&same, &record));
	ck_assert(!rewrite_excepts(&longer, &address) && !rewrite_excepts(&address, &longer));
}
END_TEST

START_TEST(what_is_refused)
{
	ck_assert(rewrite_refuses(REWRITE_NULL) && rewrite_refuses(REWRITE_NODATA) &&
		  rewrite_refuses(REWRITE_NXDOMAIN) && rewrite_refuses(REWRITE_REFUSED));
	ck_assert(!rewrite_refuses(REWRITE_ADDRESS) && !rewrite_refuses(REWRITE_CNAME) &&
		  !rewrite_refuses(REWRITE_RECORD));
}
END_TEST

SUITE("rule/rewrite", values, no_values, of_rules, what_is_refused)
