/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Models: each symbol that was counted can be written and is read again; damaged ones are seen. */
#include <stdlib.h>
#include <string.h>

#include "index/model.h"
#include "damage.h"
#include "suite.h"

enum { CONTEXTS = 6, SYMBOLS = 5, LENGTH = 3000 };

/* A context with much of its own, one that is rare, one that never was. */
static const uint32_t counts[CONTEXTS * SYMBOLS] = {
	100,   50000, 1,     0,	   7,	 /* 0 */
	90000, 3,     0,     4,	   1,	 /* 1 */
	1,     1,     0,     0,	   0,	 /* 2 */
	0,     0,     0,     0,	   0,	 /* 3 */
	0,     0,     80000, 0,	   0,	 /* 4 */
	5000,  5000,  5000,  5000, 5000, /* 5 */
};

static struct bytes build(struct text *t)
{
	model_build(counts, CONTEXTS, SYMBOLS, 3, t);
	ck_assert(!t->failed);
	return (struct bytes){ (const uint8_t *)t->at, t->len };
}

START_TEST(round_trip)
{
	static uint8_t buffer[4 * LENGTH], contexts[LENGTH], symbols[LENGTH];
	struct text t = { 0 };
	struct rans_writer w;
	struct rans_reader r;
	struct model m;
	uint8_t *at;

	ck_assert(model_open(&m, build(&t), CONTEXTS, SYMBOLS));
	for (unsigned i = 0, n = 0; n < LENGTH; i++) {
		unsigned pair = i * 7 % (CONTEXTS * SYMBOLS);
		if (!counts[pair])
			continue;
		contexts[n] = (uint8_t)(pair / SYMBOLS);
		symbols[n++] = (uint8_t)(pair % SYMBOLS);
	}
	rans_write_begin(&w, buffer, sizeof buffer);
	for (size_t i = LENGTH; i-- > 0;)
		model_write(&m, contexts[i], symbols[i], &w);
	at = rans_write_end(&w);
	ck_assert_ptr_nonnull(at);
	rans_read_begin(&r, at, (size_t)(buffer + sizeof buffer - at));
	for (size_t i = 0; i < LENGTH; i++)
		ck_assert_uint_eq(model_read(&m, contexts[i], &r), symbols[i]);
	text_done(&t);
}
END_TEST

START_TEST(contexts_pay_for_tables)
{
	struct text t = { 0 };
	struct model m;

	ck_assert(model_open(&m, build(&t), CONTEXTS, SYMBOLS));
	ck_assert_ptr_ne(model_table(&m, 0), model_table(&m, 1));
	/* The commonest first, with nearly all slots. */
	ck_assert_uint_eq(model_table(&m, 4)[0], 0);
	ck_assert_uint_eq(model_table(&m, 4)[1], 2);
	ck_assert_uint_eq(get_u16(model_table(&m, 4) + 2), RANS_ONE);
	ck_assert_uint_eq(model_table(&m, 1)[1], 0);
	ck_assert_uint_gt(get_u16(model_table(&m, 1) + 2), RANS_ONE * 9 / 10);
	text_done(&t);
}
END_TEST

static bool opens(struct bytes s)
{
	struct model m;

	return model_open(&m, s, CONTEXTS, SYMBOLS);
}

START_TEST(damage)
{
	struct text t = { 0 };
	struct bytes s = build(&t);
	/* Slots that do not add up, a table that there is not. */
	const struct damage damages[] = { { s.len - 2, (uint8_t)(s.at[s.len - 2] + 1) },
					  { 4, 100 } };
	struct model m;

	check_damages(&t, damages, sizeof damages / sizeof *damages, opens);
	ck_assert(!model_open(&m, s, CONTEXTS + 1, SYMBOLS));
	ck_assert(!model_open(&m, s, CONTEXTS, SYMBOLS - 1)); /* a symbol that there is not */
	text_done(&t);
}
END_TEST

START_TEST(characters)
{
	unsigned seen[CHARS] = { 0 };

	for (unsigned byte = 1; byte < 256; byte++) {
		unsigned s = char_symbol((uint8_t)byte);
		ck_assert_uint_lt(s, CHARS);
		ck_assert_uint_ne(s, CHAR_END);
		ck_assert(s == CHAR_ESCAPE || char_byte(s) == byte);
		seen[s]++;
	}
	for (unsigned s = 1; s < CHAR_ESCAPE; s++)
		ck_assert_uint_eq(seen[s], 1);
}
END_TEST

SUITE("index/model", round_trip, contexts_pay_for_tables, damage, characters)
