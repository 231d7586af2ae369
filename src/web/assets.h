/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of src/web/assets/. */
#ifndef WEB_ASSETS_H
#define WEB_ASSETS_H

#include "base/asset.h"

/* "/app.js"; the pages of the dashboard are all index.html. NULL: there is none. */
const struct asset *asset_find(const char *path);

#endif
