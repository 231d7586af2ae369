/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that are sent later: each with the time at which it is due. Bounded. */
#ifndef ENGINE_LATE_H
#define ENGINE_LATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LATE_BYTES = 448 /* a forged answer for the longest name */ };

struct late;
struct late *late_new(uint32_t max);
void late_free(struct late *l); /* accepts NULL */
/* Copies. False: no room, or longer than LATE_BYTES. */
bool late_put(struct late *l, const uint8_t *bytes, size_t n, int64_t due_ns);
/* One that is due, valid until the next late_put; NULL: none is. */
const uint8_t *late_take(struct late *l, int64_t now_ns, size_t *out_n);

#endif
