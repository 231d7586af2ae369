/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A configuration from defaults to the finished whole: bundled lists and cross-checks. */
#include "config/config.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/keys.h"

/* What comes with tacet and is on by default, or with [block] bypass. A list of exceptions gives
 * no role. */
static const struct bundled {
	const char *name, *file, *role;
	bool is_bypass;
} bundled[] = {
	{ "telemetry", "telemetry.txt", "telemetry", false },
	{ "ads", "ads.txt", "ads", false },
	{ "acr", "acr.txt", "acr", false },
	{ "tv", "tv.txt", "telemetry", false },
	{ "needed", "needed.txt", NULL, false },
	{ "encrypted-dns", "encrypted-dns.txt", "bypass", true },
};

enum { BUNDLED = sizeof(bundled) / sizeof(bundled[0]) };

static int no_memory(struct error *e)
{
	return error_set(e, -ENOMEM, "configuration: %s", strerror(ENOMEM));
}

int config_defaults(const char *section, void *base, struct error *e)
{
	const struct config_key *k;

	for (size_t i = 0; (k = config_key_at(i)); i++) {
		int rc;

		if (strcmp(k->info.section, section) || !k->info.fallback)
			continue;
		rc = config_value_set(k, base, k->info.fallback, "", e);
		if (rc)
			return rc;
	}
	return 0;
}

static void section_done(const char *section, void *base)
{
	const struct config_key *k;

	for (size_t i = 0; (k = config_key_at(i)); i++)
		if (!strcmp(k->info.section, section))
			config_value_done(k, base);
}

static void list_done(struct config_list *l)
{
	section_done("list", l);
	free(l->name);
}

void config_free(struct config *c)
{
	const struct config_key *k;

	if (!c)
		return;
	for (size_t i = 0; i < c->list_count; i++)
		list_done(&c->lists[i]);
	for (size_t i = 0; i < c->device_count; i++) {
		section_done("device", &c->devices[i]);
		free(c->devices[i].name);
	}
	for (size_t i = 0; i < c->section_count; i++) {
		section_done(c->sections[i].kind, &c->sections[i]);
		free(c->sections[i].name);
	}
	for (size_t i = 0; (k = config_key_at(i)); i++)
		if (!config_section_repeats(k->info.section))
			config_value_done(k, c);
	free(c->lists);
	free(c->devices);
	free(c->sections);
	free(c);
}

struct config_list *config_add_list(struct config *c)
{
	struct config_list *more = realloc(c->lists, (c->list_count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	c->lists = more;
	memset(&more[c->list_count], 0, sizeof(*more));
	return &more[c->list_count++];
}

struct config_device *config_add_device(struct config *c)
{
	struct config_device *more = realloc(c->devices, (c->device_count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	c->devices = more;
	memset(&more[c->device_count], 0, sizeof(*more));
	return &more[c->device_count++];
}

struct config_section *config_add_section(struct config *c)
{
	struct config_section *more = realloc(c->sections, (c->section_count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	c->sections = more;
	memset(&more[c->section_count], 0, sizeof(*more));
	return &more[c->section_count++];
}

static const struct bundled *bundled_find(const struct config *c, const char *name)
{
	for (size_t i = 0; c->bundled && i < BUNDLED; i++)
		if (!strcmp(bundled[i].name, name))
			return &bundled[i];
	return NULL;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* The file of a bundled list, to be freed; NULL without memory. */
static char *bundled_path(const struct config *c, const struct bundled *b)
{
	size_t room = strlen(c->data_dir) + 1 + strlen(b->file) + 1;
	char *path = malloc(room);

	if (path)
		snprintf(path, room, "%s/%s", c->data_dir, b->file);
	return path;
}

/* What a [list NAME] leaves open, out of the bundled list of that name. */
static int fill_list(struct config *c, struct config_list *l, const char *path, struct error *e)
{
	const struct bundled *b = bundled_find(c, l->name);

	if (l->file)
		return 0;
	if (l->url_count) {
		size_t room = strlen(c->lists_dir) + strlen(l->name) + sizeof("/.list");

		l->file = malloc(room);
		if (!l->file)
			return no_memory(e);
		snprintf(l->file, room, "%s/%s.list", c->lists_dir, l->name);
		return 0;
	}
	if (!b)
		return error_set(e, -EINVAL, "%s:%u: list '%s' has neither file nor url", path,
				 l->line, l->name);
	l->file = bundled_path(c, b);
	if (!l->role && b->role)
		l->role = strdup(b->role);
	if (!l->file || (b->role && !l->role))
		return no_memory(e);
	if (l->enabled && !is_file(l->file))
		return error_set(e, -EINVAL,
				 "%s:%u: list '%s' has no file, and there is no bundled %s", path,
				 l->line, l->name, l->file);
	return 0;
}

static struct config_list *list_find(struct config *c, const char *name)
{
	for (size_t i = 0; i < c->list_count; i++)
		if (!strcmp(c->lists[i].name, name))
			return &c->lists[i];
	return NULL;
}

/* Adds the bundled list unless the file had one of its name or data_dir has no such file. */
static int add_bundled(struct config *c, const struct bundled *b, const char *conf, struct error *e)
{
	struct config_list *l = list_find(c, b->name);
	char *path;

	if (l) {
		l->enabled = l->enabled || b->is_bypass;
		return 0;
	}
	path = bundled_path(c, b);
	if (!path)
		return no_memory(e);
	if (!is_file(path)) {
		int rc = 0;

		if (b->is_bypass)
			rc = error_set(e, -EINVAL, "%s: [block] bypass: there is no bundled %s",
				       conf, path);
		free(path);
		return rc;
	}
	l = config_add_list(c);
	if (!l) {
		free(path);
		return no_memory(e);
	}
	l->file = path;
	l->name = strdup(b->name);
	l->role = b->role ? strdup(b->role) : NULL;
	if (!l->name || (b->role && !l->role) || config_defaults("list", l, e))
		return no_memory(e);
	return 0;
}

static size_t list_rank(const struct config *c, const struct config_list *l)
{
	const struct bundled *b = bundled_find(c, l->name);

	return b ? (size_t)(b - bundled) : BUNDLED;
}

/* Bundled ones first, in their order, then the rest as in the file. */
static int order_lists(struct config *c, struct error *e)
{
	struct config_list *sorted;
	size_t n = 0;

	if (!c->list_count)
		return 0;
	sorted = calloc(c->list_count, sizeof(*sorted));
	if (!sorted)
		return no_memory(e);
	for (size_t rank = 0; rank <= BUNDLED; rank++)
		for (size_t i = 0; i < c->list_count; i++)
			if (list_rank(c, &c->lists[i]) == rank)
				sorted[n++] = c->lists[i];
	free(c->lists);
	c->lists = sorted;
	return 0;
}

static int check_devices(const struct config *c, const char *path, struct error *e)
{
	for (size_t i = 0; i < c->device_count; i++) {
		const struct config_device *d = &c->devices[i];

		if (mac_is_zero(&d->mac) && !d->address.base.family)
			return error_set(e, -EINVAL,
					 "%s:%u: device '%s' has neither mac nor address", path,
					 d->line, d->name);
		for (size_t j = 0; j < i; j++) {
			const struct config_device *o = &c->devices[j];

			if (!mac_is_zero(&d->mac) && !memcmp(&d->mac, &o->mac, sizeof(d->mac)))
				return error_set(e, -EINVAL,
						 "%s:%u: device '%s' has the mac of device '%s' "
						 "(line %u)",
						 path, d->line, d->name, o->name, o->line);
		}
	}
	return 0;
}

static bool is_group(const struct config *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->section_count; i++)
		if (!strcmp(c->sections[i].kind, "group") &&
		    !strncmp(c->sections[i].name, name, n) && !c->sections[i].name[n])
			return true;
	for (size_t i = 0; i < c->device_count; i++) {
		const char *group = c->devices[i].group;

		if (group && !strncmp(group, name, n) && !group[n])
			return true;
	}
	return false;
}

static bool is_device(const struct config *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->device_count; i++)
		if (!strncmp(c->devices[i].name, name, n) && !c->devices[i].name[n])
			return true;
	return false;
}

/* Everybody that `only` names has to be there. */
static int check_only(const struct config *c, const char *only, const char *kind, const char *name,
		      unsigned line, const char *path, struct error *e)
{
	while (only && *only) {
		size_t n = strcspn(only, ",");

		if (!is_device(c, only, n) && !is_group(c, only, n))
			return error_set(e, -EINVAL,
					 "%s:%u: [%s %s] only: there is no [device %.*s] and no "
					 "group of that name",
					 path, line, kind, name, (int)n, only);
		only += n + (only[n] == ',');
		only += strspn(only, " \t");
	}
	return 0;
}

static int check_policies(const struct config *c, const char *path, struct error *e)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < c->section_count; i++) {
		const struct config_section *s = &c->sections[i];

		if (!strcmp(s->kind, "group") && is_device(c, s->name, strlen(s->name)))
			return error_set(e, -EINVAL, "%s:%u: group '%s': a device has that name",
					 path, s->line, s->name);
		rc = check_only(c, s->policy.only, s->kind, s->name, s->line, path, e);
	}
	for (size_t i = 0; !rc && i < c->list_count; i++)
		rc = check_only(c, c->lists[i].policy.only, "list", c->lists[i].name,
				c->lists[i].line, path, e);
	return rc;
}

int config_finish(struct config *c, const char *path, struct error *e)
{
	int rc;

	assert(c->stats_socket && c->control_socket); /* they have defaults */
	if (!strcmp(c->stats_socket, c->control_socket))
		return error_set(e, -EINVAL, "%s: [sockets] stats and control are the same path",
				 path);
	for (size_t i = 0; i < c->list_count; i++) {
		rc = fill_list(c, &c->lists[i], path, e);
		if (rc)
			return rc;
	}
	for (size_t i = 0; i < BUNDLED; i++) {
		if (!(bundled[i].is_bypass ? c->bypass : c->bundled))
			continue;
		rc = add_bundled(c, &bundled[i], path, e);
		if (rc)
			return rc;
	}
	rc = order_lists(c, e);
	if (!rc)
		rc = check_devices(c, path, e);
	return rc ? rc : check_policies(c, path, e);
}

static int plain_defaults(struct config *c, const char *data_dir, struct error *e)
{
	const struct config_key *k;
	const char *last = "";

	c->data_dir = strdup(data_dir ? data_dir : TACET_DATADIR);
	if (!c->data_dir)
		return no_memory(e);
	for (size_t i = 0; (k = config_key_at(i)); i++) {
		int rc;

		if (config_section_repeats(k->info.section) || !strcmp(k->info.section, last))
			continue;
		last = k->info.section;
		rc = config_defaults(last, c, e);
		if (rc)
			return rc;
	}
	return 0;
}

int config_load(const char *path, const char *data_dir, struct config **out, struct error *e)
{
	struct config *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return no_memory(e);
	rc = plain_defaults(c, data_dir, e);
	if (!rc && path)
		rc = config_parse(path, c, e);
	if (!rc)
		rc = config_finish(c, path ? path : "defaults", e);
	if (rc)
		config_free(c);
	else
		*out = c;
	return rc;
}

int config_default(const char *data_dir, struct config **out, struct error *e)
{
	return config_load(NULL, data_dir, out, e);
}

static void show_section(const char *section, const char *label, const void *base, struct text *out)
{
	const struct config_key *k;

	text_printf(out, "%s[%s%s%s]\n", out->len ? "\n" : "", section, *label ? " " : "", label);
	for (size_t i = 0; (k = config_key_at(i)); i++)
		if (!strcmp(k->info.section, section))
			config_value_show(k, base, out);
}

void config_show(const struct config *c, struct text *out)
{
	const struct config_key *k;
	const char *last = "";

	for (size_t i = 0; (k = config_key_at(i)); i++) {
		if (config_section_repeats(k->info.section) || !strcmp(k->info.section, last))
			continue;
		last = k->info.section;
		show_section(last, "", c, out);
	}
	for (size_t i = 0; i < c->list_count; i++)
		show_section("list", c->lists[i].name, &c->lists[i], out);
	for (size_t i = 0; i < c->device_count; i++)
		show_section("device", c->devices[i].name, &c->devices[i], out);
	for (size_t i = 0; i < c->section_count; i++)
		show_section(c->sections[i].kind, c->sections[i].name, &c->sections[i], out);
}
