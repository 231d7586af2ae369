/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted keys into blocks. Counting and writing make the same symbols in the same contexts. */
#include "index/coder.h"

#include <stdlib.h>
#include <string.h>

enum coded { CODED_CHAR, CODED_SHARED, CODED_CLASS, CODED_BYTE };

struct event {
	uint8_t what;
	uint8_t symbol;
	uint16_t context;
};

/* Of one key at most: shared, two for each character and its end, class and three bytes. */
enum { EVENTS_MAX = INDEX_BLOCK * (2 * NAME_MAX_TEXT + 6) };
/* A symbol of one slot takes 12 bits, a byte 8. */
enum { BLOCK_BYTES = 2 * EVENTS_MAX + 16 };

/* A key above the one at hand that has rules. */
struct above {
	uint8_t len;
	uint32_t class;
};

struct index_coder {
	bool writing, failed;
	uint32_t chars[CHAR_CONTEXTS][CHARS];
	uint32_t shared[SHARED_CONTEXTS][SHARED_MAX + 1];
	uint32_t classes[CLASS_CONTEXTS][256];
	struct text models[3];
	struct model model[3];

	uint8_t before[NAME_MAX_TEXT];
	size_t before_len;
	uint64_t keys;
	unsigned shared_before, class_before;
	struct above above[NAME_MAX_TEXT];
	size_t above_count;

	uint8_t separator[NAME_MAX_TEXT]; /* of the block at hand; and of the one before */
	size_t separator_len;
	uint8_t last_separator[NAME_MAX_TEXT];
	size_t last_separator_len;
	struct above ancestors[NAME_MAX_TEXT];
	size_t ancestor_count;
	struct event events[EVENTS_MAX];
	size_t event_count;
	uint64_t block_count;
	uint8_t buffer[BLOCK_BYTES];
	struct text groups, separators, blocks;
};

struct index_coder *coder_new(void)
{
	return calloc(1, sizeof(struct index_coder));
}

void coder_free(struct index_coder *c)
{
	if (!c)
		return;
	for (int i = 0; i < 3; i++)
		text_done(&c->models[i]);
	text_done(&c->groups);
	text_done(&c->separators);
	text_done(&c->blocks);
	free(c);
}

static void emit(struct index_coder *c, enum coded what, unsigned context, unsigned symbol)
{
	if (c->writing) {
		c->events[c->event_count++] =
			(struct event){ (uint8_t)what, (uint8_t)symbol, (uint16_t)context };
		return;
	}
	if (what == CODED_CHAR)
		c->chars[context][symbol]++;
	else if (what == CODED_SHARED)
		c->shared[context][symbol]++;
}

static void emit_text(struct index_coder *c, const uint8_t *key, size_t from, size_t len)
{
	unsigned a = from > 1 ? char_symbol(key[from - 2]) : 0;
	unsigned b = from > 0 ? char_symbol(key[from - 1]) : 0;

	for (size_t i = from; i < len; i++) {
		unsigned s = char_symbol(key[i]);
		emit(c, CODED_CHAR, char_context(a, b), s);
		if (s == CHAR_ESCAPE)
			emit(c, CODED_BYTE, 0, key[i]);
		a = b;
		b = s;
	}
	emit(c, CODED_CHAR, char_context(a, b), CHAR_END);
}

static void emit_class(struct index_coder *c, uint32_t class)
{
	unsigned s = class_symbol(class);

	emit(c, CODED_CLASS, c->class_before, s);
	if (s == CLASS_ESCAPE)
		for (int i = 0; i < 3; i++)
			emit(c, CODED_BYTE, 0, class >> 8 * i & 0xff);
	c->class_before = s;
}

static void append_le(struct text *t, uint32_t v, int n)
{
	uint8_t b[4];

	put_le(b, v, n);
	text_put(t, (const char *)b, (size_t)n);
}

/* The block's entry among the separators; each group begins anew. */
static void put_separator(struct index_coder *c, size_t size)
{
	struct text *t = &c->separators;
	size_t shared = key_shared(c->last_separator, c->last_separator_len, c->separator,
				   c->separator_len);

	if (c->block_count % INDEX_GROUP == 0) {
		append_le(&c->groups, (uint32_t)t->len, 4);
		append_le(t, (uint32_t)c->blocks.len, 4);
		shared = 0;
	}
	append_le(t, (uint32_t)shared, 1);
	append_le(t, (uint32_t)(c->separator_len - shared), 1);
	text_put(t, (const char *)c->separator + shared, c->separator_len - shared);
	append_le(t, (uint32_t)size, 2);
	append_le(t, (uint32_t)c->ancestor_count, 1);
	for (size_t i = 0; i < c->ancestor_count; i++) {
		append_le(t, c->ancestors[i].len, 1);
		append_le(t, c->ancestors[i].class, 3);
	}
	memcpy(c->last_separator, c->separator, c->separator_len);
	c->last_separator_len = c->separator_len;
}

static void flush_block(struct index_coder *c)
{
	struct rans_writer w;
	uint8_t *at;

	if (!c->event_count)
		return;
	rans_write_begin(&w, c->buffer, sizeof c->buffer);
	for (size_t i = c->event_count; i-- > 0;) {
		const struct event *e = &c->events[i];
		if (e->what == CODED_BYTE)
			rans_write(&w, e->symbol, 1, 8);
		else
			model_write(&c->model[e->what], e->context, e->symbol, &w);
	}
	at = rans_write_end(&w);
	size_t size = at ? (size_t)(c->buffer + sizeof c->buffer - at) : 0;
	if (!at || size > UINT16_MAX || c->blocks.len > UINT32_MAX - size)
		c->failed = true;
	put_separator(c, size);
	text_put(&c->blocks, (const char *)at, size);
	c->event_count = 0;
	c->block_count++;
}

/* The first key of a block goes on where the shortest string above the key before it ends. */
static size_t begin_block(struct index_coder *c, const uint8_t *key, size_t shared)
{
	flush_block(c);
	c->separator_len = c->keys ? shared + 1 : 0;
	memcpy(c->separator, key, c->separator_len);
	memcpy(c->ancestors, c->above, c->above_count * sizeof *c->above);
	c->ancestor_count = c->above_count;
	c->shared_before = c->class_before = 0;
	return c->separator_len;
}

static void put_key(struct index_coder *c, const uint8_t *key, size_t len, uint32_t class)
{
	size_t shared = key_shared(c->before, c->before_len, key, len);

	while (c->above_count) {
		size_t n = c->above[c->above_count - 1].len;
		if (n <= shared && n < len && key[n] == KEY_SEPARATOR)
			break;
		c->above_count--;
	}
	if (c->keys % INDEX_BLOCK == 0) {
		shared = begin_block(c, key, shared);
	} else {
		emit(c, CODED_SHARED, shared_context(c->shared_before), (unsigned)shared);
		c->shared_before = (unsigned)shared;
	}
	emit_text(c, key, shared, len);
	emit_class(c, class);
	c->above[c->above_count++] = (struct above){ (uint8_t)len, class };
	memcpy(c->before, key, len);
	c->before_len = len;
	c->keys++;
}

void coder_count(struct index_coder *c, const uint8_t *key, size_t len)
{
	put_key(c, key, len, 0);
}

void coder_count_classes(struct index_coder *c, const uint32_t *classes, size_t count)
{
	unsigned before = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned s = class_symbol(classes[i]);
		c->classes[i % INDEX_BLOCK ? before : 0][s]++;
		before = s;
	}
}

static struct bytes span_of(const struct text *t)
{
	return (struct bytes){ (const uint8_t *)t->at, t->len };
}

bool coder_models(struct index_coder *c, struct text *chars, struct text *shared,
		  struct text *classes)
{
	struct text *const out[3] = { chars, shared, classes };

	model_build(&c->chars[0][0], CHAR_CONTEXTS, CHARS, CHARS, &c->models[CODED_CHAR]);
	model_build(&c->shared[0][0], SHARED_CONTEXTS, SHARED_MAX + 1, 1, &c->models[CODED_SHARED]);
	model_build(&c->classes[0][0], CLASS_CONTEXTS, 256, 1, &c->models[CODED_CLASS]);
	for (int i = 0; i < 3; i++) {
		text_put(out[i], c->models[i].at, c->models[i].len);
		if (c->models[i].failed || out[i]->failed)
			return false;
	}
	if (!model_open(&c->model[CODED_CHAR], span_of(&c->models[0]), CHAR_CONTEXTS, CHARS) ||
	    !model_open(&c->model[CODED_SHARED], span_of(&c->models[1]), SHARED_CONTEXTS,
			SHARED_MAX + 1) ||
	    !model_open(&c->model[CODED_CLASS], span_of(&c->models[2]), CLASS_CONTEXTS, 256))
		return false;
	c->writing = true;
	c->keys = c->block_count = 0;
	c->before_len = c->above_count = c->last_separator_len = 0;
	return true;
}

void coder_write(struct index_coder *c, const uint8_t *key, size_t len, uint32_t class)
{
	put_key(c, key, len, class);
}

bool coder_end(struct index_coder *c, struct text *groups, struct text *separators,
	       struct text *blocks)
{
	flush_block(c);
	*groups = c->groups;
	*separators = c->separators;
	*blocks = c->blocks;
	memset(&c->groups, 0, sizeof c->groups);
	memset(&c->separators, 0, sizeof c->separators);
	memset(&c->blocks, 0, sizeof c->blocks);
	return !c->failed && !groups->failed && !separators->failed && !blocks->failed;
}
