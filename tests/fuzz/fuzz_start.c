/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* Beginnings of streams: HTTP/2, SOCKS, what comes before STARTTLS, SSLv2-style hellos. A cut of
 * the bytes never gets another answer. */
#include "dissect/http2.h"
#include "dissect/socks.h"
#include "dissect/starttls.h"
#include "dissect/tls.h"

#include "fuzz/fuzz.h"

struct answer {
	struct name name;
	size_t behind; /* bytes behind what was read, where that is decided */
};

typedef enum outcome parse_fn(struct reader *, struct answer *);

static enum outcome http2(struct reader *r, struct answer *out)
{
	struct http_head head = { 0 };
	enum outcome o = http2_request_host(r, &head);

	out->name = head.host;
	FUZZ_CHECK(o != OUTCOME_FOUND || head.host.len);
	return o;
}

static enum outcome socks(struct reader *r, struct answer *out)
{
	enum outcome o = socks_target(r, &out->name);

	out->behind = reader_left(r);
	return o;
}

static enum outcome starttls(struct reader *r, struct answer *out)
{
	enum outcome o = starttls_skip(r);

	out->behind = reader_left(r);
	return o;
}

static enum outcome sslv2(struct reader *r, struct answer *out)
{
	return tls_sslv2_hello(r);
}

static void check(parse_fn *parse, const uint8_t *p, size_t n, size_t cut)
{
	struct answer whole = { .behind = 0 }, part = { .behind = 0 };
	struct reader r = reader_prefix(p, n);
	enum outcome last = parse(&r, &whole), o;

	r = reader_prefix(p, cut);
	o = parse(&r, &part);
	fuzz_check_prefix(o, last);
	if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT) {
		FUZZ_CHECK(name_equal(&part.name, &whole.name));
		FUZZ_CHECK(!whole.behind || whole.behind - part.behind == n - cut);
	}
	r = reader_whole(p, n);
	o = parse(&r, &part);
	/* The answer may stand in a frame that is not complete. */
	FUZZ_CHECK(o == OUTCOME_MALFORMED || (o == last && last != OUTCOME_MORE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static parse_fn *const parsers[] = { http2, socks, starttls, sslv2 };
	size_t cut;

	if (!fuzz_take_cut(&data, &size, &cut))
		return 0;
	for (size_t i = 0; i < sizeof(parsers) / sizeof(*parsers); i++)
		check(parsers[i], data, size, cut);
	return 0;
}
