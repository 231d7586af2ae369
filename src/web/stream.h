/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Server-sent events: every stream is a place in the log, so that one that does not read costs
 * no more than one that does. */
#ifndef WEB_STREAM_H
#define WEB_STREAM_H

#include <microhttpd.h>

#include "web/internal.h"

enum { STREAMS_MOST = 16 };

/* NULL where there are too many, or no memory. last_id: of the last record that the client has,
 * NULL = none. The texts of f are copied. */
struct stream *stream_new(struct web *w, struct MHD_Connection *c, const struct log_filter *f,
			  const char *last_id);
struct MHD_Response *stream_response(struct stream *s); /* NULL: s was freed */
/* Wakes those that have something to say, or have said nothing for long. */
void streams_wake(struct web *w, int64_t now_ms);
/* Wakes all to end. */
void streams_end(struct web *w);

#endif
