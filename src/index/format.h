/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The compiled index: one file that is mapped and asked as it lies there, on any machine.
 *
 * A name is turned round by labels, "logs.netflix.com" to "com.netflix.logs", with a separator
 * that sorts before every other byte. Such a key begins with the keys of all names above it, so
 * that rules of neighbours share long beginnings. The distinct keys are sorted and cut into
 * blocks of INDEX_BLOCK. Of a key its block holds how many bytes it shares with the key before
 * it, the other bytes, and its class: which rules that name has. All three are numbers drawn from
 * static models (model.h: what follows these two characters, how often?), written as one
 * rANS stream per block: some 5 bytes a rule, text and rules included.
 *
 * To find the rules of a name we look for the one block that may hold its key: the last one
 * whose separator, the shortest string above the block before, is not above the key. The first
 * key of a block goes on where its separator ends. A rule above the name (its key is where a
 * label of ours ends) is either in this block too, or in an earlier one; then it stands above the
 * separator as well, since everything between two strings that begin alike does: so each
 * separator carries its ancestors that have rules, with their classes. One block is decoded, a
 * few microseconds, and all labels of the name are answered.
 *
 * Most names have no rule. A filter of 8 bits a key (fuse.h) says so for 255 of 256 such labels,
 * before any of this is touched: one pass over the name from its right end gives the hash of
 * each suffix, and those of as many labels as some name here has are asked for. The hash needs no
 * secret: whoever finds names that pass the filter gains a decoded block, never a wrong answer.
 * Answers are exact: texts are compared.
 *
 * Networks are sorted prefixes, each with the number of the one around it. Patterns and regular
 * expressions are texts; those are tried that have four characters in a row in common with the
 * name (grams.h).
 *
 * Layout, all numbers little-endian, no alignment, offsets from the beginning of the file:
 *     magic[8]; u32 version; u32 file size; u32 CRC-32 of all bytes from 20 on;
 *     u32 names, u32 rules, u32 labels: bit n - 1 is set if a name has n of them, the highest
 *     one if any has more; { u32 offset, u32 size } of each section, in order
 * A file whose size or checksum is wrong is refused. Beyond that nothing in it is believed: each
 * number is checked where it is used, and what does not fit answers "no rule". */
#ifndef INDEX_FORMAT_H
#define INDEX_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/name.h"

#define INDEX_MAGIC "TACETIDX"
enum { INDEX_VERSION = 3 };
enum { INDEX_BLOCK = 32, INDEX_GROUP = 16 }; /* keys in a block, blocks in a group */
enum { KEY_SEPARATOR = 1 };		     /* between labels */

enum index_section {
	SECTION_LISTS,	  /* u32 count; for each struct index_list: u32 name and path in STRINGS,
			   * u32 lines, rules, skipped */
	SECTION_STRINGS,  /* modifiers, names of lists, texts; NUL-terminated, the first is empty */
	SECTION_PAYLOADS, /* 8 bytes: u8 flags, u16 list (high byte first: payloads sort by it),
			   * u8 0, u32 modifiers in STRINGS */
	SECTION_CLASSES,  /* u32 end of each class, counted in MEMBERS; by falling frequency */
	SECTION_MEMBERS,  /* u24 payload */
	SECTION_CHARS,	  /* models */
	SECTION_SHARED,
	SECTION_CLASS_MODEL,
	SECTION_GROUPS,	    /* u32 where in SEPARATORS each group of blocks begins */
	SECTION_SEPARATORS, /* per group: u32 its first block in BLOCKS; per block: u8 shared with
			     * the separator before, u8 n, n bytes, u16 size of the block,
			     * u8 ancestors, for each: u8 length, u24 class */
	SECTION_BLOCKS,	    /* rANS streams */
	SECTION_FILTER,	    /* fuse.h */
	SECTION_NET4,	    /* 12 bytes: address[4], u8 bits, u24 class, u32 number around it + 1 */
	SECTION_NET6,	    /* 24 bytes: the same with address[16] */
	SECTION_TEXTS,	    /* 8 bytes: u32 pattern or expression in STRINGS, u24 class,
			     * u8 1 for an expression */
	SECTION_GRAMS,	    /* grams.h */
	INDEX_SECTIONS
};
enum { INDEX_TABLE = 32, INDEX_HEAD = INDEX_TABLE + 8 * INDEX_SECTIONS };

/* Flags of a payload; enum rule_match and enum rule_rewrite are numbers of the file. */
enum {
	PAYLOAD_ALLOW = 1,
	PAYLOAD_IMPORTANT = 2,
	PAYLOAD_MATCH_SHIFT = 2,
	PAYLOAD_MATCH = 7,
	PAYLOAD_REWRITE_SHIFT = 5,
	PAYLOAD_REWRITE = 3,
};

/* Bytes that may be anything. */
struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline uint32_t get_u16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t get_u24(const uint8_t *p)
{
	return get_u16(p) | (uint32_t)p[2] << 16;
}

static inline uint32_t get_u32(const uint8_t *p)
{
	return get_u24(p) | (uint32_t)p[3] << 24;
}

static inline void put_le(uint8_t *p, uint32_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A name turned round. */
struct key {
	size_t len;
	uint8_t at[NAME_MAX_TEXT];
};
/* Of a name or what follows a dot in one. */
void key_of_text(const char *text, size_t len, struct key *out);
void key_to_name(const uint8_t *key, size_t len, struct name *out);
/* Is the byte at `at` a dot between labels? Behind an odd number of backslashes a dot belongs to
 * a label (name_append_label). */
bool key_divides(const char *text, size_t at);
/* How many bytes both begin with. */
size_t key_shared(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);
/* Does a label of the key end after n bytes? */
static inline bool key_ends_label(const struct key *k, size_t n)
{
	return n == k->len || (n < k->len && k->at[n] == KEY_SEPARATOR);
}

/* CRC-32 (ISO 3309), going on from `crc`, 0 at first. */
uint32_t crc32_of(uint32_t crc, const void *p, size_t n);

/* The filter's hash goes from the right end of a name to its left, so that one pass over it gives
 * those of all its suffixes; it is finished where one begins. */
static inline uint64_t key_hash_step(uint64_t h, uint8_t byte)
{
	return (h ^ byte) * 0x9e3779b97f4a7c15U;
}

static inline uint64_t key_hash_end(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93U;
	return h ^ h >> 32;
}

/* The hash of the name that a key is of; how many labels it has. */
uint64_t key_hash(const uint8_t *key, size_t len, unsigned *out_labels);

/* The bit of names with so many labels, from 1 on. */
static inline uint32_t labels_bit(unsigned labels)
{
	return 1U << (labels < 32 ? labels - 1 : 31);
}

#endif
