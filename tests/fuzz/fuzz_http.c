/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* HTTP request heads: a cut of the bytes never gets another answer. */
#include "dissect/http.h"

#include "fuzz/fuzz.h"

/* Where a head ends is not moved by what follows, and a request begins with what it begins with. */
static void check_head(const uint8_t *data, size_t size, size_t cut)
{
	struct reader whole = reader_prefix(data, size), part = reader_prefix(data, cut);
	enum outcome last, o;

	FUZZ_CHECK(!http_begins_request(&part) || http_begins_request(&whole));
	last = http_skip_head(&whole);
	o = http_skip_head(&part);
	fuzz_check_prefix(o, last);
	FUZZ_CHECK(o != OUTCOME_FOUND || part.at == whole.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_head whole = { 0 }, part = { 0 };
	enum outcome last, o;
	struct reader r;
	size_t cut;

	if (!fuzz_take_cut(&data, &size, &cut))
		return 0;
	check_head(data, size, cut);
	r = reader_prefix(data, size);
	last = http_request_host(&r, &whole);
	FUZZ_CHECK(last != OUTCOME_FOUND || whole.host.len);
	r = reader_prefix(data, cut);
	o = http_request_host(&r, &part);
	fuzz_check_prefix(o, last);
	if (o == OUTCOME_FOUND)
		FUZZ_CHECK(name_equal(&part.host, &whole.host) && part.port == whole.port &&
			   part.is_connect == whole.is_connect);
	r = reader_whole(data, size);
	o = http_request_host(&r, &part);
	FUZZ_CHECK(last == OUTCOME_MORE ? o != OUTCOME_MORE : o == last);
	r = reader_truncated(data, cut, size - cut);
	fuzz_check_prefix(http_request_host(&r, &part), o);
	return 0;
}
