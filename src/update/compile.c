/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configured lists to the index: each list is copied and the copy judged, so that nothing
 * changes under what is compiled, and the last good copy stays when the next one is no good. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/compiled.h"
#include "update/keep.h"

/* Rules kept in memory while compiling, the others wait in a temporary file: it costs little time
 * and half of the memory. */
enum { COMPILE_MEMORY = 4 << 20, PATH_BYTES = 4200 };

struct work {
	const struct compile_options *o;
	struct compiled was, now;
	struct update_states fetched; /* what `lists update` says of its copies */
};

/* One list on its way. */
struct job {
	struct work *w;
	const struct config_list *list;
	const struct compiled_list *was; /* NULL: new */
	struct compiled_list *now;
	bool in_place; /* bundled: read where it lies, it comes with tacet */
};

static const char *path_of(const struct work *w, const char *name, const char *end,
			   char out[static PATH_BYTES])
{
	snprintf(out, PATH_BYTES, "%s/%s%s", w->o->config->cache_dir, name, end);
	return out;
}

static enum update_why refuse(struct job *j, enum update_why why, const struct error *e)
{
	snprintf(j->now->said, sizeof j->now->said, "%.*s", UPDATE_SAID_MAX - 1, e->text);
	j->now->why = why;
	return why;
}

static int count_index(const char *path, struct compiled_list *l, struct error *e)
{
	struct index *x = NULL;
	int rc = index_open(path, &x, e);

	if (rc)
		return rc;
	l->members = (uint32_t)index_lists(x);
	l->rules = index_rules(x);
	for (size_t i = 0; i < l->members; i++) {
		l->lines += index_list_at(x, i).lines;
		l->skipped += index_list_at(x, i).skipped;
	}
	index_free(x);
	return 0;
}

/* What is in the copy (or the bundled file). */
static int count_list(const struct job *j, const char *copy, struct compiled_list *l,
		      struct error *e)
{
	struct list_source src = { .name = j->list->name, .path = j->list->file, .copy = copy };
	struct list_counts counts = { 0 };
	int rc;

	if (index_is_file(copy))
		return count_index(copy, l, e);
	list_format_parse(j->list->format, &src.format);
	rc = list_read(&src, 0, NULL, &counts, NULL, NULL, e);
	l->members = 1;
	l->rules = counts.rules;
	l->lines = counts.lines;
	for (int i = LIST_SKIP_BLANK + 1; i < LIST_SKIPS; i++)
		l->skipped += counts.skipped[i];
	return rc;
}

/* `lists update` compared what it put in place with what was there before. */
static bool is_vouched_for(const struct job *j, const char *sha256)
{
	struct update_state *s = update_state_find(&j->w->fetched, j->list->name, false);

	return j->list->url_count && s && !strcmp(s->sha256, sha256);
}

static enum update_why judge(struct job *j, const char *copy, struct compiled_list *l,
			     struct error *e)
{
	const char *wanted = j->list->sha256;
	bool vouched = is_vouched_for(j, l->sha256);

	if (!l->bytes) {
		error_set(e, -ENODATA, "%s: empty", j->list->file);
		return UPDATE_CONTENT;
	}
	/* An address of a checksum was asked when the list was fetched. */
	if (wanted && !strchr(wanted, ':') && strcasecmp(wanted, l->sha256)) {
		error_set(e, -EBADMSG, "%s: SHA-256 is %s, not %s", j->list->file, l->sha256,
			  wanted);
		return UPDATE_CHECKSUM;
	}
	if (count_list(j, copy, l, e))
		return UPDATE_CONTENT;
	if (j->was && !strcmp(j->was->file, l->file) && !vouched && !j->w->o->force &&
	    update_shrank(l->rules, j->was->rules, j->list->shrink_percent)) {
		error_set(e, -ERANGE,
			  "%s: %llu rules, %llu before: more than %u %% less; `tacet reload "
			  "--force` takes it",
			  j->list->file, (unsigned long long)l->rules,
			  (unsigned long long)j->was->rules, j->list->shrink_percent);
		return UPDATE_SHRUNK;
	}
	return UPDATE_FINE;
}

/* The lines of an index's rules are beside it; without them rules have none. */
static void copy_lines(const struct job *j)
{
	char from[PATH_BYTES], to[PATH_BYTES], sha256[65];
	uint64_t bytes;

	snprintf(from, sizeof from, "%s.lines", j->list->file);
	path_of(j->w, j->list->name, ".new.lines", to);
	if (keep_copy(from, to, sha256, &bytes, NULL))
		unlink(to);
}

/* Copies and judges the file. What is found is in *now then, but for what is told of the past. */
static enum update_why take(struct job *j)
{
	struct compiled_list found = { .file = j->now->file };
	char path[PATH_BYTES], stamp[sizeof found.stamp];
	const char *copy = j->in_place ? j->list->file : path_of(j->w, j->list->name, ".new", path);
	struct error e = { "" };
	enum update_why why;
	int rc =
		keep_copy(j->list->file, j->in_place ? NULL : copy, found.sha256, &found.bytes, &e);

	if (rc == -ENOENT && j->list->url_count && !j->was)
		error_set(&e, rc, "not fetched yet: `tacet lists update` does");
	if (rc)
		return refuse(j, rc == -ENOSPC || rc == -EDQUOT ? UPDATE_DISK : UPDATE_FILE, &e);
	compiled_stamp(j->list->file, stamp);
	if (strcmp(stamp, j->now->stamp)) {
		error_set(&e, -EAGAIN, "%s: it changed while it was read", j->list->file);
		return refuse(j, UPDATE_FILE, &e);
	}
	why = judge(j, copy, &found, &e);
	if (why)
		return refuse(j, why, &e);
	if (!j->in_place && index_is_file(copy))
		copy_lines(j);
	snprintf(j->now->sha256, sizeof j->now->sha256, "%s", found.sha256);
	snprintf(j->now->read_as, sizeof j->now->read_as, "%s", j->list->format);
	j->now->bytes = found.bytes;
	j->now->rules = found.rules;
	j->now->lines = found.lines;
	j->now->skipped = found.skipped;
	j->now->members = found.members;
	return UPDATE_FINE;
}

/* What is in force stays. */
static void stay(struct job *j)
{
	struct compiled_list *l = j->now;
	char path[PATH_BYTES];

	if (!j->was || !*j->was->sha256 ||
	    (!j->in_place && access(path_of(j->w, l->name, ".kept", path), R_OK)))
		return;
	snprintf(l->sha256, sizeof l->sha256, "%s", j->was->sha256);
	snprintf(l->read_as, sizeof l->read_as, "%s", j->was->read_as);
	l->bytes = j->was->bytes;
	l->rules = j->was->rules;
	l->lines = j->was->lines;
	l->skipped = j->was->skipped;
	l->members = j->was->members;
}

static bool is_in_place(const struct config *c, const char *file)
{
	size_t n = strlen(c->data_dir);

	return !strncmp(file, c->data_dir, n) && file[n] == '/';
}

static int look_at(struct work *w, const struct config_list *list, struct error *e)
{
	struct job j = { .w = w,
			 .list = list,
			 .was = compiled_find(&w->was, list->name),
			 .now = compiled_add(&w->now, list),
			 .in_place = is_in_place(w->o->config, list->file) };
	char path[PATH_BYTES];

	if (!j.now)
		return error_set(e, -ENOMEM, "lists compile: %s", strerror(ENOMEM));
	compiled_stamp(list->file, j.now->stamp);
	if (j.was && !j.was->why && compiled_same_settings(j.was, list) &&
	    !strcmp(j.was->stamp, j.now->stamp) && !strcmp(w->was.made_by, w->now.made_by))
		stay(&j);
	if (!*j.now->sha256 && take(&j)) {
		unlink(path_of(w, list->name, ".new", path));
		/* A bundled list has no copy that could stay. */
		if (!j.in_place)
			stay(&j);
		/* With the disk full the next copy would fail too: all stays as it is. */
		if (j.now->why == UPDATE_DISK)
			return error_set(e, -ENOSPC, "lists compile: %s", j.now->said);
		if (w->o->refused)
			w->o->refused(w->o->ctx, j.now);
	}
	j.now->generation = j.was ? j.was->generation : 0;
	j.now->since = j.was ? j.was->since : 0;
	if (*j.now->sha256 && (!j.was || strcmp(j.was->sha256, j.now->sha256))) {
		j.now->generation++;
		j.now->since = w->o->now;
	}
	return 0;
}

/* Is what is in force of each list, and how it is read, what it was? */
static bool is_unchanged(const struct work *w)
{
	const struct compiled *a = &w->was, *b = &w->now;
	char path[PATH_BYTES];
	struct index *x = NULL;
	bool same = a->count == b->count && !strcmp(a->made_by, b->made_by) &&
		    !index_open(path_of(w, "lists", ".idx", path), &x, NULL);

	same = same && index_checksum(x) == a->checksum;
	index_free(x);
	for (size_t i = 0; same && i < a->count; i++)
		same = !strcmp(a->at[i].name, b->at[i].name) &&
		       !strcmp(a->at[i].file, b->at[i].file) &&
		       !strcmp(a->at[i].read_as, b->at[i].read_as) &&
		       !strcmp(a->at[i].action, b->at[i].action) &&
		       !strcmp(a->at[i].sha256, b->at[i].sha256);
	return same;
}

/* The sources of what is in force; copies hold `copies`, to be freed like the array itself. */
static struct list_source *gather(const struct work *w, char (**out_copies)[PATH_BYTES],
				  size_t *out_count)
{
	const struct config *c = w->o->config;
	struct list_source *s = calloc(w->now.count + 1, sizeof *s);
	char(*copies)[PATH_BYTES] = calloc(w->now.count + 1, sizeof *copies);
	size_t n = 0, at = 0;

	for (size_t i = 0; s && copies && i < c->list_count; i++) {
		const struct compiled_list *l = &w->now.at[at];
		bool in_place = is_in_place(c, c->lists[i].file);

		if (!c->lists[i].enabled)
			continue;
		at++;
		if (!*l->sha256)
			continue;
		/* What was taken just now has not its last name yet. */
		if (!in_place && access(path_of(w, l->name, ".new", copies[n]), F_OK))
			path_of(w, l->name, ".kept", copies[n]);
		s[n] = (struct list_source){ .name = l->name,
					     .path = l->file,
					     .copy = in_place ? NULL : copies[n],
					     .action = strcmp(l->action, "allow") ? RULE_BLOCK
										  : RULE_ALLOW };
		list_format_parse(l->read_as, &s[n++].format);
	}
	*out_copies = copies;
	*out_count = n;
	return copies ? s : NULL;
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
	char from[PATH_BYTES + 8], to[PATH_BYTES + 8];
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
	char(*copies)[PATH_BYTES] = NULL;
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
	char from[PATH_BYTES + 8], to[PATH_BYTES];
	int rc;

	snprintf(from, sizeof from, "%s.lines", path);
	rc = rename(from, path_of(w, "lists", ".idx.lines", to)) ? -errno : 0;
	if (rc == -ENOENT) /* an index without its lines */
		rc = unlink(to) && errno != ENOENT ? -errno : 0;
	if (!rc && rename(path, path_of(w, "lists", ".idx", to)))
		rc = -errno;
	return rc ? error_set(e, rc, "lists compile: %s: %s", to, strerror(-rc)) : 0;
}

static void settle(const struct work *w, const char *name, const char *as_new, const char *as_kept)
{
	char from[PATH_BYTES], to[PATH_BYTES];

	path_of(w, name, as_new, from);
	/* Without it there is nothing to keep, which shows when it is needed. */
	if (!access(from, F_OK) && rename(from, path_of(w, name, as_kept, to)))
		unlink(to);
}

static void settle_copies(const struct work *w)
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

static void sweep(const struct work *w, bool failed)
{
	DIR *d = opendir(w->o->config->cache_dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (is_waste(w, entry->d_name, failed))
			unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
}

static int run(struct work *w, bool *out_changed, struct error *e)
{
	const struct config *c = w->o->config;
	char path[PATH_BYTES];
	int rc = 0;

	compiled_load(c->cache_dir, &w->was);
	update_states_load(c->lists_dir, &w->fetched);
	compiled_made_by(w->now.made_by);
	for (size_t i = 0; !rc && i < c->list_count; i++)
		if (c->lists[i].enabled)
			rc = look_at(w, &c->lists[i], e);
	*out_changed = !rc && !is_unchanged(w);
	w->now.checksum = w->was.checksum;
	path_of(w, "lists", ".idx.new", path);
	if (*out_changed)
		rc = compile(w, path, e);
	if (*out_changed && !rc)
		rc = put_in_place(w, path, e);
	if (!rc) {
		settle_copies(w);
		rc = compiled_save(c->cache_dir, &w->now, e);
	}
	sweep(w, rc);
	update_states_done(&w->fetched);
	compiled_done(&w->was);
	compiled_done(&w->now);
	return rc;
}

int compile_run(const struct compile_options *o, bool *out_changed, struct error *e)
{
	struct work w = { .o = o };
	int lock = keep_lock(o->config->cache_dir, e), rc;

	*out_changed = false;
	if (lock < 0)
		return lock;
	rc = run(&w, out_changed, e);
	close(lock);
	return rc;
}
