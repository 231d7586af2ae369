/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, sessions, companions and suspects as JSON, and under the table of an audit. */
#include "unit/report/records.h"

#include "report/audit_text.h"
#include "suite.h"

static struct text out;

static void clear(void)
{
	text_done(&out);
}

START_TEST(test_device)
{
	struct device_record r = { .mac = { { 0xf4, 0xf5, 0xd8, 1, 2, 3 } },
				   .device = "tv",
				   .is_configured = true,
				   .vendor = "Google, Inc.",
				   .addrs = { addr_of("192.168.1.20"), addr_of("2001:db8::1") },
				   .addr_count = 2,
				   .apps = { "netflix" },
				   .app_count = 1 };

	report_device_json(&out, &r);
	ck_assert_str_eq(out.at,
			 "{\"type\":\"device\",\"device\":\"tv\",\"mac\":\"f4:f5:d8:01:02:03\","
			 "\"name_from\":\"configuration\",\"vendor\":\"Google, Inc.\","
			 "\"addresses\":[\"192.168.1.20\",\"2001:db8::1\"],"
			 "\"apps\":[\"netflix\"],"
			 "\"first\":\"1970-01-01T00:00:00.000000Z\","
			 "\"last\":\"1970-01-01T00:00:00.000000Z\"}");
	text_clear(&out);
	r = (struct device_record){ .device = "device-1f", .hostname_from = DEVICE_NAME_NONE };
	report_device_json(&out, &r);
	ck_assert_ptr_null(strstr(out.at, "name_from")); /* a pseudonym is from nowhere */
	text_clear(&out);
	r = (struct device_record){ .hostname = "den", .hostname_from = DEVICE_NAME_LEASE };
	report_device_json(&out, &r);
	ck_assert_ptr_nonnull(strstr(out.at, "\"hostname\":\"den\",\"name_from\":\"lease\""));
}
END_TEST

static struct app_session session_of(int n)
{
	return (struct app_session){ .app = "hulu",
				     .number = (uint32_t)n,
				     .first_ns = n * 60000000000,
				     .last_ns = n * 60000000000 + 30000000000,
				     .contacts = 7,
				     .trackers = 2 };
}

START_TEST(test_session_and_companion)
{
	struct app_session s = session_of(1);
	struct companion c = { .app = "hulu", .sessions = 4, .of = 5, .contacts = 9 };
	struct session_record r = { .device = "tv", .session = &s };
	struct companion_record k = { .addr = addr_of("192.168.1.20"), .companion = &c };

	report_session_json(&out, &r, 3);
	ck_assert_str_eq(out.at,
			 "{\"seq\":3,\"type\":\"session\",\"device\":\"tv\",\"app\":\"hulu\","
			 "\"number\":1,\"first\":\"1970-01-01T00:01:00.000000Z\","
			 "\"last\":\"1970-01-01T00:01:30.000000Z\",\"contacts\":7,\"trackers\":2}");
	text_clear(&out);
	s.is_open = true;
	report_session_json(&out, &r, 0);
	ck_assert_ptr_nonnull(strstr(out.at, "{\"type\":\"session\",\"state\":\"open\","));
	text_clear(&out);
	strcpy(c.name.text, "sdk.example");
	report_companion_json(&out, &k);
	ck_assert_ptr_nonnull(strstr(
		out.at, "{\"type\":\"companion\",\"name\":\"sdk.example\",\"src\":\"192.168.1.20\","
			"\"app\":\"hulu\",\"sessions\":4,\"of\":5,\"contacts\":9,"));
	text_clear(&out);
	*c.app = '\0';
	report_companion_json(&out, &k);
	ck_assert_ptr_null(strstr(out.at, "\"of\""));
}
END_TEST

static struct suspect suspect(void)
{
	struct suspect s = { .devices = 2,
			     .apps = 1,
			     .app = { "hulu" },
			     .bursts = 40,
			     .period_ms = 15020,
			     .regular_permille = 975,
			     .flows = 3,
			     .bytes_out = 40000,
			     .bytes_in = 9000,
			     .is_periodic = true,
			     .is_shared = true };

	strcpy(s.name.text, "quiet.example");
	return s;
}

START_TEST(test_suspect)
{
	struct suspect s = suspect();

	report_suspect_json(&out, &s);
	ck_assert_ptr_nonnull(strstr(
		out.at, "{\"type\":\"suspect\",\"name\":\"quiet.example\","
			"\"why\":[\"periodic\",\"shared\"],\"bursts\":40,\"period_ms\":15020,"
			"\"regular_permille\":975,\"devices\":2,\"apps\":[\"hulu\"],\"flows\":3,"
			"\"bytes_out\":40000,\"bytes_in\":9000,"));
	text_clear(&out);
	s.period_ms = 0;
	report_suspect_json(&out, &s);
	ck_assert_ptr_null(strstr(out.at, "period_ms"));
}
END_TEST

START_TEST(test_under_the_table)
{
	struct audit *a = audit_new(10), *b = audit_new(10);
	struct suspect s = suspect();
	struct companion c = { .app = "hulu", .sessions = 4, .of = 5 };
	struct companion_record k = { .device = "tv", .companion = &c };

	audit_habits_text(a, 0, &out);
	ck_assert_uint_eq(out.len, 0); /* nothing, and no heading */
	strcpy(c.name.text, "sdk.example");
	for (int i = 0; i < AUDIT_HABITS + 4; i++) {
		struct app_session one = session_of(i);
		struct session_record r = { .device = "tv", .session = &one };

		audit_session(b, &r);
	}
	audit_companion(b, &k);
	audit_suspect(b, &s);
	audit_merge(a, b);
	audit_free(b);
	audit_habits_text(a, 0, &out);
	ck_assert_ptr_nonnull(strstr(out.at,
				     "    1970-01-01 00:01:00-00:01:30  tv  hulu  7 contacts, "
				     "2 with trackers of others\n"));
	ck_assert_ptr_nonnull(strstr(out.at, "    and 240 more\n"));
	ck_assert_ptr_nonnull(strstr(out.at, "    sdk.example  in 4 of 5 of hulu on tv\n"));
	ck_assert_ptr_nonnull(strstr(out.at,
				     "    quiet.example  every 15.0 s (97 %)  by 2 devices, 1 "
				     "app  40.0 kB up, 9.0 kB down\n"));
	text_clear(&out);
	audit_habits_text(a, 31, &out);
	ck_assert_ptr_nonnull(strstr(out.at, "\n    quiet.example  every 15.0 s\n"));
	audit_free(a);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, NULL, clear);
	tcase_add_test(t, test_device);
	tcase_add_test(t, test_session_and_companion);
	tcase_add_test(t, test_suspect);
	tcase_add_test(t, test_under_the_table);
	return suite_end(t, "report/habit_json");
}
