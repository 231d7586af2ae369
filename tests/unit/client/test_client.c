/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connection against a Unix server in a process of its own, well-behaved or not. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tacet.h"
#include "suite.h"

#define HELLO "{\"type\":\"hello\",\"tacet\":\"0.1.0\",\"proto\":1}"

static char dir[64], path[100];
static pid_t server;

static void make_dir(void)
{
	strcpy(dir, "/tmp/tacet-client-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stats.sock", dir);
	server = 0;
}

static void remove_dir(void)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	unlink(path);
	rmdir(dir);
}

static int listen_at(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sun.sun_path, path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	return fd;
}

/* Runs talk(fd of the first client) in a child. */
static void serve(void (*talk)(int fd))
{
	int fd = listen_at();

	fflush(NULL);
	server = fork();
	ck_assert_int_ge(server, 0);
	if (!server) {
		int client = accept(fd, NULL, NULL);

		alarm(20);
		if (client >= 0)
			talk(client);
		_exit(0);
	}
	close(fd);
}

static void say(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n) {
		ssize_t put = send(fd, text, n, MSG_NOSIGNAL);

		if (put <= 0)
			_exit(1);
		text += put;
		n -= (size_t)put;
	}
}

static void rest(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* Until the other side closes. */
static void linger(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

static struct tacet *open_it(void)
{
	struct tacet *t = tacet_open(path);

	ck_assert_msg(t != NULL, "%s", strerror(errno));
	return t;
}

static void want_line(struct tacet *t, const char *want)
{
	const char *line = NULL;

	ck_assert_int_eq(tacet_next(t, 5000, &line), 1);
	ck_assert_str_eq(line, want);
}

static void talk_echo(int fd)
{
	char buf[TACET_LINE_MAX];
	ssize_t n;

	say(fd, HELLO "\n");
	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = '\0';
		say(fd, buf);
	}
}

START_TEST(greets_and_answers)
{
	struct tacet *t;
	const char *line;
	struct pollfd p = { .events = POLLIN };

	serve(talk_echo);
	t = open_it();
	ck_assert_str_eq(tacet_hello(t), HELLO);
	ck_assert_int_eq(tacet_next(t, 0, &line), 0);
	ck_assert_int_eq(tacet_send(t, "{\"id\":1,\"cmd\":\"stats\"}"), 0);
	want_line(t, "{\"id\":1,\"cmd\":\"stats\"}");
	ck_assert_int_eq(tacet_send(t, "stats"), 0);
	p.fd = tacet_fd(t);
	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	want_line(t, "stats");
	ck_assert_str_eq(tacet_hello(t), HELLO);
	tacet_close(t);
	tacet_close(NULL);
}
END_TEST

START_TEST(refuses_bad_requests)
{
	struct tacet *t;
	char *longest = malloc(TACET_LINE_MAX + 1);
	const char *line;

	serve(talk_echo);
	t = open_it();
	ck_assert_int_eq(tacet_send(t, ""), -EINVAL);
	ck_assert_int_eq(tacet_send(t, "stats\nflows"), -EINVAL);
	memset(longest, 'a', TACET_LINE_MAX);
	longest[TACET_LINE_MAX] = '\0';
	ck_assert_int_eq(tacet_send(t, longest), -EMSGSIZE);
	longest[TACET_LINE_MAX - 1] = '\0';
	ck_assert_int_eq(tacet_send(t, longest), 0);
	ck_assert_int_eq(tacet_next(t, 5000, &line), 1);
	ck_assert_str_eq(line, longest);
	tacet_close(t);
	free(longest);
}
END_TEST

/* Lines in pieces, several in one piece, an empty one, and half of one at the end. */
static void talk_pieces(int fd)
{
	say(fd, "{\"type\":");
	rest(20);
	say(fd, "\"hello\"}\none\ntw");
	rest(20);
	say(fd, "o\n\nthree");
	rest(20);
	say(fd, "\nfour\nhalf");
	close(fd);
}

START_TEST(pieces)
{
	struct tacet *t;
	const char *line = "untouched";

	serve(talk_pieces);
	t = open_it();
	want_line(t, "one");
	want_line(t, "two");
	want_line(t, "");
	want_line(t, "three");
	want_line(t, "four");
	ck_assert_int_eq(tacet_next(t, -1, &line), -EPIPE);
	ck_assert_int_eq(tacet_next(t, 0, &line), -EPIPE);
	ck_assert_str_eq(line, "untouched");
	tacet_close(t);
}
END_TEST

static void talk_late(int fd)
{
	say(fd, HELLO "\nha");
	rest(400);
	say(fd, "lf\n");
	linger(fd);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A signal neither ends the wait nor makes it longer. */
START_TEST(waits)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct timespec a, b;
	struct tacet *t;
	const char *line;
	long ms;

	serve(talk_late);
	t = open_it();
	sigaction(SIGALRM, &sa, NULL);
	ualarm(30000, 30000);
	clock_gettime(CLOCK_MONOTONIC, &a);
	ck_assert_int_eq(tacet_next(t, 100, &line), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
	ck_assert_int_ge(ms, 99);
	want_line(t, "half");
	ualarm(0, 0);
	tacet_close(t);
}
END_TEST

static char *filled(size_t n)
{
	char *s = malloc(n + 2);

	memset(s, 'b', n);
	s[n] = '\n';
	s[n + 1] = '\0';
	return s;
}

static void talk_long(int fd)
{
	char *longest = filled(TACET_LINE_MAX - 1), *over = filled(TACET_LINE_MAX);

	say(fd, HELLO "\n");
	say(fd, longest);
	say(fd, "next\n");
	say(fd, over);
	linger(fd);
}

START_TEST(longest_line)
{
	struct tacet *t;
	const char *line;

	serve(talk_long);
	t = open_it();
	ck_assert_int_eq(tacet_next(t, 5000, &line), 1);
	ck_assert_uint_eq(strlen(line), TACET_LINE_MAX - 1);
	want_line(t, "next");
	ck_assert_int_eq(tacet_next(t, 5000, &line), -EMSGSIZE);
	ck_assert_int_eq(tacet_next(t, 5000, &line), -EMSGSIZE);
	tacet_close(t);
}
END_TEST

static void talk_deaf(int fd)
{
	say(fd, HELLO "\n");
	for (;;)
		rest(1000);
}

/* A server that reads nothing fills the socket; the client gives up instead of hanging. */
START_TEST(deaf_server)
{
	struct tacet *t;
	char *line = filled(TACET_LINE_MAX - 1);
	int rc = 0;

	line[TACET_LINE_MAX - 1] = '\0';
	serve(talk_deaf);
	t = open_it();
	for (int i = 0; i < 1000 && !rc; i++)
		rc = tacet_send(t, line);
	ck_assert_int_eq(rc, -ETIMEDOUT);
	tacet_close(t);
	free(line);
}
END_TEST

static void talk_gone(int fd)
{
	say(fd, HELLO "\n");
	close(fd);
}

START_TEST(server_gone)
{
	struct tacet *t;
	const char *line;

	serve(talk_gone);
	t = open_it();
	ck_assert_int_eq(waitpid(server, NULL, 0), server);
	server = 0;
	ck_assert_int_eq(tacet_send(t, "stats"), -EPIPE);
	ck_assert_int_eq(tacet_next(t, 5000, &line), -EPIPE);
	tacet_close(t);
}
END_TEST

static void talk_other(int fd)
{
	say(fd, "220 mail.example ESMTP\n");
	linger(fd);
}

static void talk_other_json(int fd)
{
	say(fd, "{\"type\":\"helloes\"}\n");
	linger(fd);
}

static void talk_nothing(int fd)
{
	close(fd);
}

static void talk_silent(int fd)
{
	linger(fd);
}

static const struct {
	void (*talk)(int fd);
	int want;
} strangers[] = {
	{ talk_other, EPROTO },
	{ talk_other_json, EPROTO },
	{ talk_nothing, EPROTO },
	{ talk_silent, ETIMEDOUT },
};

START_TEST(not_tacet)
{
	serve(strangers[_i].talk);
	errno = 0;
	ck_assert_ptr_null(tacet_open(path));
	ck_assert_int_eq(errno, strangers[_i].want);
}
END_TEST

/* Clients that it does not take fill its backlog: the next connect waits, for its time alone. */
START_TEST(nobody_takes_the_call)
{
	int fd = listen_at(), waiting[8];
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct timespec from, to;

	strcpy(sun.sun_path, path);
	for (int i = 0; i < 8; i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(waiting[i], (struct sockaddr *)&sun, sizeof(sun)))
			ck_assert_int_eq(errno, EAGAIN);
	}
	clock_gettime(CLOCK_MONOTONIC, &from);
	ck_assert_ptr_null(tacet_open_within(path, 200));
	ck_assert_int_eq(errno, ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &to);
	ck_assert_int_lt((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000,
			 2000);
	for (int i = 0; i < 8; i++)
		close(waiting[i]);
	close(fd);
}
END_TEST

START_TEST(nobody_there)
{
	char longer[200];

	ck_assert_ptr_null(tacet_open(path));
	ck_assert_int_eq(errno, ENOENT);
	close(listen_at());
	ck_assert_ptr_null(tacet_open(path));
	ck_assert_int_eq(errno, ECONNREFUSED);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_ptr_null(tacet_open(longer));
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

START_TEST(texts)
{
	static const int known[] = { ENOENT, ECONNREFUSED, EACCES,   EPIPE,
				     EPROTO, EMSGSIZE,	   ETIMEDOUT };

	ck_assert_str_eq(tacet_version(), TACET_VERSION);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ck_assert_str_ne(tacet_strerror(-known[i]), strerror(known[i]));
	ck_assert_str_eq(tacet_strerror(-ENOMEM), strerror(ENOMEM));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, make_dir, remove_dir);
	tcase_set_timeout(t, 20);
	tcase_add_test(t, greets_and_answers);
	tcase_add_test(t, refuses_bad_requests);
	tcase_add_test(t, pieces);
	tcase_add_test(t, waits);
	tcase_add_test(t, longest_line);
	tcase_add_test(t, deaf_server);
	tcase_add_test(t, server_gone);
	tcase_add_loop_test(t, not_tacet, 0, sizeof(strangers) / sizeof(strangers[0]));
	tcase_add_test(t, nobody_takes_the_call);
	tcase_add_test(t, nobody_there);
	tcase_add_test(t, texts);
	return suite_end(t, "client/client");
}
