/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Static models: from counts to tables, and their check. */
#include "index/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char char_bytes[] = "\0\001-_*0123456789abcdefghijklmnopqrstuvwxyz";

unsigned char_symbol(uint8_t byte)
{
	if (byte >= 'a' && byte <= 'z')
		return 15U + byte - 'a';
	if (byte >= '0' && byte <= '9')
		return 5U + byte - '0';
	switch (byte) {
	case KEY_SEPARATOR:
		return 1;
	case '-':
		return 2;
	case '_':
		return 3;
	case '*':
		return 4;
	default:
		return CHAR_ESCAPE;
	}
}

uint8_t char_byte(unsigned symbol)
{
	return symbol < CHAR_ESCAPE ? (uint8_t)char_bytes[symbol] : 0;
}

static bool table_check(struct bytes s, size_t at, unsigned symbols)
{
	uint32_t sum = 0;
	size_t n;

	if (at >= s.len)
		return false;
	n = s.at[at] + 1U;
	if (s.len - at - 1 < 3 * n)
		return false;
	for (const uint8_t *t = s.at + at + 1; n--; t += 3) {
		if (!get_u16(t + 1) || *t >= symbols)
			return false;
		sum += get_u16(t + 1);
	}
	return sum == RANS_ONE;
}

bool model_open(struct model *m, struct bytes s, unsigned contexts, unsigned symbols)
{
	unsigned tables;

	if (s.len < 4 || get_u16(s.at) != contexts)
		return false;
	tables = get_u16(s.at + 2);
	if (s.len - 4 < 2 * (size_t)contexts + 4 * (size_t)tables)
		return false;
	*m = (struct model){ s.at + 4, s.at + 4 + 2 * contexts, s.at };
	for (unsigned i = 0; i < contexts; i++)
		if (get_u16(m->contexts + 2 * i) >= tables)
			return false;
	for (unsigned i = 0; i < tables; i++)
		if (!table_check(s, get_u32(m->tables + 4 * i), symbols))
			return false;
	return true;
}

void model_write(const struct model *m, unsigned context, unsigned symbol, struct rans_writer *w)
{
	const uint8_t *t = model_table(m, context) + 1;
	uint32_t first = 0;

	while (*t != symbol) {
		first += get_u16(t + 1);
		t += 3;
	}
	rans_write(w, first, get_u16(t + 1), RANS_BITS);
}

enum { SYMBOLS_MAX = 256 };

/* One distribution: slots of each symbol, 0 for those that do not occur. */
struct table {
	unsigned present;
	uint16_t slots[SYMBOLS_MAX];
};

/* Shares RANS_ONE slots out by count, at least one to each that occurs; what rounding leaves
 * goes to, or comes from, the commonest. */
static void table_make(const uint32_t *counts, unsigned symbols, struct table *out)
{
	uint64_t total = 0;
	uint32_t used = 0;
	unsigned top = 0;

	memset(out, 0, sizeof *out);
	for (unsigned i = 0; i < symbols; i++) {
		total += counts[i];
		if (counts[i] > counts[top])
			top = i;
	}
	for (unsigned i = 0; i < symbols; i++) {
		if (!counts[i])
			continue;
		uint64_t n = (uint64_t)counts[i] * RANS_ONE / total;
		out->slots[i] = (uint16_t)(n ? n : 1);
		used += out->slots[i];
		out->present++;
	}
	if (!out->present) {
		out->present = 1;
		out->slots[0] = RANS_ONE;
		return;
	}
	while (used > RANS_ONE) {
		for (unsigned i = 0; i < symbols && used > RANS_ONE; i++) {
			if (out->slots[i] > 1 && out->slots[i] * 8U > out->slots[top]) {
				out->slots[i]--;
				used--;
			}
		}
	}
	out->slots[top] = (uint16_t)(out->slots[top] + RANS_ONE - used);
}

/* Bits that the counted symbols take with these slots. */
static double table_cost(const uint32_t *counts, unsigned symbols, const struct table *t)
{
	double bits = 0;

	for (unsigned i = 0; i < symbols; i++)
		if (counts[i])
			bits += counts[i] * (RANS_BITS - log2(t->slots[i]));
	return bits;
}

static void table_put(const struct table *t, struct text *out)
{
	unsigned left = t->present;
	struct table rest = *t;
	char byte = (char)(left - 1);

	text_put(out, &byte, 1);
	while (left--) {
		unsigned top = 0;
		uint8_t entry[3];
		for (unsigned i = 1; i < SYMBOLS_MAX; i++)
			if (rest.slots[i] > rest.slots[top])
				top = i;
		entry[0] = (uint8_t)top;
		put_le(entry + 1, rest.slots[top], 2);
		text_put(out, (const char *)entry, sizeof entry);
		rest.slots[top] = 0;
	}
}

/* Tables so far, and which one each context has. */
struct making {
	unsigned symbols, count;
	struct text offsets, tables;
	struct text contexts;
};

static unsigned making_add(struct making *k, const struct table *t)
{
	uint8_t at[4];

	put_le(at, (uint32_t)k->tables.len, 4);
	text_put(&k->offsets, (const char *)at, 4);
	table_put(t, &k->tables);
	return k->count++;
}

/* The number of the table for these counts: one of their own if it saves more bits than it
 * takes, else that of the more general context. */
static unsigned making_choose(struct making *k, const uint32_t *counts, unsigned general,
			      const struct table *general_table, struct table *out)
{
	table_make(counts, k->symbols, out);
	if (table_cost(counts, k->symbols, general_table) - table_cost(counts, k->symbols, out) >
	    8.0 * (5 + 3 * out->present))
		return making_add(k, out);
	*out = *general_table;
	return general;
}

static void counts_add(uint32_t *sum, const uint32_t *counts, unsigned contexts, unsigned symbols)
{
	for (unsigned c = 0; c < contexts; c++)
		for (unsigned i = 0; i < symbols; i++)
			sum[i] += counts[c * symbols + i];
}

static void making_contexts(struct making *k, const uint32_t *counts, unsigned contexts,
			    unsigned ratio)
{
	uint32_t sum[SYMBOLS_MAX] = { 0 };
	struct table whole, parent, own;
	unsigned root, above = 0;

	counts_add(sum, counts, contexts, k->symbols);
	table_make(sum, k->symbols, &whole);
	root = making_add(k, &whole);
	for (unsigned c = 0; c < contexts; c++) {
		uint8_t number[2];
		if (c % ratio == 0) {
			memset(sum, 0, sizeof sum);
			counts_add(sum, counts + (size_t)c * k->symbols, ratio, k->symbols);
			above = making_choose(k, sum, root, &whole, &parent);
		}
		put_le(number,
		       ratio == 1 ? above
				  : making_choose(k, counts + (size_t)c * k->symbols, above,
						  &parent, &own),
		       2);
		text_put(&k->contexts, (const char *)number, 2);
	}
}

void model_build(const uint32_t *counts, unsigned contexts, unsigned symbols, unsigned ratio,
		 struct text *out)
{
	struct making k = { .symbols = symbols };
	uint8_t head[4];
	uint32_t base;

	making_contexts(&k, counts, contexts, ratio);
	put_le(head, contexts, 2);
	put_le(head + 2, k.count, 2);
	base = (uint32_t)(4 + k.contexts.len + k.offsets.len);
	for (size_t i = 0; !k.offsets.failed && i < k.offsets.len; i += 4) {
		uint8_t *at = (uint8_t *)k.offsets.at + i;
		put_le(at, get_u32(at) + base, 4);
	}
	text_put(out, (const char *)head, sizeof head);
	text_put(out, k.contexts.at, k.contexts.len);
	text_put(out, k.offsets.at, k.offsets.len);
	text_put(out, k.tables.at, k.tables.len);
	out->failed |= k.contexts.failed || k.offsets.failed || k.tables.failed;
	text_done(&k.contexts);
	text_done(&k.offsets);
	text_done(&k.tables);
}
