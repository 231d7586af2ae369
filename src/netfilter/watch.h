/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that copy the traffic of one cgroup, both ways, to an NFLOG group. Nothing is blocked. */
#ifndef NETFILTER_WATCH_H
#define NETFILTER_WATCH_H

#include <stdint.h>

#include "base/error.h"

struct watch_options {
	const char *cgroup; /* path below the cgroup2 root */
	uint16_t group;	    /* NFLOG group */
	uint32_t mark_mask; /* bits of the connection mark that tie answers to questions, */
	uint32_t mark;	    /* and their value; nobody else's (rules_options.mark_mask) */
	unsigned id;	    /* makes the chain's name unique on this machine: the pid */
};

struct watch;
/* -EPERM, -ENOENT (no iptables-restore), -EOPNOTSUPP: e says what to do. */
int watch_install(const struct watch_options *o, struct watch **out, struct error *e);
void watch_remove(struct watch *w); /* also frees; accepts NULL */

/* Takes out what watchers left that are no more; part of rules_cleanup. */
int watch_cleanup(struct error *e);

#endif
