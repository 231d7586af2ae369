/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of an audit: what it says, and that nothing from the network becomes markup. */
#include "unit/report/records.h"

#include "report/page.h"
#include "suite.h"

static struct text out;
static struct audit *audit;
static const struct catalogue_row known = { .domain = "logs.netflix.com",
					    .owner = "Netflix & <sons>",
					    .breaks = "nothing",
					    .evidence = "A \"a report\"" };

static void begin(void)
{
	setenv("TZ", "UTC", 1);
	audit = audit_new(10000);
	ck_assert_ptr_nonnull(audit);
}

static void clear(void)
{
	audit_free(audit);
	text_done(&out);
}

static void write_page(void)
{
	struct page_list list = { .name = "tele<b>metry", .rules = 1234, .skipped = 1 };
	struct page_file file = { .name = "evening.pcap", .bytes = 42, .hashed = true };
	struct page_facts facts = { .version = "1.2.3",
				    .captures = &file,
				    .capture_count = 1,
				    .lists = &list,
				    .list_count = 1 };

	text_clear(&out);
	page_write(audit, NULL, &facts, &out);
	ck_assert(!out.failed);
}

static void says(const char *text)
{
	ck_assert_msg(strstr(out.at, text) != NULL, "no '%s' in %s", text, out.at);
}

static void says_not(const char *text)
{
	ck_assert_msg(strstr(out.at, text) == NULL, "'%s' is there", text);
}

static size_t count(const char *what)
{
	size_t n = 0;

	for (const char *at = out.at; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void flow(const char *name, enum role role, enum verdict_kind kind)
{
	struct flow_record r = flow_to("tv", "netflix", name, role, kind);

	audit_flow(audit, &r);
}

/* A capture of so many seconds. */
static void spans(int64_t seconds, const char *text)
{
	struct flow_record r = blocked_flow();

	r.last_ns = r.first_ns + seconds * 1000000000;
	audit_flow(audit, &r);
	write_page();
	says(text);
}

START_TEST(test_span)
{
	struct flow_record r = blocked_flow();

	spans(59, ">31 Jan 2026, 20:15. 1 device");
	spans(119, ">31 Jan 2026, 20:15 to 20:16. 1 device");
	spans(86400, ">31 Jan 2026, 20:15 to 1 Feb 2026, 20:15. 1 device");
	r.first_ns = r.last_ns = r.first_ns + INT64_C(2 * 86400) * 1000000000;
	audit_flow(audit, &r);
	write_page();
	says("<span>31 Jan 2026, 20:");
}
END_TEST

START_TEST(test_conclusion_and_proof)
{
	struct flow_record r = blocked_flow();

	r.verdict.row = &known;
	audit_flow(audit, &r);
	flow("oca.nflxvideo.net", ROLE_CONTENT, VERDICT_ALLOW);
	write_page();
	says("<h1>1 of 1 app phones home: 1 name, 2.3&#160;kB up; 1 name would be blocked.</h1>");
	says("31 Jan 2026, 20:15. 1 device, 1 app, 2 names");
	says(">logs.<wbr>netflix.<wbr>com<small");
	says("blocked<small>reset</small>");
	says("||logs.<wbr>netflix.<wbr>com^<small>streaming</small>");
	says("<strong>logs.netflix.com</strong> Netflix &#38; &#60;sons&#62;. Evidence: A "
	     "&#34;a report&#34;. Breaks: nothing. <small>Seen: logs.netflix.com.</small>");
	says("tacet 1.2.3");
	says("evening.pcap, 42 B, SHA-256 <code>0000");
	says("tele&#60;b&#62;metry: 1,234 rules, 1 line not understood");
	says("<h2 id=\"when\">");
	says("a viewing history");
}
END_TEST

START_TEST(test_nothing_is_markup)
{
	struct flow_record r = blocked_flow();

	r.device = "<img src=x onerror=alert(1)>\xc3\xbc\x07";
	r.name = name_of("a\"b<script>.example");
	r.verdict.app = "'><script>";
	r.verdict.list = "<iframe>";
	audit_flow(audit, &r);
	write_page();
	says_not("<img");
	says_not("<iframe");
	ck_assert_uint_eq(count("<script"), 1);
	says("&#60;img src=x onerror=alert(1)&#62;\\xc3\\xbc\\x07");
	for (const char *at = out.at; *at; at++)
		ck_assert_msg(*at == '\n' || *at == '\t' || (*at >= 0x20 && *at < 0x7f), "a byte");
}
END_TEST

START_TEST(test_nothing_from_outside)
{
	flow("a.example", ROLE_ADS, VERDICT_BLOCK);
	write_page();
	says("default-src 'none'");
	says_not("src=\"");
	says_not("href=");
	says_not("url(");
	says_not("@import");
	says_not("http:");
	says_not("https:");
}
END_TEST

START_TEST(test_rows_are_bounded)
{
	char name[32];

	for (int i = 0; i < PAGE_ROWS + 7; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		flow(name, ROLE_NONE, VERDICT_ALLOW);
	}
	flow("tracker.example", ROLE_ADS, VERDICT_BLOCK);
	write_page();
	ck_assert_uint_eq(count("class=\"name\">"), PAGE_ROWS);
	says("8 more rows would make");
	says(">tracker.<wbr>example<");
}
END_TEST

START_TEST(test_lanes_beyond_the_most)
{
	char apps[PAGE_LANES + 5][8];

	for (int i = 0; i < PAGE_LANES + 5; i++) {
		struct flow_record r = blocked_flow();

		snprintf(apps[i], sizeof(apps[i]), "app%d", i);
		r.verdict.app = apps[i];
		audit_flow(audit, &r);
	}
	write_page();
	ck_assert_uint_eq(count("class=\"plot\"><svg"), PAGE_LANES + 1);
	says(">5 more<");
}
END_TEST

START_TEST(test_suspects_and_companions)
{
	struct suspect suspect = { .name = name_of("beacon<i>.example"),
				   .is_periodic = true,
				   .period_ms = 60500,
				   .regular_permille = 930,
				   .bytes_out = 2000 };
	struct companion companion = {
		.app = "spotify", .name = name_of("metrics.example"), .sessions = 2, .of = 3
	};
	struct companion_record r = { .device = "tv", .companion = &companion };

	flow("a.example", ROLE_NONE, VERDICT_ALLOW);
	for (int i = 0; i < 45; i++)
		audit_suspect(audit, &suspect);
	audit_companion(audit, &r);
	write_page();
	says("<strong>beacon&#60;i&#62;.example</strong>: every 60.5 s (93 % of the time), 2.0 kB "
	     "sent");
	says("<li>and 5 more</li>");
	says("<strong>metrics.example</strong>: in 2 of 3 sessions of spotify on tv");
}
END_TEST

START_TEST(test_empty)
{
	write_page();
	says("<h1>Nothing was seen: no flow and no DNS question.</h1>");
	says_not("<table");
	says("</html>");
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, clear);
	tcase_add_test(t, test_conclusion_and_proof);
	tcase_add_test(t, test_span);
	tcase_add_test(t, test_nothing_is_markup);
	tcase_add_test(t, test_nothing_from_outside);
	tcase_add_test(t, test_rows_are_bounded);
	tcase_add_test(t, test_lanes_beyond_the_most);
	tcase_add_test(t, test_suspects_and_companions);
	tcase_add_test(t, test_empty);
	return suite_end(t, "report/page");
}
