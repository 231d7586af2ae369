/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* QUIC datagrams as they come, and inputs taken as the frames of sealed Initials: no fuzzer can
 * forge the tag, so the frames would never be reached otherwise. */
#include "dissect/quic.h"

#include "fuzz/fuzz.h"
#include "unit/dissect/seal.h"

static struct craft frames, datagram;

static void check_datagram(const uint8_t *p, size_t n, size_t cut)
{
	struct quic_hello whole = { 0 }, part = { 0 };
	struct reader r = reader_whole(p, n);
	enum outcome last = quic_client_hello(&r, &whole), o;
	uint32_t version;

	r = reader_truncated(p, cut, n - cut);
	o = quic_client_hello(&r, &part);
	/* MORE of a whole datagram waits for another one, so a cut may say it too. */
	fuzz_check_prefix(o, last);
	if (o == OUTCOME_FOUND)
		FUZZ_CHECK(name_equal(&part.tls.name, &whole.tls.name));
	r = reader_whole(p, n);
	if (quic_is_long_header(&r, &version))
		FUZZ_CHECK(version && n >= 7);
}

static void put_frames(const uint8_t *p, size_t n, size_t number)
{
	frames.n = 0;
	put(&frames, p, n);
	put_fill(&frames, 0, 4);
	put_initial(&datagram, &(struct seal_plan){ .packet_number = number }, &frames);
}

/* Frames in two packets: the same answer from one datagram and from two. */
static void check_frames(const uint8_t *p, size_t n, size_t cut)
{
	static struct quic_assembly a;
	struct quic_hello one = { 0 }, two = { 0 };
	enum outcome first, both;
	struct reader r;
	size_t middle;

	datagram.n = 0;
	put_frames(p, cut, 0);
	middle = datagram.n;
	put_frames(p + cut, n - cut, 1);
	check_datagram(datagram.at, datagram.n, middle);

	r = reader_whole(datagram.at, datagram.n);
	both = quic_client_hello(&r, &one);
	quic_assembly_init(&a);
	r = reader_whole(datagram.at, middle);
	first = quic_assembly_add(&a, &r, &two);
	if (first == OUTCOME_MORE) {
		r = reader_whole(datagram.at + middle, datagram.n - middle);
		first = quic_assembly_add(&a, &r, &two);
	}
	FUZZ_CHECK(first == both);
	if (first == OUTCOME_FOUND)
		FUZZ_CHECK(name_equal(&one.tls.name, &two.tls.name));
	FUZZ_CHECK(a.ready <= QUIC_HELLO_MAX);
	quic_assembly_partial(&a, &two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut;
	bool as_frames = size && data[0] & 0x80;

	if (!fuzz_take_cut(&data, &size, &cut) || size > 3000)
		return 0;
	if (as_frames)
		check_frames(data, size, cut);
	else
		check_datagram(data, size, cut);
	return 0;
}
