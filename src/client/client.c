/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libtacet: the connection, and lines out of its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tacet.h"

/* tacet greets at once and takes what comes; longer means that it hangs or is something else. */
enum { OPEN_MS = 5000, SEND_MS = 5000 };

struct tacet {
	int fd;
	int broken;   /* -errno that ended it, after the lines before it were handed out */
	size_t used;  /* bytes in buf */
	size_t taken; /* of them the lines that were handed out, with their newlines */
	size_t seen;  /* no newline between taken and this */
	char *hello;
	char buf[TACET_LINE_MAX];
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 1 ready, 0 in no time, -errno. A signal does not cut the wait short: a client that is
 * stopped and continued (Ctrl-Z, fg) must not fail. */
static int wait_for(int fd, short events, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t until = timeout_ms > 0 ? now_ms() + timeout_ms : 0;

	for (;;) {
		int rc = poll(&p, 1, timeout_ms);

		if (rc >= 0)
			return rc > 0;
		if (errno != EINTR)
			return -errno;
		if (timeout_ms > 0) {
			int64_t left = until - now_ms();

			timeout_ms = left > 0 ? (int)left : 0;
		}
	}
}

/* A Unix connect waits while the backlog is full, as that of a server that hangs gets; how long
 * is SO_SNDTIMEO's to say. */
static int connect_to(const char *path, int timeout_ms)
{
	struct timeval most = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int fd, rc;

	if (n >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, n + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
	/* EINTR leaves nothing behind. */
	do
		rc = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	while (rc < 0 && errno == EINTR);
	if (rc < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		rc = errno == EAGAIN ? -ETIMEDOUT : -errno;
		close(fd);
		return rc;
	}
	return fd;
}

static int read_greeting(struct tacet *t, int timeout_ms)
{
	const char *line = NULL;
	char type[8];
	int rc = tacet_next(t, timeout_ms, &line);

	if (rc == 0)
		return -ETIMEDOUT;
	if (rc < 0)
		return rc == -EPIPE ? -EPROTO : rc;
	if (tacet_field(line, "type", type, sizeof(type)) < 0 || strcmp(type, "hello"))
		return -EPROTO;
	t->hello = strdup(line);
	return t->hello ? 0 : -ENOMEM;
}

struct tacet *tacet_open_within(const char *path, int timeout_ms)
{
	struct tacet *t = calloc(1, sizeof(*t));
	int64_t until = now_ms() + timeout_ms, left;
	int rc;

	if (!t)
		return NULL;
	t->fd = connect_to(path ? path : TACET_STATS_SOCKET, timeout_ms);
	left = until - now_ms();
	rc = t->fd < 0 ? t->fd : read_greeting(t, left > 0 ? (int)left : 0);
	if (!rc)
		return t;
	tacet_close(t);
	errno = -rc;
	return NULL;
}

struct tacet *tacet_open(const char *path)
{
	return tacet_open_within(path, OPEN_MS);
}

void tacet_close(struct tacet *t)
{
	if (!t)
		return;
	if (t->fd >= 0)
		close(t->fd);
	free(t->hello);
	free(t);
}

int tacet_fd(const struct tacet *t)
{
	return t->fd;
}

const char *tacet_hello(const struct tacet *t)
{
	return t->hello;
}

static int send_all(struct tacet *t, const char *p, size_t n)
{
	int64_t until = now_ms() + SEND_MS;

	while (n) {
		ssize_t sent = send(t->fd, p, n, MSG_NOSIGNAL);
		int64_t left;
		int rc;

		if (sent >= 0) {
			p += sent;
			n -= (size_t)sent;
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK)
			return -errno;
		left = until - now_ms();
		rc = wait_for(t->fd, POLLOUT, left > 0 ? (int)left : 0);
		if (rc <= 0)
			return rc ? rc : -ETIMEDOUT;
	}
	return 0;
}

int tacet_send(struct tacet *t, const char *line)
{
	size_t n = strlen(line);
	int rc;

	if (!n || strchr(line, '\n'))
		return -EINVAL;
	if (n + 1 > TACET_LINE_MAX)
		return -EMSGSIZE;
	rc = send_all(t, line, n);
	return rc ? rc : send_all(t, "\n", 1);
}

/* Hands out the line that is there. */
static bool take_line(struct tacet *t, const char **out_line)
{
	char *end = memchr(t->buf + t->seen, '\n', t->used - t->seen);

	if (!end) {
		t->seen = t->used;
		return false;
	}
	*end = '\0';
	*out_line = t->buf + t->taken;
	t->taken = t->seen = (size_t)(end + 1 - t->buf);
	return true;
}

/* Half a line goes to the front: the rest of it has room behind. */
static void make_room(struct tacet *t)
{
	memmove(t->buf, t->buf + t->taken, t->used - t->taken);
	t->used -= t->taken;
	t->seen -= t->taken;
	t->taken = 0;
}

/* 0, or -errno once no more lines can come. */
static int fill(struct tacet *t)
{
	ssize_t got;

	do
		got = recv(t->fd, t->buf + t->used, sizeof(t->buf) - t->used, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0) {
		t->used += (size_t)got;
		return 0;
	}
	if (got == 0)
		return -EPIPE;
	return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

int tacet_next(struct tacet *t, int timeout_ms, const char **out_line)
{
	int64_t until = timeout_ms > 0 ? now_ms() + timeout_ms : 0;

	while (!take_line(t, out_line)) {
		int rc;

		if (t->broken < 0)
			return t->broken;
		make_room(t);
		if (t->used == sizeof(t->buf)) {
			t->broken = -EMSGSIZE;
			continue;
		}
		if (timeout_ms > 0) {
			int64_t left = until - now_ms();

			rc = wait_for(t->fd, POLLIN, left > 0 ? (int)left : 0);
		} else {
			rc = wait_for(t->fd, POLLIN, timeout_ms);
		}
		if (rc <= 0)
			return rc;
		t->broken = fill(t);
	}
	return 1;
}

const char *tacet_version(void)
{
	return TACET_VERSION;
}

const char *tacet_strerror(int error)
{
	/* Of the many that strerror(3) knows, those that mean something of their own here. */
	switch (-error) {
	case ENOENT:
		return "not there";
	case ECONNREFUSED:
		return "tacet is not running";
	case EACCES:
		return "permission denied; are you in the group of the socket?";
	case EPIPE:
		return "tacet closed the connection";
	case EPROTO:
		return "that is not what tacet says";
	case EMSGSIZE:
		return "the line is too long";
	case ETIMEDOUT:
		return "tacet does not answer";
	default:
		return strerror(error < 0 ? -error : error);
	}
}
