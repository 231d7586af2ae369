/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device as tables know it over time: by its MAC, else by its address. */
#ifndef HABIT_WHOSE_H
#define HABIT_WHOSE_H

#include <string.h>

#include "base/addr.h"

/* Whole structs compare and hash: made by whose() alone. */
struct whose {
	struct mac mac;
	struct addr addr; /* family 0 beside a MAC */
};

static inline struct whose whose(const struct mac *mac, const struct addr *addr)
{
	struct whose w;

	memset(&w, 0, sizeof w);
	if (mac_is_zero(mac)) {
		w.addr.family = addr->family;
		memcpy(w.addr.bytes, addr->bytes, sizeof w.addr.bytes);
	} else {
		w.mac = *mac;
	}
	return w;
}

#endif
