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

enum decode_result decode_frame(const struct frame *f, struct packet *out)
{
	size_t cut = f->wire_len > f->len ? f->wire_len - f->len : 0;
	struct link l = { .rest = reader_truncated(f->bytes, f->len, cut), .mac = f->mac };
	enum decode_result result = link_decode(&l, f->link);
	struct packet p;

	if (result != DECODE_OK)
		return result;
	p = (struct packet){ .time_ns = f->time_ns, .mac = l.mac };
	result = ip_decode(&l, &p);
	if (result == DECODE_OK)
		*out = p;
	return result;
}
