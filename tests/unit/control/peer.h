/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server with real sockets in a directory of its own, and clients of it in the same process. */
#ifndef TESTS_CONTROL_PEER_H
#define TESTS_CONTROL_PEER_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "unit/control/world.h"

enum { PEER_LINE = 1 << 20 };

static char peer_dir[64], stats_path[100], control_path[100];
static struct server_options options;
static int64_t clock_skew_ms;

static inline int64_t peer_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + clock_skew_ms;
}

static inline void peer_begin(void)
{
	strcpy(peer_dir, "/tmp/tacet-control-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(peer_dir));
	snprintf(stats_path, sizeof(stats_path), "%s/stats.sock", peer_dir);
	snprintf(control_path, sizeof(control_path), "%s/control.sock", peer_dir);
	world = (struct world){ 0 };
	clock_skew_ms = 0;
	server = NULL;
	options = (struct server_options){ .stats_path = stats_path,
					   .control_path = control_path,
					   .max_clients = 4,
					   .max_buffer = 100000,
					   .idle_ms = 5000,
					   .max_line = 65536 };
}

static inline void peer_end(void)
{
	server_close(server);
	server = NULL;
	unlink(stats_path);
	unlink(control_path);
	ck_assert_msg(!rmdir(peer_dir), "%s is not empty", peer_dir);
}

static inline void peer_open(void)
{
	struct error e = { "" };

	ck_assert_msg(!server_open(&options, &ops, &server, &e), "%s", e.text);
}

/* Lets the server do what it has to, waiting up to ms for something. */
static inline void pump(int ms)
{
	struct pollfd p = { .fd = server_fd(server), .events = POLLIN };

	while (poll(&p, 1, ms) > 0) {
		server_run(server, peer_now());
		ms = 0;
	}
}

static inline int peer_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(a.sun_path, path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static inline void say(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t put = send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (put < 0) {
			ck_assert_int_eq(errno, EAGAIN);
			put = 0;
		}
		bytes += put;
		n -= (size_t)put;
		pump(0);
	}
}

static inline void says(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

/* The next line without its newline; NULL if the server closed. Fails after ten seconds. Reads
 * byte by byte: what comes after the line belongs to the next call. */
static inline const char *next_line(int fd)
{
	static char line[PEER_LINE];
	int64_t until = peer_now() + 10000;
	size_t n = 0;

	while (n < sizeof(line) - 1) {
		ssize_t got = recv(fd, line + n, 1, MSG_DONTWAIT);

		if (got <= 0)
			line[n] = '\0';
		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return n ? line : NULL;
		if (got < 0) {
			ck_assert_msg(peer_now() < until, "no line: '%s'", line);
			pump(10);
			continue;
		}
		if (line[n] == '\n') {
			line[n] = '\0';
			return line;
		}
		n++;
	}
	ck_abort_msg("a line without end");
}

/* Connects, says something and leaves the greeting behind. */
static inline int greeted(const char *path, const char *text)
{
	int fd = peer_connect(path);
	const char *hello;

	says(fd, text);
	hello = next_line(fd);
	ck_assert_ptr_nonnull(hello);
	ck_assert_msg(!strncmp(hello, "{\"type\":\"hello\",", 16), "%s", hello);
	return fd;
}

static inline void expect(int fd, const char *wanted)
{
	const char *line = next_line(fd);

	ck_assert_msg(line != NULL, "closed instead of %s", wanted);
	ck_assert_str_eq(line, wanted);
}

/* The next line has this in it. */
static inline void expect_part(int fd, const char *part)
{
	const char *line = next_line(fd);

	ck_assert_msg(line && strstr(line, part), "no %s: %s", part, line ? line : "(closed)");
}

/* The next line has this error key. */
static inline void expect_error(int fd, const char *key)
{
	const char *line = next_line(fd);
	char wanted[80];

	snprintf(wanted, sizeof(wanted), "\"ok\":false,\"error\":{\"key\":\"%s\",", key);
	ck_assert_msg(line && strstr(line, wanted), "not %s: %s", key, line ? line : "(closed)");
}

/* Nothing comes, and the connection stays. */
static inline void expect_silence(int fd)
{
	char byte;

	pump(30);
	ck_assert_int_eq(recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK), -1);
	ck_assert_int_eq(errno, EAGAIN);
}

static inline void expect_closed(int fd)
{
	ck_assert_ptr_null(next_line(fd));
}

static inline struct server_counters counters(void)
{
	struct server_counters c;

	server_counters(server, &c);
	return c;
}

static inline void publish(const struct server_event *ev, const char *line)
{
	struct text t = { 0 };

	text_str(&t, line);
	server_publish(server, ev, &t);
	text_done(&t);
}

#endif
