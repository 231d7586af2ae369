/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mask against a name: its parts between the stars, each where it first fits. What is left for
 * the parts behind it is then as long as it can be, so nothing is ever tried twice. */
#include "rule/pattern.h"

#include <string.h>

#include "rule/span.h"

/* Where `part` first stands at or behind `from`; the name's length + 1 if nowhere. */
static size_t find_part(const struct name *n, struct span part, size_t from, bool at_label)
{
	for (size_t i = from; i + part.len <= n->len; i++) {
		if (at_label && i && n->text[i - 1] != '.')
			continue;
		if (!memcmp(n->text + i, part.at, part.len))
			return i;
	}
	return (size_t)n->len + 1;
}

/* Most names fail at the end of a mask, which holds the domain: seen before anything is tried. */
static bool fits_end(const struct name *n, struct span rest)
{
	size_t len = 0;

	while (len < rest.len && rest.at[rest.len - 1 - len] != '*')
		len++;
	return len <= n->len && !memcmp(n->text + n->len - len, rest.at + rest.len - len, len);
}

bool pattern_match(const char *pattern, const struct name *name)
{
	struct span rest = span_of(pattern);
	bool at_label = span_strip(&rest, "||");
	bool at_start = !at_label && span_strip(&rest, "|");
	bool at_end = span_strip_end(&rest, '^');
	size_t at = 0;

	if (at_end && !fits_end(name, rest))
		return false;
	for (;;) {
		bool last = !memchr(rest.at, '*', rest.len);
		struct span part = span_cut(&rest, '*');
		size_t from = at;
		if (part.len > name->len)
			return false;
		if (last && at_end) {
			from = name->len - part.len;
			if (from < at)
				return false;
		}
		at = find_part(name, part, from, at_label);
		if (at > name->len || (at_start && at))
			return false;
		at += part.len;
		if (last)
			return true;
		at_label = at_start = false;
	}
}
