/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One configuration and policy of an audit with the engine and the sums of now. Those of
 * several threads share nothing but standard output and the anonymizer. */
#ifndef DAEMON_AUDIT_SESSION_H
#define DAEMON_AUDIT_SESSION_H

#include "daemon/anonymize.h"
#include "daemon/audit.h"
#include "daemon/setup.h"
#include "report/report.h"
#include "source/source.h"

enum { AUDIT_BATCH = 256 };

struct session {
	const struct audit_options *options;
	struct config *config;
	struct policy *policy;
	struct engine *engine;
	struct audit *audit;
	struct engine_counters counters; /* of the engines that have ended */
	struct processes *processes;	 /* of a live audit */
	struct anonymizer *anonymizer;	 /* NULL: records as they are */
	bool shares_anonymizer;
	struct session *helpers; /* of --jobs; their catalogues are those of the rows */
	size_t helper_count;
	struct text line;
	bool output_failed;
};

/* 0, or -errno with e. session_close in any case. */
int session_open(struct session *s, const struct audit_options *o, struct error *e);
void session_close(struct session *s);
/* A new engine, and sums if there are none; session_end adds its counters up. */
int session_begin(struct session *s, struct error *e);
void session_end(struct session *s);
void session_add_counters(struct session *s, const struct session *more);
void session_frame(void *session, const struct frame *f);

/* audit_files.c: a capture by itself, all of them; log their errors. 0 or 1. What was read of a
 * broken capture counts. */
int session_read(struct session *s, size_t file);
int session_read_all(struct session *s);

/* audit_page.c: writes the page. 0, or 1 after a message. */
int audit_page(struct session *s);

#endif
