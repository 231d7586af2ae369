/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions of apps, the trackers in them, and suspected hosts, under the table of an audit. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/audit.h"
#include "report/audit_text.h"

/* Shown of each kind; the others are counted. */
enum { SHOWN = 20, TIME_OF_DAY = 11, SECONDS = 8 };

void audit_habits_done(struct audit_habits *h)
{
	free(h->sessions);
	free(h->companions);
	free(h->suspects);
	*h = (struct audit_habits){ 0 };
}

/* Room for one more of `size` bytes at *io_at; NULL without memory or beyond AUDIT_HABITS. */
static void *grow(void **io_at, size_t *io_count, size_t size)
{
	void *more;

	if (*io_count == AUDIT_HABITS)
		return NULL;
	more = realloc(*io_at, (*io_count + 1) * size);
	if (!more)
		return NULL;
	*io_at = more;
	return (char *)more + (*io_count)++ * size;
}

static void device_text(const char *device, const struct mac *mac, const struct addr *addr,
			char out[static AUDIT_DEVICE_MAX])
{
	char buf[ADDR_TEXT_MAX];

	if (!device)
		device = mac_is_zero(mac) ? addr_format(addr, buf) : mac_format(mac, buf);
	snprintf(out, AUDIT_DEVICE_MAX, "%s", device);
}

void audit_session(struct audit *a, const struct session_record *r)
{
	struct audit_habits *h = &a->habits;
	struct audit_app_session *s =
		grow((void **)&h->sessions, &h->session_count, sizeof(*h->sessions));

	if (!s) {
		h->sessions_over++;
		return;
	}
	s->session = *r->session;
	device_text(r->device, &r->mac, &r->addr, s->device);
}

void audit_companion(struct audit *a, const struct companion_record *r)
{
	struct audit_habits *h = &a->habits;
	struct audit_companion *c;

	if (!*r->companion->app)
		return; /* its row stands in the table */
	c = grow((void **)&h->companions, &h->companion_count, sizeof(*h->companions));
	if (!c) {
		h->companions_over++;
		return;
	}
	c->companion = *r->companion;
	device_text(r->device, &r->mac, &r->addr, c->device);
}

void audit_suspect(struct audit *a, const struct suspect *s)
{
	struct audit_habits *h = &a->habits;
	struct suspect *more = grow((void **)&h->suspects, &h->suspect_count, sizeof(*h->suspects));

	if (more)
		*more = *s;
	else
		h->suspects_over++;
}

void audit_habits_merge(struct audit *a, const struct audit_habits *more)
{
	struct audit_habits *h = &a->habits;

	for (size_t i = 0; i < more->session_count; i++) {
		struct audit_app_session *s =
			grow((void **)&h->sessions, &h->session_count, sizeof(*s));
		if (s)
			*s = more->sessions[i];
		h->sessions_over += !s;
	}
	for (size_t i = 0; i < more->companion_count; i++) {
		struct audit_companion *c =
			grow((void **)&h->companions, &h->companion_count, sizeof(*c));
		if (c)
			*c = more->companions[i];
		h->companions_over += !c;
	}
	for (size_t i = 0; i < more->suspect_count; i++)
		audit_suspect(a, &more->suspects[i]);
	h->sessions_over += more->sessions_over;
	h->companions_over += more->companions_over;
	h->suspects_over += more->suspects_over;
}

/* Of a line that is too long the end goes. */
static void put_line(struct text *line, unsigned width, struct text *out)
{
	size_t len = width && line->len > width ? width : line->len;

	text_put(out, line->len ? line->at : "", len);
	text_str(out, "\n");
	if (line->failed)
		out->failed = true;
	text_clear(line);
}

static void put_escaped(struct text *t, const char *text)
{
	text_escaped(t, text, strlen(text));
}

static void put_more(struct text *line, uint64_t n, unsigned width, struct text *out)
{
	if (!n)
		return;
	text_printf(line, "    and %" PRIu64 " more", n);
	put_line(line, width, out);
}

/* In columns as wide as the widest: escaped, what is wider is as wide as it is. */
static void put_padded(struct text *t, const char *text, size_t width)
{
	size_t from = t->len;

	put_escaped(t, text);
	while (!t->failed && t->len < from + width)
		text_str(t, " ");
	text_str(t, "  ");
}

static void put_sessions(const struct audit_habits *h, unsigned width, struct text *out)
{
	struct text line = { 0 };
	char first[TIME_TEXT_MAX], last[TIME_TEXT_MAX];
	size_t i, device = 0, app = 0;

	for (i = 0; i < h->session_count && i < SHOWN; i++) {
		size_t d = strlen(h->sessions[i].device), a = strlen(h->sessions[i].session.app);

		device = d > device ? d : device;
		app = a > app ? a : app;
	}
	text_str(out, "Sessions (UTC; from the first name of an app to its last)\n");
	for (i = 0; i < h->session_count && i < SHOWN; i++) {
		const struct app_session *s = &h->sessions[i].session;

		time_format(s->first_ns, first);
		time_format(s->last_ns, last);
		text_printf(&line, "    %.10s %.*s-%.*s  ", first, SECONDS, first + TIME_OF_DAY,
			    SECONDS, last + TIME_OF_DAY);
		put_padded(&line, h->sessions[i].device, device);
		put_padded(&line, s->app, app);
		text_printf(&line, "%" PRIu64 " contact%s", s->contacts,
			    s->contacts == 1 ? "" : "s");
		if (s->trackers)
			text_printf(&line, ", %" PRIu64 " with trackers of others", s->trackers);
		put_line(&line, width, out);
	}
	put_more(&line, h->session_count - i + h->sessions_over, width, out);
	text_done(&line);
}

static void put_companions(const struct audit_habits *h, unsigned width, struct text *out)
{
	struct text line = { 0 };
	size_t i;

	text_str(out, "Trackers of others in sessions\n");
	for (i = 0; i < h->companion_count && i < SHOWN; i++) {
		const struct companion *c = &h->companions[i].companion;

		text_str(&line, "    ");
		put_escaped(&line, c->name.text);
		text_printf(&line, "  in %" PRIu32 " of %" PRIu32 " of ", c->sessions, c->of);
		put_escaped(&line, c->app);
		text_str(&line, " on ");
		put_escaped(&line, h->companions[i].device);
		put_line(&line, width, out);
	}
	put_more(&line, h->companion_count - i + h->companions_over, width, out);
	text_done(&line);
}

static void put_suspect(const struct suspect *s, struct text *t)
{
	text_str(t, "    ");
	put_escaped(t, s->name.text);
	if (s->is_periodic)
		text_printf(t, "  every %" PRIu32 ".%" PRIu32 " s (%" PRIu32 " %%)",
			    s->period_ms / 1000, s->period_ms % 1000 / 100,
			    s->regular_permille / 10);
	if (s->is_shared)
		text_printf(t, "  by %u device%s, %u app%s", s->devices, s->devices == 1 ? "" : "s",
			    s->apps, s->apps == 1 ? "" : "s");
	text_str(t, "  ");
	text_bytes(t, s->bytes_out);
	text_str(t, " up, ");
	text_bytes(t, s->bytes_in);
	text_str(t, " down");
}

static void put_suspects(const struct audit_habits *h, unsigned width, struct text *out)
{
	struct text line = { 0 };
	size_t i;

	text_str(out, "Suspected: on no list, and behaves like a tracker (nothing is done; "
		      "`tacet block NAME` would)\n");
	for (i = 0; i < h->suspect_count && i < SHOWN; i++) {
		put_suspect(&h->suspects[i], &line);
		put_line(&line, width, out);
	}
	put_more(&line, h->suspect_count - i + h->suspects_over, width, out);
	text_done(&line);
}

void audit_habits_text(const struct audit *a, unsigned width, struct text *out)
{
	const struct audit_habits *h = &a->habits;

	if (h->session_count)
		put_sessions(h, width, out);
	if (h->companion_count)
		put_companions(h, width, out);
	if (h->suspect_count)
		put_suspects(h, width, out);
	if (h->session_count || h->companion_count || h->suspect_count)
		text_str(out, "\n");
}
