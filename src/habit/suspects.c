/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For each host what its latest devices do: when each burst began, and the last intervals. Judged
 * when it is asked for. */
#include "habit/suspects.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

enum { DEVICES = 4, MARKS = 8, INTERVALS = 24 };

/* A handshake brings some thousand bytes of certificates: they are no content. */
enum { HANDSHAKE_IN = 4500, SMALL_BURST = 48 * 1024 };

/* Regular: so many intervals at least, so many of a thousand within so much of the period. */
enum { REGULAR_LEAST = 5, REGULAR_PERMILLE = 750, NEAR_PERMILLE = 60, NEAR_MS = 500 };
enum { PERIOD_MIN_MS = 5000, PERIOD_MAX_MS = 3600 * 1000 };

struct rhythm {
	struct whose device;
	int64_t begun_ns, last_ns; /* of the latest burst */
	uint32_t bursts;
	uint32_t intervals[INTERVALS]; /* a ring */
};

struct host {
	struct name name; /* the key */
	struct rhythm rhythms[DEVICES];
	uint32_t devices[MARKS], apps[MARKS]; /* marks that tell them apart; 0 = none */
	char app[SUSPECT_APPS][SUSPECT_APP_MAX];
	uint64_t bursts; /* of all devices, also of those that have no rhythm any more */
	uint64_t flows, bytes_out, bytes_in;
	uint64_t open_out, open_in; /* of the open flow told last; both 0: none is open */
	int64_t first_ns, last_ns;
	UT_hash_handle hh;
};

struct suspects {
	struct host *hosts, *pool, *free; /* hosts: unused longest first; free: by hh.next */
	struct suspects_counters counters;
};

struct suspects *suspects_new(uint32_t max_hosts)
{
	struct suspects *s = calloc(1, sizeof *s);

	if (!max_hosts)
		max_hosts = 1;
	if (!s || !(s->pool = calloc(max_hosts, sizeof *s->pool))) {
		free(s);
		return NULL;
	}
	hash_seed();
	for (uint32_t i = max_hosts; i-- > 0;) {
		s->pool[i].hh.next = s->free;
		s->free = &s->pool[i];
	}
	return s;
}

void suspects_free(struct suspects *s)
{
	if (!s)
		return;
	HASH_CLEAR(hh, s->hosts);
	free(s->pool);
	free(s);
}

static struct host *host_find(const struct suspects *s, const struct name *name)
{
	struct host *h;

	HASH_FIND(hh, s->hosts, name->text, name->len, h);
	return h;
}

static struct host *host_create(struct suspects *s, const struct name *name, int64_t now_ns)
{
	struct host *h;

	if (!s->free) {
		s->counters.evicted++;
		h = s->hosts;
		HASH_DELETE(hh, s->hosts, h);
		h->hh.next = s->free;
		s->free = h;
	}
	h = s->free;
	s->free = h->hh.next;
	memset(h, 0, sizeof *h);
	h->name = *name;
	h->first_ns = now_ns;
	s->counters.hosts++;
	return h;
}

/* Used again: young again. NULL: no memory for the table. */
static struct host *host_touch(struct suspects *s, const struct name *name, int64_t now_ns)
{
	struct host *h = host_find(s, name);

	if (h)
		HASH_DELETE(hh, s->hosts, h);
	else
		h = host_create(s, name, now_ns);
	HASH_ADD_KEYPTR(hh, s->hosts, h->name.text, h->name.len, h);
	if (h->hh.tbl)
		return h;
	h->hh.next = s->free;
	s->free = h;
	return NULL;
}

/* Of more than MARKS the last ones are no longer told apart. True: it is a new one. */
static bool mark(uint32_t marks[static MARKS], const void *p, size_t n)
{
	uint32_t m = (uint32_t)hash_bytes(p, n) | 1;

	for (int i = 0; i < MARKS; i++) {
		if (marks[i] == m)
			return false;
		if (!marks[i]) {
			marks[i] = m;
			return true;
		}
	}
	return false;
}

static unsigned marked(const uint32_t marks[static MARKS])
{
	unsigned n = 0;

	while (n < MARKS && marks[n])
		n++;
	return n;
}

static void mark_app(struct host *h, const char *app)
{
	if (!app || !mark(h->apps, app, strlen(app)) || marked(h->apps) > SUSPECT_APPS)
		return;
	snprintf(h->app[marked(h->apps) - 1], SUSPECT_APP_MAX, "%s", app);
}

/* The device's own, else that of the device silent longest. */
static struct rhythm *rhythm_of(struct host *h, const struct whose *w)
{
	struct rhythm *oldest = &h->rhythms[0];

	for (int i = 0; i < DEVICES; i++) {
		struct rhythm *r = &h->rhythms[i];

		if (r->bursts && !memcmp(&r->device, w, sizeof *w))
			return r;
		if (r->last_ns < oldest->last_ns)
			oldest = r;
	}
	memset(oldest, 0, sizeof *oldest);
	oldest->device = *w;
	return oldest;
}

/* True: a burst begins. */
static bool beat(struct rhythm *r, int64_t now_ns)
{
	int64_t since_ms = (now_ns - r->begun_ns) / 1000000;

	if (r->bursts && now_ns - r->last_ns < SUSPECT_BURST_MS * (int64_t)1000000) {
		if (now_ns > r->last_ns)
			r->last_ns = now_ns;
		return false;
	}
	if (r->bursts)
		r->intervals[(r->bursts - 1) % INTERVALS] =
			since_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)since_ms;
	r->begun_ns = r->last_ns = now_ns;
	r->bursts++;
	return true;
}

void suspects_contact(struct suspects *s, const struct whose *w, const struct name *name,
		      const char *app, int64_t now_ns)
{
	struct host *h = host_touch(s, name, now_ns);

	if (!h)
		return;
	mark(h->devices, w, sizeof *w);
	mark_app(h, app);
	h->bursts += beat(rhythm_of(h, w), now_ns);
	h->last_ns = now_ns;
}

void suspects_bytes(struct suspects *s, const struct name *name, uint64_t bytes_out,
		    uint64_t bytes_in, bool ended)
{
	struct host *h = host_find(s, name);

	if (!h)
		return;
	h->open_out = ended ? 0 : bytes_out;
	h->open_in = ended ? 0 : bytes_in;
	if (!ended)
		return;
	h->flows++;
	h->bytes_out += bytes_out;
	h->bytes_in += bytes_in;
}

static bool is_near(uint32_t interval, uint32_t period)
{
	uint32_t times = (interval + period / 2) / period;
	uint32_t slack = period / 1000 * NEAR_PERMILLE + NEAR_MS, off;

	/* One or two that were missed. */
	if (!times || times > 3)
		return false;
	off = interval > times * period ? interval - times * period : times * period - interval;
	return off <= slack;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median is the period: it holds against a few that were missed or came between. */
static void judge_rhythm(const struct rhythm *r, struct suspect *out)
{
	uint32_t sorted[INTERVALS], n = r->bursts ? r->bursts - 1 : 0, period, near = 0;

	if (n > INTERVALS)
		n = INTERVALS;
	if (r->bursts > out->bursts)
		out->bursts = r->bursts;
	if (n < REGULAR_LEAST)
		return;
	memcpy(sorted, r->intervals, n * sizeof *sorted);
	qsort(sorted, n, sizeof *sorted, compare);
	period = sorted[n / 2];
	if (period < PERIOD_MIN_MS || period > PERIOD_MAX_MS)
		return;
	for (uint32_t i = 0; i < n; i++)
		near += is_near(sorted[i], period);
	if (1000 * near / n <= out->regular_permille || 1000 * near / n < REGULAR_PERMILLE)
		return;
	out->regular_permille = 1000 * near / n;
	out->period_ms = period;
}

/* Most of it upwards: what came down is handshakes and receipts. Where nothing came down, half of
 * it was not seen. */
static bool is_upload(const struct suspect *s, uint64_t all_bursts)
{
	return s->flows && s->bytes_in && s->bytes_in <= s->bytes_out + s->flows * HANDSHAKE_IN &&
	       s->bytes_out + s->bytes_in <=
		       (all_bursts > s->flows ? all_bursts : s->flows) * SMALL_BURST;
}

static void judge(const struct host *h, struct suspect *out)
{
	bool is_small;

	*out = (struct suspect){ .name = h->name,
				 .devices = marked(h->devices),
				 .apps = marked(h->apps),
				 .flows = h->flows + (h->open_out || h->open_in),
				 .bytes_out = h->bytes_out + h->open_out,
				 .bytes_in = h->bytes_in + h->open_in,
				 .first_ns = h->first_ns,
				 .last_ns = h->last_ns };
	memcpy(out->app, h->app, sizeof out->app);
	for (int i = 0; i < DEVICES; i++)
		judge_rhythm(&h->rhythms[i], out);
	is_small = is_upload(out, h->bursts);
	out->is_periodic = out->period_ms && is_small;
	out->is_shared =
		(out->devices > 1 || out->apps > 1) && h->bursts >= SUSPECT_BURSTS && is_small;
}

void suspects_each(const struct suspects *s, void (*each)(void *ctx, const struct suspect *one),
		   void *ctx)
{
	struct suspect one;

	for (const struct host *h = s->hosts; h; h = h->hh.next) {
		judge(h, &one);
		if (one.is_periodic || one.is_shared)
			each(ctx, &one);
	}
}

void suspects_counters(const struct suspects *s, struct suspects_counters *out)
{
	*out = s->counters;
	out->now = HASH_COUNT(s->hosts);
}
