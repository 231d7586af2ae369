/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists compiled in a process of its own, `tacet lists compile`: what it costs is not on the
 * way of packets, and its end, whatever that is, is not the daemon's. */
#ifndef DAEMON_ASIDE_H
#define DAEMON_ASIDE_H

#include <stdbool.h>

#include "base/error.h"

struct aside;
struct aside_options {
	const char *config_path; /* NULL: the default */
	bool force;
	bool stand_back; /* runs with a lower priority: packets are on their way meanwhile */
};
/* Goes first when memory is short. */
int aside_start(const struct aside_options *o, struct aside **out, struct error *e);
/* Readable once it has ended; -1 if the kernel has no such descriptors: ask aside_ended. */
int aside_fd(const struct aside *a);
/* Also true of one that takes too long: it is killed then. */
bool aside_ended(struct aside *a);
/* Waits for the end, logs what it said, frees. 0, or -errno and why. */
int aside_end(struct aside *a, struct error *e);
void aside_kill(struct aside *a); /* and frees; accepts NULL */

#endif
