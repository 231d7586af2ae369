/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/PID/fd, for the process that holds a socket: what there is where the kernel notes nothing.
 * A process that ended in between is not found. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/internal.h"

static bool holds(uint32_t pid, const char *socket, unsigned *io_left)
{
	char path[64], link[64];
	bool found = false;
	struct dirent *d;
	DIR *dir;

	snprintf(path, sizeof path, "/proc/%u/fd", pid);
	dir = opendir(path);
	while (dir && !found && *io_left && (d = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), d->d_name, link, sizeof link - 1);

		--*io_left;
		if (n <= 0)
			continue;
		link[n] = '\0';
		found = !strcmp(link, socket);
	}
	if (dir)
		closedir(dir);
	return found;
}

static bool is_users(int proc, const char *pid, uint32_t uid)
{
	struct stat s;

	return !fstatat(proc, pid, &s, 0) && s.st_uid == uid;
}

static void remember(struct search *s, uint32_t pid)
{
	s->recent[s->next] = pid;
	s->next = (s->next + 1) % SEARCH_REMEMBERED;
}

bool search_inode(struct search *s, const struct socket_owner *o, uint32_t *out_pid)
{
	unsigned left = SEARCH_LINKS;
	char socket[32];
	uint32_t found = 0;
	struct dirent *d;
	DIR *proc;

	snprintf(socket, sizeof socket, "socket:[%u]", o->inode);
	for (unsigned i = 0; i < SEARCH_REMEMBERED; i++)
		if (s->recent[i] && holds(s->recent[i], socket, &left)) {
			*out_pid = s->recent[i];
			return true;
		}
	proc = opendir("/proc");
	while (proc && !found && left && (d = readdir(proc))) {
		uint32_t pid = (uint32_t)strtoul(d->d_name, NULL, 10);

		if (isdigit((unsigned char)*d->d_name) &&
		    is_users(dirfd(proc), d->d_name, o->uid) && holds(pid, socket, &left))
			found = pid;
	}
	if (proc)
		closedir(proc);
	if (!found)
		return false;
	remember(s, found);
	*out_pid = found;
	return true;
}

void search_comm(uint32_t pid, char out[static PROCESS_COMM_MAX])
{
	char path[64];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof path, "/proc/%u/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, out, PROCESS_COMM_MAX - 1);
		close(fd);
	}
	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}
