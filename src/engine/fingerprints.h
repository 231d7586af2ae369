/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JA4 of flows: each text once, as a household has few kinds of clients; a flow holds a number.
 */
#ifndef ENGINE_FINGERPRINTS_H
#define ENGINE_FINGERPRINTS_H

#include <stdint.h>

#include "dissect/ja4.h"

struct fingerprints;

/* Room for the fingerprints of so many flows, 65,535 at most: none can be missing. */
struct fingerprints *fingerprints_new(uint32_t max_flows);
void fingerprints_free(struct fingerprints *f); /* accepts NULL; every holder must be gone */

/* A number for the text, with one more reference; 0 = there is no room. */
uint16_t fingerprints_hold(struct fingerprints *f, const char text[static JA4_SIZE]);
void fingerprints_drop(struct fingerprints *f, uint16_t number); /* accepts 0 */
/* NULL for 0. Valid while the number is held. */
const char *fingerprints_text(const struct fingerprints *f, uint16_t number);

#endif
