/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions that this machine's own resolver asks on for who asked it. They were judged when they
 * came in, for the device that asked, and the answer is when it goes out to that device: to judge
 * them as this machine's own would undo what holds for the device alone, and tell of each twice. */
#ifndef ENGINE_RELAYS_H
#define ENGINE_RELAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"

struct relays;
struct relays *relays_new(void);    /* NULL without memory */
void relays_free(struct relays *r); /* accepts NULL */

/* It was let in, and may be asked on until it is answered, for five seconds at most. The table
 * forgets what collides. */
void relays_note(struct relays *r, const struct name *qname, uint16_t qtype, int64_t now_ns);
void relays_end(struct relays *r, const struct name *qname, uint16_t qtype);
bool relays_has(const struct relays *r, const struct name *qname, uint16_t qtype, int64_t now_ns);

#endif
