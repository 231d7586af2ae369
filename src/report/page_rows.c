/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the page, with its filter. */
#include <string.h>

#include "report/page_parts.h"

static const char *became(const struct page *p, const struct audit_row *r)
{
	if (r->what == AUDIT_OTHERS)
		return "";
	if (r->kind == VERDICT_BLOCK)
		return "blocked";
	if (r->kind == VERDICT_LOG)
		return p->facts->monitor ? "reported" : "only reported";
	return "allowed";
}

/* A second line of a cell. */
static void put_small(struct page *p, const char *text)
{
	text_str(p->out, "<small>");
	page_put(p, text);
	text_str(p->out, "</small>");
}

static void put_verdict(struct page *p, const struct audit_row *r)
{
	const char *sep = "<small>";

	text_printf(p->out, "<td%s>%s", r->kind == VERDICT_BLOCK ? " class=\"stop\"" : "",
		    became(p, r));
	for (int h = HOW_NONE + 1; h < HOWS; h++)
		if (r->hows & 1u << h) {
			text_printf(p->out, "%s%s", sep, verdict_how_name((enum verdict_how)h));
			sep = ", ";
		}
	text_printf(p->out, "%s</td>", *sep == ',' ? "</small>" : "");
}

static void put_row(struct page *p, const struct audit_row *r)
{
	const char *app = r->app ? r->app : "no known app";
	const char *role = r->what == AUDIT_OTHERS ? "" : page_role(r->role);

	text_printf(p->out, "<tr%s><th scope=\"row\" class=\"name\">",
		    audit_row_phones(r) ? " class=\"home\"" : "");
	page_name(p, r->name);
	text_str(p->out, "<small class=\"narrow\">");
	page_put(p, role);
	text_str(p->out, " &#183; ");
	page_put(p, app);
	text_str(p->out, " &#183; ");
	page_put(p, r->device->text);
	text_str(p->out, "</small></th><td class=\"wide\">");
	page_put(p, app);
	put_small(p, r->device->text);
	text_str(p->out, "</td><td class=\"wide\">");
	page_put(p, role);
	text_str(p->out, "</td>");
	put_verdict(p, r);
	text_str(p->out, "<td class=\"n wider\">");
	page_number(p, r->sum.flows + r->sum.questions);
	text_str(p->out, "</td><td class=\"n\">");
	page_bytes(p, r->sum.bytes_out);
	text_str(p->out, "</td><td class=\"n wide\">");
	page_bytes(p, r->sum.bytes_in);
	text_str(p->out, "</td><td class=\"wider rule\">");
	if (r->list) {
		page_name(p, r->rule ? r->rule : "");
		put_small(p, r->list);
	}
	text_str(p->out, "</td></tr>\n");
}

/* The script shows it: without one there is nothing to filter with. */
static void put_filter(struct page *p)
{
	text_str(p->out, "<form id=\"filter\" hidden><label>Name, app, device or rule"
			 "<input type=\"search\" id=\"words\" autocomplete=\"off\"></label>"
			 "<label>Role<select id=\"role\"><option value=\"\">all</option>");
	for (int r = ROLE_NONE; r < ROLES; r++)
		if (p->audit->by_role[r].flows || p->audit->by_role[r].questions) {
			text_str(p->out, "<option>");
			page_put(p, page_role((enum role)r));
			text_str(p->out, "</option>");
		}
	text_str(p->out, "</select></label><label>What phones home"
			 "<select id=\"home\"><option value=\"\">and the rest</option>"
			 "<option value=\"home\">alone</option></select></label>"
			 "<output id=\"shown\"></output></form>\n");
}

void page_rows(struct page *p)
{
	size_t n = p->row_count < PAGE_ROWS ? p->row_count : PAGE_ROWS;

	text_str(p->out, "<section aria-labelledby=\"names\"><h2 id=\"names\">Names</h2>\n");
	put_filter(p);
	text_str(p->out,
		 "<table id=\"rows\"><thead><tr><th scope=\"col\">Name</th>"
		 "<th scope=\"col\" class=\"wide\">App and device</th>"
		 "<th scope=\"col\" class=\"wide\">For</th>"
		 "<th scope=\"col\">Would be</th>"
		 "<th scope=\"col\" class=\"n wider\">Contacts</th>"
		 "<th scope=\"col\" class=\"n\">Sent</th>"
		 "<th scope=\"col\" class=\"n wide\">Received</th>"
		 "<th scope=\"col\" class=\"wider\">Rule and list</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++)
		put_row(p, p->rows[i]);
	text_str(p->out, "</tbody></table>\n");
	if (n < p->row_count) {
		text_str(p->out, "<p>");
		page_count(p, p->row_count - n, "more row");
		text_str(p->out,
			 " would make this page too long: tacet audit --json has them.</p>");
	}
	text_str(p->out, "</section>\n");
}
