/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose sockets flows of this machine belong to: process, user, cgroup, unit. */
#ifndef PROCESS_PROCESS_H
#define PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"

enum { PROCESS_COMM_MAX = 16, PROCESS_USER_MAX = 33, PROCESS_CGROUP_MAX = 256 };

struct process {
	char comm[PROCESS_COMM_MAX]; /* as in /proc/PID/comm; "" = only the user is known */
	uint32_t pid;		     /* in the first pid namespace; 0 = not known */
	uint32_t uid;
	char user[PROCESS_USER_MAX];	 /* by /etc/passwd, else the number */
	char cgroup[PROCESS_CGROUP_MAX]; /* below the root of cgroup2; "" = the root, or not known
					  */
};

/* The part of the cgroup's path that is a unit of systemd (.service, .scope), the innermost; or
 * NULL. It points into p and *out_len bytes of it count. */
const char *process_unit(const struct process *p, unsigned *out_len);

/* Both ends as packets show them. */
struct process_flow {
	uint8_t proto;	      /* IPPROTO_TCP, IPPROTO_UDP */
	struct addr src, dst; /* src opened it */
	uint16_t sport, dport;
};

struct processes;
/* Has the kernel note who connects and sends, as far as it lets us (Linux 5.8 with BTF, root):
 * then processes are known that are gone when they are asked for. Else *out looks sockets up and
 * searches /proc, and why says what is missing. NULL without memory. */
struct processes *processes_new(struct error *why);
void processes_free(struct processes *p); /* accepts NULL */
bool processes_traces(const struct processes *p);
/* Before Linux 5.19, where kernel.unprivileged_bpf_disabled is set, what the kernel noted is read
 * with CAP_BPF in effect only. False: with what is in effect now it is not. */
bool processes_may_find(const struct processes *p);

/* False: not known. System calls, and where the kernel notes nothing a search of /proc that may
 * take milliseconds: not for the packet path. `local`: src is an address of this machine, so that
 * its sockets may be asked. */
bool processes_find(struct processes *p, const struct process_flow *f, bool local,
		    struct process *out);

struct process_counters {
	uint64_t traced, searched, user_only, unknown; /* answers of processes_find */
};
void processes_counters(const struct processes *p, struct process_counters *out);

#endif
