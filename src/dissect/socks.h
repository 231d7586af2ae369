/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target that a client asks of a SOCKS proxy (RFC 1928, RFC 1929, SOCKS 4 and 4a). Pure. */
#ifndef DISSECT_SOCKS_H
#define DISSECT_SOCKS_H

#include "base/name.h"
#include "base/reader.h"

/* r stands at the first byte of what the client sends: in version 5 its methods, perhaps a user
 * name with password, then the request. FOUND and ABSENT as soon as the request is complete; r
 * then stands behind it, where the bytes for the target begin. FOUND: out is the host name that
 * it asks for. ABSENT: it asks for an address, or for what is no host name; out is untouched. */
enum outcome socks_target(struct reader *r, struct name *out);

#endif
