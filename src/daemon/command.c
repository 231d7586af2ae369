/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup2 by its files: a folder, cgroup.procs, cgroup.kill. */
#define _GNU_SOURCE
#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/cgroup.h"

struct command {
	char root[256]; /* where cgroup2 is mounted */
	char below[64]; /* our folder in it */
	char folder[384];
	pid_t pid;
	bool ended;
	int status;
};

int command_prepare(struct command **out, struct error *e)
{
	struct command *c = calloc(1, sizeof *c);
	uint64_t id;
	int rc;

	if (!c)
		return error_set(e, -ENOMEM, "audit: out of memory");
	rc = cgroup_root(c->root, sizeof c->root, e);
	if (!rc) {
		/* Not the pid: audits in other pid namespaces may have the same. */
		if (getrandom(&id, sizeof id, 0) != sizeof id)
			id = (uint64_t)getpid();
		snprintf(c->below, sizeof c->below, "tacet-audit-%016" PRIx64, id);
		snprintf(c->folder, sizeof c->folder, "%s/%s", c->root, c->below);
		if (mkdir(c->folder, 0755))
			rc = error_set(e, -errno,
				       "audit: cgroup: %s: %s; a command can be watched "
				       "as root only",
				       c->folder, strerror(errno));
	}
	if (rc) {
		free(c);
		return rc;
	}
	*out = c;
	return 0;
}

const char *command_cgroup(const struct command *c)
{
	return c->below;
}

static int put(const struct command *c, const char *file, const char *value)
{
	char path[448];
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "%s/%s", c->folder, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = write(fd, value, strlen(value));
	close(fd);
	return n < 0 ? -errno : 0;
}

/* In the child: enters the cgroup before the command can open a socket. What goes wrong is
 * told through the pipe, which exec closes. */
static void child(struct command *c, char *const argv[], int tell)
{
	sigset_t none;
	int why;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	why = -put(c, "cgroup.procs", "0");
	if (!why) {
		execvp(argv[0], argv);
		why = errno;
	}
	if (write(tell, &why, sizeof why) < 0)
		_exit(126);
	_exit(127);
}

int command_start(struct command *c, char *const argv[], struct error *e)
{
	int tell[2], why = 0;
	ssize_t n;

	if (pipe2(tell, O_CLOEXEC))
		return error_set(e, -errno, "audit: pipe: %s", strerror(errno));
	c->pid = fork();
	if (c->pid == 0)
		child(c, argv, tell[1]);
	close(tell[1]);
	if (c->pid < 0) {
		close(tell[0]);
		return error_set(e, -errno, "audit: fork: %s", strerror(errno));
	}
	do
		n = read(tell[0], &why, sizeof why);
	while (n < 0 && errno == EINTR);
	close(tell[0]);
	if (n == 0)
		return 0;
	waitpid(c->pid, NULL, 0);
	c->pid = 0;
	return error_set(e, -why, "audit: %s: %s", argv[0], strerror(why));
}

bool command_ended(struct command *c, int *out_status)
{
	int status;

	if (!c->ended && c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
		c->ended = true;
		c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	if (c->ended)
		*out_status = c->status;
	return c->ended;
}

void command_signal(struct command *c, int signal)
{
	if (c->pid > 0 && !c->ended)
		kill(c->pid, signal);
}

void command_free(struct command *c)
{
	int status;

	if (!c)
		return;
	if (c->pid > 0 && !command_ended(c, &status)) {
		kill(c->pid, SIGTERM);
		waitpid(c->pid, &status, 0);
	}
	/* Children that it left behind (cgroup.kill is there since Linux 5.14), then the folder,
	 * which is busy until they are gone. */
	put(c, "cgroup.kill", "1");
	for (int i = 0; i < 50 && rmdir(c->folder) && errno == EBUSY; i++)
		usleep(20000);
	free(c);
}
