/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pictures of the page: contacts over time by app, bytes by role. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/page_parts.h"

enum { LANE_HEIGHT = 28 };

static int by_phoning(const void *pa, const void *pb)
{
	const struct audit_lane *a = *(const struct audit_lane *const *)pa;
	const struct audit_lane *b = *(const struct audit_lane *const *)pb;

	if (a->phoning != b->phoning)
		return a->phoning < b->phoning ? 1 : -1;
	if (a->contacts != b->contacts)
		return a->contacts < b->contacts ? 1 : -1;
	if (!a->app || !b->app)
		return (a->app == NULL) - (b->app == NULL);
	return strcmp(a->app, b->app);
}

/* A contact alone is seen beside thousands. */
static void put_bars(struct page *p, const uint32_t *counts, uint32_t most, const char *class)
{
	text_printf(p->out, "<path class=\"%s\" d=\"", class);
	for (unsigned i = 0; i < p->audit->times.used; i++) {
		uint64_t height =
			counts[i] ? 2 + (uint64_t)counts[i] * (LANE_HEIGHT - 2) / most : 0;

		if (height)
			text_printf(p->out, "M%u %dv-%" PRIu64 "h.86v%" PRIu64 "z", i, LANE_HEIGHT,
				    height, height);
	}
	text_str(p->out, "\"/>");
}

static void put_lane(struct page *p, const struct audit_lane *l, const char *name)
{
	uint32_t most = 1;

	for (unsigned i = 0; i < AUDIT_SLOTS; i++)
		most = l->all[i] > most ? l->all[i] : most;
	text_str(p->out, "<tr><th scope=\"row\">");
	page_put(p, name);
	text_printf(p->out,
		    "</th><td class=\"plot\"><svg viewBox=\"0 0 %u %d\" "
		    "preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		    p->audit->times.used ? p->audit->times.used : 1, LANE_HEIGHT);
	put_bars(p, l->all, most, "rest");
	put_bars(p, l->home, most, "home");
	text_str(p->out, "</svg></td><td class=\"n home\">");
	page_number(p, l->phoning);
	text_str(p->out, "</td><td class=\"n\">");
	page_number(p, l->contacts);
	text_str(p->out, "</td></tr>\n");
}

static void lane_add(struct audit_lane *to, const struct audit_lane *l)
{
	to->contacts += l->contacts;
	to->phoning += l->phoning;
	for (unsigned i = 0; i < AUDIT_SLOTS; i++) {
		to->all[i] += l->all[i];
		to->home[i] += l->home[i];
	}
}

#define DAY_NS INT64_C(86400000000000)

static void put_axis(struct page *p)
{
	const struct audit_times *t = &p->audit->times;
	int64_t start = t->first * t->width_ns, end = (t->first + t->used) * t->width_ns;
	void (*put)(struct page *, int64_t) = end - start < DAY_NS ? page_clock : page_day;

	text_str(p->out, "<tr class=\"axis\"><td></td><td class=\"plot\"><div><span>");
	put(p, start);
	text_str(p->out, "</span><span>");
	put(p, start + (end - start) / 2);
	text_str(p->out, "</span><span>");
	put(p, end);
	text_str(p->out, "</span></div></td><td></td><td></td></tr>\n");
}

void page_times(struct page *p)
{
	size_t n = 0, count = HASH_COUNT(p->audit->times.lanes);
	const struct audit_lane **lanes = calloc(count + 1, sizeof(struct audit_lane *));
	struct audit_lane rest = { .app = NULL };
	char more[48];

	if (!lanes) {
		p->out->failed = true;
		return;
	}
	for (const struct audit_lane *l = p->audit->times.lanes; l; l = l->hh.next)
		lanes[n++] = l;
	qsort(lanes, n, sizeof(struct audit_lane *), by_phoning);
	text_str(p->out,
		 "<section aria-labelledby=\"when\"><h2 id=\"when\">When</h2>\n"
		 "<p>Contacts by app over time: <span class=\"key home\"></span> those that phone "
		 "home, <span class=\"key rest\"></span> all others. Every app is drawn to its own "
		 "height.</p>\n<table class=\"lanes\"><thead><tr><th scope=\"col\">App</th>"
		 "<th scope=\"col\">Over time</th><th scope=\"col\" class=\"n\">Home</th>"
		 "<th scope=\"col\" class=\"n\">All</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < n; i++)
		if (i < PAGE_LANES || n == PAGE_LANES + 1)
			put_lane(p, lanes[i], lanes[i]->app ? lanes[i]->app : "no known app");
		else
			lane_add(&rest, lanes[i]);
	snprintf(more, sizeof(more), "%zu more", n - PAGE_LANES);
	if (rest.contacts)
		put_lane(p, &rest, more);
	put_axis(p);
	text_str(p->out, "</tbody></table></section>\n");
	free(lanes);
}

static void put_bar(struct page *p, uint64_t n, uint64_t most, const char *class)
{
	text_str(p->out, "<td class=\"n amount\">");
	page_bytes(p, n);
	text_printf(p->out,
		    "<svg viewBox=\"0 0 1000 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
		    "<path class=\"%s\" d=\"M0 0h%" PRIu64 "v6h-%" PRIu64 "z\"/></svg></td>",
		    class, most ? n * 1000 / most : 0, most ? n * 1000 / most : 0);
}

static void put_role(struct page *p, enum role r, const struct audit_sum *most)
{
	const struct audit_sum *sum = &p->audit->by_role[r];
	const char *class = role_phones(r) ? "home" : "rest";

	text_str(p->out, "<tr><th scope=\"row\">");
	page_put(p, page_role(r));
	text_str(p->out, "<small>");
	page_put(p, page_role_meaning(r));
	text_str(p->out, "</small></th><td class=\"n\">");
	page_number(p, p->figures.names_by_role[r]);
	text_str(p->out, "</td><td class=\"n\">");
	page_number(p, sum->flows + sum->questions);
	text_str(p->out, "</td>");
	put_bar(p, sum->bytes_out, most->bytes_out, class);
	put_bar(p, sum->bytes_in, most->bytes_in, class);
	text_str(p->out, "</tr>\n");
}

void page_roles(struct page *p)
{
	const struct audit_sum *by = p->audit->by_role;
	struct audit_sum most = { 0 };

	for (int r = 0; r < ROLES; r++) {
		most.bytes_out =
			by[r].bytes_out > most.bytes_out ? by[r].bytes_out : most.bytes_out;
		most.bytes_in = by[r].bytes_in > most.bytes_in ? by[r].bytes_in : most.bytes_in;
	}
	text_str(
		p->out,
		"<section aria-labelledby=\"what\"><h2 id=\"what\">What for</h2>\n"
		"<table class=\"roles\"><thead><tr><th scope=\"col\">Role</th>"
		"<th scope=\"col\" class=\"n\">Names</th><th scope=\"col\" "
		"class=\"n\">Contacts</th>"
		"<th scope=\"col\" class=\"n\">Sent</th><th scope=\"col\" class=\"n\">Received</th>"
		"</tr></thead><tbody>\n");
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < ROLES; i++) {
			/* What is not known goes last. */
			enum role r = (enum role)((i + 1) % ROLES);

			if (role_phones(r) == !pass && (by[r].flows || by[r].questions))
				put_role(p, r, &most);
		}
	text_str(p->out, "</tbody></table></section>\n");
}
