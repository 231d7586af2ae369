/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address was called: per client, from the DNS answers it was given, for as long as
 * they said. Bounded; the address unused longest goes first, with all its names. */
#ifndef FLOW_MEMORY_H
#define FLOW_MEMORY_H

#include <stdint.h>

#include "base/addr.h"
#include "base/name.h"
#include "flow/names.h"

enum { MEMORY_NAMES = 32 /* of one address, the latest; looked at with each of its flows */ };

struct memory;
/* So many addresses, and so many names of them together. floor_s: an answer is remembered at least
 * that long, because apps keep addresses longer than their TTL. */
struct memory *memory_new(uint32_t max_entries, uint32_t floor_s, struct names *names);
void memory_free(struct memory *m); /* accepts NULL */

void memory_add(struct memory *m, const struct addr *client, const struct addr *address,
		const struct name *name, uint32_t ttl_s, int64_t now_ns);

/* The names of an address for this client that have not expired, latest first. Returns how
 * many were written to out. */
unsigned memory_find(struct memory *m, const struct addr *client, const struct addr *address,
		     int64_t now_ns, struct name out[static MEMORY_NAMES]);

uint32_t memory_now(const struct memory *m);
uint64_t memory_created(const struct memory *m);
uint64_t memory_evicted(const struct memory *m);

#endif
