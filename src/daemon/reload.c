/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes while tacet runs: a new configuration, a pause and its end. Flows that the kernel
 * keeps go up again, so that they follow the new decision. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

void daemon_redecide(struct daemon *d)
{
	engine_set_policy(d->engine, d->policy);
	follow(d);
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
	       strcmp(a->stats_socket, b->stats_socket) ||
	       strcmp(a->control_socket, b->control_socket);
}

int daemon_reload(struct daemon *d, struct error *e)
{
	struct config *config = NULL;
	struct device_config *devices = NULL;
	struct policy *policy = NULL;
	int rc = setup_config(d->options.config_path, &config, e);

	if (!rc && d->options.monitor)
		strcpy(config->mode, "monitor");
	if (!rc)
		rc = setup_policy(config, &policy, e);
	if (!rc && (!(devices = setup_devices(config)) ||
		    !engine_set_devices(d->engine, devices, config->device_count)))
		rc = error_set(e, -ENOMEM, "devices: out of memory");
	free(devices);
	if (rc) {
		policy_free(policy);
		config_free(config);
		d->reloads_failed++;
		return rc;
	}
	if (needs_restart(d->config, config))
		log_warning("reload: [network], [queue], [limits] and [sockets] change at the next "
			    "start only");
	policy_inherit(policy, d->policy);
	policy_free(d->policy);
	d->policy = policy;
	config_free(d->config);
	d->config = config;
	d->reloads++;
	daemon_redecide(d);
	return 0;
}
