/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet web: the dashboard, a client of the sockets. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct web_options {
	const char *stats_path;
	const char *control_path; /* NULL: nothing can be changed */
	const char *address;	  /* numeric */
	uint16_t port;
	const char *host;  /* a name that is served too, or NULL */
	const char *token; /* NULL = none */
	unsigned keep_minutes;
	size_t keep_records;
	const char *history; /* a file that keeps records for history_days; NULL: none does */
	unsigned history_days;
	uint64_t history_records;
	void (*ready)(const struct web_options *o); /* called once browsers are served */
};

/* Serves until SIGINT or SIGTERM. 0, or -errno with e. */
int web_run(const struct web_options *o, struct error *e);

#endif
