/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file a path is. */
#include "web/assets.h"

#include <string.h>

static const char *const pages[] = { "/", "/devices", "/apps", "/names", "/log", "/lists" };

const struct asset *asset_find(const char *path)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (!strcmp(path, pages[i]))
			path = "/index.html";
	for (const struct asset *a = web_assets; a->path; a++)
		if (!strcmp(path, a->path))
			return a;
	return NULL;
}
