/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page of an audit: the conclusion first. */
#include "report/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/asset.h"
#include "report/audit_text.h"
#include "report/page_parts.h"

static int by_weight(const void *pa, const void *pb)
{
	const struct audit_row *a = *(const struct audit_row *const *)pa;
	const struct audit_row *b = *(const struct audit_row *const *)pb;
	int order = (int)audit_row_phones(b) - (int)audit_row_phones(a);

	if (!order)
		order = (int)b->kind - (int)a->kind;
	if (!order)
		order = (a->sum.bytes_out < b->sum.bytes_out) -
			(a->sum.bytes_out > b->sum.bytes_out);
	if (!order)
		order = strcmp(a->name, b->name);
	if (!order)
		order = strcmp(a->device->text, b->device->text);
	return order ? order : strcmp(a->app ? a->app : "", b->app ? b->app : "");
}

static void put_asset(struct page *p, const char *path)
{
	for (const struct asset *a = report_assets; a->path; a++)
		if (!strcmp(a->path, path))
			text_put(p->out, (const char *)a->at, a->len);
}

/* The script by its hash: a name that passed for markup all the same would still not run. */
static void put_policy(struct page *p)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	uint8_t hash[SHA256_SIZE + 1] = { 0 };

	for (const struct asset *a = report_assets; a->path; a++)
		if (!strcmp(a->path, "/report.js"))
			sha256(a->at, a->len, hash);
	text_str(p->out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
			 "'none'; style-src 'unsafe-inline'; script-src 'sha256-");
	for (int i = 0; i < SHA256_SIZE; i += 3) {
		uint32_t three = (uint32_t)hash[i] << 16 | (uint32_t)hash[i + 1] << 8 |
				 (i + 2 < SHA256_SIZE ? hash[i + 2] : 0);

		for (int k = 18; k >= 0; k -= 6)
			if (i + 2 < SHA256_SIZE || k)
				text_printf(p->out, "%c", digits[three >> k & 63]);
	}
	text_str(p->out, "='\">\n");
}

static void put_head(struct page *p)
{
	text_str(p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width\">\n");
	put_policy(p);
	text_str(p->out, "<title>What phoned home</title>\n<style>\n");
	put_asset(p, "/report.css");
	text_str(p->out, "</style>\n</head>\n<body>\n<header><span class=\"mark\">tacet</span> "
			 "<span>What phoned home</span></header>\n<main>\n");
}

static void put_span(struct page *p)
{
	const struct audit *a = p->audit;

	text_str(p->out, "<p class=\"lead\">");
	if (a->spanned) {
		page_span(p, a->first_ns, a->last_ns);
		text_str(p->out, ". ");
	}
	page_count(p, p->figures.devices, "device");
	text_str(p->out, ", ");
	page_count(p, p->figures.apps, "app");
	text_str(p->out, ", ");
	page_count(p, p->figures.names, "name");
	text_str(p->out, "; ");
	page_bytes(p, a->total.bytes_out);
	text_str(p->out, " sent, ");
	page_bytes(p, a->total.bytes_in);
	text_str(p->out, " received.");
	if (p->figures.names_bypassing) {
		text_str(p->out, " ");
		page_count(p, p->figures.names_bypassing, "name");
		text_str(p->out, " of encrypted resolvers or relays: ways around DNS.");
	}
	text_str(p->out, "</p>\n");
}

static void put_conclusion(struct page *p)
{
	struct text t = { 0 };

	audit_conclusion(p->audit, &p->figures, &t);
	text_str(p->out, "<h1>");
	/* A number and its unit stay together. */
	for (char *at = t.at; at && *at; at++) {
		char one[] = { *at, 0 };

		if (*at == ' ' && (at[1] == 'B' || (at[1] && at[2] == 'B')))
			text_str(p->out, "&#160;");
		else
			page_put(p, one);
	}
	text_str(p->out, "</h1>\n");
	if (t.failed)
		p->out->failed = true;
	text_done(&t);
}

void page_write(const struct audit *a, const struct engine_counters *c, const struct page_facts *f,
		struct text *out)
{
	struct page p = { .audit = a, .counters = c, .facts = f, .out = out };

	p.rows = audit_sorted(a, &p.row_count);
	if (!p.rows || !audit_figures(a, &p.figures)) {
		out->failed = true;
		free(p.rows);
		return;
	}
	qsort(p.rows, p.row_count, sizeof(struct audit_row *), by_weight);
	put_head(&p);
	put_conclusion(&p);
	put_span(&p);
	if (p.row_count) {
		page_times(&p);
		page_roles(&p);
		page_rows(&p);
		page_habits(&p);
		page_evidence(&p);
	}
	page_origin(&p);
	/* The hash is that of all between the tags. */
	text_str(out, "</main>\n<script>");
	put_asset(&p, "/report.js");
	text_str(out, "</script>\n</body>\n</html>\n");
	free(p.rows);
}
