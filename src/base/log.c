/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for people: one line each, written at once. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static struct {
	enum log_level most;
	bool prefix;
} settings = { .most = LOG_LEVEL_INFO };

void log_init(enum log_level most)
{
	settings.most = most;
	settings.prefix = getenv("JOURNAL_STREAM") != NULL;
}

/* The priorities of syslog(3). */
static int priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return 3;
	case LOG_LEVEL_WARNING:
		return 4;
	case LOG_LEVEL_INFO:
		return 6;
	case LOG_LEVEL_DEBUG:
		return 7;
	}
	return 7;
}

static void write_all(const char *at, size_t n)
{
	while (n) {
		ssize_t done = write(STDERR_FILENO, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		at += done;
		n -= (size_t)done;
	}
}

/* One write a line: lines of several processes on one standard error do not mix. */
__attribute__((format(printf, 2, 0))) static void log_line(enum log_level level, const char *fmt,
							   va_list args)
{
	char line[LINE_MAX_BYTES];
	int saved = errno, head, body;
	size_t n;

	if (level > settings.most)
		return;
	if (settings.prefix)
		head = snprintf(line, sizeof(line), "<%d>tacet: ", priority(level));
	else
		head = snprintf(line, sizeof(line), "tacet: ");
	errno = saved; /* for %m */
	body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, fmt, args);
	if (body >= 0) {
		n = strlen(line);
		if ((size_t)(head + body) > n)
			memcpy(line + n - 3, "...", 3);
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
				line[i] = ' ';
		line[n++] = '\n';
		write_all(line, n);
	}
	errno = saved;
}

void log_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_ERROR, fmt, args);
	va_end(args);
}

void log_warning(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_WARNING, fmt, args);
	va_end(args);
}

void log_info(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_INFO, fmt, args);
	va_end(args);
}

void log_debug(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	log_line(LOG_LEVEL_DEBUG, fmt, args);
	va_end(args);
}
