/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host, Origin and token of a request. */
#include "web/guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/name.h"

enum { HOST_MOST = 260 };

/* "name:port", "[::1]:port" without the port. False if it is too long. */
static bool without_port(const char *host, char out[static HOST_MOST])
{
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	if (!n || n >= HOST_MOST || n > strlen(host))
		return false;
	if (host[n] && (host[n] != ':' || host[n + 1 + strspn(host + n + 1, "0123456789")]))
		return false;
	memcpy(out, host, n);
	out[n] = '\0';
	return true;
}

static bool host_is_ours(const char *given, const char *host)
{
	char name[HOST_MOST];

	if (!given || !without_port(given, name))
		return false;
	return !strcasecmp(name, "localhost") || name_is_address(name) ||
	       (host && !strcasecmp(name, host));
}

/* The Origin of a page of ours is the Host it was asked of; behind a proxy with TLS, https. */
static bool origin_is_ours(const char *origin, const char *host)
{
	if (!strncmp(origin, "http://", 7))
		origin += 7;
	else if (!strncmp(origin, "https://", 8))
		origin += 8;
	else
		return false;
	return !strcasecmp(origin, host);
}

/* Links from elsewhere may open a page; nothing else may come from there. */
static bool site_is_ours(const struct guard_request *r)
{
	if (!r->site || !strcmp(r->site, "same-origin") || !strcmp(r->site, "none"))
		return true;
	return !r->changes && r->mode && !strcmp(r->mode, "navigate");
}

bool guard_token_equal(const char *given, const char *token)
{
	size_t n = strlen(given), wanted = strlen(token);
	unsigned char differs = n != wanted;

	for (size_t i = 0; i < n; i++)
		differs |= (unsigned char)(given[i] ^ token[wanted ? i % wanted : 0]);
	return !differs && wanted;
}

/* The value of the cookie tacet-token; NULL = there is none. */
static const char *cookie_token(const char *cookie, char value[static HOST_MOST])
{
	static const char key[] = "tacet-token=";
	const size_t key_len = sizeof(key) - 1;

	while (cookie && *cookie) {
		size_t n = strcspn(cookie, ";");

		if (!strncmp(cookie, key, key_len) && n < HOST_MOST) {
			snprintf(value, HOST_MOST, "%.*s", (int)(n - key_len), cookie + key_len);
			return value;
		}
		cookie += n;
		cookie += strspn(cookie, "; ");
	}
	return NULL;
}

enum guard_answer guard_check(const struct guard_request *r, const char *host, const char *token)
{
	char value[HOST_MOST];
	const char *given;

	if (!host_is_ours(r->host, host))
		return GUARD_HOST;
	if (r->origin && !origin_is_ours(r->origin, r->host))
		return GUARD_ORIGIN;
	if (!site_is_ours(r))
		return GUARD_ORIGIN;
	if (!token)
		return GUARD_PASS;
	given = r->authorization && !strncasecmp(r->authorization, "Bearer ", 7)
			? r->authorization + 7
			: cookie_token(r->cookie, value);
	if (!given || !*given)
		return GUARD_TOKEN;
	return guard_token_equal(given, token) ? GUARD_PASS : GUARD_WRONG;
}

void guard_failed(struct guard_failures *f, uint64_t who, int64_t now_ms)
{
	size_t i = who % GUARD_SLOTS;
	int64_t minute = now_ms / 60000;

	if (f->slot[i].who != who || f->slot[i].minute != minute) {
		f->slot[i].who = who;
		f->slot[i].minute = minute;
		f->slot[i].count = 0;
	}
	f->slot[i].count++;
}

bool guard_may_try(const struct guard_failures *f, uint64_t who, int64_t now_ms)
{
	size_t i = who % GUARD_SLOTS;

	return f->slot[i].who != who || f->slot[i].minute != now_ms / 60000 ||
	       f->slot[i].count < GUARD_TRIES;
}
