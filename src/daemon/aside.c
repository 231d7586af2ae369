/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting, watching and ending the process that compiles. */
#define _GNU_SOURCE /* memfd_create */
#include "daemon/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

/* Of the slowest router and the longest lists a fraction; what hangs longer hangs for ever. */
enum { LIMIT_S = 900, NICE = 10, SAID_MAX = 8192 };

extern char **environ;

struct aside {
	pid_t pid;
	int pidfd, said; /* said: what it writes to standard error, in memory */
	time_t started;
	bool late;
};

static time_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int spawn(struct aside *a, const struct aside_options *o)
{
	/* argv is char *const[] for historical reasons; it is not written to. */
	union {
		const char *in[8];
		char *out[8];
	} argv = { .in = { "tacet", "lists", "compile" } };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	size_t n = 3;
	int rc;

	if (o->force)
		argv.in[n++] = "--force";
	if (o->config_path) {
		argv.in[n++] = "--config";
		argv.in[n++] = o->config_path;
	}
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, a->said, 2);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	/* A group of its own: Ctrl-C at the terminal is the daemon's to answer. */
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(&a->pid, "/proc/self/exe", &files, &attr, argv.out, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -rc;
}

/* Both are courtesies: without them it compiles as well. */
static void stand_back(pid_t pid, bool nice_too)
{
	char path[40];
	int fd;

	if (nice_too)
		setpriority(PRIO_PROCESS, (id_t)pid, NICE);
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, "1000", 4) != 4)
		log_debug("lists: %s: %s", path, strerror(errno));
	close(fd);
}

int aside_start(const struct aside_options *o, struct aside **out, struct error *e)
{
	struct aside *a = calloc(1, sizeof *a);
	int rc;

	if (!a)
		return error_set(e, -ENOMEM, "lists: %s", strerror(ENOMEM));
	a->started = seconds();
	a->said = memfd_create("tacet-lists", MFD_CLOEXEC);
	rc = a->said < 0 ? -errno : spawn(a, o);
	if (rc) {
		if (a->said >= 0)
			close(a->said);
		free(a);
		return error_set(e, rc, "lists: cannot be compiled: %s", strerror(-rc));
	}
	a->pidfd = (int)syscall(SYS_pidfd_open, a->pid, 0);
	if (a->pidfd >= 0)
		fcntl(a->pidfd, F_SETFD, FD_CLOEXEC);
	stand_back(a->pid, o->stand_back);
	*out = a;
	return 0;
}

int aside_fd(const struct aside *a)
{
	return a->pidfd;
}

bool aside_ended(struct aside *a)
{
	siginfo_t info = { .si_pid = 0 };

	if (!a->late && seconds() - a->started > LIMIT_S) {
		a->late = true;
		kill(a->pid, SIGKILL);
	}
	return a->late || (!waitid(P_PID, (id_t)a->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
			   info.si_pid == a->pid);
}

static void forget(struct aside *a)
{
	if (a->pidfd >= 0)
		close(a->pidfd);
	close(a->said);
	free(a);
}

/* Logs every line but that of the failure, which is what the caller tells. */
static void pass_on(const struct aside *a, bool failed, char last[static 512])
{
	static const char prefix[] = "tacet: ";
	char said[SAID_MAX + 1];
	ssize_t n = pread(a->said, said, SAID_MAX, 0);
	char *rest = said, *line;

	said[n > 0 ? n : 0] = '\0';
	*last = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, prefix, sizeof prefix - 1))
			line += sizeof prefix - 1;
		if (!*line)
			continue;
		if (*last)
			log_warning("%s", last);
		snprintf(last, 512, "%s", line);
	}
	if (*last && !failed)
		log_warning("%s", last);
}

static int wait_for(struct aside *a)
{
	struct pollfd p = { .fd = a->pidfd, .events = POLLIN };
	int status = 0;

	while (a->pidfd >= 0 && !aside_ended(a))
		poll(&p, 1, 1000);
	while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int aside_end(struct aside *a, struct error *e)
{
	int status = wait_for(a), rc = 0;
	bool failed = !WIFEXITED(status) || WEXITSTATUS(status);
	char last[512];

	pass_on(a, failed, last);
	if (a->late)
		rc = error_set(e, -ETIMEDOUT, "lists: compiling took more than %d s", LIMIT_S);
	else if (WIFSIGNALED(status))
		rc = error_set(
			e, -ECHILD, "lists: the process that compiles was killed by signal %d%s",
			WTERMSIG(status), WTERMSIG(status) == SIGKILL ? " (is memory short?)" : "");
	else if (failed)
		rc = error_set(e, -EIO, "%s", *last ? last : "lists: compiling failed");
	forget(a);
	return rc;
}

void aside_kill(struct aside *a)
{
	if (!a)
		return;
	kill(a->pid, SIGKILL);
	while (waitpid(a->pid, NULL, 0) < 0 && errno == EINTR)
		;
	forget(a);
}
