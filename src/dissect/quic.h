/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ClientHello in QUIC Initial packets (RFC 9000, 17.2.2; RFC 9001, 5). Pure. */
#ifndef DISSECT_QUIC_H
#define DISSECT_QUIC_H

#include "base/reader.h"
#include "crypto/initial.h"
#include "dissect/tls.h"

enum {
	QUIC_HELLO_MAX =
		16384, /* CRYPTO bytes kept; hellos with two hybrid key shares are under 5,000 */
	QUIC_PACKET_MAX =
		4096, /* a longer Initial is passed over; clients start at 1,200 to 1,500 */
};

struct quic_hello {
	struct tls_hello tls;
	uint32_t version;
};

/* The hello of one client (one 5-tuple), collected over datagrams that come in any order. A
 * value of about 18 KiB that owns nothing else, for a pool. */
struct quic_assembly {
	bool has_keys; /* an Initial has authenticated */
	uint32_t version;
	struct initial_keys keys;
	size_t ready;			  /* bytes from the start of the hello without a gap */
	uint8_t have[QUIC_HELLO_MAX / 8]; /* which of bytes have arrived, a bit each */
	uint8_t bytes[QUIC_HELLO_MAX];
};

/* One UDP payload from a client. Walks the coalesced packets; MALFORMED = not a QUIC Initial (most
 * UDP), or one that does not authenticate under the client keys of its own destination ID. MORE =
 * it is one, and the hello is not complete in this datagram. No memory but about 30 KiB of stack,
 * and that only for an Initial of a known version. */
enum outcome quic_client_hello(struct reader *r, struct quic_hello *out);

void quic_assembly_init(struct quic_assembly *a);

/* Adds a datagram of the same client. FOUND and ABSENT as above, by all that has come. Keys of the
 * first Initial stay for later ones (RFC 9001, 5.2); an Initial that opens only under keys of its
 * own ID (after a Retry, or a new connection on the same ports) starts the hello anew. Before the
 * first Initial MALFORMED = this datagram has none; after it such datagrams are MORE, and MALFORMED
 * = what the client sent is broken. Of bytes sent twice the first stay. */
enum outcome quic_assembly_add(struct quic_assembly *a, struct reader *r, struct quic_hello *out);

/* The name by what has come, when nothing more will: see tls_client_hello_partial. */
enum outcome quic_assembly_partial(const struct quic_assembly *a, struct quic_hello *out);

/* Does it look like a QUIC long header packet of a version (any, also unknown ones)? */
bool quic_is_long_header(const struct reader *r, uint32_t *out_version);

#endif
