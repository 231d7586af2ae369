/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of the compiled index: kept beside it, one object a line. */
#include "update/compiled.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "update/keep.h"

enum { PATH_BYTES = 4200, LISTS_MAX = 1024 };

void compiled_stamp(const char *path, char out[static 96])
{
	struct stat st;

	out[0] = '\0';
	if (!stat(path, &st))
		snprintf(out, 96, "%lld %lld.%09ld %lld.%09ld %llu", (long long)st.st_size,
			 (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec,
			 (long long)st.st_ctim.tv_sec, (long)st.st_ctim.tv_nsec,
			 (unsigned long long)st.st_ino);
}

const char *compiled_made_by(char out[static 96])
{
	struct stat st = { 0 };

	stat("/proc/self/exe", &st);
	snprintf(out, 96, "%s %lld %lld.%09ld", TACET_VERSION, (long long)st.st_size,
		 (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
	return out;
}

struct compiled_list *compiled_find(const struct compiled *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->at[i].name, name))
			return &c->at[i];
	return NULL;
}

static struct compiled_list *add(struct compiled *c, const char *name, const char *file)
{
	struct compiled_list *more = realloc(c->at, (c->count + 1) * sizeof *more);
	struct compiled_list *l = more ? &more[c->count] : NULL;

	if (!more)
		return NULL;
	c->at = more;
	*l = (struct compiled_list){ .file = strdup(file) };
	if (!l->file)
		return NULL;
	snprintf(l->name, sizeof l->name, "%s", name);
	c->count++;
	return l;
}

struct compiled_list *compiled_add(struct compiled *c, const struct config_list *from)
{
	struct compiled_list *l = add(c, from->name, from->file);

	if (!l)
		return NULL;
	snprintf(l->format, sizeof l->format, "%s", from->format);
	snprintf(l->action, sizeof l->action, "%s", from->action);
	return l;
}

void compiled_done(struct compiled *c)
{
	for (size_t i = 0; i < c->count; i++)
		free(c->at[i].file);
	free(c->at);
	*c = (struct compiled){ .at = NULL };
}

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static uint64_t number_of(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* The first line is about the index, the others about a list each. False: the file is damaged. */
static bool take_line(struct compiled *c, const json_t *o, bool first)
{
	struct compiled_list *l;

	if (first) {
		snprintf(c->made_by, sizeof c->made_by, "%s", text_of(o, "made_by"));
		c->checksum = (uint32_t)number_of(o, "checksum");
		return c->checksum;
	}
	if (!*text_of(o, "name") || !*text_of(o, "file") || c->count == LISTS_MAX)
		return false;
	l = add(c, text_of(o, "name"), text_of(o, "file"));
	if (!l)
		return false;
	snprintf(l->format, sizeof l->format, "%s", text_of(o, "format"));
	snprintf(l->action, sizeof l->action, "%s", text_of(o, "action"));
	snprintf(l->stamp, sizeof l->stamp, "%s", text_of(o, "stamp"));
	snprintf(l->sha256, sizeof l->sha256, "%s", text_of(o, "sha256"));
	snprintf(l->read_as, sizeof l->read_as, "%s", text_of(o, "read_as"));
	snprintf(l->said, sizeof l->said, "%s", text_of(o, "error"));
	l->bytes = number_of(o, "bytes");
	l->lines = number_of(o, "lines");
	l->rules = number_of(o, "rules");
	l->skipped = number_of(o, "skipped");
	l->members = (uint32_t)number_of(o, "members");
	l->generation = number_of(o, "generation");
	l->since = (int64_t)number_of(o, "since_s");
	for (int w = UPDATE_FINE + 1; w < UPDATE_WHYS; w++)
		if (!strcmp(text_of(o, "why"), update_why_name((enum update_why)w)))
			l->why = (enum update_why)w;
	return true;
}

void compiled_load(const char *dir, struct compiled *out)
{
	char path[PATH_BYTES], *line = NULL;
	bool right = true, first = true;
	size_t room = 0;
	FILE *f;

	*out = (struct compiled){ .at = NULL };
	snprintf(path, sizeof path, "%s/lists.jsonl", dir);
	f = fopen(path, "re");
	while (f && right && getline(&line, &room, f) > 0) {
		json_t *o = json_loads(line, 0, NULL);

		right = take_line(out, o, first);
		first = false;
		json_decref(o);
	}
	if (f)
		fclose(f);
	free(line);
	if (!right)
		compiled_done(out);
}

const char *compiled_state(const struct compiled_list *l)
{
	return !*l->sha256 ? "missing" : l->why ? "kept" : "ok";
}

void compiled_list_json(const struct compiled_list *l, struct text *out)
{
	json_str(out, "name", l->name);
	json_str(out, "file", l->file);
	json_str(out, "format", l->format);
	json_str(out, "state", compiled_state(l));
	json_str(out, "why", update_why_name(l->why));
	json_str(out, "error", *l->said ? l->said : NULL);
	json_u64(out, "rules", l->rules);
	json_u64(out, "lines", l->lines);
	json_u64(out, "skipped", l->skipped);
	json_u64(out, "generation", l->generation);
	if (l->since)
		json_time(out, "since", l->since * 1000000000);
}

int compiled_save(const char *dir, const struct compiled *c, struct error *e)
{
	struct text t = { 0 };
	int rc;

	json_object_begin(&t, NULL);
	json_str(&t, "made_by", c->made_by);
	json_u64(&t, "checksum", c->checksum);
	json_object_end(&t);
	json_newline(&t);
	for (size_t i = 0; i < c->count; i++) {
		const struct compiled_list *l = &c->at[i];

		json_object_begin(&t, NULL);
		compiled_list_json(l, &t);
		json_str(&t, "action", l->action);
		json_str(&t, "stamp", l->stamp);
		json_str(&t, "sha256", l->sha256);
		json_str(&t, "read_as", l->read_as);
		json_u64(&t, "bytes", l->bytes);
		json_u64(&t, "members", l->members);
		json_i64(&t, "since_s", l->since);
		json_object_end(&t);
		json_newline(&t);
	}
	rc = update_replace_file(dir, "lists.jsonl", &t, e);
	text_done(&t);
	return rc;
}

bool compiled_same_settings(const struct compiled_list *l, const struct config_list *c)
{
	return !strcmp(l->name, c->name) && !strcmp(l->file, c->file) &&
	       !strcmp(l->format, c->format) && !strcmp(l->action, c->action);
}

static bool matches(const struct compiled *r, const struct config *c, bool fresh)
{
	char stamp[sizeof r->at->stamp];
	size_t n = 0;

	for (size_t i = 0; i < c->list_count; i++) {
		const struct compiled_list *l = &r->at[n];

		if (!c->lists[i].enabled)
			continue;
		if (n++ == r->count || !compiled_same_settings(l, &c->lists[i]))
			return false;
		compiled_stamp(l->file, stamp);
		if (fresh && (strcmp(l->stamp, stamp) || (l->why && *stamp)))
			return false;
	}
	return n == r->count;
}

static struct list_source source_of(const struct config_list *l)
{
	struct list_source s = {
		.name = l->name,
		.path = l->file,
		.role = l->role,
		.action = strcmp(l->action, "allow") ? RULE_BLOCK : RULE_ALLOW,
		.log_only = l->log_only,
	};

	list_format_parse(l->format, &s.format);
	return s;
}

/* One for each list of the index. */
static struct list_source *sources_of(const struct config *c, const struct compiled *r,
				      size_t *out_count)
{
	struct list_source *s;
	size_t n = 0, members = 0;

	for (size_t i = 0; i < r->count; i++)
		members += r->at[i].members;
	s = members <= UINT16_MAX ? calloc(members + 1, sizeof *s) : NULL;
	*out_count = members;
	members = 0;
	for (size_t i = 0; s && i < c->list_count; i++) {
		if (!c->lists[i].enabled)
			continue;
		for (uint32_t k = 0; k < r->at[n].members; k++)
			s[members++] = source_of(&c->lists[i]);
		n++;
	}
	return s;
}

int compiled_open(const struct config *c, bool fresh, struct compiled *out_record,
		  struct lists **out, struct error *e)
{
	struct list_source *sources;
	char path[PATH_BYTES], made_by[96];
	struct compiled r;
	size_t count = 0;
	int rc = 0;

	rc = keep_check(c->cache_dir, e);
	if (rc)
		return rc;
	compiled_load(c->cache_dir, &r);
	if (!r.checksum || !matches(&r, c, fresh) ||
	    (fresh && strcmp(r.made_by, compiled_made_by(made_by)))) {
		compiled_done(&r);
		return error_set(e, -ESTALE, "lists: %s: the index there is of other lists",
				 c->cache_dir);
	}
	sources = sources_of(c, &r, &count);
	if (!sources)
		rc = error_set(e, -ENOMEM, "lists: %s", strerror(ENOMEM));
	snprintf(path, sizeof path, "%s/lists.idx", c->cache_dir);
	if (!rc)
		rc = lists_open(path, sources, count, out, e);
	if (!rc && index_checksum(lists_index(*out)) != r.checksum) {
		lists_free(*out);
		rc = error_set(e, -ESTALE, "lists: %s: the index there is another", path);
	}
	free(sources);
	if (rc)
		compiled_done(&r);
	else
		*out_record = r;
	return rc;
}
