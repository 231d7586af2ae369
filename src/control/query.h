/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request taken apart, whether it came as JSON or as bare words. */
#ifndef CONTROL_QUERY_H
#define CONTROL_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum argument_kind {
	ARGUMENT_STRING,
	ARGUMENT_NUMBER, /* a whole one */
	ARGUMENT_WORD,	 /* of a bare line: text that may stand for a number */
	ARGUMENT_OTHER,	 /* what no argument is: null, true, 1.5, [] */
};

struct argument {
	char *key;
	enum argument_kind kind;
	char *text; /* of STRING and WORD */
	int64_t number;
};

struct arguments {
	struct argument *at;
	size_t count;
};

struct query {
	char *id;  /* JSON text of at most QUERY_ID_MOST bytes, or NULL */
	char *cmd; /* NULL only if parsing failed */
	struct arguments args, filter;
	bool has_filter; /* "filter" was an object; it stands in filter, not in args */
};
enum {
	QUERY_ID_MOST = 1024, /* every line of a long answer repeats it */
	QUERY_ARGUMENTS_MOST = 16,
};

/* q is zeroed by the caller and ended with query_done whatever comes back. 0; -ENOMEM; or
 * -EINVAL with the error key of tacet-stats(7) in out_key, the reason in e and, if it was
 * legible, q->id. */
int query_from_json(struct query *q, const char *line, size_t n, const char **out_key,
		    struct error *e);
/* first: the key of a word without "KEY=" (NULL = none may come); with is_filter KEY=VALUE
 * goes into the filter. The first word, the command, is the caller's: words starts after it. */
int query_from_words(struct query *q, char *words, const char *first, bool is_filter,
		     struct error *e);
void query_done(struct query *q);

const struct argument *query_find(const struct arguments *a, const char *key); /* or NULL */
/* Adds key with a copy of text (NULL where kind has none). 0, -EINVAL with e for one too many,
 * -ENOMEM. */
int query_add(struct arguments *a, const char *key, enum argument_kind kind, const char *text,
	      int64_t number, struct error *e);

#endif
