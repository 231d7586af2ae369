/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of tacet-policy(5), DECISION, row by row: every row against the next ones; how a block
 * fails; whom and when a section is for. */
#include "policy/sections.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"
#include "unit/temporary.h"

static const char catalogue_text[] =
	"domain\tmatch\towner\tapp\trole\tbreaks\tevidence\n"
	"api.film.example\tsuffix\tFilm\tfilm\tapi\tplayback\tseen\n"
	"ads.film.example\tsuffix\tFilm\tfilm\tads\tnothing\tseen\n"
	"ads.other.example\tsuffix\tOther\tother\tads\tnothing\tseen\n";
static const char strict_text[] =
	"||ads.film.example^\n||ads.other.example^\n||api.film.example^\n"
	"||both.example^\n||strict.example^\n@@||fine.ads.film.example^\n";
static const char mild_text[] = "||both.example^\n||mild.example^\n";

static struct policy *policy;

static void begin(bool enforce, const char *user_block)
{
	struct policy_options o = { .enforce = enforce,
				    .dns = HOW_NXDOMAIN,
				    .tcp = HOW_RESET,
				    .udp = HOW_UNREACH,
				    .answer_ttl_s = 60 };
	char rows[64], strict[64], mild[64];
	struct list_source sources[] = {
		{ .name = "strict",
		  .path = temporary_file(strict_text, strict),
		  .role = "analytics" },
		{ .name = "mild", .path = temporary_file(mild_text, mild) },
	};
	struct rule r = { .action = RULE_BLOCK, .match = RULE_SUFFIX, .line = 1 };
	struct index_builder *b = index_builder_new();
	struct lists *lists = NULL;
	struct catalogue *catalogue = NULL;
	struct index *user = NULL;
	struct error e = { "" };

	ck_assert_msg(!lists_load(sources, 2, &lists, &e), "%s", e.text);
	ck_assert_msg(!catalogue_load(temporary_file(catalogue_text, rows), &catalogue, &e), "%s",
		      e.text);
	if (user_block) {
		ck_assert(name_from_text(user_block, strlen(user_block), &r.name));
		ck_assert(index_builder_add(b, &r));
	}
	ck_assert_int_eq(index_builder_finish(b, &user), 0);
	index_builder_free(b);
	unlink(strict);
	unlink(mild);
	unlink(rows);
	policy = policy_new(&o, lists, catalogue, user);
	ck_assert_ptr_nonnull(policy);
}

static void add(struct policy_section s)
{
	ck_assert(policy_add_section(policy, &s));
	policy_tick(policy, 1000000000);
}

static struct verdict ask(const char *text, const char *device, enum policy_via via)
{
	struct policy_query q = { .via = via, .device = device };
	struct verdict v;
	struct name name;

	ck_assert(name_from_text(text, strlen(text), &name));
	q.name = &name;
	policy_decide(policy, &q, &v);
	return v;
}

static void expect(const char *text, const char *device, enum verdict_kind kind,
		   enum verdict_reason reason)
{
	struct verdict v = ask(text, device, POLICY_DNS);

	ck_assert_msg(v.kind == kind && v.reason == reason, "%s on %s: %s by %s", text,
		      device ? device : "-", verdict_kind_name(v.kind),
		      verdict_reason_name(v.reason));
}

/* Sections that each contradict the one below; taken away from the top, the next one speaks. */
static const struct policy_section ladder[] = {
	{ .kind = POLICY_DEVICE, .name = "tv", .group = "kids", .action = POLICY_ALLOW },
	{ .kind = POLICY_GROUP, .name = "kids", .action = POLICY_LOG },
	{ .kind = POLICY_APP, .name = "film", .action = POLICY_BLOCK },
	{ .kind = POLICY_ROLE, .name = "ads", .action = POLICY_ALLOW },
};

static void add_ladder(size_t from)
{
	if (from) /* without its word, it still is in the group */
		add((struct policy_section){
			.kind = POLICY_DEVICE, .name = "tv", .group = "kids" });
	for (size_t i = from; i < sizeof ladder / sizeof *ladder; i++)
		add(ladder[i]);
}

START_TEST(row_1_a_pause_is_over_everything)
{
	begin(true, "ads.film.example");
	add_ladder(0);
	policy_pause(policy, INT64_MAX);
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_PAUSED);
	policy_pause(policy, 0);
	expect("ads.film.example", "tv", VERDICT_ALLOW, REASON_DEVICE_ALLOW);
	policy_free(policy);
}
END_TEST

START_TEST(row_2_monitor_is_over_devices)
{
	begin(false, "ads.film.example");
	add_ladder(0);
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_MONITOR);
	policy_free(policy);
}
END_TEST

START_TEST(row_3_and_4_device_over_group_over_rules)
{
	begin(true, "ads.film.example");
	add_ladder(0);
	expect("ads.film.example", "tv", VERDICT_ALLOW, REASON_DEVICE_ALLOW);
	ck_assert_str_eq(ask("ads.film.example", "tv", POLICY_DNS).section, "[device tv]");
	expect("ads.film.example", "other", VERDICT_BLOCK, REASON_USER_BLOCK);
	expect("ads.film.example", NULL, VERDICT_BLOCK, REASON_USER_BLOCK);
	policy_free(policy);

	begin(true, "ads.film.example");
	add_ladder(1);
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_SECTION_LOG);
	ck_assert_str_eq(ask("ads.film.example", "tv", POLICY_DNS).section, "[group kids]");
	policy_free(policy);
}
END_TEST

START_TEST(row_5_to_7_rules_over_app_over_role)
{
	begin(true, "ads.film.example");
	add_ladder(2);
	expect("ads.film.example", "tv", VERDICT_BLOCK, REASON_USER_BLOCK);
	policy_free(policy);

	begin(true, NULL);
	add_ladder(2);
	expect("ads.film.example", "tv", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	ck_assert_str_eq(ask("ads.film.example", "tv", POLICY_DNS).list, "[app film]");
	/* the user named the app: also what it needs */
	expect("api.film.example", "tv", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	expect("ads.other.example", "tv", VERDICT_ALLOW, REASON_SECTION_ALLOW);
	policy_free(policy);

	begin(true, NULL);
	add_ladder(3);
	expect("ads.film.example", "tv", VERDICT_ALLOW, REASON_SECTION_ALLOW);
	policy_free(policy);
}
END_TEST

START_TEST(row_7_to_10_role_over_essential_over_lists)
{
	begin(true, NULL);
	expect("api.film.example", "tv", VERDICT_ALLOW, REASON_ESSENTIAL);
	expect("fine.ads.film.example", "tv", VERDICT_ALLOW, REASON_LIST_ALLOW);
	expect("ads.film.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	expect("unknown.example", "tv", VERDICT_ALLOW, REASON_NO_RULE);
	add((struct policy_section){ .kind = POLICY_ROLE, .name = "api", .action = POLICY_BLOCK });
	expect("api.film.example", "tv", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	policy_free(policy);
}
END_TEST

/* A section that logs lets nothing through that was not blocked, and blocks nothing. */
START_TEST(an_app_or_role_that_logs_speaks_of_lists)
{
	begin(true, "ads.other.example");
	add((struct policy_section){ .kind = POLICY_APP, .name = "film", .action = POLICY_LOG });
	add((struct policy_section){
		.kind = POLICY_ROLE, .name = "analytics", .action = POLICY_LOG });
	add((struct policy_section){ .kind = POLICY_ROLE, .name = "ads", .action = POLICY_LOG });
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_SECTION_LOG);
	expect("api.film.example", "tv", VERDICT_ALLOW, REASON_ESSENTIAL);
	expect("ads.other.example", "tv", VERDICT_BLOCK, REASON_USER_BLOCK);
	/* the role is the list's */
	expect("strict.example", "tv", VERDICT_LOG, REASON_SECTION_LOG);
	expect("mild.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_free(policy);
}
END_TEST

/* The narrower section first; what it leaves open, the next one says. */
START_TEST(how_a_block_fails)
{
	static const struct policy_section said[] = {
		{ .kind = POLICY_LIST,
		  .name = "strict",
		  .dns = HOW_REFUSED,
		  .tcp = HOW_DROP,
		  .udp = HOW_DROP,
		  .answer_ttl_s = 5 },
		{ .kind = POLICY_ROLE, .name = "ads", .dns = HOW_NODATA, .tcp = HOW_UNREACH },
		{ .kind = POLICY_GROUP, .name = "kids", .dns = HOW_NULL, .answer_ttl_s = 4 },
		{ .kind = POLICY_DEVICE, .name = "tv", .group = "kids", .dns = HOW_DROP },
		{ .kind = POLICY_APP, .name = "film", .dns = HOW_NXDOMAIN, .answer_ttl_s = 2 },
	};
	static const enum verdict_how dns[] = { HOW_REFUSED, HOW_NODATA, HOW_NODATA, HOW_DROP,
						HOW_NXDOMAIN };
	static const uint32_t ttl[] = { 5, 5, 5, 4, 2 };

	begin(true, NULL);
	ck_assert_int_eq(ask("ads.film.example", "tv", POLICY_DNS).how, HOW_NXDOMAIN);
	ck_assert_uint_eq(ask("ads.film.example", "tv", POLICY_DNS).answer_ttl_s, 60);
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct verdict v;

		add(said[i]);
		v = ask("ads.film.example", "tv", POLICY_DNS);
		ck_assert_msg(v.how == dns[i] && v.answer_ttl_s == ttl[i], "step %zu: %s, %u", i,
			      verdict_how_name(v.how), v.answer_ttl_s);
	}
	ck_assert_int_eq(ask("ads.film.example", "tv", POLICY_TCP).how, HOW_UNREACH);
	ck_assert_int_eq(ask("ads.film.example", "tv", POLICY_DNS_TCP).how, HOW_UNREACH);
	ck_assert_int_eq(ask("ads.film.example", "tv", POLICY_UDP).how, HOW_DROP);
	ck_assert_int_eq(ask("mild.example", "other", POLICY_DNS).how, HOW_NXDOMAIN);
	policy_free(policy);
}
END_TEST

START_TEST(two_devices_differ)
{
	begin(true, NULL);
	add((struct policy_section){ .kind = POLICY_DEVICE, .name = "tablet", .group = "kids" });
	add((struct policy_section){ .kind = POLICY_DEVICE, .name = "living room tv" });
	add((struct policy_section){
		.kind = POLICY_APP, .name = "film", .only = "kids, den", .action = POLICY_BLOCK });
	add((struct policy_section){ .kind = POLICY_APP,
				     .name = "film",
				     .only = "living room tv",
				     .action = POLICY_ALLOW });
	add((struct policy_section){ .kind = POLICY_LIST, .name = "strict", .only = "tablet" });
	expect("api.film.example", "tablet", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	expect("api.film.example", "living room tv", VERDICT_ALLOW, REASON_SECTION_ALLOW);
	expect("api.film.example", "living room", VERDICT_ALLOW, REASON_ESSENTIAL);
	expect("api.film.example", NULL, VERDICT_ALLOW, REASON_ESSENTIAL);
	/* a list for one device; where it is not in force the next list speaks */
	expect("strict.example", "tablet", VERDICT_BLOCK, REASON_LIST_BLOCK);
	expect("strict.example", "living room tv", VERDICT_ALLOW, REASON_NO_RULE);
	ck_assert_str_eq(ask("both.example", "tablet", POLICY_DNS).list, "strict");
	ck_assert_pstr_eq(ask("both.example", "living room tv", POLICY_DNS).list, "mild");
	policy_free(policy);
}
END_TEST

/* 2026-03-30 was a Monday. */
static int64_t monday(int hour, int minute)
{
	struct tm t = {
		.tm_year = 126, .tm_mon = 2, .tm_mday = 30, .tm_hour = hour, .tm_min = minute
	};

	return (int64_t)timegm(&t) * 1000000000;
}

START_TEST(edges_of_a_schedule_are_told)
{
	struct policy_section s = { .kind = POLICY_APP, .name = "film", .action = POLICY_BLOCK };

	setenv("TZ", "UTC", 1);
	tzset();
	ck_assert(schedule_parse("mon 20:00-22:00", &s.when));
	begin(true, NULL);
	ck_assert(policy_add_section(policy, &s));
	policy_tick(policy, monday(19, 0));
	expect("api.film.example", "tv", VERDICT_ALLOW, REASON_ESSENTIAL);
	ck_assert(!policy_tick(policy, monday(20, 0) - 1));
	ck_assert(policy_tick(policy, monday(20, 0)));
	expect("api.film.example", "tv", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	ck_assert(!policy_tick(policy, monday(21, 59)));
	ck_assert(policy_tick(policy, monday(22, 0)));
	expect("api.film.example", "tv", VERDICT_ALLOW, REASON_ESSENTIAL);
	/* a clock that is set back */
	ck_assert(policy_tick(policy, monday(21, 0)));
	expect("api.film.example", "tv", VERDICT_BLOCK, REASON_SECTION_BLOCK);
	policy_free(policy);
}
END_TEST

static void except(struct policy_exception x, const char *name)
{
	if (name)
		ck_assert(name_from_text(name, strlen(name), &x.name));
	if (!x.until_ns)
		x.until_ns = INT64_MAX;
	ck_assert_int_eq(policy_except(policy, &x), 0);
}

START_TEST(a_pause_for_one_app_on_one_device_leaves_the_rest)
{
	begin(true, NULL);
	add((struct policy_section){ .kind = POLICY_DEVICE, .name = "tv", .group = "kids" });
	except((struct policy_exception){ .is_pause = true, .device = "tv", .app = "film" }, NULL);
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_PAUSED);
	expect("ads.other.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	expect("ads.film.example", "tablet", VERDICT_BLOCK, REASON_LIST_BLOCK);
	expect("ads.film.example", NULL, VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_resume(policy);
	expect("ads.film.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);

	except((struct policy_exception){ .is_pause = true, .device = "kids" }, NULL);
	expect("mild.example", "tv", VERDICT_LOG, REASON_PAUSED);
	expect("mild.example", "tablet", VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_resume(policy);
	except((struct policy_exception){ .is_pause = true, .role = "ads" }, NULL);
	expect("ads.other.example", "tv", VERDICT_LOG, REASON_PAUSED);
	expect("strict.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_resume(policy);
	except((struct policy_exception){ .is_pause = true, .list = "mild" }, NULL);
	expect("mild.example", "tv", VERDICT_LOG, REASON_PAUSED);
	expect("strict.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_resume(policy);
	except((struct policy_exception){ .is_pause = true }, "film.example");
	expect("ads.film.example", "tv", VERDICT_LOG, REASON_PAUSED);
	expect("ads.other.example", "tv", VERDICT_BLOCK, REASON_LIST_BLOCK);
	policy_free(policy);
}
END_TEST

START_TEST(row_5_rules_of_now_over_the_file)
{
	struct policy *next;

	begin(true, "ads.film.example");
	except((struct policy_exception){ .action = RULE_ALLOW, .until_ns = 2000000000 },
	       "film.example");
	except((struct policy_exception){ .action = RULE_BLOCK, .device = "tv" },
	       "api.film.example");
	expect("ads.film.example", "tv", VERDICT_ALLOW, REASON_USER_ALLOW);
	ck_assert_str_eq(ask("ads.film.example", "tv", POLICY_DNS).list, "now");
	expect("x.api.film.example", "tv", VERDICT_BLOCK, REASON_USER_BLOCK);
	expect("x.api.film.example", "tablet", VERDICT_ALLOW, REASON_USER_ALLOW);
	expect("notfilm.example", "tv", VERDICT_ALLOW, REASON_NO_RULE);
	/* the same scope again takes its place; of two alike the one that allows */
	except((struct policy_exception){ .action = RULE_BLOCK, .until_ns = 2000000000 },
	       "film.example");
	ck_assert_uint_eq(policy_exceptions(policy), 2);
	expect("x.film.example", "tv", VERDICT_BLOCK, REASON_USER_BLOCK);
	except((struct policy_exception){ .action = RULE_ALLOW, .device = "tv" }, "film.example");
	expect("x.film.example", "tv", VERDICT_ALLOW, REASON_USER_ALLOW);
	/* the end of one changes decisions; the others stay, over a reload too */
	ck_assert(!policy_tick(policy, 1999999999));
	ck_assert(policy_tick(policy, 2000000000));
	expect("x.film.example", "tablet", VERDICT_ALLOW, REASON_NO_RULE);
	next = policy;
	begin(true, NULL);
	policy_inherit(policy, next);
	policy_free(next);
	expect("x.api.film.example", "tv", VERDICT_BLOCK, REASON_USER_BLOCK);
	policy_free(policy);
}
END_TEST

START_TEST(exceptions_are_bounded)
{
	struct policy_exception x = { .is_pause = true, .until_ns = INT64_MAX };

	begin(true, NULL);
	for (int i = 0; i < POLICY_EXCEPTIONS; i++) {
		snprintf(x.device, sizeof x.device, "d%d", i);
		ck_assert_int_eq(policy_except(policy, &x), 0);
	}
	ck_assert_int_eq(policy_except(policy, &x), 0); /* one of them again */
	strcpy(x.device, "more");
	ck_assert_int_eq(policy_except(policy, &x), -ENOSPC);
	policy_free(policy);
}
END_TEST

START_TEST(the_longest_name_says_how_it_fails)
{
	begin(true, NULL);
	add((struct policy_section){
		.kind = POLICY_PRESET, .name = "film.example", .dns = HOW_NULL, .tcp = HOW_STALL });
	add((struct policy_section){
		.kind = POLICY_PRESET, .name = "ads.film.example", .udp = HOW_STALL });
	add((struct policy_section){ .kind = POLICY_NAME, .name = "example", .answer_ttl_s = 5 });
	add((struct policy_section){
		.kind = POLICY_NAME, .name = "other.example", .answer_ttl_s = 6, .only = "tv" });
	ck_assert_int_eq(ask("x.ads.film.example", NULL, POLICY_DNS).how, HOW_NULL);
	ck_assert_int_eq(ask("ads.film.example", NULL, POLICY_TCP).how, HOW_STALL);
	ck_assert_int_eq(ask("ads.film.example", NULL, POLICY_UDP).how, HOW_STALL);
	ck_assert_int_eq(ask("ads.other.example", NULL, POLICY_DNS).how, HOW_NXDOMAIN);
	ck_assert_uint_eq(ask("ads.other.example", NULL, POLICY_DNS).answer_ttl_s, 5);
	ck_assert_uint_eq(ask("ads.other.example", "tv", POLICY_DNS).answer_ttl_s, 6);
	/* What the user says of the list is over what is known of the name, and below the name. */
	add((struct policy_section){ .kind = POLICY_LIST, .name = "strict", .dns = HOW_DROP });
	ck_assert_int_eq(ask("ads.film.example", NULL, POLICY_DNS).how, HOW_DROP);
	add((struct policy_section){
		.kind = POLICY_NAME, .name = "ads.film.example", .dns = HOW_REFUSED });
	ck_assert_int_eq(ask("ads.film.example", NULL, POLICY_DNS).how, HOW_REFUSED);
	ck_assert_int_eq(ask("strict.example", NULL, POLICY_DNS).how, HOW_DROP);
	/* They block nothing. */
	expect("free.film.example", NULL, VERDICT_ALLOW, REASON_NO_RULE);
	policy_free(policy);
}
END_TEST

static char heard[512];

static void hear(void *ctx, const struct policy_candidate *c)
{
	size_t n = strlen(heard);

	(void)ctx;
	snprintf(heard + n, sizeof heard - n, "%s:%s ", c->list, verdict_reason_name(c->reason));
}

/* Whoever wins, explain shows all that spoke, in the order of the table. */
START_TEST(every_row_is_a_candidate)
{
	struct name name;
	const struct policy_query q = { .name = &name, .device = "tv", .via = POLICY_DNS };
	const struct policy_query other = { .name = &name, .device = "tablet", .via = POLICY_DNS };

	begin(true, "ads.film.example");
	add_ladder(0);
	except((struct policy_exception){ .is_pause = true, .device = "kids" }, NULL);
	except((struct policy_exception){ .is_pause = true, .role = "crash" }, NULL);
	except((struct policy_exception){ .action = RULE_BLOCK, .device = "tv" }, "film.example");
	except((struct policy_exception){ .action = RULE_ALLOW }, "else.example");
	ck_assert(name_from_text("fine.ads.film.example", 21, &name));
	*heard = '\0';
	policy_candidates(policy, &q, hear, NULL);
	ck_assert_str_eq(heard, "pause:paused [device tv]:device_allow [group kids]:section_log "
				"now:user_block user:user_block [app film]:section_block "
				"[role ads]:section_allow strict:list_allow strict:list_block ");
	*heard = '\0';
	policy_pause(policy, INT64_MAX);
	policy_candidates(policy, &other, hear, NULL);
	ck_assert_str_eq(heard, "pause:paused user:user_block [app film]:section_block "
				"[role ads]:section_allow strict:list_allow strict:list_block ");
	policy_free(policy);
}
END_TEST

SUITE("policy/sections", every_row_is_a_candidate, the_longest_name_says_how_it_fails,
      a_pause_for_one_app_on_one_device_leaves_the_rest, row_5_rules_of_now_over_the_file,
      exceptions_are_bounded, row_1_a_pause_is_over_everything, row_2_monitor_is_over_devices,
      row_3_and_4_device_over_group_over_rules, row_5_to_7_rules_over_app_over_role,
      row_7_to_10_role_over_essential_over_lists, an_app_or_role_that_logs_speaks_of_lists,
      how_a_block_fails, two_devices_differ, edges_of_a_schedule_are_told)
