/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contacts over time, in a fixed number of slots whatever the span is. */
#include <stdlib.h>
#include <string.h>

#include "report/audit.h"

enum { SECOND_NS = 1000000000 };

void audit_times_done(struct audit_times *t)
{
	struct audit_lane *lane = t->lanes, *next;

	HASH_CLEAR(hh, t->lanes);
	for (; lane; lane = next) {
		next = lane->hh.next;
		free(lane);
	}
	*t = (struct audit_times){ 0 };
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Slots pair up: those of an odd beginning move by one first. */
static void widen(struct audit_times *t)
{
	unsigned odd = (unsigned)(t->first & 1);

	for (struct audit_lane *l = t->lanes; l; l = l->hh.next) {
		uint32_t all[AUDIT_SLOTS] = { 0 }, home[AUDIT_SLOTS] = { 0 };

		for (unsigned i = 0; i < AUDIT_SLOTS; i++) {
			all[(i + odd) / 2] += l->all[i];
			home[(i + odd) / 2] += l->home[i];
		}
		memcpy(l->all, all, sizeof(all));
		memcpy(l->home, home, sizeof(home));
	}
	t->first = floor_div(t->first, 2);
	t->used = (t->used + odd + 1) / 2;
	t->width_ns *= 2;
}

static void move_back(struct audit_times *t, unsigned by)
{
	for (struct audit_lane *l = t->lanes; l; l = l->hh.next) {
		memmove(l->all + by, l->all, (AUDIT_SLOTS - by) * sizeof(*l->all));
		memmove(l->home + by, l->home, (AUDIT_SLOTS - by) * sizeof(*l->home));
		memset(l->all, 0, by * sizeof(*l->all));
		memset(l->home, 0, by * sizeof(*l->home));
	}
	t->first -= by;
	t->used += by;
}

/* The slot of a time, made if need be. */
static unsigned slot_of(struct audit_times *t, int64_t at_ns)
{
	if (!t->width_ns) {
		t->width_ns = SECOND_NS;
		t->first = floor_div(at_ns, SECOND_NS);
	}
	for (;; widen(t)) {
		int64_t slot = floor_div(at_ns, t->width_ns);
		unsigned i;

		if (slot >= t->first + AUDIT_SLOTS || slot + AUDIT_SLOTS < t->first + t->used)
			continue;
		if (slot < t->first)
			move_back(t, (unsigned)(t->first - slot));
		i = (unsigned)(slot - t->first);
		if (t->used <= i)
			t->used = i + 1;
		return i;
	}
}

static struct audit_lane *lane_of(struct audit_times *t, const char *app)
{
	struct audit_lane *l = NULL;

	HASH_FIND(hh, t->lanes, &app, sizeof(app), l);
	if (!l && app && HASH_COUNT(t->lanes) >= AUDIT_LANES)
		return lane_of(t, NULL);
	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->app = app;
	HASH_ADD(hh, t->lanes, app, sizeof(l->app), l);
	if (!l->hh.tbl) {
		free(l);
		return NULL;
	}
	return l;
}

bool audit_times_add(struct audit_times *t, const char *app, int64_t at_ns, bool home,
		     uint32_t count)
{
	struct audit_lane *l = lane_of(t, app);
	unsigned i;

	if (!l)
		return false;
	i = slot_of(t, at_ns);
	l->contacts += count;
	l->all[i] += count;
	if (home) {
		l->phoning += count;
		l->home[i] += count;
	}
	return true;
}

bool audit_times_merge(struct audit_times *t, const char *app, const struct audit_times *more,
		       const struct audit_lane *lane)
{
	bool ok = true;

	for (unsigned i = 0; i < more->used; i++) {
		int64_t at = (more->first + i) * more->width_ns;
		uint32_t home = lane->home[i], rest = lane->all[i] - home;

		if (home)
			ok = audit_times_add(t, app, at, true, home) && ok;
		if (rest)
			ok = audit_times_add(t, app, at, false, rest) && ok;
	}
	return ok;
}
