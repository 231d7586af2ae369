/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of an HTTP/1 request head (RFC 9110, 7.2; RFC 9112, 3.2). Pure. */
#ifndef DISSECT_HTTP_H
#define DISSECT_HTTP_H

#include "base/name.h"
#include "base/reader.h"

struct http_head {
	struct name host; /* without port; IPv6 literals keep their brackets */
	uint16_t port;    /* 0 = none given */
	bool is_connect;  /* CONNECT: host is the target */
};

/* r stands at the first byte of a TCP stream. FOUND as soon as the Host field line (or the
 * authority of an absolute target or of CONNECT) is complete; ABSENT: head ended without one. */
enum outcome http_request_host(struct reader *r, struct http_head *out);

#endif
