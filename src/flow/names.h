/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names held by flows and by the address memory: each text once, counted references, storage
 * from pools made at start. */
#ifndef FLOW_NAMES_H
#define FLOW_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/name.h"

struct held_name; /* opaque; compares by pointer */
struct names;

/* Room for max names, of which at most a fifth may be longer than 63 characters. */
struct names *names_new(uint32_t max);
void names_free(struct names *n); /* accepts NULL; every holder must be gone */

/* The held copy of a name, with one more reference; NULL if the name is empty or the pools are
 * full (counted): the caller goes on without it. */
struct held_name *names_hold(struct names *n, const struct name *name);
struct held_name *names_again(struct held_name *h);    /* one more reference */
void names_drop(struct names *n, struct held_name *h); /* accepts NULL */

/* The text; h may be NULL: the empty name. */
void names_copy(const struct held_name *h, struct name *out);
uint32_t names_now(const struct names *n);
uint64_t names_full(const struct names *n);

#endif
