/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet_field: one value out of a line of JSON (RFC 8259), without building a tree. */
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
	for (size_t i = 0; i < n; i++, s->len++)
		if (s->len < s->room)
			s->buf[s->len] = p[i];
}

static void blanks(struct walk *w)
{
	w->at += strspn(w->at, " \t\r\n");
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
		char c = *w->at++;
		const char *escape;

		if (c == '"')
			return true;
		if ((unsigned char)c < 0x20)
			return false;
		if (c != '\\') {
			put(s, &c, 1);
			continue;
		}
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

long tacet_field(const char *line, const char *path, char *buf, size_t n)
{
	struct walk w = { .at = line, .out = { buf, n ? n - 1 : 0, 0 } };
	bool ok;

	blanks(&w);
	ok = *w.at == '{' && value(&w, path, 0);
	/* After a failure the cursor may stand behind the NUL. */
	if (ok)
		blanks(&w);
	ok = ok && !*w.at;
	if (n) {
		size_t kept = w.out.len < n ? w.out.len : whole(buf, n - 1);

		buf[ok && w.found ? kept : 0] = '\0';
	}
	if (!ok)
		return -EPROTO;
	return w.found ? (long)w.out.len : -ENOENT;
}
