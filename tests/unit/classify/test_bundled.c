/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of blocklists/ keep the promises of blocklists/README.md. Runs from the top. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "classify/catalogue_lint.h"
#include "classify/lists.h"
#include "suite.h"

#define DIR TEST_DATA "/../blocklists/"

struct bundled {
	const char *path;
	bool by_default;
};
static const struct bundled bundled[] = {
	{ DIR "telemetry.txt", true },
	{ DIR "ads.txt", true },
	{ DIR "acr.txt", true },
	{ DIR "tv.txt", true },
	{ DIR "needed.txt", true },
	{ DIR "strict.txt", false },
	{ DIR "encrypted-dns.txt", false },
};
enum { BUNDLED = sizeof bundled / sizeof *bundled, DEFAULTS = 5 };

static struct catalogue *catalogue;
static struct lists *all, *defaults;

static struct lists *load(size_t n)
{
	struct list_source src[BUNDLED] = { 0 };
	struct lists *l = NULL;
	struct error e = { "" };

	for (size_t i = 0; i < n; i++)
		src[i] = (struct list_source){ .name = bundled[i].path, .path = bundled[i].path };
	ck_assert_msg(lists_load(src, n, &l, &e) == 0, "%s", e.text);
	return l;
}

static void setup(void)
{
	struct error e = { "" };

	ck_assert_msg(catalogue_load(DIR "catalogue.tsv", &catalogue, &e) == 0, "%s", e.text);
	all = load(BUNDLED);
	defaults = load(DEFAULTS);
}

static void teardown(void)
{
	lists_free(defaults);
	lists_free(all);
	catalogue_free(catalogue);
}

/* Calls each() for every rule of a file. */
static void each_rule(const char *path, void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	FILE *f = fopen(path, "r");
	char line[1024];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f))
		list_parse_line(line, strcspn(line, "\n"), LIST_AUTO, each, ctx);
	fclose(f);
}

static bool default_blocks(const struct name *n, struct index_hit *out)
{
	return index_find(lists_index(defaults), &(struct rule_query){ .name = n }, out) &&
	       index_hit_winner(out)->action == RULE_BLOCK;
}

START_TEST(every_line_is_understood)
{
	for (uint16_t i = 0; i < BUNDLED; i++) {
		const struct list_counts *c = lists_counts(all, i);
		for (int s = 0; s < LIST_SKIPS; s++)
			ck_assert_msg(s == LIST_SKIP_BLANK || !c->skipped[s], "%s: %llu lines: %s",
				      bundled[i].path, (unsigned long long)c->skipped[s],
				      list_skip_name((enum list_skip)s));
		ck_assert_uint_gt(c->rules, 10);
	}
}
END_TEST

START_TEST(no_rule_twice)
{
	uint64_t rules = 0;

	for (uint16_t i = 0; i < BUNDLED; i++)
		rules += lists_counts(all, i)->rules;
	ck_assert_uint_eq(rules, index_rules(lists_index(all)));
}
END_TEST

/* The head says what a list is for, under which licence, and whether it is on. */
START_TEST(heads)
{
	for (size_t i = 0; i < BUNDLED; i++) {
		char text[2048];
		FILE *f = fopen(bundled[i].path, "r");
		ck_assert_ptr_nonnull(f);
		size_t n = fread(text, 1, sizeof text - 1, f);
		fclose(f);
		text[n] = '\0';
		ck_assert_ptr_nonnull(strstr(text, "! Title: tacet "));
		ck_assert_ptr_nonnull(strstr(text, "! Licence: GPL-2.0-or-later"));
		ck_assert_msg(strstr(text, bundled[i].by_default ? "! On by default."
								 : "! Off by default.") != NULL,
			      "%s", bundled[i].path);
	}
}
END_TEST

static bool role_fits(const char *path, enum role r)
{
	if (strstr(path, "ads.txt"))
		return r == ROLE_ADS;
	if (strstr(path, "acr.txt"))
		return r == ROLE_ACR;
	return r == ROLE_TELEMETRY || r == ROLE_ANALYTICS || r == ROLE_CRASH ||
	       r == ROLE_EXPERIMENT;
}

/* The row of the same name, or of the same first label: "||metrics*.roku.com^". */
static const struct catalogue_row *row_of_rule(const struct rule *r)
{
	for (size_t i = 0; i < catalogue_rows(catalogue); i++) {
		const struct catalogue_row *row = catalogue_row(catalogue, i);
		char text[NAME_MAX_TEXT + 8];
		/* "||*" is the same as no anchor, and the reader of lists says so. */
		snprintf(text, sizeof text, "%s%s^", *row->domain == '*' ? "" : "||",
			 row->domain + (*row->domain == '*'));
		if (row->match == RULE_PATTERN ? r->text && !strcmp(r->text, text)
					       : !r->text && name_equal(&row->name, &r->name))
			return row;
	}
	return NULL;
}

/* "|smetrics.": a first label that is told at any owner has no domain, and so no row; the list says
 * over it what it is. */
static bool is_label_anywhere(const struct rule *r)
{
	return r->match == RULE_PATTERN && r->text[0] == '|' && r->text[1] != '|' &&
	       !strpbrk(r->text + 1, "*^|") && r->text[strlen(r->text) - 1] == '.';
}

static bool has_essential_row(const struct name *name)
{
	for (size_t i = 0; i < catalogue_rows(catalogue); i++) {
		const struct catalogue_row *row = catalogue_row(catalogue, i);
		if (row->essential && name_under(&row->name, name))
			return true;
	}
	return false;
}

static void default_rule_has_its_row(void *ctx, const struct rule *r)
{
	const char *path = ctx;
	const struct catalogue_row *row = row_of_rule(r);

	if (strstr(path, "needed.txt")) {
		ck_assert_int_eq(r->action, RULE_ALLOW);
		ck_assert_msg(r->match == RULE_PATTERN ? row && row->essential
						       : has_essential_row(&r->name),
			      "%s: no essential row", r->text ? r->text : r->name.text);
		return;
	}
	if (is_label_anywhere(r))
		return;
	ck_assert_msg(row != NULL, "%s: line %u: %s: no catalogue row", path, r->line,
		      r->text ? r->text : r->name.text);
	if (r->action == RULE_ALLOW) {
		ck_assert_msg(row->essential, "%s: %s: an exception, but the row is not essential",
			      path, r->name.text);
		return;
	}
	ck_assert_msg(strcmp(row->breaks, "nothing") == 0, "%s: %s: breaks %s", path, r->name.text,
		      row->breaks);
	ck_assert_msg(role_fits(path, row->role), "%s: %s: role %s", path, r->name.text,
		      role_name(row->role));
}

START_TEST(default_rules_have_their_rows)
{
	for (size_t i = 0; i < DEFAULTS; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s", bundled[i].path);
		each_rule(path, default_rule_has_its_row, path);
	}
}
END_TEST

static void count(void *ctx, const struct rule *r)
{
	++*(size_t *)ctx;
}

/* Of a suffix, what is below counts: a label that is told anywhere may be its first. */
static void only_rule_of_its_name(void *ctx, const struct rule *r)
{
	char text[NAME_MAX_TEXT + 8];
	struct name name = r->name;
	size_t n = 0;

	if (r->action == RULE_ALLOW || r->match == RULE_PATTERN)
		return;
	snprintf(text, sizeof text, "x.%s", r->name.text);
	if (r->match == RULE_SUFFIX)
		ck_assert(name_from_text(text, strlen(text), &name));
	index_each(lists_index(defaults), &(struct rule_query){ .name = &name }, count, &n);
	ck_assert_msg(n == 1, "%s: %zu default rules", r->name.text, n);
}

START_TEST(no_default_rule_covers_another)
{
	for (size_t i = 0; i < DEFAULTS; i++)
		each_rule(bundled[i].path, only_rule_of_its_name, NULL);
}
END_TEST

static void print_finding(void *ctx, const struct catalogue_row *row, const char *what)
{
	fprintf(stderr, "catalogue.tsv:%u: %s: %s\n", row->line, row->domain, what);
}

START_TEST(linter_is_content)
{
	size_t essential = 0;

	for (size_t i = 0; i < catalogue_rows(catalogue); i++)
		essential += catalogue_row(catalogue, i)->essential;
	ck_assert_uint_gt(essential, 500);
	ck_assert_uint_eq(catalogue_lint(catalogue, defaults, print_finding, NULL), 0);
}
END_TEST

/* A rule as long as an essential row never acts: it would only look as if it did. */
static void acts(void *ctx, const struct rule *r)
{
	const struct catalogue_row *row;

	catalogue_find(catalogue, &r->name, &row);
	ck_assert_msg(r->action == RULE_ALLOW || !row || row->name.len < r->name.len,
		      "%s: %s: the essential row of line %u is as long", (const char *)ctx,
		      r->name.text, row->line);
}

START_TEST(every_rule_can_act)
{
	for (size_t i = 0; i < BUNDLED; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s", bundled[i].path);
		each_rule(path, acts, path);
	}
}
END_TEST

struct tally {
	char app[32];
	unsigned known, blocked, essential;
};

static struct tally *tally_of(struct tally *at, size_t *n, const char *app)
{
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(at[i].app, app) == 0)
			return &at[i];
	}
	ck_assert_uint_lt(*n, 128);
	snprintf(at[*n].app, sizeof at[*n].app, "%s", app);
	return &at[(*n)++];
}

/* A name of a row about first labels: something stands for the stars. */
static struct name name_of_row(const struct catalogue_row *row)
{
	char text[NAME_MAX_TEXT];
	struct name n = row->name;

	snprintf(text, sizeof text, "%s", row->domain);
	for (char *c = text; *c; c++)
		*c = *c == '*' ? 'x' : *c;
	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

static size_t tally_all(struct tally *at)
{
	size_t n = 0;

	for (size_t i = 0; i < catalogue_rows(catalogue); i++) {
		const struct catalogue_row *row = catalogue_row(catalogue, i);
		struct tally *t = tally_of(at, &n, row->app ? row->app : "-");
		struct name name = name_of_row(row);
		const struct catalogue_row *essential;
		struct index_hit hit;
		catalogue_find(catalogue, &name, &essential);
		t->known++;
		t->essential += row->essential;
		t->blocked +=
			default_blocks(&name, &hit) &&
			(!essential || essential->length < rule_length(index_hit_winner(&hit)));
	}
	return n;
}

START_TEST(readme_numbers_are_true)
{
	static struct tally counted[128];
	size_t apps = tally_all(counted), seen = 0;
	FILE *f = fopen(DIR "README.md", "r");
	char line[512];

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(apps, 30);
	while (fgets(line, sizeof line, f)) {
		struct tally said;
		if (sscanf(line, "| %*[^|]| `%31[^`]` | %u | %u | %u |", said.app, &said.known,
			   &said.blocked, &said.essential) != 4)
			continue;
		size_t before = apps;
		const struct tally *is = tally_of(counted, &apps, said.app);
		ck_assert_msg(apps == before, "README.md: %s: not in the catalogue", said.app);
		ck_assert_msg(said.known == is->known && said.blocked == is->blocked &&
				      said.essential == is->essential,
			      "README.md: `%s` should read | %u | %u | %u |", said.app, is->known,
			      is->blocked, is->essential);
		seen++;
	}
	fclose(f);
	ck_assert_uint_eq(seen, apps);
}
END_TEST

/* A few decisions that this project exists for. */
START_TEST(known_names)
{
	static const struct {
		const char *name, *app;
		enum role role;
		bool blocked;
	} cases[] = {
		{ "logs.netflix.com", "netflix", ROLE_TELEMETRY, true },
		{ "nrdp.prod.ftl.netflix.com", "netflix", ROLE_API, false },
		{ "ipv4-c001-ams001-ix.1.oca.nflxvideo.net", "netflix", ROLE_CONTENT, false },
		{ "scribe.logs.roku.com", "roku-os", ROLE_TELEMETRY, true },
		{ "api.sr.roku.com", "roku-os", ROLE_API, false },
		{ "eu-acr7.alphonso.tv", "lg-webos", ROLE_ACR, true },
		{ "log-ingestion-eu.samsungacr.com", "samsung-tizen", ROLE_ACR, true },
		{ "settings.crashlytics.com", NULL, ROLE_CRASH, true },
		{ "imasdk.googleapis.com", NULL, ROLE_ADS, false },
		{ "prod.service.minerva.devices.a2z.com", "primevideo", ROLE_API, false },
		{ "mask.icloud.com", NULL, ROLE_BYPASS, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct name n;
		struct index_hit hit;
		ck_assert(name_from_text(cases[i].name, strlen(cases[i].name), &n));
		const struct catalogue_row *row = catalogue_find(catalogue, &n, NULL);
		ck_assert_msg(row != NULL, "%s: no row", cases[i].name);
		ck_assert_msg(row->role == cases[i].role, "%s: role %s", cases[i].name,
			      role_name(row->role));
		ck_assert_msg(default_blocks(&n, &hit) == cases[i].blocked, "%s", cases[i].name);
		if (cases[i].app)
			ck_assert_str_eq(row->app, cases[i].app);
		else
			ck_assert_ptr_null(row->app);
	}
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_line_is_understood);
	tcase_add_test(t, no_rule_twice);
	tcase_add_test(t, heads);
	tcase_add_test(t, default_rules_have_their_rows);
	tcase_add_test(t, no_default_rule_covers_another);
	tcase_add_test(t, linter_is_content);
	tcase_add_test(t, every_rule_can_act);
	tcase_add_test(t, readme_numbers_are_true);
	tcase_add_test(t, known_names);
	return suite_end(t, "classify/bundled");
}
