/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every rule of an index, so that what one is made of can become part of another. */
#include <errno.h>

#include "index/internal.h"

struct walk {
	const struct index *x;
	bool (*each)(void *ctx, const struct rule *r);
	void *ctx;
	uint64_t lines_at; /* of the next rule's line; 0: lines are not known */
	bool enough, damaged;
};

/* Is a rule of this kind about what it was found at? */
static bool fits(enum rule_match match, const struct rule *about)
{
	if (match == RULE_NETWORK)
		return about->net.base.family;
	return match > RULE_BELOW ? about->text != NULL : about->name.len > 0;
}

/* The rules of a class; what they are about is in `about`. */
static bool tell_class(struct walk *w, uint32_t class, const struct rule *about)
{
	struct bytes members = class_members(w->x, class);
	struct rule r;

	for (size_t i = 0; i < members.len; i += 3) {
		if (!payload_rule(w->x, members.at + i, &r) || !fits(r.match, about)) {
			w->damaged = true;
			return false;
		}
		r.name = about->name;
		r.text = about->text;
		r.net = about->net;
		if (w->lines_at && index_lines_read(w->x, w->lines_at, &r.line))
			w->lines_at += 4;
		if (!w->each(w->ctx, &r)) {
			w->enough = true;
			return false;
		}
	}
	return true;
}

static bool on_key(void *ctx, const uint8_t *key, size_t len, uint32_t class)
{
	struct rule about = { .line = 0 };

	key_to_name(key, len, &about.name);
	return tell_class(ctx, class, &about);
}

static bool walk_nets(struct walk *w, int family)
{
	bool six = family == 6;
	size_t record = six ? 24 : 12;
	struct bytes s = w->x->sections[six ? SECTION_NET6 : SECTION_NET4];
	struct rule about = { .line = 0 };

	for (uint32_t i = 0; i < s.len / record; i++) {
		index_net_prefix(w->x, family, i, &about.net);
		if (!tell_class(w, get_u24(s.at + i * record + (six ? 17 : 5)), &about))
			return false;
	}
	return true;
}

static void walk_texts(struct walk *w)
{
	struct rule about = { .line = 0 };
	struct index_text t;

	for (uint32_t i = 0; index_text_at(w->x, i, &t); i++) {
		about.text = t.text;
		if (!tell_class(w, t.class, &about))
			return;
	}
}

int index_walk(const struct index *x, bool (*each)(void *ctx, const struct rule *r), void *ctx)
{
	struct walk w = { .x = x, .each = each, .ctx = ctx, .lines_at = index_lines_begin(x) };
	/* The order of the file of lines. */
	int rc = index_each_key(x, on_key, &w);

	if (!rc && !w.enough && !w.damaged && walk_nets(&w, 4) && walk_nets(&w, 6))
		walk_texts(&w);
	return w.damaged ? -EBADMSG : rc;
}
