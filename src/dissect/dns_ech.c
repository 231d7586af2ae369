/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A DNS message without the keys of Encrypted ClientHello (RFC 9848) in its HTTPS and SVCB records:
 * copied piece by piece, with what was left out remembered, for a compressed name may point to
 * behind it. */
#include "dissect/dns_wire.h"

enum {
	CUTS_MAX = 32,
	HEADER_SIZE = 12,
	FLAGS_LOW = 3,
	FLAG_AD = 0x20, /* authentic data (RFC 4035, 3.2.3): no longer true */
	POINTER = 0xc0,
	CLASS_IN = 1,
	TYPE_SIG = 24,
	TYPE_TSIG = 250,
	PARAM_MANDATORY = 0,
	PARAM_ECH = 5,
};

/* Left out of the message: n bytes that stood at `at`. */
struct cut {
	size_t at, n;
};

struct rebuild {
	struct reader r; /* stands in the message ... */
	const uint8_t *start;
	uint8_t *out; /* ... whose rebuilt part ends here */
	size_t n, room;
	struct cut cuts[CUTS_MAX];
	unsigned count;
};

/* Over the room is counted and not written. */
static bool put(struct rebuild *b, const uint8_t *bytes, size_t n)
{
	if (!bytes)
		return false;
	if (n && b->n <= b->room && n <= b->room - b->n)
		memcpy(b->out + b->n, bytes, n);
	b->n += n;
	return true;
}

static bool put_u16(struct rebuild *b, size_t v)
{
	return put(b, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static void patch_u16(struct rebuild *b, size_t at, size_t v)
{
	size_t end = b->n;

	b->n = at;
	(void)put_u16(b, v);
	b->n = end;
}

static bool copy(struct rebuild *b, size_t n)
{
	return put(b, reader_claim(&b->r, n), n);
}

static bool leave_out(struct rebuild *b, size_t at, size_t n)
{
	if (b->count == CUTS_MAX)
		return false;
	b->cuts[b->count++] = (struct cut){ at, n };
	return true;
}

/* Where what stood at `target` stands now; false: it is gone. */
static bool moved(const struct rebuild *b, size_t *io_target)
{
	size_t target = *io_target;

	for (unsigned i = 0; i < b->count && b->cuts[i].at <= target; i++) {
		if (target - b->cuts[i].at < b->cuts[i].n)
			return false;
		*io_target -= b->cuts[i].n;
	}
	return true;
}

/* A name as it is; only where it points to may have moved (RFC 1035, 4.1.4). */
static bool copy_name(struct rebuild *b)
{
	size_t target;
	uint8_t len, low;

	while (read_u8(&b->r, &len)) {
		if (len < 64) {
			if (!put(b, &len, 1) || !copy(b, len))
				return false;
			if (!len)
				return true;
			continue;
		}
		if (len < POINTER || !read_u8(&b->r, &low))
			return false;
		target = (size_t)(len & 0x3f) << 8 | low;
		return moved(b, &target) && put_u16(b, POINTER << 8 | target);
	}
	return false;
}

/* Which data may hold compressed names, behind how many bytes: the types of RFC 1035, and those in
 * which others are to be understood (RFC 3597, 4). */
static unsigned names_in(uint16_t type, size_t *out_skip)
{
	*out_skip = 0;
	switch (type) {
	case DNS_NS:
	case 3 ... 5: /* MD, MF, CNAME */
	case 7 ... 9: /* MB, MG, MR */
	case DNS_PTR:
	case DNS_DNAME:
		return 1;
	case DNS_SOA:
	case 14: /* MINFO */
	case 17: /* RP */
		return 2;
	case DNS_MX:
	case 18: /* AFSDB */
	case 21: /* RT */
	case 36: /* KX */
		*out_skip = 2;
		return 1;
	case 26: /* PX */
		*out_skip = 2;
		return 2;
	case DNS_SRV:
		*out_skip = 6;
		return 1;
	default:
		return 0;
	}
}

/* The keys that a client must know to use the record (RFC 9460, 8), without this one. */
static bool copy_mandatory(struct rebuild *b, struct reader value)
{
	size_t key_at = b->n, at = (size_t)(value.at - b->start);
	size_t whole = 4 + reader_left(&value);
	uint16_t key;

	if (!put_u16(b, PARAM_MANDATORY) || !put_u16(b, 0))
		return false;
	for (; !reader_done(&value); at += 2)
		if (!read_u16(&value, &key))
			return false;
		else if (key == PARAM_ECH ? !leave_out(b, at, 2) : !put_u16(b, key))
			return false;
	patch_u16(b, key_at + 2, b->n - key_at - 4);
	if (b->n == key_at + 4 && whole > 4) /* none is left: an empty list is none */
		b->n = key_at;
	return true;
}

static bool copy_params(struct rebuild *b, const uint8_t *end)
{
	const uint8_t *param;
	struct reader value;
	uint16_t key;

	while (b->r.at < end) {
		size_t kept = b->n;
		unsigned count = b->count;

		param = b->r.at;
		if (!read_u16(&b->r, &key) || !read_vec16(&b->r, &value) || b->r.at > end)
			return false;
		if (key == PARAM_MANDATORY) {
			if (!copy_mandatory(b, value))
				return false;
			if (b->n != kept)
				continue;
			b->count = count;
		} else if (key != PARAM_ECH) {
			if (!put(b, param, (size_t)(b->r.at - param)))
				return false;
			continue;
		}
		if (!leave_out(b, (size_t)(param - b->start), (size_t)(b->r.at - param)))
			return false;
	}
	return true;
}

static bool copy_data(struct rebuild *b, uint16_t type, uint16_t class, const uint8_t *end)
{
	bool is_binding = class == CLASS_IN && (type == DNS_SVCB || type == DNS_HTTPS);
	unsigned names;
	size_t skip;

	if (is_binding)
		return copy(b, 2) && copy_name(b) && b->r.at <= end && copy_params(b, end);
	names = names_in(type, &skip);
	if (names && !copy(b, skip))
		return false;
	while (names--)
		if (!copy_name(b))
			return false;
	return b->r.at <= end && copy(b, (size_t)(end - b->r.at));
}

/* What is signed as a whole message cannot be changed. */
static bool copy_record(struct rebuild *b)
{
	uint16_t type, class;
	uint32_t ttl;
	struct reader fixed, data;
	size_t len_at;

	if (!copy_name(b))
		return false;
	fixed = b->r;
	if (!read_u16(&fixed, &type) || !read_u16(&fixed, &class) || !read_u32(&fixed, &ttl) ||
	    !read_vec16(&fixed, &data) || type == TYPE_SIG || type == TYPE_TSIG)
		return false;
	len_at = b->n + 8;
	if (!copy(b, 10) || !copy_data(b, type, class, fixed.at))
		return false;
	patch_u16(b, len_at, b->n - len_at - 2);
	return true;
}

static bool copy_message(struct rebuild *b)
{
	struct reader header = b->r;
	uint16_t id, flags, questions, counts[3];
	uint32_t records;

	if (!read_u16(&header, &id) || !read_u16(&header, &flags) ||
	    !read_u16(&header, &questions) || !read_u16(&header, &counts[0]) ||
	    !read_u16(&header, &counts[1]) || !read_u16(&header, &counts[2]) ||
	    !copy(b, HEADER_SIZE))
		return false;
	if (b->room > FLAGS_LOW)
		b->out[FLAGS_LOW] &= (uint8_t)~FLAG_AD;
	for (unsigned i = 0; i < questions; i++)
		if (!copy_name(b) || !copy(b, 4))
			return false;
	records = (uint32_t)counts[0] + counts[1] + counts[2];
	while (records--)
		if (!copy_record(b))
			return false;
	return copy(b, reader_left(&b->r));
}

enum outcome dns_without_ech(const struct reader *message, uint8_t *out, size_t room, size_t *out_n)
{
	struct rebuild b = { .r = *message, .start = message->at, .out = out, .room = room };

	if (message->missing || reader_left(message) > UINT16_MAX)
		return OUTCOME_ABSENT;
	if (!copy_message(&b) || b.n > room)
		return b.count ? OUTCOME_MALFORMED : OUTCOME_ABSENT;
	*out_n = b.n;
	return b.count ? OUTCOME_FOUND : OUTCOME_ABSENT;
}
