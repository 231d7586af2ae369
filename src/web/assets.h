/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of src/web/assets/, compiled in by assets.awk. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include <stddef.h>

struct asset {
	const char *path, *type;
	const unsigned char *at;
	size_t len;
};

/* "/app.js"; the pages of the dashboard are all index.html. NULL: there is none. */
const struct asset *asset_find(const char *path);

extern const struct asset web_assets[]; /* ends with a NULL path */

#endif
