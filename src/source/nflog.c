// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of packets from an NFLOG rule. A rule on a cgroup's traffic copies both directions:
 * what leaves at OUTPUT is FRAME_LOCAL, what arrives is FRAME_CAPTURED. */
#include "source/source.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/reader.h"
#include "source/internal.h"

enum {
	COPY_RANGE = 0xffff,
	KERNEL_BUFFER = 128 << 10, /* one datagram holds several packets, up to this */
	READ_BUFFER = KERNEL_BUFFER + 4096,
	RCVBUF = 8 << 20,
	FLUSH_CENTISECONDS = 2,
	FLUSH_PACKETS = 32,
};

struct nflog_source {
	struct source source;
	uint16_t group;
	bool started; /* next_seq is known */
	uint32_t next_seq;
	uint64_t dropped;
	/* What is left of the datagram before. */
	const struct nlmsghdr *at;
	int left;
	uint8_t buf[READ_BUFFER] __attribute__((aligned(8)));
};

static void nflog_close(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static uint64_t nflog_dropped(const struct source *s)
{
	return ((const struct nflog_source *)s)->dropped;
}

static uint32_t nflog_u32(const struct nlattr *a, uint32_t otherwise)
{
	return a && mnl_attr_get_payload_len(a) >= 4 ? ntohl(mnl_attr_get_u32(a)) : otherwise;
}

/* The length that the IP header states: a copy does not say what was cut off. */
static uint32_t nflog_wire_len(const uint8_t *bytes, uint32_t len)
{
	struct reader r = reader_whole(bytes, len);
	uint8_t first;
	uint16_t total;
	uint32_t wire = 0;

	if (read_u8(&r, &first) && first >> 4 == 4) {
		if (read_skip(&r, 1) && read_u16(&r, &total))
			wire = total;
	} else if (first >> 4 == 6) {
		if (read_skip(&r, 3) && read_u16(&r, &total))
			wire = total ? total + 40U : 0;
	}
	return wire > len ? wire : len;
}

static void nflog_count_seq(struct nflog_source *l, const struct nlattr *a)
{
	if (!a || mnl_attr_get_payload_len(a) < 4)
		return;
	uint32_t seq = ntohl(mnl_attr_get_u32(a));
	if (l->started)
		l->dropped += seq - l->next_seq;
	l->started = true;
	l->next_seq = seq + 1;
}

static bool nflog_frame(struct nflog_source *l, const struct nlmsghdr *h, struct frame *out)
{
	const struct nlattr *at[NFULA_MAX + 1] = { NULL };
	struct nlattr *a;

	if (h->nlmsg_type != ((NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_PACKET) ||
	    h->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return false;
	mnl_attr_for_each (a, h, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) <= NFULA_MAX)
			at[mnl_attr_get_type(a)] = a;
	}
	nflog_count_seq(l, at[NFULA_SEQ]);
	if (!at[NFULA_PAYLOAD])
		return false;
	*out = (struct frame){
		.link = DLT_RAW,
		.bytes = mnl_attr_get_payload(at[NFULA_PAYLOAD]),
		.len = mnl_attr_get_payload_len(at[NFULA_PAYLOAD]),
		.hook = FRAME_CAPTURED,
		.mark = nflog_u32(at[NFULA_MARK], 0),
		.uid = nflog_u32(at[NFULA_UID], UINT32_MAX),
	};
	out->wire_len = nflog_wire_len(out->bytes, out->len);
	struct nfulnl_msg_packet_hdr head;
	if (at[NFULA_PACKET_HDR] &&
	    mnl_attr_get_payload_len(at[NFULA_PACKET_HDR]) >= sizeof(head)) {
		memcpy(&head, mnl_attr_get_payload(at[NFULA_PACKET_HDR]), sizeof(head));
		if (head.hook == NF_INET_LOCAL_OUT)
			out->hook = FRAME_LOCAL;
	}
	struct nfulnl_msg_packet_timestamp ts;
	if (at[NFULA_TIMESTAMP] && mnl_attr_get_payload_len(at[NFULA_TIMESTAMP]) >= sizeof(ts)) {
		memcpy(&ts, mnl_attr_get_payload(at[NFULA_TIMESTAMP]), sizeof(ts));
		out->time_ns =
			source_time_ns((int64_t)be64toh(ts.sec), (int64_t)be64toh(ts.usec) * 1000);
	} else {
		out->time_ns = source_now_ns();
	}
	struct nfulnl_msg_packet_hw hw;
	if (at[NFULA_HWADDR] && mnl_attr_get_payload_len(at[NFULA_HWADDR]) >= sizeof(hw)) {
		memcpy(&hw, mnl_attr_get_payload(at[NFULA_HWADDR]), sizeof(hw));
		if (ntohs(hw.hw_addrlen) == sizeof(out->mac.bytes))
			memcpy(out->mac.bytes, hw.hw_addr, sizeof(out->mac.bytes));
	}
	return true;
}

/* 1 = a datagram is there, 0 = none waits, or -errno. */
static int nflog_fill(struct nflog_source *l)
{
	for (;;) {
		ssize_t n = recv(l->source.fd, l->buf, sizeof(l->buf), MSG_DONTWAIT);

		if (n >= 0) {
			l->at = (const void *)l->buf;
			l->left = (int)n;
			return 1;
		}
		if (errno == EAGAIN)
			return 0;
		/* ENOBUFS: an overrun; the gap in the numbers counts it. */
		if (errno != EINTR && errno != ENOBUFS)
			return -errno;
	}
}

static int nflog_read(struct source *s, unsigned most, void (*each)(void *, const struct frame *),
		      void *ctx, struct error *e)
{
	struct nflog_source *l = (struct nflog_source *)s;
	unsigned n = 0;

	while (n < most) {
		struct frame f;

		if (!mnl_nlmsg_ok(l->at, l->left)) {
			int got = nflog_fill(l);

			if (got == 0 || (got < 0 && n))
				break;
			if (got < 0)
				return error_set(e, got, "nflog: group %u: %s", l->group,
						 strerror(-got));
			continue;
		}
		const struct nlmsghdr *h = l->at;
		l->at = mnl_nlmsg_next(h, &l->left);
		if (!nflog_frame(l, h, &f))
			continue;
		n++;
		each(ctx, &f);
	}
	return (int)n;
}

static struct nlmsghdr *nflog_message(char *buf, uint8_t family, uint16_t group)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = (NFNL_SUBSYS_ULOG << 8) | NFULNL_MSG_CONFIG;
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	g->res_id = htons(group);
	return h;
}

static int nflog_command(int fd, uint8_t family, uint16_t group, uint8_t command)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = nflog_message(buf, family, group);
	const struct nfulnl_msg_config_cmd cmd = { .command = command };

	mnl_attr_put(h, NFULA_CFG_CMD, sizeof(cmd), &cmd);
	return netlink_request(fd, h);
}

static int nflog_configure(int fd, uint16_t group)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = nflog_message(buf, AF_UNSPEC, group);
	const struct nfulnl_msg_config_mode mode = { .copy_range = htonl(COPY_RANGE),
						     .copy_mode = NFULNL_COPY_PACKET };

	mnl_attr_put(h, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(h, NFULA_CFG_NLBUFSIZ, htonl(KERNEL_BUFFER));
	mnl_attr_put_u32(h, NFULA_CFG_TIMEOUT, htonl(FLUSH_CENTISECONDS));
	mnl_attr_put_u32(h, NFULA_CFG_QTHRESH, htonl(FLUSH_PACKETS));
	mnl_attr_put_u16(h, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ));
	return netlink_request(fd, h);
}

static int nflog_bind(int fd, uint16_t group, struct error *e)
{
	/* Does nothing since 3.8 but ask for the privilege, as in queue.c. */
	int err = nflog_command(fd, AF_UNSPEC, 0, NFULNL_CFG_CMD_PF_BIND);

	if (err == -EPERM)
		return error_set(e, -EPERM, "nflog: group %u: needs CAP_NET_ADMIN: run as root",
				 group);
	if (err == -EINVAL || err == -EPROTONOSUPPORT)
		return error_set(e, -EOPNOTSUPP,
				 "nflog: group %u: this kernel has no nfnetlink_log; install the "
				 "module (OpenWrt: kmod-nfnetlink-log)",
				 group);
	if (err < 0 && err != -EBUSY && err != -EEXIST)
		return error_set(e, err, "nflog: group %u: %s", group, strerror(-err));
	err = nflog_command(fd, AF_UNSPEC, group, NFULNL_CFG_CMD_BIND);
	if (err == -EPERM || err == -EBUSY)
		return error_set(e, -EBUSY, "nflog: group %u: another program has it", group);
	if (!err)
		err = nflog_configure(fd, group);
	if (err < 0)
		return error_set(e, err, "nflog: group %u: %s", group, strerror(-err));
	return 0;
}

int source_open_nflog(uint16_t group, struct source **out, struct error *e)
{
	struct nflog_source *l = calloc(1, sizeof(*l));
	int err, one = 1;

	if (!l)
		return error_set(e, -ENOMEM, "nflog: group %u: out of memory", group);
	l->source = (struct source){ .close = nflog_close,
				     .read = nflog_read,
				     .dropped = nflog_dropped };
	l->group = group;
	l->source.fd = netlink_open();
	if (l->source.fd < 0)
		err = error_set(e, l->source.fd, "nflog: group %u: %s", group,
				strerror(-l->source.fd));
	else
		err = nflog_bind(l->source.fd, group, e);
	if (err < 0) {
		nflog_close(&l->source);
		return err;
	}
	setsockopt(l->source.fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	netlink_rcvbuf(l->source.fd, RCVBUF);
	*out = &l->source;
	return 0;
}
