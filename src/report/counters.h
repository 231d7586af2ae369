/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a running tacet, one table for `stats`, `metrics` and tacet-stats(7). */
#ifndef REPORT_COUNTERS_H
#define REPORT_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* One figure: a name stable for ever ("flows_evicted"), what it is, counter or gauge, and an
 * optional label ("role","ads") for Prometheus; of one name all labels come in a row. */
struct figure {
	const char *name, *help;
	enum figure_kind { FIGURE_COUNTER, FIGURE_GAUGE } kind;
	const char *label, *label_value; /* NULL = none */
	uint64_t value;
};

/* Where the figures come from: the daemon fills them in at each call. */
struct figure_set {
	struct figure *at;
	size_t count, cap;
};

struct engine_counters;
/* The engine's figures appended to set. Returns false without memory. */
bool figures_engine(struct figure_set *set, const struct engine_counters *c);
bool figures_add(struct figure_set *set, const char *name, const char *help, enum figure_kind kind,
		 const char *label, const char *label_value, uint64_t value);
void figures_done(struct figure_set *set);

/* {"flows":12,...,"by_role":{"ads":3}}: members only, into an open JSON object. */
void figures_json(const struct figure_set *set, struct text *out);
/* Prometheus text format 0.0.4: tacet_<name>[_total]{label="value"} n */
void figures_prometheus(const struct figure_set *set, struct text *out);

#endif
