/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What arrives on standard error. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "suite.h"

static int old_stderr, from_stderr;

static void catch_stderr(void)
{
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	old_stderr = dup(STDERR_FILENO);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	from_stderr = fd[0];
}

static const char *caught(void)
{
	static char buf[8192];
	ssize_t n;

	dup2(old_stderr, STDERR_FILENO);
	close(old_stderr);
	n = read(from_stderr, buf, sizeof(buf) - 1);
	close(from_stderr);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void log_all(void)
{
	log_error("read: %s: %s", "x", "no such file");
	log_warning("warning %d", 2);
	log_info("info");
	log_debug("debug");
}

START_TEST(levels)
{
	unsetenv("JOURNAL_STREAM");
	log_init(LOG_LEVEL_INFO);
	catch_stderr();
	log_all();
	ck_assert_str_eq(caught(), "tacet: read: x: no such file\ntacet: warning 2\ntacet: info\n");
	log_init(LOG_LEVEL_ERROR);
	catch_stderr();
	log_all();
	ck_assert_str_eq(caught(), "tacet: read: x: no such file\n");
}
END_TEST

START_TEST(journal)
{
	setenv("JOURNAL_STREAM", "8:12345", 1);
	log_init(LOG_LEVEL_DEBUG);
	catch_stderr();
	log_all();
	ck_assert_str_eq(caught(), "<3>tacet: read: x: no such file\n<4>tacet: warning 2\n"
				   "<6>tacet: info\n<7>tacet: debug\n");
}
END_TEST

/* A line is a line, however long or strange its content. */
START_TEST(one_line)
{
	char text[3000];
	const char *line;

	unsetenv("JOURNAL_STREAM");
	log_init(LOG_LEVEL_INFO);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	catch_stderr();
	log_info("%s", text);
	line = caught();
	ck_assert_uint_lt(strlen(line), 1100);
	ck_assert_str_eq(line + strlen(line) - 5, "x...\n");
	catch_stderr();
	log_info("a\nb\x1b[1m");
	ck_assert_str_eq(caught(), "tacet: a b [1m\n");
}
END_TEST

START_TEST(keeps_errno)
{
	catch_stderr();
	errno = ENOENT;
	log_error("open: x: %m");
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_str_eq(caught(), "tacet: open: x: No such file or directory\n");
}
END_TEST

SUITE("base/log", levels, journal, one_line, keeps_errno)
