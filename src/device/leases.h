/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files in which DHCP servers keep their leases: dnsmasq, odhcpd, ISC dhcpd, and the JSON of
 * systemd-networkd. Which one it is shows in each line. Pure. */
#ifndef DEVICE_LEASES_H
#define DEVICE_LEASES_H

#include "device/device.h"

enum { LEASES_MAX = 4096 /* of one file; more are passed over */ };

/* A lease with a host name. At least one of mac and addr is known. */
struct lease {
	struct mac mac;			/* zero = not told: leases of DHCPv6 */
	struct addr addr;		/* family 0 = not told */
	char hostname[DEVICE_NAME_MAX]; /* what device_hostname() made of it */
};

/* What clients wrote into it is hostile: lines and blocks that are not understood, and names that
 * are none, are passed over. text need not end with a NUL. Later leases of one address or MAC
 * follow earlier ones, as the server wrote them. */
void leases_parse(const char *text, size_t n, void (*each)(void *ctx, const struct lease *l),
		  void *ctx);

#endif
