/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that blocklists/README.md lays down for a row. */
#include "classify/catalogue_lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct lint {
	const struct catalogue *c;
	const struct lists *lists;
	const struct catalogue_row *row;
	catalogue_finding_fn *each;
	void *ctx;
	size_t found;
};

static void __attribute__((format(printf, 2, 3))) finding(struct lint *l, const char *fmt, ...)
{
	char what[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	l->found++;
	l->each(l->ctx, l->row, what);
}

/* A grade, and what it rests on: a report that can be read, or a named source. */
static void check_evidence(struct lint *l)
{
	const char *ev = l->row->evidence;

	if (!*ev || !strchr("ABC", ev[0]) || ev[1] != ' ' || strlen(ev) < 9)
		finding(l, "no evidence: it must be A, B or C and a source");
	else if (ev[0] == 'A' && strncmp(ev + 2, "https://", 8) != 0)
		finding(l, "evidence of grade A must begin with the address of the report");
}

static void check_breaks(struct lint *l)
{
	static const char *const words[] = { "nothing", "unknown", "playback", "login" };
	const char *breaks = l->row->breaks;
	bool known = strncmp(breaks, "feature:", 8) == 0 && breaks[8];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		known = known || strcmp(breaks, words[i]) == 0;
	if (!known)
		finding(l,
			"breaks '%.60s' is none of nothing, unknown, playback, login, feature:...",
			breaks);
}

/* A name that the row is about: the stars stand for something. */
static bool sample(const struct catalogue_row *row, struct name *out)
{
	char text[2 * NAME_MAX_TEXT];
	size_t n = 0;

	if (row->match != RULE_PATTERN) {
		*out = row->name;
		return true;
	}
	for (const char *c = row->domain; *c; c++)
		text[n++] = *c == '*' ? 'x' : *c;
	return name_from_text(text, n, out);
}

/* Of the same name, a suffix row speaks for what is below. */
static bool is_reached(const struct catalogue *c, const struct catalogue_row *row,
		       const struct name *name, const struct catalogue_row *other)
{
	char text[NAME_MAX_TEXT + 8];
	struct name below;

	if (other == row)
		return true;
	if (row->match != RULE_SUFFIX || other->match != RULE_EXACT)
		return false;
	snprintf(text, sizeof text, "x.%s", name->text);
	return !name_from_text(text, strlen(text), &below) ||
	       catalogue_find(c, &below, NULL) == row;
}

static bool same_app(const struct catalogue_row *a, const struct catalogue_row *b)
{
	return a->app == b->app || (a->app && b->app && strcmp(a->app, b->app) == 0);
}

static void check_reach(struct lint *l, const struct name *name)
{
	const struct catalogue_row *other = catalogue_find(l->c, name, NULL);

	if (other && !is_reached(l->c, l->row, name, other)) {
		if (l->row->essential && !other->essential)
			finding(l, "essential, but the %s row '%.100s' of line %u covers it",
				role_name(other->role) ? role_name(other->role) : "plain",
				other->domain, other->line);
		else
			finding(l, "no name reaches it: '%.100s' of line %u speaks first",
				other->domain, other->line);
	} else if (other && other != l->row && !same_app(other, l->row)) {
		finding(l, "another app than line %u, which has the same name", other->line);
	}
}

static void check_lists(struct lint *l, const struct name *name)
{
	const struct catalogue_row *row = l->row;
	char text[RULE_TEXT_MAX];
	const struct rule *rule;
	struct index_hit hit;

	if (!l->lists ||
	    !index_find(lists_index(l->lists), &(struct rule_query){ .name = name }, &hit))
		return;
	rule = index_hit_winner(&hit);
	if (rule->action != RULE_BLOCK)
		return;
	if (row->essential)
		finding(l, "essential, but blocked by %.200s of %.200s without an exception",
			rule_format(rule, text), lists_source(l->lists, rule->list)->name);
	else if (!role_phones(row->role))
		finding(l, "blocked by %.200s of %.200s, and its role is '%s'",
			rule_format(rule, text), lists_source(l->lists, rule->list)->name,
			role_name(row->role) ? role_name(row->role) : "-");
}

size_t catalogue_lint(const struct catalogue *c, const struct lists *lists,
		      catalogue_finding_fn *each, void *ctx)
{
	struct lint l = { .c = c, .lists = lists, .each = each, .ctx = ctx };
	struct name name;

	for (size_t i = 0; i < catalogue_rows(c); i++) {
		l.row = catalogue_row(c, i);
		check_evidence(&l);
		check_breaks(&l);
		if (!sample(l.row, &name))
			continue;
		check_reach(&l, &name);
		check_lists(&l, &name);
	}
	return l.found;
}
