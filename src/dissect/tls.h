/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name in a TLS ClientHello (RFC 8446, 4.1.2; RFC 6066, 3). Pure. */
#ifndef DISSECT_TLS_H
#define DISSECT_TLS_H

#include "base/name.h"
#include "base/reader.h"

struct tls_hello {
	struct name name;
	uint16_t version;      /* legacy_version */
	bool has_ech;          /* extension encrypted_client_hello (0xfe0d) is there */
	bool has_esni;         /* the draft's encrypted_server_name (0xffce) is there */
};

/* r stands at the first byte of a TCP stream: TLS records (RFC 8446, 5.1) of type handshake.
 * A hello split over several records is joined. FOUND: out is filled. ABSENT: a ClientHello without a usable
 * server_name. out is untouched on MORE and MALFORMED. */
enum outcome tls_client_hello_records(struct reader *r, struct tls_hello *out);

/* r stands at a handshake message (QUIC CRYPTO stream). */
enum outcome tls_client_hello(struct reader *r, struct tls_hello *out);

#endif
