/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: listeners, clients and their buffers. */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"
#include "control/filter.h"
#include "control/server.h"

/* First member of everything the epoll descriptor can report. */
enum source_kind { SOURCE_TIMER, SOURCE_LISTENER, SOURCE_CLIENT };
struct source {
	enum source_kind kind;
};

struct listener {
	struct source source;
	int fd; /* -1 = not opened */
	char *path;
	dev_t dev;
	ino_t ino;
	bool privileged;
	unsigned clients;
};

struct client {
	struct source source;
	struct client *prev, *next;
	struct server *server;
	struct listener *listener;
	int fd;
	uint32_t events; /* what epoll watches for */
	pid_t pid;
	uid_t uid;
	bool greeted, eof;
	bool http, http_seen,
		http_metrics; /* an HTTP client; its request line came; for /metrics */
	bool closing;	      /* ends once its output is out */
	bool dead;	      /* freed at the end of the round */
	bool backlog;	      /* complete lines wait in the input buffer */
	uint64_t ticket;      /* its last request is answered later; 0 = none is */
	char *ticket_id;      /* the "id" of that one, or NULL */
	bool stuck;	      /* its socket took no more; until epoll says otherwise */
	char *in;
	size_t in_len, in_cap, scanned; /* scanned: no newline before it */
	int64_t since_ms;		/* arrived; or where its half line, or its closing, began */
	struct text out;
	size_t out_at;	       /* sent of out */
	struct filter *filter; /* NULL = not watching */
	uint64_t lost, lost_seq;
};

struct server {
	struct source timer;
	struct server_options o;
	struct server_ops ops;
	int epoll, timer_fd;
	int64_t caller_ms;	     /* the caller's clock, which may step back ... */
	int64_t now_ms, timer_at_ms; /* ... and ours, which may not; timer 0 = not armed */
	int64_t accept_at_ms;	     /* no descriptors: accept again then; 0 = accepting */
	struct listener stats, control;
	struct client *clients;
	uint64_t seq;
	struct text data, line, event; /* storage kept from answer to answer */
	struct server_counters counters;
};

/* socket.c: creates the socket file and listens. group NULL: mode 0600. */
int listener_open(struct listener *l, const char *path, const char *group, struct error *e);
/* Removes the file if it is still the one made by listener_open. */
void listener_close(struct listener *l);

/* client.c. client_new owns fd from the call on, also when it fails (NULL). */
struct client *client_new(struct server *s, struct listener *l, int fd);
void client_free(struct client *c);
void client_input(struct client *c);  /* reads and answers, within bounds */
void client_send(struct client *c);   /* sends what the socket takes */
void client_output(struct client *c); /* the same, and ends the client if that was the last */
/* Greets late, ends half lines and closings that are too old. */
void client_tick(struct client *c);
/* When client_tick has something to do, or INT64_MAX. */
int64_t client_deadline(const struct client *c);
/* False without memory: nothing was queued. */
bool client_queue(struct client *c, const char *bytes, size_t n);
size_t client_pending(const struct client *c);
void client_close_after_output(struct client *c);
/* After an answer that came late: goes on with what the client said meanwhile. */
void client_resume(struct client *c);
/* Tells epoll what this client waits for now. */
void client_arm(struct client *c);
/* One event for a watcher; NULL, or no room, counts as lost. */
void client_event(struct client *c, const struct text *line, uint64_t seq);

/* request.c, http.c: one line of a client, without its newline. */
void request_line(struct client *c, const char *line, size_t n);
void request_http(struct client *c, const char *line, size_t n);
void request_greet(struct client *c);
/* Ends the request that waits for the client's ticket. */
void request_end(struct client *c, int rc, const struct text *data, const struct error *e);
/* {"ok":false,...} that belongs to no request. */
void request_refuse(struct client *c, const char *key, const char *message, const char *hint);
/* The same as text, for a connection that never becomes a client. */
void request_error_text(struct text *t, const char *key, const char *message, const char *hint);

#endif
