/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the compiled index: comes back as it went, and is believed only if it fits. */
#include "update/compiled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static char top[64];

static const char *path(const char *name)
{
	static char out[128];

	snprintf(out, sizeof out, "%s/%s", top, name);
	return out;
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(path(name), "we");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

/* Lists a and b of top/a and top/b; cache is top/cache. */
static struct config *configured(void)
{
	struct config *c = NULL;
	struct error e = { "" };
	char text[512];

	strcpy(top, "/tmp/tacet-compiled-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	write_file("a", "||a.example^\n");
	write_file("b", "||b.example^\n");
	snprintf(
		text, sizeof text,
		"[tacet]\nbundled_lists = no\n[lists]\ncache = cache\ndir = .\n[list a]\n"
		"file = a\n[list off]\nfile = none\nenabled = no\n[list b]\nfile = b\nlog = yes\n");
	write_file("conf", text);
	ck_assert_msg(!config_load(path("conf"), "/nonexistent", &c, &e), "%s", e.text);
	return c;
}

static void clean(struct config *c)
{
	char command[96];

	config_free(c);
	snprintf(command, sizeof command, "rm -rf %s", top);
	ck_assert_int_eq(system(command), 0);
}

static bool compile(const struct config *c)
{
	struct compile_options o = { .config = c, .now = 1790000000 };
	struct error e = { "" };
	bool changed;

	ck_assert_msg(!compile_run(&o, &changed, &e), "%s", e.text);
	return changed;
}

static int open_it(const struct config *c, bool fresh)
{
	struct compiled r = { .at = NULL };
	struct lists *l = NULL;
	struct error e = { "" };
	int rc = compiled_open(c, fresh, &r, &l, &e);

	if (!rc) {
		ck_assert_uint_eq(r.count, 2);
		ck_assert_uint_eq(lists_count(l), 2);
		ck_assert_str_eq(lists_source(l, 1)->name, "b");
		ck_assert(lists_source(l, 1)->log_only);
		ck_assert(!lists_source(l, 0)->log_only);
		lists_free(l);
	}
	compiled_done(&r);
	return rc;
}

START_TEST(an_index_is_opened_while_it_is_of_these_lists)
{
	struct config *c = configured();

	ck_assert_int_eq(open_it(c, true), -ENOENT);
	ck_assert(compile(c));
	ck_assert(!compile(c));
	ck_assert_int_eq(open_it(c, true), 0);
	/* Another content: not fresh, but of these lists. */
	write_file("a", "||aa.example^\n");
	ck_assert_int_eq(open_it(c, true), -ESTALE);
	ck_assert_int_eq(open_it(c, false), 0);
	ck_assert(compile(c));
	ck_assert_int_eq(open_it(c, true), 0);
	/* Another list, or the same one read otherwise. */
	c->lists[1].enabled = true;
	ck_assert_int_eq(open_it(c, false), -ESTALE);
	c->lists[1].enabled = false;
	strcpy(c->lists[2].action, "allow");
	ck_assert_int_eq(open_it(c, false), -ESTALE);
	strcpy(c->lists[2].action, "block");
	/* One that was refused is looked at again. */
	write_file("b", "<html>");
	compile(c);
	ck_assert_int_eq(open_it(c, true), -ESTALE);
	ck_assert_int_eq(open_it(c, false), 0);
	/* Nobody else may write there. */
	ck_assert_int_eq(chmod(path("cache"), 0777), 0);
	ck_assert_int_eq(open_it(c, false), -EPERM);
	clean(c);
}
END_TEST

START_TEST(what_is_known_comes_back)
{
	struct config *c = configured();
	struct compiled r;
	struct error e = { "" };

	compile(c);
	write_file("b", "");
	compile(c);
	compiled_load(c->cache_dir, &r);
	ck_assert_uint_ne(r.checksum, 0);
	ck_assert_uint_eq(r.count, 2);
	ck_assert_ptr_eq(compiled_find(&r, "b"), &r.at[1]);
	ck_assert_ptr_null(compiled_find(&r, "off"));
	ck_assert(compiled_same_settings(&r.at[1], &c->lists[2]));
	ck_assert(!compiled_same_settings(&r.at[1], &c->lists[0]));
	ck_assert_str_eq(compiled_state(&r.at[0]), "ok");
	ck_assert_str_eq(compiled_state(&r.at[1]), "kept");
	ck_assert_int_eq(r.at[1].why, UPDATE_CONTENT);
	ck_assert_ptr_nonnull(strstr(r.at[1].said, "empty"));
	ck_assert_uint_eq(r.at[1].rules, 1);
	ck_assert_uint_eq(r.at[1].bytes, 13);
	ck_assert_uint_eq(r.at[1].members, 1);
	ck_assert_uint_eq(r.at[1].generation, 1);
	ck_assert_int_eq(r.at[1].since, 1790000000);
	ck_assert_str_eq(r.at[1].read_as, "auto");
	ck_assert_uint_eq(strlen(r.at[1].sha256), 64);
	ck_assert_int_eq(compiled_save(c->cache_dir, &r, &e), 0);
	compiled_done(&r);
	clean(c);
}
END_TEST

/* Any damage: nothing is known. */
START_TEST(damage_is_seen)
{
	static const char *const damaged[] = {
		"",
		"{}\n",
		"{\"checksum\":7}\n{\"name\":\"a\"}\n",
		"{\"checksum\":7}\n{\"name\":\"a\",\"file\":7}\n",
		"{\"checksum\":7}\n{\"name\":\"a\",\"file\":\"/a\"}\nx\n",
		"{\"checksum\":\"7\"}\n{\"name\":\"a\",\"file\":\"/a\"}\n",
		"[]\n{\"checksum\":7}\n",
	};
	struct config *c = configured();
	struct compiled r;

	compile(c);
	for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
		write_file("cache/lists.jsonl", damaged[i]);
		compiled_load(c->cache_dir, &r);
		ck_assert_msg(!r.count && !r.checksum, "%s", damaged[i]);
		ck_assert_int_eq(open_it(c, false), -ESTALE);
	}
	ck_assert(compile(c));
	ck_assert_int_eq(open_it(c, true), 0);
	clean(c);
}
END_TEST

SUITE("update/compiled", an_index_is_opened_while_it_is_of_these_lists, what_is_known_comes_back,
      damage_is_seen)
