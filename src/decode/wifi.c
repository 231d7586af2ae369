/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IEEE 802.11 data frames, bare or behind a radiotap header. */
#include "decode/layers.h"

enum {
	FC_TYPE_MASK = 0x0f, /* of the first byte: version and type */
	FC_TYPE_DATA = 0x08,
	FC_SUBTYPE_NO_DATA = 0x40,
	FC_SUBTYPE_QOS = 0x80,
	FC_TO_DS = 0x01, /* of the second byte */
	FC_FROM_DS = 0x02,
	FC_MORE_FRAGMENTS = 0x04,
	FC_PROTECTED = 0x40,
	FC_ORDER = 0x80,
	QOS_AMSDU = 0x80,
};

static bool read_le16(struct reader *r, uint16_t *out)
{
	bool ok = read_u16(r, out);

	*out = (uint16_t)(*out << 8 | *out >> 8);
	return ok;
}

static bool read_le32(struct reader *r, uint32_t *out)
{
	bool ok = read_u32(r, out);

	*out = __builtin_bswap32(*out);
	return ok;
}

/* Several Ethernet frames in one (IEEE 802.11, 9.3.2.2). A frame yields one packet here: the
 * first, which is the one that opens a connection. */
static enum decode_result amsdu(struct link *l)
{
	struct reader inside;
	uint16_t length;

	if (!read_skip(&l->rest, 6) || !read_bytes(&l->rest, l->mac.bytes, sizeof(l->mac.bytes)) ||
	    !read_u16(&l->rest, &length) || !read_sub(&l->rest, length, &inside))
		return decode_failed(&l->rest);
	l->rest = inside;
	return link_llc(l);
}

/* padded: the driver put bytes behind the header until its length divides by four. */
enum decode_result link_ieee80211(struct link *l, bool padded)
{
	uint8_t type, flags, address[2][6], qos[2] = { 0 };
	size_t start = reader_left(&l->rest), length;
	uint16_t sequence;

	if (!read_u8(&l->rest, &type) || !read_u8(&l->rest, &flags))
		return decode_failed(&l->rest);
	if ((type & FC_TYPE_MASK) != FC_TYPE_DATA || type & FC_SUBTYPE_NO_DATA ||
	    flags & FC_PROTECTED)
		return DECODE_NOT_IP;
	if (!read_skip(&l->rest, 2 + 6) || !read_bytes(&l->rest, address[0], 6) ||
	    !read_bytes(&l->rest, address[1], 6) || !read_le16(&l->rest, &sequence))
		return decode_failed(&l->rest);
	/* The sender is the second address, from an access point the third, between two
	 * access points the fourth (IEEE 802.11, 9.3.2.1). */
	memcpy(l->mac.bytes, address[flags & FC_FROM_DS ? 1 : 0], 6);
	if ((flags & (FC_TO_DS | FC_FROM_DS)) == (FC_TO_DS | FC_FROM_DS) &&
	    !read_bytes(&l->rest, l->mac.bytes, 6))
		return decode_failed(&l->rest);
	if (type & FC_SUBTYPE_QOS && (!read_bytes(&l->rest, qos, sizeof(qos)) ||
				      (flags & FC_ORDER && !read_skip(&l->rest, 4))))
		return decode_failed(&l->rest);
	length = start - reader_left(&l->rest);
	if (padded && length % 4 && !read_skip(&l->rest, 4 - length % 4))
		return decode_failed(&l->rest);
	if (flags & FC_MORE_FRAGMENTS || sequence & 0x0f)
		return DECODE_FRAGMENT;
	return qos[0] & QOS_AMSDU ? amsdu(l) : link_llc(l);
}

/* Only the flags field matters here, and only the time stamp (8 bytes, aligned to 8) can lie
 * before it. Bit 31 of a word of the bitmap announces another word. */
enum decode_result link_radiotap(struct link *l)
{
	enum { HAS_TIME = 1, HAS_FLAGS = 2, FLAG_PADDED = 0x20 };
	struct reader whole = l->rest, header;
	uint8_t version, pad, flags = 0;
	uint32_t present, more;
	uint16_t length;
	size_t at = 8;

	if (!read_u8(&whole, &version) || !read_u8(&whole, &pad) || !read_le16(&whole, &length))
		return decode_failed(&whole);
	if (version != 0 || length < 8)
		return DECODE_MALFORMED;
	if (!read_sub(&l->rest, length, &header))
		return decode_failed(&l->rest);
	if (!read_skip(&header, 4) || !read_le32(&header, &present))
		return decode_failed(&header);
	for (more = present; more >> 31; at += 4)
		if (!read_le32(&header, &more))
			return decode_failed(&header);
	if (present & HAS_TIME && !read_skip(&header, (at % 8 ? 4 : 0) + 8))
		return decode_failed(&header);
	if (present & HAS_FLAGS && !read_u8(&header, &flags))
		return decode_failed(&header);
	return link_ieee80211(l, flags & FLAG_PADDED);
}
