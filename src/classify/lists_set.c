/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A set of lists with their index: loaded whole or not at all. */
#include "classify/lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "classify/idn.h"

struct member {
	struct list_source src;
	struct list_counts counts;
	char *strings; /* name, path and role, which src points into */
};

struct whole {
	struct index_hit *hit;
	size_t len;
};

struct lists {
	struct index *index;
	size_t count;
	struct member members[];
};

static const char *append(char **at, const char *s)
{
	char *start = *at;

	if (!s)
		return NULL;
	*at = stpcpy(start, s) + 1;
	return start;
}

static bool member_init(struct member *m, const struct list_source *src)
{
	size_t n = strlen(src->name) + strlen(src->path) + (src->role ? strlen(src->role) : 0) + 3;
	char *at = m->strings = malloc(n);

	if (!at)
		return false;
	m->src = *src;
	m->src.name = append(&at, src->name);
	m->src.path = append(&at, src->path);
	m->src.role = append(&at, src->role);
	return true;
}

void lists_free(struct lists *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		free(l->members[i].strings);
	index_free(l->index);
	free(l);
}

int lists_load(const struct list_source *src, size_t count, struct lists **out, struct error *e)
{
	struct index_builder *b = NULL;
	struct lists *l;
	int rc = -ENOMEM;

	/* The number of a list is 16 bits in every rule. */
	if (count > UINT16_MAX)
		return error_set(e, -E2BIG, "loading lists: %zu of them: at most %u are possible",
				 count, UINT16_MAX);
	l = calloc(1, sizeof *l + count * sizeof l->members[0]);
	if (!l)
		goto out;
	b = index_builder_new();
	if (!b)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (!member_init(&l->members[i], &src[i]))
			goto out;
		l->count = i + 1;
		rc = list_read(&l->members[i].src, (uint16_t)i, b, &l->members[i].counts, NULL,
			       NULL, e);
		if (rc)
			goto failed;
		rc = -ENOMEM;
	}
	rc = index_builder_finish(b, &l->index);
	if (rc)
		goto out;
	*out = l;
	l = NULL;
out:
	if (rc)
		error_set(e, rc, "loading lists: %s", strerror(-rc));
failed:
	index_builder_free(b);
	lists_free(l);
	return rc;
}

const struct index *lists_index(const struct lists *l)
{
	return l->index;
}

size_t lists_count(const struct lists *l)
{
	return l->count;
}

const struct list_source *lists_source(const struct lists *l, uint16_t number)
{
	return number < l->count ? &l->members[number].src : NULL;
}

const struct list_counts *lists_counts(const struct lists *l, uint16_t number)
{
	return number < l->count ? &l->members[number].counts : NULL;
}

/* A suffix of an address is no domain above it. */
static void take_whole(void *ctx, const struct rule *r)
{
	struct whole *w = ctx;

	if ((r->match == RULE_SUFFIX && r->name.len < w->len) || r->match == RULE_BELOW)
		return;
	index_hit_add(w->hit, r);
}

static bool match_address(const struct lists *l, const struct addr *a, const struct rule_query *q,
			  struct index_hit *out)
{
	struct whole w = { .hit = out, .len = q->name->len };

	index_find_address(l->index, a, q, out);
	index_each(l->index, q, take_whole, &w);
	return index_hit_winner(out);
}

bool lists_match(const struct lists *l, const char *text, size_t n, struct rule_query *q,
		 struct index_hit *out)
{
	char ascii[IDN_TEXT_MAX];
	struct name name;
	struct addr a;
	bool found;

	if (idn_has(text, n)) {
		if (!idn_to_ascii(text, n, ascii))
			return false;
		text = ascii;
		n = strlen(ascii);
	}
	if (addr_parse(text, &a)) {
		name.len = (uint8_t)n;
		memcpy(name.text, text, n + 1);
	} else if (!name_from_text(text, n, &name)) {
		return false;
	}
	q->name = &name;
	found = addr_parse(name.text, &a) ? match_address(l, &a, q, out)
					  : index_find(l->index, q, out);
	q->name = NULL;
	return found;
}
