/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host in the first header block of an HTTP/2 connection (RFC 7541; RFC 9113, 8.3.1). Pure. */
#ifndef DISSECT_HPACK_H
#define DISSECT_HPACK_H

#include "base/reader.h"

/* A longer value is no host. */
enum { HPACK_TEXT_MAX = 300 };

struct hpack_text {
	size_t n;
	char at[HPACK_TEXT_MAX];
};

/* r holds a header block, or what has arrived of it. FOUND as soon as the value of :authority, or
 * of a field named host where no :authority came before it, has arrived: out is its text, as it
 * was sent. ABSENT: neither is in the block, or it is too long. The dynamic table is taken to be
 * empty at first and is kept as far as the block fills it. */
enum outcome hpack_host(struct reader *r, struct hpack_text *out);

#endif
