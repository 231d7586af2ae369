/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A part of a line, for the parsers of lists. */
#ifndef RULE_SPAN_H
#define RULE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static inline struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

static inline struct span span_from(struct span s, size_t start)
{
	return (struct span){ s.at + start, s.len - start };
}

static inline struct span span_to(struct span s, size_t end)
{
	return (struct span){ s.at, end < s.len ? end : s.len };
}

static inline struct span span_trim(struct span s)
{
	while (s.len && is_blank(s.at[0]))
		s = span_from(s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static inline bool span_is(struct span s, const char *text)
{
	size_t n = strlen(text);
	return s.len == n && memcmp(s.at, text, n) == 0;
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The same, whatever the case of ASCII letters. */
static inline bool span_is_word(struct span s, const char *lower)
{
	size_t n = strlen(lower);

	for (size_t i = 0; i < n && i < s.len; i++) {
		if (ascii_lower(s.at[i]) != lower[i])
			return false;
	}
	return s.len == n;
}

static inline bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);
	return s.len >= n && memcmp(s.at, text, n) == 0;
}

/* Takes `text` off the front; a byte off the end. */
static inline bool span_strip(struct span *s, const char *text)
{
	if (!span_starts(*s, text))
		return false;
	*s = span_from(*s, strlen(text));
	return true;
}

static inline bool span_strip_end(struct span *s, char c)
{
	if (!s->len || s->at[s->len - 1] != c)
		return false;
	s->len--;
	return true;
}

/* Position of the first byte that is in `set`, or the length. Sets are literals: what is made of
 * them here the compiler does. */
static inline size_t span_find(struct span s, const char *set)
{
	uint64_t in[4] = { 0 };
	size_t i = 0;

	for (const char *c = set; *c; c++)
		in[(uint8_t)*c / 64] |= (uint64_t)1 << (uint8_t)*c % 64;
	while (i < s.len && !(in[(uint8_t)s.at[i] / 64] >> (uint8_t)s.at[i] % 64 & 1))
		i++;
	return i;
}

/* Takes the part up to `c` and `c` itself off the front. */
static inline struct span span_cut(struct span *s, char c)
{
	const char *at = s->len ? memchr(s->at, c, s->len) : NULL;
	struct span part = span_to(*s, at ? (size_t)(at - s->at) : s->len);

	*s = at ? span_from(*s, part.len + 1) : span_from(*s, s->len);
	return part;
}

static inline struct span span_word(struct span *s)
{
	size_t n;
	struct span word;

	*s = span_trim(*s);
	n = span_find(*s, " \t\r\f\v");
	word = span_to(*s, n);
	*s = span_trim(span_from(*s, n));
	return word;
}

#endif
