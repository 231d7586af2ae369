/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of an audit: one after the other through one engine, or several at a time. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "daemon/audit_session.h"

enum { PROGRESS_MS = 100, NAME_SHOWN = 40 };

/* On one line of the terminal that is rewritten, and taken away at the end. */
struct progress {
	bool on, shown;
	int64_t next_ms;
	const char *name;
	uint64_t size; /* 0 = not known */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void progress_begin(struct progress *p, const struct session *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	*p = (struct progress){ .on = s->options->progress,
				.name = slash && slash[1] ? slash + 1 : path,
				.next_ms = now_ms() + PROGRESS_MS };
	if (p->on && !stat(path, &st) && S_ISREG(st.st_mode))
		p->size = (uint64_t)st.st_size;
}

static void progress_show(struct progress *p, const struct source *source)
{
	struct text line = { 0 };
	uint64_t at = source_position(source);

	if (!p->on || now_ms() < p->next_ms)
		return;
	text_escaped(&line, p->name, strnlen(p->name, NAME_SHOWN));
	text_str(&line, ": ");
	text_bytes(&line, at);
	if (p->size >= at && p->size)
		text_printf(&line, ", %u %%", (unsigned)(100.0 * (double)at / (double)p->size));
	if (!line.failed)
		fprintf(stderr, "\r\033[K%s", line.at);
	fflush(stderr);
	text_done(&line);
	p->shown = true;
	p->next_ms = now_ms() + PROGRESS_MS;
}

static void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}

/* What was read of a broken capture counts, and its breaking off is told. */
static int read_file(struct session *s, const char *path, bool progress)
{
	struct source *source = NULL;
	struct error e = { "" };
	struct progress p = { 0 };
	int rc = source_open_file(path, &source, &e);

	if (progress)
		progress_begin(&p, s, path);
	while (!rc) {
		rc = source_read(source, AUDIT_BATCH, session_frame, s, &e);
		if (rc == 0)
			break;
		rc = rc > 0 ? 0 : rc;
		if (s->output_failed)
			break;
		progress_show(&p, source);
	}
	progress_end(&p);
	source_close(source);
	engine_flush(s->engine);
	if (rc)
		log_error("%s", e.text);
	return rc ? 1 : 0;
}

int session_read(struct session *s, size_t file)
{
	struct error e = { "" };
	int rc = session_begin(s, &e);

	if (rc)
		log_error("%s", e.text);
	else
		rc = read_file(s, s->options->files[file], s->options->jobs < 2);
	session_end(s);
	return rc ? 1 : 0;
}

/* What an address is called is remembered from one file to the next. */
static int read_in_order(struct session *s)
{
	struct error e = { "" };
	int rc = session_begin(s, &e);

	if (rc) {
		log_error("%s", e.text);
		return 1;
	}
	for (size_t i = 0; i < s->options->file_count && !s->output_failed; i++)
		if (read_file(s, s->options->files[i], true))
			rc = 1;
	session_end(s);
	return rc;
}

/* Captures that are read at a time. Their sums are put together in the order of the files, so
 * that the table is the same whoever was first. */
struct crew {
	pthread_mutex_t lock;
	struct session *s;
	size_t next, merged, done;
	struct audit **audits; /* of the files that are read and not merged */
	bool *read;
	int rc;
	bool progress_shown;
};

struct worker {
	struct crew *crew;
	struct session *session;
	pthread_t thread;
};

/* Under the lock. */
static void merge_ready(struct crew *c)
{
	while (c->merged < c->s->options->file_count && c->read[c->merged]) {
		if (c->audits[c->merged])
			audit_merge(c->s->audit, c->audits[c->merged]);
		audit_free(c->audits[c->merged]);
		c->audits[c->merged++] = NULL;
	}
	c->done++;
	if (c->s->options->progress) {
		fprintf(stderr, "\r\033[K%zu of %zu captures", c->done, c->s->options->file_count);
		fflush(stderr);
		c->progress_shown = true;
	}
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct crew *c = w->crew;

	pthread_mutex_lock(&c->lock);
	while (c->next < c->s->options->file_count && !w->session->output_failed) {
		size_t file = c->next++;
		int rc;

		pthread_mutex_unlock(&c->lock);
		rc = session_read(w->session, file);
		pthread_mutex_lock(&c->lock);
		c->rc = rc ? rc : c->rc;
		c->audits[file] = w->session->audit;
		c->read[file] = true;
		w->session->audit = NULL;
		merge_ready(c);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Lists are read once for each: what decides is not shared. */
static int helpers_open(struct session *s, size_t n, struct error *e)
{
	s->helpers = calloc(n, sizeof(*s->helpers));
	if (!s->helpers)
		return error_set(e, -ENOMEM, "audit: out of memory");
	for (; s->helper_count < n; s->helper_count++) {
		struct session *h = &s->helpers[s->helper_count];
		int rc;

		h->anonymizer = s->anonymizer;
		h->shares_anonymizer = true;
		rc = session_open(h, s->options, e);
		if (rc) {
			session_close(h);
			return rc;
		}
	}
	return 0;
}

static int crew_work(struct session *s, struct crew *c, struct worker *workers)
{
	size_t begun = 0;

	while (begun < s->helper_count) {
		workers[begun] = (struct worker){ .crew = c, .session = &s->helpers[begun] };
		if (pthread_create(&workers[begun].thread, NULL, work, &workers[begun]))
			break;
		begun++;
	}
	for (size_t i = 0; i < begun; i++) {
		pthread_join(workers[i].thread, NULL);
		session_add_counters(s, workers[i].session);
	}
	if (c->progress_shown)
		fputs("\r\033[K", stderr);
	if (!begun)
		log_error("audit: no thread: %s", strerror(EAGAIN));
	return !begun || c->rc;
}

static int read_at_once(struct session *s)
{
	size_t files = s->options->file_count;
	size_t n = s->options->jobs < files ? s->options->jobs : files;
	struct crew c = { .s = s, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct worker *workers = calloc(n, sizeof(*workers));
	struct error e = { "" };
	int rc = 1;

	c.audits = calloc(files, sizeof(struct audit *));
	c.read = calloc(files, sizeof(*c.read));
	if (!workers || !c.audits || !c.read)
		log_error("audit: out of memory");
	else if (helpers_open(s, n, &e) || session_begin(s, &e))
		log_error("%s", e.text);
	else
		rc = crew_work(s, &c, workers);
	session_end(s);
	for (size_t i = 0; c.audits && i < files; i++)
		audit_free(c.audits[i]);
	free(c.audits);
	free(c.read);
	free(workers);
	return rc;
}

int session_read_all(struct session *s)
{
	return s->options->jobs > 1 && s->options->file_count > 1 ? read_at_once(s)
								  : read_in_order(s);
}
