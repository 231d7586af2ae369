/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs in the kernel that note, at connect(2) and send(2), which process does so: a table of
 * the latest flows that tells of processes which are gone already. */
#ifndef PROCESS_TRACER_H
#define PROCESS_TRACER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "process/process.h"

enum { TRACER_FLOWS = 8192 /* one more takes the place of the one unused longest */ };

/* What is noted of a process. */
struct traced {
	uint64_t cgroup; /* its id: the inode of its folder */
	uint32_t pid, uid;
	char comm[PROCESS_COMM_MAX];
};

struct tracer;
/* Loads and attaches the programs: root (CAP_BPF, CAP_PERFMON) and Linux 5.8 with BTF. They end
 * with the process or with tracer_close. -ENOSYS: built without. */
int tracer_open(struct tracer **out, struct error *e);
void tracer_close(struct tracer *t); /* accepts NULL */

/* One system call. UDP sockets that are not connected are found by their port alone, where
 * `local` allows it: in other network namespaces others may have the same. */
bool tracer_find(const struct tracer *t, const struct process_flow *f, bool local,
		 struct traced *out);
/* False: what is noted may not be read with the capabilities that are in effect. */
bool tracer_may_find(const struct tracer *t);

#endif
