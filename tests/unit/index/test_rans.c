/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entropy coder: what is written is read again, in about as many bits as the model says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "index/rans.h"
#include "suite.h"

enum { SYMBOLS = 4, LENGTH = 20000 };

/* Slots of each symbol, one of them as rare as can be. */
static const uint32_t slots[SYMBOLS] = { 3000, 1000, 95, 1 };
static uint8_t message[LENGTH];

static uint32_t first_of(unsigned symbol)
{
	uint32_t first = 0;

	for (unsigned i = 0; i < symbol; i++)
		first += slots[i];
	return first;
}

static unsigned symbol_at(uint32_t slot)
{
	unsigned s = 0;

	while (slot >= first_of(s) + slots[s])
		s++;
	return s;
}

static void write_message(struct rans_writer *w)
{
	for (size_t i = LENGTH; i-- > 0;)
		rans_write(w, first_of(message[i]), slots[message[i]], RANS_BITS);
}

static void make_message(void)
{
	uint32_t x = 1;

	for (size_t i = 0; i < LENGTH; i++) {
		x = x * 1664525 + 1013904223;
		message[i] = (uint8_t)symbol_at(x >> 20);
	}
}

START_TEST(round_trip)
{
	static uint8_t buffer[2 * LENGTH];
	struct rans_writer w;
	struct rans_reader r;
	double bits = 0;
	uint8_t *at;

	make_message();
	rans_write_begin(&w, buffer, sizeof buffer);
	write_message(&w);
	at = rans_write_end(&w);
	ck_assert_ptr_nonnull(at);
	size_t size = (size_t)(buffer + sizeof buffer - at);
	rans_read_begin(&r, at, size);
	for (size_t i = 0; i < LENGTH; i++) {
		unsigned s = symbol_at(rans_slot(&r, RANS_BITS));
		ck_assert_uint_eq(s, message[i]);
		rans_take(&r, first_of(s), slots[s], RANS_BITS);
		bits += RANS_BITS - log2(slots[s]);
	}
	ck_assert_ptr_eq(r.at, r.end);
	/* The state's two bytes of precision cost little. */
	ck_assert_msg((double)size < bits / 8 * 1.02 + RANS_FLUSH, "%zu bytes for %.0f bits", size,
		      bits);
	ck_assert_msg((double)size > bits / 8 * 0.98, "%zu bytes for %.0f bits", size, bits);
}
END_TEST

START_TEST(does_not_fit)
{
	uint8_t buffer[64], guard[8];
	struct rans_writer w;

	make_message();
	memset(buffer, 7, sizeof buffer);
	memset(guard, 7, sizeof guard);
	rans_write_begin(&w, buffer + 8, sizeof buffer - 8);
	write_message(&w);
	ck_assert_ptr_null(rans_write_end(&w));
	ck_assert_mem_eq(buffer, guard, 8);
	/* No room for the state alone. */
	rans_write_begin(&w, buffer, RANS_FLUSH - 1);
	ck_assert_ptr_null(rans_write_end(&w));
}
END_TEST

START_TEST(cut_short)
{
	static uint8_t buffer[2 * LENGTH];
	struct rans_writer w;
	struct rans_reader r;
	size_t right = 0;
	uint8_t *at;

	make_message();
	rans_write_begin(&w, buffer, sizeof buffer);
	write_message(&w);
	at = rans_write_end(&w);
	/* Right as far as the bytes reach; then any symbols, and no byte behind the end. */
	rans_read_begin(&r, at, 100);
	for (size_t i = 0; i < LENGTH; i++) {
		unsigned s = symbol_at(rans_slot(&r, RANS_BITS));
		right += right == i && s == message[i];
		rans_take(&r, first_of(s), slots[s], RANS_BITS);
		ck_assert(r.at <= r.end);
	}
	ck_assert_msg(right > 500 && right < 1500, "%zu right", right);
	rans_read_begin(&r, at, 0);
	ck_assert_uint_eq(r.state, 0);
}
END_TEST

SUITE("index/rans", round_trip, does_not_fit, cut_short)
