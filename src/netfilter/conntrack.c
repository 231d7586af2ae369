// SPDX-License-Identifier: GPL-2.0-or-later
/* Conntrack entries over netlink: their ends, their present figures, their marks. */
#define _GNU_SOURCE /* recvmmsg */
#include "netfilter/conntrack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
	RCVBUF = 8 << 20, /* ends of a quarter of a second, at 20,000 flows a second */
	MESSAGES = 16384, /* a datagram of the kernel's */
	ANSWER_MS = 2000,
	ENDS = 64,  /* datagrams a conntrack_read: a storm must not keep the packets waiting */
	END = 1024, /* bytes of one: an entry of two tuples, counters and mark is a third of it */
};

static const char acct_path[] = "/proc/sys/net/netfilter/nf_conntrack_acct";

struct conntrack {
	struct mnl_socket *nl;
	uint32_t mask;
	uint64_t lost;
};

/* Where the entries of one datagram go. */
struct sink {
	uint32_t mask;
	void (*each)(void *ctx, const struct conntrack_end *e);
	void *ctx;
	int count;
};

static struct mnl_socket *nl_open(void)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	const struct timeval limit = { .tv_sec = ANSWER_MS / 1000 };

	if (!nl)
		return NULL;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		int err = errno;
		mnl_socket_close(nl);
		errno = err;
		return NULL;
	}
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	return nl;
}

static bool end_fill(const struct nf_conntrack *ct, struct conntrack_end *out)
{
	*out = (struct conntrack_end){
		.proto = nfct_get_attr_u8(ct, ATTR_ORIG_L4PROTO),
		.sport = ntohs(nfct_get_attr_u16(ct, ATTR_ORIG_PORT_SRC)),
		.dport = ntohs(nfct_get_attr_u16(ct, ATTR_ORIG_PORT_DST)),
		.mark = nfct_get_attr_u32(ct, ATTR_MARK),
		.packets_out = nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_PACKETS),
		.bytes_out = nfct_get_attr_u64(ct, ATTR_ORIG_COUNTER_BYTES),
		.packets_in = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_PACKETS),
		.bytes_in = nfct_get_attr_u64(ct, ATTR_REPL_COUNTER_BYTES),
	};
	switch (nfct_get_attr_u8(ct, ATTR_ORIG_L3PROTO)) {
	case AF_INET:
		out->src = addr_v4(nfct_get_attr(ct, ATTR_ORIG_IPV4_SRC));
		out->dst = addr_v4(nfct_get_attr(ct, ATTR_ORIG_IPV4_DST));
		return true;
	case AF_INET6:
		out->src = addr_v6(nfct_get_attr(ct, ATTR_ORIG_IPV6_SRC));
		out->dst = addr_v6(nfct_get_attr(ct, ATTR_ORIG_IPV6_DST));
		return true;
	default:
		return false;
	}
}

static int on_entry(const struct nlmsghdr *h, void *ctx)
{
	struct nf_conntrack *ct = nfct_new();
	struct sink *s = ctx;
	struct conntrack_end end;

	if (ct && nfct_nlmsg_parse(h, ct) == 0 && end_fill(ct, &end) && end.mark & s->mask) {
		s->count++;
		s->each(s->ctx, &end);
	}
	if (ct)
		nfct_destroy(ct);
	return MNL_CB_OK;
}

int conntrack_open(uint32_t mark_mask, struct conntrack **out, struct error *e)
{
	struct conntrack *c = calloc(1, sizeof(*c));
	int group = NFNLGRP_CONNTRACK_DESTROY, size = RCVBUF, err;

	if (!c)
		return error_set(e, -ENOMEM, "conntrack: out of memory");
	c->mask = mark_mask;
	c->nl = nl_open();
	if (!c->nl || mnl_socket_setsockopt(c->nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))) {
		err = -errno;
		error_set(e, err, "conntrack: %s",
			  err == -EPERM	   ? "needs CAP_NET_ADMIN: run as root"
			  : err == -ENOENT ? "this kernel tells of no connections; load the module "
					     "nf_conntrack_netlink"
					   : strerror(-err));
		goto out;
	}
	int fd = mnl_socket_get_fd(c->nl);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*out = c;
	return 0;
out:
	conntrack_close(c);
	return err;
}

void conntrack_close(struct conntrack *c)
{
	if (!c)
		return;
	if (c->nl)
		mnl_socket_close(c->nl);
	free(c);
}

int conntrack_fd(const struct conntrack *c)
{
	return mnl_socket_get_fd(c->nl);
}

uint64_t conntrack_lost(const struct conntrack *c)
{
	return c->lost;
}

int conntrack_read(struct conntrack *c, void (*each)(void *ctx, const struct conntrack_end *e),
		   void *ctx)
{
	char buf[ENDS][END] __attribute__((aligned(8)));
	struct sink s = { .mask = c->mask, .each = each, .ctx = ctx };
	struct mmsghdr mm[ENDS] = { 0 };
	struct iovec iov[ENDS];
	int n;

	for (int i = 0; i < ENDS; i++) {
		iov[i] = (struct iovec){ .iov_base = buf[i], .iov_len = END };
		mm[i].msg_hdr.msg_iov = &iov[i];
		mm[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(mnl_socket_get_fd(c->nl), mm, ENDS, MSG_DONTWAIT, NULL);
	if (n < 0 && errno == ENOBUFS) {
		c->lost++; /* an overrun: at least one end is lost, how many is not said */
		return 1;
	}
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (int i = 0; i < n; i++)
		mnl_cb_run(buf[i], mm[i].msg_len, 0, 0, on_entry, &s);
	return n;
}

static struct nlmsghdr *ct_message(char *buf, uint16_t type, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *g;

	h->nlmsg_type = (uint16_t)((NFNL_SUBSYS_CTNETLINK << 8) | type);
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = 1;
	g = mnl_nlmsg_put_extra_header(h, sizeof(*g));
	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	return h;
}

/* All entries whose mark under filter_mask is filter_value (filter_mask 0: all) through cb.
 * -EINTR comes from a table that changed while it was walked; what came is used. */
static int ct_dump(struct mnl_socket *nl, uint32_t filter_value, uint32_t filter_mask, mnl_cb_t cb,
		   void *ctx)
{
	char buf[MESSAGES] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = ct_message(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC);
	int more;

	if (filter_mask) {
		mnl_attr_put_u32(h, CTA_MARK, htonl(filter_value));
		mnl_attr_put_u32(h, CTA_MARK_MASK, htonl(filter_mask));
	}
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (n < 0 && errno == EINTR) {
			more = MNL_CB_OK;
			continue;
		}
		if (n < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), cb, ctx);
		if (more < 0 && errno != EINTR)
			return -errno;
		if (more < 0)
			more = MNL_CB_OK;
	} while (more == MNL_CB_OK);
	return 0;
}

int conntrack_dump(struct conntrack *c, void (*each)(void *ctx, const struct conntrack_end *e),
		   void *ctx)
{
	struct sink s = { .mask = c->mask, .each = each, .ctx = ctx };
	struct mnl_socket *nl = nl_open();
	int err;

	if (!nl)
		return -errno;
	err = ct_dump(nl, 0, 0, on_entry, &s);
	mnl_socket_close(nl);
	return err < 0 ? err : s.count;
}

/* Entries whose mark is to be changed. */
struct clearing {
	struct mnl_socket *nl; /* not the socket of the walk: that one's answers are entries */
	uint32_t bits, value, mask;
	int count;
};

/* Only the bits of mask: others may write theirs at the same time. */
static int mark_send(struct mnl_socket *nl, const struct nf_conntrack *key, uint32_t mark,
		     uint32_t mask)
{
	char buf[1024] __attribute__((aligned(8))) = { 0 }; /* padding goes to the kernel too */
	struct nlmsghdr *h =
		ct_message(buf, IPCTNL_MSG_CT_NEW, 0, nfct_get_attr_u8(key, ATTR_ORIG_L3PROTO));

	if (nfct_nlmsg_build(h, key) < 0)
		return -errno;
	mnl_attr_put_u32(h, CTA_MARK, htonl(mark));
	mnl_attr_put_u32(h, CTA_MARK_MASK, htonl(mask));
	return mnl_socket_sendto(nl, h, h->nlmsg_len) < 0 ? -errno : 0;
}

static bool clear_mark(struct clearing *c, const struct nf_conntrack *ct, struct nf_conntrack *key)
{
	nfct_copy(key, ct, NFCT_CP_ORIG);
	if (nfct_attr_is_set(ct, ATTR_ZONE))
		nfct_set_attr_u16(key, ATTR_ZONE, nfct_get_attr_u16(ct, ATTR_ZONE));
	return mark_send(c->nl, key, 0, c->bits) == 0;
}

int conntrack_mark(struct conntrack *c, const struct conntrack_end *flow, uint32_t mark,
		   uint32_t mask)
{
	struct nf_conntrack *key = nfct_new();
	int err;

	if (!key)
		return -ENOMEM;
	if (flow->src.family == 4) {
		nfct_set_attr_u8(key, ATTR_ORIG_L3PROTO, AF_INET);
		nfct_set_attr(key, ATTR_ORIG_IPV4_SRC, flow->src.bytes);
		nfct_set_attr(key, ATTR_ORIG_IPV4_DST, flow->dst.bytes);
	} else {
		nfct_set_attr_u8(key, ATTR_ORIG_L3PROTO, AF_INET6);
		nfct_set_attr(key, ATTR_ORIG_IPV6_SRC, flow->src.bytes);
		nfct_set_attr(key, ATTR_ORIG_IPV6_DST, flow->dst.bytes);
	}
	nfct_set_attr_u8(key, ATTR_ORIG_L4PROTO, flow->proto);
	nfct_set_attr_u16(key, ATTR_ORIG_PORT_SRC, htons(flow->sport));
	nfct_set_attr_u16(key, ATTR_ORIG_PORT_DST, htons(flow->dport));
	err = mark_send(c->nl, key, mark, mask);
	nfct_destroy(key);
	return err;
}

static int on_marked(const struct nlmsghdr *h, void *ctx)
{
	struct nf_conntrack *ct = nfct_new(), *key = nfct_new();
	struct clearing *c = ctx;

	/* Compared again: not every kernel filters a dump. */
	if (ct && key && nfct_nlmsg_parse(h, ct) == 0 &&
	    (nfct_get_attr_u32(ct, ATTR_MARK) & c->mask) == c->value)
		c->count += clear_mark(c, ct, key);
	if (key)
		nfct_destroy(key);
	if (ct)
		nfct_destroy(ct);
	return MNL_CB_OK;
}

int conntrack_clear(uint32_t bits, uint32_t filter_value, uint32_t filter_mask, struct error *e)
{
	struct mnl_socket *walk = nl_open();
	struct clearing c = {
		.nl = nl_open(), .bits = bits, .value = filter_value, .mask = filter_mask
	};
	int err = -errno;

	if (walk && c.nl)
		err = ct_dump(walk, filter_value, filter_mask, on_marked, &c);
	if (c.nl)
		mnl_socket_close(c.nl);
	if (walk)
		mnl_socket_close(walk);
	if (err < 0)
		return error_set(e, err, "conntrack: marks of before cannot be cleared: %s",
				 strerror(-err));
	return c.count;
}

int conntrack_accounting(struct error *e)
{
	char now = '0';
	int fd = open(acct_path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return error_set(e, -errno, "conntrack: %s: %s; flows are shown without bytes",
				 acct_path, strerror(errno));
	err = read(fd, &now, 1) == 1 ? 0 : -EIO;
	close(fd);
	if (!err && now == '1')
		return 0;
	fd = open(acct_path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1\n", 2) != 2)
		err = -errno;
	else
		err = 0;
	if (fd >= 0)
		close(fd);
	if (err)
		return error_set(e, err, "conntrack: %s: %s; set it to 1 for bytes of flows",
				 acct_path, strerror(-err));
	return 0;
}
