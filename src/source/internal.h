/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this room: what a kind of source implements, and netlink helpers. */
#ifndef SOURCE_INTERNAL_H
#define SOURCE_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "source/source.h"

struct nlmsghdr;

/* Each kind embeds this as its first member. close frees the whole. */
struct source {
	void (*close)(struct source *s);
	int (*read)(struct source *s, unsigned most, void (*each)(void *, const struct frame *),
		    void *ctx, struct error *e);
	int fd; /* pollable, or -1 */
	uint64_t (*dropped)(const struct source *s);
	uint64_t (*position)(const struct source *s);
};

/* Nanoseconds since the epoch. What a damaged file or a kernel may claim is brought into
 * 0..2^62, so that timeouts can be added to it. */
int64_t source_time_ns(int64_t seconds, int64_t nanoseconds);
int64_t source_now_ns(void);

/* A netlink socket to nfnetlink, close-on-exec, non-blocking for reads. Returns it or -errno. */
int netlink_open(void);
/* Sends one request with an acknowledgement and waits for it; 0 or -errno. Packets that come
 * before it are lost to the caller: only for set-up. */
int netlink_request(int fd, struct nlmsghdr *request);
/* A receive buffer of n bytes, beyond the system's limit where that is allowed. */
void netlink_rcvbuf(int fd, int n);

#endif
