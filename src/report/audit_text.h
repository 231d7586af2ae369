/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands under the table of an audit. */
#ifndef REPORT_AUDIT_TEXT_H
#define REPORT_AUDIT_TEXT_H

#include "report/audit.h"

/* "2 of 5 apps phone home: ..." */
void audit_conclusion(const struct audit *a, const struct audit_figures *f, struct text *t);
/* Totals, roles, what was not understood or found no room, and the conclusion: sentences,
 * folded at width where it is not 0. c may be NULL. */
void audit_closing(const struct audit *a, const struct audit_figures *f,
		   const struct engine_counters *c, unsigned width, struct text *out);

/* Sessions, trackers in them, suspected hosts: lines, cut at width where it is not 0. */
void audit_habits_text(const struct audit *a, unsigned width, struct text *out);

#endif
