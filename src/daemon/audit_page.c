/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of an audit: the facts of how it was made, and its file. */
#define _GNU_SOURCE /* mkostemp */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/audit_session.h"
#include "report/page.h"

enum { LIVE_TEXT = 160 };

/* A file that cannot be read (again), such as standard input, has no hash. */
static void look_at(const char *path, struct page_file *f)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	struct stat st;
	void *at;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode)) {
		f->bytes = (uint64_t)st.st_size;
		f->modified_ns = (int64_t)st.st_mtim.tv_sec * 1000000000;
		at = f->bytes && f->bytes <= SIZE_MAX
			     ? mmap(NULL, (size_t)f->bytes, PROT_READ, MAP_PRIVATE, fd, 0)
			     : MAP_FAILED;
		if (at != MAP_FAILED) {
			sha256(at, (size_t)f->bytes, f->sha256);
			f->hashed = true;
			munmap(at, (size_t)f->bytes);
		}
	}
	if (fd >= 0)
		close(fd);
}

static void look_at_lists(const struct lists *lists, struct page_list *out)
{
	for (size_t i = 0; i < lists_count(lists); i++) {
		const struct list_source *source = lists_source(lists, (uint16_t)i);
		const struct list_counts *counts = lists_counts(lists, (uint16_t)i);

		out[i] = (struct page_list){
			.name = source->name,
			.rules = counts->rules,
			.lines = counts->lines,
		};
		for (int why = LIST_SKIP_BLANK + 1; why < LIST_SKIPS; why++)
			out[i].skipped += counts->skipped[why];
		look_at(source->path, &out[i].file);
	}
}

static void look_at_captures(const struct audit_options *o, struct page_file *out,
			     char (*names)[32])
{
	for (size_t i = 0; i < o->file_count; i++) {
		snprintf(names[i], sizeof(names[i]), "capture %zu", i + 1);
		out[i].name = o->anonymize		 ? names[i]
			      : strcmp(o->files[i], "-") ? o->files[i]
							 : "standard input";
		look_at(o->files[i], &out[i]);
	}
}

/* Arguments of a command may hold what is nobody's business. */
static const char *live_text(const struct audit_options *o, char buf[static LIVE_TEXT])
{
	if (!o->command && !o->ifname)
		return NULL;
	if (o->anonymize)
		return o->command ? "a command" : "an interface";
	snprintf(buf, LIVE_TEXT, "%s %.120s", o->command ? "the command" : "the interface",
		 o->command ? o->command[0] : o->ifname);
	return buf;
}

/* Beside its place first: a page is whole, or is not there. It is its owner's alone. */
static int write_file(const char *path, const struct text *t)
{
	size_t n = strlen(path) + 8;
	char *beside = malloc(n);
	struct stat st;
	bool plain = stat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
	FILE *f = NULL;
	int fd, rc;

	if (!beside)
		return -ENOMEM;
	snprintf(beside, n, "%s.XXXXXX", path);
	fd = plain ? mkostemp(beside, O_CLOEXEC) : open(path, O_WRONLY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	rc = f ? 0 : -errno;
	if (f) {
		if (fwrite(t->at, 1, t->len, f) != t->len)
			rc = -errno;
		if (fclose(f) && !rc)
			rc = -errno;
		if (!rc && plain && rename(beside, path))
			rc = -errno;
		if (rc && plain)
			unlink(beside);
	}
	free(beside);
	return rc;
}

static int put(const char *path, const struct text *t)
{
	int rc = t->failed ? -ENOMEM : 0;

	if (!rc && !strcmp(path, "-"))
		rc = fwrite(t->at, 1, t->len, stdout) == t->len && !fflush(stdout) ? 0 : -errno;
	else if (!rc)
		rc = write_file(path, t);
	if (rc)
		log_error("audit: page: %s: %s", path, strerror(-rc));
	return rc ? 1 : 0;
}

int audit_page(struct session *s)
{
	const struct audit_options *o = s->options;
	const struct lists *lists = policy_lists(s->policy);
	struct page_file *captures = calloc(o->file_count + 1, sizeof(*captures));
	struct page_list *list = calloc(lists_count(lists) + 1, sizeof(*list));
	char(*names)[32] = calloc(o->file_count + 1, sizeof(*names));
	char live[LIVE_TEXT], path[1024];
	struct text t = { 0 };
	struct page_facts f = {
		.version = TACET_VERSION,
		.live = live_text(o, live),
		.captures = captures,
		.capture_count = o->file_count,
		.lists = list,
		.list_count = lists_count(lists),
		.catalogue_rows = catalogue_rows(policy_catalogue(s->policy)),
		.monitor = strcmp(s->config->mode, "enforce") != 0,
		.anonymous = o->anonymize,
	};
	int rc = 1;

	if (captures && list && names) {
		look_at_captures(o, captures, names);
		look_at_lists(lists, list);
		snprintf(path, sizeof(path), "%s/catalogue.tsv", s->config->data_dir);
		look_at(path, &f.catalogue);
		page_write(s->audit, &s->counters, &f, &t);
		rc = put(o->html, &t);
	} else {
		log_error("audit: page: out of memory");
	}
	text_done(&t);
	free(captures);
	free(list);
	free(names);
	return rc;
}
