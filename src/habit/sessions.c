/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One entry for each device and app, the sessions of a device in a list: few apps share a device.
 * Open ones, and those that are over, stand in the order of their last contact. */
#include "habit/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/hash.h"

struct owner;

struct entry {
	struct app_session session; /* first: what callers hold */
	struct owner *owner;
	struct entry *sibling;	   /* the next session of the same device */
	struct entry *prev, *next; /* of open, closed or free ones */
};

struct owner {
	struct whose key;
	struct entry *sessions;
	UT_hash_handle hh;
};

struct companion_key {
	struct whose device;
	char app[SESSION_APP_MAX];
	struct name name;
};

struct companion_entry {
	struct companion_key key;
	struct companion companion;
	uint32_t last_number; /* of the last session that it was counted in */
	UT_hash_handle hh;
};

struct sessions {
	struct sessions_options options;
	struct owner *owners, *owner_pool, *owner_free; /* free: by hh.next */
	struct entry *pool, *free;
	struct entry *open, *closed;					      /* oldest first */
	struct companion_entry *companions, *companion_pool, *companion_free; /* by hh.next */
	struct sessions_counters counters;
};

static void make_free(struct sessions *s)
{
	for (uint32_t i = s->options.max_sessions; i-- > 0;) {
		s->pool[i].next = s->free;
		s->free = &s->pool[i];
		s->owner_pool[i].hh.next = s->owner_free;
		s->owner_free = &s->owner_pool[i];
	}
	for (uint32_t i = s->options.max_companions; i-- > 0;) {
		s->companion_pool[i].hh.next = s->companion_free;
		s->companion_free = &s->companion_pool[i];
	}
}

struct sessions *sessions_new(const struct sessions_options *o)
{
	struct sessions *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	hash_seed();
	s->options = *o;
	if (!s->options.max_sessions)
		s->options.max_sessions = 1;
	if (!s->options.max_companions)
		s->options.max_companions = 1;
	s->pool = calloc(s->options.max_sessions, sizeof *s->pool);
	s->owner_pool = calloc(s->options.max_sessions, sizeof *s->owner_pool);
	s->companion_pool = calloc(s->options.max_companions, sizeof *s->companion_pool);
	if (!s->pool || !s->owner_pool || !s->companion_pool) {
		sessions_free(s);
		return NULL;
	}
	make_free(s);
	return s;
}

void sessions_free(struct sessions *s)
{
	if (!s)
		return;
	HASH_CLEAR(hh, s->owners);
	HASH_CLEAR(hh, s->companions);
	free(s->companion_pool);
	free(s->owner_pool);
	free(s->pool);
	free(s);
}

static void app_copy(const char *app, char out[static SESSION_APP_MAX])
{
	memset(out, 0, SESSION_APP_MAX);
	snprintf(out, SESSION_APP_MAX, "%s", app ? app : "");
}

static void over(struct sessions *s, struct entry *e)
{
	if (!e->session.is_open)
		return;
	DL_DELETE(s->open, e);
	DL_APPEND(s->closed, e);
	e->session.is_open = false;
	s->counters.now--;
	if (s->options.ended)
		s->options.ended(s->options.ctx, &e->session);
}

/* Takes it out of all that holds it. */
static void entry_end(struct sessions *s, struct entry *e)
{
	struct entry **at = &e->owner->sessions;

	over(s, e);
	while (*at != e)
		at = &(*at)->sibling;
	*at = e->sibling;
	if (!e->owner->sessions) {
		HASH_DELETE(hh, s->owners, e->owner);
		e->owner->hh.next = s->owner_free;
		s->owner_free = e->owner;
	}
	DL_DELETE(s->closed, e);
	e->next = s->free;
	s->free = e;
}

static struct owner *owner_find(const struct sessions *s, const struct whose *w)
{
	struct owner *o;

	HASH_FIND(hh, s->owners, w, sizeof *w, o);
	return o;
}

/* There are as many as sessions, and each has one at least: one is free where a session is. */
static struct owner *owner_create(struct sessions *s, const struct whose *w)
{
	struct owner *o = s->owner_free;

	s->owner_free = o->hh.next;
	memset(o, 0, sizeof *o);
	o->key = *w;
	HASH_ADD(hh, s->owners, key, sizeof o->key, o);
	if (o->hh.tbl)
		return o;
	o->hh.next = s->owner_free; /* no memory for the table */
	s->owner_free = o;
	return NULL;
}

static struct entry *entry_create(struct sessions *s, const struct whose *w, const char *app)
{
	struct owner *o;
	struct entry *e;

	if (!s->free) {
		s->counters.evicted++;
		entry_end(s, s->closed ? s->closed : s->open);
	}
	o = owner_find(s, w);
	if (!o)
		o = owner_create(s, w);
	if (!o)
		return NULL;
	e = s->free;
	s->free = e->next;
	memset(e, 0, sizeof *e);
	e->session.device = *w;
	app_copy(app, e->session.app);
	e->owner = o;
	e->sibling = o->sessions;
	o->sessions = e;
	DL_APPEND(s->closed, e);
	return e;
}

static struct entry *entry_find(const struct sessions *s, const struct whose *w, const char *app)
{
	const struct owner *o = owner_find(s, w);

	for (struct entry *e = o ? o->sessions : NULL; e; e = e->sibling)
		if (!strncmp(e->session.app, app, SESSION_APP_MAX - 1))
			return e;
	return NULL;
}

static void begin(struct sessions *s, struct entry *e, int64_t now_ns)
{
	DL_DELETE(s->closed, e);
	DL_APPEND(s->open, e);
	s->counters.begun++;
	s->counters.now++;
	e->session.is_open = true;
	e->session.number++;
	e->session.first_ns = now_ns;
	e->session.contacts = e->session.trackers = 0;
}

static bool is_idle(const struct app_session *one, int64_t now_ns)
{
	return now_ns - one->last_ns >= SESSION_IDLE_S * (int64_t)1000000000;
}

void sessions_contact(struct sessions *s, const struct whose *w, const char *app, bool is_device,
		      int64_t now_ns)
{
	struct entry *e = entry_find(s, w, app);

	if (!e && !(e = entry_create(s, w, app)))
		return;
	if (e->session.is_open && is_idle(&e->session, now_ns))
		over(s, e);
	if (!e->session.is_open)
		begin(s, e, now_ns);
	e->session.is_device = is_device;
	e->session.contacts++;
	/* Captures merged from several machines step back. */
	if (now_ns > e->session.last_ns || e->session.contacts == 1)
		e->session.last_ns = now_ns;
	DL_DELETE(s->open, e);
	DL_APPEND(s->open, e);
}

static bool covers(const struct app_session *one, int64_t at_ns)
{
	return one->number && one->first_ns <= at_ns &&
	       at_ns - one->last_ns <= SESSION_COMPANION_S * (int64_t)1000000000;
}

const char *sessions_app(const struct sessions *s, const struct whose *w, int64_t at_ns)
{
	const struct owner *o = owner_find(s, w);
	const char *found[2] = { NULL, NULL }; /* apps, devices */
	unsigned count[2] = { 0, 0 };

	for (const struct entry *e = o ? o->sessions : NULL; e; e = e->sibling) {
		if (!covers(&e->session, at_ns))
			continue;
		found[e->session.is_device] = e->session.app;
		count[e->session.is_device]++;
	}
	for (int kind = 0; kind < 2; kind++)
		if (count[kind])
			return count[kind] == 1 ? found[kind] : NULL;
	return NULL;
}

static struct companion_entry *companion_of(struct sessions *s, const struct whose *w,
					    const char *app, const struct name *name,
					    int64_t now_ns)
{
	struct companion_key key;
	struct companion_entry *c;

	memset(&key, 0, sizeof key);
	key.device = *w;
	app_copy(app, key.app);
	key.name.len = name->len;
	memcpy(key.name.text, name->text, name->len);
	HASH_FIND(hh, s->companions, &key, sizeof key, c);
	if (c) {
		HASH_DELETE(hh, s->companions, c);
	} else {
		if (!s->companion_free) {
			c = s->companions;
			s->counters.companions_evicted++;
			HASH_DELETE(hh, s->companions, c);
			c->hh.next = s->companion_free;
			s->companion_free = c;
		}
		c = s->companion_free;
		s->companion_free = c->hh.next;
		memset(c, 0, sizeof *c);
		c->key = key;
		c->companion =
			(struct companion){ .device = *w, .name = *name, .first_ns = now_ns };
		memcpy(c->companion.app, key.app, sizeof key.app);
	}
	HASH_ADD(hh, s->companions, key, sizeof c->key, c); /* used again: young again */
	if (c->hh.tbl)
		return c;
	c->hh.next = s->companion_free;
	s->companion_free = c;
	return NULL;
}

void sessions_companion(struct sessions *s, const struct whose *w, const char *app,
			const struct name *name, bool refused, int64_t now_ns)
{
	struct entry *e = app ? entry_find(s, w, app) : NULL;
	struct companion_entry *c = companion_of(s, w, app, name, now_ns);

	if (!c)
		return;
	c->companion.contacts++;
	c->companion.refused |= refused;
	c->companion.last_ns = now_ns;
	if (!e)
		return;
	e->session.trackers++;
	if (c->last_number != e->session.number)
		c->companion.sessions++;
	c->last_number = e->session.number;
	c->companion.of = e->session.number;
}

void sessions_tick(struct sessions *s, int64_t now_ns)
{
	while (s->open && is_idle(&s->open->session, now_ns))
		over(s, s->open);
}

void sessions_flush(struct sessions *s)
{
	while (s->open)
		over(s, s->open);
}

void sessions_each(const struct sessions *s, void (*each)(void *ctx, const struct app_session *one),
		   void *ctx)
{
	for (const struct entry *e = s->closed; e; e = e->next)
		each(ctx, &e->session);
	for (const struct entry *e = s->open; e; e = e->next)
		each(ctx, &e->session);
}

void sessions_each_of(const struct sessions *s, const struct whose *w,
		      void (*each)(void *ctx, const struct app_session *one), void *ctx)
{
	const struct owner *o = owner_find(s, w);

	for (const struct entry *e = o ? o->sessions : NULL; e; e = e->sibling)
		each(ctx, &e->session);
}

void sessions_each_companion(const struct sessions *s,
			     void (*each)(void *ctx, const struct companion *one), void *ctx)
{
	for (const struct companion_entry *c = s->companions; c; c = c->hh.next) {
		const struct entry *e =
			*c->companion.app ? entry_find(s, &c->companion.device, c->companion.app)
					  : NULL;
		struct companion one = c->companion;

		if (e && e->session.number > one.of)
			one.of = e->session.number;
		each(ctx, &one);
	}
}

void sessions_counters(const struct sessions *s, struct sessions_counters *out)
{
	*out = s->counters;
	out->companions_now = HASH_COUNT(s->companions);
}
