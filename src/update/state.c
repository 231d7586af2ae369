/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of lists between two updates. */
#define _GNU_SOURCE /* memrchr */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "update/update.h"

enum { LINE_MAX_BYTES = 4096, STATES_MAX = 1024, PATH_BYTES = 4200 };

static const char *const why_names[UPDATE_WHYS] = {
	[UPDATE_NETWORK] = "network",	[UPDATE_TIMEOUT] = "timeout", [UPDATE_SIZE] = "size",
	[UPDATE_CHECKSUM] = "checksum", [UPDATE_CONTENT] = "content", [UPDATE_SHRUNK] = "shrunk",
	[UPDATE_DISK] = "disk",		[UPDATE_FILE] = "file",
};

const char *update_why_name(enum update_why w)
{
	return (unsigned)w < UPDATE_WHYS ? why_names[w] : NULL;
}

const char *url_shown(const char *url, char out[static UPDATE_URL_MAX])
{
	const char *host = strstr(url, "//"), *at, *query;
	size_t head = host ? (size_t)(host + 2 - url) : 0, end = strcspn(url + head, "/?#");

	/* The last '@' of the authority ends the user's part (RFC 3986, 3.2.1). */
	at = host ? memrchr(url + head, '@', end) : NULL;
	host = at ? at + 1 : url + head;
	query = strchr(host, '?');
	snprintf(out, UPDATE_URL_MAX, "%.*s%.*s%s", (int)head, url,
		 query ? (int)(query - host) : (int)strlen(host), host, query ? "?..." : "");
	return out;
}

static void take_text(const json_t *o, const char *key, char *out, size_t n)
{
	const char *s = json_string_value(json_object_get(o, key));

	snprintf(out, n, "%s", s ? s : "");
}

static uint64_t take_number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

static void take_line(struct update_states *all, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *why = json_string_value(json_object_get(o, "why")), *url;
	struct update_state *s = NULL;

	if (name && *name && strlen(name) < UPDATE_NAME_MAX && all->count < STATES_MAX)
		s = update_state_find(all, name, true);
	if (s) {
		url = json_string_value(json_object_get(o, "url"));
		url_shown(url ? url : "", s->url);
		take_text(o, "url_check", s->url_check, sizeof s->url_check);
		take_text(o, "etag", s->etag, sizeof s->etag);
		take_text(o, "modified", s->modified, sizeof s->modified);
		take_text(o, "sha256", s->sha256, sizeof s->sha256);
		take_text(o, "error", s->said, sizeof s->said);
		s->bytes = take_number(o, "bytes");
		s->rules = take_number(o, "rules");
		s->skipped = take_number(o, "skipped");
		s->generation = take_number(o, "generation");
		s->checked = (int64_t)take_number(o, "checked_s");
		s->fetched = (int64_t)take_number(o, "fetched_s");
		s->due = (int64_t)take_number(o, "due_s");
		s->failures = (uint32_t)take_number(o, "failures");
		for (int w = UPDATE_FINE + 1; why && w < UPDATE_WHYS; w++)
			if (!strcmp(why, why_names[w]))
				s->why = (enum update_why)w;
	}
	json_decref(o);
}

void update_states_load(const char *dir, struct update_states *out)
{
	char path[PATH_BYTES], line[LINE_MAX_BYTES];
	FILE *f;

	*out = (struct update_states){ 0 };
	snprintf(path, sizeof path, "%s/state.jsonl", dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		take_line(out, line);
	if (f)
		fclose(f);
}

void update_state_json(const struct update_state *s, struct text *out)
{
	json_str(out, "name", s->name);
	json_str(out, "state", !s->why ? "ok" : s->generation ? "kept" : "missing");
	json_str(out, "why", update_why_name(s->why));
	json_str(out, "error", *s->said ? s->said : NULL);
	json_str(out, "url", *s->url ? s->url : NULL);
	json_str(out, "url_check", *s->url_check ? s->url_check : NULL);
	json_str(out, "etag", *s->etag ? s->etag : NULL);
	json_str(out, "modified", *s->modified ? s->modified : NULL);
	json_str(out, "sha256", *s->sha256 ? s->sha256 : NULL);
	json_u64(out, "bytes", s->bytes);
	json_u64(out, "rules", s->rules);
	json_u64(out, "skipped", s->skipped);
	json_u64(out, "generation", s->generation);
	json_i64(out, "checked_s", s->checked);
	json_i64(out, "fetched_s", s->fetched);
	json_i64(out, "due_s", s->due);
	json_u64(out, "failures", s->failures);
}

static int write_file(const char *path, const struct text *t)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, t->at ? t->at : "", t->len) != (ssize_t)t->len || fsync(fd))
		rc = errno ? -errno : -ENOSPC;
	close(fd);
	return rc;
}

int update_replace_file(const char *dir, const char *name, const struct text *t, struct error *e)
{
	char path[PATH_BYTES], part[PATH_BYTES + 8];
	int rc;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	snprintf(part, sizeof part, "%s.part", path);
	errno = 0;
	rc = t->failed ? -ENOMEM : write_file(part, t);
	if (!rc && rename(part, path))
		rc = -errno;
	if (!rc)
		return 0;
	unlink(part);
	return error_set(e, rc, "lists: %s: %s", path, strerror(-rc));
}

int update_states_save(const char *dir, const struct update_states *s, struct error *e)
{
	struct text t = { 0 };
	int rc;

	for (size_t i = 0; i < s->count; i++) {
		json_object_begin(&t, NULL);
		update_state_json(&s->at[i], &t);
		json_object_end(&t);
		json_newline(&t);
	}
	rc = update_replace_file(dir, "state.jsonl", &t, e);
	text_done(&t);
	return rc;
}

void update_states_done(struct update_states *s)
{
	free(s->at);
	*s = (struct update_states){ 0 };
}

struct update_state *update_state_find(struct update_states *s, const char *name, bool make)
{
	struct update_state *more;

	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->at[i].name, name))
			return &s->at[i];
	more = make ? realloc(s->at, (s->count + 1) * sizeof *more) : NULL;
	if (!more)
		return NULL;
	s->at = more;
	more = &s->at[s->count++];
	*more = (struct update_state){ 0 };
	snprintf(more->name, sizeof more->name, "%s", name);
	return more;
}
