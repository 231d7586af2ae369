/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit adds up, and its bounds. */
#include "unit/report/records.h"

#include "report/audit.h"
#include "suite.h"

static struct audit *audit;

static void clear(void)
{
	audit_free(audit);
	audit = NULL;
}

static void begin(size_t max_rows)
{
	audit = audit_new(max_rows);
	ck_assert_ptr_nonnull(audit);
}

static void flow(const char *device, const char *app, const char *name, enum role role,
		 enum verdict_kind kind)
{
	struct flow_record r = flow_to(device, app, name, role, kind);

	audit_flow(audit, &r);
}

START_TEST(test_gravest_verdict_stays)
{
	struct flow_record r = blocked_flow();
	const struct audit_row *row;

	begin(10);
	r.verdict.kind = VERDICT_LOG;
	r.verdict.how = HOW_UNREACH;
	r.verdict.list = "first";
	audit_flow(audit, &r);
	r.verdict.kind = VERDICT_BLOCK;
	r.verdict.how = HOW_RESET;
	r.verdict.list = "second";
	audit_flow(audit, &r);
	r.verdict.kind = VERDICT_LOG;
	r.verdict.how = HOW_DROP;
	r.verdict.list = "third";
	audit_flow(audit, &r);
	ck_assert_uint_eq(audit->row_count, 1);
	row = audit->rows;
	ck_assert_int_eq(row->kind, VERDICT_BLOCK);
	ck_assert_uint_eq(row->hows, 1u << HOW_RESET);
	ck_assert_str_eq(row->list, "second");
	ck_assert_uint_eq(row->sum.flows, 3);
	ck_assert_uint_eq(row->sum.bytes_out, 3 * 2301);
	ck_assert_uint_eq(audit->by_kind[VERDICT_LOG].flows, 2);
	ck_assert_uint_eq(audit->by_kind[VERDICT_BLOCK].bytes_in, 5210);
}
END_TEST

START_TEST(test_open_flows_are_passed_over)
{
	struct flow_record r = blocked_flow();

	begin(10);
	r.is_open = true;
	audit_flow(audit, &r);
	ck_assert_uint_eq(audit->total.flows, 0);
	ck_assert_uint_eq(audit->row_count, 0);
}
END_TEST

START_TEST(test_devices)
{
	struct flow_record r = blocked_flow();
	struct dns_record d = { .client = r.src, .mac = r.mac, .qname = r.name };

	begin(10);
	r.device = NULL;
	audit_flow(audit, &r);
	audit_dns(audit, &d);
	ck_assert_uint_eq(audit->device_count, 1);
	ck_assert_str_eq(audit->devices->text, "02:00:5e:10:00:01");
	r.mac = (struct mac){ { 0 } };
	audit_flow(audit, &r);
	ck_assert_uint_eq(audit->device_count, 2);
	ck_assert_str_eq(((struct audit_device *)audit->devices->hh.next)->text, "192.168.1.20");
	ck_assert_int_eq(audit->first_ns, 0);
}
END_TEST

/* The strings of a record are the caller's; the rows must not keep them. */
START_TEST(test_strings_are_copied)
{
	char device[] = "tv", app[] = "netflix", list[] = "streaming";
	struct flow_record r = blocked_flow();

	begin(10);
	r.device = device;
	r.verdict.app = app;
	r.verdict.list = list;
	audit_flow(audit, &r);
	memset(device, 'x', 2);
	memset(app, 'x', 7);
	memset(list, 'x', 9);
	ck_assert_str_eq(audit->rows->device->text, "tv");
	ck_assert_str_eq(audit->rows->app, "netflix");
	ck_assert_str_eq(audit->rows->list, "streaming");
}
END_TEST

START_TEST(test_rows_are_bounded)
{
	struct audit_figures f;
	const struct audit_row **rows;
	char name[32];
	size_t n;

	begin(5);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "h%d.example", i);
		flow(i % 2 ? "a" : "b", NULL, name, ROLE_ADS, VERDICT_BLOCK);
	}
	ck_assert_uint_eq(audit->row_count, 5);
	ck_assert_uint_eq(audit->over, 95);
	ck_assert_uint_eq(audit->total.flows, 100);
	ck_assert_uint_eq(audit->by_role[ROLE_ADS].flows, 100);
	rows = audit_sorted(audit, &n);
	ck_assert_uint_eq(n, 7);
	ck_assert_int_eq(rows[2]->what, AUDIT_OTHERS);
	ck_assert_uint_eq(rows[2]->sum.flows, 48);
	ck_assert_int_eq(rows[6]->what, AUDIT_OTHERS);
	ck_assert_uint_eq(rows[6]->sum.flows, 47);
	free(rows);
	ck_assert(audit_figures(audit, &f));
	ck_assert_uint_eq(f.names_blocked, 5);
}
END_TEST

START_TEST(test_devices_are_bounded)
{
	struct flow_record r = blocked_flow();
	const struct audit_row **rows;
	size_t n;

	begin(3);
	r.device = NULL;
	r.mac = (struct mac){ { 0 } };
	for (int i = 0; i < 200; i++) {
		r.src.bytes[3] = (uint8_t)i;
		audit_flow(audit, &r);
	}
	ck_assert_uint_eq(audit->device_count, 3);
	ck_assert_uint_eq(audit->total.flows, 200);
	rows = audit_sorted(audit, &n);
	ck_assert_uint_eq(n, 4);
	ck_assert_str_eq(rows[3]->device->text, "(others)");
	ck_assert_uint_eq(rows[3]->sum.flows, 197);
	free(rows);
}
END_TEST

START_TEST(test_no_room_at_all)
{
	const struct audit_row **rows;
	size_t n;

	begin(0);
	flow("tv", "netflix", "a.example", ROLE_ADS, VERDICT_BLOCK);
	flow("tv", "netflix", "b.example", ROLE_ADS, VERDICT_BLOCK);
	rows = audit_sorted(audit, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(rows[0]->sum.flows, 2);
	free(rows);
}
END_TEST

START_TEST(test_order)
{
	static const char *const wanted[] = { "m.example", "l.example", "k.example",
					      "j.example", "i.example", "h.example",
					      "g.example", "f.example", "e.example" };
	struct flow_record big;
	const struct audit_row **rows;
	size_t n;

	begin(100);
	flow(NULL, NULL, "e.example", ROLE_NONE, VERDICT_ALLOW); /* by its MAC: last device */
	flow("tv", NULL, "f.example", ROLE_ADS, VERDICT_BLOCK);	 /* no app: last of the device */
	flow("tv", "b", "g.example", ROLE_ADS, VERDICT_BLOCK);
	flow("tv", "a", "h.example", ROLE_API, VERDICT_ALLOW);
	flow("tv", "a", "i.example", ROLE_NONE, VERDICT_ALLOW);
	big = flow_to("tv", "a", "i.example", ROLE_NONE, VERDICT_ALLOW);
	audit_flow(audit, &big); /* more bytes than the one before */
	flow("tv", "a", "j.example", ROLE_CRASH, VERDICT_ALLOW);
	flow("tv", "a", "k.example", ROLE_ADS, VERDICT_LOG);
	flow("tv", "a", "m.example", ROLE_ADS, VERDICT_BLOCK);
	flow("tv", "a", "l.example", ROLE_API, VERDICT_BLOCK);
	rows = audit_sorted(audit, &n);
	ck_assert_uint_eq(n, 9);
	for (size_t i = 0; i < n; i++)
		ck_assert_str_eq(rows[i]->name, wanted[i]);
	free(rows);
}
END_TEST

START_TEST(test_figures)
{
	struct audit_figures f;

	begin(100);
	flow("tv", "netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_BLOCK);
	flow("stick", "netflix", "logs.netflix.com", ROLE_TELEMETRY, VERDICT_ALLOW);
	flow("tv", "netflix", "api.netflix.com", ROLE_API, VERDICT_ALLOW);
	flow("tv", "zdf", "zdf.de", ROLE_CONTENT, VERDICT_ALLOW);
	flow("tv", "zdf", "user.zdf.de", ROLE_IDENTITY, VERDICT_BLOCK); /* not phoning home */
	flow("tv", NULL, "tracker.example", ROLE_NONE, VERDICT_LOG);	/* a list alone knows it */
	ck_assert(audit_figures(audit, &f));
	ck_assert_uint_eq(f.devices, 2);
	ck_assert_uint_eq(f.apps, 2);
	ck_assert_uint_eq(f.apps_phoning, 1);
	ck_assert_uint_eq(f.names, 5);
	ck_assert_uint_eq(f.names_phoning, 2);
	ck_assert_uint_eq(f.names_blocked, 3);
	ck_assert_uint_eq(f.bytes_phoning, 3 * 2301);
	ck_assert_uint_eq(f.names_by_role[ROLE_TELEMETRY], 1);
	ck_assert_uint_eq(f.names_by_kind[VERDICT_BLOCK], 2);
	ck_assert_uint_eq(f.names_by_kind[VERDICT_LOG], 1);
	ck_assert_uint_eq(f.names_by_kind[VERDICT_ALLOW], 2);
}
END_TEST

START_TEST(test_roles_that_phone)
{
	for (int r = 0; r < ROLES; r++)
		ck_assert_msg(role_phones((enum role)r) ==
				      (r >= ROLE_TELEMETRY && r <= ROLE_EXPERIMENT),
			      "%d", r);
	ck_assert(!role_phones(ROLES));
	audit_free(NULL);
}
END_TEST

/* As if one had seen it all. */
START_TEST(test_merge)
{
	struct audit *other, *whole = audit_new(100), *first;
	struct text a = { 0 }, b = { 0 };
	char name[32];

	ck_assert_ptr_nonnull(whole);
	begin(100);
	first = audit;
	other = audit_new(100);
	for (int i = 0; i < 60; i++) {
		struct flow_record r = flow_to(i % 2 ? "tv" : "stick", i % 3 ? "netflix" : NULL,
					       "a.example", i % 4 ? ROLE_ADS : ROLE_NONE,
					       i % 5 ? VERDICT_ALLOW : VERDICT_BLOCK);

		snprintf(name, sizeof(name), "h%d.example", i % 7);
		r.name = name_of(name);
		r.first_ns += i * INT64_C(3000000000);
		r.last_ns += i * INT64_C(3000000000);
		audit_flow(whole, &r);
		audit_flow(i < 30 ? first : other, &r);
	}
	audit_merge(first, other);
	audit_free(other);
	audit_summary_json(whole, NULL, &a);
	audit_summary_json(first, NULL, &b);
	ck_assert_str_eq(a.at, b.at);
	text_clear(&a);
	text_clear(&b);
	audit_table(whole, NULL, 0, false, &a);
	audit_table(first, NULL, 0, false, &b);
	ck_assert_str_eq(a.at, b.at);
	for (const struct audit_lane *l = whole->times.lanes; l; l = l->hh.next) {
		uint64_t contacts = 0, home = 0;

		for (const struct audit_lane *m = first->times.lanes; m; m = m->hh.next)
			if (!l->app == !m->app && (!l->app || !strcmp(l->app, m->app))) {
				contacts += m->contacts;
				home += m->phoning;
			}
		ck_assert_uint_eq(contacts, l->contacts);
		ck_assert_uint_eq(home, l->phoning);
	}
	text_done(&a);
	text_done(&b);
	audit_free(whole);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, NULL, clear);
	tcase_add_test(t, test_gravest_verdict_stays);
	tcase_add_test(t, test_open_flows_are_passed_over);
	tcase_add_test(t, test_devices);
	tcase_add_test(t, test_strings_are_copied);
	tcase_add_test(t, test_rows_are_bounded);
	tcase_add_test(t, test_devices_are_bounded);
	tcase_add_test(t, test_no_room_at_all);
	tcase_add_test(t, test_order);
	tcase_add_test(t, test_figures);
	tcase_add_test(t, test_roles_that_phone);
	tcase_add_test(t, test_merge);
	return suite_end(t, "report/audit");
}
