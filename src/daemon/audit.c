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
#include "daemon/audit_session.h"
#include "daemon/command.h"
#include "netfilter/watch.h"
#include "process/process.h"
#include "source/source.h"

enum { POLL_MS = 100, DRAIN_MS = 300 };
/* Connection mark of a watched command: beside the default mask of `run`. */
enum { WATCH_MASK = 0x70000000, WATCH_SHIFT = 28 };

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
			rc = source_read(source, AUDIT_BATCH, session_frame, s, e);
		while (rc == AUDIT_BATCH && !s->output_failed);
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

static int print(struct session *s)
{
	if (s->line.failed ||
	    fwrite(s->line.at ? s->line.at : "", 1, s->line.len, stdout) != s->line.len)
		s->output_failed = true;
	if (!fflush(stdout) && !s->output_failed)
		return 0;
	log_error("audit: standard output: %s", strerror(errno ? errno : EIO));
	return 1;
}

static int finish(struct session *s)
{
	const struct audit_options *o = s->options;
	const struct engine_counters *c = &s->counters;
	int rc = 0;

	if (o->html)
		rc = audit_page(s);
	if (o->html && !strcmp(o->html, "-"))
		return rc;
	if (o->json) {
		audit_summary_json(s->audit, c, &s->line);
		json_newline(&s->line);
	} else {
		audit_table(s->audit, c, o->width, o->colour, &s->line);
	}
	return print(s) || rc;
}

static int compare(struct session *s)
{
	const struct audit_options *o = s->options;
	struct audit *before;
	int rc;

	if (session_read(s, 0))
		return 1;
	before = s->audit;
	s->audit = NULL;
	rc = session_read(s, 1);
	if (!rc) {
		if (o->json)
			audit_compare_json(before, s->audit, &s->line);
		else
			audit_compare(before, s->audit, o->width, o->colour, &s->line);
		rc = print(s);
	}
	audit_free(before);
	return rc;
}

/* Where nothing could be read an empty table would only hide the message. */
static int audit_all(struct session *s)
{
	const struct audit_options *o = s->options;
	int status;

	if (o->command || o->ifname) {
		struct error e = { "" };

		if (session_begin(s, &e)) {
			log_error("%s", e.text);
			return 1;
		}
		status = o->command ? audit_command(s) : audit_interface(s);
		session_end(s);
	} else {
		status = session_read_all(s);
	}
	if (o->json || !status || s->counters.frames)
		return finish(s) && !status ? 1 : status;
	return status;
}

int audit_run(const struct audit_options *o)
{
	struct session s = { 0 };
	struct error e = { "" };
	int status = 1;

	if (session_open(&s, o, &e))
		log_error("%s", e.text);
	else
		status = o->compare ? compare(&s) : audit_all(&s);
	session_close(&s);
	return status;
}
