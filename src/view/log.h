/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The newest records, bounded in number, bytes and age, to be looked through with a filter. */
#ifndef VIEW_LOG_H
#define VIEW_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "view/record.h"

struct log_entry {
	uint64_t number; /* grows by one with each */
	int64_t at_ms;
	enum record_type type;
	enum record_verdict verdict;
	const char *device, *app, *role, *name;
	const char *line; /* as it came */
	size_t line_len, size;
};

/* NULL or RECORD_OTHER, RECORD_NO_VERDICT: anything. name: that, and what is below it. */
struct log_filter {
	enum record_type type;
	enum record_verdict verdict;
	const char *device, *app, *role, *name;
};

struct log_limits {
	size_t entries; /* > 0 */
	size_t bytes;
	int64_t age_ms;
};

struct view_log;
struct view_log *view_log_new(const struct log_limits *limits); /* NULL without memory */
void view_log_free(struct view_log *l);				/* accepts NULL */
/* Copies the line; the oldest go where there is no room. Without memory the record is lost. */
void view_log_add(struct view_log *l, const struct view_record *r, const char *line,
		  int64_t now_ms);
void view_log_expire(struct view_log *l, int64_t now_ms);
void view_log_clear(struct view_log *l);
/* Numbers of the oldest that is there and of the next to come. */
uint64_t view_log_first(const struct view_log *l);
uint64_t view_log_next(const struct view_log *l);
/* NULL if it is not there (any more). Valid until the log changes. */
const struct log_entry *view_log_at(const struct view_log *l, uint64_t number);
bool view_log_passes(const struct log_filter *f, const struct log_entry *e);

#endif
