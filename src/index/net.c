/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of an index: the longest prefix, and from it to those around it. */
#include <string.h>

#include "index/internal.h"

enum { NET_DEPTH = 130 };

static int compare_prefix(const uint8_t *record, const uint8_t *address, size_t bytes)
{
	return memcmp(record, address, bytes);
}

static bool prefix_has(const uint8_t *record, const uint8_t *address, size_t bytes)
{
	size_t bits = record[bytes], whole = bits / 8;

	return bits <= 8 * bytes && !memcmp(record, address, whole) &&
	       (bits % 8 == 0 || (record[whole] ^ address[whole]) >> (8 - bits % 8) == 0);
}

/* How many prefixes begin at or below the address. */
static uint32_t count_below(struct bytes s, const uint8_t *address, size_t bytes)
{
	uint32_t low = 0, high = (uint32_t)(s.len / (bytes + 8));

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (compare_prefix(s.at + middle * (bytes + 8), address, bytes) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t index_search_net(const struct index *x, const struct addr *a,
			struct index_net out[static INDEX_NETS])
{
	bool six = a->family == 6;
	size_t bytes = six ? 16 : 4, n = 0;
	struct bytes s = x->sections[six ? SECTION_NET6 : SECTION_NET4];
	uint32_t number = a->family ? count_below(s, a->bytes, bytes) : 0;

	/* Of the last that begins at or below the address, all that hold it are around it; the
	 * numbers fall, so this ends in a damaged file too. */
	for (int i = 0; number && i < NET_DEPTH && n < INDEX_NETS; i++) {
		const uint8_t *record = s.at + (number - 1) * (bytes + 8);
		uint32_t around = get_u32(record + bytes + 4);
		if (prefix_has(record, a->bytes, bytes))
			out[n++] = (struct index_net){ get_u24(record + bytes + 1), number - 1,
						       record[bytes] };
		if (around >= number)
			break;
		number = around;
	}
	return n;
}

void index_net_prefix(const struct index *x, int family, uint32_t number, struct addr_prefix *out)
{
	bool six = family == 6;
	const uint8_t *record = x->sections[six ? SECTION_NET6 : SECTION_NET4].at +
				(size_t)number * (six ? 24 : 12);

	out->base = six ? addr_v6(record) : addr_v4(record);
	out->bits = record[six ? 16 : 4];
}
