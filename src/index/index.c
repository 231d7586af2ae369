/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking an index: from classes of names and networks to rules. */
#include "index/index.h"

#include <string.h>
#include <unistd.h>

#include "index/grams.h"
#include "index/internal.h"
#include "rule/modifiers.h"

struct bytes class_members(const struct index *x, uint32_t class)
{
	struct bytes ends = x->sections[SECTION_CLASSES], all = x->sections[SECTION_MEMBERS];
	uint32_t start, end;

	if (class >= ends.len / 4)
		return (struct bytes){ NULL, 0 };
	start = class ? get_u32(ends.at + 4 * (size_t)(class - 1)) : 0;
	end = get_u32(ends.at + 4 * (size_t) class);
	if (start > end || end > all.len / 3)
		return (struct bytes){ NULL, 0 };
	return (struct bytes){ all.at + 3 * (size_t)start, 3 * (size_t)(end - start) };
}

bool payload_rule(const struct index *x, const uint8_t *member, struct rule *out)
{
	struct bytes all = x->sections[SECTION_PAYLOADS], strings = x->sections[SECTION_STRINGS];
	uint32_t number = get_u24(member), modifiers;
	const uint8_t *p;

	if (number >= all.len / 8)
		return false;
	p = all.at + 8 * (size_t)number;
	modifiers = get_u32(p + 4);
	out->match = (enum rule_match)(p[0] >> PAYLOAD_MATCH_SHIFT & PAYLOAD_MATCH);
	out->rewrite = (enum rule_rewrite)(p[0] >> PAYLOAD_REWRITE_SHIFT & PAYLOAD_REWRITE);
	if (out->match > RULE_NETWORK || out->rewrite > RULE_EXCEPTS || modifiers >= strings.len)
		return false;
	out->action = p[0] & PAYLOAD_ALLOW ? RULE_ALLOW : RULE_BLOCK;
	out->important = p[0] & PAYLOAD_IMPORTANT;
	out->badfilter = false;
	out->list = (uint16_t)(p[1] << 8 | p[2]);
	out->line = 0;
	out->place = 0;
	out->text = NULL;
	out->modifiers = (const char *)strings.at + modifiers;
	out->name.len = 0;
	out->name.text[0] = '\0';
	out->net = (struct addr_prefix){ .bits = 0 };
	return true;
}

typedef void each_fn(void *ctx, const struct rule *r);

static void each_of_name(const struct index *x, const struct rule_query *q,
			 struct index_match match, each_fn *each, void *ctx)
{
	struct bytes members = class_members(x, match.class);
	size_t above = (size_t)(q->name->len - match.len);
	struct rule r;

	for (size_t i = 0; i < members.len; i += 3) {
		if (!payload_rule(x, members.at + i, &r) || r.match > RULE_BELOW ||
		    r.match == (above ? RULE_EXACT : RULE_BELOW) ||
		    !modifiers_match(r.modifiers, q))
			continue;
		memcpy(r.name.text, q->name->text + above, match.len + 1U);
		r.name.len = match.len;
		each(ctx, &r);
	}
}

static void take_longest(void *ctx, const struct rule *r)
{
	index_hit_add(ctx, r);
}

static void each_named(const struct index *x, const struct rule_query *q, each_fn *each, void *ctx)
{
	struct index_match matches[INDEX_MATCHES];
	struct key key;
	size_t n, len;

	len = index_filter(x, q->name);
	if (!len)
		return;
	key_of_text(q->name->text + q->name->len - len, len, &key);
	for (n = index_search(x, &key, matches); n--;)
		each_of_name(x, q, matches[n], each, ctx);
}

/* The rules of one text; with `so_far` those that it wants. The text is tried once, and only if
 * there are any. */
static void each_of_text(const struct index *x, const struct rule_query *q, uint32_t number,
			 const struct index_hit *so_far, each_fn *each, void *ctx)
{
	struct index_text t;
	struct bytes members;
	bool matched = false;
	struct rule r;

	if (!index_text_at(x, number, &t))
		return;
	members = class_members(x, t.class);
	for (size_t i = 0; i < members.len; i += 3) {
		if (!payload_rule(x, members.at + i, &r) || r.match < RULE_PATTERN ||
		    r.match > RULE_REGEX || !modifiers_match(r.modifiers, q))
			continue;
		r.text = t.text;
		r.place = number;
		if (so_far && !index_hit_wants(so_far, &r))
			continue;
		if (!matched && !index_text_matches(x, &t, q->name))
			return;
		matched = true;
		each(ctx, &r);
	}
}

/* Names first: a text is tried only if it is still wanted then. */
static void each_of_all(const struct index *x, const struct rule_query *q,
			const struct index_hit *so_far, each_fn *each, void *ctx)
{
	struct grams_walk walk;
	uint32_t number;

	if (!q->name->len)
		return;
	if (x->names)
		each_named(x, q, each, ctx);
	grams_begin(&walk, x->sections[SECTION_GRAMS], q->name);
	while (grams_next(&walk, &number))
		each_of_text(x, q, number, so_far, each, ctx);
}

bool index_find(const struct index *x, const struct rule_query *q, struct index_hit *out)
{
	index_hit_clear(out);
	each_of_all(x, q, out, take_longest, out);
	return index_hit_winner(out);
}

void index_each(const struct index *x, const struct rule_query *q, each_fn *each, void *ctx)
{
	each_of_all(x, q, NULL, each, ctx);
}

void index_each_address(const struct index *x, const struct addr *a, const struct rule_query *q,
			each_fn *each, void *ctx)
{
	struct index_net nets[INDEX_NETS];
	size_t count = index_search_net(x, a, nets);
	struct rule r;

	for (size_t n = 0; n < count; n++) {
		struct bytes members = class_members(x, nets[n].class);
		for (size_t i = 0; i < members.len; i += 3) {
			if (!payload_rule(x, members.at + i, &r) || r.match != RULE_NETWORK ||
			    !modifiers_match(r.modifiers, q))
				continue;
			index_net_prefix(x, a->family, nets[n].number, &r.net);
			each(ctx, &r);
		}
	}
}

bool index_find_address(const struct index *x, const struct addr *a, const struct rule_query *q,
			struct index_hit *out)
{
	index_hit_clear(out);
	index_each_address(x, a, q, take_longest, out);
	return index_hit_winner(out);
}

static bool same_but_place(const struct rule *a, const struct rule *b)
{
	return a->match == b->match && a->action == b->action && a->important == b->important &&
	       a->rewrite == b->rewrite && a->list == b->list &&
	       !strcmp(a->modifiers ? a->modifiers : "", b->modifiers ? b->modifiers : "");
}

/* Where in its class the rule stands. */
static bool member_of(const struct index *x, uint32_t class, const struct rule *found,
		      uint32_t *out)
{
	struct bytes members = class_members(x, class);
	struct rule r;

	for (size_t i = 0; i < members.len; i += 3) {
		if (payload_rule(x, members.at + i, &r) && same_but_place(&r, found)) {
			*out = (uint32_t)(i / 3);
			return true;
		}
	}
	return false;
}

bool index_lines_read(const struct index *x, uint64_t at, uint32_t *out)
{
	uint8_t b[4];

	if (x->lines_fd >= 0) {
		if (pread(x->lines_fd, b, 4, (off_t)at) != 4)
			return false;
		*out = get_u32(b);
		return true;
	}
	if (x->lines.len < 4 || at > x->lines.len - 4)
		return false;
	*out = get_u32(x->lines.at + at);
	return true;
}

/* The unit of the rule and how many rules of it stand before, for the file of lines. */
static bool find_unit(const struct index *x, const struct rule *r, uint32_t *unit, uint32_t *before)
{
	uint32_t blocks = (x->names + INDEX_BLOCK - 1) / INDEX_BLOCK, member = 0;
	struct index_match matches[INDEX_MATCHES];
	struct index_net nets[INDEX_NETS];
	struct key key;
	size_t n;

	*before = 0;
	if (r->match == RULE_NETWORK) {
		bool six = r->net.base.family == 6;
		for (n = index_search_net(x, &r->net.base, nets); n--;) {
			if (nets[n].bits != r->net.bits || !member_of(x, nets[n].class, r, before))
				continue;
			*unit = blocks + nets[n].number +
				(six ? (uint32_t)(x->sections[SECTION_NET4].len / 12) : 0);
			return true;
		}
		return false;
	}
	if (r->match > RULE_BELOW) {
		struct index_text t;
		if (!index_text_at(x, (uint32_t)r->place, &t) || !member_of(x, t.class, r, before))
			return false;
		*unit = blocks + (uint32_t)(x->sections[SECTION_NET4].len / 12) +
			(uint32_t)(x->sections[SECTION_NET6].len / 24) + t.number;
		return true;
	}
	key_of_text(r->name.text, r->name.len, &key);
	n = index_search(x, &key, matches);
	if (!n || matches[n - 1].len != key.len ||
	    !member_of(x, matches[n - 1].class, r, &member) || !index_locate(x, &key, unit, before))
		return false;
	*before += member;
	return true;
}

uint64_t index_lines_begin(const struct index *x)
{
	uint32_t crc, units;

	if (!index_lines_read(x, 8, &crc) || crc != x->crc || !index_lines_read(x, 12, &units))
		return 0;
	return LINES_HEAD + 4 * (uint64_t)units;
}

uint32_t index_line(const struct index *x, const struct rule *found)
{
	uint64_t begin = index_lines_begin(x), at;
	uint32_t unit = 0, before = 0, first, line = 0;

	if (!begin || !find_unit(x, found, &unit, &before))
		return 0;
	at = LINES_HEAD + 4 * (uint64_t)unit;
	if (at >= begin || !index_lines_read(x, at, &first) ||
	    !index_lines_read(x, begin + 4 * ((uint64_t)first + before), &line))
		return 0;
	return line;
}
