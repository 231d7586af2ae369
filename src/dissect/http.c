/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1 request heads: the request line, then field lines until Host. */
#include "dissect/http.h"

#include "base/addr.h"

/* A piece of text inside the bytes of a reader. */
struct span {
	const char *at;
	size_t n;
};

static bool is_token_byte(uint8_t c)
{
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span span_from(struct span s, size_t n)
{
	return (struct span){ s.at + n, s.n - n };
}

static struct span span_trim(struct span s)
{
	while (s.n && is_blank(s.at[0]))
		s = span_from(s, 1);
	while (s.n && is_blank(s.at[s.n - 1]))
		s.n--;
	return s;
}

/* text is lower case */
static bool span_is(struct span s, const char *text)
{
	size_t n = strlen(text);

	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.at[i];

		if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != text[i])
			return false;
	}
	return true;
}

/* The next line without its end; a bare LF ends a line too (RFC 9112, 2.2). */
static bool read_line(struct reader *r, struct span *out)
{
	size_t left = reader_left(r);
	const uint8_t *end = left ? memchr(r->at, '\n', left) : NULL;
	size_t n = end ? (size_t)(end - r->at) + 1 : left + 1;
	const uint8_t *line = reader_claim(r, n);

	if (!line)
		return false;
	n--;
	if (n && line[n - 1] == '\r')
		n--;
	*out = (struct span){ (const char *)line, n };
	return true;
}

/* Methods that vouch for a line that is otherwise broken. */
static bool is_known_method(struct span s)
{
	static const char *const known[] = { "GET",	"HEAD",	   "POST",  "PUT",   "DELETE",
					     "CONNECT", "OPTIONS", "TRACE", "PATCH", "CCM_POST" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (s.n == strlen(known[i]) && !memcmp(s.at, known[i], s.n))
			return true;
	return false;
}

bool http_begins_request(const struct reader *r)
{
	struct span s = { (const char *)r->at, 0 };
	struct reader copy = *r;
	uint8_t c;

	while (read_u8(&copy, &c) && is_token_byte(c))
		s.n++;
	return copy.state == READER_OK && c == ' ' && is_known_method(s);
}

/* Looks at what has arrived of the first line and says whether a request line can begin so:
 * a method, one space, then no control byte up to the end of the line. A known method may stand
 * alone. */
static enum outcome check_request_line(struct reader r)
{
	struct span method = { (const char *)r.at, 0 };
	struct reader before = r;
	uint8_t c;

	for (; read_u8(&r, &c) && c != ' '; before = r, method.n++) {
		bool ends = (c == '\r' || c == '\n') && is_known_method(method);

		if (ends)
			break;
		if (!is_token_byte(c) || method.n == HTTP_METHOD_MAX)
			return OUTCOME_MALFORMED;
	}
	if (r.state == READER_OK && !method.n)
		return OUTCOME_MALFORMED;
	if (r.state == READER_OK)
		r = before;
	while (read_u8(&r, &c)) {
		bool after_cr = c == '\r';

		if (after_cr && !read_u8(&r, &c))
			break;
		if (c == '\n')
			return OUTCOME_FOUND;
		if (after_cr || c < ' ' || c == 0x7f)
			return OUTCOME_MALFORMED;
	}
	return reader_outcome(&r);
}

static bool read_port(struct span s, uint16_t *out)
{
	unsigned port = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return false;
		port = port * 10 + (unsigned)(s.at[i] - '0');
		if (port > UINT16_MAX)
			return false;
	}
	*out = (uint16_t)port;
	return true;
}

/* "[v6]", the address as the name. */
static bool read_literal(struct span s, struct name *out)
{
	char text[ADDR_TEXT_MAX];
	size_t n = s.n - 2;
	struct addr a;

	if (s.n < 4 || s.at[s.n - 1] != ']' || n >= sizeof(text))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s.at[i + 1];

		text[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	text[n] = '\0';
	if (!addr_parse(text, &a) || a.family != 6)
		return false;
	memcpy(out->text, text, n + 1);
	out->len = (uint8_t)n;
	return true;
}

/* uri-host [":" port] (RFC 9110, 7.2). False: not a host that a name rule could meet. */
static bool read_host(struct span s, struct http_head *out)
{
	const char *end, *from = s.at;
	struct span host, rest;

	if (!s.n)
		return false;
	if (*s.at == '[') {
		from = memchr(s.at, ']', s.n);
		if (!from)
			return false;
	}
	end = memchr(from, ':', s.n - (size_t)(from - s.at));
	host = (struct span){ s.at, end ? (size_t)(end - s.at) : s.n };
	rest = span_from(s, end ? host.n + 1 : host.n);
	if (!read_port(rest, &out->port))
		return false;
	return *s.at == '[' ? read_literal(host, &out->host)
			    : name_from_text(host.at, host.n, &out->host);
}

bool http_read_authority(const char *text, size_t n, struct http_head *out)
{
	return read_host((struct span){ text, n }, out);
}

/* scheme "://" authority, then a path, a query or nothing (RFC 3986, 3). */
static bool read_absolute(struct span target, struct http_head *out)
{
	size_t i = 0, n = 0;
	struct span host;

	while (i < target.n && (is_token_byte((uint8_t)target.at[i])))
		i++;
	if (!i || target.n - i < 3 || memcmp(target.at + i, "://", 3))
		return false;
	host = span_from(target, i + 3);
	while (n < host.n && host.at[n] != '/' && host.at[n] != '?' && host.at[n] != '#')
		n++;
	host.n = n;
	for (i = n; i; i--)
		if (host.at[i - 1] == '@')
			break;
	return read_host(span_from(host, i), out);
}

/* Splits the line at its first and last space: clients send targets with spaces in them, and
 * some send none. */
static bool split_request_line(struct span line, struct span *out_method, struct span *out_target)
{
	size_t method = 0, version;

	line = span_trim(line);
	while (method < line.n && line.at[method] != ' ')
		method++;
	for (version = line.n; version > method && line.at[version - 1] != ' '; version--)
		;
	if (version <= method || line.n - version != 8 || memcmp(line.at + version, "HTTP/1.", 7) ||
	    line.at[version + 7] < '0' || line.at[version + 7] > '9')
		return false;
	*out_method = (struct span){ line.at, method };
	*out_target = span_trim((struct span){ line.at + method, version - method });
	return true;
}

/* Servers answer requests whose version is broken or missing, and the name has left with them:
 * a method that is HTTP's own is enough, where the line does not end as another protocol's does
 * (OPTIONS sip:a@b SIP/2.0). */
static bool split_broken_line(struct span line, struct span *out_method, struct span *out_target)
{
	size_t method = 0, last, n;

	line = span_trim(line);
	while (method < line.n && line.at[method] != ' ')
		method++;
	*out_method = (struct span){ line.at, method };
	*out_target = span_trim(span_from(line, method));
	if (!is_known_method(*out_method))
		return false;
	for (last = line.n; last > method && line.at[last - 1] != ' '; last--)
		;
	for (n = last; n < line.n && line.at[n] >= 'A' && line.at[n] <= 'Z'; n++)
		;
	return n == last || n == line.n || line.at[n] != '/' ||
	       span_is((struct span){ line.at + last, n - last }, "http");
}

/* The value of Host, with the lines that continue it (RFC 9112, 5.2). A continuation makes a
 * host name only of an empty value or adds nothing to it; anything else is no name. */
static enum outcome finish_host(struct reader *r, struct span value, struct http_head *out)
{
	struct reader next;
	struct span more;
	uint8_t c;

	for (;;) {
		next = *r;
		if (!read_u8(&next, &c) && next.state == READER_SHORT)
			return OUTCOME_MORE;
		if (next.state != READER_OK || !is_blank((char)c))
			break;
		if (!read_line(r, &more))
			return reader_outcome(r);
		more = span_trim(more);
		if (value.n && more.n)
			return OUTCOME_ABSENT;
		if (!value.n)
			value = more;
	}
	return read_host(value, out) ? OUTCOME_FOUND : OUTCOME_ABSENT;
}

static enum outcome read_fields(struct reader *r, struct http_head *out)
{
	struct span line, name;
	const char *colon;

	for (;;) {
		if (!read_line(r, &line))
			return reader_outcome(r);
		if (!line.n)
			return OUTCOME_ABSENT;
		colon = memchr(line.at, ':', line.n);
		if (!colon || is_blank(line.at[0]))
			continue;
		name = (struct span){ line.at, (size_t)(colon - line.at) };
		if (span_is(span_trim(name), "host"))
			return finish_host(r, span_trim(span_from(line, name.n + 1)), out);
	}
}

static enum outcome read_head(struct reader *r, struct http_head *out)
{
	struct span line = { 0 }, method, target;
	struct http_head by_target = { 0 };
	struct reader probe = *r;
	enum outcome o;
	uint8_t c;

	/* An empty line before the request is allowed (RFC 9112, 2.2). */
	if (!read_u8(&probe, &c) || (c == '\r' && !read_u8(&probe, &c)))
		return reader_outcome(&probe);
	if (c == '\n')
		*r = probe;
	o = check_request_line(*r);
	if (o != OUTCOME_FOUND)
		return o;
	if (!read_line(r, &line) || (!split_request_line(line, &method, &target) &&
				     !split_broken_line(line, &method, &target)))
		return OUTCOME_MALFORMED;
	out->is_connect = by_target.is_connect = span_is(method, "connect");
	if (out->is_connect ? read_host(target, &by_target) : read_absolute(target, &by_target)) {
		*out = by_target;
		return OUTCOME_FOUND;
	}
	return read_fields(r, out);
}

enum outcome http_request_host(struct reader *r, struct http_head *out)
{
	struct http_head head = { 0 };
	struct reader bounded = *r;
	enum outcome o;

	/* Past the bound nothing can come: a head that wants more becomes MALFORMED there. */
	if (reader_left(r) >= HTTP_HEAD_MAX) {
		bounded.end = bounded.at + HTTP_HEAD_MAX;
		bounded.missing = 0;
	}
	o = read_head(&bounded, &head);
	if (o == OUTCOME_FOUND)
		*out = head;
	return o;
}

enum outcome http_skip_head(struct reader *r)
{
	struct span line = { 0 };
	struct reader start = *r;

	while (read_line(r, &line))
		/* The empty line in front of a request does not end it. */
		if (!line.n && (size_t)(r->at - start.at) > 2)
			return OUTCOME_FOUND;
	return reader_outcome(r);
}
