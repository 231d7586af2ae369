/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The index of what is in force, and the files of the directory brought to what they are to be. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "update/keep.h"
#include "update/work.h"

/* Rules kept in memory while compiling, the others wait in a temporary file: it costs little time
 * and half of the memory. */
enum { COMPILE_MEMORY = 4 << 20 };

const char *work_path(const struct work *w, const char *name, const char *end,
		      char out[static WORK_PATH])
{
	snprintf(out, WORK_PATH, "%s/%s%s", w->o->config->cache_dir, name, end);
	return out;
}

bool work_in_place(const struct work *w, const char *file)
{
	const char *data_dir = w->o->config->data_dir;
	size_t n = strlen(data_dir);

	return !strncmp(file, data_dir, n) && file[n] == '/';
}

/* The sources of what is in force; copies hold `copies`, to be freed like the array itself. */
static struct list_source *gather(const struct work *w, char (**out_copies)[WORK_PATH],
				  size_t *out_count)
{
	const struct config *c = w->o->config;
	struct list_source *s = calloc(w->now.count + 1, sizeof *s);
	char(*copies)[WORK_PATH] = calloc(w->now.count + 1, sizeof *copies);
	size_t n = 0, at = 0;

	*out_copies = copies;
	if (!s || !copies) {
		free(s);
		return NULL;
	}
	for (size_t i = 0; i < c->list_count; i++) {
		const struct compiled_list *l = &w->now.at[at];
		bool in_place = work_in_place(w, c->lists[i].file);

		if (!c->lists[i].enabled)
			continue;
		at++;
		if (!*l->sha256)
			continue;
		/* What was taken just now has not its last name yet. */
		if (!in_place && access(work_path(w, l->name, ".new", copies[n]), F_OK))
			work_path(w, l->name, ".kept", copies[n]);
		s[n] = (struct list_source){ .name = l->name,
					     .path = l->file,
					     .copy = in_place ? NULL : copies[n],
					     .action = strcmp(l->action, "allow") ? RULE_BLOCK
										  : RULE_ALLOW };
		list_format_parse(l->read_as, &s[n++].format);
	}
	*out_count = n;
	return s;
}

/* The same file once more where that can be: copies are replaced, never written to. */
static int take_file(const char *from, const char *to, struct error *e)
{
	char sha256[65];
	uint64_t bytes;

	unlink(to);
	return link(from, to) ? keep_copy(from, to, sha256, &bytes, e) : 0;
}

/* An index that stands alone is taken as it is: who compiled it did so for this machine too. */
static int take_index(const char *copy, const char *path, struct error *e)
{
	char from[WORK_PATH + 8], to[WORK_PATH + 8];
	struct error none = { "" };
	int rc = take_file(copy, path, e);

	snprintf(from, sizeof from, "%s.lines", copy);
	snprintf(to, sizeof to, "%s.lines", path);
	if (!rc && take_file(from, to, &none))
		unlink(to);
	return rc;
}

static int compile(struct work *w, const char *path, struct error *e)
{
	char(*copies)[WORK_PATH] = NULL;
	size_t count = 0;
	struct list_source *s = gather(w, &copies, &count);
	struct index *x = NULL;
	int rc;

	if (!s)
		rc = error_set(e, -ENOMEM, "lists compile: %s", strerror(ENOMEM));
	else if (count == 1 && s->action == RULE_BLOCK && s->copy && index_is_file(s->copy))
		rc = take_index(s->copy, path, e);
	else
		rc = lists_compile(s, count, COMPILE_MEMORY, path, e);
	free(s);
	free(copies);
	/* What was written is read back as run will read it. */
	if (!rc)
		rc = index_open(path, &x, e);
	if (!rc)
		w->now.checksum = index_checksum(x);
	index_free(x);
	return rc;
}

static int put_in_place(struct work *w, const char *path, struct error *e)
{
	char from[WORK_PATH + 8], to[WORK_PATH];
	int rc;

	snprintf(from, sizeof from, "%s.lines", path);
	rc = rename(from, work_path(w, "lists", ".idx.lines", to)) ? -errno : 0;
	if (rc == -ENOENT) /* an index without its lines */
		rc = unlink(to) && errno != ENOENT ? -errno : 0;
	if (!rc && rename(path, work_path(w, "lists", ".idx", to)))
		rc = -errno;
	return rc ? error_set(e, rc, "lists compile: %s: %s", to, strerror(-rc)) : 0;
}

static void settle(const struct work *w, const char *name, const char *as_new, const char *as_kept)
{
	char from[WORK_PATH], to[WORK_PATH];

	work_path(w, name, as_new, from);
	/* Without it there is nothing to keep, which shows when it is needed. */
	if (!access(from, F_OK) && rename(from, work_path(w, name, as_kept, to)))
		unlink(to);
}

void work_settle(const struct work *w)
{
	for (size_t i = 0; i < w->now.count; i++) {
		settle(w, w->now.at[i].name, ".new", ".kept");
		settle(w, w->now.at[i].name, ".new.lines", ".kept.lines");
	}
}

static bool ends_with(const char *text, const char *end, size_t *out_before)
{
	size_t n = strlen(text), k = strlen(end);

	if (n <= k || strcmp(text + n - k, end))
		return false;
	*out_before = n - k;
	return true;
}

/* Is it a copy of a list that is no more, or what a compile that did not end left? */
static bool is_waste(const struct work *w, const char *file, bool failed)
{
	char name[UPDATE_NAME_MAX];
	size_t n;

	if (ends_with(file, ".kept", &n) || ends_with(file, ".kept.lines", &n)) {
		if (failed || n >= sizeof name)
			return false;
		snprintf(name, sizeof name, "%.*s", (int)n, file);
		return !compiled_find(&w->now, name);
	}
	return ends_with(file, ".new", &n) || ends_with(file, ".new.lines", &n) ||
	       !strncmp(file, "lists.idx.new", strlen("lists.idx.new"));
}

void work_sweep(const struct work *w, bool failed)
{
	DIR *d = opendir(w->o->config->cache_dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (is_waste(w, entry->d_name, failed))
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}

int work_compile(struct work *w, struct error *e)
{
	char path[WORK_PATH];
	int rc = compile(w, work_path(w, "lists", ".idx.new", path), e);

	return rc ? rc : put_in_place(w, path, e);
}
