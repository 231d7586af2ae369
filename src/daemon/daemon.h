/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a running tacet: one of it in a process, handed to every function. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "control/server.h"
#include "daemon/aside.h"
#include "daemon/household.h"
#include "daemon/run.h"
#include "daemon/setup.h"
#include "daemon/tell.h"
#include "netfilter/conntrack.h"
#include "netfilter/inject.h"
#include "source/queue.h"
#include "update/compiled.h"

enum stamp { STAMP_CONFIG, STAMP_CATALOGUE, STAMP_BYPASS, STAMP_FAILURES, STAMPS };

struct daemon {
	struct run_options options;
	struct config *config;
	struct policy *policy;
	struct engine *engine;
	struct queue *queue;
	struct rules *rules;
	struct injector *injector;
	struct conntrack *conntrack; /* NULL: this kernel tells no flow ends */
	struct server *server;
	struct told *told;
	bool in_batch;		     /* packets of a batch wait for their verdicts */
	struct processes *processes; /* NULL: not wanted */
	struct owners *owners;
	struct compiled compiled; /* what is in force of the lists; none: they are in memory */
	char stamps[STAMPS][96];  /* of the files that the policy was made of, besides lists */
	struct aside *aside;	  /* compiles now, for those who wait with `ticket`, or NULL */
	uint64_t ticket;
	bool again, again_force; /* somebody asked for a reload meanwhile */
	struct household *household;
	int signals, timer, epoll; /* signalfd, timerfd; what the loop waits on */
	int64_t started_ns, dumped_ns, reload_began_ns;
	uint32_t generation; /* of the engine, that the kernel's rules follow */
	uint32_t following;  /* the place in the flow table, where follows_flows */
	bool follows_flows;  /* kept flows are looked at for what is decided otherwise now */
	uint64_t inject_failed, reloads, reloads_failed, called_up;
	struct text line; /* scratch for records */
	bool stopping;
};

int64_t clock_now_ns(void);

/* packet.c: one packet from the queue, answered before it returns. */
void daemon_packet(void *ctx, const struct frame *f);
/* After engine_tick: answers that are due. */
void daemon_late(struct daemon *d);
/* An end or a present figure that conntrack reports. */
void daemon_flow_end(void *ctx, const struct conntrack_end *end);
void daemon_flow_figures(void *ctx, const struct conntrack_end *end);

/* ops.c: what the sockets may ask. */
void daemon_ops(struct daemon *d, struct server_ops *out);
/* The new state as JSON, of which the watchers are told. */
void daemon_state_changed(struct daemon *d, struct text *out);

/* habits.c: long answers. */
int daemon_devices(void *ctx, void (*line)(void *to, const struct text *object), void *to);
int daemon_sessions(void *ctx, void (*line)(void *to, const struct text *object), void *to);
int daemon_suspects(void *ctx, void (*line)(void *to, const struct text *object), void *to);

/* tell.c: records to the watchers. */
void daemon_sink(struct daemon *d, struct record_sink *out);
/* The verdicts of a batch are out: its records follow. */
void daemon_tell(struct daemon *d);

/* lists.c: what the sockets are told of the lists. How many are in that state: "kept", "missing".
 */
/* Generations of all lists together, and when one changed last, seconds since 1970; 0 = not known.
 */
void daemon_lists_age(const struct daemon *d, uint64_t *out_generation, uint64_t *out_changed_s);
uint64_t daemon_lists_in(const struct daemon *d, const char *state);
/* "lists", into an open object; and "trouble" if there is any. */
void daemon_lists_json(const struct daemon *d, struct text *out);
void daemon_lists_trouble(const struct daemon *d, struct text *out);
/* Where nothing was compiled, which would have told. */
void daemon_lists_log(const struct daemon *d);
/* All of it, an object a list. */
int daemon_lists(void *ctx, void (*line)(void *to, const struct text *object), void *to);

/* reload.c. A reload that has to compile lists goes on aside: *out_ticket is then what
 * server_answer is called with in the end, else 0. */
int daemon_reload(struct daemon *d, bool force, uint64_t *out_ticket, struct error *e);
/* The process that compiles may have ended. */
void daemon_reload_poll(struct daemon *d);
/* At the start: waits for the lists. */
int daemon_load(struct daemon *d, struct error *e);
/* until_ns 0: resume now. */
void daemon_pause(struct daemon *d, int64_t until_ns);
/* The policy has changed: open flows follow it. */
void daemon_redecide(struct daemon *d);
/* Some of the flows that the kernel keeps: those that are blocked now come up again. To be called
 * until d->follows_flows is false. */
void daemon_follow_flows(struct daemon *d);
/* After engine_tick: what began or ended by itself, a pause or the times of a section. */
void daemon_follow_time(struct daemon *d, int64_t now_ns);

/* privilege.c: gives up what is not needed once all sockets are open. p may be NULL. */
int privilege_drop(const struct processes *p, struct error *e);

#endif
