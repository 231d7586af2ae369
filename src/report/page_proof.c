/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why the page says what it says: the evidence behind the roles, and how it was made. */
#include <stdlib.h>
#include <string.h>

#include "report/page_parts.h"

enum { NAMES_SHOWN = 4 };

/* Of rows that have the same role for the same reason one after the other. */
static const char *reason_of(const struct audit_row *r)
{
	return r->known ? r->known->domain : r->list ? r->list : "";
}

static int by_reason(const void *pa, const void *pb)
{
	const struct audit_row *a = *(const struct audit_row *const *)pa;
	const struct audit_row *b = *(const struct audit_row *const *)pb;
	int order = (int)role_phones(b->role) - (int)role_phones(a->role);

	if (!order)
		order = (a->role > b->role) - (a->role < b->role);
	if (!order)
		order = (a->known == NULL) - (b->known == NULL);
	if (!order)
		order = strcmp(reason_of(a), reason_of(b));
	return order ? order : strcmp(a->name, b->name);
}

static bool same_reason(const struct audit_row *a, const struct audit_row *b)
{
	return a->role == b->role && !a->known == !b->known && !strcmp(reason_of(a), reason_of(b));
}

static void put_names(struct page *p, const struct audit_row **rows, size_t n)
{
	size_t names = 0;

	text_str(p->out, "<small>Seen: ");
	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(rows[i]->name, rows[i - 1]->name))
			continue;
		if (names < NAMES_SHOWN) {
			text_str(p->out, names ? ", " : "");
			page_put(p, rows[i]->name);
		}
		names++;
	}
	if (names > NAMES_SHOWN)
		text_printf(p->out, " and %zu more", names - NAMES_SHOWN);
	text_str(p->out, ".</small>");
}

static void put_reason(struct page *p, const struct audit_row **rows, size_t n)
{
	const struct catalogue_row *k = rows[0]->known;

	text_str(p->out, "<li><strong>");
	if (k) {
		page_put(p, k->domain);
		text_str(p->out, "</strong> ");
		page_put(p, k->owner);
		text_str(p->out, ". Evidence: ");
		page_put(p, k->evidence);
		text_str(p->out, ". Breaks: ");
		page_put(p, k->breaks);
	} else {
		text_str(p->out, "List ");
		page_put(p, reason_of(rows[0]));
		text_str(p->out, "</strong> gives this role");
	}
	text_str(p->out, ". ");
	put_names(p, rows, n);
	text_str(p->out, "</li>\n");
}

static size_t put_evidence_of(struct page *p, const struct audit_row **rows, size_t n)
{
	enum role role = rows[0]->role;
	size_t i = 0;

	text_printf(p->out, "<details%s><summary>", role_phones(role) ? " open" : "");
	page_put(p, page_role(role));
	text_str(p->out, ": ");
	page_put(p, page_role_meaning(role));
	text_str(p->out, "</summary><ul>\n");
	while (i < n && rows[i]->role == role) {
		size_t end = i;

		while (end < n && same_reason(rows[i], rows[end]))
			end++;
		put_reason(p, rows + i, end - i);
		i = end;
	}
	text_str(p->out, "</ul></details>\n");
	return i;
}

void page_evidence(struct page *p)
{
	const struct audit_row **rows = calloc(p->row_count + 1, sizeof(struct audit_row *));
	size_t n = 0;

	if (!rows) {
		p->out->failed = true;
		return;
	}
	for (size_t i = 0; i < p->row_count; i++)
		if (p->rows[i]->role != ROLE_NONE && p->rows[i]->what != AUDIT_OTHERS)
			rows[n++] = p->rows[i];
	qsort(rows, n, sizeof(struct audit_row *), by_reason);
	text_str(p->out,
		 "<section aria-labelledby=\"why\"><h2 id=\"why\">Evidence</h2>\n<p>Where the role "
		 "of a name comes from. A: a report that tested it. B: documentation, or a list "
		 "that gives its reason. C: lists agree, or the name itself says it.</p>\n");
	for (size_t i = 0; i < n;)
		i += put_evidence_of(p, rows + i, n - i);
	if (!n)
		text_str(p->out, "<p>No name has a known role.</p>\n");
	text_str(p->out, "</section>\n");
	free(rows);
}

static void put_file(struct page *p, const struct page_file *f)
{
	if (f->bytes) {
		text_str(p->out, ", ");
		page_bytes(p, f->bytes);
	}
	if (f->modified_ns) {
		text_str(p->out, ", of ");
		page_day(p, f->modified_ns);
	}
	if (f->hashed) {
		text_str(p->out, ", SHA-256 ");
		page_hash(p, f->sha256);
	}
	text_str(p->out, "</dd>\n");
}

static void put_sources(struct page *p)
{
	const struct page_facts *f = p->facts;

	text_str(p->out, "<dt>Watched</dt>\n");
	if (f->live) {
		text_str(p->out, "<dd>");
		page_put(p, f->live);
		text_str(p->out, "</dd>\n");
	}
	for (size_t i = 0; i < f->capture_count; i++) {
		text_str(p->out, "<dd>");
		page_put(p, f->captures[i].name);
		put_file(p, &f->captures[i]);
	}
}

static void put_lists(struct page *p)
{
	const struct page_facts *f = p->facts;

	text_str(p->out, "<dt>Lists</dt>\n");
	for (size_t i = 0; i < f->list_count; i++) {
		const struct page_list *l = &f->lists[i];

		text_str(p->out, "<dd>");
		page_put(p, l->name);
		text_str(p->out, ": ");
		page_count(p, l->rules, "rule");
		if (l->skipped) {
			text_str(p->out, ", ");
			page_count(p, l->skipped, "line");
			text_str(p->out, " not understood");
		}
		put_file(p, &l->file);
	}
	if (!f->list_count)
		text_str(p->out, "<dd>none</dd>\n");
	text_str(p->out, "<dt>Catalogue</dt>\n<dd>");
	page_count(p, f->catalogue_rows, "name");
	put_file(p, &f->catalogue);
}

static void put_limits(struct page *p)
{
	const struct engine_counters *c = p->counters;
	const struct audit *a = p->audit;

	text_str(p->out, "<dt>Not seen</dt>\n<dd>");
	page_count(p, a->hidden, "flow");
	text_str(p->out, " hid the name it asked for (Encrypted ClientHello)");
	if (c) {
		uint64_t odd = 0;

		for (int r = DECODE_OK + 1; r < DECODE_RESULTS; r++)
			odd += c->decode[r];
		text_str(p->out, "; of ");
		page_count(p, c->frames, "frame");
		text_str(p->out, " ");
		page_number(p, odd);
		text_str(p->out, " could not be looked into");
	}
	if (a->over) {
		text_str(p->out, "; ");
		page_count(p, a->over, "record");
		text_str(p->out, " found no row of its own and is under (others)");
	}
	text_str(p->out, ".</dd>\n");
}

void page_origin(struct page *p)
{
	const struct page_facts *f = p->facts;

	text_str(p->out, "<section aria-labelledby=\"how\"><h2 id=\"how\">How this was made</h2>\n"
			 "<dl><dt>By</dt>\n<dd>tacet ");
	page_put(p, f->version);
	text_str(p->out, ", tacet audit --html</dd>\n<dt>Decisions</dt>\n<dd>");
	text_str(p->out, f->monitor ? "as tacet run with this configuration makes them: mode "
				      "monitor reports and blocks nothing"
				    : "as tacet run with this configuration would make them; "
				      "nothing was blocked for this report");
	text_str(p->out, "</dd>\n");
	put_sources(p);
	put_lists(p);
	put_limits(p);
	text_str(p->out, "<dt>Household</dt>\n<dd>");
	text_str(p->out, f->anonymous
				 ? "anonymous: addresses, MACs, names of devices and of the local "
				   "network, names of files and what was asked of reverse DNS are "
				   "left out"
				 : "this page names devices and what they asked for: a viewing "
				   "history. --anonymize leaves out who it was");
	text_str(p->out, ".</dd>\n</dl></section>\n");
}
