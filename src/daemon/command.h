/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command in a cgroup of its own, so that its traffic can be told from everybody else's. */
#ifndef DAEMON_COMMAND_H
#define DAEMON_COMMAND_H

#include <stdbool.h>

#include "base/error.h"

struct command;
/* Makes the cgroup. Its path below the cgroup2 root is command_cgroup(). */
int command_prepare(struct command **out, struct error *e);
const char *command_cgroup(const struct command *c);
/* Starts argv inside it. */
int command_start(struct command *c, char *const argv[], struct error *e);
/* Has it ended? *out_status is then its exit status (128 + signal if it was killed). */
bool command_ended(struct command *c, int *out_status);
void command_signal(struct command *c, int signal);
/* Ends what is left in the cgroup, removes it, frees. Accepts NULL. */
void command_free(struct command *c);

#endif
