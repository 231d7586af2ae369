/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a file or pipe through one buffer in which they can be looked at before they are
 * taken. For the files of this room. */
#ifndef SOURCE_INPUT_H
#define SOURCE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
	int fd; /* -1: all there is lies in the buffer */
	uint8_t *buffer;
	size_t size, start, end; /* what was read and not taken: buffer[start, end) */
	int error;		 /* errno of a read that failed; the end follows */
	uint64_t read;		 /* bytes that came out of fd */
};

enum { INPUT_MAX = 16 << 20 }; /* as much can be looked at at once */

/* "-" is standard input. 0 or -errno, in is empty then; input_done in any case. */
int input_open(struct input *in, const char *path);
/* Copies the bytes. 0 or -ENOMEM. */
int input_of_bytes(struct input *in, const void *bytes, size_t n);
void input_done(struct input *in);

/* n bytes in a row that are not taken by this; valid until the next call. NULL: the end comes
 * before (in->error says if it is an error), or n > INPUT_MAX, or no memory. The buffer grows with
 * what arrives, never with what n claims. */
uint8_t *input_peek(struct input *in, size_t n);
/* Takes n bytes, looked at or not. False if the end comes before. */
bool input_skip(struct input *in, uint64_t n);
/* Takes up to n bytes into out. Returns how many, 0 = the end, -1 with errno set. */
ptrdiff_t input_read(struct input *in, void *out, size_t n);

static inline size_t input_held(const struct input *in)
{
	return in->end - in->start;
}

#endif
