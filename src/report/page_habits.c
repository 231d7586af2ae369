/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the page says of names that no catalogue knows: suspected hosts, and trackers that appear in
 * the sessions of apps. */
#include <inttypes.h>

#include "report/page_parts.h"

enum { SHOWN = 40 };

static void put_more(struct page *p, uint64_t n)
{
	if (!n)
		return;
	text_str(p->out, "<li>and ");
	page_number(p, n);
	text_str(p->out, " more</li>\n");
}

static void put_suspect(struct page *p, const struct suspect *s)
{
	text_str(p->out, "<li><strong>");
	page_put(p, s->name.text);
	text_str(p->out, "</strong>: ");
	if (s->is_periodic)
		text_printf(
			p->out, "every %" PRIu32 ".%" PRIu32 " s (%" PRIu32 " %% of the time), ",
			s->period_ms / 1000, s->period_ms % 1000 / 100, s->regular_permille / 10);
	if (s->is_shared) {
		text_str(p->out, "asked for by ");
		page_count(p, s->devices, "device");
		text_str(p->out, " and ");
		page_count(p, s->apps, "app");
		text_str(p->out, ", ");
	}
	page_bytes(p, s->bytes_out);
	text_str(p->out, " sent, ");
	page_bytes(p, s->bytes_in);
	text_str(p->out, " received</li>\n");
}

static void put_suspects(struct page *p, const struct audit_habits *h)
{
	size_t i;

	text_str(p->out,
		 "<section aria-labelledby=\"suspected\"><h2 id=\"suspected\">Suspected</h2>\n"
		 "<p>On no list, and behaves like a tracker: small, more sent than received, "
		 "regular or for several apps. Nothing is done about it unless somebody asks.</p>\n"
		 "<ul>\n");
	for (i = 0; i < h->suspect_count && i < SHOWN; i++)
		put_suspect(p, &h->suspects[i]);
	put_more(p, h->suspect_count - i + h->suspects_over);
	text_str(p->out, "</ul></section>\n");
}

static void put_companion(struct page *p, const struct audit_companion *c)
{
	text_str(p->out, "<li><strong>");
	page_put(p, c->companion.name.text);
	text_printf(p->out, "</strong>: in %" PRIu32 " of %" PRIu32 " session%s of ",
		    c->companion.sessions, c->companion.of, c->companion.of == 1 ? "" : "s");
	page_put(p, c->companion.app);
	text_str(p->out, " on ");
	page_put(p, c->device);
	text_str(p->out, "</li>\n");
}

static void put_companions(struct page *p, const struct audit_habits *h)
{
	size_t i;

	text_str(p->out, "<section aria-labelledby=\"others\"><h2 id=\"others\">Trackers of "
			 "others</h2>\n<p>Contacted while an app was in use; in the more of its "
			 "sessions, the likelier it is the app that does it.</p>\n<ul>\n");
	for (i = 0; i < h->companion_count && i < SHOWN; i++)
		put_companion(p, &h->companions[i]);
	put_more(p, h->companion_count - i + h->companions_over);
	text_str(p->out, "</ul></section>\n");
}

void page_habits(struct page *p)
{
	const struct audit_habits *h = &p->audit->habits;

	if (h->companion_count)
		put_companions(p, h);
	if (h->suspect_count)
		put_suspects(p, h);
}
