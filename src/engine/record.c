/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for where a name came from: stable, they stand in records. */
#include "engine/record.h"

const char *via_name(enum via v)
{
	switch (v) {
	case VIA_NONE:
		return "none";
	case VIA_TLS:
		return "tls";
	case VIA_QUIC:
		return "quic";
	case VIA_HTTP:
		return "http";
	case VIA_DNS:
		return "dns";
	case VIA_ECH:
		return "ech";
	case VIA_SOCKS:
		return "socks";
	}
	return "none";
}
