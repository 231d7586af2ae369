/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket files: made, taken over from a dead tacet, and removed. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "control/control.h"

enum { LISTEN_BACKLOG = 16 };

/* Makes what is missing of the directories above path; their mode is not the umask's. */
static int make_directories(char *path, struct error *e)
{
	int rc = 0;

	for (char *at = strchr(path + 1, '/'); at && !rc; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (!mkdir(path, 0755)) {
			if (chmod(path, 0755))
				rc = -errno;
		} else if (errno != EEXIST) {
			rc = -errno;
		}
		if (rc)
			error_set(e, rc, "cannot make directory: %s: %s", path, strerror(-rc));
		*at = '/';
	}
	return rc;
}

/* Two daemons that start at once must not both find the path stale. The lock is on the
 * directory, so it leaves no file; file systems without locks go without. */
static int lock_directory(const char *path, int *out_fd, struct error *e)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;
	int fd;

	if (slash == path)
		n = 1;
	memcpy(dir, n ? path : ".", n ? n : 1);
	dir[n ? n : 1] = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, -errno, "cannot open directory: %s: %s", dir, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		close(fd);
		return error_set(e, -EADDRINUSE, "another tacet is starting on %s", path);
	}
	*out_fd = fd;
	return 0;
}

/* What stands at path already? 0 = free now, also after removing what a dead tacet left. */
static int clear_path(const char *path, const struct sockaddr_un *addr, struct error *e)
{
	struct stat st;
	int fd, rc;

	if (lstat(path, &st)) {
		if (errno == ENOENT)
			return 0;
		return error_set(e, -errno, "cannot look at: %s: %s", path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode))
		return error_set(e, -EEXIST,
				 "cannot listen: %s: it is there and not a socket; move it away",
				 path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_set(e, -errno, "cannot make a socket: %s", strerror(errno));
	rc = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ? -errno : 0;
	close(fd);
	/* EAGAIN: somebody listens, and the queue of connections is full. */
	if (!rc || rc == -EAGAIN)
		return error_set(e, -EADDRINUSE, "another tacet answers on %s; stop it first",
				 path);
	if (rc != -ECONNREFUSED)
		return error_set(e, rc, "cannot ask who answers: %s: %s", path, strerror(-rc));
	if (unlink(path) && errno != ENOENT)
		return error_set(e, -errno, "cannot remove stale socket: %s: %s", path,
				 strerror(errno));
	return 0;
}

/* A group that is not there leaves the socket to its owner: tacet works, others cannot read. */
static void give_to_group(const char *path, const char *name)
{
	struct group *g = getgrnam(name);

	if (!g) {
		log_warning("cannot open the stats socket to a group: %s: no group \"%s\"; "
			    "`groupadd --system %s` adds it, group = in [sockets] sets "
			    "another",
			    path, name, name);
		return;
	}
	if (lchown(path, (uid_t)-1, g->gr_gid) || chmod(path, 0660))
		log_warning("cannot open the stats socket to group %s: %s: %s", name, path,
			    strerror(errno));
}

static int listen_at(struct listener *l, const struct sockaddr_un *addr, const char *group,
		     struct error *e)
{
	struct stat st;
	mode_t mask;
	int rc;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return error_set(e, -errno, "cannot make a socket: %s", strerror(errno));
	/* The mode has to be right from the first moment: bind applies the umask. */
	mask = umask(0177);
	rc = bind(l->fd, (const struct sockaddr *)addr, sizeof(*addr)) ? -errno : 0;
	umask(mask);
	if (rc)
		return error_set(e, rc, "cannot bind: %s: %s", addr->sun_path, strerror(-rc));
	l->path = strdup(addr->sun_path);
	if (!l->path || lstat(addr->sun_path, &st) || listen(l->fd, LISTEN_BACKLOG)) {
		rc = l->path ? -errno : -ENOMEM;
		unlink(addr->sun_path);
		return error_set(e, rc, "cannot listen: %s: %s", addr->sun_path, strerror(-rc));
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	if (group)
		give_to_group(addr->sun_path, group);
	return 0;
}

int listener_open(struct listener *l, const char *path, const char *group, struct error *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int lock = -1, rc;

	l->fd = -1;
	if (!n || n >= sizeof(addr.sun_path))
		return error_set(e, n ? -ENAMETOOLONG : -EINVAL,
				 "cannot listen: %s: a socket path has 1 to %zu bytes", path,
				 sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, n + 1);
	rc = make_directories(addr.sun_path, e);
	if (!rc)
		rc = lock_directory(path, &lock, e);
	if (!rc)
		rc = clear_path(path, &addr, e);
	if (!rc)
		rc = listen_at(l, &addr, group, e);
	if (lock >= 0)
		close(lock);
	if (rc) {
		if (l->fd >= 0)
			close(l->fd);
		l->fd = -1;
		free(l->path);
		l->path = NULL;
	}
	return rc;
}

void listener_close(struct listener *l)
{
	struct stat st;

	if (l->path && !lstat(l->path, &st) && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);
	free(l->path);
	l->path = NULL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
