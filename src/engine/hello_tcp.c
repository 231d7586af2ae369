/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names in a TCP stream: of a hello or a request, of what a proxy is asked for, and of the
 * hello behind either or behind a clear beginning. */
#include "dissect/http.h"
#include "dissect/http2.h"
#include "dissect/socks.h"
#include "dissect/starttls.h"
#include "dissect/tls.h"
#include "engine/internal.h"

enum {
	TRIES_ASTRAY =
		48, /* segments of a stream whose beginning may come yet: 64 KiB in full ones */
	REQUESTS_MAX = 4, /* sent in one go, of which the last may be the first with a host */
	TRIES_LATE = 16,  /* payloads looked at for a hello that does not come first */
	RECORD_HANDSHAKE = 22,
};

static bool is_tls(const struct reader *stream)
{
	struct reader r = *stream;
	uint8_t type;

	return read_u8(&r, &type) && type == RECORD_HANDSHAKE;
}

/* Of a flow whose first hello was not seen, the second, which a HelloRetryRequest asks for, stands
 * behind a change_cipher_spec (RFC 8446, D.4). FOUND: r is behind it, or there is none. */
static enum outcome skip_change_cipher_spec(struct reader *r)
{
	static const uint8_t record[] = { 20, 3, 3, 0, 1, 1 };
	struct reader next = *r;
	uint8_t byte;

	for (size_t i = 0; i < sizeof record; i++) {
		if (!read_u8(&next, &byte))
			return reader_outcome(&next);
		if (byte != record[i])
			return i ? OUTCOME_MALFORMED : OUTCOME_FOUND;
	}
	*r = next;
	if (!read_u8(&next, &byte))
		return reader_outcome(&next);
	return byte == RECORD_HANDSHAKE ? OUTCOME_FOUND : OUTCOME_MALFORMED;
}

static enum outcome read_tls(struct reader *r, bool last, struct hint *out)
{
	const struct reader start = *r;
	struct tls_hello hello;
	enum outcome o = last ? tls_client_hello_records_partial(r, &hello)
			      : tls_client_hello_records(r, &hello);

	if (o == OUTCOME_FOUND)
		*out = (struct hint){ .via = VIA_TLS,
				      .name = hello.name,
				      .has_ech = hello.has_ech };
	if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT)
		out->offers_dns = hello.offers_dns;
	if (!last && (o == OUTCOME_FOUND || o == OUTCOME_ABSENT)) {
		out->hello = start.at;
		out->hello_end = start.end;
	}
	return o;
}

/* What a proxy hands on; until it has come out holds the proxy's target, if that is a name. */
static enum outcome read_inner(struct reader *r, bool last, struct hint *out)
{
	struct hint target = *out;
	struct http_head head;
	enum outcome o;

	if (is_tls(r)) {
		o = read_tls(r, last, out);
	} else {
		o = http_request_host(r, &head);
		if (o == OUTCOME_FOUND)
			*out = (struct hint){ .via = VIA_HTTP, .name = head.host };
	}
	if (o == OUTCOME_FOUND)
		return o;
	*out = target;
	out->may_change = o == OUTCOME_MORE;
	if (target.name.len)
		return OUTCOME_FOUND;
	return o == OUTCOME_MORE ? OUTCOME_MORE : OUTCOME_ABSENT;
}

static enum outcome read_socks(struct reader *r, bool last, struct hint *out)
{
	struct hint target = { .via = VIA_SOCKS };
	enum outcome o = socks_target(r, &target.name);

	if (o != OUTCOME_FOUND && o != OUTCOME_ABSENT)
		return o;
	*out = target;
	return read_inner(r, last, out);
}

static enum outcome read_http(struct reader *r, bool last, struct hint *out)
{
	struct reader inner = *r;
	struct http_head head;
	enum outcome o = http_request_host(r, &head);

	/* HTTP/1.0 needs no Host; a request that follows at once (RFC 9112, 9.3.2) has it. */
	for (int i = 1; o == OUTCOME_ABSENT && i < REQUESTS_MAX; i++) {
		if (http_skip_head(&inner) != OUTCOME_FOUND || !reader_left(&inner))
			return o;
		*r = inner;
		o = http_request_host(r, &head);
		if (o == OUTCOME_MALFORMED)
			return OUTCOME_ABSENT;
	}
	if (o != OUTCOME_FOUND)
		return o;
	*out = (struct hint){ .via = VIA_HTTP, .name = head.host };
	if (!head.is_connect)
		return o;
	if (http_skip_head(&inner) == OUTCOME_FOUND)
		return read_inner(&inner, last, out);
	out->may_change = true;
	return OUTCOME_FOUND;
}

static enum outcome read_http2(struct reader *r, struct hint *out)
{
	struct http_head head;
	enum outcome o = http2_request_host(r, &head);

	if (o == OUTCOME_FOUND)
		*out = (struct hint){ .via = VIA_HTTP, .name = head.host };
	return o;
}

enum outcome hello_stream(const uint8_t *bytes, size_t n, bool last, struct hint *out)
{
	struct reader start = reader_prefix(bytes, n), r;
	enum outcome o = skip_change_cipher_spec(&start);

	if (o != OUTCOME_FOUND)
		return o;
	r = start;
	if (is_tls(&r))
		return read_tls(&r, last, out);
	o = read_http(&r, last, out);
	if (o != OUTCOME_MALFORMED)
		return o;
	r = start;
	o = read_http2(&r, out);
	if (o != OUTCOME_MALFORMED)
		return o;
	r = start;
	o = read_socks(&r, last, out);
	if (o != OUTCOME_MALFORMED)
		return o;
	r = start;
	o = tls_sslv2_hello(&r);
	out->is_sslv2 = o == OUTCOME_FOUND;
	if (o != OUTCOME_MALFORMED)
		return o == OUTCOME_FOUND ? OUTCOME_ABSENT : o;
	r = start;
	o = starttls_skip(&r);
	return o == OUTCOME_FOUND ? read_tls(&r, last, out) : o;
}

/* A payload that a client begins: nothing else looks like it by chance. */
static bool begins_hello(const uint8_t *bytes, size_t n)
{
	struct reader r = reader_prefix(bytes, n);
	uint8_t head[6];

	if (http_begins_request(&r))
		return true;
	if (skip_change_cipher_spec(&r) != OUTCOME_FOUND || !read_bytes(&r, head, sizeof(head)))
		return false;
	return head[0] == 22 && head[1] == 3 && head[2] <= 4 && head[5] == 1;
}

bool hello_is_opener(const struct packet *p)
{
	return begins_hello(p->payload, p->payload_len);
}

/* The first payload that is seen of a flow may be a later segment. That says nothing, or, by
 * chance, what a SOCKS client would: its first bytes are no rare ones. */
static bool may_be_astray(const struct flow *f, uint32_t seq, enum outcome o,
			  const struct hint *hint)
{
	if (o != OUTCOME_MALFORMED && !(o == OUTCOME_ABSENT && hint->via == VIA_SOCKS))
		return false;
	return f->tries < TRIES_ASTRAY && !(f->saw_syn && seq == f->isn + 1);
}

/* A SYN that came late told that what is kept is not the beginning. */
static bool is_behind(const struct flow *f)
{
	return f->saw_syn && !f->watched && stream_base(f->hello) != f->isn + 1;
}

/* A hello behind a beginning that told nothing starts with a segment of its own. */
static enum outcome look_late(struct engine *e, struct flow *f, uint32_t seq, const uint8_t *bytes,
			      size_t n, struct hint *out)
{
	enum outcome o;

	if (!begins_hello(bytes, n))
		return f->tries < TRIES_LATE ? OUTCOME_MORE : OUTCOME_ABSENT;
	o = hello_stream(bytes, n, false, out);
	if (o == OUTCOME_MALFORMED)
		return OUTCOME_MORE;
	if (o != OUTCOME_MORE && !out->may_change)
		return o;
	f->hello = stream_open(hellos_streams(e->hellos), f, seq, true);
	stream_add(hellos_streams(e->hellos), f->hello, seq, bytes, n);
	return o;
}

enum outcome hello_look_tcp(struct engine *e, struct flow *f, const struct packet *p,
			    struct hint *out)
{
	struct stream_pool *pool = hellos_streams(e->hellos);
	/* Data on a SYN (TCP Fast Open, RFC 7413) comes behind the number that the SYN takes. */
	uint32_t seq = p->tcp_seq + !!(p->tcp_flags & TCP_SYN);
	const uint8_t *bytes = p->payload;
	size_t n = p->payload_len;
	bool is_first = !f->saw_syn || seq == f->isn + 1;
	enum outcome o = OUTCOME_MORE;

	if (!f->hello && f->watched)
		return look_late(e, f, seq, bytes, n, out);
	if (!f->hello) {
		if (is_first)
			o = hello_stream(bytes, n, false, out);
		if (o != OUTCOME_MORE && !out->may_change && !may_be_astray(f, seq, o, out))
			return o;
		f->hello = stream_open(pool, f, f->saw_syn ? f->isn + 1 : seq, f->saw_syn);
		stream_add(pool, f->hello, seq, bytes, n);
		return o == OUTCOME_FOUND ? o : OUTCOME_MORE;
	}
	stream_add(pool, f->hello, seq, bytes, n);
	bytes = stream_ready(f->hello, &n);
	if (n && !is_behind(f))
		o = hello_stream(bytes, n, false, out);
	/* What was taken for the beginning was the end of something, or a keep-alive probe. */
	if (o == OUTCOME_MALFORMED && !f->saw_syn && hello_is_opener(p)) {
		hello_give_back(e, f);
		return look_late(e, f, seq, p->payload, p->payload_len, out);
	}
	if (f->saw_syn || !may_be_astray(f, seq, o, out))
		return o;
	if (!begins_hello(p->payload, p->payload_len))
		return OUTCOME_MORE;
	/* What came before was the end of something else. */
	hello_give_back(e, f);
	return look_late(e, f, seq, p->payload, p->payload_len, out);
}
