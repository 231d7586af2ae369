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
	size_t count, room;
	struct member *members;
};

static const char *append(char **at, const char *s)
{
	char *start = *at;

	if (!s)
		return NULL;
	*at = stpcpy(start, s) + 1;
	return start;
}

/* The next list of the set; NULL without memory. */
static struct member *add_member(struct lists *l, const struct list_source *src)
{
	size_t n = strlen(src->name) + strlen(src->path) + (src->role ? strlen(src->role) : 0) + 3;
	struct member *m;
	char *at;

	if (l->count == l->room) {
		size_t room = 2 * l->room + 8;

		m = realloc(l->members, room * sizeof *m);
		if (!m)
			return NULL;
		l->members = m;
		l->room = room;
	}
	m = &l->members[l->count];
	*m = (struct member){ .src = *src, .strings = malloc(n) };
	at = m->strings;
	if (!at)
		return NULL;
	m->src.copy = NULL;
	m->src.name = append(&at, src->name);
	m->src.path = append(&at, src->path);
	m->src.role = append(&at, src->role);
	l->count++;
	return m;
}

void lists_free(struct lists *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->count; i++)
		free(l->members[i].strings);
	free(l->members);
	index_free(l->index);
	free(l);
}

static struct lists *lists_new(void)
{
	return calloc(1, sizeof(struct lists));
}

static uint32_t clamp(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static int no_memory(struct error *e)
{
	return error_set(e, -ENOMEM, "loading lists: %s", strerror(ENOMEM));
}

/* The number of a list is 16 bits in every rule. */
static int check_room(const struct lists *l, size_t more, struct error *e)
{
	if (l->count + more <= UINT16_MAX)
		return 0;
	return error_set(e, -E2BIG, "loading lists: more than %u of them", UINT16_MAX);
}

/* Members by what the index tells; all else of them is src's: one of each, or one for all. */
static int take_told(struct lists *l, const struct index *x, const struct list_source *src,
		     size_t step, struct error *e)
{
	int rc = check_room(l, index_lists(x), e);

	for (size_t i = 0; !rc && i < index_lists(x); i++) {
		struct index_list told = index_list_at(x, i);
		struct list_source source = src[i * step];
		struct member *m;

		source.name = told.name;
		source.path = told.path;
		m = add_member(l, &source);
		if (!m)
			return no_memory(e);
		m->counts.lines = told.lines;
		m->counts.rules = told.rules;
		m->counts.skipped[LIST_SKIP_UNKNOWN] = told.skipped;
	}
	return rc;
}

struct merging {
	struct index_builder *b;
	uint16_t first; /* number of the first list of the index */
	bool allow;
};

static bool merge_rule(void *ctx, const struct rule *r)
{
	const struct merging *m = ctx;
	struct rule mine = *r;

	mine.list = (uint16_t)(r->list + m->first);
	if (m->allow)
		mine.action = RULE_ALLOW;
	return index_builder_add(m->b, &mine);
}

/* A compiled index becomes part of another: its lists, and their rules. */
static int merge_index(struct lists *l, const struct list_source *src, struct index_builder *b,
		       struct error *e)
{
	struct merging m = { .b = b,
			     .first = (uint16_t)l->count,
			     .allow = src->action == RULE_ALLOW };
	struct index *x = NULL;
	int rc = index_open(src->copy ? src->copy : src->path, &x, e);

	if (rc)
		return rc;
	if (!index_lists(x))
		rc = error_set(e, -EINVAL,
			       "reading list %s: %s: the index does not say of which lists it is",
			       src->name, src->path);
	if (!rc)
		rc = take_told(l, x, src, 0, e);
	if (!rc && index_walk(x, merge_rule, &m))
		rc = error_set(e, -EBADMSG,
			       "reading list %s: %s: its content is damaged; compile "
			       "it again",
			       src->name, src->path);
	for (size_t i = 0; !rc && i < index_lists(x); i++) {
		struct index_list told = index_list_at(x, i);

		if (!index_builder_list(b, &told))
			rc = no_memory(e);
	}
	index_free(x);
	return rc;
}

static int read_list(struct lists *l, const struct list_source *src, struct index_builder *b,
		     struct error *e)
{
	struct index_list told = { .name = src->name, .path = src->path };
	uint16_t number = (uint16_t)l->count;
	int rc = check_room(l, 1, e);
	struct member *m;

	if (rc)
		return rc;
	m = add_member(l, src);
	if (!m)
		return no_memory(e);
	rc = list_read(src, number, b, &m->counts, NULL, NULL, e);
	if (rc)
		return rc;
	for (int s = LIST_SKIP_BLANK + 1; s < LIST_SKIPS; s++)
		told.skipped = clamp(told.skipped + m->counts.skipped[s]);
	told.lines = clamp(m->counts.lines);
	told.rules = clamp(m->counts.rules);
	return index_builder_list(b, &told) ? 0 : no_memory(e);
}

int lists_open(const char *index, const struct list_source *src, size_t count, struct lists **out,
	       struct error *e)
{
	struct lists *l = lists_new();
	int rc;

	if (!l)
		return no_memory(e);
	rc = index_open(index, &l->index, e);
	if (!rc && index_lists(l->index) != count)
		rc = error_set(e, -ESTALE, "reading index: %s: it is of other lists", index);
	if (!rc)
		rc = take_told(l, l->index, src, 1, e);
	if (!rc)
		*out = l;
	else
		lists_free(l);
	return rc;
}

/* An index in place of lists: it says itself what they were. */
static int load_index(const struct list_source *src, struct lists **out, struct error *e)
{
	struct lists *l = lists_new();
	int rc;

	if (!l)
		return no_memory(e);
	rc = index_open(src->path, &l->index, e);
	if (!rc && !index_lists(l->index))
		rc = error_set(e, -EINVAL,
			       "reading list %s: %s: the index does not say of which lists it is",
			       src->name, src->path);
	if (!rc)
		rc = take_told(l, l->index, src, 0, e);
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
	int rc = 0;

	*out = lists_new();
	*out_builder = index_builder_sized(memory);
	if (!*out || !*out_builder)
		return no_memory(e);
	rc = check_room(*out, count, e);
	for (size_t i = 0; !rc && i < count; i++)
		rc = index_is_file(src[i].copy ? src[i].copy : src[i].path)
			     ? merge_index(*out, &src[i], *out_builder, e)
			     : read_list(*out, &src[i], *out_builder, e);
	return rc;
}

int lists_load(const struct list_source *src, size_t count, struct lists **out, struct error *e)
{
	struct index_builder *b = NULL;
	struct lists *l = NULL;
	int rc;

	/* Alone it is asked as it lies there. */
	if (count == 1 && src->action == RULE_BLOCK && index_is_file(src->path))
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
