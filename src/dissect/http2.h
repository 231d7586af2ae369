/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of an HTTP/2 connection that begins without TLS or an upgrade (RFC 9113, 3.3). Pure. */
#ifndef DISSECT_HTTP2_H
#define DISSECT_HTTP2_H

#include "dissect/http.h"

/* A connection whose first header block is longer, or begins later, is MALFORMED. */
enum { HTTP2_BLOCK_MAX = 16384, HTTP2_START_MAX = 65536 };

/* r stands at the first byte of a TCP stream. FOUND as soon as :authority, or the field host, of
 * the first request has arrived: out is filled. ABSENT: that request has no usable one. MALFORMED
 * as soon as the bytes are not the preface of a client, mostly with the first. */
enum outcome http2_request_host(struct reader *r, struct http_head *out);

#endif
