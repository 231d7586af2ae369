/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was refused to a device lately, as rows: a name with its questions and connections together.
 */
#ifndef CLI_TROUBLE_H
#define CLI_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trouble_row {
	char name[256], device[64], app[64], role[16], list[64], rule[300], how[16], breaks[128];
	uint64_t count;
	int64_t first_s, last_s; /* Unix time */
	bool blocked;		 /* it would be now */
	bool named;		 /* device is a name of tacet.conf */
};

struct trouble {
	struct trouble_row *rows;
	size_t count;
};

/* Most suspicious first: what the catalogue says to break something, what nobody knows, what is no
 * tracker, what is; of each what was refused for the first time in the last five minutes; of those
 * what was tried most often. */
void trouble_sort(struct trouble *t, int64_t now_s);

struct bisect_options {
	const char *device; /* as the user calls it */
	unsigned seconds;   /* how long a part is let through for a try */
	const char *control, *config;
};
/* Lets halves through and asks on standard output, whose answers come from standard input, until
 * those rules are left that it needs. Returns the exit status. */
int trouble_bisect(const struct trouble *t, const struct bisect_options *o);

#endif
