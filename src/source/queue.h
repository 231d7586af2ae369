/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NFQUEUE: frames from the kernel in batches, verdicts back in batches over the same socket. */
#ifndef SOURCE_QUEUE_H
#define SOURCE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/frame.h"

struct queue;

struct queue_options {
	uint16_t number;
	uint32_t length;     /* packets the kernel holds for us */
	uint32_t copy_bytes; /* of each packet */
	uint32_t batch;	     /* packets a read, 1..256 */
};

/* Binds the queue: fail-open, GSO, UID, and netlink without ENOBUFS. -EBUSY: another program
 * has this queue; -EPERM; -EOPNOTSUPP: no nfnetlink_queue in this kernel; e says what to do. */
int queue_open(const struct queue_options *o, struct queue **out, struct error *e);
void queue_close(struct queue *q); /* accepts NULL */
int queue_fd(const struct queue *q);

enum queue_verdict { QUEUE_ACCEPT, QUEUE_DROP };

/* Reads one batch and calls each() for every packet, in order; each() answers with
 * queue_answer before it returns. All verdicts leave in one send when the batch is done.
 * Returns packets read, 0 = none waiting, or -errno. */
int queue_read(struct queue *q, void (*each)(void *ctx, const struct frame *f), void *ctx);

/* The verdict of the frame with this cookie; the packet's mark becomes `mark` if set_mark. */
void queue_answer(struct queue *q, uint32_t cookie, enum queue_verdict v, bool set_mark,
		  uint32_t mark);

struct queue_counters {
	uint64_t packets, batches, verdicts, lost; /* lost: netlink overruns seen */
	uint64_t kernel_dropped, user_dropped;	   /* of /proc/net/netfilter/nfnetlink_queue */
	uint32_t waiting;			   /* now, in the kernel */
};
void queue_counters(const struct queue *q, struct queue_counters *out);

#endif
