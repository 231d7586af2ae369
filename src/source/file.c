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
	char *stdio; /* the buffer of the stream that pcap reads */
	char *name;
	int link;
	uint64_t frames;
	bool broken; /* the file ended in the middle or is damaged; said once more at every read */
};

/* libpcap's own 4 KiB would be a system call for every third frame. */
enum { STDIO_BYTES = 128 << 10 };

static void file_close(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	if (f->pcap)
		pcap_close(f->pcap);
	pcapng_done(&f->pcapng);
	input_done(&f->input);
	free(f->stdio);
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

/* 1: a frame; 0: the end; -1: broken. */
static int pcap_next_frame(struct file_source *f, struct frame *out)
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	int got = pcap_next_ex(f->pcap, &head, &bytes);

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

/* libpcap reads a stream from its beginning, and of a pipe that has been looked into already. */
static int open_pcap(struct file_source *f, struct error *e)
{
	const cookie_io_functions_t io = { .read = cookie_read };
	char why[PCAP_ERRBUF_SIZE] = "";
	FILE *stream;

	f->stdio = malloc(STDIO_BYTES);
	stream = f->stdio ? fopencookie(&f->input, "r", io) : NULL;
	if (!stream)
		return error_set(e, -ENOMEM, "capture file: %s: out of memory", f->name);
	setvbuf(stream, f->stdio, _IOFBF, STDIO_BYTES);
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

static int open_capture(struct file_source *f, struct error *e)
{
	const uint8_t *first = input_peek(&f->input, 4);
	struct reader r = reader_whole(first, first ? 4 : 0);
	uint32_t magic;

	if (f->input.error)
		return error_set(e, -f->input.error, "capture file: %s: %s", f->name,
				 f->input.error == EISDIR ? "is a directory"
							  : strerror(f->input.error));
	if (!read_u32(&r, &magic) || magic != PCAPNG_MAGIC)
		return open_pcap(f, e);
	return 0;
}

int source_open_file(const char *path, struct source **out, struct error *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	struct file_source *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return error_set(e, -ENOMEM, "capture file: %s: out of memory", name);
	f->source = (struct source){ .close = file_close, .read = file_read, .fd = -1 };
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
