/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times of the week: reading them, and when they begin and end. */
#include "base/schedule.h"

#include <string.h>
#include <strings.h>
#include <time.h>

static const char day_names[7][4] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

enum { DAY_MIN = 24 * 60, EVERY_DAY = 0x7f };

static bool parse_day(const char **at, unsigned *out)
{
	for (unsigned d = 0; d < 7; d++) {
		if (strncasecmp(*at, day_names[d], 3))
			continue;
		*at += 3;
		*out = d;
		return true;
	}
	return false;
}

/* "mon", "fri-sun" */
static bool parse_days(const char **at, uint8_t *io)
{
	unsigned from, to;

	if (!parse_day(at, &from))
		return false;
	to = from;
	if (**at == '-') {
		++*at;
		if (!parse_day(at, &to))
			return false;
	}
	for (unsigned d = from;; d = (d + 1) % 7) {
		*io |= (uint8_t)(1 << d);
		if (d == to)
			return true;
	}
}

static bool parse_number(const char **at, unsigned digits_min, unsigned max, unsigned *out)
{
	unsigned digits = 0;

	for (*out = 0; **at >= '0' && **at <= '9' && digits < 2; ++*at, digits++)
		*out = *out * 10 + (unsigned)(**at - '0');
	return digits >= digits_min && *out <= max;
}

/* "9:00", "24:00" */
static bool parse_clock(const char **at, uint16_t *out)
{
	unsigned hour, minute;

	if (!parse_number(at, 1, 24, &hour) || *(*at)++ != ':' ||
	    !parse_number(at, 2, 59, &minute) || hour * 60 + minute > DAY_MIN)
		return false;
	*out = (uint16_t)(hour * 60 + minute);
	return true;
}

static bool add_slot(struct schedule *s, uint8_t days, uint16_t from, uint16_t to)
{
	if (s->count == SCHEDULE_SLOTS || from == DAY_MIN)
		return false;
	s->slots[s->count++] =
		(struct schedule_slot){ .days = days, .from_min = from, .to_min = to };
	return true;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* One group, up to a comma or the end. */
static bool parse_group(const char **at, struct schedule *s)
{
	uint8_t days = 0;
	bool any_time = false;

	for (*at = skip_blanks(*at); **at && **at != ','; *at = skip_blanks(*at)) {
		uint16_t from, to;

		if (**at < '0' || **at > '9') {
			if (any_time || !parse_days(at, &days))
				return false;
		} else {
			if (!parse_clock(at, &from) || *(*at)++ != '-' || !parse_clock(at, &to) ||
			    !add_slot(s, days ? days : EVERY_DAY, from, to))
				return false;
			any_time = true;
		}
		if (**at && !strchr(" \t,", **at))
			return false;
	}
	return any_time || (days && add_slot(s, days, 0, DAY_MIN));
}

bool schedule_parse(const char *text, struct schedule *io)
{
	struct schedule s = *io;

	do {
		if (!parse_group(&text, &s))
			return false;
	} while (*text++ == ',');
	*io = s;
	return true;
}

void schedule_show(const struct schedule *s, struct text *out)
{
	for (unsigned i = 0; i < s->count; i++) {
		const struct schedule_slot *slot = &s->slots[i];

		text_str(out, i ? ", " : "");
		for (unsigned d = 0; d < 7; d++)
			if (slot->days != EVERY_DAY && slot->days & 1 << d)
				text_printf(out, "%s ", day_names[d]);
		text_printf(out, "%02u:%02u-%02u:%02u", slot->from_min / 60, slot->from_min % 60,
			    slot->to_min / 60, slot->to_min % 60);
	}
}

static long offset_at(int64_t t)
{
	time_t at = (time_t)t;
	struct tm local;

	return localtime_r(&at, &local) ? local.tm_gmtoff : 0;
}

/* When the clocks show it: local is seconds since 1970 by them. No zone changes its clocks twice
 * within two days. */
static int64_t when_local(int64_t local)
{
	long before = offset_at(local - 86400), after = offset_at(local + 86400);

	if (offset_at(local - before) != before && offset_at(local - after) == after)
		return local - after;
	return local - before;
}

static int64_t floor_day(int64_t seconds)
{
	return (seconds >= 0 ? seconds : seconds - 86399) / 86400;
}

bool schedule_holds(const struct schedule *s, int64_t now_ns, int64_t *out_until_ns)
{
	int64_t now = now_ns / 1000000000, today = floor_day(now + offset_at(now)),
		until = INT64_MAX;
	bool holds = !s->count;

	for (unsigned i = 0; i < s->count; i++) {
		const struct schedule_slot *slot = &s->slots[i];

		/* Yesterday's may end today, and the next beginning is within a week. */
		for (int64_t day = today - 1; day <= today + 8; day++) {
			bool over_midnight = slot->to_min <= slot->from_min;
			int64_t from, to;

			if (!(slot->days & 1 << ((day + 4) % 7 + 7) % 7)) /* 1970-01-01: Thursday */
				continue;
			from = when_local(day * 86400 + slot->from_min * 60);
			to = when_local((day + over_midnight) * 86400 + slot->to_min * 60);
			if (from <= now && now < to)
				holds = true;
			if (from > now && from < until)
				until = from;
			if (to > now && to < until)
				until = to;
		}
	}
	*out_until_ns = until == INT64_MAX ? INT64_MAX : until * 1000000000;
	return holds;
}
