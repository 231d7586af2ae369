/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of an audit's rows, and what its conclusion counts. */
#include "report/audit.h"

#include <stdlib.h>
#include <string.h>

#include "classify/catalogue.h"

bool audit_verdict_phones(enum role r, enum verdict_kind k)
{
	return role_phones(r) || (r == ROLE_NONE && k != VERDICT_ALLOW);
}

bool audit_row_phones(const struct audit_row *r)
{
	return r->what != AUDIT_OTHERS && audit_verdict_phones(r->role, r->kind);
}

static int by_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* "(others)" goes last, what has no app after what has one. */
static int by_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

static int by_device(const struct audit_device *a, const struct audit_device *b)
{
	int order;

	if (a == b)
		return 0;
	if (a->number == UINT32_MAX || b->number == UINT32_MAX)
		return by_u64(a->number, b->number);
	order = (int)b->has_name - (int)a->has_name;
	if (!order)
		order = strcmp(a->text, b->text);
	return order ? order : by_u64(a->number, b->number);
}

/* Blocked first, then would be blocked, then what phones home all the same, then the rest. */
static int gravity(const struct audit_row *r)
{
	return 2 * (int)r->kind + audit_row_phones(r);
}

static int by_row(const void *pa, const void *pb)
{
	const struct audit_row *a = *(const struct audit_row *const *)pa;
	const struct audit_row *b = *(const struct audit_row *const *)pb;
	int order = by_device(a->device, b->device);

	if (!order)
		order = by_u64(a->what == AUDIT_OTHERS, b->what == AUDIT_OTHERS);
	if (!order)
		order = by_text(a->app, b->app);
	if (!order)
		order = gravity(b) - gravity(a);
	if (!order)
		order = by_u64(a->what, b->what);
	if (!order)
		order = by_u64(b->sum.bytes_out, a->sum.bytes_out);
	if (!order)
		order = by_u64(b->sum.flows + b->sum.questions, a->sum.flows + a->sum.questions);
	return order ? order : strcmp(a->name, b->name);
}

const struct audit_row **audit_sorted(const struct audit *a, size_t *out_count)
{
	size_t most = a->row_count + a->device_count + 1, n = 0;
	const struct audit_row **rows = calloc(most, sizeof(*rows));

	*out_count = 0;
	if (!rows)
		return NULL;
	for (const struct audit_row *r = a->rows; r; r = r->hh.next)
		rows[n++] = r;
	for (const struct audit_device *d = a->devices; d; d = d->hh.next)
		if (d->others)
			rows[n++] = d->others;
	if (a->crowd && a->crowd->others)
		rows[n++] = a->crowd->others;
	qsort(rows, n, sizeof(*rows), by_row);
	*out_count = n;
	return rows;
}

static int by_app(const void *pa, const void *pb)
{
	const struct audit_row *a = *(const struct audit_row *const *)pa;
	const struct audit_row *b = *(const struct audit_row *const *)pb;

	return by_text(a->app, b->app);
}

static int by_name(const void *pa, const void *pb)
{
	const struct audit_row *a = *(const struct audit_row *const *)pa;
	const struct audit_row *b = *(const struct audit_row *const *)pb;
	int order = by_u64(a->what, b->what);

	return order ? order : strcmp(a->name, b->name);
}

static void count_apps(const struct audit_row **rows, size_t n, struct audit_figures *f)
{
	qsort(rows, n, sizeof(*rows), by_app);
	for (size_t i = 0, end; i < n && rows[i]->app; i = end) {
		bool phones = false;

		for (end = i; end < n && rows[end]->app == rows[i]->app; end++)
			phones = phones || audit_row_phones(rows[end]);
		f->apps++;
		f->apps_phoning += phones;
	}
}

static void count_names(const struct audit_row **rows, size_t n, struct audit_figures *f)
{
	qsort(rows, n, sizeof(*rows), by_name);
	for (size_t i = 0, end; i < n && rows[i]->what == AUDIT_NAME; i = end) {
		bool phones = false, in_role[ROLES] = { false };
		enum verdict_kind kind = VERDICT_ALLOW;

		for (end = i; end < n && by_name(&rows[end], &rows[i]) == 0; end++) {
			phones = phones || audit_row_phones(rows[end]);
			in_role[rows[end]->role] = true;
			if (rows[end]->kind > kind)
				kind = rows[end]->kind;
		}
		f->names++;
		f->names_phoning += phones;
		f->names_blocked += kind != VERDICT_ALLOW;
		f->names_bypassing += in_role[ROLE_BYPASS];
		f->names_by_kind[kind]++;
		for (int r = 0; r < ROLES; r++)
			f->names_by_role[r] += in_role[r];
	}
}

bool audit_figures(const struct audit *a, struct audit_figures *out)
{
	struct audit_figures f = { .devices = a->device_count };
	const struct audit_row **rows;
	size_t n;

	rows = audit_sorted(a, &n);
	if (!rows)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (audit_row_phones(rows[i]))
			f.bytes_phoning += rows[i]->sum.bytes_out;
		if (rows[i]->kind != VERDICT_ALLOW)
			f.bytes_blocked += rows[i]->sum.bytes_out;
	}
	count_apps(rows, n, &f);
	count_names(rows, n, &f);
	free(rows);
	*out = f;
	return true;
}
