/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server: listeners, the round of one wake-up, and the fan-out of events. */
#define _GNU_SOURCE /* accept4 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utlist.h>

#include "control/control.h"

enum {
	EVENTS_A_ROUND = 32,
	ACCEPTS_A_ROUND = 8,
	ACCEPT_PAUSE_MS = 1000, /* without descriptors */
	SCRATCH_KEPT = 262144,	/* larger answer buffers go back to the heap */
	DEFAULT_CLIENTS = 16,
	DEFAULT_BUFFER = 262144,
	DEFAULT_LINE = 65536,
	DEFAULT_IDLE_MS = 30000,
};

static int server_prepare(struct server *s, struct error *e)
{
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (s->epoll < 0)
		return error_set(e, -errno, "cannot make an epoll: %s", strerror(errno));
	s->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->timer_fd < 0)
		return error_set(e, -errno, "cannot make a timer: %s", strerror(errno));
	s->timer.kind = SOURCE_TIMER;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->timer_fd,
		      &(struct epoll_event){ .events = EPOLLIN, .data.ptr = &s->timer }))
		return error_set(e, -errno, "cannot watch a timer: %s", strerror(errno));
	return 0;
}

static int server_listen(struct server *s, struct listener *l, const char *path, const char *group,
			 struct error *e)
{
	int rc;

	if (!path)
		return 0;
	rc = listener_open(l, path, group, e);
	if (rc)
		return rc;
	l->source.kind = SOURCE_LISTENER;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, l->fd,
		      &(struct epoll_event){ .events = EPOLLIN, .data.ptr = l }))
		return error_set(e, -errno, "cannot watch: %s: %s", path, strerror(errno));
	return 0;
}

static void server_defaults(struct server_options *o)
{
	if (!o->max_clients)
		o->max_clients = DEFAULT_CLIENTS;
	if (!o->max_buffer)
		o->max_buffer = DEFAULT_BUFFER;
	if (!o->max_line)
		o->max_line = DEFAULT_LINE;
	if (!o->idle_ms)
		o->idle_ms = DEFAULT_IDLE_MS;
}

int server_open(const struct server_options *o, const struct server_ops *ops, struct server **out,
		struct error *e)
{
	struct server *s = calloc(1, sizeof(*s));
	int rc;

	assert(ops->stats && ops->metrics && ops->flows && ops->lists && ops->devices &&
	       ops->sessions && ops->suspects && ops->explain);
	assert(!o->control_path || (ops->pause && ops->resume && ops->reload));
	if (!s)
		return error_set(e, -ENOMEM, "cannot open the sockets: out of memory");
	s->o = *o;
	server_defaults(&s->o);
	s->ops = *ops;
	s->epoll = s->timer_fd = s->stats.fd = s->control.fd = -1;
	s->control.privileged = true;
	rc = server_prepare(s, e);
	if (!rc)
		rc = server_listen(s, &s->stats, o->stats_path, o->group, e);
	if (!rc)
		rc = server_listen(s, &s->control, o->control_path, NULL, e);
	if (rc) {
		server_close(s);
		return rc;
	}
	/* The caller's strings may go; the listeners hold their own. */
	s->o.stats_path = s->stats.path;
	s->o.control_path = s->control.path;
	s->o.group = NULL;
	*out = s;
	return 0;
}

static void server_drop(struct server *s, struct client *c)
{
	DL_DELETE(s->clients, c);
	c->listener->clients--;
	client_free(c);
}

void server_close(struct server *s)
{
	if (!s)
		return;
	while (s->clients)
		server_drop(s, s->clients);
	listener_close(&s->control);
	listener_close(&s->stats);
	if (s->timer_fd >= 0)
		close(s->timer_fd);
	if (s->epoll >= 0)
		close(s->epoll);
	text_done(&s->data);
	text_done(&s->line);
	text_done(&s->event);
	free(s);
}

int server_fd(const struct server *s)
{
	return s->epoll;
}

static void server_turn_away(struct server *s, int fd)
{
	struct text *t = &s->line;
	ssize_t sent;

	s->counters.refused++;
	request_error_text(t, "too_many_clients", "too many clients are connected",
			   "try again later, or raise clients in [sockets] of tacet.conf");
	if (!t->failed) {
		sent = send(fd, t->at, t->len, MSG_NOSIGNAL | MSG_DONTWAIT);
		(void)sent; /* a courtesy: whoever is gone already does not need it */
	}
	close(fd);
}

static void watch_listener(struct server *s, struct listener *l, uint32_t events)
{
	if (l->fd >= 0)
		epoll_ctl(s->epoll, EPOLL_CTL_MOD, l->fd,
			  &(struct epoll_event){ .events = events, .data.ptr = l });
}

/* A connection that cannot be accepted keeps the listener readable: look away for a while. */
static void pause_accepting(struct server *s)
{
	s->accept_at_ms = s->now_ms + ACCEPT_PAUSE_MS;
	watch_listener(s, &s->stats, 0);
	watch_listener(s, &s->control, 0);
}

static void resume_accepting(struct server *s)
{
	s->accept_at_ms = 0;
	watch_listener(s, &s->stats, EPOLLIN);
	watch_listener(s, &s->control, EPOLLIN);
}

static void server_accept(struct server *s, struct listener *l)
{
	for (int i = 0; i < ACCEPTS_A_ROUND; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct client *c;

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
			    errno == ENOMEM)
				pause_accepting(s);
			return;
		}
		if (l->clients >= s->o.max_clients) {
			server_turn_away(s, fd);
			continue;
		}
		c = client_new(s, l, fd);
		if (!c) {
			pause_accepting(s);
			return;
		}
		s->counters.clients++;
		l->clients++;
		DL_APPEND(s->clients, c);
	}
}

static void server_client(struct client *c, uint32_t events)
{
	if (c->dead)
		return;
	if (events & EPOLLOUT)
		client_output(c);
	if (!c->dead && events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		client_input(c);
	/* Nobody is left to read an answer, and what was asked before has been read. */
	if (events & (EPOLLHUP | EPOLLERR) && (c->eof || !(c->events & EPOLLIN)))
		c->dead = true;
	client_arm(c);
}

static void server_arm_timer(struct server *s)
{
	int64_t at = s->accept_at_ms ? s->accept_at_ms : INT64_MAX, wait;
	struct itimerspec when = { 0 };
	struct client *c;

	DL_FOREACH (s->clients, c) {
		int64_t deadline = client_deadline(c);

		if (deadline < at)
			at = deadline;
	}
	if (at == s->timer_at_ms && at > s->now_ms)
		return;
	s->timer_at_ms = at;
	if (at != INT64_MAX) {
		wait = at > s->now_ms ? at - s->now_ms : 0;
		when.it_value.tv_sec = (time_t)(wait / 1000);
		when.it_value.tv_nsec = wait ? (long)(wait % 1000) * 1000000 : 1;
	}
	timerfd_settime(s->timer_fd, 0, &when, NULL);
}

/* Everybody's deadlines, then the dead: no event of this round can name them any more. */
static void server_sweep(struct server *s)
{
	struct client *c, *next;

	DL_FOREACH_SAFE (s->clients, c, next) {
		client_tick(c);
		if (!c->dead)
			continue;
		server_drop(s, c);
		if (s->accept_at_ms)
			resume_accepting(s);
	}
	if (s->accept_at_ms && s->accept_at_ms <= s->now_ms)
		resume_accepting(s);
	if (s->data.cap > SCRATCH_KEPT)
		text_done(&s->data);
	if (s->line.cap > SCRATCH_KEPT)
		text_done(&s->line);
}

void server_run(struct server *s, int64_t now_ms)
{
	struct epoll_event events[EVENTS_A_ROUND];
	uint64_t ticks;
	int n;

	if (now_ms > s->caller_ms)
		s->now_ms += now_ms - s->caller_ms;
	s->caller_ms = now_ms;
	n = epoll_wait(s->epoll, events, EVENTS_A_ROUND, 0);
	for (int i = 0; i < n; i++) {
		struct source *source = events[i].data.ptr;

		switch (source->kind) {
		case SOURCE_TIMER:
			if (read(s->timer_fd, &ticks, sizeof(ticks)) > 0)
				s->timer_at_ms = 0;
			break;
		case SOURCE_LISTENER:
			server_accept(s, (struct listener *)source);
			break;
		case SOURCE_CLIENT:
			server_client((struct client *)source, events[i].events);
			break;
		}
	}
	server_sweep(s);
	server_arm_timer(s);
}

void server_answer(struct server *s, uint64_t ticket, int rc, const struct text *data,
		   const struct error *e)
{
	struct client *c;

	DL_FOREACH (s->clients, c) {
		if (c->dead || c->ticket != ticket)
			continue;
		request_end(c, rc, data, e);
		client_resume(c);
	}
	server_arm_timer(s);
}

bool server_has_watchers(const struct server *s)
{
	for (const struct client *c = s->clients; c; c = c->next)
		if (c->filter && !c->dead)
			return true;
	return false;
}

void server_publish(struct server *s, const struct server_event *ev, const struct text *line)
{
	struct text *t = &s->event;
	struct client *c;

	assert(line->failed || (line->len >= 2 && line->at[0] == '{'));
	s->seq++;
	s->counters.events++;
	text_clear(t);
	if (!line->failed) {
		text_printf(t, "{\"seq\":%llu%s", (unsigned long long)s->seq,
			    line->at[1] == '}' ? "" : ",");
		text_put(t, line->at + 1, line->len - 1);
		json_newline(t);
	}
	DL_FOREACH (s->clients, c) {
		if (c->filter && !c->dead && filter_passes(c->filter, ev))
			client_event(c, line->failed || t->failed ? NULL : t, s->seq);
	}
}

void server_counters(const struct server *s, struct server_counters *out)
{
	*out = s->counters;
	for (const struct client *c = s->clients; c; c = c->next) {
		out->clients_now++;
		out->watchers_now += c->filter != NULL;
	}
}

void server_clients_json(const struct server *s, struct text *out)
{
	for (const struct client *c = s->clients; c; c = c->next) {
		json_object_begin(out, NULL);
		json_str(out, "socket", c->listener->privileged ? "control" : "stats");
		json_i64(out, "pid", c->pid);
		json_u64(out, "uid", c->uid);
		json_bool(out, "watching", c->filter != NULL);
		json_u64(out, "lost", c->lost);
		json_u64(out, "waiting", client_pending(c));
		json_object_end(out);
	}
}
