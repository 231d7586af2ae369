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
	m->src.copy = NULL;
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

static struct lists *lists_new(size_t count)
{
	return calloc(1, sizeof(struct lists) + count * sizeof(struct member));
}

static uint32_t clamp(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* Into b, with what it should tell about the lists. */
static int read_lists(struct lists *l, const struct list_source *src, size_t count,
		      struct index_builder *b, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		struct member *m = &l->members[i];
		struct index_list told = { .name = src[i].name, .path = src[i].path };
		int rc;
		if (index_is_file(src[i].copy ? src[i].copy : src[i].path))
			return error_set(
				e, -EINVAL,
				"reading list %s: %s: it is a compiled index, which stands "
				"alone; compile it anew with the other lists",
				src[i].name, src[i].path);
		if (!member_init(m, &src[i]))
			return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
		l->count = i + 1;
		rc = list_read(&src[i], (uint16_t)i, b, &m->counts, NULL, NULL, e);
		if (rc)
			return rc;
		for (int s = LIST_SKIP_BLANK + 1; s < LIST_SKIPS; s++)
			told.skipped = clamp(told.skipped + m->counts.skipped[s]);
		told.lines = clamp(m->counts.lines);
		told.rules = clamp(m->counts.rules);
		if (!index_builder_list(b, &told))
			return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
	}
	return 0;
}

/* Members by what the index tells; all else of them is src's: one of each, or one for all. */
static int take_told(struct lists *l, const struct list_source *src, size_t step, struct error *e)
{
	for (size_t i = 0; i < index_lists(l->index); i++) {
		struct index_list told = index_list_at(l->index, i);
		struct list_source member = src[i * step];
		member.name = told.name;
		member.path = told.path;
		if (!member_init(&l->members[i], &member))
			return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
		l->count = i + 1;
		l->members[i].counts.lines = told.lines;
		l->members[i].counts.rules = told.rules;
		l->members[i].counts.skipped[LIST_SKIP_UNKNOWN] = told.skipped;
	}
	return 0;
}

static int open_index(const char *path, struct lists **out, struct error *e)
{
	struct index *x = NULL;
	int rc = index_open(path, &x, e);

	if (rc)
		return rc;
	*out = lists_new(index_lists(x));
	if (*out) {
		(*out)->index = x;
		return 0;
	}
	index_free(x);
	return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
}

/* An index in place of lists: it says itself what they were. */
static int load_index(const struct list_source *src, struct lists **out, struct error *e)
{
	struct lists *l;
	int rc = open_index(src->path, &l, e);

	if (rc)
		return rc;
	if (!index_lists(l->index) || src->action == RULE_ALLOW)
		rc = error_set(e, -EINVAL, "reading list %s: %s: %s", src->name, src->path,
			       index_lists(l->index)
				       ? "an index cannot be made an allow list"
				       : "the index does not say of which lists it is");
	if (!rc)
		rc = take_told(l, src, 0, e);
	if (!rc)
		*out = l;
	else
		lists_free(l);
	return rc;
}

int lists_open(const char *index, const struct list_source *src, size_t count, struct lists **out,
	       struct error *e)
{
	struct lists *l;
	int rc = open_index(index, &l, e);

	if (rc)
		return rc;
	rc = index_lists(l->index) == count
		     ? take_told(l, src, 1, e)
		     : error_set(e, -ESTALE, "reading index: %s: it is of other lists", index);
	if (!rc)
		*out = l;
	else
		lists_free(l);
	return rc;
}

/* Reads all lists into a builder and the set; both are the caller's to free on failure too. */
static int gather(const struct list_source *src, size_t count, size_t memory,
		  struct index_builder **out_builder, struct lists **out, struct error *e)
{
	/* The number of a list is 16 bits in every rule. */
	if (count > UINT16_MAX)
		return error_set(e, -E2BIG, "loading lists: %zu of them: at most %u are possible",
				 count, UINT16_MAX);
	*out = lists_new(count);
	*out_builder = index_builder_sized(memory);
	if (!*out || !*out_builder)
		return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
	return read_lists(*out, src, count, *out_builder, e);
}

int lists_load(const struct list_source *src, size_t count, struct lists **out, struct error *e)
{
	struct index_builder *b = NULL;
	struct lists *l = NULL;
	int rc;

	if (count == 1 && index_is_file(src->path))
		return load_index(src, out, e);
	rc = gather(src, count, 0, &b, &l, e);
	if (!rc && (rc = index_builder_finish(b, &l->index)))
		error_set(e, rc, "loading lists: %s", strerror(-rc));
	if (!rc) {
		*out = l;
		l = NULL;
	}
	index_builder_free(b);
	lists_free(l);
	return rc;
}

int lists_compile(const struct list_source *src, size_t count, size_t memory, const char *path,
		  struct error *e)
{
	struct index_builder *b = NULL;
	struct lists *l = NULL;
	int rc = gather(src, count, memory, &b, &l, e);

	if (!rc)
		rc = index_builder_write(b, path, e);
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
