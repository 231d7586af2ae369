/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One request on its way from the line to its answers. */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include "control/control.h"
#include "control/query.h"

struct request {
	struct client *client;
	struct query query;
};

enum { COMMAND_ARGS = 6 };
struct command {
	const char *name, *usage;
	const char *args[COMMAND_ARGS];
	bool privileged;
	bool bare_filter; /* KEY=VALUE of a bare word goes into "filter" */
	void (*run)(struct request *r);
};
const struct command *command_find(const char *name); /* or NULL */
/* Checks who asks and for what, and runs cmd; NULL answers unknown_command for name. */
void command_run(struct request *r, const struct command *cmd, const char *name);

/* Every request ends in exactly one of these; answer_more may come before answer_last. */
void answer_error(struct request *r, const char *key, const char *message, const char *hint);
void answer_failure(struct request *r, int rc, const struct error *e); /* e may be NULL */
void answer_data(struct request *r, const struct text *data);	       /* JSON; NULL = none */
void answer_string(struct request *r, const struct text *data);	       /* as a JSON string */
void answer_hello(struct request *r);
void answer_last(struct request *r, uint64_t left_out);
/* One line of a long answer. False: it found no room, and more would find none either. */
bool answer_more(struct request *r, const struct text *object);

#endif
