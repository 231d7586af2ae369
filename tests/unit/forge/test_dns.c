/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The forged DNS answer, read back field by field. */
#include "base/name.h"
#include "base/reader.h"
#include "packets.h"
#include "suite.h"

enum { TYPE_A = 1, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_HTTPS = 65, TYPE_ANY = 255 };
enum { HEADER = 12, NO_FLAGS = 0, RD = 0x0100, AD = 0x0020, CD = 0x0010, TTL = 10 };

#define QNAME "\3Ads\7example\3com"

struct message {
	uint8_t at[1024];
	size_t n;
	size_t question_end;
};

static void put(struct message *m, const void *p, size_t n)
{
	memcpy(m->at + m->n, p, n);
	m->n += n;
}

static void put16(struct message *m, unsigned v)
{
	put(m, (uint8_t[]){ (uint8_t)(v >> 8), (uint8_t)v }, 2);
}

static struct message question_of(const char *name, size_t name_bytes, unsigned type,
				  unsigned flags)
{
	struct message m = { .n = 0 };

	put16(&m, 0xbeef);
	put16(&m, flags);
	put16(&m, 1);
	put(&m, "\0\0\0\0\0", 6);
	put(&m, name, name_bytes);
	put16(&m, type);
	put16(&m, 1);
	m.question_end = m.n;
	return m;
}

static struct message question(unsigned type)
{
	return question_of(QNAME, sizeof(QNAME), type, RD);
}

/* Adds an OPT with a client subnet option; the flags begin with DO. */
static void put_opt(struct message *m, unsigned flags)
{
	m->at[11]++;
	put(m, "\0\0\x29\x10\0\0\0", 7);
	put16(m, flags);
	put16(m, 11);
	put(m, "\0\x08\0\x07\0\1\x18\0\xc0\0\2", 11);
}

struct record {
	uint16_t type, class;
	uint32_t ttl;
	struct reader data;
};

struct answer {
	uint16_t id, flags, counts[4];
	struct record records[4];
	size_t n;
};

/* Owner names are the pointer to the question, or the root of an OPT. */
static struct answer read_answer(const struct packet *p, const struct message *m)
{
	struct reader r = reader_whole(p->payload, p->payload_len);
	struct answer a = { .n = 0 };
	const uint8_t *section;

	ck_assert(read_u16(&r, &a.id) && read_u16(&r, &a.flags));
	for (int i = 0; i < 4; i++)
		ck_assert(read_u16(&r, &a.counts[i]));
	ck_assert_uint_eq(a.id, 0xbeef);
	ck_assert_uint_eq(a.counts[0], 1);
	section = r.at;
	ck_assert(read_skip(&r, m->question_end - HEADER));
	ck_assert_mem_eq(section, m->at + HEADER, m->question_end - HEADER);
	while (!reader_done(&r)) {
		struct record *record = &a.records[a.n++];
		uint8_t owner, low;

		ck_assert_uint_le(a.n, 3);
		ck_assert(read_u8(&r, &owner));
		if (owner) {
			ck_assert_uint_eq(owner, 0xc0);
			ck_assert(read_u8(&r, &low) && low == HEADER);
		}
		ck_assert(read_u16(&r, &record->type) && read_u16(&r, &record->class) &&
			  read_u32(&r, &record->ttl) && read_vec16(&r, &record->data));
		ck_assert_int_eq(!owner, record->type == TYPE_OPT);
	}
	ck_assert_uint_eq(a.n, (size_t)a.counts[1] + a.counts[2] + a.counts[3]);
	return a;
}

static void expect_soa(const struct record *record, uint32_t ttl)
{
	static const uint32_t expect[4] = { 1, 3600, 600, 86400 };
	struct reader r = record->data;
	uint32_t v;

	ck_assert_uint_eq(record->type, TYPE_SOA);
	ck_assert_uint_eq(record->class, 1);
	ck_assert_uint_eq(record->ttl, ttl);
	for (int names = 0; names < 2; names++) {
		struct name name = { .len = 0 };
		struct reader label;

		while (read_vec8(&r, &label) && reader_left(&label))
			ck_assert(name_append_label(&name, label.at, reader_left(&label)));
		ck_assert_str_eq(name.text, names ? "nobody.invalid" : "tacet.invalid");
	}
	for (int i = 0; i < 4; i++)
		ck_assert(read_u32(&r, &v) && v == expect[i]);
	ck_assert(read_u32(&r, &v) && v == ttl);
	ck_assert(reader_done(&r));
}

/* Asks and reads back; the answer goes from the server to the client in both modes. */
static struct answer ask_for(const struct message *m, bool v6, bool from_answer, unsigned type,
			     const struct forge_reply *reply)
{
	struct packet p = packet_of(v6, IPPROTO_UDP, 53, from_answer, m->at, m->n), q;
	static uint8_t out[FORGE_MAX];
	size_t n = forge_dns_answer(&p, from_answer, m->question_end, (uint16_t)type, reply, out);

	ck_assert_uint_gt(n, 0);
	q = check_packet(out, n);
	ck_assert_uint_eq(q.proto, IPPROTO_UDP);
	ck_assert(addr_equal(&q.src, from_answer ? &p.src : &p.dst));
	ck_assert(addr_equal(&q.dst, from_answer ? &p.dst : &p.src));
	ck_assert_uint_eq(q.sport, 53);
	ck_assert_uint_eq(q.dport, CLIENT_PORT);
	return read_answer(&q, m);
}

static struct answer ask(const struct message *m, bool v6, bool from_answer, unsigned type,
			 enum forge_answer kind, uint32_t ttl)
{
	return ask_for(m, v6, from_answer, type,
		       &(struct forge_reply){ .kind = kind, .ttl_s = ttl });
}

static const struct forge_reply null_reply = { .kind = FORGE_NULL, .ttl_s = TTL };

static size_t forge_raw(const struct message *m, size_t question_end, unsigned type)
{
	struct packet p = packet_of(false, IPPROTO_UDP, 53, false, m->at, m->n);
	uint8_t out[FORGE_MAX];

	return forge_dns_answer(&p, false, question_end, (uint16_t)type,
				&(struct forge_reply){ .kind = FORGE_NXDOMAIN, .ttl_s = TTL }, out);
}

START_TEST(nxdomain_and_nodata)
{
	for (int round = 0; round < 8; round++) {
		struct message m = question(TYPE_A);
		bool nodata = round & 4;
		struct answer a = ask(&m, round & 1, round & 2, TYPE_A,
				      nodata ? FORGE_NODATA : FORGE_NXDOMAIN, TTL);

		/* QR, RD, RA and the code; AA, TC and AD are clear. */
		ck_assert_uint_eq(a.flags, nodata ? 0x8180 : 0x8183);
		ck_assert_uint_eq(a.counts[1], 0);
		ck_assert_uint_eq(a.counts[2], 1);
		ck_assert_uint_eq(a.counts[3], 0);
		expect_soa(&a.records[0], TTL);
	}
}
END_TEST

START_TEST(null_addresses)
{
	static const uint8_t zero[16];
	static const unsigned types[] = { TYPE_A, TYPE_AAAA };

	for (int i = 0; i < 2; i++) {
		struct message m = question(types[i]);
		struct answer a = ask(&m, i, false, types[i], FORGE_NULL, 300);

		ck_assert_uint_eq(a.flags, 0x8180);
		ck_assert_uint_eq(a.counts[1], 1);
		ck_assert_uint_eq(a.n, 1);
		ck_assert_uint_eq(a.records[0].type, types[i]);
		ck_assert_uint_eq(a.records[0].class, 1);
		ck_assert_uint_eq(a.records[0].ttl, 300);
		ck_assert_uint_eq(reader_left(&a.records[0].data), i ? 16 : 4);
		ck_assert_mem_eq(a.records[0].data.at, zero, i ? 16 : 4);
	}
	for (int i = 0; i < 2; i++) {
		unsigned type = i ? TYPE_ANY : TYPE_HTTPS;
		struct message m = question(type);
		struct answer a = ask(&m, false, false, type, FORGE_NULL, TTL);

		ck_assert_uint_eq(a.flags, 0x8180);
		ck_assert_uint_eq(a.counts[1], 0);
		expect_soa(&a.records[0], TTL);
	}
}
END_TEST

/* Those of the type asked for, in their order; of other types there is nothing. */
START_TEST(own_addresses)
{
	static const struct {
		unsigned type;
		size_t count;
		const char *first, *second;
	} rows[] = {
		{ TYPE_A, 2, "192.0.2.1", "192.0.2.2" },
		{ TYPE_AAAA, 1, "2001:db8::1", NULL },
		{ TYPE_HTTPS, 0, NULL, NULL },
		{ TYPE_ANY, 0, NULL, NULL },
	};
	struct addr addrs[3], found;
	struct forge_reply reply = {
		.kind = FORGE_ADDRS, .ttl_s = TTL, .addrs = addrs, .addr_count = 3
	};

	ck_assert(addr_parse("192.0.2.1", &addrs[0]) && addr_parse("2001:db8::1", &addrs[1]) &&
		  addr_parse("192.0.2.2", &addrs[2]));
	for (unsigned i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		struct message m = question(rows[i / 2].type);
		struct answer a = ask_for(&m, i & 1, i & 1, rows[i / 2].type, &reply);

		ck_assert_uint_eq(a.flags, 0x8180);
		ck_assert_uint_eq(a.counts[1], rows[i / 2].count);
		ck_assert_uint_eq(a.counts[2], !rows[i / 2].count);
		ck_assert_uint_eq(a.n, rows[i / 2].count ? rows[i / 2].count : 1);
		if (!rows[i / 2].count)
			expect_soa(&a.records[0], TTL);
		for (size_t n = 0; n < rows[i / 2].count; n++) {
			const char *want = n ? rows[i / 2].second : rows[i / 2].first;
			struct record *r = &a.records[n];
			ck_assert(addr_parse(want, &found));
			ck_assert_uint_eq(r->type, rows[i / 2].type);
			ck_assert_uint_eq(r->ttl, TTL);
			ck_assert_uint_eq(reader_left(&r->data), found.family == 4 ? 4 : 16);
			ck_assert_mem_eq(r->data.at, found.bytes, reader_left(&r->data));
		}
	}
}
END_TEST

START_TEST(refused_has_no_soa)
{
	struct message m = question(TYPE_A);
	struct answer a = ask(&m, true, false, TYPE_A, FORGE_REFUSED, TTL);

	ck_assert_uint_eq(a.flags, 0x8185);
	ck_assert_uint_eq(a.n, 0);
}
END_TEST

START_TEST(flags)
{
	struct message m = question_of(QNAME, sizeof(QNAME), TYPE_A, NO_FLAGS);
	struct answer a = ask(&m, false, false, TYPE_A, FORGE_NODATA, TTL);

	ck_assert_uint_eq(a.flags, 0x8080);
	m = question_of(QNAME, sizeof(QNAME), TYPE_A, RD | AD | CD);
	a = ask(&m, false, false, TYPE_A, FORGE_NODATA, TTL);
	ck_assert_uint_eq(a.flags, 0x8190);
	/* An authoritative, truncated SERVFAIL of the server leaves nothing behind. */
	m = question_of(QNAME, sizeof(QNAME), TYPE_A, 0x8000 | 0x0600 | RD | 0x0080 | AD | 2);
	a = ask(&m, false, true, TYPE_A, FORGE_NODATA, TTL);
	ck_assert_uint_eq(a.flags, 0x8180);
}
END_TEST

START_TEST(edns)
{
	for (int with_do = 0; with_do < 2; with_do++) {
		struct message m = question(TYPE_A);
		struct answer a;

		put_opt(&m, with_do ? 0x8000 : 0);
		a = ask(&m, false, false, TYPE_A, FORGE_NXDOMAIN, TTL);
		ck_assert_uint_eq(a.flags, 0x8183);
		ck_assert_uint_eq(a.n, 2);
		expect_soa(&a.records[0], TTL);
		ck_assert_uint_eq(a.counts[3], 1);
		ck_assert_uint_eq(a.records[1].type, TYPE_OPT);
		ck_assert_uint_eq(a.records[1].class, 1232);
		ck_assert_uint_eq(a.records[1].ttl, with_do ? 0x8000 : 0);
		ck_assert_uint_eq(reader_left(&a.records[1].data), 0);
	}
}
END_TEST

/* In a server's answer the OPT stands behind records with compressed and with plain names. */
START_TEST(edns_of_an_answer)
{
	struct message m = question_of(QNAME, sizeof(QNAME), TYPE_A, 0x8000 | RD | 0x0080);
	struct answer a;

	m.at[7] = 2;
	m.at[9] = 1;
	put(&m, "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3cdn\xc0\x10", 18);
	put(&m, "\3cdn\xc0\x10\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7", 20);
	put(&m, "\3com\0\0\2\0\1\0\0\0\x3c\0\2\xc0\x0c", 17);
	put_opt(&m, 0);
	a = ask(&m, true, true, TYPE_A, FORGE_NULL, TTL);
	ck_assert_uint_eq(a.counts[1], 1);
	ck_assert_uint_eq(a.counts[2], 0);
	ck_assert_uint_eq(a.counts[3], 1);
	ck_assert_uint_eq(a.records[1].type, TYPE_OPT);
	/* Cut or broken on the way to it: answered, without. */
	m.at[m.question_end] = 0x80;
	a = ask(&m, true, true, TYPE_A, FORGE_NULL, TTL);
	ck_assert_uint_eq(a.n, 1);
	m.n = m.question_end + 20;
	a = ask(&m, true, true, TYPE_A, FORGE_NULL, TTL);
	ck_assert_uint_eq(a.n, 1);
}
END_TEST

START_TEST(largest_and_smallest_names)
{
	uint8_t name[256];
	struct message m;
	struct answer a;

	for (int i = 0; i < 256; i++)
		name[i] = (uint8_t)(i % 64 ? 'x' : 63);
	name[192] = 61;
	name[254] = 0;
	m = question_of((char *)name, 255, TYPE_AAAA, RD);
	put_opt(&m, 0);
	a = ask(&m, true, false, TYPE_AAAA, FORGE_NXDOMAIN, TTL);
	ck_assert_uint_eq(a.n, 2);
	name[192] = 62;
	name[254] = 'x';
	name[255] = 0;
	m = question_of((char *)name, 256, TYPE_AAAA, RD);
	ck_assert_uint_eq(forge_raw(&m, m.question_end, TYPE_AAAA), 0);
	m = question_of("", 1, TYPE_A, RD); /* the root */
	a = ask(&m, false, false, TYPE_A, FORGE_NODATA, UINT32_MAX);
	expect_soa(&a.records[0], INT32_MAX);
}
END_TEST

START_TEST(not_one_question)
{
	struct message good = question(TYPE_A), m = good;
	struct packet p;
	uint8_t out[FORGE_MAX];

	ck_assert_uint_gt(forge_raw(&good, good.question_end, TYPE_A), 0);
	ck_assert_uint_eq(forge_raw(&good, good.question_end - 1, TYPE_A), 0);
	ck_assert_uint_eq(forge_raw(&good, good.question_end + 1, TYPE_A), 0);
	ck_assert_uint_eq(forge_raw(&good, 0, TYPE_A), 0);
	ck_assert_uint_eq(forge_raw(&good, good.question_end, TYPE_AAAA), 0);
	m.at[5] = 0;
	ck_assert_uint_eq(forge_raw(&m, m.question_end, TYPE_A), 0);
	m.at[5] = 2;
	ck_assert_uint_eq(forge_raw(&m, m.question_end, TYPE_A), 0);
	m = question_of("\3Ads\xc0\x0c", 6, TYPE_A, RD); /* a pointer in the question */
	ck_assert_uint_eq(forge_raw(&m, m.question_end, TYPE_A), 0);
	for (size_t cut = 0; cut < good.n; cut++) {
		m = good;
		m.n = cut;
		ck_assert_uint_eq(forge_raw(&m, m.question_end, TYPE_A), 0);
	}
	p = packet_of(false, IPPROTO_TCP, 53, false, good.at, good.n);
	ck_assert_uint_eq(forge_dns_answer(&p, false, good.question_end, TYPE_A, &null_reply, out),
			  0);
	p = packet_of(false, IPPROTO_UDP, 53, false, NULL, 0);
	ck_assert_uint_eq(forge_dns_answer(&p, false, good.question_end, TYPE_A, &null_reply, out),
			  0);
}
END_TEST

/* A sum of 0 would say that there is no checksum: it is sent as ffff (RFC 768). Over all ids
 * one of them gets there. */
START_TEST(another_payload)
{
	static uint8_t bytes[FORGE_MAX];
	uint8_t out[FORGE_MAX];

	memset(bytes, 0xa5, sizeof bytes);
	for (unsigned v6 = 0; v6 < 2; v6++) {
		struct packet p = packet_of(v6, IPPROTO_UDP, 53, true, "answer", 6), q;
		size_t most = FORGE_MAX - 8 - (v6 ? 40 : 20), n;

		for (size_t len = 0; len <= most; len += len < 3 ? 1 : most - 3) {
			n = forge_payload(&p, bytes, len, out);
			ck_assert_uint_gt(n, 0);
			q = check_packet(out, n);
			ck_assert_uint_eq(q.payload_len, len);
			ck_assert(!len || !memcmp(q.payload, bytes, len));
			ck_assert(addr_equal(&q.src, &p.src) && addr_equal(&q.dst, &p.dst));
			ck_assert(q.sport == p.sport && q.dport == p.dport);
		}
		ck_assert_uint_eq(forge_payload(&p, bytes, most + 1, out), 0);
		p.proto = IPPROTO_TCP;
		ck_assert_uint_eq(forge_payload(&p, bytes, 1, out), 0);
	}
}
END_TEST

START_TEST(no_checksum_of_zero)
{
	struct message m = question(TYPE_A);
	bool met = false;

	for (unsigned id = 0; id < 0x10000; id++) {
		struct packet p = packet_of(false, IPPROTO_UDP, 53, false, m.at, m.n);
		uint8_t out[FORGE_MAX];
		size_t n;

		m.at[0] = (uint8_t)(id >> 8);
		m.at[1] = (uint8_t)id;
		n = forge_dns_answer(&p, false, m.question_end, TYPE_A, &null_reply, out);
		if (!n || (!out[26] && !out[27]))
			ck_abort_msg("id %u: %zu bytes, no checksum", id, n);
		if (out[26] == 0xff && out[27] == 0xff) {
			check_packet(out, n);
			met = true;
		}
	}
	ck_assert(met);
}
END_TEST

SUITE("forge/dns", nxdomain_and_nodata, null_addresses, own_addresses, refused_has_no_soa, flags,
      edns, edns_of_an_answer, largest_and_smallest_names, not_one_question, no_checksum_of_zero,
      another_payload)
