// SPDX-License-Identifier: GPL-2.0-or-later
/* Capture files of every kind, whole and broken. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"
#include "source/internal.h"
#include "source/source.h"
#include "suite.h"

static char path[] = "/tmp/tacet-file.XXXXXX";

struct seen {
	unsigned n;
	struct frame last;
	uint8_t bytes[64];
};

static void on_frame(void *ctx, const struct frame *f)
{
	struct seen *s = ctx;

	s->n++;
	s->last = *f;
	memcpy(s->bytes, f->bytes, f->len < sizeof(s->bytes) ? f->len : sizeof(s->bytes));
}

static void setup(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(path);
}

static void pcap_head(struct image *i, uint32_t magic, uint32_t link)
{
	put(i, magic, 4);
	put(i, 2, 2);
	put(i, 4, 2);
	put(i, 0, 8);
	put(i, 65535, 4);
	put(i, link, 4);
}

static void pcap_frame(struct image *i, uint32_t s, uint32_t sub, const char *bytes, uint32_t wire)
{
	put(i, s, 4);
	put(i, sub, 4);
	put(i, strlen(bytes), 4);
	put(i, wire, 4);
	put_bytes(i, bytes);
}

static void save(const struct image *i, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, i->at, n), (int)n);
	close(fd);
}

static struct source *opened(void)
{
	struct source *s = NULL;
	struct error e = { "" };
	int err = source_open_file(path, &s, &e);

	ck_assert_msg(err == 0, "%d %s", err, e.text);
	return s;
}

START_TEST(either_order_and_precision)
{
	bool big = _i & 1, nano = _i & 2;
	struct image i = { .big = big };
	struct seen seen = { 0 };
	struct error e = { "" };

	pcap_head(&i, nano ? 0xa1b23c4d : 0xa1b2c3d4, 1);
	pcap_frame(&i, 1700000000, 123456, "first", 5);
	pcap_frame(&i, 4102444800U, nano ? 999999999 : 999999, "second one", 1500);
	save(&i, i.n);
	struct source *s = opened();
	ck_assert_int_eq(source_fd(s), -1);
	ck_assert_int_eq(source_read(s, 1, on_frame, &seen, &e), 1);
	ck_assert_uint_eq(seen.last.len, 5);
	ck_assert_uint_eq(seen.last.wire_len, 5);
	ck_assert_int_eq(memcmp(seen.bytes, "first", 5), 0);
	ck_assert_int_eq(seen.last.link, DLT_EN10MB);
	ck_assert_int_eq(seen.last.time_ns,
			 1700000000LL * 1000000000 + (nano ? 123456 : 123456000));
	ck_assert_int_eq(seen.last.hook, FRAME_CAPTURED);
	ck_assert_uint_eq(seen.last.uid, UINT32_MAX);
	ck_assert_int_eq(source_read(s, 10, on_frame, &seen, &e), 1);
	ck_assert_uint_eq(seen.last.wire_len, 1500);
	/* the year 2100: over 32 bits with a sign */
	ck_assert_int_eq(seen.last.time_ns,
			 4102444800LL * 1000000000 + (nano ? 999999999 : 999999000));
	ck_assert_int_eq(source_read(s, 10, on_frame, &seen, &e), 0);
	ck_assert_int_eq(source_read(s, 10, on_frame, &seen, &e), 0);
	ck_assert_uint_eq(seen.n, 2);
	ck_assert_uint_eq(source_dropped(s), 0);
	source_close(s);
}
END_TEST

START_TEST(link_types_are_handed_on)
{
	static const struct {
		uint32_t in_file;
		int link;
	} types[] = { { 101, DLT_RAW },
		      { 113, DLT_LINUX_SLL },
		      { 276, DLT_LINUX_SLL2 },
		      { 239, DLT_NFLOG },
		      { 0, DLT_NULL } };
	struct error e;

	for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++) {
		struct image i = { .n = 0 };
		struct seen seen = { 0 };
		pcap_head(&i, 0xa1b2c3d4, types[t].in_file);
		pcap_frame(&i, 1, 0, "x", 1);
		save(&i, i.n);
		struct source *s = opened();
		ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 1);
		ck_assert_int_eq(seen.last.link, types[t].link);
		source_close(s);
	}
}
END_TEST

START_TEST(pcapng_of_either_order)
{
	struct image i = { .big = _i }, section = { .big = _i }, interface = { .big = _i },
		     packet = { .big = _i };
	struct seen seen = { 0 };
	struct error e;

	put(&section, 0x1a2b3c4d, 4);
	put(&section, 1, 2);
	put(&section, 0, 2);
	put(&section, UINT64_MAX, 8);
	put(&interface, 1, 2);
	put(&interface, 0, 2);
	put(&interface, 0, 4);
	put(&packet, 0, 4);
	uint64_t us = 1700000000ULL * 1000000 + 5;
	put(&packet, us >> 32, 4);
	put(&packet, us & 0xffffffff, 4);
	put(&packet, 7, 4);
	put(&packet, 70, 4);
	put_bytes(&packet, "seven b");
	block(&i, 0x0a0d0d0a, &section);
	block(&i, 1, &interface);
	block(&i, 6, &packet);
	save(&i, i.n);
	struct source *s = opened();
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 1);
	ck_assert_uint_eq(seen.last.len, 7);
	ck_assert_uint_eq(seen.last.wire_len, 70);
	ck_assert_int_eq(seen.last.time_ns, 1700000000LL * 1000000000 + 5000);
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 0);
	source_close(s);
}
END_TEST

/* Every place where a capture can break off. */
START_TEST(whole_frames_come_before_the_break)
{
	struct image i = { .n = 0 };

	pcap_head(&i, 0xa1b2c3d4, 1);
	size_t head = i.n;
	pcap_frame(&i, 1, 0, "first", 5);
	size_t one = i.n;
	pcap_frame(&i, 2, 0, "second", 6);
	for (size_t cut = 0; cut <= i.n; cut++) {
		struct seen seen = { 0 };
		struct error e = { "" };
		struct source *s = NULL;
		save(&i, cut);
		int err = source_open_file(path, &s, &e);
		if (cut < head) {
			ck_assert_int_lt(err, 0);
			ck_assert_ptr_nonnull(strstr(e.text, path));
			ck_assert_ptr_null(s);
			continue;
		}
		ck_assert_int_eq(err, 0);
		unsigned whole = cut == i.n ? 2 : cut >= one;
		int got = source_read(s, 100, on_frame, &seen, &e);
		if (cut == head || cut == one || cut == i.n) {
			ck_assert_int_eq(got, (int)whole);
			ck_assert_int_eq(source_read(s, 100, on_frame, &seen, &e), 0);
		} else {
			if (whole)
				ck_assert_int_eq(got, (int)whole);
			/* and again: it stays broken */
			for (int again = 0; again < 2; again++) {
				ck_assert_int_eq(source_read(s, 100, on_frame, &seen, &e), -EIO);
				ck_assert_ptr_nonnull(strstr(e.text, path));
				ck_assert_ptr_nonnull(
					strstr(e.text, whole ? "after 1 frame" : "after 0 frames"));
			}
		}
		ck_assert_uint_eq(seen.n, whole);
		source_close(s);
	}
}
END_TEST

START_TEST(lengths_and_times_that_lie)
{
	struct image i = { .n = 0 };
	struct seen seen = { 0 };
	struct error e = { "" };

	pcap_head(&i, 0xa1b2c3d4, 1);
	pcap_frame(&i, 0, 0, "longer than said", 3);
	put(&i, 1, 4);
	put(&i, 0, 4);
	put(&i, 0x7fffffff, 4); /* present bytes: more than any snapshot */
	put(&i, 1, 4);
	save(&i, i.n);
	struct source *s = opened();
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 1);
	ck_assert_uint_eq(seen.last.len, 16);
	ck_assert_uint_eq(seen.last.wire_len, 16);
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), -EIO);
	source_close(s);
	ck_assert_int_eq(source_time_ns(-1, 0), 0);
	ck_assert_int_eq(source_time_ns(INT64_MIN, 0), 0);
	ck_assert_int_eq(source_time_ns(INT64_MAX, 0), INT64_C(1) << 62);
	ck_assert_int_eq(source_time_ns(INT64_C(1) << 40, 1), INT64_C(1) << 62);
	ck_assert_int_eq(source_time_ns(1, 5), 1000000005);
}
END_TEST

/* Records as they should be are read in one way, odd ones in another: none is lost between. */
START_TEST(odd_records_between_others)
{
	static const struct {
		const char *bytes;
		uint32_t micro, len;
	} records[] = { { "one", 1, 3 },	  { "two", 2, 3 },  { "odd time", 2000000, 8 },
			{ "three", 3, 5 },	  { "four", 4, 4 }, { "longer than said", 5, 8 },
			{ "longer again", 6, 8 }, { "five", 7, 4 }, { "", 8, 0 },
			{ "odd end", 1000000, 7 } };
	enum { N = sizeof(records) / sizeof(*records), SNAPLEN = 8 };
	struct image i = { .big = _i };
	struct error e;
	struct source *s;

	put(&i, 0xa1b2c3d4, 4);
	put(&i, 2, 2);
	put(&i, 4, 2);
	put(&i, 0, 8);
	put(&i, SNAPLEN, 4);
	put(&i, 101, 4);
	for (size_t r = 0; r < N; r++)
		pcap_frame(&i, 1000, records[r].micro, records[r].bytes, 99);
	save(&i, i.n);
	s = opened();
	for (size_t r = 0; r < N; r++) {
		struct seen seen = { 0 };

		ck_assert_int_eq(source_read(s, 1, on_frame, &seen, &e), 1);
		ck_assert_uint_eq(seen.last.len, records[r].len);
		ck_assert_uint_eq(seen.last.wire_len, 99);
		ck_assert_mem_eq(seen.bytes, records[r].bytes, records[r].len);
		ck_assert_int_eq(seen.last.time_ns,
				 1000LL * 1000000000 + records[r].micro * 1000LL);
		ck_assert_int_eq(seen.last.link, DLT_RAW);
	}
	ck_assert_int_eq(source_read(s, 1, on_frame, &(struct seen){ 0 }, &e), 0);
	source_close(s);
}
END_TEST

/* More than any buffer holds at first: every frame comes once, and whole. */
START_TEST(many_frames)
{
	enum { N = 3000, LEN = 1400 };
	static uint8_t frame[LEN];
	struct image head = { .big = _i };
	struct error e = { "" };
	int fd = open(path, O_WRONLY | O_TRUNC), got;
	struct seen seen = { 0 };
	struct source *s;

	pcap_head(&head, 0xa1b2c3d4, 1);
	ck_assert_int_eq((int)write(fd, head.at, head.n), (int)head.n);
	for (unsigned f = 0; f < N; f++) {
		struct image record = { .big = _i };

		put(&record, f, 4);
		put(&record, 0, 4);
		put(&record, LEN - f % 5, 4);
		put(&record, LEN, 4);
		memset(frame, (int)f, LEN);
		ck_assert_int_eq((int)write(fd, record.at, record.n), (int)record.n);
		ck_assert_int_eq((int)write(fd, frame, LEN - f % 5), (int)(LEN - f % 5));
	}
	close(fd);
	s = opened();
	while ((got = source_read(s, 1, on_frame, &seen, &e)) == 1) {
		unsigned f = seen.n - 1;

		ck_assert_uint_eq(seen.last.len, LEN - f % 5);
		ck_assert_int_eq(seen.last.time_ns, f * 1000000000LL);
		ck_assert_uint_eq(seen.bytes[0], (uint8_t)f);
		ck_assert_uint_eq(seen.bytes[63], (uint8_t)f);
	}
	ck_assert_msg(got == 0, "%s", e.text);
	ck_assert_uint_eq(seen.n, N);
	source_close(s);
}
END_TEST

START_TEST(what_is_no_capture_is_said)
{
	struct image i = { .n = 0 };
	struct source *s = NULL;
	struct error e;

	ck_assert_int_eq(source_open_file("/nonexistent/x.pcap", &s, &e), -ENOENT);
	ck_assert_str_eq(e.text, "capture file: /nonexistent/x.pcap: No such file or directory");
	ck_assert_int_eq(source_open_file("/tmp", &s, &e), -EISDIR);
	put_bytes(&i, "this is a text and no capture at all, but long enough");
	save(&i, i.n);
	ck_assert_int_eq(source_open_file(path, &s, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "not a capture"));
	ck_assert_ptr_nonnull(strstr(e.text, path));
	ck_assert_ptr_eq(strstr(strstr(e.text, path) + 1, path), NULL); /* once */
	save(&i, 0);
	ck_assert_int_eq(source_open_file(path, &s, &e), -EINVAL);
	ck_assert_ptr_null(s);
	static const uint32_t packed[] = { 0x1f8b0800, 0x28b52ffd, 0xfd377a58, 0x04224d18,
					   0x425a6839 };
	for (size_t p = 0; p < sizeof(packed) / sizeof(*packed); p++) {
		i = (struct image){ .big = true };
		put(&i, packed[p], 4);
		put(&i, 0, 60);
		save(&i, i.n);
		ck_assert_int_eq(source_open_file(path, &s, &e), -EINVAL);
		ck_assert_ptr_nonnull(strstr(e.text, "is compressed"));
	}
	source_close(NULL);
}
END_TEST

START_TEST(standard_input)
{
	struct image i = { .n = 0 };
	struct seen seen = { 0 };
	struct source *s = NULL;
	struct error e;
	int pipes[2];

	pcap_head(&i, 0xa1b2c3d4, 101);
	pcap_frame(&i, 1, 0, "piped", 5);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq((int)write(pipes[1], i.at, i.n), (int)i.n);
	close(pipes[1]);
	ck_assert_int_eq(dup2(pipes[0], 0), 0);
	ck_assert_int_eq(source_open_file("-", &s, &e), 0);
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 1);
	ck_assert_int_eq(memcmp(seen.bytes, "piped", 5), 0);
	ck_assert_int_eq(source_read(s, 9, on_frame, &seen, &e), 0);
	source_close(s);
}
END_TEST

START_TEST(a_broken_standard_input_has_a_name)
{
	struct source *s = NULL;
	struct error e;
	int null = open("/dev/null", O_RDONLY);

	ck_assert_int_eq(dup2(null, 0), 0);
	ck_assert_int_eq(source_open_file("-", &s, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "standard input"));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, either_order_and_precision, 0, 4);
	tcase_add_test(t, link_types_are_handed_on);
	tcase_add_loop_test(t, pcapng_of_either_order, 0, 2);
	tcase_add_test(t, whole_frames_come_before_the_break);
	tcase_add_test(t, lengths_and_times_that_lie);
	tcase_add_loop_test(t, odd_records_between_others, 0, 2);
	tcase_add_loop_test(t, many_frames, 0, 2);
	tcase_add_test(t, what_is_no_capture_is_said);
	tcase_add_test(t, standard_input);
	tcase_add_test(t, a_broken_standard_input_has_a_name);
	return suite_end(t, "source/file");
}
