/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JA4, the fingerprint of a TLS client by its ClientHello. Pure. */
#ifndef DISSECT_JA4_H
#define DISSECT_JA4_H

#include <stdbool.h>

#include "base/reader.h"

enum {
	JA4_SIZE = 37,	    /* 36 characters and a NUL */
	JA4_LIST_MAX = 256, /* cipher suites, extensions, signature algorithms: of each */
};

enum ja4_transport { JA4_TCP = 't', JA4_QUIC = 'q' };

/* r stands at a complete ClientHello handshake message (as for tls_client_hello). Writes the
 * fingerprint, "t13d1516h2_8daaf6152771_e5627efa2ab1", as FoxIO's public description of JA4 has
 * it. False, out untouched: the message is not complete, broken, or one of its lists is longer
 * than JA4_LIST_MAX. */
bool ja4_client_hello(struct reader *r, enum ja4_transport transport, char out[static JA4_SIZE]);
/* The same where r stands at TLS records over TCP (as for tls_client_hello_records). 64 KiB of
 * stack. */
bool ja4_client_hello_records(struct reader *r, char out[static JA4_SIZE]);

#endif
