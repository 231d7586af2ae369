/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which app a device is using: a session begins with the first name of an app and ends when none
 * was heard for a while. Names of others that appear in it are its companions, with figures for
 * how often. Pure, bounded; time is the caller's. */
#ifndef HABIT_SESSIONS_H
#define HABIT_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/name.h"
#include "habit/whose.h"

enum {
	SESSION_APP_MAX = 32,	  /* with the NUL; longer ones are cut */
	SESSION_IDLE_S = 300,	  /* silence that ends a session */
	SESSION_COMPANION_S = 60, /* silence after which a name is no companion of it any more */
};

struct app_session {
	struct whose device;
	char app[SESSION_APP_MAX];
	uint32_t number;	   /* of this device's sessions of that app, from 1 */
	int64_t first_ns, last_ns; /* of the app's own names */
	uint64_t contacts;	   /* with them */
	uint64_t trackers;	   /* contacts of others attributed to it */
	bool is_open, is_device;
};

/* A tracker that is no app's own, on one device. */
struct companion {
	struct whose device;
	char app[SESSION_APP_MAX]; /* in whose sessions it appeared; "": in none, or in several */
	struct name name;
	uint32_t sessions, of; /* in so many of so many sessions of the app; 0 where app is "" */
	uint64_t contacts;
	bool refused; /* was blocked, or would have been, at least once */
	int64_t first_ns, last_ns;
};

struct sessions_options {
	uint32_t max_sessions;	 /* one for each device and app; 0 counts as 1 */
	uint32_t max_companions; /* one for each device, app and name; likewise */
	/* A session is over: idle, evicted or flushed. May be NULL. */
	void (*ended)(void *ctx, const struct app_session *s);
	void *ctx;
};

struct sessions;
struct sessions *sessions_new(const struct sessions_options *o); /* NULL without memory */
void sessions_free(struct sessions *s);				 /* accepts NULL */

/* The device contacts a name of the app. is_device: it is no app but what it runs on. A full table
 * ends the session idle longest. */
void sessions_contact(struct sessions *s, const struct whose *w, const char *app, bool is_device,
		      int64_t now_ns);

/* The app in whose session the device was at that time: NULL if in none, or in several; what it
 * runs on counts where there is no app. Valid
 * until the next call of sessions_contact or sessions_tick. */
const char *sessions_app(const struct sessions *s, const struct whose *w, int64_t at_ns);

/* The device contacts a tracker; app: what sessions_app says, NULL for none. */
void sessions_companion(struct sessions *s, const struct whose *w, const char *app,
			const struct name *name, bool refused, int64_t now_ns);

void sessions_tick(struct sessions *s, int64_t now_ns); /* ends those that are idle */
void sessions_flush(struct sessions *s);		/* ends all */

/* The last one of each device and app: those that are over first, and of them the oldest. */
void sessions_each(const struct sessions *s, void (*each)(void *ctx, const struct app_session *one),
		   void *ctx);
/* Those of one device. */
void sessions_each_of(const struct sessions *s, const struct whose *w,
		      void (*each)(void *ctx, const struct app_session *one), void *ctx);
void sessions_each_companion(const struct sessions *s,
			     void (*each)(void *ctx, const struct companion *one), void *ctx);

struct sessions_counters {
	uint64_t begun, evicted, companions_evicted;
	uint32_t now, companions_now; /* now: open ones */
};
void sessions_counters(const struct sessions *s, struct sessions_counters *out);

#endif
