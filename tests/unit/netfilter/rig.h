/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network namespaces for tests: they have no name and go with the process. */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Runs a shell command; the test fails with it. */
__attribute__((format(printf, 1, 2), unused)) static void sh(const char *fmt, ...)
{
	char command[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	int status = system(command);
	ck_assert_msg(status == 0, "%s: status %d", command, status);
}

/* What a shell command prints; to be freed. */
__attribute__((format(printf, 1, 2), unused)) static char *sh_output(const char *fmt, ...)
{
	char command[2048];
	size_t n = 0, size = 1 << 20;
	char *out = malloc(size);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	FILE *p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(out);
	n = fread(out, 1, size - 1, p);
	out[n] = '\0';
	pclose(p);
	return out;
}

/* A new namespace, entered, with lo up. */
__attribute__((unused)) static int ns_new(void)
{
	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	sh("ip link set lo up");
	sh("echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad");
	sh("echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
	return fd;
}

__attribute__((unused)) static void ns_enter(int fd)
{
	ck_assert_int_eq(setns(fd, CLONE_NEWNET), 0);
}

/* Can this process make network namespaces with a queue in them? Tried in a child. */
__attribute__((unused)) static bool rig_possible(void)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0)
		_exit(geteuid() != 0 || unshare(CLONE_NEWNET) != 0 ||
		      access("/proc/net/netfilter/nfnetlink_queue", F_OK) != 0 ||
		      system("ip link set lo up >/dev/null 2>&1") != 0 ||
		      system("iptables -t mangle -S >/dev/null 2>&1") != 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* For a child: no capability is left. Another user would do, but not in a user namespace. */
__attribute__((unused)) static void drop_privileges(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capset, &head, none))
		_exit(9);
}

__attribute__((unused)) static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Does it say so in a child without any capability? */
__attribute__((unused)) static bool says_so_without_privileges(bool (*says_so)(void))
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		drop_privileges();
		_exit(!says_so());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* For the end of main(), where that is not so. */
__attribute__((unused)) static int rig_impossible(void)
{
	puts("needs root, network namespaces and iptables");
	return 77;
}

/* A socket address of either family. */
struct at {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

__attribute__((unused)) static struct at at(const char *address, unsigned port)
{
	struct at a;

	memset(&a, 0, sizeof(a));
	if (strchr(address, ':')) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons((uint16_t)port);
		a.len = sizeof(a.v6);
		ck_assert_int_eq(inet_pton(AF_INET6, address, &a.v6.sin6_addr), 1);
	} else {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons((uint16_t)port);
		a.len = sizeof(a.v4);
		ck_assert_int_eq(inet_pton(AF_INET, address, &a.v4.sin_addr), 1);
	}
	return a;
}

/* A non-blocking socket of the present namespace; from NULL: not bound, to NULL: not connected. */
__attribute__((unused)) static int sock(int type, const struct at *from, const struct at *to)
{
	int one = 1;
	int fd = socket((from ? from : to)->sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (from)
		ck_assert_msg(bind(fd, &from->sa, from->len) == 0, "bind: %s", strerror(errno));
	if (to && connect(fd, &to->sa, to->len) < 0)
		ck_assert_msg(errno == EINPROGRESS, "connect: %s", strerror(errno));
	if (from && !to && type == SOCK_STREAM)
		ck_assert_int_eq(listen(fd, 8), 0);
	return fd;
}

#endif
