/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ends of flows that the kernel kept, with the bytes it counted. */
#ifndef NETFILTER_CONNTRACK_H
#define NETFILTER_CONNTRACK_H

#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"

struct conntrack;

struct conntrack_end {
	uint8_t proto;
	struct addr src, dst; /* original direction, before NAT */
	uint16_t sport, dport;
	uint32_t mark;
	uint64_t packets_out, bytes_out, packets_in, bytes_in; /* 0 without nf_conntrack_acct */
};

/* Subscribes to destroy events of entries whose mark has a bit of mark_mask. */
int conntrack_open(uint32_t mark_mask, struct conntrack **out, struct error *e);
void conntrack_close(struct conntrack *c); /* accepts NULL */
int conntrack_fd(const struct conntrack *c);
/* Hands over the ends that wait, of 64 datagrams at most. Returns how many datagrams, 0 = none
 * waits, or -errno. */
int conntrack_read(struct conntrack *c, void (*each)(void *ctx, const struct conntrack_end *e),
		   void *ctx);
/* Asks for the present figures of all marked entries (at shutdown and for `flows`). */
int conntrack_dump(struct conntrack *c, void (*each)(void *ctx, const struct conntrack_end *e),
		   void *ctx);
/* Takes the bits of `bits` from the mark of every entry whose mark, under filter_mask, is
 * filter_value. Returns how many or -errno. Needs no instance. */
int conntrack_clear(uint32_t bits, uint32_t filter_value, uint32_t filter_mask, struct error *e);
/* Gives the entry of that flow these bits of its mark, and leaves its others: without waiting for
 * the kernel's word, and without a word where there is no such entry. 0 or -errno. */
int conntrack_mark(struct conntrack *c, const struct conntrack_end *flow, uint32_t mark,
		   uint32_t mask);
/* Is net.netfilter.nf_conntrack_acct on? Turns it on if possible. */
int conntrack_accounting(struct error *e);
uint64_t conntrack_lost(const struct conntrack *c);

#endif
