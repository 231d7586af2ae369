// SPDX-License-Identifier: GPL-2.0-or-later
/* The block reader of pcapng. Own code because libpcap hands over one link type and one snapshot
 * length per file and refuses files with more. */
#include "source/pcapng.h"

#include <inttypes.h>
#include <pcap/dlt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "source/internal.h"

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BLOCK_SECTION = PCAPNG_MAGIC, /* reads the same in either order */
};

enum {
	BLOCK_FRAME = 12, /* type, length, and the length again behind the body */
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	FRAME_MAX = 262144, /* libpcap's own limit: more of a frame is nobody's IP packet */
	RESOLUTION_US = 6,
	RESOLUTION_BINARY = 0x80,
};

struct pcapng_interface {
	int link;
	uint32_t snaplen;   /* 0: no limit */
	uint8_t resolution; /* if_tsresol: a power of ten, or with the high bit of two */
	int64_t offset_s;   /* if_tsoffset */
};

static int damaged(struct pcapng *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int damaged(struct pcapng *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, args);
	va_end(args);
	return -1;
}

static int broken_off(struct pcapng *p)
{
	if (p->in->error)
		return damaged(p, "%s", strerror(p->in->error));
	return damaged(p, "breaks off in the middle of a block");
}

static bool get16(const struct pcapng *p, struct reader *r, uint16_t *out)
{
	if (!read_u16(r, out))
		return false;
	if (!p->big)
		*out = __builtin_bswap16(*out);
	return true;
}

static bool get32(const struct pcapng *p, struct reader *r, uint32_t *out)
{
	if (!read_u32(r, out))
		return false;
	if (!p->big)
		*out = __builtin_bswap32(*out);
	return true;
}

static bool get64(const struct pcapng *p, struct reader *r, uint64_t *out)
{
	uint32_t a, b;

	if (!get32(p, r, &a) || !get32(p, r, &b))
		return false;
	*out = p->big ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
	return true;
}

/* LINKTYPE_ numbers of files are DLT_ numbers but for those whose DLT_ numbers differ between
 * systems. */
static int link_of(uint16_t linktype)
{
	switch (linktype) {
	case 100:
		return DLT_ATM_RFC1483;
	case 101:
		return DLT_RAW;
	case 102:
		return DLT_SLIP_BSDOS;
	case 103:
		return DLT_PPP_BSDOS;
	case 106:
		return DLT_ATM_CLIP;
	case 108:
		return DLT_LOOP;
	case 109:
		return DLT_ENC;
	case 246:
		return DLT_PFSYNC;
	case 258:
		return DLT_PKTAP;
	}
	return linktype;
}

static int section(struct pcapng *p, struct reader *body)
{
	uint16_t major, minor;
	uint32_t magic;

	if (!read_skip(body, sizeof(magic)) || !get16(p, body, &major) || !get16(p, body, &minor))
		return damaged(p, "damaged section header");
	/* 1.2 is 1.0 by programs that counted the kinds of blocks. */
	if (major != 1 || (minor != 0 && minor != 2))
		return damaged(p, "unknown pcapng version %u.%u", major, minor);
	p->count = 0;
	p->in_section = true;
	return 0;
}

static bool interface_option(const struct pcapng *p, uint16_t code, struct reader value,
			     struct pcapng_interface *out)
{
	enum { OPTION_RESOLUTION = 9, OPTION_OFFSET = 14 };
	uint64_t offset;

	switch (code) {
	case OPTION_RESOLUTION:
		return read_u8(&value, &out->resolution);
	case OPTION_OFFSET:
		if (!get64(p, &value, &offset))
			return false;
		out->offset_s = (int64_t)offset;
		return true;
	}
	return true;
}

static bool interface_options(const struct pcapng *p, struct reader *r,
			      struct pcapng_interface *out)
{
	uint16_t code, length;
	struct reader value;

	while (!reader_done(r)) {
		if (!get16(p, r, &code) || !get16(p, r, &length))
			return false;
		if (!code) /* the end of the options; a last one may lack it */
			return true;
		if (!read_sub(r, length, &value) || !read_skip(r, -(unsigned)length % 4) ||
		    !interface_option(p, code, value, out))
			return false;
	}
	return true;
}

static bool make_room(struct pcapng *p)
{
	unsigned room = p->room ? p->room * 2 : 8;
	struct pcapng_interface *more;

	if (p->count < p->room)
		return true;
	more = realloc(p->interfaces, room * sizeof(*more));
	if (!more)
		return false;
	p->interfaces = more;
	p->room = room;
	return true;
}

static int interface(struct pcapng *p, struct reader *body)
{
	struct pcapng_interface new = { .resolution = RESOLUTION_US };
	uint16_t linktype, reserved;
	unsigned most;

	if (!get16(p, body, &linktype) || !get16(p, body, &reserved) ||
	    !get32(p, body, &new.snaplen) || !interface_options(p, body, &new))
		return damaged(p, "damaged description of interface %u", p->count);
	/* Ticks are 64 bits: what does not divide a second by less is no clock. */
	most = new.resolution &RESOLUTION_BINARY ? RESOLUTION_BINARY | 63 : 19;
	if (new.resolution > most)
		return damaged(p, "interface %u has a clock of unknown resolution", p->count);
	if (p->count == PCAPNG_INTERFACES)
		return damaged(p, "more than %d interfaces", PCAPNG_INTERFACES);
	if (!make_room(p))
		return damaged(p, "out of memory");
	new.link = link_of(linktype);
	p->interfaces[p->count++] = new;
	return 0;
}

/* Whole seconds, and nanoseconds in *out_ns, of ticks of a clock. */
static uint64_t split_time(uint64_t ticks, uint8_t resolution, int64_t *out_ns)
{
	uint64_t unit = 1, part;
	unsigned bits;

	if (!(resolution & RESOLUTION_BINARY)) {
		for (unsigned i = 0; i < resolution; i++)
			unit *= 10;
		part = ticks % unit;
		for (unsigned i = resolution; i < 9; i++)
			part *= 10;
		for (unsigned i = 9; i < resolution; i++)
			part /= 10;
		*out_ns = (int64_t)part;
		return ticks / unit;
	}
	bits = resolution & ~(unsigned)RESOLUTION_BINARY;
	part = ticks & ((UINT64_C(1) << bits) - 1);
	/* 34 bits are less than a nanosecond, and times 10^9 (30 bits) fit in 64. */
	if (bits > 34)
		part = (part >> (bits - 34)) * 1000000000 >> 34;
	else
		part = part * 1000000000 >> bits;
	*out_ns = (int64_t)part;
	return ticks >> bits;
}

static int64_t time_of(const struct pcapng_interface *i, uint64_t ticks)
{
	int64_t ns, seconds;
	uint64_t whole = split_time(ticks, i->resolution, &ns);

	if (whole > INT64_MAX || __builtin_add_overflow((int64_t)whole, i->offset_s, &seconds))
		seconds = INT64_MAX;
	return source_time_ns(seconds, ns);
}

/* libpcap hands NFLOG attributes over in the byte order of this machine, and so do we: decode
 * does not know what file it looks at. */
static void swap_nflog(const struct pcapng *p, uint8_t *bytes, size_t n)
{
	enum { FAMILY_VERSION_GROUP = 4, ATTRIBUTE_HEAD = 4 };
	bool is_ours = p->big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	struct reader r = reader_whole(bytes, n);
	uint16_t length, type, swapped[2];
	size_t at;

	if (is_ours || !read_skip(&r, FAMILY_VERSION_GROUP))
		return;
	while (reader_left(&r) >= ATTRIBUTE_HEAD) {
		at = n - reader_left(&r);
		memcpy(swapped, bytes + at, sizeof(swapped));
		swapped[0] = __builtin_bswap16(swapped[0]);
		swapped[1] = __builtin_bswap16(swapped[1]);
		if (!get16(p, &r, &length) || !get16(p, &r, &type))
			return;
		memcpy(bytes + at, swapped, sizeof(swapped));
		if (length < ATTRIBUTE_HEAD || !read_skip(&r, length - (size_t)ATTRIBUTE_HEAD) ||
		    !read_skip(&r, -(unsigned)length % 4))
			return;
	}
}

struct captured {
	uint32_t interface, present, wire;
	uint64_t ticks;
	bool has_time;
};

/* What stands before the bytes of a frame in the three kinds of blocks that have one. */
static bool frame_head(const struct pcapng *p, enum block_type type, struct reader *body,
		       struct captured *out)
{
	uint32_t high = 0, low = 0;
	uint16_t number, drops;

	*out = (struct captured){ .has_time = type != BLOCK_SIMPLE };
	switch (type) {
	case BLOCK_SIMPLE:
		if (!get32(p, body, &out->wire))
			return false;
		out->present = out->wire;
		if (p->count && p->interfaces[0].snaplen && out->present > p->interfaces[0].snaplen)
			out->present = p->interfaces[0].snaplen;
		return true;
	case BLOCK_PACKET:
		if (!get16(p, body, &number) || !get16(p, body, &drops))
			return false;
		out->interface = number;
		break;
	case BLOCK_ENHANCED:
		if (!get32(p, body, &out->interface))
			return false;
		break;
	case BLOCK_INTERFACE:
	case BLOCK_SECTION:
		return false;
	}
	if (!get32(p, body, &high) || !get32(p, body, &low) || !get32(p, body, &out->present) ||
	    !get32(p, body, &out->wire))
		return false;
	out->ticks = (uint64_t)high << 32 | low;
	return true;
}

static int frame_block(struct pcapng *p, enum block_type type, struct reader *body, uint8_t *block,
		       struct frame *out)
{
	const struct pcapng_interface *i;
	struct captured c;
	struct reader data;

	if (!frame_head(p, type, body, &c))
		return damaged(p, "damaged packet block");
	if (c.interface >= p->count)
		return damaged(p, "a packet of interface %" PRIu32 ", which is not described",
			       c.interface);
	if (!read_sub(body, c.present, &data))
		return damaged(p, "a packet of %" PRIu32 " bytes in a block of less", c.present);
	i = &p->interfaces[c.interface];
	if (i->link == DLT_NFLOG)
		swap_nflog(p, block + (data.at - block), reader_left(&data));
	*out = (struct frame){
		.bytes = data.at,
		.len = c.present > FRAME_MAX ? FRAME_MAX : c.present,
		/* A damaged file may claim less on the wire than it holds. */
		.wire_len = c.wire < c.present ? c.present : c.wire,
		.link = i->link,
		.time_ns = c.has_time ? time_of(i, c.ticks) : 0,
		.hook = FRAME_CAPTURED,
		.uid = UINT32_MAX,
	};
	return 1;
}

/* Type and length of the block that begins here; of a section also its byte order. */
static int block_head(struct pcapng *p, uint32_t *type, uint32_t *length)
{
	const uint8_t *head = input_peek(p->in, BLOCK_FRAME);
	uint32_t magic, number;
	struct reader r;

	if (!head)
		return input_held(p->in) || p->in->error ? broken_off(p) : 0;
	r = reader_whole(head, BLOCK_FRAME);
	if (!get32(p, &r, type) || !read_u32(&r, &number) || !read_u32(&r, &magic))
		return broken_off(p);
	if (*type == BLOCK_SECTION) {
		if (magic != BYTE_ORDER_MAGIC && magic != __builtin_bswap32(BYTE_ORDER_MAGIC))
			return damaged(p, "a section of unknown byte order");
		p->big = magic == BYTE_ORDER_MAGIC;
	} else if (!p->in_section) {
		return damaged(p, "no section header");
	}
	*length = p->big ? number : __builtin_bswap32(number);
	if (*length < BLOCK_FRAME || *length % 4)
		return damaged(p, "a block of %" PRIu32 " bytes", *length);
	return 1;
}

/* The length stands behind the block once more. */
static bool ends_in(const struct pcapng *p, const uint8_t *at, uint32_t length)
{
	struct reader r = reader_whole(at, sizeof(length));
	uint32_t again;

	return get32(p, &r, &again) && again == length;
}

static int skip_block(struct pcapng *p, uint32_t length)
{
	const uint8_t *tail;

	if (!input_skip(p->in, length - 4) || !(tail = input_peek(p->in, 4)))
		return broken_off(p);
	if (!ends_in(p, tail, length))
		return damaged(p, "a block with two lengths");
	return input_skip(p->in, 4) ? 0 : broken_off(p);
}

/* 1: a frame; 0: another block, taken; -1. */
static int read_block(struct pcapng *p, uint32_t type, uint32_t length, struct frame *out)
{
	uint8_t *block;
	struct reader body;
	int rc = -1;

	if (length > INPUT_MAX)
		return damaged(p, "a block of %" PRIu32 " bytes", length);
	block = input_peek(p->in, length);
	if (!block)
		return broken_off(p);
	if (!ends_in(p, block + length - 4, length))
		return damaged(p, "a block with two lengths");
	body = reader_whole(block + 8, length - BLOCK_FRAME);
	switch ((enum block_type)type) {
	case BLOCK_SECTION:
		rc = section(p, &body);
		break;
	case BLOCK_INTERFACE:
		rc = interface(p, &body);
		break;
	case BLOCK_PACKET:
	case BLOCK_SIMPLE:
	case BLOCK_ENHANCED:
		rc = frame_block(p, (enum block_type)type, &body, block, out);
		break;
	}
	if (rc < 0 || input_skip(p->in, length)) /* it is held: this only moves on */
		return rc;
	return broken_off(p);
}

int pcapng_next(struct pcapng *p, struct frame *out)
{
	uint32_t type = 0, length = 0;
	int rc;

	for (;;) {
		rc = block_head(p, &type, &length);
		if (rc <= 0)
			return rc;
		if (type == BLOCK_SECTION || (type >= BLOCK_INTERFACE && type <= BLOCK_SIMPLE) ||
		    type == BLOCK_ENHANCED)
			rc = read_block(p, type, length, out);
		else
			rc = skip_block(p, length);
		if (rc)
			return rc;
	}
}

void pcapng_done(struct pcapng *p)
{
	free(p->interfaces);
	*p = (struct pcapng){ .in = p->in };
}
