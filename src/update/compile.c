/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the configured lists to the index: each list is copied and the copy judged, so that nothing
 * changes under what is compiled, and the last good copy stays when the next one is no good. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "update/keep.h"
#include "update/work.h"

/* One list on its way. */
struct job {
	struct work *w;
	const struct config_list *list;
	const struct compiled_list *was; /* NULL: new */
	struct compiled_list *now;
	bool in_place; /* bundled: read where it lies, it comes with tacet */
};

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
	char from[WORK_PATH], to[WORK_PATH], sha256[65];
	uint64_t bytes;

	snprintf(from, sizeof from, "%s.lines", j->list->file);
	work_path(j->w, j->list->name, ".new.lines", to);
	if (keep_copy(from, to, sha256, &bytes, NULL))
		unlink(to);
}

/* Copies and judges the file. What is found is in *now then, but for what is told of the past. */
static enum update_why take(struct job *j)
{
	struct compiled_list found = { .file = j->now->file };
	char path[WORK_PATH], stamp[sizeof found.stamp];
	const char *copy =
		j->in_place ? j->list->file : work_path(j->w, j->list->name, ".new", path);
	struct error e = { "" };
	enum update_why why;
	int rc =
		keep_copy(j->list->file, j->in_place ? NULL : copy, found.sha256, &found.bytes, &e);

	if (rc == -ENOENT && j->list->url_count && (!j->was || !*j->was->sha256))
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
	char path[WORK_PATH];

	if (!j->was || !*j->was->sha256 ||
	    (!j->in_place && access(work_path(j->w, l->name, ".kept", path), R_OK)))
		return;
	snprintf(l->sha256, sizeof l->sha256, "%s", j->was->sha256);
	snprintf(l->read_as, sizeof l->read_as, "%s", j->was->read_as);
	l->bytes = j->was->bytes;
	l->rules = j->was->rules;
	l->lines = j->was->lines;
	l->skipped = j->was->skipped;
	l->members = j->was->members;
}

static int look_at(struct work *w, const struct config_list *list, struct error *e)
{
	struct job j = { .w = w,
			 .list = list,
			 .was = compiled_find(&w->was, list->name),
			 .now = compiled_add(&w->now, list),
			 .in_place = work_in_place(w, list->file) };
	char path[WORK_PATH];

	if (!j.now)
		return error_set(e, -ENOMEM, "lists compile: %s", strerror(ENOMEM));
	compiled_stamp(list->file, j.now->stamp);
	if (j.was && !j.was->why && compiled_same_settings(j.was, list) &&
	    !strcmp(j.was->stamp, j.now->stamp) && !strcmp(w->was.made_by, w->now.made_by))
		stay(&j);
	if (!*j.now->sha256 && take(&j)) {
		unlink(work_path(w, list->name, ".new", path));
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
	char path[WORK_PATH];
	struct index *x = NULL;
	bool same = a->count == b->count && !strcmp(a->made_by, b->made_by) &&
		    !index_open(work_path(w, "lists", ".idx", path), &x, NULL);

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

static int run(struct work *w, bool *out_changed, struct error *e)
{
	const struct config *c = w->o->config;
	int rc = 0;

	compiled_load(c->cache_dir, &w->was);
	update_states_load(c->lists_dir, &w->fetched);
	compiled_made_by(w->now.made_by);
	for (size_t i = 0; !rc && i < c->list_count; i++)
		if (c->lists[i].enabled)
			rc = look_at(w, &c->lists[i], e);
	*out_changed = !rc && !is_unchanged(w);
	w->now.checksum = w->was.checksum;
	if (*out_changed)
		rc = work_compile(w, e);
	if (!rc) {
		work_settle(w);
		rc = compiled_save(c->cache_dir, &w->now, e);
	}
	work_sweep(w, rc);
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
