/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name in a TLS ClientHello (RFC 8446, 4.1.2; RFC 6066, 3). Pure. */
#ifndef DISSECT_TLS_H
#define DISSECT_TLS_H

#include "base/name.h"
#include "base/reader.h"

/* A longer hello is MALFORMED: its extensions alone may have 64 KiB, no client sends nearly as
 * much, and whoever collects the pieces needs a bound. Record headers do not count. */
enum { TLS_HELLO_MAX = 65536 };

struct tls_hello {
	struct name name;
	uint16_t version; /* legacy_version */
	bool has_ech;	  /* extension encrypted_client_hello (0xfe0d) is there */
	bool has_esni;	  /* the draft's encrypted_server_name (0xffce) is there */
	bool offers_dns;  /* ALPN has a protocol of encrypted DNS: dot (RFC 7858) or doq (RFC 9250)
			   */
};

/* r stands at the first byte of a TCP stream: TLS records (RFC 8446, 5.1) of type handshake.
 * A hello split over several records is joined (64 KiB of stack, of which it touches what has
 * arrived, only then). FOUND: out is filled. ABSENT: a ClientHello without a usable server_name;
 * out is filled, its name is empty. Both only when the hello is complete, so that the other fields
 * are facts. out is untouched on MORE and MALFORMED. A server_name that is empty, an IP
 * literal or no host name is not usable. */
enum outcome tls_client_hello_records(struct reader *r, struct tls_hello *out);

/* Does r stand at an SSLv2-style ClientHello (RFC 5246, E.2)? FOUND: by all that it says of
 * itself; r is behind its header then. It has no extensions, hence no name. */
enum outcome tls_sslv2_hello(struct reader *r);

/* r stands at a handshake message (QUIC CRYPTO stream). */
enum outcome tls_client_hello(struct reader *r, struct tls_hello *out);

/* The same two for a hello whose rest will never come: the capture cut the packet, the flow
 * ended or was evicted. Where the others say MORE although the server_name extension has
 * arrived as a whole, these say FOUND or ABSENT by it, with the other fields for what came
 * before the cut. Not to be asked while bytes may still come: later bytes can prove such
 * a hello MALFORMED. Give them a reader_prefix: where the reader knows that the rest cannot come
 * an unfinished hello is MALFORMED. */
enum outcome tls_client_hello_records_partial(struct reader *r, struct tls_hello *out);
enum outcome tls_client_hello_partial(struct reader *r, struct tls_hello *out);

/* The handshake message out of its records, as far as it has come; bytes behind it may follow.
 * False: these are no records, or broken ones. */
bool tls_join_records(struct reader *r, uint8_t out[static TLS_HELLO_MAX], size_t *out_n);

#endif
