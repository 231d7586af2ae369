/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records that others may see: nothing of the household is left in them. */
#include <string.h>

#include "daemon/anonymize.h"
#include "report/report.h"
#include "suite.h"

static struct anonymizer *anonymizer;
static struct text out;

static void begin(void)
{
	anonymizer = anonymizer_new();
	ck_assert_ptr_nonnull(anonymizer);
}

static void end(void)
{
	anonymizer_free(anonymizer);
	text_done(&out);
}

static struct name name_of(const char *text)
{
	struct name n = { .len = (uint8_t)strlen(text) };

	memcpy(n.text, text, n.len + 1u);
	return n;
}

static struct flow_record flow(uint8_t device)
{
	struct flow_record r = { .hostname = "annas-ipad",
				 .sport = 50123,
				 .name = name_of("logs.netflix.com"),
				 .mac = { { 2, 0, 0, 0, 0, device } },
				 .verdict = { .kind = VERDICT_BLOCK,
					      .section = "[device anna]",
					      .list = "telemetry",
					      .has_rule = true,
					      .rule = { .match = RULE_SUFFIX,
							.name = name_of("netflix.com"),
							.modifiers = "client=anna" } } };

	addr_parse("192.168.1.20", &r.src);
	addr_parse("203.0.113.7", &r.dst);
	return r;
}

static const char *told(struct flow_record r)
{
	char buf[ANONYM_MAX];

	anonymize_flow(anonymizer, &r, buf);
	text_clear(&out);
	report_flow_json(&out, &r, 0);
	return out.at;
}

START_TEST(nothing_of_the_household_is_left)
{
	static const char *const never[] = { "anna",  "192.168",     "203.0.113",
					     "50123", "02:00:00:00", "mac_local" };
	struct flow_record r = flow(1);

	begin();
	ck_assert_ptr_nonnull(strstr(told(r), "\"device\":\"device-1\""));
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		ck_assert_msg(!strstr(out.at, never[i]), "%s is told: %s", never[i], out.at);
	ck_assert_ptr_nonnull(strstr(out.at, "logs.netflix.com"));
	ck_assert_ptr_nonnull(strstr(out.at, "\"list\":\"telemetry\""));
	end();
}
END_TEST

START_TEST(devices_keep_their_number)
{
	struct flow_record named = flow(1);

	begin();
	named.device = "anna";
	told(flow(1));
	ck_assert_ptr_nonnull(strstr(told(flow(2)), "device-2"));
	ck_assert_ptr_nonnull(strstr(told(flow(1)), "device-1"));
	ck_assert_ptr_nonnull(strstr(told(named), "device-3"));
	end();
}
END_TEST

START_TEST(names_that_tell_of_it)
{
	static const char *const rows[][2] = {
		{ "annas-ipad.lan", "(local name)" },
		{ "annas-ipad", "(local name)" },
		{ "_googlecast._tcp.local", "(local name)" },
		{ "tv.fritz.box", "(local name)" },
		{ "7.1.168.192.in-addr.arpa", "(reverse DNS)" },
		{ "b.0.ip6.arpa", "(reverse DNS)" },
		{ "203.0.113.9", "(an address)" },
		{ "atlan.example", "atlan.example" },
		{ "www.lan.example", "www.lan.example" },
		{ "orlan.com", "orlan.com" },
	};
	char buf[ANONYM_MAX];

	begin();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct flow_record f = flow(1);
		struct dns_record d = { .qname = name_of(rows[i][0]) };

		f.name = d.qname;
		anonymize_flow(anonymizer, &f, buf);
		anonymize_dns(anonymizer, &d, buf);
		ck_assert_str_eq(f.name.text, rows[i][1]);
		ck_assert_str_eq(d.qname.text, rows[i][1]);
		ck_assert_uint_eq(d.qname.len, strlen(rows[i][1]));
	}
	end();
}
END_TEST

START_TEST(answers_and_chains_go)
{
	struct name chain = name_of("annas-ipad.lan");
	struct dns_addr addr = { 0 };
	struct dns_record d = { .qname = name_of("a.example"),
				.answered = true,
				.chain = &chain,
				.chain_count = 1,
				.addrs = &addr,
				.addr_count = 1 };
	char buf[ANONYM_MAX];

	begin();
	anonymize_dns(anonymizer, &d, buf);
	ck_assert_uint_eq(d.chain_count + d.addr_count, 0);
	end();
}
END_TEST

SUITE("daemon/anonymize", nothing_of_the_household_is_left, devices_keep_their_number,
      names_that_tell_of_it, answers_and_chains_go)
