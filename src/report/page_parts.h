/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the page share. */
#ifndef REPORT_PAGE_PARTS_H
#define REPORT_PAGE_PARTS_H

#include "report/page.h"

struct page {
	const struct audit *audit;
	const struct engine_counters *counters; /* or NULL */
	const struct page_facts *facts;
	struct audit_figures figures;
	const struct audit_row **rows; /* sorted: what phones home, by bytes sent, then the rest */
	size_t row_count;
	struct text *out;
};

/* page_text.c: text from the network becomes text, never markup: printable ASCII with the
 * characters of HTML as references, the rest as \xHH. */
void page_put(struct page *p, const char *text);
/* The same, to be broken behind dots. */
void page_name(struct page *p, const char *text);
void page_bytes(struct page *p, uint64_t n);
/* "12 names"; with commas between thousands. */
void page_number(struct page *p, uint64_t n);
void page_count(struct page *p, uint64_t n, const char *one);
/* Local time: "20:15:07"; with its day "21 Nov 2026, 20:15". */
void page_clock(struct page *p, int64_t time_ns);
void page_day(struct page *p, int64_t time_ns);
void page_span(struct page *p, int64_t first_ns, int64_t last_ns); /* no more than it takes */
void page_hash(struct page *p, const uint8_t sha256[static SHA256_SIZE]);
/* What a role is: "what was watched, and how", and how it is called in a heading. */
const char *page_role(enum role r);
const char *page_role_meaning(enum role r);

/* page_chart.c */
void page_times(struct page *p);
void page_roles(struct page *p);
/* page_rows.c */
void page_rows(struct page *p);
/* page_habits.c */
void page_habits(struct page *p);
/* page_proof.c */
void page_evidence(struct page *p);
void page_origin(struct page *p);

#endif
