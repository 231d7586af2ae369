/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of a file, an interface or a command through the same engine that `run` uses. */
#include "daemon/audit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/command.h"
#include "daemon/setup.h"
#include "netfilter/watch.h"
#include "process/process.h"
#include "report/report.h"
#include "source/source.h"

/* Rows of the table: names a household's evening brings are hundreds. */
enum { AUDIT_ROWS = 65536, BATCH = 256, POLL_MS = 100, DRAIN_MS = 300 };
/* Connection mark of a watched command: beside the default mask of `run`. */
enum { WATCH_MASK = 0x70000000, WATCH_SHIFT = 28 };

struct session {
	const struct audit_options *options;
	struct config *config;
	struct policy *policy;
	struct engine *engine;
	struct audit *audit;
	struct processes *processes; /* of a live audit */
	struct text line;
	bool output_failed;
};

static void put_line(struct session *s)
{
	json_newline(&s->line);
	if (s->line.failed || fwrite(s->line.at, 1, s->line.len, stdout) != s->line.len)
		s->output_failed = true;
	text_clear(&s->line);
}

/* Of a command all is this machine's; of what goes over an interface what the kernel noted is. */
static bool find_process(struct session *s, const struct process_flow *f, struct process *out)
{
	return s->processes && processes_find(s->processes, f, s->options->command, out);
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
	struct process p;

	audit_flow(s->audit, r);
	if (!s->options->json)
		return;
	if (find_process(s, &f, &p))
		copy.process = &p;
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
	struct process p;

	audit_dns(s->audit, r);
	if (!s->options->json)
		return;
	if (find_process(s, &f, &p))
		copy.process = &p;
	report_dns_json(&s->line, &copy, 0);
	put_line(s);
}

static void on_frame(void *ctx, const struct frame *f)
{
	struct session *s = ctx;

	engine_frame(s->engine, f);
}

static int session_open(struct session *s, struct error *e)
{
	struct record_sink sink = {
		.ctx = s, .fingerprints = s->options->json, .flow = on_flow, .dns = on_dns
	};
	int rc = setup_config(s->options->config_path, &s->config, e);

	if (!rc)
		rc = setup_policy(s->config, &s->policy, e);
	if (!rc)
		rc = setup_engine(s->config, false, &sink, &s->engine, e);
	if (rc)
		return rc;
	s->audit = audit_new(AUDIT_ROWS);
	if (!s->audit)
		return error_set(e, -ENOMEM, "audit: out of memory");
	engine_set_policy(s->engine, s->policy);
	if (s->options->json && !s->options->file_count && s->config->processes)
		s->processes = processes_new(NULL);
	return 0;
}

static void session_close(struct session *s)
{
	audit_free(s->audit);
	engine_free(s->engine);
	processes_free(s->processes);
	policy_free(s->policy);
	config_free(s->config);
	text_done(&s->line);
}

/* What was read of a broken capture counts, and its breaking off is told. */
static int read_file(struct session *s, const char *path)
{
	struct source *source = NULL;
	struct error e = { "" };
	int rc = source_open_file(path, &source, &e);

	while (!rc) {
		rc = source_read(source, BATCH, on_frame, s, &e);
		if (rc == 0)
			break;
		rc = rc > 0 ? 0 : rc;
		if (s->output_failed)
			break;
	}
	source_close(source);
	engine_flush(s->engine);
	if (rc)
		log_error("%s", e.text);
	return rc;
}

static int read_files(struct session *s)
{
	int rc = 0;

	for (size_t i = 0; i < s->options->file_count && !s->output_failed; i++)
		if (read_file(s, s->options->files[i]))
			rc = 1;
	return rc;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until a signal, the end of the time, or a while after the end of the command. */
static int watch_live(struct session *s, struct source *source, struct command *command,
		      int *out_status, struct error *e)
{
	struct pollfd fds[] = { { .fd = source_fd(source), .events = POLLIN },
				{ .fd = open_signals(), .events = POLLIN } };
	int64_t end = s->options->seconds ? monotonic_ms() + (int64_t)s->options->seconds * 1000
					  : INT64_MAX;
	struct signalfd_siginfo got;
	bool over = false;
	int rc = 0;

	while (rc >= 0 && monotonic_ms() < end && !s->output_failed) {
		poll(fds, 2, POLL_MS);
		/* Frames that the source has read already do not wake poll. */
		do
			rc = source_read(source, BATCH, on_frame, s, e);
		while (rc == BATCH && !s->output_failed);
		if (read(fds[1].fd, &got, sizeof got) == sizeof got) {
			if (!command)
				break;
			command_signal(command, (int)got.ssi_signo);
		}
		if (command && !over && command_ended(command, out_status)) {
			over = true;
			end = monotonic_ms() + DRAIN_MS;
		}
	}
	close(fds[1].fd);
	if (source_dropped(source))
		log_warning("audit: %llu packets came too fast and are missing",
			    (unsigned long long)source_dropped(source));
	engine_flush(s->engine);
	return rc < 0 ? rc : 0;
}

static int audit_interface(struct session *s)
{
	struct source *source = NULL;
	struct error e = { "" };
	int unused, rc = source_open_live(s->options->ifname, &source, &e);

	if (!rc) {
		log_info("audit: watching %s%s", s->options->ifname,
			 s->options->seconds ? "" : "; Ctrl-C ends it");
		rc = watch_live(s, source, NULL, &unused, &e);
	}
	source_close(source);
	if (rc)
		log_error("%s", e.text);
	return rc ? 1 : 0;
}

static int audit_command(struct session *s)
{
	unsigned id = (unsigned)getpid();
	struct watch_options w = {
		.group = (uint16_t)(1024 + id % 60000),
		.mark_mask = WATCH_MASK,
		.mark = (1 + id % 7) << WATCH_SHIFT,
		.id = id,
	};
	struct command *command = NULL;
	struct source *source = NULL;
	struct watch *watch = NULL;
	struct error e = { "" };
	int status = 1, rc = command_prepare(&command, &e);

	if (!rc)
		rc = source_open_nflog(w.group, &source, &e);
	if (!rc) {
		w.cgroup = command_cgroup(command);
		rc = watch_install(&w, &watch, &e);
	}
	if (!rc)
		rc = command_start(command, s->options->command, &e);
	if (rc == -ENOENT || rc == -EACCES)
		status = rc == -ENOENT ? 127 : 126;
	if (!rc)
		rc = watch_live(s, source, command, &status, &e);
	watch_remove(watch);
	command_free(command);
	source_close(source);
	if (rc)
		log_error("%s", e.text);
	return status;
}

static int finish(struct session *s)
{
	const struct engine_counters *c = engine_counters(s->engine);

	if (s->options->json) {
		audit_summary_json(s->audit, c, &s->line);
		put_line(s);
	} else {
		audit_table(s->audit, c, s->options->width, s->options->colour, &s->line);
		if (s->line.failed || fwrite(s->line.at, 1, s->line.len, stdout) != s->line.len)
			s->output_failed = true;
	}
	if (fflush(stdout) || s->output_failed) {
		log_error("audit: standard output: %s", strerror(errno ? errno : EIO));
		return 1;
	}
	return 0;
}

int audit_run(const struct audit_options *o)
{
	struct session s = { .options = o };
	struct error e = { "" };
	int status = 1;

	if (session_open(&s, &e)) {
		log_error("%s", e.text);
	} else {
		if (o->command)
			status = audit_command(&s);
		else if (o->ifname)
			status = audit_interface(&s);
		else
			status = read_files(&s);
		/* Where nothing could be read an empty table would only hide the message. */
		if (o->json || !status || engine_counters(s.engine)->frames)
			status = finish(&s) && !status ? 1 : status;
	}
	session_close(&s);
	return status;
}
