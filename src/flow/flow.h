/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table: one entry per TCP or UDP 5-tuple and life, bounded. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "decode/decode.h"
#include "flow/names.h"

/* Both directions have the same key: the lesser (address, port) is end 0. */
struct flow_key {
	uint8_t ends[2][16];
	uint16_t ports[2];
	uint8_t family, proto;
	uint8_t zero[2];
};

enum flow_stage {
	FLOW_NEW,     /* no payload of the opener yet */
	FLOW_WAITING, /* payload came, the name is not complete */
	FLOW_DECIDED,
};

/* 136 bytes on a machine of 64 bits: there are [limits] flows of them. */
struct flow {
	struct flow_key key;
	uint64_t bytes[2]; /* of IP packets: [0] from the opener, [1] to it */
	int64_t first_ns, last_ns;
	struct held_name *name;
	struct held_name *outer; /* the name that a hello showed in place of its own, or NULL */
	void *hello;		 /* the engine's: what collects an unfinished hello, or NULL */
	uint32_t id;
	uint32_t packets[2];
	uint32_t isn; /* the opener's initial sequence number, if saw_syn; of its first segment that
		       * was seen, less one, if saw_first */
	uint32_t generation; /* of the policy that decided */
	uint16_t ja4;	     /* the engine's: the number of its fingerprint, or 0 */
	union {
		uint16_t tries;	  /* payload packets looked at, until it is decided for good; */
		uint16_t burst_s; /* then the engine's: the second of its latest payload */
	};
	struct mac mac;			/* of the opener, or zero */
	uint8_t via, kind, how, reason; /* the engine's: of the decision */
	uint8_t opener : 1;		/* end that opened it: 0 or 1 */
	uint8_t stage : 2;		/* enum flow_stage */
	bool sure_opener : 1;		/* a SYN or a request told who opened it */
	bool saw_syn : 1, saw_first : 1, closing : 1, reached : 1;
	bool kept : 1;	  /* the kernel keeps it: silence is not its end */
	bool watched : 1; /* the engine's: decided, and looked at for a name that comes later */
	/* The engine's: it carried DNS messages and nothing else; hello is what reads them. */
	bool is_dns : 1, dns_talk : 1;
	bool is_resolver : 1; /* the engine's: its hello offers encrypted DNS */
	bool unlisted : 1;    /* the engine's: nobody says anything of it */
	bool heard : 1;	      /* the engine's: kept, and its payload comes up all the same */
};

struct flow_options {
	uint32_t max;
	uint32_t tcp_idle_ms, udp_idle_ms, closing_ms, kept_ms;
};

/* Called for a flow that leaves the table: idle, evicted, replaced or flushed. The flow's
 * name is dropped after it returns; its hello is to be given back there. */
typedef void flow_gone_fn(void *ctx, struct flow *f);

struct flow_table;
struct flow_table *flow_table_new(const struct flow_options *o, struct names *names,
				  flow_gone_fn *gone, void *ctx);
/* Frees without calling gone: flow_table_flush first where that matters. Accepts NULL. */
void flow_table_free(struct flow_table *t);
/* Bytes of memory that a flow of a full table takes, its share of the table's among them. */
size_t flow_table_bytes(const struct flow_table *t);

/* Finds or creates the flow of pkt and adds pkt to its figures. Never fails: a full table evicts
 * the flow idle longest and counts it. A SYN with another sequence number begins a new life.
 * *out_end is the end that sent pkt. The pointer is valid until the next call on the same table. */
struct flow *flow_table_packet(struct flow_table *t, const struct packet *pkt, unsigned *out_end);

struct flow *flow_table_find(struct flow_table *t, uint8_t proto, const struct addr *src,
			     uint16_t sport, const struct addr *dst, uint16_t dport,
			     unsigned *out_end);
/* The other end opened it after all: figures change sides. */
void flow_set_opener(struct flow *f, unsigned end);
void flow_table_end(struct flow_table *t, struct flow *f);
void flow_table_tick(struct flow_table *t, int64_t now_ns);
void flow_table_flush(struct flow_table *t);
/* The kept flows of the next n places from *io_place on, in no order, and *io_place behind them;
 * the first place is 0. False: there are no more. A table that changes between two calls misses
 * only flows that came meanwhile. */
bool flow_table_kept(const struct flow_table *t, uint32_t *io_place, uint32_t n,
		     void (*each)(void *ctx, const struct flow *f), void *ctx);
/* Oldest first; each() must not change the table. */
void flow_table_each(const struct flow_table *t, void (*each)(void *ctx, const struct flow *f),
		     void *ctx);
uint32_t flow_table_now(const struct flow_table *t);
uint64_t flow_table_created(const struct flow_table *t);
uint64_t flow_table_evicted(const struct flow_table *t);

struct addr flow_addr(const struct flow *f, unsigned end);

#endif
