/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tacet run`: the blocker. */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include <stdbool.h>

#include "config/config.h"

struct run_options {
	const char *config_path; /* NULL: the default */
	bool monitor;		 /* decide and log, block nothing, whatever the file says */
};

/* Runs until SIGTERM or SIGINT (SIGHUP reloads). Logs its errors; returns the exit status. */
int daemon_run(const struct run_options *o);
/* Takes out the rules that a killed tacet left. Exit status. */
int daemon_cleanup(const struct run_options *o);
/* Prints the rules that `run` would install. Exit status. */
int daemon_show_rules(const struct run_options *o);

#endif
