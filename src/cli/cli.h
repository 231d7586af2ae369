/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share. Each cmd_ function gets its own argv (argv[0] is its name) and
 * returns the exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "classify/lists.h"
#include "tacet.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_DAEMON = 3,
	EXIT_BLOCKED = 10
};

int cmd_run(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_stats(int argc, char **argv);
int cmd_flows(int argc, char **argv);
int cmd_devices(int argc, char **argv);
int cmd_sessions(int argc, char **argv);
int cmd_suspects(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_web(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_trouble(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_allow(int argc, char **argv);
int cmd_block(int argc, char **argv);
int cmd_resume(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_lists(int argc, char **argv);
int cmd_lists_match(int argc, char **argv);
int cmd_lists_compile(int argc, char **argv);
int cmd_lists_show(int argc, char **argv);
int cmd_lists_update(int argc, char **argv);

/* A question without arguments: what `tacet NAME [--json] [--socket PATH]` is about. -1 = go on. */
struct cli_question {
	const char *name, *usage, *socket;
	bool json;
};
int cli_question(int argc, char **argv, struct cli_question *r);
/* The value of a field in memory of its own; NULL if the line has no such field. */
char *cli_field(const char *line, const char *path);

/* "tacet NAME: WHAT" and where help is; returns EXIT_USAGE. */
int cli_usage(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "90", "90s", "10m", "2h": seconds, a year at most. */
bool cli_duration(const char *text, unsigned long *out);
/* Whole decimal number in min..max. */
bool cli_number(const char *text, unsigned long min, unsigned long max, unsigned long *out);
/* The same of getopt's optarg; says of the option what is wrong. */
bool cli_number_of(const char *name, const char *option, unsigned long min, unsigned long max,
		   unsigned long *out);

/* The files as lists, called by the files' names; to be freed. NULL after a message. */
struct list_source *cli_list_sources(char **paths, size_t count, enum list_format format);

/* A connection to a running tacet; NULL after a message, *out_status is then what to exit with. */
struct tacet *cli_connect(const char *path, int *out_status);
/* Sends a request and waits for its answer: *out_line is the first line. 0, or the exit status
 * after a message (an answer with ok:false is one). */
int cli_request(struct tacet *t, const char *request, const char **out_line);
/* Writes out standard output for good; EXIT_FAILED with a message if that cannot be done. */
int cli_flush(int status);

#endif
