/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A watch on the stats socket that goes on when tacet was started again: records into a model and
 * a log, the newest stats beside them. */
#ifndef VIEW_FEED_H
#define VIEW_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "view/log.h"
#include "view/model.h"

struct tacet;

struct feed {
	const char *path;    /* of the stats socket */
	bool wants_flows;    /* those that are open when it connects, too */
	struct tacet *watch; /* NULL = not connected */
	int64_t retry_ms, asked_ms;
	char started[40]; /* when the tacet that it hears began */
	unsigned privacy;
	struct model *model;
	struct view_log *log;
	uint64_t lost;	    /* records that came faster than they were read */
	struct text stats;  /* the newest answer to stats, its data alone */
	uint64_t stats_seq; /* changes with both, and when the connection comes or goes */
};

/* The path stays the caller's. False without memory. */
bool feed_init(struct feed *f, const char *path, const struct model_limits *rows,
	       const struct log_limits *records);
void feed_done(struct feed *f); /* accepts a zeroed struct */
/* Reads what came; connects, and asks for stats, when it is time. Waits at most for as long as
 * connecting takes, 0.5 s. */
void feed_run(struct feed *f, int64_t now_ms);

/* One request on a connection of its own, for at most 2 s. `data` gets the data of the answer, of
 * several lines as an array. 0, or -errno: -ECONNREFUSED and the like from connecting, -EACCES,
 * -EINVAL where tacet refused, with what it said in `data`. */
int feed_ask(const char *path, const char *request, struct text *data);

#endif
