/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share. */
#ifndef WEB_INTERNAL_H
#define WEB_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "view/feed.h"
#include "web/guard.h"
#include "web/history.h"
#include "web/web.h"

struct web {
	struct web_options o;
	struct feed feed;
	int64_t started_ms;	 /* names this log's numbers: another start has others */
	struct history *history; /* or NULL */
	uint64_t history_next;	 /* number of the first record that is not in it */
	unsigned history_level;	 /* what was told under a lower one is not in it */
	struct stream *streams;
	unsigned stream_count;
	struct guard_failures failures;
};

int64_t web_now_ms(void);

/* api.c: the body for GET /api/v1/WHAT, or a status other than 200 with an error in it. */
struct api_query {
	void *ctx;
	const char *(*get)(void *ctx, const char *key);
};
unsigned api_get(struct web *w, const char *what, const struct api_query *q, struct text *out);
unsigned api_post(struct web *w, const char *what, const char *body, struct text *out);
unsigned api_error(struct text *out, unsigned status, const char *key, const char *message);
/* False: out has the error, 400. */
bool api_filter(const struct api_query *q, struct log_filter *out_filter, struct text *out);
void api_hello(const struct web *w, struct text *out);

#endif
