/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue: rows, look-ups, and what a bad file is told. */
#include <errno.h>

#include "classify/catalogue.h"
#include "files.h"
#include "suite.h"

#define HEAD "domain\tmatch\towner\tapp\trole\tbreaks\tevidence\n"

static struct name name_of(const char *text)
{
	struct name n;

	ck_assert(name_from_text(text, strlen(text), &n));
	return n;
}

static const char *found(const struct catalogue *c, const char *text, bool essential)
{
	struct name n = name_of(text);
	const struct catalogue_row *protecting, *row = catalogue_find(c, &n, &protecting);

	if (essential)
		row = protecting;
	return row ? row->evidence : "none";
}

START_TEST(rows_and_lookups)
{
	static const char text[] =
		"# a comment\n" HEAD "example.com\tsuffix\tExample\ttv\tapi\tplayback\t1\n"
		"\n"
		"Logs.example.com.\texact\tExample\ttv\ttelemetry\tnothing\t2\n"
		"logs.example.com\tsuffix\tExample\ttv\ttelemetry\tunknown\t3\r\n"
		"stats.example.com\tsuffix\tExample\ttv\tanalytics\tlogin\t4\n"
		"sdk.example.net\tsuffix\tVendor\t-\tcrash\tnothing\t5\n"
		"what.example.net\texact\tVendor\t-\t-\tunknown\t6";
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_msg(catalogue_load(file_text(0, text), &c, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(catalogue_rows(c), 6);
	ck_assert_ptr_null(catalogue_row(c, 6));
	const struct catalogue_row *row = catalogue_row(c, 1);
	ck_assert_str_eq(row->name.text, "logs.example.com");
	ck_assert_int_eq(row->match, RULE_EXACT);
	ck_assert_int_eq(row->role, ROLE_TELEMETRY);
	ck_assert_str_eq(row->owner, "Example");
	ck_assert_str_eq(row->app, "tv");
	ck_assert_str_eq(row->breaks, "nothing");
	ck_assert_uint_eq(row->line, 5);
	ck_assert(!row->essential);
	ck_assert_ptr_null(catalogue_row(c, 4)->app);
	ck_assert_int_eq(catalogue_row(c, 5)->role, ROLE_NONE);

	ck_assert_str_eq(found(c, "example.com", false), "1");
	ck_assert_str_eq(found(c, "cdn.example.com", false), "1");
	ck_assert_str_eq(found(c, "logs.example.com", false), "2");
	ck_assert_str_eq(found(c, "a.logs.example.com", false), "3");
	ck_assert_str_eq(found(c, "a.sdk.example.net", false), "5");
	ck_assert_str_eq(found(c, "a.what.example.net", false), "none");
	/* Its own row is no essential one: the longest essential row is the app's. */
	ck_assert_str_eq(found(c, "logs.example.com", true), "1");
	ck_assert_str_eq(found(c, "a.stats.example.com", true), "4");
	ck_assert_str_eq(found(c, "sdk.example.net", true), "none");
	catalogue_free(c);
	catalogue_free(NULL);
}
END_TEST

START_TEST(devices)
{
	static const char text[] = HEAD "box\tdevice\tMaker\tbox\t-\tunknown\t1\n"
					"box.example\tsuffix\tMaker\tbox\tapi\tplayback\t2\n"
					"film.example\tsuffix\tFilm\tfilm\tapi\tplayback\t3\n"
					"sdk.example\tsuffix\tVendor\t-\tads\tnothing\t4\n";
	static const char twice[] = HEAD "box\tdevice\tMaker\ttv\t-\tunknown\t1\n";
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_msg(catalogue_load(file_text(0, text), &c, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(catalogue_rows(c), 3); /* a device is no row */
	ck_assert(catalogue_row(c, 0)->is_device);
	ck_assert(!catalogue_row(c, 1)->is_device);
	ck_assert(!catalogue_row(c, 2)->is_device);
	ck_assert_str_eq(found(c, "box", false), "none");
	catalogue_free(c);
	ck_assert_int_eq(catalogue_load(file_text(0, twice), &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "a device is named twice"));
}
END_TEST

START_TEST(first_labels)
{
	static const char text[] =
		HEAD "example.com\tsuffix\tExample\ttv\tapi\tplayback\t1\n"
		     "Log*.Example.com\tfirst\tExample\ttv\ttelemetry\tnothing\t2\n"
		     "*-boot.example.com\tfirst\tExample\ttv\tapi\tplayback\t3\n"
		     "a*b*c.example.com\tfirst\tExample\ttv\tads\tnothing\t4\n"
		     "logs.eu.example.com\texact\tExample\ttv\ttelemetry\tlogin\t5\n"
		     "deep.in.the.example.com\tsuffix\tExample\ttv\tads\tnothing\t6\n"
		     "log*.example.net\tfirst\tOther\t-\tcrash\tunknown\t7\n";
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_msg(catalogue_load(file_text(0, text), &c, &e) == 0, "%s", e.text);
	const struct catalogue_row *row = catalogue_row(c, 1);
	ck_assert_int_eq(row->match, RULE_PATTERN);
	ck_assert_str_eq(row->name.text, "example.com");
	ck_assert_uint_eq(row->length, strlen("log.example.com"));
	ck_assert_str_eq(found(c, "log.example.com", false), "2");
	ck_assert_str_eq(found(c, "logging-7.eu.example.com", false), "2");
	ck_assert_str_eq(found(c, "blog.example.com", false), "1");
	ck_assert_str_eq(found(c, "x.log.example.com", false), "1");
	ck_assert_str_eq(found(c, "log.example.org", false), "none");
	ck_assert_str_eq(found(c, "log.example.net", false), "7");
	ck_assert_str_eq(found(c, "example.net", false), "none");
	ck_assert_str_eq(found(c, "log", false), "none");
	/* An exact row speaks first; a longer suffix row before a shorter first label. */
	ck_assert_str_eq(found(c, "logs.eu.example.com", false), "5");
	ck_assert_str_eq(found(c, "log.deep.in.the.example.com", false), "6");
	/* The star may stand anywhere, and for nothing; backing up finds the later match. */
	ck_assert_str_eq(found(c, "tv50-boot.example.com", false), "3");
	ck_assert_str_eq(found(c, "-boot.example.com", false), "3");
	ck_assert_str_eq(found(c, "abc.example.com", false), "4");
	ck_assert_str_eq(found(c, "aabcbcxc.example.com", false), "4");
	ck_assert_str_eq(found(c, "abcd.example.com", false), "1");
	/* Essential rows alone. */
	ck_assert_str_eq(found(c, "tv50-boot.example.com", true), "3");
	ck_assert_str_eq(found(c, "log.example.com", true), "1");
	catalogue_free(c);
}
END_TEST

static void expect_error(const char *text, int code, const char *what)
{
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_int_eq(catalogue_load(file_text(0, text), &c, &e), code);
	ck_assert_ptr_null(c);
	ck_assert_ptr_nonnull(strstr(e.text, "reading catalogue: "));
	ck_assert_msg(strstr(e.text, what) != NULL, "%s", e.text);
}

START_TEST(bad_lines)
{
#define ROW "example.com\tsuffix\tExample\ttv\tapi\tplayback\t1\n"
	expect_error(HEAD ROW "a.com\tsuffix\tE\ttv\tapi\tplayback\n", -EINVAL,
		     "line 3: 6 fields, not 7");
	expect_error(HEAD ROW "a.com\tsuffix\tE\ttv\tapi\tplayback\t1\t2\n", -EINVAL,
		     "line 3: 8 fields");
	expect_error(HEAD ROW "a.com\tsufix\tE\ttv\tapi\tplayback\t1\n", -EINVAL,
		     "line 3: sufix: match must be exact, suffix or first");
	static const char *const bad[] = { "log.a.com",	 "*.a.com",    "log*",	   "log*.com",
					   "l g*.a.com", "log*.*.com", "log*..com" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[256];
		snprintf(text, sizeof text, HEAD ROW "%s\tfirst\tE\t-\tads\tnothing\t1\n", bad[i]);
		expect_error(text, -EINVAL, "not a pattern of a first label and a domain");
	}
	expect_error(HEAD ROW "log*.a.com\tfirst\tE\t-\tads\tnothing\t1\n"
			      "LOG*.a.com\tfirst\tE\t-\tads\tnothing\t1\n",
		     -EINVAL, "line 4: LOG*.a.com: already on line 3");
	expect_error(HEAD ROW "#\na.com\tsuffix\tE\ttv\ttelmetry\tnothing\t1\n", -EINVAL,
		     "line 4: telmetry: no such role");
	expect_error(HEAD "a..com\tsuffix\tE\ttv\tapi\tplayback\t1\n", -EINVAL,
		     "line 2: a..com: not a name");
	expect_error(HEAD "*.a.com\tsuffix\tE\ttv\tapi\tplayback\t1\n", -EINVAL, "not a name");
	expect_error(HEAD "a.com\tsuffix\tE\ttv\tapi\tplayback\t\n", -EINVAL,
		     "line 2: evidence: the field is empty");
	expect_error(HEAD ROW ROW, -EINVAL, "line 3: example.com: already on line 2");
	expect_error(HEAD ROW "example.com\texact\tE\ttv\tapi\tlogin\t2\n"
			      "EXAMPLE.com\texact\tE\ttv\tads\tnothing\t3\n",
		     -EINVAL, "line 4: example.com: already on line 3");
	expect_error(ROW, -EINVAL, "line 1: example.com: the first line must name the fields");
	expect_error(HEAD, -ENODATA, "it has no rows");
	expect_error("", -ENODATA, "it has no rows");
}
END_TEST

START_TEST(exact_and_suffix_of_one_name)
{
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_int_eq(catalogue_load(file_text(0, HEAD ROW
						  "example.com\texact\tE\ttv\tads\tnothing\t2\n"),
					&c, &e),
			 0);
	ck_assert_str_eq(found(c, "example.com", false), "2");
	ck_assert_str_eq(found(c, "example.com", true), "1");
	ck_assert_str_eq(found(c, "a.example.com", false), "1");
	catalogue_free(c);
}
END_TEST

START_TEST(unreadable)
{
	struct catalogue *c = NULL;
	struct error e = { "" };

	ck_assert_int_eq(catalogue_load("/nonexistent.tsv", &c, &e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent.tsv: No such file"));
	ck_assert_int_eq(catalogue_load(files_dir, &c, &e), -EISDIR);
	ck_assert_int_eq(catalogue_load("/dev/zero", &c, &e), -EFBIG);
	ck_assert_int_eq(catalogue_load(file_write(0, HEAD ROW "\0", sizeof(HEAD ROW)), &c, &e),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "not a text file"));
	ck_assert_ptr_null(c);
}
END_TEST

/* More than one step of reading, and rows found at both ends. */
START_TEST(many_rows)
{
	enum { ROWS = 5000 };
	char *text = malloc(ROWS * 80 + sizeof HEAD);
	struct catalogue *c = NULL;
	struct error e = { "" };
	size_t n = (size_t)sprintf(text, HEAD);

	for (int i = 0; i < ROWS; i++)
		n += (size_t)sprintf(text + n, "n%d.example.com\tsuffix\tE\ttv\tads\tnothing\t%d\n",
				     i, i);
	ck_assert_msg(catalogue_load(file_write(0, text, n), &c, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(catalogue_rows(c), ROWS);
	ck_assert_str_eq(found(c, "a.n0.example.com", false), "0");
	ck_assert_str_eq(found(c, "a.n4999.example.com", false), "4999");
	ck_assert_str_eq(found(c, "a.n5000.example.com", false), "none");
	catalogue_free(c);
	free(text);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, files_setup, files_teardown);
	tcase_add_test(t, rows_and_lookups);
	tcase_add_test(t, devices);
	tcase_add_test(t, first_labels);
	tcase_add_test(t, bad_lines);
	tcase_add_test(t, exact_and_suffix_of_one_name);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, many_rows);
	return suite_end(t, "classify/catalogue");
}
