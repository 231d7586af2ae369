/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HPACK: integers, strings with their Huffman code, and a dynamic table that remembers what
 * matters here: which entry is a host, and how much room each takes. */
#include "dissect/hpack.h"

enum {
	STATIC_ENTRIES = 61,
	STATIC_AUTHORITY = 1,
	STATIC_HOST = 38,
	TABLE_MAX = 4096,    /* SETTINGS_HEADER_TABLE_SIZE until the server says otherwise */
	ENTRY_OVERHEAD = 32, /* RFC 7541, 4.1 */
	TABLE_ENTRIES = TABLE_MAX / ENTRY_OVERHEAD,
	INTEGER_MAX = 1 << 20, /* larger than any block that is read here */
	CODE_BITS = 30,
	SYMBOL_END = 256, /* EOS */
};

enum field_kind { FIELD_OTHER, FIELD_AUTHORITY, FIELD_HOST };

/* A string as it stands in the block. */
struct string {
	struct reader bytes;
	bool is_coded;
	size_t n; /* of the text */
};

struct entry {
	uint8_t kind;
	bool is_coded;
	uint16_t name_len;
	uint32_t size;
	const uint8_t *at; /* the value, in the block; only where kind is not OTHER */
	size_t len;
};

/* Entries by age, the latest first behind `first`. */
struct table {
	struct entry entries[TABLE_ENTRIES];
	unsigned first, count;
	size_t size, max;
};

struct field {
	enum field_kind kind;
	size_t name_len;
	struct string value;
};

/* The code of RFC 7541, appendix B, is canonical: how many symbols have codes of each length, and
 * all symbols in the order of their codes, give the codes. */
static const uint8_t codes_of_length[CODE_BITS + 1] = { 0,  0,	0,  0, 0,  10, 26, 32, 6, 0, 5,
							3,  2,	6,  2, 3,  0,  0,  0,  3, 8, 13,
							26, 29, 12, 4, 15, 19, 29, 0,  4 };
static const uint16_t symbols[] = {
	48,  49,  50,  97,  99,	 101, 105, 111, 115, 116, 32,  37,  45,	 46,  47,  51,	52,  53,
	54,  55,  56,  57,  61,	 65,  95,  98,	100, 102, 103, 104, 108, 109, 110, 112, 114, 117,
	58,  66,  67,  68,  69,	 70,  71,  72,	73,  74,  75,  76,  77,	 78,  79,  80,	81,  82,
	83,  84,  85,  86,  87,	 89,  106, 107, 113, 118, 119, 120, 121, 122, 38,  42,	44,  59,
	88,  90,  33,  34,  40,	 41,  63,  39,	43,  124, 35,  62,  0,	 36,  64,  91,	93,  126,
	94,  125, 60,  96,  123, 92,  195, 208, 128, 130, 131, 162, 184, 194, 224, 226, 153, 161,
	167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230, 129, 132, 133, 134, 136, 146, 154,
	156, 160, 163, 164, 169, 170, 173, 178, 181, 185, 186, 187, 189, 190, 196, 198, 228, 232,
	233, 1,	  135, 137, 138, 139, 140, 141, 143, 147, 149, 150, 151, 152, 155, 157, 158, 165,
	166, 168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239, 9,	 142, 144, 145, 148, 159,
	171, 206, 215, 225, 236, 237, 199, 207, 234, 235, 192, 193, 200, 201, 202, 205, 210, 213,
	218, 219, 238, 240, 242, 243, 255, 203, 204, 211, 212, 214, 221, 222, 223, 241, 244, 245,
	246, 247, 248, 250, 251, 252, 253, 254, 2,   3,	  4,   5,   6,	 7,   8,   11,	12,  14,
	15,  16,  17,  18,  19,	 20,  21,  23,	24,  25,  26,  27,  28,	 29,  30,  31,	127, 220,
	249, 10,  13,  22,  256
};
static const uint8_t static_name_lengths[STATIC_ENTRIES] = {
	10, 7,	7,  5,	5,  7,	7,  7,	7,  7,	7,  7, 7,  7,  14, 15, 15, 13, 6,  27, 3,
	5,  13, 13, 19, 16, 16, 14, 16, 13, 12, 6,  4, 4,  6,  7,  4,  4,  8,  17, 13, 8,
	19, 13, 4,  8,	12, 18, 19, 5,	7,  7,	11, 6, 10, 25, 17, 10, 4,  3,  16
};

/* RFC 7541, 5.1; first is the byte that holds the prefix. */
static bool read_integer(struct reader *r, uint8_t first, unsigned prefix, size_t *out)
{
	uint8_t mask = (uint8_t)((1u << prefix) - 1), byte;
	unsigned shift = 0;

	*out = first & mask;
	if (*out < mask)
		return true;
	do {
		if (!read_u8(r, &byte))
			return false;
		if (shift > 21)
			return reader_bad(r);
		*out += (size_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return *out <= INTEGER_MAX || reader_bad(r);
}

/* Calls with text NULL only count. What is left at the end must be the beginning of EOS, less than
 * a byte of it (RFC 7541, 5.2). */
static bool decode_text(struct reader r, char *text, size_t max, size_t *out_n)
{
	unsigned code = 0, first = 0, index = 0, bits = 0;
	uint8_t byte;

	*out_n = 0;
	while (read_u8(&r, &byte))
		for (int i = 7; i >= 0; i--) {
			code |= byte >> i & 1;
			bits++;
			if (code - first < codes_of_length[bits]) {
				uint16_t symbol = symbols[index + code - first];

				if (symbol == SYMBOL_END)
					return false;
				if (text && *out_n < max)
					text[*out_n] = (char)symbol;
				++*out_n;
				code = first = index = bits = 0;
				continue;
			}
			if (bits == CODE_BITS)
				return false;
			index += codes_of_length[bits];
			first = (first + codes_of_length[bits]) << 1;
			code <<= 1;
		}
	return bits < 8 && code == (1u << (bits + 1)) - 2;
}

static bool read_string(struct reader *r, struct string *out)
{
	uint8_t first;
	size_t n;

	if (!read_u8(r, &first) || !read_integer(r, first, 7, &n) || !read_sub(r, n, &out->bytes))
		return false;
	if (out->bytes.missing)
		return false;
	out->is_coded = first & 0x80;
	out->n = n;
	if (out->is_coded && !decode_text(out->bytes, NULL, 0, &out->n))
		return reader_bad(r);
	return true;
}

static bool string_is(const struct string *s, const char *text)
{
	char got[16];
	size_t n = s->n;

	if (n != strlen(text) || n > sizeof(got))
		return false;
	if (s->is_coded)
		return decode_text(s->bytes, got, sizeof(got), &n) && !memcmp(got, text, n);
	return !memcmp(s->bytes.at, text, n);
}

static void evict(struct table *t, size_t room)
{
	while (t->count && t->size + room > t->max) {
		unsigned oldest = (t->first + t->count - 1) % TABLE_ENTRIES;

		t->size -= t->entries[oldest].size;
		t->count--;
	}
}

static void remember(struct table *t, const struct field *f)
{
	size_t size = f->name_len + f->value.n + ENTRY_OVERHEAD;
	struct entry *e;

	evict(t, size);
	if (size > t->max)
		return;
	t->first = (t->first + TABLE_ENTRIES - 1) % TABLE_ENTRIES;
	e = &t->entries[t->first];
	*e = (struct entry){ .kind = (uint8_t)f->kind,
			     .is_coded = f->value.is_coded,
			     .name_len = (uint16_t)f->name_len,
			     .size = (uint32_t)size,
			     .at = f->value.bytes.at,
			     .len = reader_left(&f->value.bytes) };
	t->count++;
	t->size += size;
}

/* NULL for a static one, and if there is none of that index. */
static const struct entry *entry_at(const struct table *t, size_t index)
{
	index -= STATIC_ENTRIES + 1;
	return index < t->count ? &t->entries[(t->first + index) % TABLE_ENTRIES] : NULL;
}

/* The name of an entry; false if there is none of that index. */
static bool name_of(const struct table *t, size_t index, struct field *out)
{
	const struct entry *e;

	if (!index)
		return false;
	if (index <= STATIC_ENTRIES) {
		out->kind = index == STATIC_AUTHORITY ? FIELD_AUTHORITY
			    : index == STATIC_HOST    ? FIELD_HOST
						      : FIELD_OTHER;
		out->name_len = static_name_lengths[index - 1];
		return true;
	}
	e = entry_at(t, index);
	if (!e)
		return false;
	out->kind = (enum field_kind)e->kind;
	out->name_len = e->name_len;
	return true;
}

/* RFC 7541, 6.1. The static entries that matter have empty values. */
static bool read_indexed(struct reader *r, const struct table *t, uint8_t first, struct field *out)
{
	const struct entry *e;
	size_t index;

	if (!read_integer(r, first, 7, &index))
		return false;
	if (!name_of(t, index, out))
		return reader_bad(r);
	out->value = (struct string){ .bytes = reader_whole(NULL, 0) };
	e = entry_at(t, index);
	if (e)
		out->value = (struct string){ .bytes = reader_whole(e->at, e->len),
					      .is_coded = e->is_coded };
	return true;
}

/* RFC 7541, 6.2 */
static bool read_literal(struct reader *r, const struct table *t, uint8_t first, unsigned prefix,
			 struct field *out)
{
	struct string name;
	size_t index;

	if (!read_integer(r, first, prefix, &index))
		return false;
	if (index) {
		if (!name_of(t, index, out))
			return reader_bad(r);
	} else {
		if (!read_string(r, &name))
			return false;
		out->name_len = name.n;
		out->kind = string_is(&name, ":authority") ? FIELD_AUTHORITY
			    : string_is(&name, "host")	   ? FIELD_HOST
							   : FIELD_OTHER;
	}
	return read_string(r, &out->value);
}

/* One representation; *out_is_field false: a change of the table's size. */
static bool read_field(struct reader *r, struct table *t, struct field *out, bool *out_is_field)
{
	uint8_t first;
	size_t size;

	*out_is_field = true;
	if (!read_u8(r, &first))
		return false;
	if (first & 0x80)
		return read_indexed(r, t, first, out);
	if (first & 0x40) {
		if (!read_literal(r, t, first, 6, out))
			return false;
		remember(t, out);
		return true;
	}
	if (!(first & 0x20))
		return read_literal(r, t, first, 4, out);
	*out_is_field = false;
	if (!read_integer(r, first, 5, &size))
		return false;
	if (size > TABLE_MAX)
		return reader_bad(r);
	t->max = size;
	evict(t, 0);
	return true;
}

/* A value that does not fit is cut: n says how long it is. */
static void copy_value(const struct string *s, struct hpack_text *out)
{
	out->n = reader_left(&s->bytes);
	if (s->is_coded) {
		/* It was decoded once when it was read. */
		if (!decode_text(s->bytes, out->at, sizeof(out->at), &out->n))
			out->n = 0;
		return;
	}
	memcpy(out->at, s->bytes.at, out->n < sizeof(out->at) ? out->n : sizeof(out->at));
}

enum outcome hpack_host(struct reader *r, struct hpack_text *out)
{
	struct table t = { .max = TABLE_MAX };
	struct hpack_text text;
	struct field f;
	bool is_field;

	while (!reader_done(r)) {
		if (!read_field(r, &t, &f, &is_field))
			return reader_outcome(r);
		if (!is_field || f.kind == FIELD_OTHER)
			continue;
		copy_value(&f.value, &text);
		if (text.n > sizeof(text.at))
			return OUTCOME_ABSENT;
		*out = text;
		return OUTCOME_FOUND;
	}
	return OUTCOME_ABSENT;
}
