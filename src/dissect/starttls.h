/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clear beginning of protocols that change to TLS on the same connection. Pure. */
#ifndef DISSECT_STARTTLS_H
#define DISSECT_STARTTLS_H

#include "base/reader.h"

/* A clear beginning that is longer is MALFORMED. */
enum { STARTTLS_MAX = 4096 };

/* r stands at the first byte of what the client sends. FOUND: the client has asked for TLS, and r
 * stands where its hello begins: SMTP, IMAP, POP3, FTP, NNTP, ManageSieve, XMPP, LDAP, PostgreSQL,
 * MySQL, RDP. MORE: it speaks one of these and has not asked yet. MALFORMED: none of them, or
 * it goes on without TLS. Whether the server agreed is not seen: a client that was refused sends
 * no hello, which is then MALFORMED. */
enum outcome starttls_skip(struct reader *r);

#endif
