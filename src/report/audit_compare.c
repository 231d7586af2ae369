/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changed between two audits: by app and name, whichever device it was. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/audit_text.h"

enum change { CHANGE_NEW, CHANGE_GONE, CHANGE_VERDICT, CHANGE_MORE, CHANGE_LESS, CHANGE_NONE };
enum { CHANGES = CHANGE_NONE };

static const struct {
	const char *word, *title;
} changes[CHANGES] = {
	[CHANGE_NEW] = { "new", "Only in the second" },
	[CHANGE_GONE] = { "gone", "Only in the first" },
	[CHANGE_VERDICT] = { "verdict", "Decided otherwise" },
	[CHANGE_MORE] = { "more", "More than before" },
	[CHANGE_LESS] = { "less", "Less than before" },
};

/* A name in both audits, [0] before and [1] after. */
struct pair {
	const struct audit_row *row; /* the gravest, of the second audit if it is there */
	enum verdict_kind kind[2];
	struct audit_sum sum[2];
	bool phones;
	enum change change;
};

struct one {
	const struct audit_row *row;
	int side;
};

struct comparison {
	struct pair *pairs;
	size_t count, of[CHANGES + 1], phoning[CHANGES + 1];
	uint64_t home[2]; /* bytes sent to what phones home */
};

static int by_key(const struct audit_row *a, const struct audit_row *b)
{
	int order = strcmp(a->app ? a->app : "", b->app ? b->app : "");

	if (!order)
		order = (a->what > b->what) - (a->what < b->what);
	return order ? order : strcmp(a->name, b->name);
}

static int by_one(const void *pa, const void *pb)
{
	return by_key(((const struct one *)pa)->row, ((const struct one *)pb)->row);
}

static uint64_t contacts(const struct audit_sum *s)
{
	return s->flows + s->questions;
}

/* Twice as much, and more than chance brings. */
static bool is_more(const struct audit_sum *a, const struct audit_sum *b)
{
	enum { FEW = 10, LITTLE = 4096 };

	return (contacts(a) >= FEW && contacts(a) >= 2 * contacts(b)) ||
	       (a->bytes_out >= LITTLE && a->bytes_out >= 2 * b->bytes_out);
}

static enum change change_of(const struct pair *p)
{
	if (!contacts(&p->sum[0]))
		return CHANGE_NEW;
	if (!contacts(&p->sum[1]))
		return CHANGE_GONE;
	if (p->kind[0] != p->kind[1])
		return CHANGE_VERDICT;
	if (is_more(&p->sum[1], &p->sum[0]))
		return CHANGE_MORE;
	return is_more(&p->sum[0], &p->sum[1]) ? CHANGE_LESS : CHANGE_NONE;
}

static int by_change(const void *pa, const void *pb)
{
	const struct pair *a = pa, *b = pb;
	uint64_t up_a = a->sum[0].bytes_out + a->sum[1].bytes_out;
	uint64_t up_b = b->sum[0].bytes_out + b->sum[1].bytes_out;

	if (a->change != b->change)
		return a->change < b->change ? -1 : 1;
	if (a->phones != b->phones)
		return a->phones ? -1 : 1;
	if (up_a != up_b)
		return up_a > up_b ? -1 : 1;
	return by_key(a->row, b->row);
}

static void pair_add(struct pair *p, const struct one *o)
{
	struct audit_sum *sum = &p->sum[o->side];

	if (!p->row || o->side)
		p->row = o->row;
	sum->flows += o->row->sum.flows;
	sum->questions += o->row->sum.questions;
	sum->bytes_out += o->row->sum.bytes_out;
	sum->bytes_in += o->row->sum.bytes_in;
	p->phones = p->phones || audit_row_phones(o->row);
	if (o->row->kind > p->kind[o->side])
		p->kind[o->side] = o->row->kind;
}

static bool collect(const struct audit *a, int side, struct one **ones, size_t *n)
{
	size_t count;
	const struct audit_row **rows = audit_sorted(a, &count);
	struct one *more = rows ? realloc(*ones, (*n + count + 1) * sizeof(**ones)) : NULL;

	if (more) {
		*ones = more;
		for (size_t i = 0; i < count; i++)
			if (rows[i]->what != AUDIT_OTHERS)
				more[(*n)++] = (struct one){ rows[i], side };
	}
	free(rows);
	return more != NULL;
}

static bool compare(const struct audit *before, const struct audit *after, struct comparison *out)
{
	struct comparison c = { 0 };
	struct one *ones = NULL;
	size_t n = 0;
	bool ok = collect(before, 0, &ones, &n) && collect(after, 1, &ones, &n);

	c.pairs = ok ? calloc(n + 1, sizeof(*c.pairs)) : NULL;
	if (c.pairs)
		qsort(ones, n, sizeof(*ones), by_one);
	for (size_t i = 0; c.pairs && i < n; i++) {
		if (!i || by_one(&ones[i], &ones[i - 1]))
			c.count++;
		pair_add(&c.pairs[c.count - 1], &ones[i]);
	}
	for (size_t i = 0; i < c.count; i++) {
		struct pair *p = &c.pairs[i];

		p->change = change_of(p);
		c.of[p->change]++;
		c.phoning[p->change] += p->phones;
		for (int side = 0; side < 2; side++)
			c.home[side] += p->phones ? p->sum[side].bytes_out : 0;
	}
	if (c.pairs)
		qsort(c.pairs, c.count, sizeof(*c.pairs), by_change);
	free(ones);
	*out = c;
	return c.pairs != NULL;
}

static void put_kinds(const struct pair *p, struct text *t)
{
	if (p->change == CHANGE_VERDICT)
		text_printf(t, "%s, was %s", verdict_kind_name(p->kind[1]),
			    verdict_kind_name(p->kind[0]));
	else
		text_str(t, verdict_kind_name(p->kind[p->change != CHANGE_GONE]));
}

/* Columns of names: what the terminal leaves beside the others. */
static int name_width(unsigned width)
{
	return width > 96 ? (int)width - 78 : width ? 22 : 40;
}

static void put_heads(unsigned width, bool colour, struct text *out)
{
	text_printf(out, "%s  %-*s %-14s %-10s %6s %6s %8s %8s%s%s\n", colour ? "\033[1m" : "",
		    name_width(width), "NAME", "APP", "ROLE", "BEFORE", "AFTER", "UP", "UP",
		    !width || width > 96 ? "  VERDICT" : "", colour ? "\033[0m" : "");
}

/* Of a name that is too long the right end stays: it says whose it is. */
static void put_pair(const struct pair *p, unsigned width, bool colour, struct text *out)
{
	struct text name = { 0 }, up[2] = { { 0 } }, kinds = { 0 };
	const char *role = role_name(p->row->role);
	size_t room = (size_t)name_width(width), cut;

	text_escaped(&name, p->row->name, strlen(p->row->name));
	put_kinds(p, &kinds);
	for (int side = 0; side < 2; side++)
		text_bytes(&up[side], p->sum[side].bytes_out);
	if (!name.failed && !up[0].failed && !up[1].failed && !kinds.failed) {
		cut = width && name.len > room ? name.len - room + 2 : 0;
		text_str(out, colour && p->phones ? "\033[33m" : "");
		text_printf(out, "  %s%-*s %-14.14s %-10.10s %6" PRIu64 " %6" PRIu64 " %8s %8s",
			    cut ? ".." : "", (int)(room - (cut ? 2 : 0)), name.at + cut,
			    p->row->app ? p->row->app : "-", role ? role : "-",
			    contacts(&p->sum[0]), contacts(&p->sum[1]), up[0].at, up[1].at);
		if (!width || width > 96)
			text_printf(out, "  %s", kinds.at);
		text_str(out, colour && p->phones ? "\033[0m\n" : "\n");
	} else {
		out->failed = true;
	}
	text_done(&name);
	text_done(&kinds);
	text_done(&up[0]);
	text_done(&up[1]);
}

static void put_conclusion(const struct comparison *c, struct text *out)
{
	text_printf(out, "Of what phones home %zu name%s new and %zu gone; it sent ",
		    c->phoning[CHANGE_NEW], c->phoning[CHANGE_NEW] == 1 ? " is" : "s are",
		    c->phoning[CHANGE_GONE]);
	text_bytes(out, c->home[1]);
	text_str(out, " up, before ");
	text_bytes(out, c->home[0]);
	text_printf(out, ". %zu of %zu names did not change.\n", c->of[CHANGE_NONE], c->count);
}

static void put_spans(const struct audit *before, const struct audit *after, struct text *out)
{
	const struct audit *sides[] = { before, after };

	text_str(out, "Figures are sums, of");
	for (int side = 0; side < 2; side++) {
		int64_t s = (sides[side]->last_ns - sides[side]->first_ns + 500000000) / 1000000000;

		text_printf(out, "%s %" PRId64 " min %" PRId64 " s", side ? " before and of" : "",
			    s / 60, s % 60);
	}
	text_str(out, " after.\n");
}

void audit_compare(const struct audit *before, const struct audit *after, unsigned width,
		   bool colour, struct text *out)
{
	struct comparison c;
	enum change last = CHANGE_NONE;

	if (!compare(before, after, &c)) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < c.count && c.pairs[i].change != CHANGE_NONE; i++) {
		if (c.pairs[i].change != last) {
			last = c.pairs[i].change;
			text_printf(out, "%s%s: %zu\n", i ? "\n" : "", changes[last].title,
				    c.of[last]);
			put_heads(width, colour, out);
		}
		put_pair(&c.pairs[i], width, colour, out);
	}
	text_str(out, c.of[CHANGE_NONE] < c.count ? "\n" : "");
	put_spans(before, after, out);
	put_conclusion(&c, out);
	free(c.pairs);
}

static void put_side(const struct pair *p, int side, struct text *out)
{
	json_object_begin(out, side ? "after" : "before");
	json_u64(out, "flows", p->sum[side].flows);
	json_u64(out, "questions", p->sum[side].questions);
	json_u64(out, "bytes_out", p->sum[side].bytes_out);
	json_u64(out, "bytes_in", p->sum[side].bytes_in);
	if (contacts(&p->sum[side]))
		json_str(out, "verdict", verdict_kind_name(p->kind[side]));
	json_object_end(out);
}

void audit_compare_json(const struct audit *before, const struct audit *after, struct text *out)
{
	struct comparison c;

	if (!compare(before, after, &c)) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < c.count && c.pairs[i].change != CHANGE_NONE; i++) {
		const struct pair *p = &c.pairs[i];

		json_object_begin(out, NULL);
		json_str(out, "type", "change");
		json_str(out, "change", changes[p->change].word);
		json_str(out, "name", p->row->name);
		json_str(out, "app", p->row->app);
		json_str(out, "role", role_name(p->row->role));
		json_bool(out, "phones_home", p->phones);
		put_side(p, 0, out);
		put_side(p, 1, out);
		json_object_end(out);
		json_newline(out);
	}
	json_object_begin(out, NULL);
	json_str(out, "type", "comparison");
	json_u64(out, "names", c.count);
	for (int i = 0; i < CHANGES; i++)
		json_u64(out, changes[i].word, c.of[i]);
	json_u64(out, "same", c.of[CHANGE_NONE]);
	json_u64(out, "bytes_phoning_before", c.home[0]);
	json_u64(out, "bytes_phoning_after", c.home[1]);
	json_object_end(out);
	json_newline(out);
	free(c.pairs);
}
