/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass notes where each type stands; the rest are look-ups. Nothing is believed: every length
 * is checked against the bytes that are there. */
#include "process/btf.h"

#include <stdlib.h>
#include <string.h>

enum { MAGIC = 0xeb9f, TYPE_BYTES = 12, MEMBER_BYTES = 12, DEPTH = 8, TYPES_MAX = 1 << 22 };

enum kind {
	KIND_INT = 1,
	KIND_ARRAY = 3,
	KIND_STRUCT = 4,
	KIND_UNION = 5,
	KIND_ENUM = 6,
	KIND_FUNC = 12,
	KIND_FUNC_PROTO = 13,
	KIND_VAR = 14,
	KIND_DATASEC = 15,
	KIND_DECL_TAG = 17,
	KIND_ENUM64 = 19,
};

struct btf {
	const uint8_t *types, *strings;
	size_t types_n, strings_n;
	uint32_t *at; /* of type id: where in types */
	uint32_t count;
};

static uint32_t word(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint32_t kind_of(const uint8_t *type)
{
	return word(type + 4) >> 24 & 0x1f;
}

static uint32_t vlen_of(const uint8_t *type)
{
	return word(type + 4) & 0xffff;
}

/* Bytes behind the common part of a type. */
static size_t tail_of(const uint8_t *type)
{
	size_t n = vlen_of(type);

	switch (kind_of(type)) {
	case KIND_INT:
	case KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case KIND_ARRAY:
		return 12;
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_DATASEC:
	case KIND_ENUM64:
		return n * 12;
	case KIND_ENUM:
	case KIND_FUNC_PROTO:
		return n * 8;
	default:
		return 0;
	}
}

static bool is_called(const struct btf *b, uint32_t string, const char *name)
{
	size_t n = strlen(name) + 1;

	return string < b->strings_n && n <= b->strings_n - string &&
	       !memcmp(b->strings + string, name, n);
}

static bool index_types(struct btf *b)
{
	size_t at = 0, room = 1024;

	b->count = 1; /* type 0 is void */
	b->at = malloc(room * sizeof *b->at);
	if (!b->at)
		return false;
	while (b->types_n - at >= TYPE_BYTES) {
		size_t n = TYPE_BYTES + tail_of(b->types + at);

		if (n > b->types_n - at || b->count == TYPES_MAX)
			return false;
		if (b->count == room) {
			uint32_t *more = realloc(b->at, 2 * room * sizeof *b->at);

			if (!more)
				return false;
			b->at = more;
			room *= 2;
		}
		b->at[b->count++] = (uint32_t)at;
		at += n;
	}
	return at == b->types_n;
}

struct btf *btf_new(const uint8_t *bytes, size_t n)
{
	struct btf *b;
	uint16_t magic;
	uint32_t head, type_off, type_len, str_off, str_len;

	if (n < 24 || n > UINT32_MAX)
		return NULL;
	memcpy(&magic, bytes, sizeof magic);
	head = word(bytes + 4);
	type_off = word(bytes + 8);
	type_len = word(bytes + 12);
	str_off = word(bytes + 16);
	str_len = word(bytes + 20);
	if (magic != MAGIC || head < 24 || head > n || type_off > n - head ||
	    type_len > n - head - type_off || str_off > n - head || str_len > n - head - str_off)
		return NULL;
	b = calloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->types = bytes + head + type_off;
	b->types_n = type_len;
	b->strings = bytes + head + str_off;
	b->strings_n = str_len;
	if (!index_types(b)) {
		btf_free(b);
		return NULL;
	}
	return b;
}

void btf_free(struct btf *b)
{
	if (!b)
		return;
	free(b->at);
	free(b);
}

/* NULL where id is none. */
static const uint8_t *type_at(const struct btf *b, uint32_t id)
{
	return id && id < b->count ? b->types + b->at[id] : NULL;
}

static uint32_t find(const struct btf *b, enum kind kind, const char *name)
{
	for (uint32_t id = 1; id < b->count; id++) {
		const uint8_t *type = type_at(b, id);

		if (kind_of(type) == (uint32_t)kind && is_called(b, word(type), name))
			return id;
	}
	return 0;
}

uint32_t btf_function(const struct btf *b, const char *name)
{
	return find(b, KIND_FUNC, name);
}

static bool member_in(const struct btf *b, uint32_t id, const char *name, int depth,
		      uint32_t *io_offset)
{
	const uint8_t *type = type_at(b, id);

	if (!type || depth > DEPTH || (kind_of(type) != KIND_STRUCT && kind_of(type) != KIND_UNION))
		return false;
	for (uint32_t i = 0; i < vlen_of(type); i++) {
		const uint8_t *member = type + TYPE_BYTES + (size_t)i * MEMBER_BYTES;
		bool has_bits = word(type + 4) >> 31;
		uint32_t bits = word(member + 8) & (has_bits ? 0xffffff : UINT32_MAX);
		uint32_t inner = *io_offset + bits / 8;

		if (is_called(b, word(member), name) ||
		    (is_called(b, word(member), "") &&
		     member_in(b, word(member + 4), name, depth + 1, &inner))) {
			*io_offset = inner;
			return true;
		}
	}
	return false;
}

bool btf_member(const struct btf *b, const char *structure, const char *member,
		uint32_t *out_offset)
{
	uint32_t offset = 0;

	if (!member_in(b, find(b, KIND_STRUCT, structure), member, 0, &offset))
		return false;
	*out_offset = offset;
	return true;
}
