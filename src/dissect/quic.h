/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ClientHello in QUIC Initial packets (RFC 9000, 17.2.2; RFC 9001, 5). Pure. */
#ifndef DISSECT_QUIC_H
#define DISSECT_QUIC_H

#include "base/reader.h"
#include "dissect/tls.h"

struct quic_hello {
	struct tls_hello tls;
	uint32_t version;
};

/* One UDP payload from a client. Walks the coalesced packets; MALFORMED = not a QUIC Initial (most UDP),
 * or one that does not authenticate under the client keys of its own destination ID.
 * MORE = it is one, and the hello is not complete in this datagram. Uses no memory beyond
 * 4 KiB of stack. */
enum outcome quic_client_hello(struct reader *r, struct quic_hello *out);

/* Does it look like a QUIC long header packet of a version (any, also unknown ones)? */
bool quic_is_long_header(const struct reader *r, uint32_t *out_version);

#endif
