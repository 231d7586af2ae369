/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of the week, in the machine's local time. */
#ifndef BASE_SCHEDULE_H
#define BASE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct schedule_slot {
	uint8_t days; /* bit 0 = Sunday: those on which it begins */
	/* Minutes of the day, to at most 1440; one that is not over begins that day and ends the
	 * next. */
	uint16_t from_min, to_min;
};

enum { SCHEDULE_SLOTS = 16 };
struct schedule {
	uint8_t count; /* 0 = always */
	struct schedule_slot slots[SCHEDULE_SLOTS];
};

/* Adds "mon-fri 20:00-22:00, sat sun 9:00-12:00 22:00-6:00": groups with commas between them, each
 * of days (none = all) and times (none = the whole day). False, and *io as it was, for anything
 * else and for more than SCHEDULE_SLOTS. */
bool schedule_parse(const char *text, struct schedule *io);
/* What schedule_parse reads to the same effect. */
void schedule_show(const struct schedule *s, struct text *out);

/* Is it that time? *out_until_ns: the answer stays until then at least (INT64_MAX = for good).
 * A time that the clock skips in spring is as long after the hour before as it says; of one that
 * comes twice in autumn the first counts. Reads the time zone: not for every packet. */
bool schedule_holds(const struct schedule *s, int64_t now_ns, int64_t *out_until_ns);

#endif
