/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: decode */
/* Frames of every link type: a packet lies inside its frame, and one that is cut is the same
 * packet with less of it, or truncated. */
#include <netinet/in.h>
#include <pcap/dlt.h>

#include "decode/decode.h"
#include "fuzz/fuzz.h"

static const int links[] = {
	DLT_EN10MB,
	DLT_RAW,
	DLT_IPV4,
	DLT_IPV6,
	DLT_LINUX_SLL,
	DLT_LINUX_SLL2,
	DLT_NULL,
	DLT_LOOP,
	DLT_NFLOG,
	DLT_PPP,
	DLT_PPP_SERIAL,
	DLT_PPP_ETHER,
	DLT_C_HDLC,
	DLT_FRELAY,
	DLT_ATM_RFC1483,
	DLT_IEEE802_11,
	DLT_IEEE802_11_RADIO,
	DLT_PPI,
	DLT_PKTAP,
	14, /* OpenBSD's raw IP */
	DLT_ARCNET,
	DLT_ARCNET_LINUX,
	DLT_FDDI,
};
enum { LINKS = sizeof links / sizeof *links, TIME = 42 };

/* A piece lies inside its frame, behind a header that is repeated in every piece. */
static void check_fragment(const struct frame *f, enum decode_result r)
{
	struct fragment fragment;

	if (!decode_fragment(f, &fragment))
		return;
	FUZZ_CHECK(r == DECODE_FRAGMENT);
	FUZZ_CHECK(fragment.header >= f->bytes && fragment.header_len >= 20);
	FUZZ_CHECK(fragment.bytes >= fragment.header + fragment.header_len);
	FUZZ_CHECK(fragment.bytes + fragment.len <= f->bytes + f->len);
	FUZZ_CHECK(fragment.header_len > UINT16_MAX || fragment.next_at < fragment.header_len);
	FUZZ_CHECK(fragment.offset % 8 == 0 && (fragment.offset || fragment.more));
	FUZZ_CHECK(fragment.src.family == fragment.dst.family);
}

/* The bytes are copied into a block of their own size: a sanitizer sees every step beside it. */
static enum decode_result decode(int link, const uint8_t *bytes, size_t n, size_t wire_len,
				 uint8_t **out_copy, struct packet *p)
{
	struct packet untouched;
	enum decode_result r;
	struct frame f = { .len = (uint32_t)n,
			   .wire_len = (uint32_t)wire_len,
			   .link = link,
			   .time_ns = TIME,
			   .uid = UINT32_MAX };

	*out_copy = malloc(n ? n : 1);
	FUZZ_CHECK(*out_copy);
	memcpy(*out_copy, bytes, n);
	f.bytes = *out_copy;
	memset(p, 0xa5, sizeof *p);
	memset(&untouched, 0xa5, sizeof untouched);
	r = decode_frame(&f, p);
	FUZZ_CHECK(r < DECODE_RESULTS);
	check_fragment(&f, r);
	if (r != DECODE_OK)
		FUZZ_CHECK(!memcmp(p, &untouched, sizeof untouched));
	return r;
}

static void check_packet(const struct packet *p, const uint8_t *bytes, size_t n)
{
	const uint8_t *end = p->network + p->network_len;

	FUZZ_CHECK(p->time_ns == TIME);
	FUZZ_CHECK(p->network >= bytes && end <= bytes + n);
	FUZZ_CHECK(p->payload > p->network && p->payload + p->payload_len <= end);
	FUZZ_CHECK(p->ip_len >= p->network_len);
	FUZZ_CHECK(p->payload_len + p->payload_missing <= p->ip_len);
	FUZZ_CHECK(p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP);
	FUZZ_CHECK(p->src.family == p->dst.family);
	FUZZ_CHECK(p->src.family == 4 ? p->network[0] >> 4 == 4
				      : p->src.family == 6 && p->network[0] >> 4 == 6);
}

static void check_same(const struct packet *a, const struct packet *b)
{
	FUZZ_CHECK(addr_equal(&a->src, &b->src) && addr_equal(&a->dst, &b->dst));
	FUZZ_CHECK(a->sport == b->sport && a->dport == b->dport && a->proto == b->proto);
	FUZZ_CHECK(a->tcp_flags == b->tcp_flags && a->tcp_seq == b->tcp_seq);
	FUZZ_CHECK(!memcmp(&a->mac, &b->mac, sizeof a->mac) && a->ip_len == b->ip_len);
	FUZZ_CHECK(a->payload_len <= b->payload_len);
	FUZZ_CHECK(a->payload_len + a->payload_missing == b->payload_len + b->payload_missing);
	FUZZ_CHECK(!memcmp(a->payload, b->payload, a->payload_len));
}

/* The first two bytes say where to cut; the third is the link type, and whether the frame was
 * longer on the wire. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct packet whole, part;
	enum decode_result r, cut_r;
	uint8_t *bytes, *cut_bytes;
	size_t cut, wire;
	int link;

	if (size < 3)
		return 0;
	link = data[2] < 0xf0 ? links[data[2] % LINKS] : data[2]; /* also numbers of none */
	wire = data[0] & 0x80 ? (size_t)(data[2] + 1) * 7 : 0;
	cut = (size_t)((data[0] & 0x7f) << 8 | data[1]);
	data += 3;
	size -= 3;
	cut %= size + 1;
	r = decode(link, data, size, size + wire, &bytes, &whole);
	if (r == DECODE_OK)
		check_packet(&whole, bytes, size);
	cut_r = decode(link, data, cut, size + wire, &cut_bytes, &part);
	FUZZ_CHECK(cut_r == r || cut_r == DECODE_TRUNCATED);
	if (cut_r == DECODE_OK) {
		check_packet(&part, cut_bytes, cut);
		check_same(&part, &whole);
	}
	free(cut_bytes);
	/* Said to have been no longer than that: another frame, but no less checked. */
	if (decode(link, data, cut, cut, &cut_bytes, &part) == DECODE_OK)
		check_packet(&part, cut_bytes, cut);
	free(cut_bytes);
	free(bytes);
	return 0;
}
