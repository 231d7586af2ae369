/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* ClientHellos in records and as a message: a cut of the bytes never gets another answer. */
#include "dissect/ja4.h"
#include "dissect/tls.h"

#include "fuzz/fuzz.h"

typedef enum outcome parse_fn(struct reader *, struct tls_hello *);

static void check(parse_fn *parse, parse_fn *partial, const uint8_t *p, size_t n, size_t cut)
{
	struct tls_hello whole = { 0 }, part = { 0 };
	struct reader r = reader_prefix(p, n);
	enum outcome last = parse(&r, &whole), o;

	r = reader_prefix(p, cut);
	o = parse(&r, &part);
	fuzz_check_prefix(o, last);
	if (o == OUTCOME_FOUND) {
		FUZZ_CHECK(name_equal(&part.name, &whole.name) && part.name.len);
		FUZZ_CHECK(part.has_ech == whole.has_ech && part.has_esni == whole.has_esni);
		FUZZ_CHECK(part.offers_dns == whole.offers_dns);
	}
	r = reader_whole(p, n);
	o = parse(&r, &part);
	/* A hello may be complete in a record that is not. */
	FUZZ_CHECK(o == OUTCOME_MALFORMED || (o == last && last != OUTCOME_MORE));

	/* The partial answer is the decided one, or one for a hello that is not. */
	r = reader_prefix(p, n);
	o = partial(&r, &part);
	FUZZ_CHECK(o == last || last == OUTCOME_MORE);
	r = reader_prefix(p, cut);
	o = partial(&r, &part);
	if (o == OUTCOME_FOUND && last == OUTCOME_FOUND)
		FUZZ_CHECK(name_equal(&part.name, &whole.name));
}

/* A fingerprint has its fixed length, and is of the whole hello alone. */
static void check_ja4(const uint8_t *data, size_t size)
{
	struct reader records = reader_whole(data, size), message = records;
	char ja4[JA4_SIZE] = "";

	FUZZ_CHECK(!ja4_client_hello_records(&records, ja4) || strlen(ja4) == JA4_SIZE - 1);
	FUZZ_CHECK(!ja4_client_hello(&message, JA4_QUIC, ja4) || strlen(ja4) == JA4_SIZE - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut;

	if (!fuzz_take_cut(&data, &size, &cut))
		return 0;
	check(tls_client_hello_records, tls_client_hello_records_partial, data, size, cut);
	check(tls_client_hello, tls_client_hello_partial, data, size, cut);
	check_ja4(data, size);
	return 0;
}
