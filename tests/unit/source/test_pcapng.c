// SPDX-License-Identifier: GPL-2.0-or-later
/* pcapng: interfaces that differ, every kind of block, and files broken at every place. */
#include <pcap/dlt.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image.h"
#include "source/internal.h"
#include "source/pcapng.h"
#include "suite.h"

/* Reads n bytes of an image to their end: how many frames, the last one, and how it ended. */
struct outcome_of {
	unsigned frames;
	int rc;
	struct frame last;
	uint8_t bytes[64];
	char why[160];
};

static struct outcome_of read_image(const struct image *i, size_t n)
{
	struct outcome_of o = { 0 };
	struct input in;
	struct pcapng p = { .in = &in };
	struct frame f;

	ck_assert_int_eq(input_of_bytes(&in, i->at, n), 0);
	while ((o.rc = pcapng_next(&p, &f)) == 1) {
		o.frames++;
		o.last = f;
		memcpy(o.bytes, f.bytes, f.len < sizeof(o.bytes) ? f.len : sizeof(o.bytes));
	}
	if (o.rc < 0)
		memcpy(o.why, p.why, sizeof(o.why));
	pcapng_done(&p);
	input_done(&in);
	return o;
}

static void option(struct image *i, unsigned code, uint64_t value, unsigned bytes)
{
	put(i, code, 2);
	put(i, bytes, 2);
	put(i, value, bytes);
	put(i, 0, -bytes % 4);
}

/* resolution < 0: the option is not there. */
static int64_t time_with(bool big, int resolution, int64_t offset, uint64_t ticks)
{
	struct image i = { .big = big }, options = { .big = big };
	struct outcome_of o;

	if (resolution >= 0)
		option(&options, 9, (uint64_t)resolution, 1);
	option(&options, 2, 0x6574683000000000, 7); /* a name, odd in length */
	if (offset)
		option(&options, 14, (uint64_t)offset, 8);
	option(&options, 0, 0, 0);
	section_block(&i);
	interface_block(&i, 1, 0, &options);
	packet_block(&i, 0, ticks, "x", 1);
	o = read_image(&i, i.n);
	ck_assert_msg(o.rc == 0 && o.frames == 1, "%s", o.why);
	return o.last.time_ns;
}

START_TEST(clocks)
{
	const int64_t s = 1700000000, ns = 1000000000;

	for (int big = 0; big < 2; big++) {
		ck_assert_int_eq(time_with(big, -1, 0, (uint64_t)s * 1000000 + 7), s * ns + 7000);
		ck_assert_int_eq(time_with(big, 0, 0, (uint64_t)s), s * ns);
		ck_assert_int_eq(time_with(big, 3, 0, (uint64_t)s * 1000 + 1), s * ns + 1000000);
		ck_assert_int_eq(time_with(big, 9, 0, (uint64_t)s * 1000000000 + 1), s * ns + 1);
		ck_assert_int_eq(time_with(big, 10, 0, (uint64_t)s * 10000000000 + 19), s * ns + 1);
		ck_assert_int_eq(time_with(big, 19, 0, UINT64_MAX), 1844674407);
		ck_assert_int_eq(time_with(big, 0x80, 0, (uint64_t)s), s * ns);
		ck_assert_int_eq(time_with(big, 0x8a, 0, (uint64_t)s << 10 | 512), s * ns + ns / 2);
		ck_assert_int_eq(time_with(big, 0xa0, 0, (uint64_t)s << 32 | 1U << 31),
				 s * ns + ns / 2);
		ck_assert_int_eq(time_with(big, 0xbf, 0, UINT64_C(3) << 62), ns + ns / 2);
		ck_assert_int_eq(time_with(big, 6, s, 5000000), (s + 5) * ns);
		ck_assert_int_eq(time_with(big, 6, -5, (uint64_t)s * 1000000), (s - 5) * ns);
		/* Beyond what a clock can say: brought back into range. */
		ck_assert_int_eq(time_with(big, 0, 0, UINT64_MAX), INT64_C(1) << 62);
		ck_assert_int_eq(time_with(big, 6, INT64_MAX, 5000000), INT64_C(1) << 62);
		ck_assert_int_eq(time_with(big, 6, INT64_MIN, 0), 0);
	}
}
END_TEST

static void simple_block(struct image *i, const char *bytes, uint32_t wire)
{
	struct image body = { .big = i->big };

	put(&body, wire, 4);
	put_bytes(&body, bytes);
	block(i, 3, &body);
}

static void old_block(struct image *i, unsigned interface, const char *bytes)
{
	struct image body = { .big = i->big };

	put(&body, interface, 2);
	put(&body, 9, 2); /* drops */
	put(&body, 0, 4);
	put(&body, 1000000, 4);
	put(&body, strlen(bytes), 4);
	put(&body, 99, 4);
	put_bytes(&body, bytes);
	block(i, 2, &body);
}

START_TEST(every_frame_has_its_own_link)
{
	static const struct {
		unsigned in_file;
		int link;
	} links[] = { { 1, DLT_EN10MB },      { 0, DLT_NULL },	       { 7, DLT_ARCNET },
		      { 10, DLT_FDDI },	      { 50, DLT_PPP_SERIAL },  { 100, DLT_ATM_RFC1483 },
		      { 101, DLT_RAW },	      { 102, DLT_SLIP_BSDOS }, { 103, DLT_PPP_BSDOS },
		      { 106, DLT_ATM_CLIP },  { 108, DLT_LOOP },       { 109, DLT_ENC },
		      { 113, DLT_LINUX_SLL }, { 246, DLT_PFSYNC },     { 258, DLT_PKTAP },
		      { 276, DLT_LINUX_SLL2 } };
	enum { N = sizeof(links) / sizeof(*links) };
	struct image i = { .n = 0 };
	struct input in;
	struct pcapng p = { .in = &in };
	struct frame f;

	section_block(&i);
	for (unsigned l = 0; l < N; l++)
		interface_block(&i, links[l].in_file, 64 + l, NULL);
	for (unsigned l = N; l-- > 0;)
		packet_block(&i, l, l, "frame", 5 + l);
	ck_assert_int_eq(input_of_bytes(&in, i.at, i.n), 0);
	for (unsigned l = N; l-- > 0;) {
		ck_assert_int_eq(pcapng_next(&p, &f), 1);
		ck_assert_int_eq(f.link, links[l].link);
		ck_assert_int_eq(f.time_ns, (int64_t)l * 1000);
		ck_assert_uint_eq(f.wire_len, 5 + l);
		ck_assert_uint_eq(f.len, 5);
		ck_assert_int_eq(f.hook, FRAME_CAPTURED);
		ck_assert_uint_eq(f.uid, UINT32_MAX);
	}
	ck_assert_int_eq(pcapng_next(&p, &f), 0);
	ck_assert_int_eq(pcapng_next(&p, &f), 0);
	pcapng_done(&p);
	input_done(&in);
}
END_TEST

START_TEST(simple_and_old_packets)
{
	for (int big = 0; big < 2; big++) {
		struct image i = { .big = big };
		struct outcome_of o;

		section_block(&i);
		interface_block(&i, 101, 6, NULL);
		interface_block(&i, 1, 0, NULL);
		simple_block(&i, "simple", 77);
		o = read_image(&i, i.n);
		ck_assert_int_eq(o.rc, 0);
		ck_assert_uint_eq(o.last.len, 6);
		ck_assert_uint_eq(o.last.wire_len, 77);
		ck_assert_int_eq(o.last.link, DLT_RAW);
		ck_assert_int_eq(o.last.time_ns, 0);
		old_block(&i, 1, "older");
		o = read_image(&i, i.n);
		ck_assert_int_eq(o.rc, 0);
		ck_assert_uint_eq(o.frames, 2);
		ck_assert_uint_eq(o.last.len, 5);
		ck_assert_uint_eq(o.last.wire_len, 99);
		ck_assert_int_eq(o.last.link, DLT_EN10MB);
		ck_assert_int_eq(o.last.time_ns, 1000000000);
		simple_block(&i, "two", 3); /* shorter than the limit */
		o = read_image(&i, i.n);
		ck_assert_uint_eq(o.frames, 3);
		ck_assert_uint_eq(o.last.len, 3);
	}
}
END_TEST

/* A section begins anew: byte order and interfaces; other blocks say nothing to us. */
START_TEST(sections_and_other_blocks)
{
	struct image i = { .big = false }, other = { .n = 0 };
	struct outcome_of o;

	put(&other, 0, 20);
	section_block(&i);
	block(&i, 4, &other); /* names */
	interface_block(&i, 101, 0, NULL);
	packet_block(&i, 0, 1, "one", 3);
	block(&i, 0x80000001, &other);
	i.big = true;
	section_block(&i);
	interface_block(&i, 1, 0, NULL);
	block(&i, 5, &other); /* statistics */
	packet_block(&i, 0, 2, "two", 3);
	o = read_image(&i, i.n);
	ck_assert_msg(o.rc == 0, "%s", o.why);
	ck_assert_uint_eq(o.frames, 2);
	ck_assert_int_eq(o.last.link, DLT_EN10MB);
	ck_assert_int_eq(o.last.time_ns, 2000);
	section_block(&i);
	packet_block(&i, 0, 2, "three", 3);
	o = read_image(&i, i.n);
	ck_assert_uint_eq(o.frames, 2);
	ck_assert_int_eq(o.rc, -1);
	ck_assert_str_eq(o.why, "a packet of interface 0, which is not described");
}
END_TEST

START_TEST(claims_of_length)
{
	struct image i = { .n = 0 };
	struct outcome_of o;

	section_block(&i);
	interface_block(&i, 1, 0, NULL);
	packet_block(&i, 0, 1, "longer than on the wire", 3);
	o = read_image(&i, i.n);
	ck_assert_uint_eq(o.last.len, 23);
	ck_assert_uint_eq(o.last.wire_len, 23);
}
END_TEST

/* Whole frames come before the break, which is told wherever it is but between two blocks. */
START_TEST(broken_off_everywhere)
{
	struct image i = { .big = _i };
	size_t ends[6], n = 0;

	section_block(&i);
	ends[n++] = i.n;
	interface_block(&i, 1, 0, NULL);
	ends[n++] = i.n;
	packet_block(&i, 0, 1, "first", 5);
	ends[n++] = i.n;
	old_block(&i, 0, "second");
	ends[n++] = i.n;
	block(&i, 4, &(struct image){ .n = 9 });
	ends[n++] = i.n;
	simple_block(&i, "third", 5);
	ends[n++] = i.n;
	for (size_t cut = 0; cut <= i.n; cut++) {
		struct outcome_of o = read_image(&i, cut);
		bool between = cut == 0;

		for (size_t e = 0; e < n; e++)
			between |= cut == ends[e];
		ck_assert_int_eq(o.rc, between ? 0 : -1);
		ck_assert_uint_eq(o.frames,
				  (cut >= ends[2]) + (cut >= ends[3]) + (unsigned)(cut >= ends[5]));
		if (!between)
			ck_assert_str_eq(o.why, "breaks off in the middle of a block");
	}
}
END_TEST

/* Every byte of a file turned into every other: an answer always comes, under ASan without a
 * step beside the bytes. */
START_TEST(every_byte_damaged)
{
	struct image i = { .big = _i }, options = { .big = _i };

	option(&options, 9, 9, 1);
	option(&options, 14, 1, 8);
	section_block(&i);
	interface_block(&i, 239, 0, &options);
	packet_block(&i, 0, 1, "frame", 5);
	for (size_t at = 0; at < i.n; at++) {
		uint8_t was = i.at[at];

		for (unsigned v = 0; v < 256; v++) {
			struct outcome_of o;

			i.at[at] = (uint8_t)v;
			o = read_image(&i, i.n);
			ck_assert_uint_le(o.frames, 1);
			ck_assert(o.rc == 0 || o.why[0]);
		}
		i.at[at] = was;
	}
	ck_assert_uint_eq(read_image(&i, i.n).frames, 1);
}
END_TEST

static void expect_damage(const struct image *i, const char *why)
{
	struct outcome_of o = read_image(i, i->n);

	ck_assert_int_eq(o.rc, -1);
	ck_assert_str_eq(o.why, why);
}

START_TEST(damage_is_named)
{
	struct image start = { .n = 0 }, i, body;

	section_block(&start);
	interface_block(&start, 1, 0, NULL);

	i = (struct image){ .n = 0 };
	interface_block(&i, 1, 0, NULL);
	expect_damage(&i, "no section header");
	i = start;
	i.at[8] ^= 1;
	expect_damage(&i, "a section of unknown byte order");
	i = start;
	i.at[12] = 2;
	expect_damage(&i, "unknown pcapng version 2.0");
	i = start;
	i.at[14] = 2; /* 1.2 is known */
	ck_assert_int_eq(read_image(&i, i.n).rc, 0);
	i = start;
	put(&i, 7, 4);
	put(&i, 8, 4);
	put(&i, 8, 4);
	expect_damage(&i, "a block of 8 bytes");
	i = start;
	put(&i, 7, 4);
	put(&i, 13, 4);
	put(&i, 13, 8);
	expect_damage(&i, "a block of 13 bytes");
	i = start;
	put(&i, 6, 4);
	put(&i, 0x7ffffffc, 4);
	put(&i, 0, 4);
	expect_damage(&i, "a block of 2147483644 bytes");
	i = start;
	packet_block(&i, 0, 0, "x", 1);
	i.at[i.n - 4] ^= 4;
	expect_damage(&i, "a block with two lengths");
	i = start;
	block(&i, 99, &(struct image){ .n = 4 });
	i.at[i.n - 4] ^= 4;
	expect_damage(&i, "a block with two lengths");
	i = start;
	packet_block(&i, 1, 0, "x", 1);
	expect_damage(&i, "a packet of interface 1, which is not described");
	i = start;
	packet_block(&i, 0, 0, "x", 1);
	i.at[i.n - 12] = 5; /* bytes present */
	i.at[i.n - 16] = 5;
	expect_damage(&i, "a packet of 5 bytes in a block of less");
	i = start;
	block(&i, 6, &(struct image){ .n = 16 });
	expect_damage(&i, "damaged packet block");
	i = start;
	block(&i, 3, &(struct image){ .n = 0 });
	expect_damage(&i, "damaged packet block");
	i = start;
	block(&i, 1, &(struct image){ .n = 4 });
	expect_damage(&i, "damaged description of interface 1");
	body = (struct image){ .n = 0 };
	option(&body, 9, 20, 1);
	i = start;
	interface_block(&i, 1, 0, &body);
	expect_damage(&i, "interface 1 has a clock of unknown resolution");
	body.at[4] = 0xc0;
	i = start;
	interface_block(&i, 1, 0, &body);
	expect_damage(&i, "interface 1 has a clock of unknown resolution");
	body = (struct image){ .n = 0 };
	put(&body, 2, 2);
	put(&body, 5, 2);
	put(&body, 0, 4);
	i = start;
	interface_block(&i, 1, 0, &body);
	expect_damage(&i, "damaged description of interface 1");
	body = (struct image){ .n = 0 };
	option(&body, 14, 0, 4);
	i = start;
	interface_block(&i, 1, 0, &body);
	expect_damage(&i, "damaged description of interface 1");
}
END_TEST

START_TEST(interfaces_are_bounded)
{
	static uint8_t file[28 + (PCAPNG_INTERFACES + 1) * 20];
	struct image i = { .n = 0 };
	size_t head, n;
	struct input in;
	struct pcapng p = { .in = &in };
	struct frame f;

	section_block(&i);
	head = i.n;
	interface_block(&i, 1, 0, NULL);
	memcpy(file, i.at, head);
	for (n = head; n + 20 <= sizeof(file); n += 20)
		memcpy(file + n, i.at + head, 20);
	ck_assert_int_eq(input_of_bytes(&in, file, n), 0);
	ck_assert_int_eq(pcapng_next(&p, &f), -1);
	ck_assert_str_eq(p.why, "more than 4096 interfaces");
	ck_assert_uint_eq(p.count, PCAPNG_INTERFACES);
	pcapng_done(&p);
	input_done(&in);
}
END_TEST

/* Attributes of the netfilter log come out in this machine's order. */
START_TEST(netfilter_log_is_turned)
{
	uint8_t turned[2][64];
	size_t n = 0;

	for (int big = 0; big < 2; big++) {
		struct image i = { .big = big }, body = { .big = big };
		struct outcome_of o;

		section_block(&i);
		interface_block(&i, 239, 0, NULL);
		put(&body, 0, 4);
		put(&body, 0, 8);
		put(&body, 4 + 8 + 12, 4);
		put(&body, 4 + 8 + 12, 4);
		body.at[body.n++] = 2; /* family, version, group */
		body.at[body.n++] = 0;
		body.at[body.n++] = 0;
		body.at[body.n++] = 5;
		put(&body, 7, 2); /* a prefix of three bytes, and padding */
		put(&body, 10, 2);
		put_bytes(&body, "ab");
		body.n += 2;
		put(&body, 9, 2);
		put(&body, 9, 2);
		put_bytes(&body, "hello");
		body.n += 3;
		block(&i, 6, &body);
		o = read_image(&i, i.n);
		ck_assert_msg(o.frames == 1, "%s", o.why);
		n = o.last.len;
		memcpy(turned[big], o.bytes, n);
	}
	ck_assert_mem_eq(turned[0], turned[1], n);
}
END_TEST

/* From a pipe that brings little at a time, with a block to pass over that is larger than any
 * buffer, and a frame that makes it grow. */
START_TEST(from_a_pipe)
{
	enum { SKIPPED = 20 << 20, LARGE = 200000 };
	struct image i = { .n = 0 };
	struct input in;
	struct pcapng p = { .in = &in };
	struct frame f;
	uint8_t *large;
	int ends[2], status;
	pid_t child;

	section_block(&i);
	interface_block(&i, 1, 0, NULL);
	packet_block(&i, 0, 1, "first", 5);
	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		struct image tail = { .n = 0 };
		static uint8_t zero[4096];
		bool ok = true;

		for (size_t at = 0; at < i.n; at++)
			ok &= write(ends[1], i.at + at, 1) == 1;
		put(&tail, 77, 4);
		put(&tail, SKIPPED + 12, 4);
		ok &= write(ends[1], tail.at, 8) == 8;
		for (size_t at = 0; at < SKIPPED; at += sizeof(zero))
			ok &= write(ends[1], zero, sizeof(zero)) == sizeof(zero);
		tail.n = 0;
		put(&tail, SKIPPED + 12, 4);
		put(&tail, 6, 4);
		put(&tail, 32 + LARGE, 4);
		put(&tail, 0, 12);
		put(&tail, LARGE, 4);
		put(&tail, LARGE, 4);
		ok &= write(ends[1], tail.at, tail.n) == (ssize_t)tail.n;
		large = malloc(LARGE);
		memset(large, 0x55, LARGE);
		ok &= write(ends[1], large, LARGE) == LARGE;
		tail.n = 0;
		put(&tail, 32 + LARGE, 4);
		ok &= write(ends[1], tail.at, 4) == 4;
		_exit(!ok);
	}
	close(ends[1]);
	ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	ck_assert_int_eq(input_open(&in, "-"), 0);
	ck_assert_int_eq(pcapng_next(&p, &f), 1);
	ck_assert_mem_eq(f.bytes, "first", 5);
	ck_assert_int_eq(pcapng_next(&p, &f), 1);
	ck_assert_uint_eq(f.len, LARGE);
	ck_assert_uint_eq(f.bytes[0], 0x55);
	ck_assert_uint_eq(f.bytes[LARGE - 1], 0x55);
	ck_assert_int_eq(pcapng_next(&p, &f), 0);
	ck_assert_uint_lt(in.size, 1 << 20);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	pcapng_done(&p);
	input_done(&in);
}
END_TEST

START_TEST(input_reads_and_fails)
{
	struct input in;
	uint8_t out[8];

	ck_assert_int_lt(input_open(&in, "/nonexistent"), 0);
	input_done(&in);
	ck_assert_int_eq(input_open(&in, "/"), 0);
	ck_assert_ptr_null(input_peek(&in, 1));
	ck_assert_int_ne(in.error, 0);
	ck_assert(!input_skip(&in, 1));
	input_done(&in);
	ck_assert_int_eq(input_of_bytes(&in, "abcdef", 6), 0);
	ck_assert_mem_eq(input_peek(&in, 2), "ab", 2);
	ck_assert_int_eq((int)input_read(&in, out, 4), 4);
	ck_assert_mem_eq(out, "abcd", 4);
	ck_assert_ptr_null(input_peek(&in, 3));
	ck_assert_int_eq((int)input_read(&in, out, 8), 2);
	ck_assert_int_eq((int)input_read(&in, out, 8), 0);
	ck_assert(!input_skip(&in, 1));
	ck_assert(input_skip(&in, 0));
	input_done(&in);
	ck_assert_int_eq(input_open(&in, "/dev/zero"), 0);
	ck_assert_ptr_null(input_peek(&in, INPUT_MAX + 1));
	ck_assert_ptr_nonnull(input_peek(&in, INPUT_MAX));
	input_done(&in);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_test(t, clocks);
	tcase_add_test(t, every_frame_has_its_own_link);
	tcase_add_test(t, simple_and_old_packets);
	tcase_add_test(t, sections_and_other_blocks);
	tcase_add_test(t, claims_of_length);
	tcase_add_loop_test(t, broken_off_everywhere, 0, 2);
	tcase_add_loop_test(t, every_byte_damaged, 0, 2);
	tcase_add_test(t, damage_is_named);
	tcase_add_test(t, interfaces_are_bounded);
	tcase_add_test(t, netfilter_log_is_turned);
	tcase_add_test(t, from_a_pipe);
	tcase_add_test(t, input_reads_and_fails);
	return suite_end(t, "source/pcapng");
}
