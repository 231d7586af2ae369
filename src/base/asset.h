/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files compiled in by asset.awk: src/ROOM/assets/ is ROOM_assets. */
#ifndef BASE_ASSET_H
#define BASE_ASSET_H

#include <stddef.h>

struct asset {
	const char *path, *type; /* "/app.js", its media type */
	const unsigned char *at;
	size_t len;
};

/* Each ends with a NULL path. */
extern const struct asset web_assets[], report_assets[];

#endif
