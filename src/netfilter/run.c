// SPDX-License-Identifier: GPL-2.0-or-later
/* Runs iptables-restore and its like: no shell, no inherited environment, a time limit. */
#define _GNU_SOURCE /* memfd_create */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netfilter/backend.h"

enum { TOOL_MS = 30000, OUTPUT_MAX = 16 << 20 };

static const char *const places[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };
#define PLACES "/usr/sbin:/sbin:/usr/bin:/bin"

static bool tool_find(const char *name, char *path, size_t size)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, size, "%s/%s", places[i], name);
		if (access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* Files in memory rather than pipes: nobody waits for the other, and no SIGPIPE. */
static int memory_file(const char *content)
{
	int fd = memfd_create("tacet", MFD_CLOEXEC);
	size_t left = content ? strlen(content) : 0;

	while (fd >= 0 && left) {
		ssize_t n = write(fd, content, left);

		if (n < 0) {
			close(fd);
			return -1;
		}
		content += n;
		left -= (size_t)n;
	}
	if (fd >= 0 && content && lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void memory_take(int fd, struct text *t)
{
	char buf[4096];
	ssize_t n;
	off_t at = 0;

	while (t && at < OUTPUT_MAX && (n = pread(fd, buf, sizeof(buf), at)) > 0) {
		text_put(t, buf, (size_t)n);
		at += n;
	}
}

static int tool_spawn(const char *path, const char *const args[], const int fds[3], pid_t *out)
{
	static char path_env[] = "PATH=" PLACES, locale_env[] = "LC_ALL=C";
	char *const env[] = { path_env, locale_env, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&files, fds[i], i);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A group of its own: Ctrl-C at the terminal must not break off the removal. */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	/* argv is char *const[] for historical reasons; it is not written to. */
	union {
		const char *const *in;
		char *const *out;
	} argv = { .in = args };
	err = posix_spawn(out, path, &files, &attr, argv.out, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* False: no end in time. */
static bool tool_poll(int pidfd, const struct meanwhile *m)
{
	struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
			       { .fd = m && m->serve ? m->fd : -1, .events = POLLIN } };
	int64_t end = now_ms() + TOOL_MS, left = TOOL_MS;

	while (left > 0) {
		int got = poll(p, 2, (int)left);

		if (got < 0 && errno != EINTR)
			return true;
		if (got > 0 && p[0].revents)
			return true;
		if (m && got > 0 && p[1].revents)
			m->serve(m->ctx);
		left = end - now_ms();
	}
	return false;
}

/* Waits for the end, with a limit: netfilter tools wait for locks of others. */
static int tool_wait(pid_t pid, const struct meanwhile *m)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), status;
	bool late = false;

	if (fd >= 0) {
		late = !tool_poll(fd, m);
		close(fd);
		if (late)
			kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (late)
		return -ETIMEDOUT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -ECANCELED;
}

int tool_run_meanwhile(const char *const args[], const char *input, struct text *out,
		       struct text *err, const struct meanwhile *m)
{
	char path[64];
	int fds[3] = { -1, -1, -1 }, result;
	pid_t pid;

	if (!tool_find(args[0], path, sizeof(path)))
		return -ENOENT;
	for (int i = 0; i < 3; i++) {
		fds[i] = memory_file(i == 0 && input ? input : "");
		if (fds[i] < 0) {
			result = -errno;
			goto out;
		}
	}
	result = tool_spawn(path, args, fds, &pid);
	if (result < 0)
		goto out;
	result = tool_wait(pid, m);
	memory_take(fds[1], out);
	memory_take(fds[2], err);
out:
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	return result;
}

int tool_run(const char *const args[], const char *input, struct text *out, struct text *err)
{
	return tool_run_meanwhile(args, input, out, err, NULL);
}
