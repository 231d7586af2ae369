/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a disk that is full or not ours does to an update: the copy in force stays, and the next
 * update finds its way. */
#define _GNU_SOURCE /* unshare */
#include "update/update.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static char top[64];

static const char *path(const char *name)
{
	static char out[2][128];
	static int n;

	n = !n;
	snprintf(out[n], sizeof out[n], "%s/%s", top, name);
	return out[n];
}

static void write_names(const char *name, int count)
{
	FILE *f = fopen(path(name), "we");

	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < count; i++)
		fprintf(f, "||host%d.example^\n", i);
	ck_assert_int_eq(fclose(f), 0);
}

/* One list, x, from top/source into top/state. */
static struct config *configured(void)
{
	struct config *c = NULL;
	struct error e = { "" };
	FILE *f;

	strcpy(top, "/tmp/tacet-update-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	ck_assert_int_eq(chmod(top, 0755), 0);
	ck_assert_int_eq(mkdir(path("state"), 0755), 0);
	f = fopen(path("conf"), "we");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"[tacet]\nbundled_lists = no\n[lists]\ndir = %s\n[list x]\nurl = "
		"file://%s/source\n",
		path("state"), top);
	fclose(f);
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

static struct update_state last;
static bool last_changed;

static void told(void *ctx, const struct update_state *s, bool changed)
{
	(void)ctx;
	last = *s;
	last_changed = changed;
}

static int update(const struct config *c, unsigned *failed, struct error *e)
{
	struct update_options o = { .config = c, .now = 1790000000, .told = told };
	unsigned changed;

	return update_run(&o, &changed, failed, e);
}

static long size_of(const char *name)
{
	struct stat st;

	return stat(path(name), &st) ? -1 : (long)st.st_size;
}

/* A tmpfs of that size in a mount namespace of our own; false where that is not allowed. */
static bool mount_small(const char *name, const char *size)
{
	char options[32];

	snprintf(options, sizeof options, "mode=0755,size=%s", size);
	return !unshare(CLONE_NEWNS) && !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", path(name), "tmpfs", 0, options);
}

START_TEST(a_full_disk_leaves_the_copy)
{
	struct config *c = configured();
	struct error e = { "" };
	unsigned failed;
	bool mounted = mount_small("state", "64k");

	if (mounted) {
		write_names("source", 100);
		ck_assert_msg(!update(c, &failed, &e), "%s", e.text);
		ck_assert_uint_eq(failed, 0);
		ck_assert(last_changed);
		ck_assert_uint_eq(last.rules, 100);
		write_names("source", 10000);
		ck_assert_msg(!update(c, &failed, &e), "%s", e.text);
		ck_assert_uint_eq(failed, 1);
		ck_assert_int_eq(last.why, UPDATE_DISK);
		ck_assert_ptr_nonnull(strstr(last.said, "No space left on device"));
		ck_assert_int_gt(size_of("state/x.list"), 1000);
		ck_assert_int_lt(size_of("state/x.list"), 3000);
		ck_assert_int_eq(size_of("state/x.list.part"), -1);
		/* It is remembered that the first was good. */
		write_names("source", 110);
		ck_assert_msg(!update(c, &failed, &e), "%s", e.text);
		ck_assert_uint_eq(failed, 0);
		ck_assert_uint_eq(last.generation, 2);
		ck_assert_int_eq(umount(path("state")), 0);
	}
	clean(c);
}
END_TEST

/* Not even room for what is to be remembered: said, and the old state stays. */
START_TEST(a_disk_that_is_full_to_the_last)
{
	struct config *c = configured();
	struct error e = { "" };
	struct update_states s;
	char block[4096] = "";
	unsigned failed;
	int fd;

	if (mount_small("state", "64k")) {
		write_names("source", 100);
		ck_assert_msg(!update(c, &failed, &e), "%s", e.text);
		fd = open(path("state/fill"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		ck_assert_int_ge(fd, 0);
		while (write(fd, block, sizeof block) > 0)
			;
		close(fd);
		write_names("source", 120);
		ck_assert_int_eq(update(c, &failed, &e), -ENOSPC);
		ck_assert_ptr_nonnull(strstr(e.text, "state.jsonl: No space left"));
		ck_assert_int_eq(size_of("state/state.jsonl.part"), -1);
		update_states_load(path("state"), &s);
		ck_assert_uint_eq(s.count, 1);
		ck_assert_uint_eq(s.at[0].rules, 100);
		update_states_done(&s);
		ck_assert_int_eq(umount(path("state")), 0);
	}
	clean(c);
}
END_TEST

START_TEST(a_directory_of_others)
{
	struct config *c = configured();
	struct error e = { "" };
	unsigned failed;

	write_names("source", 100);
	if (geteuid())
		ck_assert_int_eq(chmod(path("state"), 0500), 0);
	else
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(update(c, &failed, &e), -EACCES);
	ck_assert_ptr_nonnull(strstr(e.text, "Permission denied"));
	if (!getuid())
		ck_assert_int_eq(seteuid(0), 0);
	chmod(path("state"), 0700);
	ck_assert_msg(!update(c, &failed, &e), "%s", e.text);
	ck_assert_uint_eq(failed, 0);
	clean(c);
}
END_TEST

START_TEST(a_list_that_shrank)
{
	ck_assert(!update_shrank(50, 100, 50));
	ck_assert(update_shrank(49, 100, 50));
	ck_assert(!update_shrank(0, 99, 50)); /* people write such lists */
	ck_assert(!update_shrank(0, 1000000, 100));
	ck_assert(update_shrank(999999, 1000000, 0));
}
END_TEST

SUITE("update/update", a_full_disk_leaves_the_copy, a_disk_that_is_full_to_the_last,
      a_directory_of_others, a_list_that_shrank)
