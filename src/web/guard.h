/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask. Pure: looks at header fields alone. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>

/* The request's fields; NULL = absent. */
struct guard_request {
	const char *host, *origin, *site, *mode; /* site, mode: Sec-Fetch-Site, Sec-Fetch-Mode */
	const char *authorization, *cookie;
	bool changes; /* not GET or HEAD */
};

enum guard_answer { GUARD_PASS, GUARD_HOST, GUARD_ORIGIN, GUARD_TOKEN };

/* host: a name that is served beside localhost and addresses, or NULL. An address as Host cannot
 * come by DNS rebinding: no name was resolved. token: NULL = none is asked for. A token is
 * "Authorization: Bearer TOKEN" or the cookie tacet-token. */
enum guard_answer guard_check(const struct guard_request *r, const char *host, const char *token);
/* Takes as long whatever the difference is. */
bool guard_token_equal(const char *given, const char *token);

#endif
