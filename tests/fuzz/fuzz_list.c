/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: classify */
/* Lines of lists in every format: rules are whole and their text means themselves again, and the
 * index of them answers as a search of all of them one by one does. */
#include "classify/lists.h"
#include "fuzz/fuzz.h"

enum { RULES_MAX = 128 };

static struct rule rules[RULES_MAX];
static unsigned count;

static void keep(void *ctx, const struct rule *r)
{
	unsigned *given = ctx;

	++*given;
	if (count == RULES_MAX)
		return;
	rules[count] = *r;
	rules[count].text = r->text ? strdup(r->text) : NULL;
	rules[count].modifiers = r->modifiers ? strdup(r->modifiers) : NULL;
	count++;
}

struct again {
	enum rule_match match;
	struct rule rule;
	char text[RULE_STRING_MAX], modifiers[RULE_STRING_MAX];
};

static void keep_one(void *ctx, const struct rule *r)
{
	struct again *a = ctx;

	/* A mask that is an address gives a rule for that as well. */
	if ((r->match == RULE_NETWORK) != (a->match == RULE_NETWORK))
		return;
	a->rule = *r;
	snprintf(a->text, sizeof a->text, "%s", r->text ? r->text : "");
	snprintf(a->modifiers, sizeof a->modifiers, "%s", r->modifiers ? r->modifiers : "");
	a->rule.text = a->text;
	a->rule.modifiers = a->modifiers;
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool same(const struct rule *a, const struct rule *b)
{
	return name_equal(&a->name, &b->name) && a->match == b->match && a->action == b->action &&
	       a->important == b->important && a->rewrite == b->rewrite &&
	       same_text(a->text, b->text) && same_text(a->modifiers, b->modifiers) &&
	       addr_equal(&a->net.base, &b->net.base) && a->net.bits == b->net.bits;
}

/* The canonical text of a rule is a line of AdGuard's syntax that means this rule. (As "*.name"
 * a name of the machine itself is refused, as "||*.name^" it is not.) */
static void check_rule(const struct rule *r)
{
	static struct again again;
	static char text[RULE_TEXT_MAX];
	struct name name;
	int why;

	if (r->name.len) {
		FUZZ_CHECK(strlen(r->name.text) == r->name.len && r->match <= RULE_BELOW);
		FUZZ_CHECK(name_from_text(r->name.text, r->name.len, &name) &&
			   name_equal(&name, &r->name));
	} else if (r->match == RULE_NETWORK) {
		FUZZ_CHECK(r->net.base.family && r->net.bits);
	} else {
		FUZZ_CHECK(r->match > RULE_BELOW && r->text && *r->text);
	}
	FUZZ_CHECK(strlen(rule_format(r, text)) < RULE_TEXT_MAX);
	if (r->badfilter) /* what takes rules out is told as they are */
		return;
	again.match = r->match;
	again.rule = (struct rule){ .list = 0 };
	why = list_parse_line(text, strlen(text), LIST_AUTO, keep_one, &again);
	FUZZ_CHECK(why == -1 ? same(r, &again.rule)
			     : why == LIST_SKIP_LOCAL_NAME && r->match != RULE_SUFFIX);
}

static void parse_lines(const uint8_t *data, size_t size, enum list_format format)
{
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t n = end ? (size_t)(end - data) : size;
		char *line = malloc(n ? n : 1);
		unsigned given = 0;
		int why;

		FUZZ_CHECK(line);
		memcpy(line, data, n);
		why = list_parse_line(line, n, format, keep, &given);
		FUZZ_CHECK(why >= -1 && why < LIST_SKIPS && (why == -1) == (given > 0));
		FUZZ_CHECK(why == -1 || *list_skip_name((enum list_skip)why));
		free(line);
		data += n + (end != NULL);
		size -= n + (end != NULL);
	}
}

static bool matches(const struct rule *r, const struct name *name)
{
	bool equal = name_equal(&r->name, name);

	switch (r->match) {
	case RULE_EXACT:
		return equal;
	case RULE_SUFFIX:
		return name_under(name, &r->name);
	case RULE_BELOW:
		return !equal && name_under(name, &r->name);
	case RULE_PATTERN:
	case RULE_REGEX:
	case RULE_NETWORK:
		break;
	}
	return false;
}

/* The longest; of equal length exact before suffix before below; of equal ones the first. */
static const struct rule *best(const struct name *name, enum rule_action action)
{
	const struct rule *found = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct rule *r = &rules[i];

		if (r->action != action || !matches(r, name))
			continue;
		if (!found || r->name.len > found->name.len ||
		    (r->name.len == found->name.len && r->match < found->match))
			found = r;
	}
	return found;
}

struct seen {
	const struct index *index;
	unsigned left; /* rules that must still come */
};

static void check_each(void *ctx, const struct rule *r)
{
	struct seen *s = ctx;

	FUZZ_CHECK(s->left > 0);
	s->left--;
	for (unsigned i = 0; i < count; i++)
		if (same(&rules[i], r) && rules[i].line == index_line(s->index, r))
			return;
	FUZZ_CHECK(!"a rule that nobody added");
}

static void ask(const struct index *x, const struct name *name)
{
	const struct rule *block = best(name, RULE_BLOCK), *allow = best(name, RULE_ALLOW);
	struct seen s = { .index = x };
	struct index_hit hit = { 0 };

	FUZZ_CHECK(index_find(x, &(struct rule_query){ .name = name }, &hit) == (block || allow));
	if (!block && !allow)
		return;
	FUZZ_CHECK(hit.found[0][RULE_BLOCK] == (block != NULL) &&
		   hit.found[0][RULE_ALLOW] == (allow != NULL));
	FUZZ_CHECK(!block || (same(block, &hit.rule[0][RULE_BLOCK]) &&
			      block->line == index_line(x, &hit.rule[0][RULE_BLOCK])));
	FUZZ_CHECK(!allow || (same(allow, &hit.rule[0][RULE_ALLOW]) &&
			      allow->line == index_line(x, &hit.rule[0][RULE_ALLOW])));
	/* Those that match, but of equal ones the first only. */
	for (unsigned i = 0; i < count; i++) {
		bool again = false;

		for (unsigned j = 0; j < i; j++)
			again |= same(&rules[i], &rules[j]);
		s.left += matches(&rules[i], name) && !again;
	}
	index_each(x, &(struct rule_query){ .name = name }, check_each, &s);
	FUZZ_CHECK(s.left == 0);
}

/* The search one by one knows whole names only; masks, expressions and limits have tests of their
 * own (test_semantics.c, test_pattern.c). */
static void keep_plain(void)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++) {
		struct rule *r = &rules[i];
		bool plain = r->name.len && !r->modifiers && !r->important && !r->badfilter;
		if (plain)
			rules[kept++] = *r;
		else
			free((void *)(uintptr_t)r->modifiers);
		if (!plain)
			free((void *)(uintptr_t)r->text);
	}
	count = kept;
}

static void check_index(void)
{
	struct index_builder *b = index_builder_new();
	struct index *x = NULL;
	struct name below;
	char text[NAME_MAX_TEXT + 2];

	FUZZ_CHECK(b);
	for (unsigned i = 0; i < count; i++) {
		rules[i].line = i + 1;
		FUZZ_CHECK(index_builder_add(b, &rules[i]));
	}
	FUZZ_CHECK(!index_builder_finish(b, &x));
	index_builder_free(b);
	FUZZ_CHECK(index_rules(x) <= count);
	for (unsigned i = 0; i < count; i++) {
		const char *parent = name_parent(rules[i].name.text);

		ask(x, &rules[i].name);
		snprintf(text, sizeof text, "x.%s", rules[i].name.text);
		if (name_from_text(text, strlen(text), &below))
			ask(x, &below);
		if (*parent && name_from_text(parent, strlen(parent), &below))
			ask(x, &below);
	}
	index_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	count = 0;
	parse_lines(data + 1, size - 1, (enum list_format)(data[0] % LIST_DISCONNECT));
	for (unsigned i = 0; i < count; i++)
		check_rule(&rules[i]);
	keep_plain();
	/* It takes most of the time: for a few sizes. */
	if (size % 64 == 1)
		check_index();
	return 0;
}
