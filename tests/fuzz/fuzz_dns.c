/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* DNS messages: no cut gets another answer or question, and limits hold. */
#include "dissect/dns.h"

#include "fuzz/fuzz.h"

static void check_limits(const struct dns_message *m, size_t size)
{
	FUZZ_CHECK(m->chain_count <= DNS_CHAIN_MAX && m->addr_count <= DNS_ADDRS_MAX);
	FUZZ_CHECK(m->question_end <= size && m->question_end > 12);
	FUZZ_CHECK(m->is_response || (!m->chain_count && !m->addr_count));
	FUZZ_CHECK(strlen(m->qname.text) == m->qname.len);
	for (unsigned i = 0; i < m->chain_count; i++)
		FUZZ_CHECK(strlen(m->chain[i].text) == m->chain[i].len &&
			   !name_equal(&m->chain[i], &m->qname));
	for (unsigned i = 0; i < m->addr_count; i++)
		FUZZ_CHECK(m->addrs[i].addr.family == 4 || m->addrs[i].addr.family == 6);
}

/* A question that is known on any port is no less than one, and not a byte shorter. */
static void check_plain(const uint8_t *data, size_t size, size_t cut, enum outcome last)
{
	struct reader r = reader_whole(data, size);
	struct dns_message m;
	bool is_plain = dns_is_plain_question(&r, &m);

	FUZZ_CHECK(!is_plain || (last == OUTCOME_FOUND && !m.is_response && m.qname.len));
	r = reader_whole(data, cut);
	FUZZ_CHECK(!is_plain || cut == size || !dns_is_plain_question(&r, &m));
}

/* What an answer is told as without keys of ECH has none, and answers the same question. Names that
 * point into the middle of labels may change with what is between: the engine judges what it tells.
 */
static void check_without_ech(const uint8_t *data, size_t size, const struct dns_message *m)
{
	static uint8_t out[UINT16_MAX], again[UINT16_MAX];
	struct reader r = reader_whole(data, size);
	struct dns_message told;
	size_t n, ignored;

	if (dns_without_ech(&r, out, sizeof(out), &n) != OUTCOME_FOUND)
		return;
	FUZZ_CHECK(n < size);
	r = reader_whole(data, size);
	FUZZ_CHECK(dns_without_ech(&r, again, n - 1, &ignored) == OUTCOME_MALFORMED);
	r = reader_whole(out, n);
	FUZZ_CHECK(dns_without_ech(&r, again, sizeof(again), &ignored) == OUTCOME_ABSENT);
	FUZZ_CHECK(dns_message_parse(&r, &told) == OUTCOME_FOUND);
	FUZZ_CHECK(name_equal(&told.qname, &m->qname) && told.qtype == m->qtype);
	FUZZ_CHECK(told.flags == (m->flags & ~0x20));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_message whole, part;
	enum outcome last, o;
	struct reader r;
	char buf[12];
	size_t cut;

	if (!fuzz_take_cut(&data, &size, &cut) || size > UINT16_MAX)
		return 0;
	r = reader_whole(data, size);
	last = dns_message_parse(&r, &whole);
	FUZZ_CHECK(last != OUTCOME_MORE);
	if (last == OUTCOME_FOUND) {
		check_limits(&whole, size);
		check_without_ech(data, size, &whole);
		FUZZ_CHECK(strlen(dns_type_name(whole.qtype, buf)) < sizeof(buf));
		FUZZ_CHECK(strlen(dns_rcode_name(whole.rcode, buf)) < sizeof(buf));
	}
	check_plain(data, size, cut, last);
	r = reader_truncated(data, cut, size - cut);
	o = dns_message_parse(&r, &part);
	fuzz_check_prefix(o, last);
	if (o == OUTCOME_FOUND) {
		FUZZ_CHECK(name_equal(&part.qname, &whole.qname));
		FUZZ_CHECK(part.qtype == whole.qtype && part.question_end == whole.question_end);
	}
	return 0;
}
