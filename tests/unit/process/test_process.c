/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process of a real socket on loopback, by whatever this kernel lets us do. */
#include "process/process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "process/internal.h"
#include "suite.h"

static struct process_flow loopback(int family, uint16_t sport, uint16_t dport)
{
	struct process_flow f = { .proto = IPPROTO_UDP, .sport = sport, .dport = dport };

	ck_assert(addr_parse(family == AF_INET ? "127.0.0.1" : "::1", &f.src));
	f.dst = f.src;
	return f;
}

/* A datagram to port 9; returns the socket. */
static int send_one(bool is_connected, uint16_t *out_port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) }, from;
	socklen_t n = sizeof from;
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (is_connected)
		ck_assert_int_eq(connect(s, (struct sockaddr *)&to, sizeof to), 0);
	ck_assert_int_eq(sendto(s, "x", 1, 0, is_connected ? NULL : (struct sockaddr *)&to,
				is_connected ? 0 : sizeof to),
			 1);
	ck_assert_int_eq(getsockname(s, (struct sockaddr *)&from, &n), 0);
	*out_port = ntohs(from.sin_port);
	return s;
}

START_TEST(a_socket_that_is_open)
{
	struct processes *p = processes_new(NULL);
	struct process_counters c;
	struct process found;
	uint16_t port;

	ck_assert_ptr_nonnull(p);
	for (int connected = 0; connected < 2; connected++) {
		int s = send_one(connected, &port);
		struct process_flow f = loopback(AF_INET, port, 9);

		ck_assert(processes_find(p, &f, true, &found));
		ck_assert_uint_eq(found.uid, getuid());
		ck_assert_str_ne(found.user, "");
		ck_assert_str_eq(found.comm, "test_process");
		close(s);
	}
	processes_counters(p, &c);
	ck_assert_uint_eq(c.traced + c.searched, 2);
	processes_free(p);
	processes_free(NULL);
}
END_TEST

START_TEST(a_socket_that_is_gone)
{
	struct processes *p = processes_new(NULL);
	struct process_counters c;
	struct process found;
	struct process_flow f;
	bool known;
	uint16_t port;

	close(send_one(true, &port));
	f = loopback(AF_INET, port, 9);
	known = processes_find(p, &f, true, &found);
	ck_assert_int_eq(known, processes_traces(p));
	processes_counters(p, &c);
	ck_assert_uint_eq(c.unknown, !known);
	/* Nobody's. */
	f = loopback(AF_INET6, 1, 2);
	ck_assert(!processes_find(p, &f, true, &found));
	ck_assert(!processes_find(p, &f, false, &found));
	processes_free(p);
}
END_TEST

START_TEST(a_search_that_finds_nothing)
{
	struct search s = { .next = 0 };
	struct socket_owner o = { .uid = getuid(), .inode = 1 };
	char comm[PROCESS_COMM_MAX];
	uint32_t pid = 7;

	ck_assert(!search_inode(&s, &o, &pid));
	ck_assert_uint_eq(pid, 7);
	search_comm(UINT32_MAX, comm);
	ck_assert_str_eq(comm, "");
	search_comm((uint32_t)getpid(), comm);
	ck_assert_str_eq(comm, "test_process");
}
END_TEST

START_TEST(units)
{
	static const struct {
		const char *cgroup, *unit;
	} rows[] = {
		{ "", NULL },
		{ "system.slice", NULL },
		{ "system.slice/ssh.service", "ssh.service" },
		{ "user.slice/user-1000.slice/user@1000.service/app.slice/app-firefox-12.scope",
		  "app-firefox-12.scope" },
		{ "system.slice/docker.service/payload", "docker.service" },
		{ ".scope", NULL },
		{ "a.scope/", "a.scope" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct process p = { .pid = 1 };
		const char *unit;
		unsigned n = 0;

		strcpy(p.cgroup, rows[i].cgroup);
		unit = process_unit(&p, &n);
		ck_assert_msg(!unit == !rows[i].unit, "row %zu", i);
		ck_assert(!unit || (n == strlen(rows[i].unit) && !memcmp(unit, rows[i].unit, n)));
	}
}
END_TEST

SUITE("process/process", a_socket_that_is_open, a_socket_that_is_gone, a_search_that_finds_nothing,
      units)
