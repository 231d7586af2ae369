/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an audit is made with, and where its records go. */
#include "daemon/audit_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/process.h"

/* Rows of the table: names a household's evening brings are hundreds. */
enum { AUDIT_ROWS = 65536 };

/* One call a line: those of several threads do not mix. */
static void put_line(struct session *s)
{
	json_newline(&s->line);
	if (s->line.failed || fwrite(s->line.at, 1, s->line.len, stdout) != s->line.len)
		s->output_failed = true;
	text_clear(&s->line);
}

/* Of a command all is this machine's; of what goes over an interface what the kernel noted is. */
static const struct process *find_process(struct session *s, const struct process_flow *f,
					  struct process *out)
{
	if (!s->processes || s->anonymizer ||
	    !processes_find(s->processes, f, s->options->command, out))
		return NULL;
	return out;
}

/* A comparison prints none. */
static bool prints_records(const struct session *s)
{
	return s->options->json && !s->options->compare;
}

static void on_flow(void *ctx, const struct flow_record *r)
{
	struct session *s = ctx;
	struct flow_record copy = *r;
	struct process_flow f = {
		.proto = r->proto,
		.src = r->src,
		.dst = r->dst,
		.sport = r->sport,
		.dport = r->dport,
	};
	char device[ANONYM_MAX];
	struct process p;

	if (s->anonymizer)
		anonymize_flow(s->anonymizer, &copy, device);
	audit_flow(s->audit, &copy);
	if (!prints_records(s))
		return;
	copy.process = find_process(s, &f, &p);
	report_flow_json(&s->line, &copy, 0);
	put_line(s);
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	struct session *s = ctx;
	struct dns_record copy = *r;
	struct process_flow f = {
		.proto = r->proto,
		.src = r->client,
		.dst = r->server,
		.sport = r->cport,
		.dport = r->port,
	};
	char device[ANONYM_MAX];
	struct process p;

	if (s->anonymizer)
		anonymize_dns(s->anonymizer, &copy, device);
	audit_dns(s->audit, &copy);
	if (!prints_records(s))
		return;
	copy.process = find_process(s, &f, &p);
	report_dns_json(&s->line, &copy, 0);
	put_line(s);
}

/* Devices are known by what an anonymized record of theirs would say. */
static const char *device_of(struct session *s, const char *device, struct mac *io_mac,
			     struct addr *io_addr, char buf[static ANONYM_MAX])
{
	struct flow_record r = { .mac = *io_mac, .src = *io_addr, .device = device };

	if (!s->anonymizer)
		return device;
	anonymize_flow(s->anonymizer, &r, buf);
	*io_mac = r.mac;
	*io_addr = (struct addr){ .family = 0 };
	return r.device;
}

static void on_session(void *ctx, const struct session_record *r)
{
	struct session *s = ctx;
	struct session_record copy = *r;
	char buf[ANONYM_MAX];

	copy.device = device_of(s, r->device, &copy.mac, &copy.addr, buf);
	if (s->anonymizer)
		copy.hostname = NULL;
	audit_session(s->audit, &copy);
	if (!prints_records(s))
		return;
	report_session_json(&s->line, &copy, 0);
	put_line(s);
}

static void on_companion(void *ctx, const struct companion_record *r)
{
	struct session *s = ctx;
	struct companion_record copy = *r;
	struct companion companion = *r->companion;
	char buf[ANONYM_MAX];

	copy.device = device_of(s, r->device, &copy.mac, &copy.addr, buf);
	if (s->anonymizer) {
		copy.hostname = NULL;
		anonymize_name(&companion.name);
		companion.device = (struct whose){ 0 };
	}
	copy.companion = &companion;
	audit_companion(s->audit, &copy);
	if (!prints_records(s))
		return;
	report_companion_json(&s->line, &copy);
	put_line(s);
}

static void on_suspect(void *ctx, const struct suspect *one)
{
	struct session *s = ctx;
	struct suspect copy = *one;

	if (s->anonymizer)
		anonymize_name(&copy.name);
	audit_suspect(s->audit, &copy);
	if (!prints_records(s))
		return;
	report_suspect_json(&s->line, &copy);
	put_line(s);
}

void session_frame(void *session, const struct frame *f)
{
	struct session *s = session;

	engine_frame(s->engine, f);
}

int session_open(struct session *s, const struct audit_options *o, struct error *e)
{
	int rc;

	s->options = o;
	rc = setup_config(o->config_path, &s->config, e);
	if (!rc)
		rc = setup_policy(s->config, NULL, NULL, &s->policy, e);
	if (rc)
		return rc;
	if (o->json && !o->file_count && s->config->processes)
		s->processes = processes_new(NULL);
	if (!o->anonymize || s->anonymizer)
		return 0;
	s->anonymizer = anonymizer_new();
	return s->anonymizer ? 0 : error_set(e, -ENOMEM, "audit: out of memory");
}

int session_begin(struct session *s, struct error *e)
{
	struct record_sink sink = {
		.ctx = s,
		.fingerprints = s->options->json,
		.flow = on_flow,
		.dns = on_dns,
		.session = on_session,
	};
	int rc = setup_engine(s->config, false, &sink, &s->engine, e);

	if (rc)
		return rc;
	engine_set_policy(s->engine, s->policy);
	if (!s->audit)
		s->audit = audit_new(AUDIT_ROWS);
	return s->audit ? 0 : error_set(e, -ENOMEM, "audit: out of memory");
}

/* All of it is numbers of one size. */
static void counters_add(struct engine_counters *to, const struct engine_counters *more)
{
	enum { NUMBERS = sizeof(*to) / sizeof(uint64_t) };
	uint64_t a[NUMBERS], b[NUMBERS];

	_Static_assert(sizeof(*to) % sizeof(uint64_t) == 0, "counters are uint64_t");
	memcpy(a, to, sizeof(a));
	memcpy(b, more, sizeof(b));
	for (size_t i = 0; i < NUMBERS; i++)
		a[i] += b[i];
	memcpy(to, a, sizeof(a));
}

void session_add_counters(struct session *s, const struct session *more)
{
	counters_add(&s->counters, &more->counters);
}

void session_end(struct session *s)
{
	if (!s->engine)
		return;
	engine_flush(s->engine);
	if (s->audit) {
		engine_each_companion(s->engine, on_companion, s);
		engine_each_suspect(s->engine, on_suspect, s);
	}
	counters_add(&s->counters, engine_counters(s->engine));
	engine_free(s->engine);
	s->engine = NULL;
}

void session_close(struct session *s)
{
	audit_free(s->audit);
	for (size_t i = 0; i < s->helper_count; i++)
		session_close(&s->helpers[i]);
	free(s->helpers);
	engine_free(s->engine);
	processes_free(s->processes);
	policy_free(s->policy);
	config_free(s->config);
	text_done(&s->line);
	if (!s->shares_anonymizer)
		anonymizer_free(s->anonymizer);
	*s = (struct session){ 0 };
}
