/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pool of IP packets that are being put together. */
#include "flow/fragments.h"

#include <stdlib.h>
#include <string.h>

enum {
	UNIT = 8, /* fragments begin at multiples of it */
	PACKET_MAX = 65535,
	UNITS = (PACKET_MAX + UNIT) / UNIT,
	HEADER_MAX = 1024, /* with extensions; all IPv4 headers and any IPv6 one that is meant so */
	IPV6_HEADER = 40,
	UNKNOWN = UINT32_MAX,
};

/* Made when a packet first needs it, and kept: only captures have fragments, and most of them
 * few, so that a queue never pays for it and its path allocates nothing. */
struct held {
	uint8_t header[HEADER_MAX];
	uint8_t present[UNITS / 8 + 1];
	uint8_t bytes[UNITS * UNIT];
};

struct datagram {
	struct held *held;    /* NULL until the first use of this place */
	struct addr src, dst; /* family 0: free */
	uint32_t id;
	uint8_t proto; /* IPv4 only */
	bool refused;  /* overlapped: what comes is thrown away */
	uint8_t next;
	uint16_t next_at;
	int64_t first_ns;
	uint64_t number;     /* of the beginning: the least is the oldest */
	uint32_t total;	     /* bytes carried, or UNKNOWN until the last fragment came */
	uint32_t top;	     /* end of what lies furthest behind */
	uint32_t units;	     /* present */
	uint32_t header_len; /* 0: the first fragment, whose header counts, has not come */
};

struct fragments {
	struct datagram pool[FRAGMENTS_POOL];
	uint8_t *whole; /* the packet that was joined last */
	uint64_t begun;
	unsigned used; /* of the pool; 0: nothing is collected */
	struct fragments_counters counters;
};

struct fragments *fragments_new(void)
{
	struct fragments *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->whole = malloc(HEADER_MAX + PACKET_MAX);
	if (!t->whole) {
		fragments_free(t);
		return NULL;
	}
	return t;
}

void fragments_free(struct fragments *t)
{
	if (!t)
		return;
	for (unsigned i = 0; i < FRAGMENTS_POOL; i++)
		free(t->pool[i].held);
	free(t->whole);
	free(t);
}

static void release(struct fragments *t, struct datagram *d)
{
	d->src.family = 0;
	t->used--;
}

/* A refused packet was counted when it was refused. */
static void give_up(struct fragments *t, struct datagram *d)
{
	t->counters.evicted += !d->refused;
	release(t, d);
}

static void refuse(struct fragments *t, struct datagram *d)
{
	t->counters.evicted += !d->refused;
	d->refused = true;
}

static void expire(struct fragments *t, int64_t now_ns)
{
	for (unsigned i = 0; i < FRAGMENTS_POOL && t->used; i++) {
		struct datagram *d = &t->pool[i];

		if (d->src.family && now_ns - d->first_ns > (int64_t)FRAGMENTS_IDLE_MS * 1000000)
			give_up(t, d);
	}
}

static bool is_of(const struct datagram *d, const struct fragment *f)
{
	return d->id == f->id && d->src.family && addr_equal(&d->src, &f->src) &&
	       addr_equal(&d->dst, &f->dst) && (f->src.family == 6 || d->proto == f->proto);
}

static struct datagram *find(struct fragments *t, const struct fragment *f)
{
	for (unsigned i = 0; i < FRAGMENTS_POOL && t->used; i++)
		if (is_of(&t->pool[i], f))
			return &t->pool[i];
	return NULL;
}

/* NULL: there is no memory. */
static struct datagram *begin(struct fragments *t, const struct fragment *f)
{
	struct datagram *d = &t->pool[0];

	for (unsigned i = 0; i < FRAGMENTS_POOL; i++) {
		if (!t->pool[i].src.family) {
			d = &t->pool[i];
			break;
		}
		if (t->pool[i].number < d->number)
			d = &t->pool[i];
	}
	if (d->src.family)
		give_up(t, d);
	if (!d->held)
		d->held = malloc(sizeof *d->held);
	if (!d->held) {
		t->counters.evicted++;
		return NULL;
	}
	memset(d->held->present, 0, sizeof d->held->present);
	*d = (struct datagram){
		.held = d->held,
		.src = f->src,
		.dst = f->dst,
		.id = f->id,
		.proto = f->proto,
		.first_ns = f->time_ns,
		.number = ++t->begun,
		.total = UNKNOWN,
	};
	t->used++;
	return d;
}

static bool has_unit(const struct datagram *d, uint32_t unit)
{
	return d->held->present[unit / 8] >> unit % 8 & 1;
}

/* Does the fragment agree with what is known of the packet's end? */
static bool fits(const struct datagram *d, uint32_t end, bool more)
{
	if (end > PACKET_MAX || (d->total != UNKNOWN && end > d->total))
		return false;
	return more || ((d->total == UNKNOWN || d->total == end) && d->top <= end);
}

/* Says whether the fragment has bytes that are there already, and whether they are the same and
 * nothing else is in it. */
static bool overlaps(const struct datagram *d, uint32_t offset, const uint8_t *bytes, uint32_t n,
		     bool *out_same)
{
	uint32_t there = 0, units = (n + UNIT - 1) / UNIT;

	for (uint32_t i = 0; i < units; i++)
		there += has_unit(d, offset / UNIT + i);
	*out_same = there == units && !memcmp(d->held->bytes + offset, bytes, n);
	return there;
}

static void copy_new(struct datagram *d, uint32_t offset, const uint8_t *bytes, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += UNIT) {
		uint32_t unit = (offset + i) / UNIT;

		if (has_unit(d, unit))
			continue;
		memcpy(d->held->bytes + offset + i, bytes + i, n - i < UNIT ? n - i : UNIT);
		d->held->present[unit / 8] |= (uint8_t)(1u << unit % 8);
		d->units++;
	}
}

static void keep_header(struct datagram *d, const struct fragment *f)
{
	if (f->offset || d->header_len || f->header_len > HEADER_MAX)
		return;
	memcpy(d->held->header, f->header, f->header_len);
	d->header_len = f->header_len;
	d->next_at = f->next_at;
	d->next = f->proto;
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* The packet as it was before it was cut. The checksum of its IPv4 header, which nobody here
 * reads, stays that of the first fragment. */
static const uint8_t *join(struct fragments *t, struct datagram *d, size_t *out_len)
{
	enum { V4_LENGTH = 2, V4_FLAGS = 6, V6_LENGTH = 4 };
	size_t len = d->header_len + d->total;
	bool is_v4 = d->src.family == 4;

	/* RFC 8200, 4.5: the length does not count the header itself, but its extensions. */
	if (len > PACKET_MAX + (is_v4 ? 0u : (size_t)IPV6_HEADER)) {
		give_up(t, d);
		return NULL;
	}
	memcpy(t->whole, d->held->header, d->header_len);
	memcpy(t->whole + d->header_len, d->held->bytes, d->total);
	if (is_v4) {
		put16(t->whole + V4_LENGTH, len);
		put16(t->whole + V4_FLAGS, 0);
	} else {
		put16(t->whole + V6_LENGTH, len - IPV6_HEADER);
	}
	t->whole[d->next_at] = d->next;
	t->counters.joined++;
	release(t, d);
	*out_len = len;
	return t->whole;
}

static void add(struct fragments *t, struct datagram *d, const struct fragment *f)
{
	uint32_t n = f->len, wire = f->len + f->missing;
	bool is_v6 = f->src.family == 6, same;

	if (f->len > PACKET_MAX || f->missing > PACKET_MAX) {
		refuse(t, d);
		return;
	}
	if (f->more && wire % UNIT) {
		if (is_v6) { /* RFC 8200, 4.5 */
			refuse(t, d);
			return;
		}
		wire -= wire % UNIT; /* as Linux does */
	}
	if (!fits(d, f->offset + wire, f->more)) {
		if (is_v6)
			refuse(t, d);
		return;
	}
	if (n > wire)
		n = wire;
	if (f->missing) /* a part of a unit is none */
		n -= n % UNIT;
	if (is_v6 && overlaps(d, f->offset, f->bytes, n, &same)) {
		if (!same)
			refuse(t, d);
		return;
	}
	if (!f->more)
		d->total = f->offset + wire;
	if (d->top < f->offset + wire)
		d->top = f->offset + wire;
	keep_header(d, f);
	copy_new(d, f->offset, f->bytes, n);
}

const uint8_t *fragments_add(struct fragments *t, const struct fragment *f, size_t *out_len)
{
	struct datagram *d;

	t->counters.seen++;
	expire(t, f->time_ns);
	d = find(t, f);
	if (!d)
		d = begin(t, f);
	if (!d || d->refused)
		return NULL;
	add(t, d, f);
	if (d->refused || d->total == UNKNOWN || !d->header_len ||
	    d->units < (d->total + UNIT - 1) / UNIT)
		return NULL;
	return join(t, d, out_len);
}

void fragments_flush(struct fragments *t)
{
	for (unsigned i = 0; i < FRAGMENTS_POOL && t->used; i++)
		if (t->pool[i].src.family)
			give_up(t, &t->pool[i]);
}

void fragments_counters(const struct fragments *t, struct fragments_counters *out)
{
	*out = t->counters;
}
