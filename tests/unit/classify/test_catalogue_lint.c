/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each fault of a catalogue is found, and nothing else is. */
#include <stdlib.h>
#include <string.h>

#include "classify/catalogue_lint.h"
#include "unit/classify/files.h"
#include "suite.h"

#define HEAD "domain\tmatch\towner\tapp\trole\tbreaks\tevidence\n"
#define FILM "example.com\tsuffix\tE\ttv\tapi\tplayback\tB a document\n"

struct seen {
	size_t count;
	unsigned line;
	char what[512];
};

static void note(void *ctx, const struct catalogue_row *row, const char *what)
{
	struct seen *s = ctx;

	s->count++;
	s->line = row->line;
	snprintf(s->what, sizeof s->what, "%s", what);
}

static struct seen lint(const char *rows, const char *list)
{
	struct catalogue *c = NULL;
	struct lists *l = NULL;
	struct error e = { "" };
	struct seen s = { 0 };

	ck_assert_msg(catalogue_load(file_text(0, rows), &c, &e) == 0, "%s", e.text);
	if (list) {
		struct list_source src = { .name = "mine", .path = file_text(1, list) };
		ck_assert_msg(lists_load(&src, 1, &l, &e) == 0, "%s", e.text);
	}
	ck_assert_uint_eq(catalogue_lint(c, l, note, &s), s.count);
	lists_free(l);
	catalogue_free(c);
	return s;
}

static void expect(const char *rows, const char *list, const char *what)
{
	struct seen s = lint(rows, list);

	ck_assert_msg(s.count == 1, "%zu findings, not '%s'; the last: %s", s.count, what, s.what);
	ck_assert_uint_eq(s.line, 3);
	ck_assert_msg(strstr(s.what, what) != NULL, "%s", s.what);
}

static void expect_clean(const char *rows, const char *list)
{
	struct seen s = lint(rows, list);

	ck_assert_msg(!s.count, "line %u: %s", s.line, s.what);
}

START_TEST(evidence)
{
	expect(HEAD FILM "a.net\texact\tE\t-\tads\tnothing\tsomewhere\n", NULL, "no evidence");
	expect(HEAD FILM "a.net\texact\tE\t-\tads\tnothing\tC\n", NULL, "no evidence");
	expect(HEAD FILM "a.net\texact\tE\t-\tads\tnothing\tA a thread\n", NULL, "the address");
	expect(HEAD FILM "a.net\texact\tE\t-\tads\tsome\tB a document\n", NULL, "breaks 'some'");
	expect(HEAD FILM "a.net\texact\tE\t-\tads\tfeature:\tB a document\n", NULL, "breaks");
	expect_clean(HEAD FILM "a.net\texact\tE\t-\tads\tfeature:x\tA https://example.org/1\n",
		     NULL);
}
END_TEST

START_TEST(reach)
{
	/* Two rows for one name speak for different names, and agree about the app. */
	expect_clean(HEAD FILM "example.com\texact\tE\ttv\tapi\tplayback\tB a document\n", NULL);
	expect(HEAD "example.com\texact\tE\tradio\tapi\tplayback\tB a document\n" FILM, NULL,
	       "another app than line 2");
}
END_TEST

START_TEST(first_labels_that_cover)
{
	expect_clean(HEAD FILM "log*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n",
		     NULL);
	/* The essential name that a pattern would take; an exact row speaks before it. */
	expect(HEAD "login*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n"
		    "login.example.com\tsuffix\tE\ttv\tauth\tlogin\tB a document\n",
	       NULL, "essential, but the ads row 'login*.example.com' of line 2 covers it");
	expect_clean(HEAD "login*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n"
			  "login.example.com\texact\tE\ttv\tauth\tlogin\tB a document\n",
		     NULL);
	/* Of two patterns as long, the first in order speaks for names that fit both. */
	expect_clean(HEAD "log*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n"
			  "*log.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n",
		     NULL);
	expect(HEAD "*log*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n"
		    "log*.example.com\tfirst\tE\ttv\tads\tnothing\tB a document\n",
	       NULL, "no name reaches it: '*log*.example.com' of line 2 speaks first");
}
END_TEST

START_TEST(lists)
{
	static const char rows[] = HEAD FILM "need.a.net\texact\tE\t-\tads\tlogin\tB a document\n";
	static const char id[] =
		HEAD FILM "who.a.net\texact\tE\t-\tidentity\tunknown\tB a document\n";

	expect_clean(rows, "b.net\n");
	expect(rows, "||a.net^\n", "essential, but blocked by ||a.net^ of mine");
	expect_clean(rows, "||a.net^\n@@|need.a.net^\n");
	expect(id, "||a.net^\n", "its role is 'identity'");
	expect_clean(HEAD FILM "log.a.net\texact\tE\t-\tcrash\tunknown\tB a document\n",
		     "||a.net^\n");
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, files_setup, files_teardown);
	tcase_add_test(t, evidence);
	tcase_add_test(t, reach);
	tcase_add_test(t, first_labels_that_cover);
	tcase_add_test(t, lists);
	return suite_end(t, "classify/catalogue_lint");
}
