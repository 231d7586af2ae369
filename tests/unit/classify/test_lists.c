/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List files: counts, line numbers, odd line ends, and the errors of files that are none. */
#include <errno.h>

#include "classify/lists.h"
#include "files.h"
#include "suite.h"

struct skip_seen {
	size_t n;
	uint32_t line;
	enum list_skip why;
	char text[128];
};

static void note_skip(void *ctx, const char *path, uint32_t line, enum list_skip why,
		      const char *text, size_t n)
{
	struct skip_seen *s = ctx;

	ck_assert_ptr_nonnull(strstr(path, "list0.txt"));
	if (why == LIST_SKIP_BLANK)
		return;
	s->n++;
	s->line = line;
	s->why = why;
	snprintf(s->text, sizeof s->text, "%.*s", (int)n, text);
}

static int read_bytes_as(enum rule_action action, const void *bytes, size_t n, struct index **out,
			 struct list_counts *counts, struct skip_seen *seen, struct error *e)
{
	struct list_source src = { .name = "streaming",
				   .path = file_write(0, bytes, n),
				   .action = action };
	struct index_builder *b = index_builder_new();
	int rc = list_read(&src, 7, b, counts, seen ? note_skip : NULL, seen, e);

	ck_assert_int_eq(index_builder_finish(b, out), 0);
	index_builder_free(b);
	return rc;
}

static struct index *read_text(const char *text, struct list_counts *counts, struct skip_seen *seen)
{
	struct index *x;
	struct error e = { "" };
	int rc = read_bytes_as(RULE_BLOCK, text, strlen(text), &x, counts, seen, &e);

	ck_assert_msg(rc == 0, "%s", e.text);
	return x;
}

static bool find(const struct index *x, const char *text, struct index_hit *out)
{
	struct name n;

	ck_assert(name_from_text(text, strlen(text), &n));
	return index_find(x, &(struct rule_query){ .name = &n }, out);
}

START_TEST(counts_and_lines)
{
	struct list_counts c;
	struct skip_seen seen = { 0 };
	struct index_hit hit;
	struct index *x = read_text("# a list\n"
				    "0.0.0.0 a.example.com b.example.com\n"
				    "\n"
				    "||c.example.com^\n"
				    "||c.example.com^$popup\n"
				    "10.0.0.1 nas.example.com\n"
				    "@@||ok.c.example.com^",
				    &c, &seen);

	ck_assert_uint_eq(c.lines, 7);
	ck_assert_uint_eq(c.rules, 4);
	ck_assert_uint_eq(c.skipped[LIST_SKIP_BLANK], 2);
	ck_assert_uint_eq(c.skipped[LIST_SKIP_MODIFIER], 1);
	ck_assert_uint_eq(c.skipped[LIST_SKIP_REWRITE], 1);
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_uint_eq(seen.line, 6);
	ck_assert_int_eq(seen.why, LIST_SKIP_REWRITE);
	ck_assert_str_eq(seen.text, "10.0.0.1 nas.example.com");
	ck_assert(find(x, "x.ok.c.example.com", &hit));
	ck_assert_uint_eq(index_line(x, &hit.rule[0][RULE_BLOCK]), 4);
	ck_assert_uint_eq(index_line(x, &hit.rule[0][RULE_ALLOW]), 7);
	ck_assert_uint_eq(hit.rule[0][RULE_ALLOW].list, 7);
	ck_assert(find(x, "b.example.com", &hit));
	ck_assert_uint_eq(index_line(x, &hit.rule[0][RULE_BLOCK]), 2);
	index_free(x);
}
END_TEST

START_TEST(allow_list_allows)
{
	struct index *x;
	struct index_hit hit;
	struct error e;
	const char text[] = "||example.com^\n@@||example.org^\n0.0.0.0 example.net\n";

	ck_assert_int_eq(read_bytes_as(RULE_ALLOW, text, strlen(text), &x, NULL, NULL, &e), 0);
	ck_assert(find(x, "www.example.com", &hit));
	ck_assert(hit.found[0][RULE_ALLOW] && !hit.found[0][RULE_BLOCK]);
	ck_assert(find(x, "www.example.org", &hit));
	ck_assert(hit.found[0][RULE_ALLOW] && !hit.found[0][RULE_BLOCK]);
	ck_assert(find(x, "example.net", &hit));
	ck_assert(hit.found[0][RULE_ALLOW] && !hit.found[0][RULE_BLOCK]);
	index_free(x);
}
END_TEST

START_TEST(mark_and_carriage_returns)
{
	struct list_counts c;
	struct index_hit hit;
	struct index *x = read_text("\xef\xbb\xbf||a.example.com^\r\n"
				    "0.0.0.0 b.example.com\r\n"
				    "c.example.com\r\n",
				    &c, NULL);

	ck_assert_uint_eq(c.rules, 3);
	ck_assert(find(x, "a.example.com", &hit));
	ck_assert(find(x, "b.example.com", &hit));
	ck_assert(find(x, "c.example.com", &hit));
	index_free(x);
}
END_TEST

/* Lines at and over the limit, at the end of the file as well, do not disturb their neighbours. */
START_TEST(long_lines)
{
	enum { LIMIT = 64 * 1024 };
	static const size_t lengths[] = { LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT, 10 * LIMIT + 7 };

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (int last = 0; last < 2; last++) {
			size_t n = lengths[i], len = 0;
			char *text = malloc(n + 64);
			struct list_counts c;
			struct skip_seen seen = { 0 };
			struct index_hit hit;
			len += (size_t)sprintf(text, "a.example.com\n");
			memset(text + len, 'x', n);
			len += n;
			if (!last)
				len += (size_t)sprintf(text + len, "\nb.example.com\n");
			struct index *x;
			struct error e = { "" };
			int rc = read_bytes_as(RULE_BLOCK, text, len, &x, &c, &seen, &e);
			ck_assert_msg(rc == 0, "%s", e.text);
			ck_assert_uint_eq(c.lines, last ? 2 : 3);
			ck_assert_uint_eq(c.rules, last ? 1 : 2);
			ck_assert_uint_eq(c.skipped[n > LIMIT ? LIST_SKIP_LONG : LIST_SKIP_PATTERN],
					  1);
			ck_assert_uint_eq(seen.line, 2);
			ck_assert_int_eq(seen.text[0], 'x');
			if (!last) {
				ck_assert(find(x, "b.example.com", &hit));
				ck_assert_uint_eq(index_line(x, &hit.rule[0][RULE_BLOCK]), 3);
			}
			index_free(x);
			free(text);
		}
	}
}
END_TEST

static void expect_error(const void *bytes, size_t n, int code, const char *what, const char *mend)
{
	struct error e = { "" };
	struct index *x;

	ck_assert_int_eq(read_bytes_as(RULE_BLOCK, bytes, n, &x, NULL, NULL, &e), code);
	ck_assert_ptr_nonnull(strstr(e.text, "reading list streaming: "));
	ck_assert_ptr_nonnull(strstr(e.text, "list0.txt"));
	ck_assert_msg(strstr(e.text, what) != NULL, "%s", e.text);
	ck_assert_msg(strstr(e.text, mend) != NULL, "%s", e.text);
	index_free(x);
}

START_TEST(not_a_list)
{
	static const char *const pages[] = {
		"<!DOCTYPE html>\n<html><body>404</body></html>\n",
		"\xef\xbb\xbf\r\n  <html>\nads.example.com\n",
		"<?xml version=\"1.0\"?>\n",
	};
	static const char zeros[4096];

	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
		expect_error(pages[i], strlen(pages[i]), -EBADMSG, "web page", "address");
	expect_error("", 0, -ENODATA, "none of its 0 lines gave a rule", "tacet lists check");
	expect_error("# only\n! comments\n", 18, -ENODATA, "none of its 2 lines",
		     "tacet lists check");
	expect_error("{\n  \"a\": 1\n}\n", 13, -ENODATA, "none of its 3 lines",
		     "tacet lists check");
	expect_error(zeros, sizeof zeros, -ENODATA, "none of its 1 lines", "tacet lists check");
}
END_TEST

START_TEST(unreadable)
{
	struct error e = { "" };
	struct list_source src = { .name = "streaming", .path = "/nonexistent/list.txt" };

	ck_assert_int_eq(list_read(&src, 0, NULL, NULL, NULL, NULL, &e), -ENOENT);
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent/list.txt: No such file"));
	ck_assert_ptr_nonnull(strstr(e.text, "correct the path"));
	src.path = files_dir;
	ck_assert_int_eq(list_read(&src, 0, NULL, NULL, NULL, NULL, &e), -EISDIR);
	ck_assert_ptr_nonnull(strstr(e.text, files_dir));
	/* It never ends and has no newline: the limit on size must stop it. */
	src.path = "/dev/zero";
	ck_assert_int_eq(list_read(&src, 0, NULL, NULL, NULL, NULL, &e), -EFBIG);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/zero: more than 256 MiB"));
}
END_TEST

START_TEST(counts_without_an_index)
{
	struct list_counts c;
	struct error e;
	struct list_source src = { .name = "x",
				   .path = file_text(0, "a.example.com\nb.example.com\n") };

	ck_assert_int_eq(list_read(&src, 0, NULL, &c, NULL, NULL, &e), 0);
	ck_assert_uint_eq(c.rules, 2);
}
END_TEST

/* RFC 4592, 2.2.1: a wildcard stands for names whose closest encloser is above it: for none that
 * exist, though their own record says nothing, and for none below them. */
START_TEST(zone_wildcards)
{
	static const struct {
		const char *name;
		bool blocked;
	} cases[] = {
		{ "zone.example", false },	   { "new.zone.example", true },
		{ "deep.new.zone.example", true }, { "host.zone.example", true },
		{ "a.host.zone.example", false },  { "b.a.host.zone.example", false },
		{ "moved.zone.example", false },   { "a.moved.zone.example", false },
		{ "b.empty.zone.example", true },  { "empty.zone.example", false },
		{ "c.empty.zone.example", false }, { "whole.zone.example", true },
		{ "a.whole.zone.example", true },  { "hostile.zone.example", true },
		{ "own.zone.example", false },	   { "a.own.zone.example", true },
		{ "x.good.example", false },	   { "x.bad.good.example", true },
	};
	struct list_counts c;
	struct index_hit hit;
	struct index *x = read_text("$TTL 300\n"
				    "*.zone.example CNAME .\n"
				    "host.zone.example CNAME .\n"
				    "moved.zone.example CNAME elsewhere.example.\n"
				    "b.empty.zone.example IN CNAME *.\n"
				    "whole.zone.example CNAME .\n"
				    "*.whole.zone.example CNAME .\n"
				    "*.own.zone.example CNAME .\n"
				    "*.good.example CNAME rpz-passthru.\n"
				    "*.bad.good.example CNAME .\n",
				    &c, NULL);

	ck_assert_uint_eq(c.rules, 8);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct rule *r = find(x, cases[i].name, &hit) ? index_hit_winner(&hit) : NULL;
		ck_assert_msg((r && r->action == RULE_BLOCK) == cases[i].blocked, "%s",
			      cases[i].name);
	}
	ck_assert(find(x, "new.zone.example", &hit));
	ck_assert_uint_eq(index_line(x, &hit.rule[0][RULE_BLOCK]), 2);
	ck_assert_str_eq(hit.rule[0][RULE_BLOCK].modifiers,
			 "denyallow=empty.zone.example|host.zone.example|moved.zone.example|"
			 "own.zone.example");
	index_free(x);
}
END_TEST

/* A wildcard with more names below it than a rule can hold is about those it has no room for. */
START_TEST(zone_of_many)
{
	static char text[64 * 1024];
	size_t used = (size_t)snprintf(text, sizeof text, "*.example CNAME .\n");
	struct list_counts c;
	struct index_hit hit;
	struct index *x;

	for (unsigned i = 0; i < 1000; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "n%u.example CNAME .\n",
					 i);
	x = read_text(text, &c, NULL);
	ck_assert_uint_eq(c.rules, 1001);
	ck_assert(!find(x, "a.n0.example", &hit));
	ck_assert(find(x, "a.n999.example", &hit));
	ck_assert_uint_lt(strlen(hit.rule[0][RULE_BLOCK].modifiers), RULE_STRING_MAX);
	index_free(x);
}
END_TEST

START_TEST(set)
{
	const struct list_source src[] = {
		{ .name = "ads", .path = file_text(0, "||ads.example.com^\n"), .role = "ads" },
		{ .name = "mine",
		  .path = file_text(1, "||ok.ads.example.com^\n"),
		  .action = RULE_ALLOW,
		  .log_only = true },
	};
	struct lists *l = NULL;
	struct error e = { "" };
	struct index_hit hit;

	ck_assert_msg(lists_load(src, 2, &l, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(lists_count(l), 2);
	ck_assert_ptr_ne(lists_source(l, 0)->name, src[0].name);
	ck_assert_str_eq(lists_source(l, 0)->name, "ads");
	ck_assert_str_eq(lists_source(l, 0)->role, "ads");
	ck_assert_str_eq(lists_source(l, 0)->path, src[0].path);
	ck_assert_ptr_null(lists_source(l, 1)->role);
	ck_assert(lists_source(l, 1)->log_only);
	ck_assert_ptr_null(lists_source(l, 2));
	ck_assert_uint_eq(lists_counts(l, 1)->rules, 1);
	ck_assert_ptr_null(lists_counts(l, 2));
	ck_assert(find(lists_index(l), "x.ok.ads.example.com", &hit));
	ck_assert_uint_eq(hit.rule[0][RULE_BLOCK].list, 0);
	ck_assert_uint_eq(hit.rule[0][RULE_ALLOW].list, 1);
	lists_free(l);
	lists_free(NULL);
}
END_TEST

START_TEST(set_all_or_nothing)
{
	const struct list_source src[] = {
		{ .name = "good", .path = file_text(0, "||ads.example.com^\n") },
		{ .name = "bad", .path = "/nonexistent" },
	};
	struct lists *l = NULL;
	struct error e = { "" };

	ck_assert_int_eq(lists_load(src, 2, &l, &e), -ENOENT);
	ck_assert_ptr_null(l);
	ck_assert_ptr_nonnull(strstr(e.text, "reading list bad: /nonexistent"));
	ck_assert_int_eq(lists_load(src, (size_t)UINT16_MAX + 1, &l, &e), -E2BIG);
	ck_assert_ptr_null(l);
	ck_assert_int_eq(lists_load(NULL, 0, &l, &e), 0);
	ck_assert_uint_eq(index_rules(lists_index(l)), 0);
	lists_free(l);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, files_setup, files_teardown);
	tcase_add_test(t, counts_and_lines);
	tcase_add_test(t, allow_list_allows);
	tcase_add_test(t, mark_and_carriage_returns);
	tcase_add_test(t, long_lines);
	tcase_add_test(t, not_a_list);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, counts_without_an_index);
	tcase_add_test(t, zone_wildcards);
	tcase_add_test(t, zone_of_many);
	tcase_add_test(t, set);
	tcase_add_test(t, set_all_or_nothing);
	return suite_end(t, "classify/lists");
}
