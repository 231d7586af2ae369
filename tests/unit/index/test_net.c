/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks: 100,000 prefixes answer as a walk over all of them. */
#include <string.h>

#include "index/internal.h"
#include "suite.h"

enum { PREFIXES = 100000, ASKED = 600 };
static struct addr_prefix nets[PREFIXES];

static unsigned below(unsigned n)
{
	return (unsigned)random() % n;
}

/* Few first bytes, so that prefixes lie in one another. */
static struct addr random_addr(bool six)
{
	uint8_t b[16];

	for (int i = 0; i < 16; i++)
		b[i] = (uint8_t)(i < 2 ? below(6) : random() >> 8);
	return six ? addr_v6(b) : addr_v4(b);
}

static bool holds(const struct addr_prefix *p, const struct addr *a)
{
	if (p->base.family != a->family)
		return false;
	for (unsigned i = 0; i < p->bits; i++)
		if ((p->base.bytes[i / 8] ^ a->bytes[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static void make(struct addr_prefix *p, unsigned i)
{
	bool six = i % 2;
	unsigned bits = six ? 6 + below(123) : 6 + below(27);

	p->base = random_addr(six);
	p->bits = (uint8_t)bits;
	for (unsigned bit = bits; bit < (six ? 128 : 32); bit++)
		p->base.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

START_TEST(same_as_walking_all)
{
	struct index_builder *b = index_builder_new();
	const struct name none = { .len = 0 };
	const struct rule_query q = { .name = &none };
	unsigned found = 0;
	struct index *x;

	srandom(6);
	for (unsigned i = 0; i < PREFIXES; i++) {
		struct rule r = { .match = RULE_NETWORK, .line = i + 1 };
		make(&nets[i], i);
		r.net = nets[i];
		ck_assert(index_builder_add(b, &r));
	}
	ck_assert_int_eq(index_builder_finish(b, &x), 0);
	index_builder_free(b);
	for (unsigned i = 0; i < ASKED; i++) {
		struct addr a = i % 3 ? random_addr(i % 2) : nets[below(PREFIXES)].base;
		int best = -1;
		struct index_hit hit;

		for (unsigned n = 0; n < PREFIXES; n++)
			if (nets[n].bits > best && holds(&nets[n], &a))
				best = nets[n].bits;
		ck_assert_int_eq(index_find_address(x, &a, &q, &hit), best >= 0);
		if (best < 0)
			continue;
		found++;
		ck_assert_int_eq(hit.rule[0][RULE_BLOCK].net.bits, best);
		ck_assert(holds(&hit.rule[0][RULE_BLOCK].net, &a));
		ck_assert_int_eq(nets[index_line(x, &hit.rule[0][RULE_BLOCK]) - 1].bits, best);
	}
	ck_assert_uint_gt(found, ASKED / 3);
	index_free(x);
}
END_TEST

enum { NESTED = 4, RECORD4 = 12, RECORD6 = 24 };

/* 10.0.0.0/8 to /32 and the same bits in 2001:db8::, each in the one before. */
static void build_nested(struct text *out)
{
	struct index_builder *b = index_builder_new();

	for (unsigned i = 0; i < 2 * NESTED; i++) {
		struct rule r = { .match = RULE_NETWORK, .line = i + 1 };
		r.net.base = i % 2 ? addr_v6((uint8_t[16]){ 0x20 }) : addr_v4((uint8_t[4]){ 10 });
		r.net.bits = (uint8_t)(8 * (i / 2 + 1));
		ck_assert(index_builder_add(b, &r));
	}
	ck_assert_int_eq(index_builder_bytes(b, out, NULL), 0);
	index_builder_free(b);
}

/* The section of the file with those bytes in the record changed; the file is right again. */
static struct index *damaged(enum index_section section, size_t at, const uint8_t *value, size_t n)
{
	struct text file = { 0 }, lines = { 0 };
	struct index *x = NULL;
	uint8_t *bytes;

	build_nested(&file);
	bytes = (uint8_t *)file.at;
	memcpy(bytes + get_u32(bytes + INDEX_TABLE + 8 * section) + at, value, n);
	put_le(bytes + 16, crc32_of(0, bytes + 20, file.len - 20), 4);
	ck_assert_int_eq(index_adopt(&file, &lines, &x), 0);
	return x;
}

/* What a record says of the one around it is believed only if it leads on, and its bits only if
 * there are so many. */
START_TEST(damage)
{
	static const uint8_t around[][4] = { { NESTED }, { NESTED + 1 }, { 255, 255, 255, 255 } };
	const struct addr a = addr_v4((uint8_t[4]){ 10 });
	struct {
		struct addr a;
		uint8_t behind;
	} six = { addr_v6((uint8_t[16]){ 0x20 }), 129 };
	struct index_net found[INDEX_NETS];
	struct index *x = damaged(SECTION_NET4, 0, &(uint8_t){ 10 }, 1);

	ck_assert_uint_eq(index_search_net(x, &a, found), NESTED);
	ck_assert_uint_eq(found[0].bits, 32);
	ck_assert_uint_eq(found[NESTED - 1].bits, 8);
	index_free(x);
	for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
		x = damaged(SECTION_NET4, (NESTED - 1) * RECORD4 + 8, around[i], 4);
		ck_assert_uint_eq(index_search_net(x, &a, found), 1);
		index_free(x);
	}
	x = damaged(SECTION_NET6, (NESTED - 1) * RECORD6 + 16, &six.behind, 1);
	ck_assert_uint_eq(index_search_net(x, &six.a, found), NESTED - 1);
	index_free(x);
}
END_TEST

SUITE("index/net", same_as_walking_all, damage)
