/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One client: lines in, bytes out, and what happens when either stops. */
#define _GNU_SOURCE /* struct ucred */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "report/report.h"

enum {
	IN_FIRST = 1024,
	/* Lines answered before others get their turn. */
	LINES_A_ROUND = 16,
	/* An empty buffer larger than this goes back to the heap. */
	OUT_KEPT = 65536,
	/* The greeting waits that long for the first bytes, so that an HTTP client can be told
	 * from the others; whoever waits for the greeting gets it then. */
	GREET_MS = 50,
};
static const char http_start[] = "GET ";

struct client *client_new(struct server *s, struct listener *l, int fd)
{
	struct client *c = calloc(1, sizeof(*c));
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (!c) {
		close(fd);
		return NULL;
	}
	*c = (struct client){ .source = { SOURCE_CLIENT },
			      .server = s,
			      .listener = l,
			      .fd = fd,
			      .since_ms = s->now_ms };
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n)) {
		c->pid = cred.pid;
		c->uid = cred.uid;
	}
	c->events = EPOLLIN;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd,
		      &(struct epoll_event){ .events = c->events, .data.ptr = c })) {
		close(fd);
		free(c);
		return NULL;
	}
	return c;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c->in);
	text_done(&c->out);
	filter_free(c->filter);
	free(c->ticket_id);
	free(c);
}

size_t client_pending(const struct client *c)
{
	return c->out.len - c->out_at;
}

/* Of a client that does not take its answers, or waits for one, no further request is read. */
static bool client_is_full(const struct client *c)
{
	return c->ticket || client_pending(c) > c->server->o.max_buffer;
}

void client_arm(struct client *c)
{
	uint32_t events = 0;

	if (c->dead)
		return;
	if (!c->eof && !c->closing && !c->backlog && !client_is_full(c))
		events |= EPOLLIN;
	if (client_pending(c))
		events |= EPOLLOUT;
	if (events == c->events)
		return;
	c->events = events;
	if (epoll_ctl(c->server->epoll, EPOLL_CTL_MOD, c->fd,
		      &(struct epoll_event){ .events = events, .data.ptr = c }))
		c->dead = true;
}

bool client_queue(struct client *c, const char *bytes, size_t n)
{
	size_t len, want;

	if (c->out_at && c->out_at >= c->out.len / 2) {
		memmove(c->out.at, c->out.at + c->out_at, client_pending(c));
		c->out.len -= c->out_at;
		c->out_at = 0;
	}
	len = c->out.len;
	want = len + n;
	text_put(&c->out, bytes, n);
	c->out.failed = false;
	return c->out.len == want;
}

void client_close_after_output(struct client *c)
{
	c->closing = true;
	c->backlog = false;
	c->since_ms = c->server->now_ms;
	filter_free(c->filter);
	c->filter = NULL;
}

/* "lost" goes out before the next event, once there is room for more than just that line. */
static bool client_tell_lost(struct client *c)
{
	struct text *t = &c->server->line;

	if (!c->lost)
		return true;
	text_clear(t);
	report_lost_json(t, c->lost, c->lost_seq);
	json_newline(t);
	if (t->failed || client_pending(c) > c->server->o.max_buffer / 2 ||
	    !client_queue(c, t->at, t->len))
		return false;
	c->lost = 0;
	return true;
}

void client_event(struct client *c, const struct text *line, uint64_t seq)
{
	/* Events come in bursts, between which nobody looks at the sockets. */
	if (line && !c->stuck && client_pending(c) + line->len > c->server->o.max_buffer)
		client_send(c);
	if (line && line->len <= c->server->o.max_line && client_tell_lost(c) &&
	    client_pending(c) + line->len <= c->server->o.max_buffer &&
	    client_queue(c, line->at, line->len)) {
		client_arm(c);
		return;
	}
	c->lost++;
	c->lost_seq = seq;
	c->server->counters.events_lost++;
}

void client_send(struct client *c)
{
	bool was_full = client_is_full(c);

	while (client_pending(c) && !c->dead) {
		ssize_t n = send(c->fd, c->out.at + c->out_at, client_pending(c),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n >= 0)
			c->out_at += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			c->dead = true;
		else if (errno == EAGAIN)
			c->stuck = true;
		if (c->stuck)
			break;
	}
	/* While nobody read it, its half line did not grow older. */
	if (was_full && !client_is_full(c))
		c->since_ms = c->server->now_ms;
}

void client_output(struct client *c)
{
	c->stuck = false;
	client_send(c);
	if (c->filter && c->lost && !client_pending(c)) {
		client_tell_lost(c);
		client_send(c);
	}
	if (client_pending(c))
		return;
	c->out_at = 0;
	text_clear(&c->out);
	if (c->out.cap > OUT_KEPT)
		text_done(&c->out);
	/* A watcher that will say no more still listens; its end shows as EPOLLHUP. */
	if (c->closing || (c->eof && !c->backlog && !c->ticket && !c->filter && c->greeted))
		c->dead = true;
}

/* True if what arrived so far may become an HTTP request. */
static bool may_be_http(const struct client *c)
{
	size_t n = sizeof(http_start) - 1;

	return !memcmp(c->in, http_start, c->in_len < n ? c->in_len : n);
}

static void client_line(struct client *c, const char *line, size_t n)
{
	if (!c->greeted && !c->http) {
		c->http = n > sizeof(http_start) - 1 &&
			  !memcmp(line, http_start, sizeof(http_start) - 1);
		if (!c->http)
			request_greet(c);
	}
	if (c->http)
		request_http(c, line, n);
	else
		request_line(c, line, n);
}

static void client_overlong(struct client *c)
{
	c->server->counters.overlong++;
	request_refuse(c, "too_long", "the line is too long",
		       "a request with its newline has at most 65536 bytes");
	client_close_after_output(c);
}

/* Bytes that no newline ended. */
static void client_rest(struct client *c)
{
	if (c->in_len && !c->greeted && !c->http && !may_be_http(c))
		request_greet(c);
	if (c->eof) {
		if (!c->greeted && !c->http)
			request_greet(c);
		if (c->in_len && !c->http) {
			/* A request cut off on its way must not be taken for a shorter one. */
			c->server->counters.bad_requests++;
			request_refuse(c, "bad_request", "the last line has no end",
				       "end every request with a newline");
		}
		c->in_len = c->scanned = 0;
		if (c->http)
			c->dead = true;
	} else if (c->in_len >= c->server->o.max_line) {
		client_overlong(c);
	}
}

/* The lines of an HTTP request share one time, that of its first. */
static void client_begin_line(struct client *c)
{
	if (!c->http)
		c->since_ms = c->server->now_ms;
}

/* Answers complete lines until the round's share is used up or the output is full. */
static void client_lines(struct client *c)
{
	size_t from = 0;
	int lines = 0;

	c->backlog = false;
	while (!c->dead && !c->closing) {
		char *end = c->in_len > c->scanned
				    ? memchr(c->in + c->scanned, '\n', c->in_len - c->scanned)
				    : NULL;

		if (!end) {
			c->scanned = c->in_len;
			break;
		}
		if (lines == LINES_A_ROUND || client_is_full(c)) {
			c->scanned = from;
			c->backlog = true;
			break;
		}
		client_line(c, c->in + from, (size_t)(end - (c->in + from)));
		lines++;
		from = (size_t)(end + 1 - c->in);
		c->scanned = from;
	}
	if (from) {
		c->in_len -= from;
		c->scanned -= from;
		memmove(c->in, c->in + from, c->in_len);
		client_begin_line(c);
	}
	if (!c->dead && !c->closing && !c->backlog)
		client_rest(c);
}

/* Room for what may still come of a line. False without memory. */
static bool client_room(struct client *c)
{
	size_t cap = c->in_cap ? 2 * c->in_cap : IN_FIRST, most = c->server->o.max_line;
	char *in;

	if (c->in_len < c->in_cap)
		return true;
	if (cap > most)
		cap = most;
	in = realloc(c->in, cap);
	if (!in)
		return false;
	c->in = in;
	c->in_cap = cap;
	return true;
}

void client_input(struct client *c)
{
	/* At most one buffer a round: epoll says again what is left. */
	if (!c->eof && !c->closing && !c->backlog && !client_is_full(c)) {
		ssize_t n;

		if (!client_room(c)) {
			c->dead = true;
			return;
		}
		if (!c->in_len)
			client_begin_line(c);
		n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, MSG_DONTWAIT);
		if (n > 0)
			c->in_len += (size_t)n;
		else if (n == 0)
			c->eof = true;
		else if (errno != EAGAIN && errno != EINTR)
			c->dead = true;
	}
	if (c->dead)
		return;
	if (c->in)
		client_lines(c);
	client_output(c);
	client_arm(c);
}

void client_resume(struct client *c)
{
	c->since_ms = c->server->now_ms;
	client_output(c);
	client_arm(c);
}

/* How long the client may stay as it is, in ms; 0 = for ever. */
static uint32_t client_patience(const struct client *c)
{
	bool half = (c->in_len && !c->backlog && !client_is_full(c)) || c->http;

	if (c->closing)
		return c->server->o.idle_ms;
	if (!c->greeted && !half)
		return GREET_MS;
	return half && !c->eof ? c->server->o.idle_ms : 0;
}

int64_t client_deadline(const struct client *c)
{
	uint32_t ms = client_patience(c);

	if (c->backlog && !client_is_full(c))
		return c->server->now_ms;
	return ms ? c->since_ms + ms : INT64_MAX;
}

void client_tick(struct client *c)
{
	if (c->dead || client_deadline(c) > c->server->now_ms)
		return;
	if (c->backlog) {
		client_input(c);
		return;
	}
	if (c->closing) {
		c->dead = true;
		return;
	}
	if (!c->greeted && !c->http && !c->in_len) {
		request_greet(c);
	} else {
		c->server->counters.idle++;
		if (!c->http)
			request_refuse(c, "bad_request", "the line was not ended in time",
				       "end every request with a newline");
		client_close_after_output(c);
	}
	client_output(c);
	client_arm(c);
}
