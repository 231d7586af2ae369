/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup2: where it is mounted, and the paths of groups by the numbers that the kernel has for
 * them. */
#ifndef PROCESS_CGROUP_H
#define PROCESS_CGROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* 0, or -EOPNOTSUPP: it is not mounted. */
int cgroup_root(char *out, size_t n, struct error *e);

struct cgroups;
struct cgroups *cgroups_new(void); /* NULL: no cgroup2, or no memory */
void cgroups_free(struct cgroups *c);
/* The path below the root of the group with that id (the inode of its folder), or, where id is 0,
 * of the process; "" for the root and where it is gone. Remembers CGROUPS_MAX of them. Valid until
 * the next call. */
enum { CGROUPS_MAX = 256 };
const char *cgroups_path(struct cgroups *c, uint64_t id, uint32_t pid);

#endif
