/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies of lists, which only their owner can change, packed where zlib is built in. */
#include "update/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#if WITH_ZLIB
#include <zlib.h>
#endif

enum { PATH_BYTES = 4200 };
static const uint64_t max_bytes = (uint64_t)256 << 20;

struct output {
	int fd; /* -1: nothing is written */
#if WITH_ZLIB
	bool packed;
	z_stream z;
#endif
};

static int put(int fd, const uint8_t *at, size_t n)
{
	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done ? -errno : -ENOSPC;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

#if WITH_ZLIB
static int put_packed(struct output *out, const uint8_t *at, size_t n, int flush)
{
	uint8_t buf[16384];
	int rc = 0;

	out->z.next_in = (Bytef *)(uintptr_t)at;
	out->z.avail_in = (uInt)n;
	do {
		out->z.next_out = buf;
		out->z.avail_out = sizeof buf;
		deflate(&out->z, flush);
		rc = put(out->fd, buf, sizeof buf - out->z.avail_out);
	} while (!rc && !out->z.avail_out);
	return rc;
}
#endif

/* What is packed already stays as it is, and so do an index and its lines, which are mapped. */
static bool is_text(const uint8_t *at, size_t n)
{
	return !(n >= 2 && !memcmp(at, "\x1f\x8b", 2)) &&
	       !(n >= 6 && !memcmp(at,
				   "\xfd"
				   "7zXZ",
				   6)) &&
	       !(n >= 8 && (!memcmp(at, "TACETIDX", 8) || !memcmp(at, "TACETLNS", 8)));
}

static int output_begin(struct output *out, const char *path, bool text)
{
	if (!path)
		return 0;
	unlink(path);
	out->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out->fd < 0)
		return -errno;
#if WITH_ZLIB
	/* 16 more bits of window: a gzip header (zlib.h). */
	out->packed = text &&
		      deflateInit2(&out->z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
#else
	(void)text;
#endif
	return 0;
}

static int output_put(struct output *out, const uint8_t *at, size_t n)
{
	if (out->fd < 0)
		return 0;
#if WITH_ZLIB
	if (out->packed)
		return put_packed(out, at, n, Z_NO_FLUSH);
#endif
	return put(out->fd, at, n);
}

static int output_end(struct output *out, int rc)
{
	if (out->fd < 0)
		return rc;
#if WITH_ZLIB
	if (out->packed && !rc)
		rc = put_packed(out, NULL, 0, Z_FINISH);
	if (out->packed)
		deflateEnd(&out->z);
#endif
	if (!rc && fsync(out->fd))
		rc = -errno;
	if (close(out->fd) && !rc)
		rc = -errno;
	return rc;
}

/* Sets *out_reading if it is the reading that failed. */
static int copy(int in, const char *to, struct sha256_ctx *ctx, uint64_t *out_bytes,
		bool *out_reading)
{
	struct output out = { .fd = -1 };
	uint8_t buf[65536];
	ssize_t n = read(in, buf, sizeof buf);
	int rc = n < 0 ? -errno : output_begin(&out, to, is_text(buf, (size_t)n));

	*out_reading = n < 0;
	for (*out_bytes = 0; !rc && n > 0; n = read(in, buf, sizeof buf)) {
		*out_bytes += (uint64_t)n;
		sha256_update(ctx, (size_t)n, buf);
		rc = *out_bytes > max_bytes ? -EFBIG : output_put(&out, buf, (size_t)n);
	}
	if (!rc && n < 0) {
		rc = -errno;
		*out_reading = true;
	}
	return output_end(&out, rc);
}

int keep_copy(const char *from, const char *to, char out_sha256[static 65], uint64_t *out_bytes,
	      struct error *e)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	struct stat st;
	bool reading = false;
	/* Not to hang on a pipe that nobody writes to. */
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (in < 0)
		return error_set(e, -errno, "%s: %s", from, strerror(errno));
	if (fstat(in, &st) || !S_ISREG(st.st_mode)) {
		close(in);
		return error_set(e, -EINVAL, "%s: no plain file", from);
	}
	sha256_init(&ctx);
	rc = copy(in, to, &ctx, out_bytes, &reading);
	close(in);
	if (rc == -EFBIG)
		return error_set(e, rc, "%s: more than %u MiB; give it in several files", from,
				 (unsigned)(max_bytes >> 20));
	if (rc)
		return error_set(e, rc, "%s: %s", reading ? from : to, strerror(-rc));
	sha256_digest(&ctx, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(out_sha256 + 2 * i, 3, "%02x", digest[i]);
	return 0;
}

/* The directory and the one above it. */
static int make_directory(const char *dir)
{
	char above[PATH_BYTES];
	char *slash;

	if (!mkdir(dir, 0700) || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -errno;
	snprintf(above, sizeof above, "%s", dir);
	slash = strrchr(above, '/');
	if (!slash || slash == above)
		return -ENOENT;
	*slash = '\0';
	if (mkdir(above, 0755) && errno != EEXIST)
		return -errno;
	return mkdir(dir, 0700) && errno != EEXIST ? -errno : 0;
}

int keep_check(const char *dir, struct error *e)
{
	struct stat st;

	if (stat(dir, &st))
		return error_set(e, -errno, "lists compile: %s: %s", dir, strerror(errno));
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022))
		return 0;
	return error_set(e, -EPERM,
			 "lists compile: %s: others may write there; give it to root alone, or set "
			 "another cache in [lists]",
			 dir);
}

int keep_lock(const char *dir, struct error *e)
{
	int rc = make_directory(dir), fd;

	if (rc)
		return error_set(e, rc, "lists compile: %s: %s; cache in [lists] sets another", dir,
				 strerror(-rc));
	rc = keep_check(dir, e);
	if (rc)
		return rc;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (fd >= 0 && flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		rc = -errno;
		close(fd);
		return error_set(e, rc, "lists compile: %s: %s", dir, strerror(-rc));
	}
	return fd >= 0 ? fd : error_set(e, -errno, "lists compile: %s: %s", dir, strerror(errno));
}
