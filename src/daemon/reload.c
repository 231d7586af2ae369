/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes while tacet runs: a new configuration, a pause and its end. Flows that the kernel
 * keeps go up again, so that they follow the new decision. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "daemon/daemon.h"

/* Places of the flow table at a time: packets do not wait for more. */
enum { FOLLOW_PLACES = 512 };

static void follow(struct daemon *d)
{
	struct error e = { "" };

	d->generation = engine_generation(d->engine);
	if (rules_next_generation(d->rules, &e))
		log_warning("%s; flows decided before stay as they were", e.text);
	d->following = 0;
	d->follows_flows = d->conntrack != NULL;
}

/* The next generation brings up what says something; who only receives has to be called. */
static void call_up(void *ctx, const struct engine_flow *f)
{
	struct daemon *d = ctx;
	const struct conntrack_end flow = { .proto = f->proto,
					    .src = f->src,
					    .dst = f->dst,
					    .sport = f->sport,
					    .dport = f->dport };

	if (!conntrack_mark(d->conntrack, &flow, rules_mark(d->rules, 0, MARK_CHANGED),
			    rules_mark_mask(d->rules)))
		d->called_up++;
}

void daemon_follow_flows(struct daemon *d)
{
	d->follows_flows = engine_each_changed(d->engine, &d->following, FOLLOW_PLACES, call_up, d);
}

/* The engine at once; the kernel with the next tick, for many changes together: each is two runs of
 * iptables-restore, and packets wait meanwhile. */
void daemon_redecide(struct daemon *d)
{
	engine_set_policy(d->engine, d->policy);
}

void daemon_pause(struct daemon *d, int64_t until_ns)
{
	policy_pause(d->policy, until_ns);
	daemon_redecide(d);
}

void daemon_follow_time(struct daemon *d, int64_t now_ns)
{
	int64_t until = policy_paused_until(d->policy);

	if (until && until <= now_ns) {
		log_info("resume: the pause is over");
		daemon_pause(d, 0);
	} else if (d->generation != engine_generation(d->engine)) {
		follow(d);
	}
}

/* What is fixed when tacet starts: sockets, queue, rules, tables. */
static bool needs_restart(const struct config *a, const struct config *b)
{
	return strcmp(a->backend, b->backend) || a->lan_count != b->lan_count ||
	       memcmp(a->lan, b->lan, sizeof a->lan) || a->forward != b->forward ||
	       a->local != b->local || a->between_lan != b->between_lan ||
	       a->processes != b->processes || a->mark_mask != b->mark_mask ||
	       a->queue_number != b->queue_number || a->queue_length != b->queue_length ||
	       a->queue_copy_bytes != b->queue_copy_bytes || a->queue_batch != b->queue_batch ||
	       a->max_flows != b->max_flows || a->max_names != b->max_names ||
	       a->max_hellos != b->max_hellos || a->tcp_idle_s != b->tcp_idle_s ||
	       a->udp_idle_s != b->udp_idle_s || a->max_clients != b->max_clients ||
	       a->client_buffer_bytes != b->client_buffer_bytes ||
	       a->client_idle_s != b->client_idle_s || a->max_questions != b->max_questions ||
	       a->max_refused != b->max_refused || a->max_devices != b->max_devices ||
	       a->max_sessions != b->max_sessions || strcmp(a->stats_socket, b->stats_socket) ||
	       strcmp(a->control_socket, b->control_socket);
}

/* Taken before the files are read: a change on the way shows the next time. */
static void take_stamps(const struct config *c, char out[STAMPS][96])
{
	static const char *const files[STAMPS] = { [STAMP_CATALOGUE] = "catalogue.tsv",
						   [STAMP_BYPASS] = "encrypted-dns.txt",
						   [STAMP_FAILURES] = "failures.conf" };
	char path[1024];

	for (int i = STAMP_CONFIG + 1; i < STAMPS; i++) {
		snprintf(path, sizeof path, "%s/%s", c->data_dir, files[i]);
		compiled_stamp(path, out[i]);
	}
}

static int read_config(const struct daemon *d, struct config **out, char stamps[STAMPS][96],
		       struct error *e)
{
	const char *path = setup_config_path(d->options.config_path);
	int rc;

	compiled_stamp(path ? path : "", stamps[STAMP_CONFIG]);
	rc = setup_config(path, out, e);
	if (!rc && d->options.monitor)
		strcpy((*out)->mode, "monitor");
	if (!rc)
		take_stamps(*out, stamps);
	return rc;
}

/* The list of makers is long: it is read again only where another one is named. */
static void follow_household(struct daemon *d, const struct config *config)
{
	struct household *household;

	if (!strcmp(config->leases, d->config->leases) &&
	    !strcmp(config->vendors, d->config->vendors))
		return;
	household = household_new(config);
	if (!household)
		return;
	household_free(d->household);
	d->household = household;
}

/* All that a policy is to be made of. */
struct parts {
	struct config *config;
	struct lists *lists;
	struct compiled compiled;
	char stamps[STAMPS][96];
};

/* Is all of it in force already? */
static bool is_in_force(const struct daemon *d, const struct parts *p)
{
	return d->compiled.count && d->compiled.checksum == p->compiled.checksum &&
	       !memcmp(d->stamps, p->stamps, sizeof d->stamps);
}

static void put_in_force(struct daemon *d, struct parts *p, struct policy *policy)
{
	if (needs_restart(d->config, p->config))
		log_warning("reload: [network], [queue], [limits] and [sockets] change at the next "
			    "start only");
	policy_inherit(policy, d->policy);
	policy_free(d->policy);
	d->policy = policy;
	follow_household(d, p->config);
	config_free(d->config);
	d->config = p->config;
	p->config = NULL;
	memcpy(d->stamps, p->stamps, sizeof d->stamps);
}

static int make_policy(struct daemon *d, struct parts *p, struct policy **out, struct error *e)
{
	/* The catalogue is the longest to read of what packets wait for. */
	bool same = !strcmp(d->stamps[STAMP_CATALOGUE], p->stamps[STAMP_CATALOGUE]) &&
		    !strcmp(d->config->data_dir, p->config->data_dir);
	struct device_config *devices;
	int rc = setup_policy(p->config, p->lists, same ? policy_share_catalogue(d->policy) : NULL,
			      out, e);

	p->lists = NULL;
	if (rc)
		return rc;
	devices = setup_devices(p->config);
	if (!devices || !engine_set_devices(d->engine, devices, p->config->device_count)) {
		rc = error_set(e, -ENOMEM, "devices: out of memory");
		policy_free(*out);
	}
	free(devices);
	return rc;
}

/* Puts configuration and compiled lists in force. Sets *out_stale, if it is given and lists have to
 * be compiled first. */
static int swap(struct daemon *d, bool *out_stale, struct error *e)
{
	struct parts p = { .config = NULL };
	struct policy *policy = NULL;
	bool changed = false;
	int rc = read_config(d, &p.config, p.stamps, e);

	if (!rc) {
		rc = compiled_open(p.config, out_stale != NULL, &p.compiled, &p.lists, e);
		if (rc && out_stale)
			*out_stale = true;
	}
	if (!rc && !is_in_force(d, &p)) {
		changed = true;
		rc = make_policy(d, &p, &policy, e);
		if (!rc)
			put_in_force(d, &p, policy);
	}
	lists_free(p.lists);
	config_free(p.config);
	if (rc) {
		compiled_done(&p.compiled);
		return rc;
	}
	compiled_done(&d->compiled);
	d->compiled = p.compiled;
	d->reloads++;
	log_info("reload: %s, %zu rules, in force after %lld ms",
		 changed ? "new" : "nothing changed",
		 index_rules(lists_index(policy_lists(d->policy))),
		 (long long)(clock_now_ns() - d->reload_began_ns) / 1000000);
	if (changed)
		daemon_redecide(d);
	return 0;
}

static int failed(struct daemon *d, int rc, const struct error *e)
{
	d->reloads_failed++;
	log_error("reload: %s; nothing was changed", e->text);
	return rc;
}

static int compile_aside(struct daemon *d, bool force, struct error *e)
{
	const struct aside_options o = { d->options.config_path, force, true };
	int rc = aside_start(&o, &d->aside, e);
	struct epoll_event ev = { .events = EPOLLIN };

	if (rc)
		return rc;
	ev.data.fd = aside_fd(d->aside);
	/* Without a descriptor it is asked every tick. */
	if (ev.data.fd >= 0)
		epoll_ctl(d->epoll, EPOLL_CTL_ADD, ev.data.fd, &ev);
	d->ticket++;
	return 0;
}

int daemon_reload(struct daemon *d, bool force, uint64_t *out_ticket, struct error *e)
{
	bool stale = force;
	int rc = 0;

	*out_ticket = 0;
	if (d->aside) {
		/* What it read may be older than what is asked for. */
		d->again = true;
		d->again_force = d->again_force || force;
		*out_ticket = d->ticket + 1;
		return 0;
	}
	d->reload_began_ns = clock_now_ns();
	if (!force)
		rc = swap(d, &stale, e);
	if (!stale && !rc)
		daemon_lists_log(d);
	if (stale)
		rc = compile_aside(d, force, e);
	if (rc)
		return failed(d, rc, e);
	if (!stale)
		return 0;
	*out_ticket = d->ticket;
	return 0;
}

static void answer(struct daemon *d, uint64_t ticket, int rc, const struct error *e)
{
	struct text data = { 0 };

	if (!rc)
		daemon_state_changed(d, &data);
	server_answer(d->server, ticket, rc, &data, e);
	text_done(&data);
}

void daemon_reload_poll(struct daemon *d)
{
	struct error e = { "" };
	struct aside *ended = d->aside;
	bool force = d->again_force;
	uint64_t ticket;
	int rc;

	if (!ended || !aside_ended(ended))
		return;
	d->aside = NULL;
	rc = aside_end(ended, &e);
	if (!rc)
		rc = swap(d, NULL, &e);
	if (rc)
		failed(d, rc, &e);
	answer(d, d->ticket, rc, &e);
	if (!d->again)
		return;
	d->again = d->again_force = false;
	e.text[0] = '\0';
	rc = daemon_reload(d, force, &ticket, &e);
	if (!rc && ticket)
		return;
	d->ticket++;
	answer(d, d->ticket, rc, &e);
}

static int log_level_of(const char *word)
{
	static const char *const words[] = { "error", "warning", "info", "debug" };

	for (int i = 0; i < 4; i++)
		if (!strcmp(word, words[i]))
			return i;
	return LOG_LEVEL_INFO;
}

/* Lists compiled before, if no list changed since; else compiled now; else, rather than none, those
 * of before or, where there is no place for an index, in memory. */
static int load_lists(struct daemon *d, struct lists **out, struct error *e)
{
	const struct aside_options o = { d->options.config_path, false, false };
	struct aside *a = NULL;
	struct error why = { "" };
	int rc = compiled_open(d->config, true, &d->compiled, out, e);

	if (!rc) {
		daemon_lists_log(d);
		return 0;
	}
	rc = aside_start(&o, &a, &why);
	if (!rc)
		rc = aside_end(a, &why);
	if (!compiled_open(d->config, false, &d->compiled, out, e)) {
		if (rc)
			log_error("%s; the lists of before are in force", why.text);
		return 0;
	}
	log_warning("%s; lists are compiled in memory, which takes more of it",
		    rc ? why.text : e->text);
	*out = NULL;
	return 0;
}

int daemon_load(struct daemon *d, struct error *e)
{
	struct lists *lists = NULL;
	int rc = read_config(d, &d->config, d->stamps, e);

	if (rc)
		return rc;
	log_init((enum log_level)log_level_of(d->config->log_level));
	rc = load_lists(d, &lists, e);
	return rc ? rc : setup_policy(d->config, lists, NULL, &d->policy, e);
}
