/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names as text: checked, lower-cased, compared label by label. */
#include "base/name.h"

#include <string.h>

#include "base/addr.h"

enum { LABEL_MAX = 63 };

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool name_from_text(const char *text, size_t n, struct name *out)
{
	struct name name;
	size_t label = 0; /* where the label begins */

	if (n && text[n - 1] == '.')
		n--;
	if (!n || n >= NAME_MAX_TEXT)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = lower(text[i]);

		name.text[i] = c;
		if (c == '.') {
			if (i == label)
				return false;
			label = i + 1;
			continue;
		}
		if (i - label >= LABEL_MAX)
			return false;
		if (c == '*' && i == label && (i + 1 == n || text[i + 1] == '.'))
			continue;
		if (!is_host_byte(c))
			return false;
	}
	if (label == n)
		return false;
	name.text[n] = '\0';
	name.len = (uint8_t)n;
	memcpy(out->text, name.text, n + 1);
	out->len = name.len;
	return true;
}

/* Writes the byte as RFC 1035, 5.1 spells it and returns how many characters that took. */
static size_t put_escaped(char to[static 4], uint8_t byte)
{
	if (byte <= 0x20 || byte >= 0x7f) {
		to[0] = '\\';
		to[1] = (char)('0' + byte / 100);
		to[2] = (char)('0' + byte / 10 % 10);
		to[3] = (char)('0' + byte % 10);
		return 4;
	}
	if (byte == '.' || byte == '\\') {
		to[0] = '\\';
		to[1] = (char)byte;
		return 2;
	}
	to[0] = lower((char)byte);
	return 1;
}

bool name_append_label(struct name *n, const uint8_t *label, size_t len)
{
	char text[4 * LABEL_MAX];
	size_t used = 0, dot = n->len ? 1 : 0;

	if (!len || len > LABEL_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		used += put_escaped(text + used, label[i]);
	if (n->len + dot + used >= NAME_MAX_TEXT)
		return false;
	if (dot)
		n->text[n->len++] = '.';
	memcpy(n->text + n->len, text, used);
	n->len = (uint8_t)(n->len + used);
	n->text[n->len] = '\0';
	return true;
}

bool name_equal(const struct name *a, const struct name *b)
{
	return a->len == b->len && !memcmp(a->text, b->text, a->len);
}

/* A dot behind an odd number of backslashes is part of a label: "a\.b.com" is not under b.com. */
static bool is_separator(const char *text, size_t at)
{
	size_t slashes = 0;

	while (slashes < at && text[at - 1 - slashes] == '\\')
		slashes++;
	return text[at] == '.' && slashes % 2 == 0;
}

bool name_under(const struct name *name, const struct name *suffix)
{
	size_t start;

	if (!suffix->len || name->len < suffix->len)
		return false;
	start = (size_t)(name->len - suffix->len);
	if (memcmp(name->text + start, suffix->text, suffix->len))
		return false;
	return !start || is_separator(name->text, start - 1);
}

const char *name_parent(const char *text)
{
	while (*text && *text != '.')
		text += *text == '\\' && text[1] ? 2 : 1;
	return *text ? text + 1 : text;
}

size_t name_labels(const char *text)
{
	size_t n = 0;

	for (; *text; text = name_parent(text))
		n++;
	return n;
}

bool name_is_address(const char *text)
{
	size_t n = strlen(text);
	char bare[ADDR_TEXT_MAX];
	struct addr a;

	if (n < 2 || text[0] != '[' || text[n - 1] != ']')
		return addr_parse(text, &a);
	n -= 2;
	if (n >= sizeof(bare))
		return false;
	memcpy(bare, text + 1, n);
	bare[n] = '\0';
	return addr_parse(bare, &a) && a.family == 6;
}
