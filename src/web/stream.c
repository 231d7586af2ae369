/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Streams of events over suspended connections. */
#include "web/stream.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 32768, SILENCE_MS = 15000 };

struct stream {
	struct stream *next;
	struct web *w;
	struct MHD_Connection *connection;
	bool suspended, ending;
	uint64_t at, stats_seq;
	int64_t spoke_ms;
	struct log_filter filter;
	char texts[4][256];
	struct text out;
	size_t sent;
};

static const char *keep(char to[static 256], const char *from)
{
	if (!from)
		return NULL;
	strncpy(to, from, 255);
	return to;
}

/* The record after which to go on. What another start of this server numbered says nothing here:
 * who comes with that gets all that came since. */
static uint64_t begin_at(const struct web *w, const char *last_id)
{
	uint64_t next = view_log_next(w->feed.log), number;
	char *end;

	if (!last_id || !*last_id)
		return next;
	if (strtoull(last_id, &end, 16) != (uint64_t)w->started_ms || *end != '-')
		return view_log_first(w->feed.log);
	number = strtoull(end + 1, NULL, 10);
	return number < next ? number + 1 : next;
}

struct stream *stream_new(struct web *w, struct MHD_Connection *c, const struct log_filter *f,
			  const char *last_id)
{
	struct stream *s = w->stream_count < STREAMS_MOST ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	s->w = w;
	s->connection = c;
	s->at = begin_at(w, last_id);
	s->filter = (struct log_filter){ .type = f->type,
					 .verdict = f->verdict,
					 .device = keep(s->texts[0], f->device),
					 .app = keep(s->texts[1], f->app),
					 .role = keep(s->texts[2], f->role),
					 .name = keep(s->texts[3], f->name) };
	s->next = w->streams;
	w->streams = s;
	w->stream_count++;
	return s;
}

static void stream_free(void *ctx)
{
	struct stream *s = ctx, **at = &s->w->streams;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	s->w->stream_count--;
	text_done(&s->out);
	free(s);
}

static void put_state(struct stream *s)
{
	struct text hello = { 0 };

	api_hello(s->w, &hello);
	if (!hello.failed)
		text_printf(&s->out, "event: hello\ndata: %s\n\n", hello.at);
	text_done(&hello);
	if (s->w->feed.stats.len)
		text_printf(&s->out, "event: stats\ndata: %s\n\n", s->w->feed.stats.at);
	s->stats_seq = s->w->feed.stats_seq;
}

static void put_records(struct stream *s)
{
	uint64_t first = view_log_first(s->w->feed.log), next = view_log_next(s->w->feed.log);

	if (s->at < first) {
		text_printf(&s->out, "event: lost\ndata: {\"type\":\"lost\",\"count\":%llu}\n\n",
			    (unsigned long long)(first - s->at));
		s->at = first;
	}
	for (; s->at < next && s->out.len < BLOCK_BYTES; s->at++) {
		const struct log_entry *e = view_log_at(s->w->feed.log, s->at);

		if (e && view_log_passes(&s->filter, e))
			text_printf(&s->out, "id: %llx-%llu\nevent: record\ndata: %s\n\n",
				    (unsigned long long)s->w->started_ms,
				    (unsigned long long)e->number, e->line);
	}
}

static void fill(struct stream *s)
{
	int64_t now = web_now_ms();

	text_clear(&s->out);
	s->sent = 0;
	if (s->stats_seq != s->w->feed.stats_seq)
		put_state(s);
	put_records(s);
	if (!s->out.len && now - s->spoke_ms >= SILENCE_MS)
		text_str(&s->out, ": still here\n\n");
	if (s->out.len)
		s->spoke_ms = now;
}

static ssize_t read_stream(void *ctx, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = ctx;
	size_t n;

	(void)pos;
	if (s->ending || s->out.failed)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->sent >= s->out.len)
		fill(s);
	n = s->out.len - s->sent < max ? s->out.len - s->sent : max;
	if (!n) {
		s->suspended = true;
		MHD_suspend_connection(s->connection);
		return 0;
	}
	memcpy(buf, s->out.at + s->sent, n);
	s->sent += n;
	return (ssize_t)n;
}

struct MHD_Response *stream_response(struct stream *s)
{
	struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES,
								   read_stream, s, stream_free);

	if (!r)
		stream_free(s);
	return r;
}

static void wake(struct stream *s)
{
	s->suspended = false;
	MHD_resume_connection(s->connection);
}

void streams_wake(struct web *w, int64_t now_ms)
{
	for (struct stream *s = w->streams; s; s = s->next)
		if (s->suspended &&
		    (s->stats_seq != w->feed.stats_seq || s->at < view_log_next(w->feed.log) ||
		     now_ms - s->spoke_ms >= SILENCE_MS))
			wake(s);
}

void streams_end(struct web *w)
{
	for (struct stream *s = w->streams; s; s = s->next) {
		s->ending = true;
		if (s->suspended)
			wake(s);
	}
}
