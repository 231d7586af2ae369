/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history in a file: what is kept, for how long, and what is gone for good. */
#define _GNU_SOURCE /* memmem */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"
#include "web/history.h"

static char folder[] = "/tmp/tacet-history-XXXXXX", path[64];
static struct history *history;
static const int64_t now = INT64_C(1769890500000), day = 86400000;

static int open_with(unsigned days, uint64_t most, struct error *e)
{
	struct history_options o = { path, days, most };

	return history_open(&o, &history, e);
}

/* False: built without SQLite. */
static bool begin(unsigned days, uint64_t most)
{
	struct error e = { "" };
	int rc;

	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/h.db", folder);
	rc = open_with(days, most, &e);
	if (rc == -ENOSYS)
		return false;
	ck_assert_msg(!rc, "%s", e.text);
	return true;
}

static void end(void)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char file[96];

	history_close(history);
	history = NULL;
	for (int i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		unlink(file);
	}
	rmdir(folder);
}

static void add(const char *name, enum record_verdict verdict, int64_t at_ms, unsigned level)
{
	struct log_entry e = { .at_ms = at_ms,
			       .type = RECORD_DNS,
			       .verdict = verdict,
			       .device = "tv",
			       .app = "netflix",
			       .role = "",
			       .name = name };
	char line[128];

	snprintf(line, sizeof(line), "{\"qname\":\"%s\"}", name);
	e.line = line;
	history_add(history, &e, level);
}

static void rows_are(const struct log_filter *f, uint64_t upto, uint64_t skip, uint64_t limit,
		     const char *want)
{
	struct text t = { 0 };

	ck_assert(history_rows(history, f, upto, skip, limit, &t));
	ck_assert_str_eq(t.at, want);
	text_done(&t);
}

static bool file_has(const char *text)
{
	static const char *const ends[] = { "", "-wal" };
	static char bytes[1 << 20];
	char file[96];
	bool found = false;

	for (int i = 0; i < 2; i++) {
		FILE *f;
		size_t n;

		snprintf(file, sizeof(file), "%s%s", path, ends[i]);
		f = fopen(file, "r");
		n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;
		if (f)
			fclose(f);
		found = found || memmem(bytes, n, text, strlen(text));
	}
	return found;
}

START_TEST(kept_and_filtered)
{
	struct log_filter all = { 0 }, below = { .name = "tracker.test" },
			  blocked = { .verdict = RECORD_BLOCK }, nobody = { .device = "x' OR '1" };

	if (!begin(30, 1000)) {
		end();
		return;
	}
	add("film.example", RECORD_ALLOW, now, 0);
	add("a.tracker.test", RECORD_BLOCK, now, 0);
	add("nottracker.test", RECORD_BLOCK, now, 0);
	rows_are(&all, 0, 0, 1,
		 "{\"upto\":3,\"rows\":[{\"qname\":\"nottracker.test\"}],\"total\":3}");
	rows_are(&all, 2, 1, 9, "{\"upto\":2,\"rows\":[{\"qname\":\"film.example\"}],\"total\":2}");
	rows_are(&below, 0, 0, 9,
		 "{\"upto\":3,\"rows\":[{\"qname\":\"a.tracker.test\"}],\"total\":1}");
	rows_are(&blocked, 0, 1, 9,
		 "{\"upto\":3,\"rows\":[{\"qname\":\"a.tracker.test\"}],\"total\":2}");
	rows_are(&nobody, 0, 0, 9, "{\"upto\":3,\"rows\":[],\"total\":0}");
	end();
}
END_TEST

START_TEST(outlives_its_process)
{
	struct log_filter all = { 0 };
	struct error e = { "" };
	struct stat st;

	if (!begin(30, 1000)) {
		end();
		return;
	}
	add("a.example", RECORD_ALLOW, now, 0);
	history_close(history);
	ck_assert_int_eq(open_with(30, 1000, &e), 0);
	add("b.example", RECORD_ALLOW, now, 0);
	rows_are(&all, 0, 0, 9,
		 "{\"upto\":2,\"rows\":[{\"qname\":\"b.example\"},{\"qname\":\"a.example\"}],"
		 "\"total\":2}");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 077, 0);
	end();
}
END_TEST

START_TEST(old_ones_go)
{
	struct log_filter all = { 0 };

	if (!begin(2, 3)) {
		end();
		return;
	}
	add("old.example", RECORD_ALLOW, now - 3 * day, 0);
	add("new.example", RECORD_ALLOW, now - day, 0);
	history_run(history, now);
	rows_are(&all, 0, 0, 9, "{\"upto\":2,\"rows\":[{\"qname\":\"new.example\"}],\"total\":1}");
	for (int i = 0; i < 5; i++)
		add("more.example", RECORD_ALLOW, now, 0);
	history_run(history, now + 100000);
	rows_are(&all, 0, 0, 0, "{\"upto\":7,\"rows\":[],\"total\":3}");
	end();
}
END_TEST

START_TEST(a_higher_level_forgets_for_good)
{
	struct log_filter all = { 0 };

	if (!begin(30, 1000)) {
		end();
		return;
	}
	add("secret-film.example", RECORD_ALLOW, now, 0);
	add("tracker.test", RECORD_BLOCK, now, 2);
	history_run(history, now);
	ck_assert(file_has("secret-film"));
	history_raise(history, 2);
	rows_are(&all, 0, 0, 9, "{\"upto\":2,\"rows\":[{\"qname\":\"tracker.test\"}],\"total\":1}");
	ck_assert(!file_has("secret-film"));
	end();
}
END_TEST

START_TEST(what_is_no_history_is_refused)
{
	struct error e = { "" };
	FILE *f;

	if (!begin(30, 1000)) {
		end();
		return;
	}
	history_close(history);
	history = NULL;
	chmod(path, 0644);
	ck_assert_int_eq(open_with(1, 1, &e), -EPERM);
	ck_assert_ptr_nonnull(strstr(e.text, "chmod 600"));
	f = fopen(path, "w");
	fputs("something else that is long enough to be looked at", f);
	fclose(f);
	chmod(path, 0600);
	ck_assert_int_lt(open_with(1, 1, &e), 0);
	unlink(path);
	ck_assert_int_eq(symlink("/dev/null", path), 0);
	ck_assert_int_lt(open_with(1, 1, &e), 0);
	end();
}
END_TEST

SUITE("web/history", kept_and_filtered, outlives_its_process, old_ones_go,
      a_higher_level_forgets_for_good, what_is_no_history_is_refused)
