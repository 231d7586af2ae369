// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames from a capture file or from standard input, by libpcap. */
#include "source/source.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "source/internal.h"

struct file_source {
	struct source source;
	pcap_t *pcap;
	char *name;
	int link;
	uint64_t frames;
	bool broken; /* the file ended in the middle or is damaged; said once more at every read */
};

static void file_close(struct source *s)
{
	struct file_source *f = (struct file_source *)s;

	if (f->pcap)
		pcap_close(f->pcap);
	free(f->name);
	free(f);
}

static int file_broken(struct file_source *f, struct error *e)
{
	f->broken = true;
	return error_set(e, -EIO, "capture file: %s: after %llu frames: %s", f->name,
			 (unsigned long long)f->frames, pcap_geterr(f->pcap));
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

static int file_read(struct source *s, unsigned most, void (*each)(void *, const struct frame *),
		     void *ctx, struct error *e)
{
	struct file_source *f = (struct file_source *)s;
	unsigned n = 0;

	if (f->broken)
		return file_broken(f, e);
	while (n < most) {
		struct pcap_pkthdr *head;
		const u_char *bytes;
		int got = pcap_next_ex(f->pcap, &head, &bytes);

		if (got == PCAP_ERROR_BREAK)
			break;
		if (got != 1) {
			f->broken = true;
			/* What was handed over counts first; the error is the next read's. */
			return n ? (int)n : file_broken(f, e);
		}
		const struct frame frame = {
			.bytes = bytes,
			.len = head->caplen,
			/* A damaged file may claim less on the wire than it holds. */
			.wire_len = head->len < head->caplen ? head->caplen : head->len,
			.link = f->link,
			.time_ns = file_time(&head->ts),
			.hook = FRAME_CAPTURED,
			.uid = UINT32_MAX,
		};
		f->frames++;
		n++;
		each(ctx, &frame);
	}
	return (int)n;
}

static int file_error(const char *path, const char *name, const char *why, struct error *e)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) < 0) {
		int err = errno;
		return error_set(e, -err, "capture file: %s: %s", name, strerror(err));
	}
	if (strcmp(path, "-") != 0 && S_ISDIR(st.st_mode))
		return error_set(e, -EISDIR, "capture file: %s: is a directory", name);
	/* libpcap repeats the path in front of some reasons. */
	size_t n = strlen(path);
	if (strncmp(why, path, n) == 0 && strncmp(why + n, ": ", 2) == 0)
		why += n + 2;
	if (strcmp(why, "unknown file format") == 0)
		return error_set(e, -EINVAL,
				 "capture file: %s: not a capture; pcap and pcapng are read, "
				 "as tcpdump -w and Wireshark write them",
				 name);
	return error_set(e, -EINVAL, "capture file: %s: %s", name, why);
}

int source_open_file(const char *path, struct source **out, struct error *e)
{
	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
	char why[PCAP_ERRBUF_SIZE] = "";
	struct file_source *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return error_set(e, -ENOMEM, "capture file: %s: out of memory", name);
	f->source = (struct source){ .close = file_close, .read = file_read, .fd = -1 };
	f->name = strdup(name);
	if (!f->name) {
		err = error_set(e, -ENOMEM, "capture file: %s: out of memory", name);
		goto out;
	}
	f->pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!f->pcap) {
		err = file_error(path, name, why, e);
		goto out;
	}
	f->link = pcap_datalink(f->pcap);
	*out = &f->source;
	return 0;
out:
	file_close(&f->source);
	return err;
}
