/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Patterns on the first label of a name. */
#include "classify/first_label.h"

#include <string.h>

enum { LABEL_MAX = 63 };

bool first_label_parse(const char *text, struct name *out_domain)
{
	size_t n = strcspn(text, "."), letters = 0;
	char plain[LABEL_MAX];
	struct name domain, unused;

	if (!text[n] || n > LABEL_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		if (text[i] != '*')
			plain[letters++] = text[i];
	if (letters == n || !name_from_text(plain, letters, &unused))
		return false;
	if (!name_from_text(text + n + 1, strlen(text + n + 1), &domain) ||
	    strchr(domain.text, '*') || !strchr(domain.text, '.'))
		return false;
	*out_domain = domain;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool first_label_fits(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	/* After a mismatch the last star takes one character more: no recursion, and a label has
	 * 63 characters at most. */
	while (*name && *name != '.') {
		if (*pattern == '*') {
			star = pattern++;
			resume = name;
		} else if (lower(*pattern) == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '.';
}
