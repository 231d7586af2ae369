/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share. */
#ifndef WEB_INTERNAL_H
#define WEB_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "tacet.h"
#include "view/log.h"
#include "view/model.h"
#include "web/guard.h"
#include "web/web.h"

struct web {
	struct web_options o;
	struct tacet *watch; /* NULL = not connected */
	int64_t retry_ms, asked_ms;
	unsigned privacy;
	struct model *model;
	struct view_log *log;
	struct text stats;  /* the newest answer to stats, its data alone */
	uint64_t stats_seq; /* changes with it, and when the connection comes or goes */
	bool has_news;	    /* something for the streams */
	struct stream *streams;
	unsigned stream_count;
	struct guard_failures failures;
};

int64_t web_now_ms(void);

/* upstream.c: the stats socket. upstream_run reads what came; it never waits for long. */
void upstream_run(struct web *w, int64_t now_ms);
/* One request of its own, for at most 2 s. `data` (NULL = none) gets the data of the answer, of
 * several lines as an array. 0, or -errno: -ECONNREFUSED and the like from connecting, -EACCES,
 * -EINVAL where tacet refused, with what it said in `data`. */
int upstream_ask(const char *path, const char *request, struct text *data);

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
