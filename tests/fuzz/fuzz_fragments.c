/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: flow */
/* Fragments in any order and shape: a packet that is joined consists of what its fragments had at
 * that place, of IPv4 the first of them, and of IPv6 every fragment it has anything of is in it
 * whole. */
#include "flow/fragments.h"
#include "fuzz/fuzz.h"

enum { MOST = 250, HEADER = 40, V4_HEADER = 20 };

static struct fragment given[MOST + 1];
static uint8_t header[HEADER + 8];

/* Every byte of a fragment is its number, so that a byte of a packet tells where it is from. */
static struct fragment make(const uint8_t in[5], unsigned number)
{
	static uint8_t bytes[65536];
	struct fragment f = { .header = header, .bytes = bytes, .proto = in[0] >> 4 & 1 };
	unsigned len = in[0] & 0x40 ? in[3] * 256u : in[3];

	f.src.family = f.dst.family = in[0] & 1 ? 6 : 4;
	f.header_len = f.src.family == 6 ? HEADER : V4_HEADER;
	f.next_at = f.src.family == 6 ? 6 : 9;
	f.id = in[0] >> 2 & 3;
	f.more = in[0] & 2;
	f.offset = (uint16_t)(in[0] & 0x20 ? in[1] << 8 | (in[2] & 0xf8) : in[2] * 8);
	f.missing = in[0] & 0x80 ? len / 4 : 0;
	f.len = len - f.missing;
	f.time_ns = (int64_t)in[4] * number * 10000000;
	memset(bytes, (int)number, f.len);
	return f;
}

static bool is_same_packet(const struct fragment *a, const struct fragment *b)
{
	return a->src.family == b->src.family && a->id == b->id &&
	       (a->src.family == 6 || a->proto == b->proto);
}

static bool covers(const struct fragment *f, size_t at)
{
	return at >= f->offset && at < (size_t)f->offset + f->len;
}

static void check(const uint8_t *whole, size_t n, unsigned end)
{
	const struct fragment *last = &given[end - 1];
	const uint8_t *carried = whole + last->header_len;

	FUZZ_CHECK(n >= last->header_len && n <= 65535 + HEADER);
	n -= last->header_len;
	for (size_t at = 0; at < n; at++) {
		const struct fragment *from = &given[carried[at]];

		FUZZ_CHECK(carried[at] < end);
		FUZZ_CHECK(is_same_packet(from, last) && covers(from, at));
		if (last->src.family != 6)
			continue;
		FUZZ_CHECK((size_t)from->offset + from->len <= n);
		FUZZ_CHECK(at == from->offset || carried[at - 1] == carried[at]);
	}
	FUZZ_CHECK(whole[last->next_at] <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fragments *t; /* clearing its pool takes longer than the rest */
	struct fragments_counters before, c;
	unsigned number = 0, joined = 0;

	if (!t)
		t = fragments_new();
	FUZZ_CHECK(t);
	fragments_counters(t, &before);
	for (; size >= 5 && number < MOST; size -= 5, data += 5) {
		const uint8_t *whole;
		size_t n = 0;

		given[number] = make(data, number);
		whole = fragments_add(t, &given[number], &n);
		number++;
		if (whole) {
			joined++;
			check(whole, n, number);
			/* A packet that was joined is forgotten: its fragments are in no other. */
			for (unsigned i = 0; i < number; i++)
				if (is_same_packet(&given[i], &given[number - 1]))
					given[i].len = 0;
		}
	}
	fragments_flush(t);
	fragments_counters(t, &c);
	FUZZ_CHECK(c.seen - before.seen == number && c.joined - before.joined == joined);
	FUZZ_CHECK(c.evicted - before.evicted + joined <= number);
	return 0;
}
