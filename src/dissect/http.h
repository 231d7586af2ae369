/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of an HTTP/1 request head (RFC 9110, 7.2; RFC 9112, 3.2). Pure. */
#ifndef DISSECT_HTTP_H
#define DISSECT_HTTP_H

#include "base/name.h"
#include "base/reader.h"

/* A head that has shown no host by then is MALFORMED. */
enum { HTTP_HEAD_MAX = 65536, HTTP_METHOD_MAX = 32 };

struct http_head {
	struct name host; /* without port, an IPv6 literal without its brackets */
	uint16_t port;	  /* 0 = none given */
	bool is_connect;  /* CONNECT: host is the target */
};

/* r stands at the first byte of a TCP stream. FOUND as soon as the Host field line (or the
 * authority of an absolute target or of CONNECT) is complete; a field line is complete with the
 * first byte of the next, which could continue it. An authority in the target wins over Host.
 * ABSENT: the head ended without Host, or Host is empty or no host name; out is untouched.
 * MALFORMED as soon as the bytes cannot be a request line, mostly with the first: a stream of
 * something else is not waited for. A request line with a broken version, or none, counts if its
 * method is a usual one. After the request line broken field lines are passed over. */
enum outcome http_request_host(struct reader *r, struct http_head *out);

/* Moves r, which stands at a request, behind the empty line that ends its head. FOUND, or MORE. */
enum outcome http_skip_head(struct reader *r);

/* uri-host with or without a port, of n bytes, as host and port. False: no host name. */
bool http_read_authority(const char *text, size_t n, struct http_head *out);

/* Does it begin with a usual method and a space? */
bool http_begins_request(const struct reader *r);

#endif
