/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet_field and tacet_fields: values out of a line of JSON (RFC 8259), without building a tree.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tacet.h"

/* Deeper than any answer; bounds the recursion. */
enum { DEPTH_MAX = 16 };

/* Text that is longer than its buffer is cut, its length counted. */
struct sink {
	char *buf;
	size_t room; /* without the NUL */
	size_t len;
};

struct walk {
	const char *at;
	struct sink out;
	bool found;
};

static bool value(struct walk *w, const char *path, int depth);

static void put(struct sink *s, const char *p, size_t n)
{
	size_t room = s->len < s->room ? s->room - s->len : 0;

	if (room)
		memcpy(s->buf + s->len, p, n < room ? n : room);
	s->len += n;
}

static void blanks(struct walk *w)
{
	while (*w->at == ' ' || *w->at == '\t' || *w->at == '\r' || *w->at == '\n')
		w->at++;
}

static bool take(struct walk *w, char c)
{
	blanks(w);
	if (*w->at != c)
		return false;
	w->at++;
	return true;
}

static bool hex4(struct walk *w, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++, w->at++) {
		char c = *w->at;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Behind "\u". Half a surrogate pair is no character, and NUL would cut the caller's text. */
static bool unicode(struct walk *w, struct sink *s)
{
	uint32_t c, low;
	char utf8[4];
	size_t n = 0;

	if (!hex4(w, &c) || !c || (c >= 0xdc00 && c <= 0xdfff))
		return false;
	if (c >= 0xd800 && c <= 0xdbff) {
		if (w->at[0] != '\\' || w->at[1] != 'u')
			return false;
		w->at += 2;
		if (!hex4(w, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c < 0x80) {
		utf8[n++] = (char)c;
	} else if (c < 0x800) {
		utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		utf8[n++] = (char)(0xe0 | c >> 12);
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		utf8[n++] = (char)(0xf0 | c >> 18);
		utf8[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		utf8[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[n++] = (char)(0x80 | (c & 0x3f));
	}
	put(s, utf8, n);
	return true;
}

/* At the opening quote. What it says goes into s. */
static bool string(struct walk *w, struct sink *s)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	if (*w->at++ != '"')
		return false;
	for (;;) {
		const char *start = w->at, *escape;
		char c;

		while ((unsigned char)*w->at >= 0x20 && *w->at != '"' && *w->at != '\\')
			w->at++;
		put(s, start, (size_t)(w->at - start));
		c = *w->at++;
		if (c == '"')
			return true;
		if (c != '\\')
			return false;
		c = *w->at++;
		if (c == 'u') {
			if (!unicode(w, s))
				return false;
			continue;
		}
		escape = c ? strchr(from, c) : NULL;
		if (!escape)
			return false;
		put(s, &to[escape - from], 1);
	}
}

static bool digits(struct walk *w)
{
	size_t n = strspn(w->at, "0123456789");

	w->at += n;
	return n;
}

static bool number(struct walk *w)
{
	if (*w->at == '-')
		w->at++;
	if (*w->at == '0')
		w->at++;
	else if (!digits(w))
		return false;
	if (*w->at == '.') {
		w->at++;
		if (!digits(w))
			return false;
	}
	if ((*w->at | 0x20) == 'e') {
		w->at++;
		if (*w->at == '+' || *w->at == '-')
			w->at++;
		return digits(w);
	}
	return true;
}

static bool literal(struct walk *w)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i]);

		if (strncmp(w->at, words[i], n))
			continue;
		w->at += n;
		return true;
	}
	return false;
}

/* What of the path is left behind this member: NULL if the member is not on the path, "" if it
 * is the end of it. */
static const char *step(const char *path, const char *key, size_t len)
{
	if (!path || !*path)
		return NULL;
	if (strncmp(path, key, len))
		return NULL;
	if (path[len] == '.' && path[len + 1])
		return path + len + 1;
	return path[len] ? NULL : path + len;
}

static bool object(struct walk *w, const char *path, int depth)
{
	w->at++;
	if (take(w, '}'))
		return true;
	do {
		char key[64];
		struct sink k = { key, sizeof(key), 0 };
		const char *rest;

		blanks(w);
		if (!string(w, &k) || !take(w, ':'))
			return false;
		rest = k.len <= sizeof(key) ? step(path, key, k.len) : NULL;
		if (!value(w, w->found ? NULL : rest, depth + 1))
			return false;
	} while (take(w, ','));
	return take(w, '}');
}

static bool array(struct walk *w, const char *path, int depth)
{
	w->at++;
	if (take(w, ']'))
		return true;
	for (unsigned i = 0; i == 0 || take(w, ','); i++) {
		char key[12];
		const char *rest;

		snprintf(key, sizeof(key), "%u", i);
		rest = w->found ? NULL : step(path, key, strlen(key));
		if (!value(w, rest, depth + 1))
			return false;
	}
	return take(w, ']');
}

/* path: what is left of it, "" if this is the value, NULL if it is off the path. */
static bool value(struct walk *w, const char *path, int depth)
{
	bool wanted = path && !*path, ok;
	struct sink nowhere = { NULL, 0, 0 };
	const char *start;

	blanks(w);
	start = w->at;
	if (depth > DEPTH_MAX)
		return false;
	if (*start == '"') {
		ok = string(w, wanted ? &w->out : &nowhere);
		w->found |= ok && wanted;
		return ok;
	}
	if (*start == '{')
		ok = object(w, path, depth);
	else if (*start == '[')
		ok = array(w, path, depth);
	else if (*start == '-' || (*start >= '0' && *start <= '9'))
		ok = number(w);
	else
		ok = literal(w);
	if (ok && wanted) {
		put(&w->out, start, (size_t)(w->at - start));
		w->found = true;
	}
	return ok;
}

/* No half characters at the end of what was cut. */
static size_t whole(const char *buf, size_t n)
{
	size_t start = n;

	while (start && n - start < 3 && ((unsigned char)buf[start - 1] & 0xc0) == 0x80)
		start--;
	if (start) {
		unsigned char lead = (unsigned char)buf[start - 1];
		size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

		if (n - start + 1 < want)
			return start - 1;
	}
	return n;
}

/* Ends what the sink has, or empties it, and says what tacet_field returns. */
static long finish(struct sink *s, bool ok, bool found)
{
	if (s->buf)
		s->buf[ok && found ? (s->len <= s->room ? s->len : whole(s->buf, s->room)) : 0] =
			'\0';
	return !ok ? -EPROTO : found ? (long)s->len : -ENOENT;
}

static struct sink sink_of(char *buf, size_t n)
{
	return (struct sink){ n ? buf : NULL, n ? n - 1 : 0, 0 };
}

/* The line is one object, and nothing is behind it. */
static bool whole_line(struct walk *w, bool ok)
{
	/* After a failure the cursor may stand behind the NUL. */
	if (ok)
		blanks(w);
	return ok && !*w->at;
}

long tacet_field(const char *line, const char *path, char *buf, size_t n)
{
	struct walk w = { .at = line, .out = sink_of(buf, n) };
	bool ok;

	blanks(&w);
	ok = whole_line(&w, *w.at == '{' && value(&w, path, 0));
	return finish(&w.out, ok, w.found);
}

/* The first of its kind that is not found yet. */
static struct tacet_want *wanted(struct tacet_want *wants, size_t count, const char *key, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (wants[i].len < 0 && !strncmp(wants[i].name, key, n) && !wants[i].name[n])
			return &wants[i];
	return NULL;
}

static bool members(struct walk *w, struct tacet_want *wants, size_t count)
{
	if (take(w, '}'))
		return true;
	do {
		char key[64];
		struct sink k = { key, sizeof(key), 0 };
		struct tacet_want *want;

		blanks(w);
		if (!string(w, &k) || !take(w, ':'))
			return false;
		want = k.len <= sizeof(key) ? wanted(wants, count, key, k.len) : NULL;
		w->found = false;
		w->out = want ? sink_of(want->buf, want->n) : (struct sink){ 0 };
		if (!value(w, want ? "" : NULL, 1))
			return false;
		if (want)
			want->len = finish(&w->out, true, true);
	} while (take(w, ','));
	return take(w, '}');
}

int tacet_fields(const char *line, struct tacet_want *wants, size_t count)
{
	struct walk w = { .at = line };
	bool ok;

	for (size_t i = 0; i < count; i++) {
		struct sink s = sink_of(wants[i].buf, wants[i].n);

		wants[i].len = finish(&s, true, false);
	}
	ok = whole_line(&w, take(&w, '{') && members(&w, wants, count));
	for (size_t i = 0; !ok && i < count; i++) {
		struct sink s = sink_of(wants[i].buf, wants[i].n);

		wants[i].len = finish(&s, false, false);
	}
	return ok ? 0 : -EPROTO;
}
