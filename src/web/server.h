/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP over libmicrohttpd, in the caller's thread. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <microhttpd.h>

#include "web/internal.h"

struct MHD_Daemon *http_open(struct web *w, struct error *e); /* NULL with e */

#endif
