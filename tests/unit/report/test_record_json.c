/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as JSON lines. */
#include "unit/report/records.h"

#include "dissect/dns.h"
#include "process/process.h"
#include "suite.h"

static struct text out;

static void clear(void)
{
	text_done(&out);
}

START_TEST(test_flow_whole)
{
	struct flow_record r = blocked_flow();

	r.hostname = "living-room";
	report_flow_json(&out, &r, 0);
	ck_assert_str_eq(
		out.at, "{\"type\":\"flow\",\"id\":42,\"proto\":\"tcp\",\"src\":\"192.168.1.20\","
			"\"sport\":51234,\"dst\":\"198.51.100.7\",\"dport\":443,"
			"\"name\":\"logs.netflix.com\",\"via\":\"tls\",\"device\":\"tv\","
			"\"hostname\":\"living-room\",\"mac\":\"02:00:5e:10:00:01\",\"mac_local\":"
			"true,\"app\":\"netflix\",\"role\":\"telemetry\","
			"\"verdict\":\"block\",\"how\":\"reset\",\"reason\":\"list_block\","
			"\"list\":\"streaming\",\"rule\":\"||logs.netflix.com^\",\"reached\":true,"
			"\"first\":\"2026-01-31T20:15:00.123456Z\",\"last\":\"2026-01-31T20:15:01."
			"000000Z\","
			"\"packets_out\":5,\"bytes_out\":2301,\"packets_in\":4,\"bytes_in\":5210}");
}
END_TEST

START_TEST(test_flow_unknown_is_absent)
{
	struct flow_record r = { .proto = 17,
				 .dst = addr_of("2001:db8::1"),
				 .src = addr_of("fd00::20"),
				 .sport = 5353,
				 .dport = 443 };

	report_flow_json(&out, &r, 0);
	ck_assert_str_eq(out.at,
			 "{\"type\":\"flow\",\"id\":0,\"proto\":\"udp\",\"src\":\"fd00::20\","
			 "\"sport\":5353,\"dst\":\"2001:db8::1\",\"dport\":443,\"via\":\"none\","
			 "\"verdict\":\"allow\",\"reason\":\"no_rule\",\"reached\":false,"
			 "\"first\":\"1970-01-01T00:00:00.000000Z\","
			 "\"last\":\"1970-01-01T00:00:00.000000Z\",\"packets_out\":0,"
			 "\"bytes_out\":0,\"packets_in\":0,\"bytes_in\":0}");
}
END_TEST

START_TEST(test_flow_with_process)
{
	struct process p = {
		.comm = "curl", .pid = 12, .user = "ann", .cgroup = "user.slice/run-1.scope/x"
	};
	struct flow_record r = blocked_flow();
	struct dns_record d = { .process = &p };

	r.process = &p;
	report_flow_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(
		out.at, "\"mac_local\":true,\"process\":\"curl\",\"pid\":12,\"user\":\"ann\","
			"\"cgroup\":\"user.slice/run-1.scope/x\",\"unit\":\"run-1.scope\","
			"\"app\""));
	text_clear(&out);
	p = (struct process){ .user = "1000" };
	report_dns_json(&out, &d, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"user\":\"1000\",\"qname\""));
	ck_assert_ptr_null(strstr(out.at, "\"process\""));
	ck_assert_ptr_null(strstr(out.at, "\"cgroup\""));
}
END_TEST

START_TEST(test_flow_with_fingerprint)
{
	struct flow_record r = blocked_flow();

	r.ja4 = "t13d1516h2_8daaf6152771_e5627efa2ab1";
	report_flow_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(
		out.at,
		"\"via\":\"tls\",\"ja4\":\"t13d1516h2_8daaf6152771_e5627efa2ab1\",\"device\""));
}
END_TEST

/* What privacy took away leaves no trace. */
START_TEST(test_flow_without_source)
{
	struct flow_record r = blocked_flow();

	r.src.family = 0;
	report_flow_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"proto\":\"tcp\",\"dst\":\"198.51.100.7\","));
	ck_assert_ptr_null(strstr(out.at, "sport"));
}
END_TEST

START_TEST(test_flow_open_seq_and_proto)
{
	struct flow_record r = blocked_flow();
	json_t *root;

	r.is_open = true;
	r.proto = 132;
	report_flow_json(&out, &r, 9);
	ck_assert(
		!strncmp(out.at, "{\"seq\":9,\"type\":\"flow\",\"id\":42,\"state\":\"open\",", 46));
	root = parsed(&out);
	ck_assert_str_eq(json_string_value(json_object_get(root, "proto")), "132");
	json_decref(root);
}
END_TEST

START_TEST(test_dns_whole)
{
	struct name chain[2] = { name_of("a.example.net"), name_of("b.example.net") };
	struct dns_addr addrs[2] = { { .addr = addr_of("192.0.2.1") },
				     { .addr = addr_of("2001:db8::2") } };
	struct dns_record r = { .time_ns = INT64_C(1769890500000001000),
				.client = addr_of("192.168.1.20"),
				.server = addr_of("192.168.1.1"),
				.qname = name_of("www.example.com"),
				.qtype = DNS_AAAA,
				.answered = true,
				.chain_count = 2,
				.addr_count = 2,
				.chain = chain,
				.addrs = addrs };

	report_dns_json(&out, &r, 3);
	ck_assert_str_eq(out.at,
			 "{\"seq\":3,\"type\":\"dns\",\"time\":\"2026-01-31T20:15:00.000001Z\","
			 "\"client\":\"192.168.1.20\",\"server\":\"192.168.1.1\","
			 "\"qname\":\"www.example.com\",\"qtype\":\"AAAA\","
			 "\"chain\":[\"a.example.net\",\"b.example.net\"],"
			 "\"rcode\":\"NOERROR\",\"answers\":[\"192.0.2.1\",\"2001:db8::2\"],"
			 "\"verdict\":\"allow\",\"reason\":\"no_rule\"}");
}
END_TEST

/* What carried it is told where it is not UDP port 53. */
START_TEST(test_dns_carried_otherwise)
{
	struct dns_record r = { .server = addr_of("192.168.1.1"),
				.qname = name_of("www.example.com"),
				.qtype = DNS_A,
				.proto = 17,
				.port = 53 };

	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"server\":\"192.168.1.1\",\"qname\""));
	text_clear(&out);
	r.port = 8443;
	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"server\":\"192.168.1.1\",\"port\":8443,\"qname\""));
	text_clear(&out);
	r.proto = 6;
	r.port = 53;
	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(
		strstr(out.at, "\"server\":\"192.168.1.1\",\"proto\":\"tcp\",\"qname\""));
}
END_TEST

START_TEST(test_dns_unanswered_root)
{
	struct dns_record r = {
		.client = addr_of("192.168.1.20"),
		.server = addr_of("192.168.1.1"),
		.qtype = DNS_NS,
		.rcode = 3,
		.verdict = { .kind = VERDICT_LOG, .how = HOW_NXDOMAIN, .reason = REASON_PAUSED }
	};

	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"qname\":\".\",\"qtype\":\"NS\",\"verdict\":\"log\","
					     "\"how\":\"nxdomain\",\"reason\":\"paused\"}"));
	text_clear(&out);
	r.answered = true;
	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"rcode\":\"NXDOMAIN\",\"verdict\""));
	ck_assert_ptr_null(strstr(out.at, "answers"));
}
END_TEST

START_TEST(test_any_bytes_stay_json)
{
	struct flow_record r = blocked_flow();
	char app[256];

	for (int i = 1; i < 256; i++)
		app[i - 1] = (char)i;
	app[255] = '\0';
	r.verdict.app = app;
	r.verdict.list = "\xff\xfe\"\\\n";
	r.device = "wohnzimmer \xc3\xbc \xed\xa0\x80";
	r.name = name_of("a\\032b.example");
	report_flow_json(&out, &r, 1);
	ck_assert_ptr_null(strchr(out.at, '\n'));
	json_decref(parsed(&out));
}
END_TEST

START_TEST(test_lost)
{
	report_lost_json(&out, 12, 99);
	ck_assert_str_eq(out.at, "{\"seq\":99,\"type\":\"lost\",\"count\":12}");
}
END_TEST

START_TEST(test_lines_one_after_the_other)
{
	struct flow_record r = blocked_flow();
	size_t first;

	report_flow_json(&out, &r, 0);
	json_newline(&out);
	first = out.len;
	report_flow_json(&out, &r, 0);
	ck_assert_int_eq(out.at[first], '{');
}
END_TEST

START_TEST(test_privacy)
{
	static const struct {
		int level;
		bool allow, log, block;
	} rows[] = {
		{ 0, true, true, true },    { 1, false, true, true },	{ 2, false, true, true },
		{ 3, false, false, false }, { 4, false, false, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(report_may_name(rows[i].level, VERDICT_ALLOW) == rows[i].allow);
		ck_assert(report_may_name(rows[i].level, VERDICT_LOG) == rows[i].log);
		ck_assert(report_may_name(rows[i].level, VERDICT_BLOCK) == rows[i].block);
	}
}
END_TEST

START_TEST(test_refusal)
{
	static const struct catalogue_row row = { .breaks = "login", .evidence = "A seen" };
	struct refusal r = {
		.device = "tv",
		.client = addr_of("192.168.1.20"),
		.mac = mac_of("02:00:5e:10:00:01"),
		.name = name_of("logs.netflix.com"),
		.qtype = 28,
		.proto = 17,
		.count = 7,
		.first_ns = INT64_C(1769890500000000000),
		.last_ns = INT64_C(1769890501000000000),
		.verdict = blocked_flow().verdict,
	};

	report_refusal_json(&out, &r);
	ck_assert_str_eq(
		out.at,
		"{\"type\":\"refusal\",\"name\":\"logs.netflix.com\",\"qtype\":\"AAAA\","
		"\"client\":\"192.168.1.20\",\"device\":\"tv\",\"mac\":\"02:00:5e:10:00:01\","
		"\"mac_local\":true,\"count\":7,\"first\":\"2026-01-31T20:15:00.000000Z\","
		"\"last\":\"2026-01-31T20:15:01.000000Z\",\"app\":\"netflix\","
		"\"role\":\"telemetry\",\"verdict\":\"block\",\"how\":\"reset\","
		"\"reason\":\"list_block\",\"list\":\"streaming\","
		"\"rule\":\"||logs.netflix.com^\"}");
	clear();
	r = (struct refusal){ .proto = 6, .count = 1, .verdict.row = &row };
	report_refusal_json(&out, &r);
	ck_assert_ptr_nonnull(
		strstr(out.at, "{\"type\":\"refusal\",\"proto\":\"tcp\",\"count\":1,"));
	ck_assert_ptr_nonnull(strstr(out.at, "\"breaks\":\"login\",\"evidence\":\"A seen\"}"));
}
END_TEST

START_TEST(test_dns_of_many)
{
	struct dns_record r = { .repeats = 500, .until_ns = 1000000, .qtype = 1 };

	report_dns_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "\"time\":\"1970-01-01T00:00:00.000000Z\",\"until\":"
					     "\"1970-01-01T00:00:00.001000Z\",\"repeats\":500,"));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, NULL, clear);
	tcase_add_test(t, test_flow_whole);
	tcase_add_test(t, test_flow_unknown_is_absent);
	tcase_add_test(t, test_flow_with_fingerprint);
	tcase_add_test(t, test_flow_without_source);
	tcase_add_test(t, test_flow_open_seq_and_proto);
	tcase_add_test(t, test_dns_whole);
	tcase_add_test(t, test_dns_carried_otherwise);
	tcase_add_test(t, test_flow_with_process);
	tcase_add_test(t, test_dns_unanswered_root);
	tcase_add_test(t, test_any_bytes_stay_json);
	tcase_add_test(t, test_refusal);
	tcase_add_test(t, test_dns_of_many);
	tcase_add_test(t, test_lost);
	tcase_add_test(t, test_lines_one_after_the_other);
	tcase_add_test(t, test_privacy);
	return suite_end(t, "report/record_json");
}
