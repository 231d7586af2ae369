/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Response policy zones: their lines, and which names the wildcards of a zone are about. */
#include <stdlib.h>
#include <string.h>

#include "index/format.h"
#include "classify/list_line.h"

/* Some million names. */
enum { ZONE_BYTES = 32 << 20 };

struct zone_node {
	const uint8_t *key; /* set once all names are there */
	uint32_t at, line;
	uint8_t len;
	bool below;	/* "*.name" */
	uint8_t action; /* RULE_ACTIONS: neither blocks nor allows */
};

void zone_done(struct zone *z)
{
	text_done(&z->keys);
	free(z->nodes);
}

/* False if the zone holds no more. */
static bool zone_note(struct zone *z, const struct name *name, bool below, unsigned action)
{
	struct key key;

	if (z->keys.len > ZONE_BYTES)
		return false;
	if (z->count == z->cap) {
		size_t cap = z->cap * 2 + 64;
		struct zone_node *more = realloc(z->nodes, cap * sizeof *more);
		if (!more)
			return false;
		z->nodes = more;
		z->cap = cap;
	}
	key_of_text(name->text, name->len, &key);
	z->nodes[z->count] = (struct zone_node){ .at = (uint32_t)z->keys.len,
						 .line = z->line,
						 .len = (uint8_t)key.len,
						 .below = below,
						 .action = (uint8_t)action };
	text_put(&z->keys, (const char *)key.at, key.len);
	if (z->keys.failed)
		return false;
	z->count++;
	return true;
}

/* What is below a name follows it: nothing sorts before the separator. */
static int compare_nodes(const void *a, const void *b)
{
	const struct zone_node *x = a, *y = b;
	int order = memcmp(x->key, y->key, x->len < y->len ? x->len : y->len);

	if (order)
		return order;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* Is it at the name that the key's first len bytes are, or below? */
static bool is_under(const struct zone_node *n, const uint8_t *key, size_t len)
{
	return n->len >= len && !memcmp(n->key, key, len) &&
	       (n->len == len || n->key[len] == KEY_SEPARATOR);
}

/* The node after those at or below the name. all: the zone does to the name and all below it what
 * the action says, so that nobody needs to tell it apart. */
static size_t child_end(const struct zone *z, size_t from, size_t len, unsigned action, bool *all)
{
	const uint8_t *key = z->nodes[from].key;
	bool exact = false, below = false, other = false;
	size_t i = from;

	for (; i < z->count && is_under(&z->nodes[i], key, len); i++) {
		const struct zone_node *n = &z->nodes[i];
		other |= n->len != len || n->action != action;
		exact |= !n->below;
		below |= n->below;
	}
	*all = exact && below && !other;
	return i;
}

/* RFC 4592, 3.3.1: a wildcard stands for no name that exists, nor for what is below such a name;
 * and a name exists if there is one below it. As many of them as a rule can hold. */
static void put_wildcard(const struct zone *z, size_t from, rule_fn *each, void *ctx)
{
	const struct zone_node *w = &z->nodes[from];
	struct rule r = { .match = RULE_BELOW, .line = w->line };
	char modifiers[RULE_STRING_MAX];
	size_t used = 0, i = from;

	modifiers[0] = '\0';
	r.action = (enum rule_action)w->action;
	key_to_name(w->key, w->len, &r.name);
	while (i < z->count && z->nodes[i].len == w->len && is_under(&z->nodes[i], w->key, w->len))
		i++;
	while (i < z->count && is_under(&z->nodes[i], w->key, w->len)) {
		const uint8_t *key = z->nodes[i].key;
		const uint8_t *end =
			memchr(key + w->len + 1, KEY_SEPARATOR, z->nodes[i].len - w->len - 1U);
		size_t len = end ? (size_t)(end - key) : z->nodes[i].len;
		struct name child;
		bool all;
		i = child_end(z, i, len, w->action, &all);
		key_to_name(key, len, &child);
		if (all || used + len + sizeof "denyallow=" >= sizeof modifiers)
			continue;
		char *at = stpcpy(modifiers + used, used ? "|" : "denyallow=");
		used = (size_t)(stpcpy(at, child.text) - modifiers);
	}
	r.modifiers = modifiers;
	each(ctx, &r);
}

void zone_end(struct zone *z, rule_fn *each, void *ctx)
{
	for (size_t i = 0; i < z->count; i++)
		z->nodes[i].key = (const uint8_t *)z->keys.at + z->nodes[i].at;
	if (z->count)
		qsort(z->nodes, z->count, sizeof *z->nodes, compare_nodes);
	for (size_t i = 0; i < z->count; i++) {
		if (z->nodes[i].below && z->nodes[i].action != RULE_ACTIONS)
			put_wildcard(z, i, each, ctx);
	}
}

/* PARSED and the action; RULE_ACTIONS if it is an answer of its own. */
static unsigned rpz_action(struct span type, struct span target)
{
	struct addr a;

	if (!span_is_word(type, "cname"))
		return line_address(target, &a) && line_is_nowhere(&a) ? RULE_BLOCK : RULE_ACTIONS;
	if (span_is(target, ".") || span_is(target, "*.") || span_is_word(target, "rpz-drop."))
		return RULE_BLOCK;
	return span_is_word(target, "rpz-passthru.") ? RULE_ALLOW : RULE_ACTIONS;
}

/* Triggers on addresses and servers: "24.0.2.0.192.rpz-ip". */
static bool is_other_trigger(struct span name)
{
	static const char mark[] = ".rpz-";

	for (size_t i = 0; i < name.len; i++) {
		if (span_starts(span_from(name, i), mark))
			return true;
	}
	return false;
}

static int put_record(struct span name, unsigned action, const struct sink *to)
{
	bool below = span_strip(&name, "*.");
	struct name n;
	int got;

	if (is_other_trigger(name))
		return action == RULE_ACTIONS ? LIST_SKIP_REWRITE : LIST_SKIP_UNKNOWN;
	got = line_name(name, &n);
	if (got != PARSED)
		return got;
	bool noted = to->zone && zone_note(to->zone, &n, below, action);
	if (action == RULE_ACTIONS)
		return LIST_SKIP_REWRITE;
	/* The zone's end says what a wildcard is about. */
	if (!below || !noted)
		line_emit(to, &n, below ? RULE_BELOW : RULE_EXACT, (enum rule_action)action);
	return PARSED;
}

/* "name [ttl] [IN] CNAME target", "name A 0.0.0.0"; what a zone needs besides is blank. */
int line_rpz(struct span s, const struct sink *to)
{
	struct span name, type;
	struct addr a;

	s = span_to(s, span_find(s, ";"));
	if (span_starts(s, "$TTL") || span_starts(s, "$ORIGIN"))
		return LIST_SKIP_BLANK;
	name = span_word(&s);
	type = span_word(&s);
	while (s.len &&
	       (span_is_word(type, "in") || (type.len && type.at[0] >= '0' && type.at[0] <= '9')))
		type = span_word(&s);
	if (span_is_word(type, "soa") || span_is_word(type, "ns"))
		return LIST_SKIP_BLANK;
	if (!s.len ||
	    !(span_is_word(type, "cname") || span_is_word(type, "a") || span_is_word(type, "aaaa")))
		return NOT_MINE;
	struct span target = span_word(&s);
	if (!span_is_word(type, "cname") && !line_address(target, &a))
		return NOT_MINE;
	return put_record(name, rpz_action(type, target), to);
}
