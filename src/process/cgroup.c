/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel tells a number; the path is that of the process while it lives, else of the folder
 * with that inode. */
#include "process/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/process.h"

/* Folders looked at for one number: more than any machine has that is not a cluster's node. */
enum { FOLDERS_MAX = 4096, DEPTH_MAX = 12 };

struct entry {
	uint64_t id;
	char path[PROCESS_CGROUP_MAX];
};

struct cgroups {
	char root[256];
	struct entry known[CGROUPS_MAX];
	unsigned count, next;
	struct entry one; /* that is not kept */
};

int cgroup_root(char *out, size_t n, struct error *e)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	int rc = error_set(e, -EOPNOTSUPP,
			   "cgroup2 is not mounted: mount it, e.g. "
			   "`mount -t cgroup2 none /sys/fs/cgroup`");

	if (!mounts)
		return error_set(e, -errno, "/proc/self/mounts: %s", strerror(errno));
	while (rc && (m = getmntent(mounts)))
		if (!strcmp(m->mnt_type, "cgroup2") &&
		    (size_t)snprintf(out, n, "%s", m->mnt_dir) < n)
			rc = 0;
	endmntent(mounts);
	return rc;
}

struct cgroups *cgroups_new(void)
{
	struct cgroups *c = calloc(1, sizeof *c);

	if (c && cgroup_root(c->root, sizeof c->root, NULL)) {
		free(c);
		return NULL;
	}
	return c;
}

void cgroups_free(struct cgroups *c)
{
	free(c);
}

/* "0::/path": the line of cgroup2 (cgroups(7)). */
static bool path_of_process(uint32_t pid, char out[static PROCESS_CGROUP_MAX])
{
	char file[64], line[512];
	bool found = false;
	FILE *f;

	snprintf(file, sizeof file, "/proc/%u/cgroup", pid);
	f = fopen(file, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof line, f)) {
		char *end = strchr(line, '\n');

		if (strncmp(line, "0::/", 4) || !end || end - line - 4 >= PROCESS_CGROUP_MAX)
			continue;
		*end = '\0';
		strcpy(out, line + 4);
		found = true;
	}
	fclose(f);
	return found;
}

static uint64_t id_of_path(const struct cgroups *c, const char *path)
{
	char file[sizeof c->root + PROCESS_CGROUP_MAX + 1];
	struct stat s;

	snprintf(file, sizeof file, "%s/%s", c->root, path);
	return stat(file, &s) ? 0 : (uint64_t)s.st_ino;
}

/* Of the folders below at, the one with that inode; path is what leads to at. */
static bool find_folder(int at, uint64_t id, int depth, unsigned *io_left,
			char path[static PROCESS_CGROUP_MAX])
{
	DIR *dir = fdopendir(at);
	size_t n = strlen(path);
	bool found = false;
	struct dirent *d;

	if (!dir) {
		close(at);
		return false;
	}
	while (!found && *io_left && (d = readdir(dir))) {
		int below;

		if (d->d_type != DT_DIR || *d->d_name == '.' || depth == DEPTH_MAX ||
		    n + 1 + strlen(d->d_name) >= PROCESS_CGROUP_MAX)
			continue;
		--*io_left;
		sprintf(path + n, "%s%s", n ? "/" : "", d->d_name);
		found = d->d_ino == id;
		if (found)
			break;
		below = openat(at, d->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		found = below >= 0 && find_folder(below, id, depth + 1, io_left, path);
		if (!found)
			path[n] = '\0';
	}
	closedir(dir);
	return found;
}

static bool search(const struct cgroups *c, uint64_t id, char path[static PROCESS_CGROUP_MAX])
{
	unsigned left = FOLDERS_MAX;
	int root = open(c->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*path = '\0';
	return root >= 0 && find_folder(root, id, 0, &left, path);
}

/* A group that is gone stays unknown: numbers are not used again soon. */
static void look_up(const struct cgroups *c, struct entry *e, uint32_t pid)
{
	if (path_of_process(pid, e->path) && (!e->id || id_of_path(c, e->path) == e->id))
		return;
	if (!e->id || id_of_path(c, "") == e->id || !search(c, e->id, e->path))
		*e->path = '\0';
}

const char *cgroups_path(struct cgroups *c, uint64_t id, uint32_t pid)
{
	struct entry *e = &c->one;

	for (unsigned i = 0; id && i < c->count; i++)
		if (c->known[i].id == id)
			return c->known[i].path;
	if (id) {
		e = &c->known[c->next];
		c->next = (c->next + 1) % CGROUPS_MAX;
		if (c->count < CGROUPS_MAX)
			c->count++;
	}
	e->id = id;
	look_up(c, e, pid);
	return e->path;
}
