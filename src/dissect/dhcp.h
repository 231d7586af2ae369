/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host name that a client tells a DHCP server (RFC 2131, RFC 8415). Pure. */
#ifndef DISSECT_DHCP_H
#define DISSECT_DHCP_H

#include "base/reader.h"

enum { DHCP_LABEL_MAX = 63 };

struct dhcp_label {
	uint8_t len;
	char text[DHCP_LABEL_MAX + 1]; /* any bytes but NUL, then a NUL */
};

/* r holds the payload of a datagram from a client to a server. FOUND: out is the first label of
 * the name: of the Client FQDN option (RFC 4702, RFC 4704), else, of DHCPv4, of the Host Name
 * option (RFC 2132, 3.14). ABSENT: a message of a client without one. MALFORMED: no message of a
 * client. out is untouched but on FOUND. */
enum outcome dhcp4_hostname(struct reader *r, struct dhcp_label *out);
enum outcome dhcp6_hostname(struct reader *r, struct dhcp_label *out);

#endif
