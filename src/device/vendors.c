/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted by block, the names in one text. */
#define _GNU_SOURCE
#include "device/vendors.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct block {
	uint32_t oui, name; /* where it begins in names */
};

struct vendors {
	struct block *at;
	size_t count, cap;
	struct text names;
};

static bool add(struct vendors *v, uint32_t oui, const char *name, size_t n)
{
	if (v->count == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 1024;
		struct block *more = realloc(v->at, cap * sizeof *more);

		if (!more)
			return false;
		v->at = more;
		v->cap = cap;
	}
	if (n >= VENDOR_NAME_MAX) {
		n = VENDOR_NAME_MAX - 1;
		while (n && ((uint8_t)name[n] & 0xc0) == 0x80) /* not in the middle of UTF-8 */
			n--;
	}
	v->at[v->count++] = (struct block){ .oui = oui, .name = (uint32_t)v->names.len };
	text_put(&v->names, name, n);
	text_put(&v->names, "", 1);
	return !v->names.failed;
}

static int compare(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return x->oui < y->oui ? -1 : x->oui > y->oui;
}

/* Six digits, "(base 16)", the name. */
static bool line(struct vendors *v, const char *at, size_t n)
{
	static const char mark[] = "(base 16)";
	char digits[7] = "";
	const char *name;

	if (n < 6 || v->count == VENDORS_MAX)
		return true;
	for (int i = 0; i < 6; i++)
		if (!isxdigit((unsigned char)at[i]))
			return true;
	memcpy(digits, at, 6);
	name = memmem(at, n, mark, sizeof mark - 1);
	if (!name || memchr(at, '\0', n))
		return true;
	name += sizeof mark - 1;
	while (name < at + n && isspace((unsigned char)*name))
		name++;
	while (n && isspace((unsigned char)at[n - 1]))
		n--;
	return name >= at + n ||
	       add(v, (uint32_t)strtoul(digits, NULL, 16), name, (size_t)(at + n - name));
}

struct vendors *vendors_new(const char *text, size_t n)
{
	struct vendors *v = calloc(1, sizeof *v);
	bool ok = v;

	while (ok && n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;

		ok = line(v, text, len);
		len += end != NULL;
		text += len;
		n -= len;
	}
	if (!ok) {
		vendors_free(v);
		return NULL;
	}
	if (v->count)
		qsort(v->at, v->count, sizeof *v->at, compare);
	return v;
}

void vendors_free(struct vendors *v)
{
	if (!v)
		return;
	free(v->at);
	text_done(&v->names);
	free(v);
}

size_t vendors_count(const struct vendors *v)
{
	return v->count;
}

const char *vendors_find(const struct vendors *v, const struct mac *mac)
{
	const struct block key = { .oui = (uint32_t)mac->bytes[0] << 16 |
					  (uint32_t)mac->bytes[1] << 8 | mac->bytes[2] };
	const struct block *found;

	if (!v->count || mac_is_zero(mac) || mac_is_local(mac))
		return NULL;
	found = bsearch(&key, v->at, v->count, sizeof key, compare);
	return found ? v->names.at + found->name : NULL;
}
