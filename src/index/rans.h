/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Range variant of asymmetric numeral systems (Duda, arXiv:1311.2540): a number of many digits
 * whose digits have as many values as the model says. Written from the last symbol to the first,
 * read forward. 24 bits of state: products stay in 32 bits, and a stream ends in 3 bytes. */
#ifndef INDEX_RANS_H
#define INDEX_RANS_H

#include <stddef.h>
#include <stdint.h>

enum { RANS_BITS = 12, RANS_ONE = 1 << RANS_BITS, RANS_LOW = 1 << 16, RANS_FLUSH = 3 };

/* Fills a buffer from its end downwards. */
struct rans_writer {
	uint32_t state;
	uint8_t *start, *at; /* at == NULL: it did not fit */
};

static inline void rans_write_begin(struct rans_writer *w, uint8_t *buf, size_t size)
{
	*w = (struct rans_writer){ .state = RANS_LOW, .start = buf, .at = buf + size };
}

/* A symbol that has `count` of the 1 << bits slots, from `first` on. */
static inline void rans_write(struct rans_writer *w, uint32_t first, uint32_t count, unsigned bits)
{
	uint32_t limit = ((RANS_LOW >> bits) << 8) * count;

	while (w->state >= limit) {
		if (!w->at || w->at == w->start) {
			w->at = NULL;
			return;
		}
		*--w->at = (uint8_t)w->state;
		w->state >>= 8;
	}
	w->state = (w->state / count << bits) + w->state % count + first;
}

/* Where the stream begins, NULL if the buffer was too small. */
static inline uint8_t *rans_write_end(struct rans_writer *w)
{
	if (!w->at || w->at - w->start < RANS_FLUSH)
		return NULL;
	w->at -= RANS_FLUSH;
	w->at[0] = (uint8_t)(w->state >> 16);
	w->at[1] = (uint8_t)(w->state >> 8);
	w->at[2] = (uint8_t)w->state;
	return w->at;
}

/* Behind the end come zeros: a damaged stream gives wrong symbols, nothing worse. */
struct rans_reader {
	uint32_t state;
	const uint8_t *at, *end;
};

static inline uint32_t rans_byte(struct rans_reader *r)
{
	return r->at < r->end ? *r->at++ : 0;
}

static inline void rans_read_begin(struct rans_reader *r, const uint8_t *p, size_t n)
{
	*r = (struct rans_reader){ .at = p, .end = p + n };
	for (int i = 0; i < RANS_FLUSH; i++)
		r->state = r->state << 8 | rans_byte(r);
}

/* The slot says which symbol it is; then its first slot and their count take it off. */
static inline uint32_t rans_slot(const struct rans_reader *r, unsigned bits)
{
	return r->state & ((1U << bits) - 1);
}

static inline void rans_take(struct rans_reader *r, uint32_t first, uint32_t count, unsigned bits)
{
	r->state = count * (r->state >> bits) + rans_slot(r, bits) - first;
	/* Two bytes are enough from any state that was written. */
	for (int i = 0; i < 2 && r->state < RANS_LOW; i++)
		r->state = r->state << 8 | rans_byte(r);
}

#endif
