/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts that are on no list and behave like a tracker: contacted again and again, by clockwork or
 * by several devices or apps, with little, most of it upwards. Pure, bounded; time is the
 * caller's. */
#ifndef HABIT_SUSPECTS_H
#define HABIT_SUSPECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"
#include "habit/whose.h"

enum {
	SUSPECT_BURST_MS = 2000, /* contacts closer together are one burst */
	SUSPECT_BURSTS = 6,	 /* fewer say nothing */
	SUSPECT_APPS = 4,	 /* of a host, that are told; the others only count */
	SUSPECT_APP_MAX = 32,
};

/* What speaks against a host. */
struct suspect {
	struct name name;
	unsigned devices, apps;			 /* up to 8 of each are told apart */
	char app[SUSPECT_APPS][SUSPECT_APP_MAX]; /* "" = no more */
	uint32_t bursts;			 /* of the busiest device */
	uint32_t period_ms;			 /* of the most regular device; 0 = no period */
	uint32_t regular_permille; /* so many of its intervals are the period, or 2 or 3 of it */
	uint64_t flows, bytes_out, bytes_in; /* of flows that ended, and an open one */
	int64_t first_ns, last_ns;
	bool is_periodic, is_shared; /* why it is suspected; neither: it is not */
};

struct suspects;
struct suspects *suspects_new(uint32_t max_hosts); /* 0 counts as 1; NULL without memory */
void suspects_free(struct suspects *s);		   /* accepts NULL */

/* The device sends something to a host that is on no list. app: in whose session, or NULL. A full
 * table forgets the host unused longest. */
void suspects_contact(struct suspects *s, const struct whose *w, const struct name *name,
		      const char *app, int64_t now_ns);
/* Of a flow to it, so far or, once, to its end. Of those that are open the one told last counts. */
void suspects_bytes(struct suspects *s, const struct name *name, uint64_t bytes_out,
		    uint64_t bytes_in, bool ended);

/* All hosts that are suspected, unused longest first. */
void suspects_each(const struct suspects *s, void (*each)(void *ctx, const struct suspect *one),
		   void *ctx);

struct suspects_counters {
	uint64_t hosts, evicted;
	uint32_t now; /* watched, whether suspected or not */
};
void suspects_counters(const struct suspects *s, struct suspects_counters *out);

#endif
