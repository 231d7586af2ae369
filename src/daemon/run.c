/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start, event loop and stop of the blocker. Everything is opened before the rules go in, and
 * the rules go out before anything is closed: no packet goes up to nobody. */
#include "daemon/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/daemon.h"

/* Batches that the queue gets before the other descriptors have their turn. */
enum { BATCHES = 16, EVENTS = 4, TICK_MS = 250, DUMP_S = 30, CONNTRACK_READS = 256, OWNERS = 2048 };

int64_t clock_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_events(struct daemon *d, struct error *e)
{
	struct itimerspec every = { .it_interval.tv_nsec = TICK_MS * 1000000,
				    .it_value.tv_nsec = TICK_MS * 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	d->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (d->signals < 0 || d->timer < 0 || timerfd_settime(d->timer, 0, &every, NULL))
		return error_set(e, -errno, "event loop: %s", strerror(errno));
	return 0;
}

static int open_server(struct daemon *d, struct error *e)
{
	const struct config *c = d->config;
	struct server_options o = {
		.stats_path = c->stats_socket,
		.control_path = c->control_socket,
		.group = c->group,
		.max_clients = c->max_clients,
		.max_buffer = c->client_buffer_bytes,
		.idle_ms = c->client_idle_s * 1000,
		.max_line = 65536,
	};
	struct server_ops ops;

	daemon_ops(d, &ops);
	return server_open(&o, &ops, &d->server, e);
}

static void serve_queue(void *ctx);

static int open_kernel(struct daemon *d, struct error *e)
{
	const struct config *c = d->config;
	struct queue_options q = {
		.number = (uint16_t)c->queue_number,
		.length = c->queue_length,
		.copy_bytes = c->queue_copy_bytes,
		.batch = c->queue_batch,
	};
	struct rules_options r;
	struct error why = { "" };
	int rc = setup_rules(c, &r, e);

	if (!rc)
		rc = queue_open(&q, &d->queue, e);
	if (!rc)
		rc = injector_open(&d->injector, e);
	if (rc)
		return rc;
	if (conntrack_accounting(&why))
		log_warning("%s; flows that the kernel keeps have no byte counts", why.text);
	if (conntrack_open(c->mark_mask, &d->conntrack, &why))
		log_warning("%s; flows that the kernel keeps end unseen", why.text);
	rc = rules_install(&r, &d->rules, e);
	if (!rc)
		rules_serve(d->rules, queue_fd(d->queue), serve_queue, d);
	return rc;
}

/* Nobody's flows are blocked for want of it. */
static int open_processes(struct daemon *d, struct error *e)
{
	struct error why = { "" };

	d->told = told_new();
	d->household = household_new(d->config);
	if (!d->told || !d->household)
		return error_set(e, -ENOMEM, "records: out of memory");
	if (!d->config->processes)
		return 0;
	d->processes = processes_new(&why);
	d->owners = owners_new(OWNERS);
	if (!d->processes || !d->owners)
		return error_set(e, -ENOMEM, "processes: out of memory");
	if (!processes_traces(d->processes))
		log_info("%s; of connections of this machine the user is known, and the process "
			 "only where /proc tells",
			 why.text);
	return 0;
}

/* epoll: what is waited for is said once, and not again with every batch of packets. */
static int open_loop(struct daemon *d, struct error *e)
{
	const int fds[] = { queue_fd(d->queue), server_fd(d->server), d->signals, d->timer };

	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; d->epoll >= 0 && i < sizeof fds / sizeof *fds; i++) {
		struct epoll_event ev = { .events = EPOLLIN, .data.fd = fds[i] };

		if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fds[i], &ev))
			return error_set(e, -errno, "event loop: epoll: %s", strerror(errno));
	}
	return d->epoll < 0 ? error_set(e, -errno, "event loop: epoll: %s", strerror(errno)) : 0;
}

/* Before anything is read, or written into the cache. */
static int need_root(struct error *e)
{
	if (geteuid() == 0)
		return 0;
	return error_set(e, -EPERM,
			 "run: needs root (CAP_NET_ADMIN and CAP_NET_RAW); to see what a capture "
			 "phones home, `tacet audit FILE` needs no rights");
}

static int start(struct daemon *d, struct error *e)
{
	struct record_sink sink;
	int rc;

	daemon_sink(d, &sink);
	rc = setup_engine(d->config, true, &sink, &d->engine, e);
	if (!rc)
		rc = open_events(d, e);
	if (!rc)
		rc = open_server(d, e);
	if (!rc)
		rc = open_processes(d, e);
	if (rc)
		return rc;
	engine_tick(d->engine, clock_now_ns());
	engine_set_policy(d->engine, d->policy);
	d->generation = engine_generation(d->engine);
	rc = open_kernel(d, e);
	if (!rc)
		rc = open_loop(d, e);
	if (!rc)
		rc = privilege_drop(d->processes, e);
	return rc;
}

static void stop(struct daemon *d)
{
	rules_remove(d->rules);
	d->rules = NULL;
	if (d->conntrack && d->engine)
		conntrack_dump(d->conntrack, daemon_flow_figures, d);
	if (d->engine && d->server)
		engine_flush(d->engine);
	aside_kill(d->aside);
	server_close(d->server);
	conntrack_close(d->conntrack);
	injector_close(d->injector);
	queue_close(d->queue);
	engine_free(d->engine);
	household_free(d->household);
	processes_free(d->processes);
	owners_free(d->owners);
	told_free(d->told);
	policy_free(d->policy);
	compiled_done(&d->compiled);
	config_free(d->config);
	text_done(&d->line);
	if (d->signals >= 0)
		close(d->signals);
	if (d->timer >= 0)
		close(d->timer);
	if (d->epoll >= 0)
		close(d->epoll);
}

static void on_signal(struct daemon *d)
{
	struct signalfd_siginfo s;
	struct error e = { "" };
	uint64_t ticket;

	while (read(d->signals, &s, sizeof s) == sizeof s) {
		if (s.ssi_signo == SIGHUP)
			daemon_reload(d, false, &ticket, &e);
		else
			d->stopping = true;
	}
}

/* A batch that is not full was the last one: asking again would cost more than poll. */
static void serve_queue(void *ctx)
{
	struct daemon *d = ctx;

	for (int i = 0; i < BATCHES; i++) {
		int n = queue_read(d->queue, daemon_packet, d);

		daemon_tell(d);
		if (n < (int)d->config->queue_batch)
			return;
	}
}

/* Ends of flows can wait, packets cannot: they are read by the way, many at once, and packets
 * in between. */
static void serve_conntrack(struct daemon *d)
{
	for (int i = 0; d->conntrack && i < CONNTRACK_READS; i++) {
		if (conntrack_read(d->conntrack, daemon_flow_end, d) <= 0)
			return;
		serve_queue(d);
	}
}

static void on_timer(struct daemon *d)
{
	int64_t now = clock_now_ns();
	uint64_t ticks;

	if (read(d->timer, &ticks, sizeof ticks) < 0)
		return;
	serve_conntrack(d);
	engine_tick(d->engine, now);
	daemon_late(d);
	daemon_follow_time(d, now);
	daemon_reload_poll(d);
	household_tick(d->household, d->engine, now);
	server_run(d->server, now / 1000000);
	if (d->conntrack && now - d->dumped_ns > (int64_t)DUMP_S * 1000000000) {
		conntrack_dump(d->conntrack, daemon_flow_figures, d);
		d->dumped_ns = now;
	}
}

static void loop(struct daemon *d)
{
	while (!d->stopping) {
		struct epoll_event ev[EVENTS];
		int n = epoll_wait(d->epoll, ev, EVENTS, d->follows_flows ? 0 : -1);

		if (n < 0 && errno != EINTR) {
			log_error("event loop: epoll: %s", strerror(errno));
			return;
		}
		for (int i = 0; i < n; i++) {
			if (ev[i].data.fd == queue_fd(d->queue))
				serve_queue(d);
			else if (ev[i].data.fd == d->signals)
				on_signal(d);
			else if (ev[i].data.fd == d->timer)
				on_timer(d);
			else if (d->aside && ev[i].data.fd == aside_fd(d->aside))
				daemon_reload_poll(d);
			else
				server_run(d->server, clock_now_ns() / 1000000);
		}
		if (d->follows_flows)
			daemon_follow_flows(d);
	}
}

int daemon_run(const struct run_options *o)
{
	struct daemon d = { .options = *o, .signals = -1, .timer = -1, .epoll = -1 };
	struct error e = { "" };
	int rc;

	d.started_ns = d.dumped_ns = clock_now_ns();
	rc = need_root(&e);
	if (!rc)
		rc = daemon_load(&d, &e);
	if (!rc)
		rc = start(&d, &e);
	if (rc) {
		log_error("%s", e.text);
	} else {
		log_info("run: mode %s, %s rules in the kernel, %zu names in the lists",
			 d.config->mode, rules_backend_name(d.rules),
			 index_rules(lists_index(policy_lists(d.policy))));
		loop(&d);
		log_info("stop: taking the rules out");
	}
	stop(&d);
	return rc ? 1 : 0;
}

static int with_rules_options(const struct run_options *o, struct rules_options *out,
			      struct error *e)
{
	struct config *c = NULL;
	int rc = setup_config(o->config_path, &c, e);

	if (!rc)
		rc = setup_rules(c, out, e);
	config_free(c);
	return rc;
}

int daemon_cleanup(const struct run_options *o)
{
	struct rules_options r;
	struct error e = { "" };
	int rc = with_rules_options(o, &r, &e);

	if (!rc)
		rc = rules_cleanup(&r, &e);
	if (rc)
		log_error("%s", e.text);
	return rc ? 1 : 0;
}

int daemon_show_rules(const struct run_options *o)
{
	struct rules_options r;
	struct error e = { "" };
	struct text t = { 0 };

	if (with_rules_options(o, &r, &e)) {
		log_error("%s", e.text);
		return 1;
	}
	if (r.backend != RULES_XTABLES)
		rules_text_nft(&r, 0, &t);
	if (r.backend != RULES_NFT) {
		text_str(&t, "\n# iptables-restore --noflush\n");
		rules_text_xtables(&r, 0, 4, &t);
		text_str(&t, "\n# ip6tables-restore --noflush\n");
		rules_text_xtables(&r, 0, 6, &t);
	}
	fwrite(t.at, 1, t.len, stdout);
	text_done(&t);
	return 0;
}
