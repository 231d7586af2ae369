/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GET /metrics on the stats socket, for curl --unix-socket and Prometheus proxies: one request
 * a connection (RFC 1945). */
#include <string.h>

#include "control/control.h"

static void http_answer(struct client *c, const char *status, const struct text *body)
{
	struct text *t = &c->server->line;

	text_clear(t);
	text_printf(t,
		    "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
		    "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		    status, body->len);
	if (body->len)
		text_put(t, body->at, body->len);
	if (t->failed || body->failed || !client_queue(c, t->at, t->len))
		c->dead = true;
	client_close_after_output(c);
}

/* "GET /metrics HTTP/1.1"; a query after the path does not matter. */
static bool is_metrics(const char *line, size_t n)
{
	static const char wanted[] = "GET /metrics";
	size_t len = sizeof(wanted) - 1;

	return n > len && !memcmp(line, wanted, len) && (line[len] == ' ' || line[len] == '?');
}

void request_http(struct client *c, const char *line, size_t n)
{
	struct server *s = c->server;
	struct text *body = &s->data;

	if (n && line[n - 1] == '\r')
		n--;
	if (!c->http_seen) {
		c->http_seen = true;
		c->http_metrics = is_metrics(line, n);
		s->counters.requests++;
		return;
	}
	if (n)
		return; /* a header field: none changes the answer */
	text_clear(body);
	if (!c->http_metrics) {
		s->counters.bad_requests++;
		text_str(body, "there is /metrics, nothing else\n");
		http_answer(c, "404 Not Found", body);
	} else if (s->ops.metrics(s->ops.ctx, body)) {
		text_clear(body);
		text_str(body, "the metrics cannot be read now\n");
		http_answer(c, "500 Internal Server Error", body);
	} else {
		http_answer(c, "200 OK", body);
	}
}
