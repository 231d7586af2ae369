/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: index */
/* A damaged index: the input is a list of changes to a good one, u16 where (big-endian), u8 what;
 * size and checksum are made right again. It is refused, or answers with whole rules that match. */
#include "index/internal.h"
#include "fuzz/fuzz.h"

enum { NAMES = 90 };

static struct text good;
static struct name names[NAMES];

static void name_make(struct name *out, unsigned i)
{
	char text[NAME_MAX_TEXT];

	if (i % 3 == 2)
		snprintf(text, sizeof text, "log_%u.z%u.test", i / 3, i);
	else
		snprintf(text, sizeof text, "%sn%u.example.com", i % 3 ? "a." : "", i / 3);
	FUZZ_CHECK(name_from_text(text, strlen(text), out));
}

static void add(struct index_builder *b, struct rule r)
{
	static uint32_t line;

	r.line = ++line;
	r.list = (uint16_t)(line % 3);
	r.important = line % 5 == 0;
	r.action = line % 4 == 0 ? RULE_ALLOW : RULE_BLOCK;
	r.modifiers = line % 7 == 0 ? "dnstype=a|aaaa" : "";
	FUZZ_CHECK(index_builder_add(b, &r));
}

/* Three blocks of names with rules above each other, networks in networks, texts of both kinds. */
static void build(void)
{
	static const char *const bases[] = { "10.0.0.0", "10.1.0.0", "192.0.2.7",
					     "2001:db8::", "2001:db8:1::" };
	static const uint8_t bits[] = { 8, 16, 32, 32, 48 };
	struct index_builder *b = index_builder_new();

	FUZZ_CHECK(b);
	for (unsigned i = 0; i < NAMES; i++) {
		name_make(&names[i], i);
		add(b, (struct rule){ .name = names[i],
				      .match = (enum rule_match)(i % (RULE_BELOW + 1)) });
	}
	for (unsigned i = 0; i < 5; i++) {
		struct rule r = { .match = RULE_NETWORK, .net.bits = bits[i] };
		FUZZ_CHECK(addr_parse(bases[i], &r.net.base));
		add(b, r);
	}
	add(b, (struct rule){ .match = RULE_PATTERN, .text = "||n*.example.com^" });
	add(b, (struct rule){ .match = RULE_REGEX, .text = "^log_[0-9]+\\.z" });
	for (unsigned i = 0; i < 3; i++)
		FUZZ_CHECK(index_builder_list(
			b, &(struct index_list){ .name = "list", .path = "path", .rules = i }));
	FUZZ_CHECK(!index_builder_bytes(b, &good, NULL));
	index_builder_free(b);
}

static void check_rule(void *ctx, const struct rule *r)
{
	const struct name *asked = ctx;
	char text[RULE_TEXT_MAX];

	FUZZ_CHECK(strlen(rule_format(r, text)) < RULE_TEXT_MAX);
	FUZZ_CHECK(r->match != RULE_NETWORK && r->modifiers);
	FUZZ_CHECK(r->match > RULE_BELOW || (r->name.len && name_under(asked, &r->name)));
}

static void ask_name(const struct index *x, const struct name *name)
{
	struct rule_query q = { .name = name, .qtype = 1 };
	struct index_match matches[INDEX_MATCHES];
	struct index_hit hit;
	struct key key;
	uint32_t block, rules;

	if (index_find(x, &q, &hit)) {
		FUZZ_CHECK(index_hit_winner(&hit));
		index_line(x, index_hit_winner(&hit));
	}
	index_each(x, &q, check_rule, (void *)(uintptr_t)name);
	/* Also where the filter says that there is nothing. */
	key_of_text(name->text, name->len, &key);
	FUZZ_CHECK(index_search(x, &key, matches) <= INDEX_MATCHES);
	if (index_locate(x, &key, &block, &rules))
		FUZZ_CHECK(block < (x->names + INDEX_BLOCK - 1) / INDEX_BLOCK);
}

static void ask_address(const struct index *x, const char *text)
{
	struct rule_query q = { .qtype = 0 };
	struct index_hit hit;
	char line[RULE_TEXT_MAX];
	struct addr a;

	FUZZ_CHECK(addr_parse(text, &a));
	if (!index_find_address(x, &a, &q, &hit))
		return;
	const struct rule *r = index_hit_winner(&hit);
	FUZZ_CHECK(r && r->match == RULE_NETWORK && r->net.base.family == a.family);
	FUZZ_CHECK(*rule_format(r, line));
	index_line(x, r);
}

/* Whatever comes out of a damaged one can become part of another. */
static bool take_in(void *ctx, const struct rule *r)
{
	char text[RULE_TEXT_MAX];

	FUZZ_CHECK(r->match > RULE_REGEX || strlen(rule_format(r, text)) < RULE_TEXT_MAX);
	return index_builder_add(ctx, r);
}

static void take_all_in(const struct index *x)
{
	struct index_builder *b = index_builder_new();
	struct index *again = NULL;

	FUZZ_CHECK(b);
	index_walk(x, take_in, b);
	if (!index_builder_finish(b, &again))
		index_free(again);
	index_builder_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text file = { 0 }, lines = { 0 };
	struct index *x = NULL;
	uint8_t *at;

	if (!good.len)
		build();
	/* A block of its exact size, so that a sanitizer sees a read behind it. */
	file.at = malloc(good.len);
	FUZZ_CHECK(file.at);
	file.len = file.cap = good.len;
	memcpy(file.at, good.at, good.len);
	at = (uint8_t *)file.at;
	for (; size >= 3; size -= 3, data += 3)
		at[(size_t)(data[0] << 8 | data[1]) % good.len] = data[2];
	memcpy(at, INDEX_MAGIC, 8);
	put_le(at + 8, INDEX_VERSION, 4);
	put_le(at + 12, (uint32_t)good.len, 4);
	put_le(at + 16, crc32_of(0, at + 20, good.len - 20), 4);
	if (index_adopt(&file, &lines, &x))
		return 0;
	/* A part of them, from all blocks and of all kinds. */
	for (unsigned i = 0; i < NAMES; i += 7)
		ask_name(x, &names[i]);
	take_all_in(x);
	ask_address(x, "10.1.2.3");
	ask_address(x, "192.0.2.7");
	ask_address(x, "2001:db8:1::1");
	for (size_t i = 0; i < index_lists(x); i++) {
		struct index_list l = index_list_at(x, i);
		FUZZ_CHECK(strlen(l.name) < good.len && strlen(l.path) < good.len);
	}
	index_free(x);
	return 0;
}
