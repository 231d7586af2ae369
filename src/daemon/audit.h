/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `tacet audit`: what a capture, an interface or a command phones home. Nothing is blocked. */
#ifndef DAEMON_AUDIT_H
#define DAEMON_AUDIT_H

#include <stdbool.h>
#include <stddef.h>

struct audit_options {
	const char *config_path;
	char *const *files; /* one of files, */
	size_t file_count;
	const char *ifname;   /* ifname */
	char *const *command; /* and command (NULL-terminated) */
	unsigned seconds;     /* of a live audit; 0 = until SIGINT */
	unsigned jobs;	      /* captures read at a time; 1: one after the other, as one capture */
	bool compare;	      /* of two files: what changed from the first to the second */
	const char *html;     /* the page goes there, "-" = standard output; NULL: none */
	bool anonymize;
	bool progress; /* standard error is a terminal that shows how far it is */
	bool json;
	unsigned width; /* columns for the table, 0 = no cutting */
	bool colour;
};

/* Writes to standard output. Logs its errors. Returns the exit status; of a command that ran,
 * the command's own (128 + signal if it was killed). */
int audit_run(const struct audit_options *o);

#endif
