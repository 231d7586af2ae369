/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loops of tacet top. */
#ifndef TOP_RUN_H
#define TOP_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "view/feed.h"

struct top_options {
	const char *stats_path, *control_path;
	bool json;
	unsigned seconds; /* of `once`: how long to look */
	int rows, cols;	  /* of `once` */
};

/* On the terminal until q. 0, or -errno with e. terminal.c, over ncurses. */
int top_run(const struct top_options *o, struct error *e);
/* Looks for so long, then prints one screen, or what it shows as JSON, to standard output. */
int top_once(const struct top_options *o, struct error *e);

/* What both begin with: 0, or -ENOMEM with e. */
int top_feed(struct feed *f, const struct top_options *o, struct error *e);
int64_t top_clock_ms(void);
/* Reads what came, or waits for it so long; also for input on fd (-1 = none). */
void top_turn(struct feed *f, int fd, int wait_ms);

#endif
