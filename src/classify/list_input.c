/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a list's file: as they are, or through zlib or liblzma. */
#include "classify/list_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if WITH_ZLIB
#include <zlib.h>
#endif
#if WITH_LZMA
#include <lzma.h>
#endif

enum { INPUT_BYTES = 32 * 1024, XZ_MEMORY = 72 << 20 };

struct list_input {
	int fd;
	bool started, eof, ended; /* of the file; of what it holds */
	ssize_t (*read)(struct list_input *in, void *buf, size_t n);
	uint8_t bytes[INPUT_BYTES];
	size_t at, end;
#if WITH_ZLIB
	bool inflating;
	z_stream z;
#endif
#if WITH_LZMA
	lzma_stream xz;
#endif
};

/* More bytes of the file behind those that are left, if there is room. 0 or -errno. */
static int fill(struct list_input *in)
{
	ssize_t got;

	memmove(in->bytes, in->bytes + in->at, in->end - in->at);
	in->end -= in->at;
	in->at = 0;
	if (in->end == INPUT_BYTES || in->eof)
		return 0;
	do {
		got = read(in->fd, in->bytes + in->end, INPUT_BYTES - in->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	in->eof = got == 0;
	in->end += (size_t)got;
	return 0;
}

static ssize_t read_plain(struct list_input *in, void *buf, size_t n)
{
	if (in->at == in->end) {
		int rc = fill(in);
		if (rc)
			return rc;
	}
	if (n > in->end - in->at)
		n = in->end - in->at;
	memcpy(buf, in->bytes + in->at, n);
	in->at += n;
	return (ssize_t)n;
}

#if WITH_ZLIB
static int start_gzip(struct list_input *in)
{
	/* 16: gzip's head and checksum; 15: the largest window. */
	in->inflating = inflateInit2(&in->z, 16 + 15) == Z_OK;
	return in->inflating ? 0 : -ENOMEM;
}

/* A file may be several members one after the other (RFC 1952, 2.2). */
static ssize_t read_gzip(struct list_input *in, void *buf, size_t n)
{
	in->z.next_out = buf;
	in->z.avail_out = (uInt)n;
	while (in->z.avail_out == n) {
		int rc = fill(in);
		if (rc)
			return rc;
		if (in->at == in->end)
			return in->ended ? 0 : -EBADMSG;
		if (in->ended && inflateReset(&in->z) != Z_OK)
			return -EBADMSG;
		in->z.next_in = in->bytes + in->at;
		in->z.avail_in = (uInt)(in->end - in->at);
		rc = inflate(&in->z, Z_NO_FLUSH);
		in->at = in->end - in->z.avail_in;
		in->ended = rc == Z_STREAM_END;
		if (rc != Z_OK && rc != Z_STREAM_END)
			return rc == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	}
	return (ssize_t)(n - in->z.avail_out);
}
#else
static int start_gzip(struct list_input *in)
{
	return -EOPNOTSUPP;
}
#define read_gzip NULL
#endif

#if WITH_LZMA
static int start_xz(struct list_input *in)
{
	return lzma_stream_decoder(&in->xz, XZ_MEMORY, LZMA_CONCATENATED) == LZMA_OK ? 0 : -ENOMEM;
}

static ssize_t read_xz(struct list_input *in, void *buf, size_t n)
{
	in->xz.next_out = buf;
	in->xz.avail_out = n;
	while (in->xz.avail_out == n && !in->ended) {
		int error = fill(in);
		if (error)
			return error;
		in->xz.next_in = in->bytes + in->at;
		in->xz.avail_in = in->end - in->at;
		lzma_ret rc = lzma_code(&in->xz, in->eof ? LZMA_FINISH : LZMA_RUN);
		in->at = in->end - in->xz.avail_in;
		in->ended = rc == LZMA_STREAM_END;
		if (rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR)
			return -ENOMEM;
		if (rc != LZMA_OK && rc != LZMA_STREAM_END)
			return -EBADMSG;
	}
	return (ssize_t)(n - in->xz.avail_out);
}
#else
static int start_xz(struct list_input *in)
{
	return -EOPNOTSUPP;
}
#define read_xz NULL
#endif

/* What the file is. 0 or -errno. */
static int start(struct list_input *in)
{
	static const uint8_t gzip[] = { 0x1f, 0x8b }, xz[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	int rc = 0;

	while (!rc && in->end < sizeof xz && !in->eof)
		rc = fill(in);
	if (rc)
		return rc;
	in->started = true;
	in->read = read_plain;
	if (in->end >= sizeof gzip && !memcmp(in->bytes, gzip, sizeof gzip)) {
		in->read = read_gzip;
		return start_gzip(in);
	}
	if (in->end >= sizeof xz && !memcmp(in->bytes, xz, sizeof xz)) {
		in->read = read_xz;
		return start_xz(in);
	}
	return 0;
}

int list_input_open(const char *path, struct list_input **out)
{
	struct list_input *in = calloc(1, sizeof *in);
	int rc;

	if (!in)
		return -ENOMEM;
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0) {
		rc = -errno;
		free(in);
		return rc;
	}
	*out = in;
	return 0;
}

void list_input_close(struct list_input *in)
{
	if (!in)
		return;
#if WITH_ZLIB
	if (in->inflating)
		inflateEnd(&in->z);
#endif
#if WITH_LZMA
	lzma_end(&in->xz);
#endif
	close(in->fd);
	free(in);
}

ssize_t list_input_read(struct list_input *in, void *buf, size_t n)
{
	int rc = in->started ? 0 : start(in);

	return rc ? rc : in->read(in, buf, n);
}
