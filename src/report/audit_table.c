/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of an audit for people: rows by device and app, totals, and one sentence. */
#include "report/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/audit_text.h"

enum column {
	COLUMN_NAME,
	COLUMN_ROLE,
	COLUMN_VERDICT,
	COLUMN_FLOWS,
	COLUMN_ASKED,
	COLUMN_UP,
	COLUMN_DOWN,
	COLUMN_LIST,
	COLUMNS
};

static const struct {
	const char *head;
	bool right;
} columns[COLUMNS] = {
	[COLUMN_NAME] = { "NAME", false },	 [COLUMN_ROLE] = { "ROLE", false },
	[COLUMN_VERDICT] = { "VERDICT", false }, [COLUMN_FLOWS] = { "FLOWS", true },
	[COLUMN_ASKED] = { "ASKED", true },	 [COLUMN_UP] = { "UP", true },
	[COLUMN_DOWN] = { "DOWN", true },	 [COLUMN_LIST] = { "LIST", false },
};

/* What goes first where the terminal is too narrow. */
static const enum column drop_order[] = { COLUMN_LIST,	COLUMN_DOWN, COLUMN_ASKED,
					  COLUMN_FLOWS, COLUMN_UP,   COLUMN_ROLE };
enum { INDENT = 4, GAP = 2, NAME_LEAST = 24 };

struct table {
	struct text *out;
	struct text line, cell;
	unsigned width; /* 0 = a pipe */
	bool colour;
	size_t widths[COLUMNS]; /* 0 = dropped */
};

static void put_verdict(struct text *t, const struct audit_row *r)
{
	const char *sep = " ";

	if (r->what == AUDIT_OTHERS) {
		text_str(t, "-");
		return;
	}
	text_str(t, verdict_kind_name(r->kind));
	for (int h = HOW_NONE + 1; h < HOWS; h++)
		if (r->hows & 1u << h) {
			text_printf(t, "%s%s", sep, verdict_how_name((enum verdict_how)h));
			sep = ",";
		}
}

static void put_word(struct text *t, const char *word)
{
	if (!word)
		word = "-";
	text_escaped(t, word, strlen(word));
}

static void put_cell(struct text *t, const struct audit_row *r, enum column column)
{
	text_clear(t);
	switch (column) {
	case COLUMN_NAME:
		put_word(t, r->name);
		return;
	case COLUMN_ROLE:
		put_word(t, role_name(r->role));
		return;
	case COLUMN_VERDICT:
		put_verdict(t, r);
		return;
	case COLUMN_FLOWS:
		text_printf(t, "%" PRIu64, r->sum.flows);
		return;
	case COLUMN_ASKED:
		text_printf(t, "%" PRIu64, r->sum.questions);
		return;
	case COLUMN_UP:
		text_bytes(t, r->sum.bytes_out);
		return;
	case COLUMN_DOWN:
		text_bytes(t, r->sum.bytes_in);
		return;
	case COLUMN_LIST:
		put_word(t, r->list);
		return;
	case COLUMNS:
		return;
	}
}

static size_t table_total(const struct table *t)
{
	size_t total = INDENT;

	for (int c = 0; c < COLUMNS; c++)
		if (t->widths[c])
			total += t->widths[c] + (c ? GAP : 0);
	return total;
}

/* Every column as wide as its widest cell; on a terminal the names give way first, down to
 * NAME_LEAST, then whole columns. */
static void table_measure(struct table *t, const struct audit_row **rows, size_t n)
{
	size_t drops = sizeof(drop_order) / sizeof(drop_order[0]);

	for (int c = 0; c < COLUMNS; c++)
		t->widths[c] = strlen(columns[c].head);
	for (size_t i = 0; i < n; i++)
		for (int c = 0; c < COLUMNS; c++) {
			put_cell(&t->cell, rows[i], (enum column)c);
			if (t->cell.len > t->widths[c])
				t->widths[c] = t->cell.len;
		}
	if (!t->width)
		return;
	for (size_t d = 0;; d++) {
		size_t total = table_total(t), name = t->widths[COLUMN_NAME], over;

		if (total <= t->width)
			return;
		over = total - t->width;
		if (name >= NAME_LEAST + over || (d == drops && name > over)) {
			t->widths[COLUMN_NAME] -= over;
			return;
		}
		if (d == drops)
			return; /* narrower than two words: lines are cut */
		t->widths[drop_order[d]] = 0;
	}
}

/* Of a name that is too long the right end stays: it says whose it is. */
static void table_cell(struct table *t, enum column column, const char *text, size_t len)
{
	static const char dots[] = "..";
	size_t width = t->widths[column], pad;

	if (!width)
		return;
	if (column != COLUMN_NAME)
		text_printf(&t->line, "%*s", GAP, "");
	if (len > width) {
		size_t mark = width > sizeof(dots) ? sizeof(dots) - 1 : 0;

		text_put(&t->line, dots, mark);
		text_put(&t->line, text + len - (width - mark), width - mark);
		return;
	}
	pad = width - len;
	if (pad && columns[column].right)
		text_printf(&t->line, "%*s", (int)pad, "");
	text_put(&t->line, text, len);
	if (pad && !columns[column].right)
		text_printf(&t->line, "%*s", (int)pad, "");
}

static void table_line(struct table *t, const char *colour)
{
	size_t len = t->line.len;

	if (t->width && len > t->width)
		len = t->width;
	while (len && t->line.at[len - 1] == ' ')
		len--;
	if (t->colour && colour)
		text_printf(t->out, "\033[%sm", colour);
	text_put(t->out, t->line.at ? t->line.at : "", len);
	if (t->colour && colour)
		text_str(t->out, "\033[0m");
	text_str(t->out, "\n");
	if (t->line.failed)
		t->out->failed = true;
	text_clear(&t->line);
}

static void table_head(struct table *t)
{
	text_printf(&t->line, "%*s", INDENT, "");
	for (int c = 0; c < COLUMNS; c++)
		table_cell(t, (enum column)c, columns[c].head, strlen(columns[c].head));
	table_line(t, "1");
}

static const char *row_colour(const struct audit_row *r)
{
	if (r->what == AUDIT_OTHERS)
		return NULL;
	if (r->kind == VERDICT_BLOCK)
		return "31";
	return r->kind == VERDICT_LOG || audit_row_phones(r) ? "33" : NULL;
}

static void table_row(struct table *t, const struct audit_row *r)
{
	text_printf(&t->line, "%*s", INDENT, "");
	for (int c = 0; c < COLUMNS; c++) {
		put_cell(&t->cell, r, (enum column)c);
		if (t->cell.failed)
			t->out->failed = true;
		table_cell(t, (enum column)c, t->cell.at ? t->cell.at : "", t->cell.len);
	}
	table_line(t, row_colour(r));
}

static void table_rows(struct table *t, const struct audit_row **rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct audit_row *r = rows[i], *before = i ? rows[i - 1] : NULL;
		bool device = !before || before->device != r->device;

		if (device) {
			put_word(&t->line, r->device->text);
			table_line(t, "1");
		}
		if (device || before->app != r->app ||
		    (r->what == AUDIT_OTHERS) != (before->what == AUDIT_OTHERS)) {
			text_str(&t->line, "  ");
			put_word(&t->line, r->app);
			table_line(t, "1");
		}
		table_row(t, r);
	}
	if (n)
		text_str(t->out, "\n");
}

void audit_table(const struct audit *a, const struct engine_counters *c, unsigned width,
		 bool colour, struct text *out)
{
	struct table t = { .out = out, .width = width, .colour = colour };
	struct audit_figures f;
	const struct audit_row **rows;
	size_t n;

	rows = audit_sorted(a, &n);
	if (!rows || !audit_figures(a, &f)) {
		out->failed = true;
		free(rows);
		return;
	}
	table_measure(&t, rows, n);
	if (n)
		table_head(&t);
	table_rows(&t, rows, n);
	audit_habits_text(a, width, out);
	audit_closing(a, &f, c, width, out);
	text_done(&t.line);
	text_done(&t.cell);
	free(rows);
}
