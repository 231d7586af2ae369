// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames from a capture file or from standard input: pcap by libpcap, pcapng by pcapng.c. */
#define _GNU_SOURCE /* fopencookie */
#include "source/source.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "source/internal.h"
#include "source/pcapng.h"

struct file_source {
	struct source source;
	struct input input;
	struct pcapng pcapng; /* reads if pcap is NULL */
	pcap_t *pcap;
	char *name;
	int link;
	bool in_place;	  /* pcap as this machine writes it: see record_in_place */
	uint32_t unit_ns; /* of the second half of its times */
	uint32_t snaplen, taken;
	uint64_t frames;
	bool broken; /* the file ended in the middle or is damaged; said once more at every read */
};

static uint64_t file_position(const struct source *s)
{
	return ((const struct file_source *)s)->input.read;
}

static void file_close(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	if (f->pcap)
		pcap_close(f->pcap);
	pcapng_done(&f->pcapng);
	input_done(&f->input);
	free(f->name);
	free(f);
}

static int file_broken(struct file_source *f, struct error *e)
{
	f->broken = true;
	return error_set(e, -EIO, "capture file: %s: after %llu frames: %s", f->name,
			 (unsigned long long)f->frames,
			 f->pcap ? pcap_geterr(f->pcap) : f->pcapng.why);
}

/* Seconds are 32 bits without a sign in a pcap file. libpcap reads them so in files of the other
 * byte order, and with a sign in those of this machine's. */
static int64_t file_time(const struct timeval *t)
{
	int64_t s = t->tv_sec;

	if (s < 0 && s >= INT32_MIN)
		s += (int64_t)UINT32_MAX + 1;
	return source_time_ns(s, t->tv_usec); /* nanoseconds: that precision was asked for */
}

static bool read_native32(struct reader *r, uint32_t *out)
{
	bool ok = read_u32(r, out);

	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		*out = __builtin_bswap32(*out);
	return ok;
}

/* libpcap copies a frame twice, which is a tenth of the time that all of an audit takes. So a
 * record that is as it should be is looked at where it lies. The end and all that is odd is left
 * for libpcap, to which nothing is missing then. */
static bool record_in_place(struct file_source *f, struct frame *out)
{
	enum { RECORD_HEAD = 16, SECOND_NS = 1000000000 };
	uint32_t seconds, part, present, wire;
	const uint8_t *record;
	struct reader r;

	if (f->taken && !input_skip(&f->input, f->taken))
		return false;
	f->taken = 0;
	record = input_peek(&f->input, RECORD_HEAD);
	r = reader_whole(record, record ? RECORD_HEAD : 0);
	if (!read_native32(&r, &seconds) || !read_native32(&r, &part) ||
	    !read_native32(&r, &present) || !read_native32(&r, &wire))
		return false;
	if (part >= SECOND_NS / f->unit_ns || present > f->snaplen)
		return false;
	record = input_peek(&f->input, RECORD_HEAD + (size_t)present);
	if (!record)
		return false;
	f->taken = RECORD_HEAD + present;
	*out = (struct frame){
		.bytes = record + RECORD_HEAD,
		.len = present,
		.wire_len = wire < present ? present : wire,
		.link = f->link,
		.time_ns = source_time_ns(seconds, (int64_t)part * f->unit_ns),
		.hook = FRAME_CAPTURED,
		.uid = UINT32_MAX,
	};
	return true;
}

/* 1: a frame; 0: the end; -1: broken. */
static int pcap_next_frame(struct file_source *f, struct frame *out)
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	int got;

	if (f->in_place && record_in_place(f, out))
		return 1;
	got = pcap_next_ex(f->pcap, &head, &bytes);
	if (got != 1)
		return got == PCAP_ERROR_BREAK ? 0 : -1;
	*out = (struct frame){
		.bytes = bytes,
		.len = head->caplen,
		/* A damaged file may claim less on the wire than it holds. */
		.wire_len = head->len < head->caplen ? head->caplen : head->len,
		.link = f->link,
		.time_ns = file_time(&head->ts),
		.hook = FRAME_CAPTURED,
		.uid = UINT32_MAX,
	};
	return 1;
}

static int file_read(struct source *s, unsigned most, void (*each)(void *, const struct frame *),
		     void *ctx, struct error *e)
{
	struct file_source *f = (struct file_source *)s;
	unsigned n = 0;

	if (f->broken)
		return file_broken(f, e);
	while (n < most) {
		struct frame frame;
		int got = f->pcap ? pcap_next_frame(f, &frame) : pcapng_next(&f->pcapng, &frame);

		if (got == 0)
			break;
		if (got < 0) {
			f->broken = true;
			/* What was handed over counts first; the error is the next read's. */
			return n ? (int)n : file_broken(f, e);
		}
		f->frames++;
		n++;
		each(ctx, &frame);
	}
	return (int)n;
}

static ssize_t cookie_read(void *cookie, char *out, size_t n)
{
	return input_read(cookie, out, n);
}

/* libpcap reads a stream from its beginning, and of a pipe that has been looked into already.
 * It is not buffered: f->input is, and has to stand where libpcap has read to. */
static int open_pcap(struct file_source *f, struct error *e)
{
	const cookie_io_functions_t io = { .read = cookie_read };
	FILE *stream = fopencookie(&f->input, "r", io);
	char why[PCAP_ERRBUF_SIZE] = "";

	if (!stream)
		return error_set(e, -ENOMEM, "capture file: %s: out of memory", f->name);
	setvbuf(stream, NULL, _IONBF, 0);
	f->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, why);
	if (f->pcap) {
		f->link = pcap_datalink(f->pcap);
		return 0;
	}
	fclose(stream);
	if (strcmp(why, "unknown file format") == 0)
		return error_set(e, -EINVAL,
				 "capture file: %s: not a capture; pcap and pcapng are read, "
				 "as tcpdump -w and Wireshark write them",
				 f->name);
	return error_set(e, -EINVAL, "capture file: %s: %s", f->name, why);
}

/* What the first bytes of a packed file are: gzip, Zstandard, xz, LZ4, bzip2. */
static bool is_packed(uint32_t first)
{
	return first >> 16 == 0x1f8b || first == 0x28b52ffd || first == 0xfd377a58 ||
	       first == 0x04224d18 || first >> 8 == 0x425a68;
}

/* Is it a file without the peculiarities of old, changed and foreign ones? */
static void judge_pcap(struct file_source *f, uint32_t magic)
{
	enum { MICROSECONDS = 0xa1b2c3d4, NANOSECONDS = 0xa1b23c4d, SNAPLEN_MAX = 262144 };
	int snaplen = pcap_snapshot(f->pcap);

	f->in_place = (magic == MICROSECONDS || magic == NANOSECONDS) &&
		      pcap_major_version(f->pcap) == 2 && pcap_minor_version(f->pcap) == 4 &&
		      snaplen > 0;
	f->unit_ns = magic == NANOSECONDS ? 1 : 1000;
	f->snaplen = snaplen > SNAPLEN_MAX ? SNAPLEN_MAX : (uint32_t)snaplen;
}

static int open_capture(struct file_source *f, struct error *e)
{
	const uint8_t *first = input_peek(&f->input, 4);
	struct reader r = reader_whole(first, first ? 4 : 0), again = r;
	uint32_t magic, in_order;
	int err;

	if (f->input.error)
		return error_set(e, -f->input.error, "capture file: %s: %s", f->name,
				 f->input.error == EISDIR ? "is a directory"
							  : strerror(f->input.error));
	if (read_native32(&r, &magic) && magic == PCAPNG_MAGIC)
		return 0;
	if (read_u32(&again, &in_order) && is_packed(in_order))
		return error_set(e, -EINVAL, "capture file: %s: is compressed; unpack it first",
				 f->name);
	err = open_pcap(f, e);
	if (!err)
		judge_pcap(f, magic);
	return err;
}

int source_open_file(const char *path, struct source **out, struct error *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct file_source *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return error_set(e, -ENOMEM, "capture file: %s: out of memory", name);
	f->source = (struct source){
		.close = file_close, .read = file_read, .position = file_position, .fd = -1
	};
	f->pcapng.in = &f->input;
	f->name = strdup(name);
	err = input_open(&f->input, path);
	if (!f->name)
		err = -ENOMEM;
	if (err)
		error_set(e, err, "capture file: %s: %s", name, strerror(-err));
	else
		err = open_capture(f, e);
	if (err) {
		file_close(&f->source);
		return err;
	}
	*out = &f->source;
	return 0;
}
