/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ring of records. */
#include "view/log.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct view_log {
	struct log_limits limits;
	uint64_t first, next;
	size_t bytes;
	struct log_entry *ring[];
};

struct view_log *view_log_new(const struct log_limits *limits)
{
	struct view_log *l = calloc(1, sizeof(*l) + limits->entries * sizeof(struct log_entry *));

	if (!l)
		return NULL;
	l->limits = *limits;
	l->first = l->next = 1;
	return l;
}

void view_log_free(struct view_log *l)
{
	if (!l)
		return;
	view_log_clear(l);
	free(l);
}

static void drop_first(struct view_log *l)
{
	struct log_entry **at = &l->ring[l->first % l->limits.entries];

	l->bytes -= (*at)->size;
	free(*at);
	*at = NULL;
	l->first++;
}

void view_log_clear(struct view_log *l)
{
	while (l->first < l->next)
		drop_first(l);
}

void view_log_expire(struct view_log *l, int64_t now_ms)
{
	while (l->first < l->next && now_ms - view_log_at(l, l->first)->at_ms > l->limits.age_ms)
		drop_first(l);
}

static const char *put(char **at, const char *text, size_t n)
{
	char *start = *at;

	memcpy(start, text, n);
	start[n] = '\0';
	*at += n + 1;
	return start;
}

/* Entry and texts in one piece of memory. */
static struct log_entry *entry_new(const struct view_record *r, const char *line)
{
	size_t n[] = { strlen(r->device), strlen(r->app), strlen(r->role), strlen(r->name),
		       strlen(line) };
	size_t size = sizeof(struct log_entry) + n[0] + n[1] + n[2] + n[3] + n[4] + 5;
	struct log_entry *e = malloc(size);
	char *at;

	if (!e)
		return NULL;
	at = (char *)(e + 1);
	*e = (struct log_entry){ .type = r->type, .verdict = r->verdict, .size = size };
	e->device = put(&at, r->device, n[0]);
	e->app = put(&at, r->app, n[1]);
	e->role = put(&at, r->role, n[2]);
	e->name = put(&at, r->name, n[3]);
	e->line = put(&at, line, n[4]);
	e->line_len = n[4];
	return e;
}

void view_log_add(struct view_log *l, const struct view_record *r, const char *line, int64_t now_ms)
{
	struct log_entry *e = entry_new(r, line);

	if (!e)
		return;
	while (l->first < l->next &&
	       (l->next - l->first >= l->limits.entries || l->bytes + e->size > l->limits.bytes))
		drop_first(l);
	e->number = l->next;
	e->at_ms = now_ms;
	l->ring[l->next++ % l->limits.entries] = e;
	l->bytes += e->size;
}

uint64_t view_log_first(const struct view_log *l)
{
	return l->first;
}

uint64_t view_log_next(const struct view_log *l)
{
	return l->next;
}

const struct log_entry *view_log_at(const struct view_log *l, uint64_t number)
{
	if (number < l->first || number >= l->next)
		return NULL;
	return l->ring[number % l->limits.entries];
}

static bool is_under(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	if (n < s || strcasecmp(name + n - s, suffix) != 0)
		return false;
	return n == s || name[n - s - 1] == '.';
}

bool view_log_passes(const struct log_filter *f, const struct log_entry *e)
{
	return (f->type == RECORD_OTHER || f->type == e->type) &&
	       (f->verdict == RECORD_NO_VERDICT || f->verdict == e->verdict) &&
	       (!f->device || !strcmp(f->device, e->device)) &&
	       (!f->app || !strcmp(f->app, e->app)) && (!f->role || !strcmp(f->role, e->role)) &&
	       (!f->name || is_under(e->name, f->name));
}
