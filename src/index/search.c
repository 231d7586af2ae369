/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of an index: filter, separators, one block. */
#include <errno.h>
#include <string.h>

#include "base/reader.h"
#include "index/fuse.h"
#include "index/internal.h"

enum { LABELS_MAX = NAME_MAX_TEXT / 2 };

size_t index_filter(const struct index *x, const struct name *name)
{
	struct fuse_probe probes[LABELS_MAX];
	uint8_t lengths[LABELS_MAX];
	unsigned labels = 0;
	size_t n = 0;
	uint64_t h = 0;

	for (size_t i = name->len; name->len; i--) {
		if (!i || key_divides(name->text, i - 1)) {
			if (x->labels & labels_bit(++labels) && n < LABELS_MAX) {
				lengths[n] = (uint8_t)(name->len - i);
				probes[n++] =
					fuse_probe(x->sections[SECTION_FILTER], key_hash_end(h));
			}
			if (!i)
				break;
			h = key_hash_step(h, KEY_SEPARATOR);
		} else {
			h = key_hash_step(h, (uint8_t)name->text[i - 1]);
		}
	}
	while (n--)
		if (fuse_has(&probes[n]))
			return lengths[n];
	return 0;
}

/* A block and what its separator says. */
struct block {
	uint32_t number;
	struct bytes stream, ancestors;
	uint8_t separator[NAME_MAX_TEXT];
	size_t separator_len;
};

static int compare_keys(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int rc = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return rc ? rc : a_len < b_len ? -1 : a_len > b_len;
}

/* Where a group's separators begin; empty if it is not in the section. */
static struct reader group_reader(const struct index *x, uint32_t group)
{
	struct bytes s = x->sections[SECTION_SEPARATORS];
	uint32_t at = get_u32(x->sections[SECTION_GROUPS].at + 4 * (size_t)group);

	return at < s.len ? reader_whole(s.at + at, s.len - at) : reader_whole(NULL, 0);
}

/* The next block of a group: goes on from the one before it in *b. */
static bool read_block(struct reader *r, struct block *b, size_t *out_size)
{
	uint8_t shared, more, ancestors;
	const uint8_t *bytes, *size;

	if (!read_u8(r, &shared) || !read_u8(r, &more) || shared > b->separator_len ||
	    (size_t)shared + more >= NAME_MAX_TEXT || !(bytes = reader_claim(r, more)))
		return false;
	memcpy(b->separator + shared, bytes, more);
	b->separator_len = (size_t)shared + more;
	if (!(size = reader_claim(r, 2)) || !read_u8(r, &ancestors))
		return false;
	*out_size = get_u16(size);
	b->ancestors.len = 4 * (size_t)ancestors;
	return (b->ancestors.at = reader_claim(r, b->ancestors.len));
}

/* The last group whose first separator is not above the key. */
static uint32_t find_group(const struct index *x, const struct key *key)
{
	uint32_t low = 0, high = (uint32_t)(x->sections[SECTION_GROUPS].len / 4);

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		struct reader r = group_reader(x, middle);
		uint8_t shared = 0, n = 0;
		const uint8_t *at = NULL;
		if (read_skip(&r, 4) && read_u8(&r, &shared) && read_u8(&r, &n))
			at = reader_claim(&r, n);
		if (at && compare_keys(at, n, key->at, key->len) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The last block whose separator is not above the key. */
static bool find_block(const struct index *x, const struct key *key, struct block *out)
{
	uint32_t group = find_group(x, key);
	struct bytes blocks = x->sections[SECTION_BLOCKS];
	struct reader r = group_reader(x, group);
	struct block b = { .separator_len = 0 };
	const uint8_t *base = reader_claim(&r, 4);
	size_t at = base ? get_u32(base) : 0, size;
	bool found = false;

	for (uint32_t i = 0; i < INDEX_GROUP && !reader_done(&r); i++, at += size) {
		if (!read_block(&r, &b, &size) || at > blocks.len || size > blocks.len - at ||
		    compare_keys(b.separator, b.separator_len, key->at, key->len) > 0)
			break;
		b.number = group * INDEX_GROUP + i;
		b.stream = (struct bytes){ blocks.at + at, size };
		*out = b;
		found = true;
	}
	return found;
}

/* Reading the keys of a block one after the other. */
struct cursor {
	const struct index *x;
	struct rans_reader r;
	uint32_t left;
	unsigned shared_before, class_before;
	bool first;
	uint8_t key[NAME_MAX_TEXT];
	size_t len, shared;
	uint32_t class;
};

static void cursor_begin(struct cursor *c, const struct index *x, const struct block *b)
{
	uint32_t start = b->number * INDEX_BLOCK;

	c->x = x;
	rans_read_begin(&c->r, b->stream.at, b->stream.len);
	c->left = start < x->names ? x->names - start : 0;
	if (c->left > INDEX_BLOCK)
		c->left = INDEX_BLOCK;
	c->shared_before = c->class_before = 0;
	c->first = true;
	memcpy(c->key, b->separator, b->separator_len);
	c->len = b->separator_len;
}

static unsigned read_byte(struct rans_reader *r)
{
	unsigned byte = rans_slot(r, 8);

	rans_take(r, byte, 1, 8);
	return byte;
}

/* The characters behind `from`. False: too many, the stream is damaged. */
static bool cursor_text(struct cursor *c, size_t from)
{
	unsigned a = from > 1 ? char_symbol(c->key[from - 2]) : 0;
	unsigned b = from > 0 ? char_symbol(c->key[from - 1]) : 0;

	for (c->len = from;; c->len++) {
		unsigned s = model_read(&c->x->chars, char_context(a, b), &c->r);
		if (s == CHAR_END)
			return true;
		if (c->len == NAME_MAX_TEXT - 1)
			return false;
		c->key[c->len] = s == CHAR_ESCAPE ? (uint8_t)read_byte(&c->r) : char_byte(s);
		a = b;
		b = s;
	}
}

static bool cursor_next(struct cursor *c)
{
	if (!c->left--) {
		c->left = 0;
		return false;
	}
	if (c->first) {
		c->shared = c->len;
	} else {
		c->shared = model_read(&c->x->shared, shared_context(c->shared_before), &c->r);
		c->shared_before = (unsigned)c->shared;
	}
	c->first = false;
	if (c->shared > c->len || !cursor_text(c, c->shared))
		return false;
	c->class_before = model_read(&c->x->classes, c->class_before, &c->r);
	c->class = c->class_before;
	if (c->class == CLASS_ESCAPE) {
		c->class = read_byte(&c->r);
		c->class |= read_byte(&c->r) << 8;
		c->class |= read_byte(&c->r) << 16;
	}
	return true;
}

/* Follows the keys of a block as far as ours: `same` bytes of it are those of the key at hand. */
static bool cursor_towards(struct cursor *c, const struct key *key, size_t *same)
{
	/* Sorted keys grow: where they part from ours earlier than before, they are above it. */
	if (!cursor_next(c) || c->shared < *same)
		return false;
	if (c->shared == *same)
		*same += key_shared(c->key + *same, c->len - *same, key->at + *same,
				    key->len - *same);
	return *same == c->len || (*same < key->len && c->key[*same] < key->at[*same]);
}

size_t index_search(const struct index *x, const struct key *key,
		    struct index_match out[static INDEX_MATCHES])
{
	struct block b;
	struct cursor c;
	size_t n = 0, same;

	if (!x->names || !find_block(x, key, &b))
		return 0;
	same = key_shared(b.separator, b.separator_len, key->at, key->len);
	for (size_t i = 0; i < b.ancestors.len && n < INDEX_MATCHES; i += 4) {
		const uint8_t *a = b.ancestors.at + i;
		if (*a && *a <= same && key_ends_label(key, *a))
			out[n++] = (struct index_match){ get_u24(a + 1), *a };
	}
	cursor_begin(&c, x, &b);
	while (cursor_towards(&c, key, &same)) {
		if (same == c.len && c.len && key_ends_label(key, c.len) && n < INDEX_MATCHES)
			out[n++] = (struct index_match){ c.class, (uint8_t)c.len };
	}
	return n;
}

bool index_locate(const struct index *x, const struct key *key, uint32_t *out_block,
		  uint32_t *out_rules)
{
	struct block b;
	struct cursor c;
	size_t same;
	uint32_t rules = 0;

	if (!x->names || !find_block(x, key, &b))
		return false;
	same = key_shared(b.separator, b.separator_len, key->at, key->len);
	cursor_begin(&c, x, &b);
	while (cursor_towards(&c, key, &same)) {
		if (same == c.len && c.len == key->len) {
			*out_block = b.number;
			*out_rules = rules;
			return true;
		}
		rules += (uint32_t)(class_members(x, c.class).len / 3);
	}
	return false;
}

typedef bool each_key(void *ctx, const uint8_t *key, size_t len, uint32_t class);

/* How many names of the block were told; *out_go false if that was enough. */
static uint32_t each_of_block(const struct index *x, const struct block *b, each_key *each,
			      void *ctx, bool *out_go)
{
	struct cursor c;
	uint32_t n = 0;

	cursor_begin(&c, x, b);
	while (*out_go && cursor_next(&c)) {
		n++;
		*out_go = each(ctx, c.key, c.len, c.class);
	}
	return n;
}

int index_each_key(const struct index *x, each_key *each, void *ctx)
{
	struct bytes blocks = x->sections[SECTION_BLOCKS];
	uint32_t groups = (uint32_t)(x->sections[SECTION_GROUPS].len / 4), told = 0;
	bool go = true;

	for (uint32_t group = 0; go && group < groups; group++) {
		struct reader r = group_reader(x, group);
		struct block b = { .separator_len = 0 };
		const uint8_t *base = reader_claim(&r, 4);
		size_t at = base ? get_u32(base) : 0, size = 0;

		for (uint32_t i = 0; go && i < INDEX_GROUP && told < x->names; i++, at += size) {
			if (!read_block(&r, &b, &size) || at > blocks.len || size > blocks.len - at)
				return -EBADMSG;
			b.number = group * INDEX_GROUP + i;
			b.stream = (struct bytes){ blocks.at + at, size };
			told += each_of_block(x, &b, each, ctx, &go);
		}
	}
	return go && told != x->names ? -EBADMSG : 0;
}
