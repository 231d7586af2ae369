/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of an audit for people. */
#include "unit/report/records.h"
#include "suite.h"

static struct text out;
static struct audit *audit;

static void begin(void)
{
	audit = audit_new(1000);
	ck_assert_ptr_nonnull(audit);
}

static void clear(void)
{
	audit_free(audit);
	text_done(&out);
}

static void flow(const char *device, const char *app, const char *name, enum role role,
		 enum verdict_kind kind)
{
	struct flow_record r = flow_to(device, app, name, role, kind);

	audit_flow(audit, &r);
}

static void question(const char *device, const char *app, const char *name, enum role role)
{
	struct dns_record r = { .client = addr_of("192.168.1.20"),
				.device = device,
				.qname = name_of(name),
				.verdict = { .kind = VERDICT_BLOCK,
					     .how = HOW_NXDOMAIN,
					     .role = role,
					     .app = app,
					     .list = "streaming" } };

	audit_dns(audit, &r);
}

static void household(void)
{
	flow("tv", "netflix", "api.netflix.com", ROLE_API, VERDICT_ALLOW);
	flow("tv", "netflix", "oca.nflxvideo.net", ROLE_CONTENT, VERDICT_ALLOW);
	flow("tv", "netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_BLOCK);
	question("tv", "netflix", "logs.netflix.com", ROLE_TELEMETRY);
	question("tv", "netflix", "logs.netflix.com", ROLE_TELEMETRY);
	flow("stick", "roku", "scribe.logs.roku.com", ROLE_TELEMETRY, VERDICT_LOG);
	flow("stick", NULL, "example.com", ROLE_NONE, VERDICT_ALLOW);
	flow("stick", "roku", "cooper.logs.roku.com", ROLE_ANALYTICS, VERDICT_ALLOW);
}

START_TEST(test_pipe)
{
	household();
	audit_table(audit, NULL, 0, false, &out);
	ck_assert_str_eq(
		out.at,
		"    NAME                  ROLE       VERDICT               FLOWS  ASKED      UP   "
		" "
		"DOWN  LIST\n"
		"stick\n"
		"  roku\n"
		"    scribe.logs.roku.com  telemetry  log reset                 1      0  2.3 kB  "
		"5.2 kB  streaming\n"
		"    cooper.logs.roku.com  analytics  allow                     1      0  2.3 kB  "
		"5.2 kB  -\n"
		"  -\n"
		"    example.com           -          allow                     1      0  2.3 kB  "
		"5.2 kB  -\n"
		"tv\n"
		"  netflix\n"
		"    logs.netflix.com      telemetry  block nxdomain,reset      1      2  2.3 kB  "
		"5.2 kB  streaming\n"
		"    api.netflix.com       api        allow                     1      0  2.3 kB  "
		"5.2 kB  -\n"
		"    oca.nflxvideo.net     content    allow                     1      0  2.3 kB  "
		"5.2 kB  -\n"
		"\n"
		"2 devices, 2 apps, 6 names; 6 flows, 2 questions; 13.8 kB up, 31.3 kB down.\n"
		"By role: content 1 name, 2.3 kB up; api 1 name, 2.3 kB up; telemetry 2 names, "
		"4.6 kB up; analytics 1 name, 2.3 kB up.\n"
		"2 of 2 apps phone home: 3 names, 6.9 kB up; 2 names would be blocked.\n");
}
END_TEST

/* The longest line without its colours. */
static size_t widest(const char *at)
{
	size_t most = 0, n = 0;

	for (; *at; at++) {
		if (*at == '\033')
			at += strcspn(at, "m");
		else if (*at == '\n')
			n = 0;
		else if (++n > most)
			most = n;
	}
	return most;
}

START_TEST(test_widths)
{
	household();
	flow("tv", "netflix",
	     "a-very-long-label-of-a-content-server.of-some-inner-part.europe.nflxvideo.net",
	     ROLE_CONTENT, VERDICT_ALLOW);
	for (unsigned width = 1; width < 200; width++) {
		text_clear(&out);
		audit_table(audit, NULL, width, width & 1, &out);
		if (width >= 20)
			ck_assert_msg(widest(out.at) <= width, "%u:\n%s", width, out.at);
		if (width >= 60)
			ck_assert_msg(strstr(out.at, "nflxvideo.net") != NULL, "%u:\n%s", width,
				      out.at);
		/* Columns give way one by one, and only where they have to. */
		ck_assert_msg((strstr(out.at, "LIST") != NULL) == (width >= 102), "%u", width);
		ck_assert_msg((strstr(out.at, "ROLE") != NULL) == (width >= 61), "%u", width);
	}
}
END_TEST

START_TEST(test_colour_only_if_asked)
{
	household();
	audit_table(audit, NULL, 0, false, &out);
	ck_assert_ptr_null(strchr(out.at, '\033'));
	text_clear(&out);
	audit_table(audit, NULL, 80, true, &out);
	ck_assert_ptr_nonnull(strstr(out.at, "\033[31m    logs.netflix.com "));
	ck_assert_ptr_nonnull(strstr(out.at, "\033[33m    scribe.logs.roku.com "));
	ck_assert_ptr_nonnull(strstr(out.at, "\n    example.com "));
}
END_TEST

START_TEST(test_no_control_characters)
{
	flow("t\033[2Jv", "net\nflix\xff", "x\x07y.example", ROLE_NONE, VERDICT_ALLOW);
	audit_table(audit, NULL, 0, false, &out);
	ck_assert_ptr_nonnull(strstr(out.at, "t\\x1b[2Jv\n  net\\x0aflix\\xff\n"));
	ck_assert_ptr_nonnull(strstr(out.at, "    x\\x07y.example "));
	for (size_t i = 0; i < out.len; i++)
		ck_assert(out.at[i] == '\n' || (out.at[i] >= 0x20 && out.at[i] < 0x7f));
}
END_TEST

START_TEST(test_without_a_name)
{
	struct flow_record r = { .src = addr_of("192.168.1.9"), .dst = addr_of("198.51.100.1") };

	audit_flow(audit, &r);
	r.dst = addr_of("192.168.1.1");
	audit_flow(audit, &r);
	r.dst = addr_of("fe80::1");
	audit_flow(audit, &r);
	audit_table(audit, NULL, 0, false, &out);
	ck_assert_ptr_nonnull(
		strstr(out.at, "192.168.1.9\n  -\n    198.51.100.1     -     allow        1"));
	ck_assert_ptr_nonnull(strstr(out.at, "\n    (local network)  -     allow        2"));
	ck_assert_ptr_nonnull(strstr(out.at, "1 device, 0 apps, 0 names; 3 flows, 0 questions;"));
}
END_TEST

START_TEST(test_same_bytes_again)
{
	struct text again = { 0 };
	struct audit *other = audit_new(1000), *mine = audit;

	household();
	audit_table(audit, NULL, 100, true, &out);
	audit = other;
	household();
	audit_table(audit, NULL, 100, true, &again);
	ck_assert_str_eq(out.at, again.at);
	audit = mine;
	audit_free(other);
	text_done(&again);
}
END_TEST

START_TEST(test_empty)
{
	audit_table(audit, NULL, 80, true, &out);
	ck_assert_str_eq(out.at, "0 devices, 0 apps, 0 names; 0 flows, 0 questions; 0 B up, 0 B "
				 "down.\nNothing was seen: no flow and no DNS question.\n");
}
END_TEST

START_TEST(test_full_output_says_so)
{
	household();
	out.max = 100;
	audit_table(audit, NULL, 0, false, &out);
	ck_assert(out.failed);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, clear);
	tcase_add_test(t, test_pipe);
	tcase_add_test(t, test_widths);
	tcase_add_test(t, test_colour_only_if_asked);
	tcase_add_test(t, test_no_control_characters);
	tcase_add_test(t, test_without_a_name);
	tcase_add_test(t, test_same_bytes_again);
	tcase_add_test(t, test_empty);
	tcase_add_test(t, test_full_output_says_so);
	return suite_end(t, "report/audit_table");
}
