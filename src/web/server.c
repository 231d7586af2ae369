/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests: guard, then a file, the figures for Prometheus, or the API. */
#include "web/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "web/assets.h"
#include "web/guard.h"
#include "web/stream.h"

enum { BODY_MOST = 4096, CLIENTS_MOST = 64, CLIENT_BYTES = 32768, IDLE_S = 30 };

struct request {
	bool begun, too_long;
	size_t len;
	char body[BODY_MOST + 1];
};

static const char *field(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static const char *argument(void *ctx, const char *key)
{
	return MHD_lookup_connection_value(ctx, MHD_GET_ARGUMENT_KIND, key);
}

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, struct MHD_Response *r,
			      const char *type, const char *cache)
{
	static const char *const fields[][2] = {
		{ "Content-Security-Policy",
		  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
		  "connect-src 'self'; form-action 'self'; base-uri 'none'; "
		  "frame-ancestors 'none'" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
	};
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		MHD_add_response_header(r, fields[i][0], fields[i][1]);
	MHD_add_response_header(r, "Content-Type", type);
	MHD_add_response_header(r, "Cache-Control", cache);
	if (status == MHD_HTTP_UNAUTHORIZED)
		MHD_add_response_header(r, "WWW-Authenticate", "Bearer realm=\"tacet\"");
	rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned status, const char *type,
				   struct text *body)
{
	struct MHD_Response *r = NULL;

	text_str(body, "");
	if (!body->failed)
		r = MHD_create_response_from_buffer(body->len, body->at, MHD_RESPMEM_MUST_COPY);
	text_done(body);
	return answer(c, status, r, type, "no-store");
}

static enum MHD_Result answer_error(struct MHD_Connection *c, unsigned status, const char *key,
				    const char *message)
{
	struct text body = { 0 };

	api_error(&body, status, key, message);
	return answer_text(c, status, "application/json", &body);
}

static enum MHD_Result answer_asset(struct MHD_Connection *c, const struct asset *a)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(a->len, (void *)(uintptr_t)a->at,
								 MHD_RESPMEM_PERSISTENT);

	return answer(c, MHD_HTTP_OK, r, a->type, "no-cache");
}

/* The counters of tacet, and whether it can be asked. */
static enum MHD_Result answer_metrics(struct web *w, struct MHD_Connection *c)
{
	struct text body = { 0 };
	int rc = feed_ask(w->o.stats_path, "metrics", &body);

	if (rc)
		text_clear(&body);
	text_printf(&body,
		    "# HELP tacet_up 1 if tacet answers.\n# TYPE tacet_up gauge\ntacet_up %d\n"
		    "# HELP tacet_web_streams Browsers that watch.\n"
		    "# TYPE tacet_web_streams gauge\ntacet_web_streams %u\n",
		    !rc, w->stream_count);
	return answer_text(c, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", &body);
}

static enum MHD_Result answer_events(struct web *w, struct MHD_Connection *c)
{
	const char *last = field(c, "Last-Event-ID");
	struct api_query q = { c, argument };
	struct text body = { 0 };
	struct log_filter f;
	struct stream *s;

	if (!api_filter(&q, &f, &body))
		return answer_text(c, 400, "application/json", &body);
	s = stream_new(w, c, &f, last);
	if (!s)
		return answer_error(c, MHD_HTTP_SERVICE_UNAVAILABLE, "too_many_clients",
				    "too many browsers watch");
	return answer(c, MHD_HTTP_OK, stream_response(s), "text/event-stream", "no-store");
}

static enum MHD_Result get(struct web *w, struct MHD_Connection *c, const char *path)
{
	static const char api[] = "/api/v1/";
	const struct asset *a = asset_find(path);
	struct api_query q = { c, argument };
	struct text body = { 0 };
	unsigned status;

	if (a)
		return answer_asset(c, a);
	if (!strcmp(path, "/metrics"))
		return answer_metrics(w, c);
	if (strncmp(path, api, sizeof(api) - 1) != 0)
		return answer_error(c, MHD_HTTP_NOT_FOUND, "not_found", "there is no such page");
	if (!strcmp(path + sizeof(api) - 1, "events"))
		return answer_events(w, c);
	status = api_get(w, path + sizeof(api) - 1, &q, &body);
	return answer_text(c, status, "application/json", &body);
}

static enum MHD_Result post(struct web *w, struct MHD_Connection *c, const char *path,
			    const struct request *r)
{
	const char *type = field(c, "Content-Type");
	struct text body = { 0 };
	unsigned status;

	if (r->too_long)
		return answer_error(c, MHD_HTTP_CONTENT_TOO_LARGE, "too_long",
				    "the body is longer than 4096 bytes");
	/* A form of another page cannot send this type without asking first. */
	if (!type || strncmp(type, "application/json", 16) != 0)
		return answer_error(c, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "bad_request",
				    "the body is application/json");
	if (strncmp(path, "/api/v1/", 8) != 0)
		return answer_error(c, MHD_HTTP_NOT_FOUND, "not_found", "see /openapi.json");
	status = api_post(w, path + 8, r->body, &body);
	return answer_text(c, status, "application/json", &body);
}

static enum MHD_Result refuse(struct MHD_Connection *c, enum guard_answer why)
{
	switch (why) {
	case GUARD_HOST:
		return answer_error(c, MHD_HTTP_MISDIRECTED_REQUEST, "bad_host",
				    "not served under this name; see --host in tacet-web(8)");
	case GUARD_ORIGIN:
		return answer_error(c, MHD_HTTP_FORBIDDEN, "bad_origin",
				    "requests of other sites are refused");
	case GUARD_TOKEN:
		return answer_error(c, MHD_HTTP_UNAUTHORIZED, "not_permitted",
				    "a token is needed; see --token-file in tacet-web(8)");
	case GUARD_WRONG:
		return answer_error(c, MHD_HTTP_UNAUTHORIZED, "not_permitted",
				    "that is not the token");
	case GUARD_PASS:
		break;
	}
	return MHD_NO;
}

/* The address of the other side, of IPv6 the network, as a number. */
static uint64_t who_asks(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *a = info ? info->client_addr : NULL;
	const uint8_t *at = NULL;
	uint64_t who = 0;
	size_t n = 0;

	if (a && a->sa_family == AF_INET) {
		at = (const uint8_t *)&((const struct sockaddr_in *)(const void *)a)->sin_addr;
		n = 4;
	} else if (a && a->sa_family == AF_INET6) {
		at = (const uint8_t *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
		n = 8;
	}
	for (size_t i = 0; i < n; i++)
		who = who << 8 | at[i];
	return who;
}

static enum MHD_Result dispatch(struct web *w, struct MHD_Connection *c, const char *path,
				const char *method, const struct request *r)
{
	bool reads = !strcmp(method, "GET") || !strcmp(method, "HEAD");
	struct guard_request g = { .host = field(c, "Host"),
				   .origin = field(c, "Origin"),
				   .site = field(c, "Sec-Fetch-Site"),
				   .mode = field(c, "Sec-Fetch-Mode"),
				   .authorization = field(c, "Authorization"),
				   .cookie = field(c, "Cookie"),
				   .changes = !reads };
	enum guard_answer why = guard_check(&g, w->o.host, w->o.token);
	bool is_page = reads && asset_find(path);

	/* The page itself shows nothing: it asks for the token. */
	if (w->o.token && !is_page && !guard_may_try(&w->failures, who_asks(c), web_now_ms()))
		return answer_error(c, MHD_HTTP_TOO_MANY_REQUESTS, "not_permitted",
				    "too many wrong tokens; try again in a minute");
	if (why == GUARD_WRONG && !is_page)
		guard_failed(&w->failures, who_asks(c), web_now_ms());
	if (why != GUARD_PASS && !((why == GUARD_TOKEN || why == GUARD_WRONG) && is_page))
		return refuse(c, why);
	if (reads)
		return get(w, c, path);
	if (!strcmp(method, "POST"))
		return post(w, c, path, r);
	return answer_error(c, MHD_HTTP_METHOD_NOT_ALLOWED, "bad_request", "GET and POST only");
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *c, const char *path,
			      const char *method, const char *version, const char *data, size_t *n,
			      void **request)
{
	struct request *r = *request;

	(void)version;
	if (!r) {
		*request = calloc(1, sizeof(*r));
		return *request ? MHD_YES : MHD_NO;
	}
	if (!*n)
		return dispatch(ctx, c, path, method, r);
	if (*n > BODY_MOST - r->len)
		r->too_long = true;
	if (!r->too_long) {
		memcpy(r->body + r->len, data, *n);
		r->len += *n;
	}
	*n = 0;
	return MHD_YES;
}

static void completed(void *ctx, struct MHD_Connection *c, void **request,
		      enum MHD_RequestTerminationCode why)
{
	(void)ctx;
	(void)c;
	(void)why;
	free(*request);
	*request = NULL;
}

static int listen_on(const struct web_options *o, struct error *e)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE,
				  .ai_socktype = SOCK_STREAM },
			*a;
	char port[8];
	int fd, one = 1, rc;

	snprintf(port, sizeof(port), "%u", o->port);
	if (getaddrinfo(o->address, port, &hints, &a)) {
		error_set(e, -EINVAL, "listen: %s: not an address", o->address);
		return -1;
	}
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	rc = fd < 0 || bind(fd, a->ai_addr, a->ai_addrlen) || listen(fd, 64) ? errno : 0;
	freeaddrinfo(a);
	if (!rc)
		return fd;
	error_set(e, -rc, "listen: %s port %u: %s%s", o->address, o->port, strerror(rc),
		  rc == EADDRINUSE ? "; does tacet web run already? --port takes another" : "");
	if (fd >= 0)
		close(fd);
	return -1;
}

struct MHD_Daemon *http_open(struct web *w, struct error *e)
{
	struct MHD_Daemon *d;
	int fd = listen_on(&w->o, e);

	if (fd < 0)
		return NULL;
	d = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, w,
			     MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
			     (unsigned)CLIENTS_MOST, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			     (size_t)CLIENT_BYTES, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
			     MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
	if (!d) {
		error_set(e, -ENOMEM, "web: libmicrohttpd does not start");
		close(fd);
	}
	return d;
}
