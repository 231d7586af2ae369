// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames from an interface, by libpcap. */
#include "source/source.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "source/internal.h"

enum {
	LIVE_BUFFER = 4 << 20,
	LIVE_SNAPLEN = 262144, /* everything */
	/* Not "immediate": there every slot of the ring has the full size and 4 MiB hold 64
	 * packets, here they hold what fits. The price is this wait. */
	LIVE_WAIT_MS = 20,
};

struct live_source {
	struct source source;
	pcap_t *pcap;
	char *name;
	int link;
	/* pcap_stats counts in 32 bits since the opening. */
	uint32_t seen;
	uint64_t dropped;
};

static void live_close(struct source *s)
{
	struct live_source *l = (struct live_source *)s;

	if (l->pcap)
		pcap_close(l->pcap);
	free(l->name);
	free(l);
}

static void live_count_drops(struct live_source *l)
{
	struct pcap_stat now;

	if (pcap_stats(l->pcap, &now) < 0)
		return;
	l->dropped += now.ps_drop - l->seen;
	l->seen = now.ps_drop;
}

static uint64_t live_dropped(const struct source *s)
{
	return ((const struct live_source *)s)->dropped;
}

static int live_read(struct source *s, unsigned most, void (*each)(void *, const struct frame *),
		     void *ctx, struct error *e)
{
	struct live_source *l = (struct live_source *)s;
	unsigned n = 0;

	while (n < most) {
		struct pcap_pkthdr *head;
		const u_char *bytes;
		int got = pcap_next_ex(l->pcap, &head, &bytes);

		if (got == 0)
			break;
		if (got != 1) {
			if (n)
				break;
			return error_set(e, -ENETDOWN, "capture: %s: %s", l->name,
					 pcap_geterr(l->pcap));
		}
		const struct frame frame = {
			.bytes = bytes,
			.len = head->caplen,
			.wire_len = head->len < head->caplen ? head->caplen : head->len,
			.link = l->link,
			.time_ns = source_time_ns(head->ts.tv_sec, head->ts.tv_usec),
			.hook = FRAME_CAPTURED,
			.uid = UINT32_MAX,
		};
		n++;
		each(ctx, &frame);
	}
	live_count_drops(l);
	return (int)n;
}

static int live_no_device(const char *ifname, struct error *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct text names = { .max = 300 };
	pcap_if_t *all = NULL;

	if (pcap_findalldevs(&all, why) == 0) {
		for (pcap_if_t *i = all; i; i = i->next) {
			/* USB and D-Bus "interfaces" carry no IP. */
			if (strchr(i->name, '-') && !(i->flags & PCAP_IF_UP))
				continue;
			text_printf(&names, "%s%s", names.len ? ", " : "", i->name);
		}
		pcap_freealldevs(all);
	}
	int err = error_set(e, -ENODEV, "capture: %s: no such interface%s%s", ifname,
			    names.len ? "; there are: " : "", names.len ? names.at : "");
	text_done(&names);
	return err;
}

static int live_error(struct live_source *l, int code, struct error *e)
{
	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return live_no_device(l->name, e);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return error_set(e, -EPERM, "capture: %s: needs CAP_NET_RAW: run as root", l->name);
	case PCAP_ERROR_IFACE_NOT_UP:
		return error_set(e, -ENETDOWN,
				 "capture: %s: the interface is down; ip link set %s up", l->name,
				 l->name);
	default:
		return error_set(e, -EIO, "capture: %s: %s: %s", l->name, pcap_statustostr(code),
				 pcap_geterr(l->pcap));
	}
}

static int live_start(struct live_source *l, struct error *e)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int code;

	l->pcap = pcap_create(l->name, why);
	if (!l->pcap)
		return error_set(e, -EIO, "capture: %s: %s", l->name, why);
	pcap_set_snaplen(l->pcap, LIVE_SNAPLEN);
	pcap_set_promisc(l->pcap, 0);
	pcap_set_timeout(l->pcap, LIVE_WAIT_MS);
	pcap_set_buffer_size(l->pcap, LIVE_BUFFER);
	/* Refused where the kernel has microseconds only; asked again below. */
	pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO);
	code = pcap_activate(l->pcap);
	if (code < 0) /* above 0: a warning, the capture runs */
		return live_error(l, code, e);
	if (pcap_setnonblock(l->pcap, 1, why) < 0)
		return error_set(e, -EIO, "capture: %s: %s", l->name, why);
	l->source.fd = pcap_get_selectable_fd(l->pcap);
	if (l->source.fd < 0)
		return error_set(e, -EOPNOTSUPP, "capture: %s: cannot be waited for", l->name);
	l->link = pcap_datalink(l->pcap);
	return 0;
}

int source_open_live(const char *ifname, struct source **out, struct error *e)
{
	struct live_source *l = calloc(1, sizeof(*l));
	int err = -ENOMEM;

	if (!l)
		return error_set(e, -ENOMEM, "capture: %s: out of memory", ifname);
	l->source = (struct source){
		.close = live_close, .read = live_read, .dropped = live_dropped, .fd = -1
	};
	l->name = strdup(ifname);
	if (!l->name)
		error_set(e, -ENOMEM, "capture: %s: out of memory", ifname);
	else
		err = live_start(l, e);
	if (err < 0) {
		live_close(&l->source);
		return err;
	}
	*out = &l->source;
	return 0;
}
