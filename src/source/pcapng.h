/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of a pcapng file (draft-ietf-opsawg-pcapng), whose interfaces may differ in link type,
 * snapshot length and clock. For the files of this room. */
#ifndef SOURCE_PCAPNG_H
#define SOURCE_PCAPNG_H

#include "decode/frame.h"
#include "source/input.h"

enum { PCAPNG_MAGIC = 0x0a0d0d0a, PCAPNG_INTERFACES = 4096 };

struct pcapng_interface;

struct pcapng {
	struct input *in; /* the caller's */
	struct pcapng_interface *interfaces;
	unsigned count, room; /* of interfaces in the section that is being read */
	bool big;	      /* the section's integers are big-endian */
	bool in_section;
	char why[160]; /* the reason of -1 */
};

/* 1 and a frame, whose bytes are valid until the next call; 0 = the end, between two blocks;
 * -1 = it breaks off or is damaged, for good. Blocks of unknown kinds are passed over. A frame of
 * a kind of block that has no time has 0. p starts as zeroes but for `in`. */
int pcapng_next(struct pcapng *p, struct frame *out);
void pcapng_done(struct pcapng *p);

#endif
