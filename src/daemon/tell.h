/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records on their way to the watchers. */
#ifndef DAEMON_TELL_H
#define DAEMON_TELL_H

#include "engine/record.h"
#include "process/process.h"

/* Records of a batch of packets, kept until their verdicts are out: who waits for a packet does
 * not wait for its record. Bounded; the deepest it holds is TOLD_MAX. */
enum { TOLD_MAX = 64 };
struct told;
struct told *told_new(void);	/* NULL without memory */
void told_free(struct told *t); /* accepts NULL */
/* Copies, but for what the policy owns. False: there is no room. */
bool told_flow(struct told *t, const struct flow_record *r);
bool told_dns(struct told *t, const struct dns_record *r);
/* Hands all over, in their order, and is empty then. */
void told_each(struct told *t, void (*flow)(void *ctx, const struct flow_record *r),
	       void (*dns)(void *ctx, const struct dns_record *r), void *ctx);

/* Whose the flows of this machine are, by their numbers: asked once, remembered to their end.
 * Bounded; the oldest goes first. */
struct owners;
struct owners *owners_new(uint32_t max); /* NULL without memory */
void owners_free(struct owners *o);	 /* accepts NULL */
/* NULL: not known. Valid until the next call. ask: sockets may be asked, and /proc; else only what
 * is remembered here and what the kernel noted. */
const struct process *owners_of_flow(struct owners *o, struct processes *p,
				     const struct flow_record *r, bool ask);
const struct process *owners_of_question(struct owners *o, struct processes *p,
					 const struct dns_record *r);
uint64_t owners_evicted(const struct owners *o);

#endif
