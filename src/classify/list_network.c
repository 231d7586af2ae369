/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and ranges of addresses. */
#include <string.h>

#include "classify/list_line.h"

enum { BITS_V4 = 32, BITS_V6 = 128 };

/* Where the prefixes of a line go. */
struct nets {
	enum rule_action action;
	const struct sink *to;
};

static int emit_net(const struct addr *base, unsigned bits, const struct nets *nets)
{
	struct rule r = { .match = RULE_NETWORK, .action = nets->action };

	/* Half the Internet is no list. */
	if (bits < 2)
		return LIST_SKIP_WIDE;
	r.net.base = *base;
	r.net.bits = (uint8_t)bits;
	for (unsigned i = bits; i < (base->family == 4 ? BITS_V4 : BITS_V6); i++)
		r.net.base.bytes[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
	nets->to->each(nets->to->ctx, &r);
	return PARSED;
}

static uint32_t v4_number(const struct addr *a)
{
	return (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 |
	       (uint32_t)a->bytes[2] << 8 | a->bytes[3];
}

/* The fewest prefixes that make up the range: at most 62. */
static int emit_range(const struct addr *first, const struct addr *last, const struct nets *nets)
{
	uint64_t at, end;

	if (first->family != 4 || last->family != 4) {
		if (!addr_equal(first, last))
			return LIST_SKIP_UNKNOWN;
		return emit_net(first, BITS_V6, nets);
	}
	at = v4_number(first);
	end = v4_number(last);
	if (at > end)
		return LIST_SKIP_UNKNOWN;
	if (end - at >= UINT32_MAX / 2)
		return LIST_SKIP_WIDE;
	while (at <= end) {
		unsigned bits = BITS_V4;
		while (bits > 2 && !(at >> (BITS_V4 - bits) & 1) &&
		       at + ((uint64_t)1 << (BITS_V4 - bits + 1)) - 1 <= end)
			bits--;
		const uint8_t b[4] = { (uint8_t)(at >> 24), (uint8_t)(at >> 16), (uint8_t)(at >> 8),
				       (uint8_t)at };
		struct addr base = addr_v4(b);
		emit_net(&base, bits, nets);
		at += (uint64_t)1 << (BITS_V4 - bits);
	}
	return PARSED;
}

static bool is_number(struct span s, unsigned *out)
{
	*out = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] < '0' || s.at[i] > '9' || *out > 1000000)
			return false;
		*out = *out * 10 + (unsigned)(s.at[i] - '0');
	}
	return s.len;
}

/* "what:1.2.3.4-1.2.3.9": the name may hold anything, colons too. */
static int parse_range(struct span s, const struct nets *nets)
{
	struct addr first, last;
	size_t colon = s.len;
	struct span a, b;

	while (colon && s.at[colon - 1] != ':')
		colon--;
	b = span_from(s, colon);
	a = span_trim(span_cut(&b, '-'));
	b = span_trim(b);
	if (!line_address(a, &first) || !line_address(b, &last)) {
		b = s;
		a = span_trim(span_cut(&b, '-'));
		b = span_trim(b);
		if (!line_address(a, &first) || !line_address(b, &last))
			return NOT_MINE;
	}
	return emit_range(&first, &last, nets);
}

int line_network(struct span s, bool counted, const struct sink *to)
{
	struct nets nets = { span_strip(&s, "@@") ? RULE_ALLOW : RULE_BLOCK, to };
	struct span whole = s, word;
	struct addr a;
	unsigned bits;

	s.len = span_find(s, ";");
	word = span_word(&s);
	if (s.len && !(counted && is_number(s, &bits)))
		return parse_range(whole, &nets);
	struct span rest = word, base = span_cut(&rest, '/');
	if (!line_address(base, &a))
		return parse_range(word, &nets);
	if (base.len == word.len) {
		static const uint8_t zero[16];
		if (!memcmp(a.bytes, zero, sizeof zero))
			return LIST_SKIP_LOCAL_NAME;
		return emit_net(&a, a.family == 4 ? BITS_V4 : BITS_V6, &nets);
	}
	if (!is_number(rest, &bits) || bits > (a.family == 4 ? BITS_V4 : BITS_V6))
		return LIST_SKIP_UNKNOWN;
	return emit_net(&a, bits, &nets);
}
