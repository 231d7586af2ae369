/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bytes of a list's file, which may be compressed: gzip (RFC 1952) with zlib, xz with liblzma.
 * What a file is its first bytes say, not its name. */
#ifndef CLASSIFY_LIST_INPUT_H
#define CLASSIFY_LIST_INPUT_H

#include <stddef.h>
#include <sys/types.h>

struct list_input;

/* 0 or -errno. */
int list_input_open(const char *path, struct list_input **out);
void list_input_close(struct list_input *in); /* accepts NULL */
/* Up to n bytes (n > 0), 0 at the end, or -errno: -EBADMSG if compressed data is damaged or cut
 * short, -EOPNOTSUPP if tacet is built without the library for it. Takes no more than 72 MiB, which
 * is what the strongest preset of xz needs; what wants more is -ENOMEM. */
ssize_t list_input_read(struct list_input *in, void *buf, size_t n);

#endif
