/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where frames come from: capture files, an interface, NFLOG. (The queue, which also takes
 * verdicts, is source/queue.h.) */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdint.h>

#include "base/error.h"
#include "decode/frame.h"

struct source;

/* path "-" is standard input. pcap (micro- and nanoseconds, either byte order) and pcapng. */
int source_open_file(const char *path, struct source **out, struct error *e);
/* Live capture on an interface ("any" too), promiscuous off, whole packets. */
int source_open_live(const char *ifname, struct source **out, struct error *e);
/* Copies that an NFLOG rule sends to `group` (1..65535). */
int source_open_nflog(uint16_t group, struct source **out, struct error *e);
void source_close(struct source *s); /* accepts NULL */

/* Pollable descriptor of a live source, or -1 for a file. */
int source_fd(const struct source *s);

/* Hands over up to `most` frames (of a live source: those that wait now). Returns how many,
 * 0 = none now (live) or the end (file), or -errno with e set: a capture that breaks off in
 * the middle says so here after its whole frames were handed over. Call until it returns less
 * than most: frames that already left the kernel do not wake a poll. */
int source_read(struct source *s, unsigned most, void (*each)(void *ctx, const struct frame *f),
		void *ctx, struct error *e);

/* Bytes of the file that were read; 0 of a live source. */
uint64_t source_position(const struct source *s);
/* Frames that the kernel dropped because tacet was slow; only grows. */
uint64_t source_dropped(const struct source *s);

#endif
