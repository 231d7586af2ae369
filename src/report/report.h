/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as text: JSON lines of tacet-records(7), and the table of an audit. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/text.h"
#include "engine/engine.h"
#include "engine/record.h"

/* One line without newline. Fields as in tacet-records(7); what is not known is left out. */
void report_flow_json(struct text *t, const struct flow_record *r, uint64_t seq);
void report_dns_json(struct text *t, const struct dns_record *r,
		     uint64_t seq); /* seq 0: left out */

/* Likewise. The names of devices, hosts and apps that they hold are the caller's to hide. */
void report_device_json(struct text *t, const struct device_record *r);
void report_session_json(struct text *t, const struct session_record *r, uint64_t seq);
void report_companion_json(struct text *t, const struct companion_record *r);
void report_suspect_json(struct text *t, const struct suspect *s);
/* A line of the answer to `trouble`. */
void report_refusal_json(struct text *t, const struct refusal *r);

/* What a slow client is told: count events up to number seq did not reach it. */
void report_lost_json(struct text *t, uint64_t count, uint64_t seq);

/* Privacy levels of tacet.conf(5): may this record's name be told? level 0..3. */
bool report_may_name(int level, enum verdict_kind kind);

/* What an audit adds up: by device, app and name. Bounded by max_rows; what is over goes into
 * one row "(others)" per device, and devices over max_rows share one such row. Flows without a
 * name are rows by the other side's address, "(local network)" where that is no Internet address.
 * Records that find no memory are in the totals alone, and the output says how many. */
struct audit;
struct audit *audit_new(size_t max_rows);		       /* NULL without memory */
void audit_free(struct audit *a);			       /* accepts NULL */
void audit_flow(struct audit *a, const struct flow_record *r); /* open ones are passed over */
void audit_dns(struct audit *a, const struct dns_record *r);
/* A session that is over, a tracker in sessions, a suspected host. Bounded; what is over is
 * counted. */
void audit_session(struct audit *a, const struct session_record *r);
void audit_companion(struct audit *a, const struct companion_record *r);
void audit_suspect(struct audit *a, const struct suspect *s);
/* Adds up what another one did, in its own order. Both are of one catalogue, or of copies of it of
 * which the one that more knows outlives a. */
void audit_merge(struct audit *a, const struct audit *more);
/* The table for people. width: columns of the terminal (0 = a pipe: no cutting); colour only if
 * asked; c may be NULL. The same records in the same order give the same bytes. */
void audit_table(const struct audit *a, const struct engine_counters *c, unsigned width,
		 bool colour, struct text *out);
/* What changed from one to the other, by app and name: new, gone, decided otherwise, much more
 * and much less (twice, and 10 contacts or 4096 bytes at least). As a table, and as one
 * {"type":"change",...} a line with a {"type":"comparison",...} at the end. */
void audit_compare(const struct audit *before, const struct audit *after, unsigned width,
		   bool colour, struct text *out);
void audit_compare_json(const struct audit *before, const struct audit *after, struct text *out);
/* {"type":"summary",...} with totals by role and verdict and, where c is given, all counters. */
void audit_summary_json(const struct audit *a, const struct engine_counters *c, struct text *out);

#endif
