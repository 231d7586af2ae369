/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What records add up to: rows by device, by app, and by device, app and name, over a sliding
 * span; and the decisions of every minute from the counters. Bounded; the idlest row goes. */
#ifndef VIEW_MODEL_H
#define VIEW_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "view/record.h"

enum { MODEL_BUCKETS = 24, MODEL_MINUTES = 1440 };
enum model_table { MODEL_DEVICES, MODEL_APPS, MODEL_NAMES, MODEL_TABLES };

struct model_limits {
	size_t rows[MODEL_TABLES];
	int64_t span_ms; /* rows without a contact for so long go; MODEL_BUCKETS parts */
};

struct model;
struct model *model_new(const struct model_limits *limits); /* NULL without memory */
void model_free(struct model *m);			    /* accepts NULL */
void model_clear(struct model *m);			    /* forgets all rows, not the minutes */
void model_restarted(struct model *m); /* flows are numbered anew from now on */
/* A flow counts once, when it opens or, if that was not seen, when it ends. */
void model_record(struct model *m, const struct view_record *r, int64_t now_ms);
void model_expire(struct model *m, int64_t now_ms);

/* The counters allowed, logged and blocked as they stand. The first call, and one with less
 * than before (tacet was started again), sets where counting begins. */
struct model_counts {
	uint64_t allowed, logged, blocked;
};
void model_counts(struct model *m, const struct model_counts *now, int64_t now_ms);

/* What of its key a table does not have is "". */
struct model_row {
	const char *device, *app, *name;
	enum record_verdict verdict; /* this and the next four: of the last contact */
	const char *role, *how, *list, *rule;
	uint64_t contacts, blocked, logged;
	uint64_t per_minute; /* of the last whole minute, or of this one if it has more already */
	uint64_t bytes_out, bytes_in;
	int64_t first_ms, last_ms;
	uint32_t activity[MODEL_BUCKETS]; /* contacts, oldest first */
};
/* Those with most contacts first. device, app: of them alone, NULL = all. The array is the
 * caller's to free, its texts are the model's until that changes. NULL without memory. */
struct model_row *model_rows(const struct model *m, enum model_table table, const char *device,
			     const char *app, int64_t now_ms, size_t *out_n);
/* The same as objects into an open JSON array. What the fields mean: /openapi.json of tacet web. */
void model_rows_json(const struct model *m, enum model_table table, const char *device,
		     const char *app, size_t limit, int64_t now_ms, struct text *out);
/* [seconds since 1970, allowed, logged, blocked] for each minute that had any, oldest first. */
void model_minutes_json(const struct model *m, int64_t now_ms, struct text *out);

#endif
