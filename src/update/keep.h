/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The directory of the compiled index and the copies of lists in it. */
#ifndef UPDATE_KEEP_H
#define UPDATE_KEEP_H

#include <stdint.h>

#include "base/error.h"

/* 0, -EPERM if others may write to the directory, or -errno. */
int keep_check(const char *dir, struct error *e);
/* Makes the directory (0700) if it is missing, checks it, and waits for its lock. The lock's
 * descriptor, which ends it when it is closed, or -errno. */
int keep_lock(const char *dir, struct error *e);
/* Copies a plain file of at most 256 MiB, packed if it is text; its digest and size are those of
 * the file as it is. to NULL: only looks. 0 or -errno; what is in `to` after a failure is of no
 * use. A full disk is -ENOSPC or -EDQUOT. */
int keep_copy(const char *from, const char *to, char out_sha256[static 65], uint64_t *out_bytes,
	      struct error *e);

#endif
