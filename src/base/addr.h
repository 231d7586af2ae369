/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 addresses, prefixes and hardware addresses as values. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDR_TEXT_MAX = 46, MAC_TEXT_MAX = 18, PREFIX_TEXT_MAX = 50 }; /* with the NUL */

/* Network byte order; of IPv4 the first four bytes count and the rest are zero, so that whole
 * structs compare and hash. */
struct addr {
	uint8_t family; /* 4, 6, or 0 = none */
	uint8_t bytes[16];
};

struct addr_prefix {
	struct addr base; /* host bits zero */
	uint8_t bits;
};

struct mac {
	uint8_t bytes[6];
};

struct addr addr_v4(const uint8_t bytes[static 4]);
struct addr addr_v6(const uint8_t bytes[static 16]);
bool addr_equal(const struct addr *a, const struct addr *b);
/* -1, 0, 1: by family, then by bytes. */
int addr_compare(const struct addr *a, const struct addr *b);
/* Numeric text only, never a look-up. False leaves out untouched. */
bool addr_parse(const char *text, struct addr *out);
/* RFC 5952 for IPv6; "" for none. Returns buf. */
const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_MAX]);

/* "10.0.0.0/8", "fe80::/10" or a lone address; host bits must be zero. */
bool addr_prefix_parse(const char *text, struct addr_prefix *out);
bool addr_prefix_has(const struct addr_prefix *p, const struct addr *a);

/* True for addresses that never are on the Internet: loopback, link-local, private (RFC 1918,
 * RFC 6598, RFC 4193), multicast, broadcast, unspecified. */
bool addr_is_local(const struct addr *a);

bool mac_parse(const char *text, struct mac *out);
const char *mac_format(const struct mac *m, char buf[static MAC_TEXT_MAX]);
bool mac_is_zero(const struct mac *m);
/* Locally administered (IEEE 802, 8.2.2), as the addresses that phones draw by lot are. */
bool mac_is_local(const struct mac *m);

#endif
