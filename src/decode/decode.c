/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One frame from its first byte to the payload of TCP or UDP. */
#include "decode/decode.h"

#include "decode/layers.h"

const char *decode_result_name(enum decode_result r)
{
	switch (r) {
	case DECODE_OK:
		return "ok";
	case DECODE_NOT_IP:
		return "not_ip";
	case DECODE_OTHER_PROTO:
		return "other_proto";
	case DECODE_FRAGMENT:
		return "fragment";
	case DECODE_TUNNEL:
		return "tunnel";
	case DECODE_UNKNOWN_LINK:
		return "unknown_link";
	case DECODE_TRUNCATED:
		return "truncated";
	case DECODE_MALFORMED:
		return "malformed";
	case DECODE_RESULTS:
		break;
	}
	return "unknown";
}

static enum decode_result decode(const struct frame *f, struct fragment *fragment, struct packet *p)
{
	size_t cut = f->wire_len > f->len ? f->wire_len - f->len : 0;
	struct link l = { .rest = reader_truncated(f->bytes, f->len, cut),
			  .mac = f->mac,
			  .fragment = fragment };
	enum decode_result result = link_decode(&l, f->link);

	if (result != DECODE_OK)
		return result;
	*p = (struct packet){ .time_ns = f->time_ns, .mac = l.mac };
	return ip_decode(&l, p);
}

enum decode_result decode_frame(const struct frame *f, struct packet *out)
{
	struct packet p;
	enum decode_result result = decode(f, NULL, &p);

	if (result == DECODE_OK)
		*out = p;
	return result;
}

bool decode_fragment(const struct frame *f, struct fragment *out)
{
	struct fragment fragment = { .header_len = 0 };
	struct packet p;

	if (decode(f, &fragment, &p) != DECODE_FRAGMENT || !fragment.header_len)
		return false;
	*out = fragment;
	return true;
}
