/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Unix sockets of tacet-stats(7): framing, requests, subscriptions, slow clients. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct server;

/* A number that is 0 stands for its default: 16 clients, 256 KiB, 30 s, 64 KiB. The strings
 * are needed only while server_open runs. */
struct server_options {
	const char *stats_path, *control_path; /* NULL = not opened */
	const char *group;		       /* of the stats socket (mode 0660), or NULL: 0600 */
	unsigned max_clients;		       /* of each socket */
	size_t max_buffer; /* bytes waiting for one client: more = events are lost, and no
			    * further request of it is read */
	uint32_t idle_ms;  /* a half line older than this ends the client */
	size_t max_line;   /* with its newline; both ways, but for metrics */
};

/* A pause or a rule of now. NULL: everybody, everything; seconds 0: until resume. */
struct server_exception {
	const char *kind; /* "pause", "allow", "block" */
	const char *name, *device, *app, *role, *list;
	uint32_t seconds;
};

/* What a request may ask; the daemon implements them. Every function fills `out` with the
 * value of "data" (one JSON value, or for lines() one object a call) and returns 0, or
 * -errno with e. privileged: came over the control socket. */
struct server_ops {
	void *ctx;
	void (*hello)(void *ctx,
		      struct text *out); /* members of the greeting, into an open object */
	int (*stats)(void *ctx, struct text *out);
	int (*metrics)(void *ctx, struct text *out); /* Prometheus text */
	int (*flows)(void *ctx, void (*line)(void *to, const struct text *object), void *to);
	int (*lists)(void *ctx, void (*line)(void *to, const struct text *object), void *to);
	int (*devices)(void *ctx, void (*line)(void *to, const struct text *object), void *to);
	int (*sessions)(void *ctx, void (*line)(void *to, const struct text *object), void *to);
	int (*suspects)(void *ctx, void (*line)(void *to, const struct text *object), void *to);
	/* What was refused lately; device: NULL = to anybody. One object a line. */
	int (*trouble)(void *ctx, const char *device,
		       void (*line)(void *to, const struct text *object), void *to);
	/* device, app: NULL = not given */
	int (*explain)(void *ctx, const char *name, const char *device, const char *app,
		       struct text *out);
	int (*pause)(void *ctx, uint32_t seconds, struct text *out,
		     struct error *e); /* 0 = until resume */
	int (*except)(void *ctx, const struct server_exception *x, struct text *out,
		      struct error *e); /* -EINVAL: no such name, device, ... */
	/* x NULL: everything; else what has its name and device. -EINVAL: there is no such. */
	int (*resume)(void *ctx, const struct server_exception *x, struct text *out,
		      struct error *e);
	/* Done at once: fills `out`. Else *out_ticket (not 0) says which server_answer ends it;
	 * until then no further request of that client is read. */
	int (*reload)(void *ctx, bool force, struct text *out, uint64_t *out_ticket,
		      struct error *e);
};

/* A socket path that a living tacet answers on is -EADDRINUSE; one left by a dead tacet is
 * taken over; missing directories are made (0755). */
int server_open(const struct server_options *o, const struct server_ops *ops, struct server **out,
		struct error *e);
void server_close(struct server *s); /* removes the paths; accepts NULL */

/* One epoll descriptor stands for all sockets and their time limits: readable = call
 * server_run. now_ms: any clock; steps back stand still. */
int server_fd(const struct server *s);
void server_run(struct server *s, int64_t now_ms);

/* Answers all requests that wait with this ticket: rc 0 and data, or -errno and e. Not from
 * within the ops. */
void server_answer(struct server *s, uint64_t ticket, int rc, const struct text *data,
		   const struct error *e);

/* What watch filters look at, beside the line itself. */
struct server_event {
	const char *type;    /* "flow", "dns", "state", "session" */
	const char *verdict; /* "block", ... or NULL */
	const char *device, *app, *name, *role;
};
/* Is anybody watching? (To build no line for nobody.) */
bool server_has_watchers(const struct server *s);
/* Fans a JSON object out to the watchers whose filter it passes: the server adds "seq". A
 * client whose buffer is full loses it and is told {"type":"lost","count":n}. Never waits; a
 * line that failed counts as lost. The ops may call it. */
void server_publish(struct server *s, const struct server_event *ev, const struct text *line);

struct server_counters {
	uint64_t clients, refused, requests, bad_requests, events, events_lost, overlong, idle;
	uint32_t clients_now, watchers_now;
};
void server_counters(const struct server *s, struct server_counters *out);
/* Who is connected, one object each into an open JSON array: socket, pid, uid, watching, lost,
 * waiting. For the "clients" of stats: who looks on is visible. */
void server_clients_json(const struct server *s, struct text *out);

#endif
