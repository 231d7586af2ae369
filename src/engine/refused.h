/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was refused lately: one entry for each device, name and type of question, or for its
 * connections. Who asks the same again and again is answered from here, ever later; whoever looks
 * for what broke an app finds it here. Bounded; the entry unused longest goes first. */
#ifndef ENGINE_REFUSED_H
#define ENGINE_REFUSED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/hash.h"
#include "flow/names.h"
#include "policy/policy.h"

enum {
	REFUSED_AT_ONCE = 4,	   /* so many alike are decided each for itself, and told */
	REFUSED_QUIET_S = 10,	   /* without one for so long it is a new series */
	REFUSED_SUMMARY_S = 600,   /* a series that does not end is told of so often */
	REFUSED_REMEMBER_S = 1800, /* at least, unless the table is full */
};

struct refused_key {
	struct mac mac;	  /* zero: known by its address alone */
	struct addr addr; /* family 0 beside a MAC */
	uint8_t zero[2];
	uint16_t qtype; /* 0: connections */
	struct held_name *name;
};

struct refused {
	struct refused_key key;
	struct addr client, server; /* of the last */
	struct mac mac;
	uint16_t port; /* the server's */
	uint8_t proto, how, role;
	uint32_t answer_ttl_s, generation; /* of the policy that refused */
	uint32_t series;		   /* refused in the series that goes on */
	uint32_t untold;		   /* of these without a record */
	int64_t untold_ns;		   /* the first of them */
	uint64_t count;
	int64_t first_ns, last_ns;
	UT_hash_handle hh;
};

struct refused_table;
/* told: an entry has untold ones that are to be told now, it becomes another or it ends. */
struct refused_table *refused_new(uint32_t max, struct names *names,
				  void (*told)(void *ctx, const struct refused *r), void *ctx);
void refused_free(struct refused_table *t); /* accepts NULL; calls nobody */

/* What is asked: the rest of key is made of it. */
struct refused_ask {
	const struct mac *mac;
	const struct addr *client, *server;
	const struct name *name;
	uint16_t qtype, port;
	uint8_t proto;
	uint32_t generation;
	int64_t now_ns;
};
/* The question again that was refused REFUSED_AT_ONCE times under the same policy: it is counted,
 * and *out_delay_ns says how long its answer is to wait. NULL: it has to be decided. */
const struct refused *refused_again(struct refused_table *t, const struct refused_ask *a,
				    int64_t *out_delay_ns);
/* It was decided, and refused; in_series: by itself, not for what its answer said. */
void refused_note(struct refused_table *t, const struct refused_ask *a, const struct verdict *v,
		  bool in_series);
/* Tells what is due. */
void refused_tick(struct refused_table *t, int64_t now_ns);
void refused_flush(struct refused_table *t);
/* The longest unused first. */
void refused_each(const struct refused_table *t, void (*each)(void *ctx, const struct refused *r),
		  void *ctx);
uint32_t refused_now(const struct refused_table *t);
uint64_t refused_evicted(const struct refused_table *t);

#endif
