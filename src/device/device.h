/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices of the household: one for each MAC, however many addresses it has, and for each
 * address of which no MAC is known. Bounded; what was seen longest ago goes first. Pure: no system
 * calls, and time is the caller's. */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

enum { DEVICE_NAME_MAX = 64 /* with the NUL: a label (RFC 1035, 2.3.4) */ };

/* A device that the configuration names. */
struct device_config {
	char name[DEVICE_NAME_MAX];
	struct mac mac;		   /* zero = not given */
	struct addr_prefix prefix; /* family 0 = not given */
};

/* Where the host name of a device is from; later ones take the place of earlier ones. */
enum device_name_source { DEVICE_NAME_NONE, DEVICE_NAME_LEASE, DEVICE_NAME_DHCP };

struct device {
	struct mac mac;			    /* zero: known by its address alone */
	const struct device_config *config; /* what names it, or NULL */
	char hostname[DEVICE_NAME_MAX];	    /* what it calls itself, or "" */
	enum device_name_source hostname_from;
	int64_t first_ns, last_ns;
};

struct device_options {
	uint32_t max_devices, max_addresses; /* 0 counts as 1 */
	const struct device_config *configs; /* copied; of several that fit the first counts */
	size_t config_count;
};

struct device_table;
struct device_table *device_table_new(const struct device_options *o); /* NULL without memory */
void device_table_free(struct device_table *t);			       /* accepts NULL */

/* A device sent something from that address. Finds or creates it: a full table evicts and counts.
 * An address that another device had before is this one's from now on. mac may be zero: then it
 * is whoever had the address last. addr of family 0 or unspecified (a DHCP client that has none
 * yet) names nobody. NULL only if neither is known or there is no memory. The pointer is valid
 * until the next call of device_table_seen. */
struct device *device_table_seen(struct device_table *t, const struct mac *mac,
				 const struct addr *addr, int64_t now_ns);

/* By MAC, else by address; NULL = never seen, or forgotten. Either may be NULL. */
const struct device *device_table_find(const struct device_table *t, const struct mac *mac,
				       const struct addr *addr);

/* Another configuration from now on, copied: devices that are there take their names from it. False
 * without memory: nothing is changed then. */
bool device_table_configure(struct device_table *t, const struct device_config *configs,
			    size_t count);

/* The configuration's device for a MAC or address, whether it was seen or not; or NULL. */
const struct device_config *device_table_config(const struct device_table *t, const struct mac *mac,
						const struct addr *addr);

/* The addresses of a device, the latest first. Returns how many were written to out. */
size_t device_addresses(const struct device *d, struct addr *out, size_t max);

/* n bytes from the wire as a host name: up to the first dot, if that is made of what host names are
 * made of (letters, digits, '-', '_'). False, and out untouched, if it is not. */
bool device_hostname(const char *text, size_t n, char out[static DEVICE_NAME_MAX]);
/* What d calls itself in a DHCP request. False: it is no host name, and nothing is done. */
bool device_set_hostname(struct device *d, const char *text, size_t n);
/* What the lease of a device says, by MAC, else by address: it names a device that was seen and
 * has told no name itself. False: there is none. */
bool device_table_lease(struct device_table *t, const struct mac *mac, const struct addr *addr,
			const char *hostname);

/* From the one unseen longest on. */
void device_table_each(const struct device_table *t,
		       void (*each)(void *ctx, const struct device *d), void *ctx);

struct device_counters {
	uint64_t seen, evicted, addresses_evicted; /* devices and addresses */
	uint32_t now, addresses_now;
};
void device_table_counters(const struct device_table *t, struct device_counters *out);

#endif
