/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections through the household and what is said over them; part of household.h. */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

/* Both ends of a TCP connection through the router, or from it. */
struct pair {
	int client, server, listener;
};

__attribute__((unused)) static struct pair tcp_pair(int i)
{
	struct at to = at(hosts[FAMILY(i)].server, WEB);
	struct pair p;

	ns_enter(rig.net);
	p.listener = sock(SOCK_STREAM, &to, NULL);
	ns_enter(client_ns(i));
	p.client = sock(SOCK_STREAM, NULL, &to);
	UNTIL((p.server = accept4(p.listener, NULL, NULL, SOCK_NONBLOCK)) >= 0);
	return p;
}

__attribute__((unused)) static struct pair udp_pair(int i, unsigned port)
{
	struct at to = at(hosts[FAMILY(i)].server, port);
	struct pair p = { .listener = -1 };

	ns_enter(rig.net);
	p.server = sock(SOCK_DGRAM, &to, NULL);
	ns_enter(client_ns(i));
	p.client = sock(SOCK_DGRAM, NULL, &to);
	return p;
}

__attribute__((unused)) static bool got(int fd, const char *text)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

/* The client of an answered question, as the server sees it. */
__attribute__((unused)) static void answer_from(int server, const char *question, const char *text)
{
	char buf[256];
	struct at from = { .len = sizeof(from.v6) };
	ssize_t n;

	UNTIL((n = recvfrom(server, buf, sizeof(buf), 0, &from.sa, &from.len)) > 0);
	ck_assert_int_eq((int)n, (int)strlen(question));
	ck_assert_int_eq(memcmp(buf, question, (size_t)n), 0);
	ck_assert_int_eq((int)sendto(server, text, strlen(text), 0, &from.sa, from.len),
			 (int)strlen(text));
}

__attribute__((unused)) static void say(int fd, const char *text)
{
	ck_assert_int_eq((int)send(fd, text, strlen(text), 0), (int)strlen(text));
}

/* A datagram of the client's, so that the server can say what it likes. */
__attribute__((unused)) static void meet(struct pair p)
{
	struct at from = { .len = sizeof(from.v6) };
	char buf[8];

	say(p.client, "hello");
	UNTIL(recvfrom(p.server, buf, sizeof(buf), 0, &from.sa, &from.len) == 5);
	ck_assert_int_eq(connect(p.server, &from.sa, from.len), 0);
}

__attribute__((unused)) static void keep_and_talk(struct pair p)
{
	rig.answer = KEEP;
	say(p.client, "hello");
	UNTIL(got(p.server, "hello"));
	ck_assert_uint_eq(rig.seen, 1);
	for (int i = 0; i < 50; i++) {
		say(p.client, "more and more");
		UNTIL(got(p.server, "more and more"));
	}
	ck_assert_uint_eq(rig.seen, 1);
}

#endif
