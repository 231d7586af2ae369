/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What files of this machine know of the household's devices: leases of DHCP servers, makers. */
#ifndef DAEMON_HOUSEHOLD_H
#define DAEMON_HOUSEHOLD_H

#include "base/text.h"
#include "config/config.h"
#include "device/vendors.h"
#include "engine/engine.h"

struct household;
struct household *household_new(const struct config *c); /* NULL without memory */
void household_free(struct household *h);		 /* accepts NULL */

/* Every HOUSEHOLD_S: where a file changed, or a device was seen that was not there before, all
 * leases are read and name the devices of the engine. Files of HOUSEHOLD_BYTES and more, and what
 * is no regular file, are passed over and counted. */
enum { HOUSEHOLD_S = 2, HOUSEHOLD_BYTES = 1 << 20, HOUSEHOLD_FILES = 32 };
void household_tick(struct household *h, struct engine *e, int64_t now_ns);

/* NULL: not known. */
const char *household_vendor(const struct household *h, const struct mac *mac);

struct household_counters {
	uint64_t reads, refused; /* files read, and passed over */
	uint64_t leases;	 /* with a host name, in what was read last */
	uint64_t vendors;
};
void household_counters(const struct household *h, struct household_counters *out);

#endif
