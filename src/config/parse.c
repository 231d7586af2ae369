/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file of tacet.conf(5) into a struct config. inih splits lines into key and value; how it
 * was built (longest line, continuation lines, byte order mark, what it does after an error)
 * differs between distributions, so lines reach it one by one, checked and trimmed, and sections
 * are read here: inih cuts their names at 50 bytes and says nothing of empty ones. */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"

/* The least that any build of inih takes: 200 with "\r\n" and the NUL. */
enum {
	LINE_TEXT_MAX = 197,
	LABEL_TEXT_MAX = 63,
	LISTS_MAX = 256,
	DEVICES_MAX = 1024,
	SECTIONS_MAX = 256
};

struct parser {
	FILE *file;
	const char *path;
	char *dir; /* of the file, absolute */
	struct config *config;
	struct error *e;
	unsigned line;
	const char *section; /* "tacet", "list", ..., NULL before the first */
	void *base;	     /* what the section's offsets are relative to */
	int rc;		     /* the first error, and where */
	unsigned rc_line;
	unsigned set_at[CONFIG_KEYS_MAX]; /* line of each key */
};

__attribute__((format(printf, 3, 4))) static bool fail(struct parser *p, int rc, const char *fmt,
						       ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	p->rc = error_set(p->e, rc, "%s:%u: %s", p->path, p->line, what);
	p->rc_line = p->line;
	return false;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool check_label(struct parser *p, const char *kind, const char *label)
{
	bool is_list = !strcmp(kind, "list");

	if (!*label)
		return fail(p, -EINVAL, "[%s] needs a name: [%s NAME]", kind, kind);
	if (strlen(label) > LABEL_TEXT_MAX)
		return fail(p, -EINVAL, "the name of a %s is longer than %d bytes", kind,
			    LABEL_TEXT_MAX);
	if (is_list && strspn(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-") != strlen(label))
		return fail(p, -EINVAL, "list '%s': letters, digits, '.', '_' and '-' make a name",
			    label);
	/* What records say of the [rules] of the file. */
	if (is_list && !strcmp(label, "user"))
		return fail(p, -EINVAL, "list 'user': the name stands for [rules]; take another");
	return true;
}

/* [queue] may be opened twice and its keys still come once; those of [list NAME] start anew. */
static void enter(struct parser *p, const char *section, void *base)
{
	const struct config_key *k;

	p->section = section;
	p->base = base;
	for (size_t i = 0; base != p->config && (k = config_key_at(i)); i++)
		if (!strcmp(k->info.section, section))
			p->set_at[i] = 0;
}

static bool begin_list(struct parser *p, const char *label)
{
	struct config *c = p->config;
	struct config_list *l;

	if (!check_label(p, "list", label))
		return false;
	for (size_t i = 0; i < c->list_count; i++)
		if (!strcmp(c->lists[i].name, label))
			return fail(p, -EINVAL, "list '%s' is on line %u already", label,
				    c->lists[i].line);
	if (c->list_count == LISTS_MAX)
		return fail(p, -EINVAL, "more than %d lists", LISTS_MAX);
	l = config_add_list(c);
	if (!l || !(l->name = strdup(label)) || config_defaults("list", l, p->e))
		return fail(p, -ENOMEM, "%s", strerror(ENOMEM));
	l->line = p->line;
	enter(p, "list", l);
	return true;
}

static bool begin_device(struct parser *p, const char *label)
{
	struct config *c = p->config;
	struct config_device *d;

	if (!check_label(p, "device", label))
		return false;
	for (size_t i = 0; i < c->device_count; i++)
		if (!strcmp(c->devices[i].name, label))
			return fail(p, -EINVAL, "device '%s' is on line %u already", label,
				    c->devices[i].line);
	if (c->device_count == DEVICES_MAX)
		return fail(p, -EINVAL, "more than %d devices", DEVICES_MAX);
	d = config_add_device(c);
	if (!d || !(d->name = strdup(label)) || config_defaults("device", d, p->e))
		return fail(p, -ENOMEM, "%s", strerror(ENOMEM));
	d->line = p->line;
	enter(p, "device", d);
	return true;
}

/* What the catalogue may say of a name. tests/lint/lint.sh compares. */
#define EVERY_ROLE                                                                                 \
	"content auth api drm artwork update time telemetry analytics ads acr crash experiment "   \
	"identity bypass"

static bool check_role(struct parser *p, const char *label)
{
	static const char words[] = " " EVERY_ROLE " ";
	const char *at = strchr(label, ' ') ? NULL : strstr(words, label);

	if (at && at[-1] == ' ' && at[strlen(label)] == ' ')
		return true;
	return fail(p, -EINVAL, "[role %s]: a role is one of " EVERY_ROLE, label);
}

/* Several for one app, role or name differ in whom and when they are for. */
static bool begin_section_of(struct parser *p, const char *kind, const char *label)
{
	struct config *c = p->config;
	struct config_section *s;
	struct name domain;

	if (!strcmp(kind, "name")) {
		if (!name_from_text(label, strlen(label), &domain) || strchr(domain.text, '*'))
			return fail(p, -EINVAL, "[name %s]: not a domain name", label);
		label = domain.text;
	} else if (!check_label(p, kind, label) ||
		   (!strcmp(kind, "role") && !check_role(p, label))) {
		return false;
	}
	for (size_t i = 0; !strcmp(kind, "group") && i < c->section_count; i++)
		if (!strcmp(c->sections[i].kind, kind) && !strcmp(c->sections[i].name, label))
			return fail(p, -EINVAL, "group '%s' is on line %u already", label,
				    c->sections[i].line);
	if (c->section_count == SECTIONS_MAX)
		return fail(p, -EINVAL, "more than %d groups, apps, roles and names", SECTIONS_MAX);
	s = config_add_section(c);
	if (!s)
		return fail(p, -ENOMEM, "%s", strerror(ENOMEM));
	s->kind = kind;
	s->line = p->line;
	if (!(s->name = strdup(label)) || config_defaults(kind, s, p->e))
		return fail(p, -ENOMEM, "%s", strerror(ENOMEM));
	enter(p, kind, s);
	return true;
}

static bool begin_plain(struct parser *p, const char *kind, const char *label)
{
	size_t i;

	if (!config_section_known(kind)) {
		const char *near = config_section_nearest(kind);
		bool named = config_section_repeats(near);

		return fail(p, -EINVAL, "unknown section [%s]; did you mean [%s%s]?", kind, near,
			    named ? " NAME" : "");
	}
	if (*label)
		return fail(p, -EINVAL, "[%s] takes no name%s", kind,
			    strcmp(kind, "lists") ? "" : "; one list is [list NAME]");
	for (i = 0; strcmp(config_key_at(i)->info.section, kind); i++)
		;
	enter(p, config_key_at(i)->info.section, p->config);
	return true;
}

static char *trim(char *s)
{
	size_t n;

	while (is_blank(*s))
		s++;
	for (n = strlen(s); n && is_blank(s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

/* line: "[kind label]", perhaps with a comment behind it. */
static bool begin_section(struct parser *p, const char *line)
{
	static const char *const kinds[] = { "group", "app", "role", "name" };
	char copy[LINE_TEXT_MAX + 1], *end, *kind, *label;

	snprintf(copy, sizeof(copy), "%s", line + 1);
	end = strchr(copy, ']');
	if (!end)
		return fail(p, -EINVAL, "no ']' behind the section");
	*end = '\0';
	end = trim(end + 1);
	if (*end && *end != ';' && *end != '#')
		return fail(p, -EINVAL, "'%s' behind a section; a key needs a line of its own",
			    end);
	kind = trim(copy);
	label = kind + strcspn(kind, " \t");
	if (*label) {
		*label = '\0';
		label = trim(label + 1);
	}
	if (!strcmp(kind, "list"))
		return begin_list(p, label);
	if (!strcmp(kind, "device"))
		return begin_device(p, label);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kind, kinds[i]))
			return begin_section_of(p, kinds[i], label);
	return begin_plain(p, kind, label);
}

/* The next line into buf of `room` bytes, without its end and its leading blanks. False at the
 * end of the file and after an error. */
static bool read_line(struct parser *p, char *buf, size_t room)
{
	size_t n = 0, most = room - 1 < LINE_TEXT_MAX ? room - 1 : LINE_TEXT_MAX;
	int c;

	p->line++;
	while ((c = getc(p->file)) != EOF && c != '\n') {
		if (n == 0 && is_blank((char)c))
			continue;
		if (c == '\0')
			return fail(p, -EINVAL, "a NUL byte: this is not a text file");
		if (c == '\r') {
			c = getc(p->file);
			if (c == '\n' || c == EOF)
				break;
			return fail(p, -EINVAL, "a carriage return inside a line");
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return fail(p, -EINVAL, "a control character (0x%02x)", (unsigned)c);
		if (n == most)
			return fail(p, -EINVAL, "the line is longer than %zu bytes", most);
		buf[n++] = (char)c;
	}
	buf[n] = '\0';
	if (ferror(p->file)) {
		p->rc = error_set(p->e, errno ? -errno : -EIO, "%s: %s", p->path,
				  strerror(errno ? errno : EIO));
		p->rc_line = p->line;
		return false;
	}
	return n || c == '\n';
}

/* inih's fgets. Every build of it takes ';' and '#' for a comment at the start of a line. */
static char *next_line(char *buf, int room, void *ctx)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct parser *p = ctx;

	if (p->rc || !read_line(p, buf, (size_t)room))
		return NULL;
	if (p->line == 1 && !strncmp(buf, bom, 3)) {
		const char *rest = buf + 3 + strspn(buf + 3, " \t");

		memmove(buf, rest, strlen(rest) + 1);
	}
	return *buf != '[' || begin_section(p, buf) ? buf : NULL;
}

static bool unknown_key(struct parser *p, const char *key)
{
	for (size_t i = 0; config_key_at(i); i++) {
		const struct config_key_info *k = &config_key_at(i)->info;
		bool named = config_section_repeats(k->section);

		if (!strcmp(k->key, key))
			return fail(p, -EINVAL, "unknown key '%s' in [%s]; it belongs in [%s%s]",
				    key, p->section, k->section, named ? " NAME" : "");
	}
	return fail(p, -EINVAL, "unknown key '%s' in [%s]; did you mean '%s'?", key, p->section,
		    config_key_nearest(p->section, key)->info.key);
}

static int on_value(void *ctx, const char *section, const char *name, const char *value)
{
	struct parser *p = ctx;
	const struct config_key *k;
	struct error why = { "" };
	size_t number;
	int rc;

	(void)section; /* cut at 50 bytes */
	if (p->rc)
		return 0;
	if (!*name || !value)
		return fail(p, -EINVAL, "neither '[section]' nor 'key = value'");
	if (!p->section)
		return fail(p, -EINVAL, "key '%s' stands before the first [section]", name);
	k = config_key_find(p->section, name, &number);
	if (!k)
		return unknown_key(p, name);
	if (p->set_at[number] && k->type != KEY_NAMES && k->type != KEY_TIMES &&
	    k->type != KEY_URLS)
		return fail(p, -EINVAL, "%s: set on line %u already", name, p->set_at[number]);
	p->set_at[number] = p->line;
	rc = config_value_set(k, p->base, value, p->dir, &why);
	return !rc || fail(p, rc, "%s", why.text);
}

int config_parse(const char *path, struct config *c, struct error *e)
{
	struct parser p = { .path = path, .config = c, .e = e };
	const char *slash = strrchr(path, '/');
	char *dir;
	int bad;

	p.file = fopen(path, "re");
	if (!p.file)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	p.dir = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	if (!p.dir) {
		p.rc = error_set(e, -errno, "%s: its directory: %s", path, strerror(errno));
		goto out;
	}
	bad = ini_parse_stream(next_line, &p, on_value, &p);
	if (bad < 0) {
		p.rc = error_set(e, -ENOMEM, "%s: %s", path, strerror(ENOMEM));
	} else if (bad > 0 && (!p.rc || (unsigned)bad < p.rc_line)) {
		/* A line that inih itself did not like; it may have gone on behind it. */
		p.line = (unsigned)bad;
		fail(&p, -EINVAL, "neither '[section]' nor 'key = value'");
	}
out:
	free(p.dir);
	fclose(p.file);
	return p.rc;
}
