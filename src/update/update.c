/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of a list from its address to its place: mirrors, checks, rename, what is remembered. */
#include "update/update.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "classify/lists.h"

/* Lists below that may shrink as they like: people write them. Waits double from the first. */
enum { SHRINK_FROM = 100, WAIT_FIRST_S = 900, DIGEST_FILE_MAX = 65536, PATH_BYTES = 4200 };

struct job {
	const struct update_options *o;
	const struct config_list *list;
	struct update_state *state; /* of the list; new_* belong to the download */
	char part[PATH_BYTES];
	char new_sha256[65];
	struct list_counts counts;
	struct stat found;
};

static int digest_file(const char *path, char out[65], uint64_t *out_bytes)
{
	uint8_t buf[16384], digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	sha256_init(&ctx);
	*out_bytes = 0;
	while ((n = read(fd, buf, sizeof buf)) > 0) {
		sha256_update(&ctx, (size_t)n, buf);
		*out_bytes += (uint64_t)n;
	}
	close(fd);
	sha256_digest(&ctx, sizeof digest, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return n < 0 ? -EIO : 0;
}

/* The digest that a sha256sum(1) file says for `base`; of one alone, that one. */
static bool digest_said(FILE *f, const char *base, char out[65])
{
	char line[1024];
	bool any = false;

	while (fgets(line, sizeof line, f)) {
		size_t n = strspn(line, "0123456789abcdefABCDEF");
		char *name = line + n;

		if (n != 64)
			continue;
		name += strspn(name, " \t*");
		name[strcspn(name, "\r\n")] = '\0';
		if (!any || !strcmp(name, base))
			snprintf(out, 65, "%.64s", line);
		any = true;
		if (!strcmp(name, base))
			break;
	}
	return any;
}

static enum update_why wanted_digest(struct job *j, const char *url, char out[65], struct error *e)
{
	const char *base = strrchr(url, '/');
	char path[PATH_BYTES + 16];
	struct fetch f = { .url = j->list->sha256,
			   .path = path,
			   .etag = "",
			   .modified = "",
			   .name = j->list->name,
			   .limits = { DIGEST_FILE_MAX, j->o->config->list_connect_s,
				       j->o->config->list_stall_s, j->o->config->list_total_s } };
	bool said = false;
	FILE *file;

	if (!strchr(j->list->sha256, ':')) {
		snprintf(out, 65, "%s", j->list->sha256);
		return UPDATE_FINE;
	}
	snprintf(path, sizeof path, "%s.part", j->part);
	if (!fetch_url(&f, e)) {
		file = fopen(path, "re");
		said = file && digest_said(file, base ? base + 1 : "", out);
		if (file)
			fclose(file);
		if (!said)
			error_set(e, -EBADMSG, "%s: says no SHA-256", f.shown);
	}
	unlink(path);
	return said ? UPDATE_FINE : UPDATE_CHECKSUM;
}

bool update_shrank(uint64_t has, uint64_t had, uint32_t percent)
{
	return had >= SHRINK_FROM && has * 100 < had * (100 - percent);
}

static enum update_why check(struct job *j, const char *url, const char *shown, struct error *e)
{
	struct list_source src = { .name = j->list->name, .path = j->part };
	char wanted[65];
	uint64_t bytes = 0, had = j->state->rules;
	int rc;

	list_format_parse(j->list->format, &src.format);
	rc = digest_file(j->part, j->new_sha256, &bytes);

	if (rc) {
		error_set(e, rc, "%s: %s", j->part, strerror(-rc));
		return UPDATE_DISK;
	}
	if (j->list->sha256) {
		if (wanted_digest(j, url, wanted, e))
			return UPDATE_CHECKSUM;
		if (strcasecmp(wanted, j->new_sha256)) {
			error_set(e, -EBADMSG, "%s: SHA-256 is %s, not %s", shown, j->new_sha256,
				  wanted);
			return UPDATE_CHECKSUM;
		}
	}
	if (!bytes) {
		error_set(e, -ENODATA, "%s: empty", shown);
		return UPDATE_CONTENT;
	}
	if (list_read(&src, 0, NULL, &j->counts, NULL, NULL, e))
		return UPDATE_CONTENT;
	if (!j->o->force && update_shrank(j->counts.rules, had, j->list->shrink_percent)) {
		error_set(e, -ERANGE,
			  "%s: %llu rules, %llu before: more than %u %% less; `tacet lists update "
			  "--force %s` takes it",
			  shown, (unsigned long long)j->counts.rules, (unsigned long long)had,
			  j->list->shrink_percent, j->list->name);
		return UPDATE_SHRUNK;
	}
	return UPDATE_FINE;
}

static void sync_folder(const char *path)
{
	char folder[PATH_BYTES];
	char *slash;
	int fd;

	snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (!slash)
		return;
	slash[1] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static enum update_why put_in_place(struct job *j, bool *out_changed, struct error *e)
{
	struct update_state *s = j->state;
	struct stat st;

	*out_changed = strcmp(s->sha256, j->new_sha256) || stat(j->list->file, &st);
	if (stat(j->part, &j->found) || (*out_changed && rename(j->part, j->list->file))) {
		error_set(e, -errno, "%s: %s", j->list->file, strerror(errno));
		return UPDATE_DISK;
	}
	if (!*out_changed)
		return UPDATE_FINE;
	sync_folder(j->list->file);
	s->generation++;
	s->fetched = j->o->now;
	snprintf(s->sha256, sizeof s->sha256, "%s", j->new_sha256);
	s->bytes = (uint64_t)j->found.st_size;
	s->rules = j->counts.rules;
	s->skipped = 0;
	for (int i = LIST_SKIP_BLANK + 1; i < LIST_SKIPS; i++)
		s->skipped += j->counts.skipped[i];
	return UPDATE_FINE;
}

/* Two bytes of its SHA-256: enough to see that a password or a query changed, too few to find one
 * by trying. */
static const char *url_check(const char *url, char out[static 8])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, strlen(url), (const uint8_t *)url);
	sha256_digest(&ctx, sizeof digest, digest);
	snprintf(out, 8, "%02x%02x", digest[0], digest[1]);
	return out;
}

/* Is the copy still the one that the state is about? Only then may a server say "not modified". */
static bool copy_is_known(const struct job *j, const char *url)
{
	char shown[UPDATE_URL_MAX], digits[8];
	struct stat st;

	return !j->o->force && !strcmp(j->state->url, url_shown(url, shown)) &&
	       !strcmp(j->state->url_check, url_check(url, digits)) && !stat(j->list->file, &st) &&
	       (uint64_t)st.st_size == j->state->bytes && st.st_size;
}

static enum update_why from_mirror(struct job *j, const char *url, bool *out_changed,
				   uint32_t *out_wait_s, struct error *e)
{
	const struct config *c = j->o->config;
	bool known = copy_is_known(j, url);
	struct fetch f = { .url = url,
			   .path = j->part,
			   .etag = known ? j->state->etag : "",
			   .modified = known ? j->state->modified : "",
			   .name = j->list->name,
			   .progress = j->o->progress,
			   .ctx = j->o->ctx,
			   .limits = { c->list_max_bytes, c->list_connect_s, c->list_stall_s,
				       c->list_total_s } };
	enum update_why why = fetch_url(&f, e);

	*out_wait_s = f.retry_after_s;
	if (!why && f.same && !known) {
		error_set(e, -EPROTO, "%s: not modified, but nobody asked", f.shown);
		why = UPDATE_NETWORK;
	}
	if (!why && !f.same)
		why = check(j, url, f.shown, e);
	if (!why && !f.same)
		why = put_in_place(j, out_changed, e);
	if (!why && !f.same) {
		snprintf(j->state->url, sizeof j->state->url, "%s", f.shown);
		url_check(url, j->state->url_check);
		snprintf(j->state->etag, sizeof j->state->etag, "%s", f.new_etag);
		snprintf(j->state->modified, sizeof j->state->modified, "%s", f.new_modified);
	}
	unlink(j->part);
	return why;
}

/* The first mirror with a good list ends it; else the last failure is what is told. */
static bool update_list(struct job *j, bool *out_changed)
{
	struct update_state *s = j->state;
	int64_t wait = (int64_t)j->list->refresh_h * 3600, backoff = WAIT_FIRST_S;
	uint32_t asked = 0;
	struct error e = { "" };

	snprintf(j->part, sizeof j->part, "%s.part", j->list->file);
	for (size_t i = 0; i < j->list->url_count; i++) {
		s->why = from_mirror(j, j->list->urls[i], out_changed, &asked, &e);
		if (!s->why)
			break;
	}
	s->checked = j->o->now;
	s->failures = s->why ? s->failures + 1 : 0;
	snprintf(s->said, sizeof s->said, "%.*s", UPDATE_SAID_MAX - 1, s->why ? e.text : "");
	for (uint32_t i = 1; i < s->failures && backoff < wait; i++)
		backoff *= 2;
	if (s->why && backoff < wait)
		wait = backoff;
	s->due = s->checked + (asked > wait ? (int64_t)asked : wait);
	return !s->why;
}

static bool is_wanted(const struct update_options *o, const struct config_list *l)
{
	if (!l->url_count || (!l->enabled && !o->count))
		return false;
	for (size_t i = 0; i < o->count; i++)
		if (!strcmp(o->names[i], l->name))
			return true;
	return !o->count;
}

static int check_names(const struct update_options *o, struct error *e)
{
	for (size_t i = 0; i < o->count; i++) {
		bool found = false;

		for (size_t k = 0; k < o->config->list_count; k++)
			found = found || (!strcmp(o->config->lists[k].name, o->names[i]) &&
					  o->config->lists[k].url_count);
		if (!found)
			return error_set(
				e, -ENOENT,
				"lists update: %s: there is no list of that name with a url",
				o->names[i]);
	}
	return 0;
}

/* The lock is a file of its own that stays; the kernel lets go of it when the process ends. */
static int lock(const char *dir, struct error *e)
{
	char path[PATH_BYTES];
	int fd, rc;

	if (mkdir(dir, 0755) && errno != EEXIST)
		return error_set(e, -errno,
				 "lists update: %s: %s; make it, and give it to who "
				 "updates the lists",
				 dir, strerror(errno));
	snprintf(path, sizeof path, "%s/lock", dir);
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return error_set(e, -errno, "lists update: %s: %s", path, strerror(errno));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
	close(fd);
	return error_set(e, rc, "lists update: %s: %s", dir,
			 rc == -EBUSY ? "another update is running" : strerror(-rc));
}

int update_run(const struct update_options *o, unsigned *out_changed, unsigned *out_failed,
	       struct error *e)
{
	const struct config *c = o->config;
	struct update_states states;
	int rc = check_names(o, e), fd = rc ? rc : lock(c->lists_dir, e);

	*out_changed = *out_failed = 0;
	if (fd < 0)
		return fd;
	update_states_load(c->lists_dir, &states);
	for (size_t i = 0; i < c->list_count && !rc; i++) {
		struct job j = { .o = o, .list = &c->lists[i] };
		bool changed = false;

		if (!is_wanted(o, j.list))
			continue;
		j.state = update_state_find(&states, j.list->name, true);
		if (!j.state) {
			rc = error_set(e, -ENOMEM, "lists update: %s", strerror(ENOMEM));
			break;
		}
		if (o->due && j.state->due > o->now)
			continue;
		*out_failed += !update_list(&j, &changed);
		*out_changed += changed;
		/* After each: who is killed on the way forgets one list at most. */
		rc = update_states_save(c->lists_dir, &states, e);
		o->told(o->ctx, j.state, changed);
	}
	update_states_done(&states);
	close(fd);
	return rc;
}
