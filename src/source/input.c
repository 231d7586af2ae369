// SPDX-License-Identifier: GPL-2.0-or-later
/* The buffer between a descriptor and the readers of capture files. */
#define _FILE_OFFSET_BITS 64 /* captures over 2 GiB on 32-bit machines */
#include "source/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Small enough to stay in the cache of a router's processor next to what decides. */
enum { INPUT_FIRST = 128 << 10 };

int input_open(struct input *in, const char *path)
{
	*in = (struct input){ .fd = -1 };
	in->buffer = malloc(INPUT_FIRST);
	if (!in->buffer)
		return -ENOMEM;
	in->size = INPUT_FIRST;
	in->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return -errno;
	/* A pipe refuses, and needs no advice. */
	(void)posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return 0;
}

int input_of_bytes(struct input *in, const void *bytes, size_t n)
{
	*in = (struct input){ .fd = -1, .buffer = malloc(n ? n : 1) };
	if (!in->buffer)
		return -ENOMEM;
	if (n)
		memcpy(in->buffer, bytes, n);
	in->size = in->end = n;
	return 0;
}

void input_done(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buffer);
	*in = (struct input){ .fd = -1 };
}

static ssize_t read_some(struct input *in, void *out, size_t n)
{
	ssize_t got;

	if (in->fd < 0 || in->error)
		return 0;
	do
		got = read(in->fd, out, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		in->error = errno;
	else
		in->read += (uint64_t)got;
	return got;
}

static bool grow(struct input *in)
{
	size_t size = in->size * 2;
	uint8_t *buffer = realloc(in->buffer, size);

	if (!buffer)
		return false;
	in->buffer = buffer;
	in->size = size;
	return true;
}

uint8_t *input_peek(struct input *in, size_t n)
{
	ssize_t got;

	if (n <= input_held(in))
		return in->buffer + in->start;
	if (n > INPUT_MAX || in->fd < 0)
		return NULL;
	memmove(in->buffer, in->buffer + in->start, input_held(in));
	in->end -= in->start;
	in->start = 0;
	while (in->end < n) {
		if (in->end == in->size && !grow(in))
			return NULL;
		got = read_some(in, in->buffer + in->end, in->size - in->end);
		if (got <= 0)
			return NULL;
		in->end += (size_t)got;
	}
	return in->buffer;
}

bool input_skip(struct input *in, uint64_t n)
{
	while (n > input_held(in)) {
		ssize_t got;

		n -= input_held(in);
		in->start = in->end = 0;
		got = read_some(in, in->buffer, in->size);
		if (got <= 0)
			return false;
		in->end = (size_t)got;
	}
	in->start += (size_t)n;
	return true;
}

ptrdiff_t input_read(struct input *in, void *out, size_t n)
{
	if (!input_peek(in, 1)) {
		errno = in->error;
		return in->error ? -1 : 0;
	}
	if (n > input_held(in))
		n = input_held(in);
	memcpy(out, in->buffer + in->start, n);
	in->start += n;
	return (ptrdiff_t)n;
}
