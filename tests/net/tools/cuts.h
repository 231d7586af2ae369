/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packings of TCP: how the stream is cut into segments. */
#ifndef TOOLS_CUTS_H
#define TOOLS_CUTS_H

#include "streams.h"

enum shape {
	ONE,
	TWO,
	THREE,
	EVERY_BYTE,
	FIRST_BYTE,
	FIVE_BYTES, /* a record header, and the rest */
	IN_NAME,
	SWAPPED,
	SHUFFLED, /* three: the last, the first, the middle */
	SHUFFLED_8,
	BACKWARDS, /* four, the last first */
	TWICE,
	OVERLAP,
	AGAIN,	   /* the first part comes again with other bytes */
	KEEPALIVE, /* an old byte among them */
	WITH_FIN,
	SECOND_HEAD, /* behind the first empty line */
	SECOND_HELLO,
	FULL, /* segments of 1,400 */
	FULL_SWAPPED,
	FULL_SHUFFLED,
};

/* Sends parts of equal length in this order. */
static inline void parts(struct script *s, size_t count, const uint8_t *order)
{
	for (size_t i = 0; i < count; i++) {
		size_t k = order ? order[i] : i;

		segment(s, s->total * k / count, s->total * (k + 1) / count);
	}
}

static inline void in_segments_of(struct script *s, size_t bytes)
{
	for (size_t i = 0; i < s->total; i += bytes)
		segment(s, i, i + bytes < s->total ? i + bytes : s->total);
}

static inline void cut_at(struct script *s, size_t at)
{
	segment(s, 0, at);
	segment(s, at, s->total);
}

static inline void swap_pairs(struct script *s)
{
	for (size_t i = 0; i + 1 < s->count; i += 2) {
		struct step first = s->steps[i];

		s->steps[i] = s->steps[i + 1];
		s->steps[i + 1] = first;
	}
}

static inline void rotate_triples(struct script *s)
{
	for (size_t i = 0; i + 2 < s->count; i += 3) {
		struct step last = s->steps[i + 2];

		memmove(&s->steps[i + 1], &s->steps[i], 2 * sizeof *s->steps);
		s->steps[i] = last;
	}
}

/* Shapes of which pieces repeat or lie over each other. */
static inline void cut_twice(struct script *s, enum shape shape)
{
	size_t half = s->total / 2, in_name = s->name + s->name_n / 2;

	if (shape == TWICE) {
		for (size_t i = 0; i < 4; i++)
			for (int twice = 0; twice < 2; twice++)
				segment(s, s->total * i / 4, s->total * (i + 1) / 4);
	} else if (shape == OVERLAP) {
		segment(s, 0, half);
		segment(s, half / 2, half + half / 2);
		segment(s, half, s->total);
	} else if (shape == AGAIN) {
		segment(s, 0, in_name);
		decoy(s, 0, in_name, 'x');
		segment(s, in_name, s->total);
	} else {
		segment(s, 0, half);
		decoy(s, half - 1, half, 0);
		segment(s, half, s->total);
	}
}

static inline void cut(struct script *s, enum shape shape)
{
	static const uint8_t shuffled[] = { 2, 0, 1 }, backwards[] = { 3, 2, 1, 0 };
	static const uint8_t swapped[] = { 1, 0 }, shuffled_8[] = { 5, 2, 7, 0, 4, 1, 6, 3 };

	switch (shape) {
	case ONE:
	case WITH_FIN:
		segment(s, 0, s->total);
		s->steps[0].fin = shape == WITH_FIN;
		break;
	case TWO:
		parts(s, 2, NULL);
		break;
	case THREE:
		parts(s, 3, NULL);
		break;
	case EVERY_BYTE:
		in_segments_of(s, 1);
		break;
	case FIRST_BYTE:
		cut_at(s, 1);
		break;
	case FIVE_BYTES:
		cut_at(s, 5);
		break;
	case IN_NAME:
		cut_at(s, s->name + s->name_n / 2);
		break;
	case SECOND_HEAD:
		cut_at(s, (size_t)((uint8_t *)memmem(s->pool + s->stream, s->total, "\r\n\r\n", 4) -
				   s->pool) -
				  s->stream + 4);
		break;
	case SECOND_HELLO:
		cut_at(s, (size_t)((uint8_t *)memmem(s->pool + s->stream, s->total,
						     CHANGE_CIPHER_SPEC, 6) -
				   s->pool) -
				  s->stream);
		break;
	case SWAPPED:
		parts(s, 2, swapped);
		break;
	case SHUFFLED:
		parts(s, 3, shuffled);
		break;
	case SHUFFLED_8:
		parts(s, 8, shuffled_8);
		break;
	case BACKWARDS:
		parts(s, 4, backwards);
		break;
	case TWICE:
	case OVERLAP:
	case AGAIN:
	case KEEPALIVE:
		cut_twice(s, shape);
		break;
	case FULL:
		in_segments_of(s, 1400);
		break;
	case FULL_SWAPPED:
		in_segments_of(s, 1400);
		swap_pairs(s);
		break;
	case FULL_SHUFFLED:
		in_segments_of(s, 600);
		rotate_triples(s);
		break;
	}
}

#endif
