/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Initial keys and packets against the samples of RFC 9001 and RFC 9369. */
#include "crypto/initial.h"

#include <stdlib.h>
#include <string.h>

#include "suite.h"
#include "unit/crypto/vectors.h"

static const struct {
	uint32_t version;
	const char *key, *iv, *hp;
} key_samples[] = {
	/* RFC 9001, A.1 */
	{ 0x00000001, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
	  "9f50449e04a0e810283a1e9933adedd2" },
	/* RFC 9369, A.1 */
	{ 0x6b3343cf, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
	  "45b95e15235d6f45a6b19cbcb0294ba9" },
	/* draft-ietf-quic-tls-29, A.1 */
	{ 0xff00001d, "175257a31eb09dea9366d8bb79ad80ba", "6b26114b9cba2b63a9e8dd4f",
	  "9ddd12c994c0698b89374a9c077a3077" },
};

static void check_keys_as_published(int sample_no)
{
	uint8_t want[16];
	struct initial_keys k;

	ck_assert(initial_client_keys(key_samples[sample_no].version, sample_dcid,
				      sizeof(sample_dcid), &k));
	ck_assert_uint_eq(from_hex(key_samples[sample_no].key, want, 16), 16);
	ck_assert_mem_eq(k.key, want, 16);
	ck_assert_uint_eq(from_hex(key_samples[sample_no].iv, want, 16), 12);
	ck_assert_mem_eq(k.iv, want, 12);
	ck_assert_uint_eq(from_hex(key_samples[sample_no].hp, want, 16), 16);
	ck_assert_mem_eq(k.hp, want, 16);
}

START_TEST(keys_as_published)
{
	for (int i = 0; i < 3; i++)
		check_keys_as_published(i);
}
END_TEST

START_TEST(versions)
{
	static const uint32_t known[] = { 0x00000001, 0x6b3343cf, 0xff000016, 0xff000017,
					  0xff00001c, 0xff00001d, 0xff000020, 0xff000021,
					  0xff000022, 0xfaceb001, 0xfaceb002, 0xfaceb00e,
					  0x54303530, 0x54303531 };
	static const uint32_t unknown[] = { 0,		0x00000002, 0xff000015,
					    0xff000023, 0x51303433, 0x0a0a0a0a,
					    0x6b3343ce, 0x709a50c4, 0xffffffff };
	struct initial_keys k, before;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ck_assert_msg(initial_version_known(known[i]), "%08x", known[i]);
		ck_assert(initial_client_keys(known[i], sample_dcid, 8, &k));
	}
	memset(&k, 0x5a, sizeof(k));
	before = k;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		ck_assert_msg(!initial_version_known(unknown[i]), "%08x", unknown[i]);
		ck_assert(!initial_client_keys(unknown[i], sample_dcid, 8, &k));
	}
	ck_assert_mem_eq(&k, &before, sizeof(k));
}
END_TEST

START_TEST(draft_salts_differ)
{
	/* One version of every salt: no two give the same key. */
	static const uint32_t version[] = { 1,		0x6b3343cf, 0xff00001d, 0xff000017,
					    0xff000016, 0x54303530, 0x54303531 };
	struct initial_keys k[7], same;

	for (size_t i = 0; i < 7; i++) {
		ck_assert(initial_client_keys(version[i], sample_dcid, 8, &k[i]));
		for (size_t j = 0; j < i; j++)
			ck_assert(memcmp(k[i].key, k[j].key, 16));
	}
	ck_assert(initial_client_keys(0xff000022, sample_dcid, 8, &same));
	ck_assert_mem_eq(&same, &k[0], sizeof(same));
	ck_assert(initial_client_keys(0xff000020, sample_dcid, 8, &same));
	ck_assert_mem_eq(&same, &k[2], sizeof(same));
	ck_assert(initial_client_keys(0xfaceb002, sample_dcid, 8, &same));
	ck_assert_mem_eq(&same, &k[3], sizeof(same));
}
END_TEST

START_TEST(cid_lengths)
{
	static const uint8_t cid[INITIAL_CID_MAX + 1] = { 1 };
	struct initial_keys a, b;

	ck_assert(initial_client_keys(1, cid, 0, &a));
	ck_assert(initial_client_keys(1, cid, INITIAL_CID_MAX, &b));
	ck_assert(memcmp(a.key, b.key, sizeof(a.key)));
	ck_assert(!initial_client_keys(1, cid, INITIAL_CID_MAX + 1, &a));
}
END_TEST

static const struct {
	uint32_t version;
	const char *packet;
} packet_samples[] = { { 0x00000001, packet_v1 }, { 0x6b3343cf, packet_v2 } };

static void load(int i, struct initial_keys *k, uint8_t packet[static SAMPLE_PACKET])
{
	ck_assert(initial_client_keys(packet_samples[i].version, sample_dcid, 8, k));
	ck_assert_uint_eq(from_hex(packet_samples[i].packet, packet, SAMPLE_PACKET), SAMPLE_PACKET);
}

static void check_opens_published_packet(int sample_no)
{
	uint8_t packet[SAMPLE_PACKET], copy[SAMPLE_PACKET], plain[SAMPLE_PACKET],
		want[SAMPLE_PLAIN];
	struct initial_keys k;
	size_t n = 0;

	load(sample_no, &k, packet);
	memcpy(copy, packet, sizeof(copy));
	memset(want, 0, sizeof(want));
	ck_assert_uint_eq(from_hex(hello_frame, want, sizeof(want)), 245);
	ck_assert(initial_open(&k, packet, sizeof(packet), SAMPLE_PN_OFFSET, plain, &n));
	ck_assert_uint_eq(n, SAMPLE_PLAIN);
	ck_assert_mem_eq(plain, want, SAMPLE_PLAIN);
	ck_assert_mem_eq(packet, copy, sizeof(packet));
}

START_TEST(opens_published_packet)
{
	for (int i = 0; i < 2; i++)
		check_opens_published_packet(i);
}
END_TEST

static void check_every_changed_byte_is_noticed(int sample_no)
{
	uint8_t packet[SAMPLE_PACKET], plain[SAMPLE_PACKET];
	static const uint8_t zero[SAMPLE_PACKET];
	struct initial_keys k;
	size_t n = 4711;

	load(sample_no, &k, packet);
	for (size_t i = 0; i < sizeof(packet); i++) {
		packet[i] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(
			!initial_open(&k, packet, sizeof(packet), SAMPLE_PN_OFFSET, plain, &n),
			"byte %zu", i);
		ck_assert_mem_eq(plain, zero, sizeof(plain));
		packet[i] ^= (uint8_t)(1u << i % 8);
	}
	ck_assert_uint_eq(n, 4711);
}

START_TEST(every_changed_byte_is_noticed)
{
	for (int i = 0; i < 2; i++)
		check_every_changed_byte_is_noticed(i);
}
END_TEST

static void check_every_cut_is_refused(int sample_no)
{
	uint8_t packet[SAMPLE_PACKET], plain[SAMPLE_PACKET];
	struct initial_keys k;
	size_t n;

	load(sample_no, &k, packet);
	for (size_t cut = 0; cut < sizeof(packet); cut++) {
		/* An exact copy, so that a read behind the cut is a read behind the block. */
		uint8_t *exact = malloc(cut ? cut : 1);

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, packet, cut);
		ck_assert(!initial_open(&k, exact, cut, SAMPLE_PN_OFFSET, plain, &n));
		free(exact);
	}
}

START_TEST(every_cut_is_refused)
{
	for (int i = 0; i < 2; i++)
		check_every_cut_is_refused(i);
}
END_TEST

START_TEST(offsets_outside_are_refused)
{
	uint8_t packet[SAMPLE_PACKET], plain[SAMPLE_PACKET];
	static const size_t bad[] = {
		0, SAMPLE_PACKET - 19, SAMPLE_PACKET, SAMPLE_PACKET + 1, SIZE_MAX, SIZE_MAX - 3
	};
	struct initial_keys k;
	size_t n;

	load(0, &k, packet);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert(!initial_open(&k, packet, sizeof(packet), bad[i], plain, &n));
	/* One byte off is only wrong, not outside. */
	ck_assert(!initial_open(&k, packet, sizeof(packet), SAMPLE_PN_OFFSET + 1, plain, &n));
}
END_TEST

START_TEST(other_keys_do_not_open)
{
	uint8_t packet[SAMPLE_PACKET], server[135], plain[SAMPLE_PACKET];
	struct initial_keys k;
	size_t n;

	load(0, &k, packet);
	ck_assert_uint_eq(from_hex(server_packet_v1, server, sizeof(server)), sizeof(server));
	ck_assert(!initial_open(&k, server, sizeof(server), 18, plain, &n));
	ck_assert(initial_client_keys(0x6b3343cf, sample_dcid, 8, &k));
	ck_assert(!initial_open(&k, packet, sizeof(packet), SAMPLE_PN_OFFSET, plain, &n));
	ck_assert(initial_client_keys(1, sample_dcid, 7, &k));
	ck_assert(!initial_open(&k, packet, sizeof(packet), SAMPLE_PN_OFFSET, plain, &n));
}
END_TEST

SUITE("crypto/initial", keys_as_published, versions, draft_salts_differ, cid_lengths,
      opens_published_packet, every_changed_byte_is_noticed, every_cut_is_refused,
      offsets_outside_are_refused, other_keys_do_not_open)
