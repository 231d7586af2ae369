/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts as files, and rules as lists, for tests that need no more of them. */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classify/lists.h"

enum { TEMPORARY_MAX = 32 };

/* A new file that holds text; its path. The caller unlinks it. */
static inline const char *temporary_file(const char *text, char path[static TEMPORARY_MAX])
{
	int fd;

	strcpy(path, "/tmp/tacet-test-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

/* One list "test" of role ads. */
static inline struct lists *temporary_lists(const char *rules)
{
	char path[TEMPORARY_MAX];
	struct list_source source = { .name = "test",
				      .path = temporary_file(rules, path),
				      .role = "ads" };
	struct lists *lists = NULL;
	struct error e = { "" };

	ck_assert_msg(!lists_load(&source, 1, &lists, &e), "%s", e.text);
	unlink(path);
	return lists;
}

#endif
