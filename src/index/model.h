/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static models: how often each symbol follows in a context. A context that is too rare to pay
 * for a table of its own shares a more general one.
 *
 * Layout: u16 contexts, u16 tables; u16 table of each context; u32 offset of each table in the
 * section; a table: u8 symbols - 1, then u8 symbol, u16 slots of RANS_ONE, commonest first. */
#ifndef INDEX_MODEL_H
#define INDEX_MODEL_H

#include "base/text.h"
#include "index/format.h"
#include "index/rans.h"

/* Characters of keys: 0 ends the key, 1 the separator, ESCAPE stands before any other byte. */
enum { CHAR_END, CHAR_ESCAPE = 41, CHARS };
unsigned char_symbol(uint8_t byte);
/* CHAR_END and CHAR_ESCAPE have none. */
uint8_t char_byte(unsigned symbol);

/* Contexts of order 2, then of order 1, then the one of order 0. For characters the two before,
 * for shared lengths and classes the one before (order 2 is not used). */
enum { CHAR_CONTEXTS = CHARS * CHARS };
enum { SHARED_MAX = 255, SHARED_CONTEXTS = 48 };
/* The 255 commonest classes are symbols, CLASS_ESCAPE stands before three bytes of another. */
enum { CLASS_ESCAPE = 255, CLASS_CONTEXTS = 256 };

static inline unsigned char_context(unsigned before_last, unsigned last)
{
	return last * CHARS + before_last;
}

static inline unsigned shared_context(unsigned before)
{
	return before < SHARED_CONTEXTS ? before : SHARED_CONTEXTS - 1;
}

static inline unsigned class_symbol(uint32_t class)
{
	return class < CLASS_ESCAPE ? class : CLASS_ESCAPE;
}

/* A checked section. */
struct model {
	const uint8_t *contexts, *tables, *base;
};
/* False if a table or a context is not what the layout says. */
bool model_open(struct model *m, struct bytes s, unsigned contexts, unsigned symbols);

static inline const uint8_t *model_table(const struct model *m, unsigned context)
{
	return m->base + get_u32(m->tables + 4 * get_u16(m->contexts + 2 * context));
}

/* The next symbol of the stream. The slots of a table add up to RANS_ONE: this ends. */
static inline unsigned model_read(const struct model *m, unsigned context, struct rans_reader *r)
{
	const uint8_t *t = model_table(m, context) + 1;
	uint32_t slot = rans_slot(r, RANS_BITS), first = 0, count;

	while (slot - first >= (count = get_u16(t + 1))) {
		first += count;
		t += 3;
	}
	rans_take(r, first, count, RANS_BITS);
	return *t;
}

/* The symbol must be one that was counted in this context. */
void model_write(const struct model *m, unsigned context, unsigned symbol, struct rans_writer *w);

/* Writes the model of what was counted: counts[context * symbols + symbol]. A context without a
 * table of its own has that of parents[its number / ratio], parents those of the whole. */
void model_build(const uint32_t *counts, unsigned contexts, unsigned symbols, unsigned ratio,
		 struct text *out);

#endif
