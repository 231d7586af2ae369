/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interned names in three pools by length: a household's names are short, and 254 bytes for
 * each would be most of tacet's memory. */
#include "flow/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct held_name {
	UT_hash_handle hh;
	struct held_name *next_free;
	uint32_t references;
	uint8_t class, len;
	char text[]; /* without a NUL */
};

enum { CLASSES = 3 };
static const uint16_t class_text[CLASSES] = { 31, 63, 253 };

struct names {
	struct held_name *table;
	struct held_name *free[CLASSES];
	char *storage;
	uint32_t now;
	uint64_t full;
};

static size_t slot_bytes(int class)
{
	size_t n = offsetof(struct held_name, text) + class_text[class];

	return (n + _Alignof(struct held_name) - 1) & ~(_Alignof(struct held_name) - 1);
}

struct names *names_new(uint32_t max)
{
	size_t count[CLASSES] = { max / 2 + 1, max / 3 + 1, max / 5 + 1 };
	struct names *n = calloc(1, sizeof *n);
	size_t bytes = 0;
	char *at;

	for (int c = 0; c < CLASSES; c++)
		bytes += count[c] * slot_bytes(c);
	if (!n || !(n->storage = malloc(bytes))) {
		free(n);
		return NULL;
	}
	at = n->storage;
	for (int c = 0; c < CLASSES; c++)
		for (size_t i = 0; i < count[c]; i++, at += slot_bytes(c)) {
			struct held_name *h = (void *)at;

			h->class = (uint8_t)c;
			h->next_free = n->free[c];
			n->free[c] = h;
		}
	return n;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	HASH_CLEAR(hh, n->table);
	free(n->storage);
	free(n);
}

static struct held_name *slot_take(struct names *n, size_t len)
{
	for (int c = 0; c < CLASSES; c++) {
		struct held_name *h = n->free[c];

		if (len <= class_text[c] && h) {
			n->free[c] = h->next_free;
			return h;
		}
	}
	return NULL;
}

static void slot_give(struct names *n, struct held_name *h)
{
	h->next_free = n->free[h->class];
	n->free[h->class] = h;
}

struct held_name *names_hold(struct names *n, const struct name *name)
{
	struct held_name *h;

	if (!name->len)
		return NULL;
	HASH_FIND(hh, n->table, name->text, name->len, h);
	if (h)
		return names_again(h);
	h = slot_take(n, name->len);
	if (!h) {
		n->full++;
		return NULL;
	}
	memcpy(h->text, name->text, name->len);
	h->len = name->len;
	h->references = 1;
	h->hh.tbl = NULL;
	HASH_ADD_KEYPTR(hh, n->table, h->text, h->len, h);
	if (!h->hh.tbl) { /* no memory for the table */
		slot_give(n, h);
		n->full++;
		return NULL;
	}
	n->now++;
	return h;
}

struct held_name *names_again(struct held_name *h)
{
	if (h)
		h->references++;
	return h;
}

void names_drop(struct names *n, struct held_name *h)
{
	if (!h || --h->references)
		return;
	HASH_DELETE(hh, n->table, h);
	slot_give(n, h);
	n->now--;
}

void names_copy(const struct held_name *h, struct name *out)
{
	out->len = h ? h->len : 0;
	if (h)
		memcpy(out->text, h->text, h->len);
	out->text[out->len] = '\0';
}

uint32_t names_now(const struct names *n)
{
	return n->now;
}

uint64_t names_full(const struct names *n)
{
	return n->full;
}
