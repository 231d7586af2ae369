/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may ask. Pure: looks at header fields alone. */
#ifndef WEB_GUARD_H
#define WEB_GUARD_H

#include <stdbool.h>
#include <stdint.h>

/* The request's fields; NULL = absent. */
struct guard_request {
	const char *host, *origin, *site, *mode; /* site, mode: Sec-Fetch-Site, Sec-Fetch-Mode */
	const char *authorization, *cookie;
	bool changes; /* not GET or HEAD */
};

enum guard_answer {
	GUARD_PASS,
	GUARD_HOST,
	GUARD_ORIGIN,
	GUARD_TOKEN, /* none was given */
	GUARD_WRONG  /* that is not it */
};

/* host: a name that is served beside localhost and addresses, or NULL. An address as Host cannot
 * come by DNS rebinding: no name was resolved. token: NULL = none is asked for. A token is
 * "Authorization: Bearer TOKEN" or the cookie tacet-token. */
enum guard_answer guard_check(const struct guard_request *r, const char *host, const char *token);
/* Takes as long whatever the difference is. */
bool guard_token_equal(const char *given, const char *token);

/* Wrong tokens by who gave them, a number made of the address. After GUARD_TRIES in a minute
 * nothing of theirs is looked at for the rest of it. Two with the same slot drive each other out.
 */
enum { GUARD_TRIES = 10, GUARD_SLOTS = 256 };
struct guard_failures {
	struct {
		uint64_t who;
		int64_t minute;
		unsigned count;
	} slot[GUARD_SLOTS];
};
void guard_failed(struct guard_failures *f, uint64_t who, int64_t now_ms);
bool guard_may_try(const struct guard_failures *f, uint64_t who, int64_t now_ms);

#endif
