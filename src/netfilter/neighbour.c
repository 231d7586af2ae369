// SPDX-License-Identifier: GPL-2.0-or-later
/* Looks a link-local address up in the kernel's tables of own addresses and of neighbours. */
#include "netfilter/neighbour.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

struct lookup {
	const struct in6_addr *wanted;
	unsigned found;
};

static void attr_compare(struct lookup *l, const struct nlattr *a, unsigned type, unsigned index)
{
	if (mnl_attr_get_type(a) == type && mnl_attr_get_payload_len(a) == sizeof(*l->wanted) &&
	    memcmp(mnl_attr_get_payload(a), l->wanted, sizeof(*l->wanted)) == 0)
		l->found = index;
}

static int on_message(const struct nlmsghdr *h, void *ctx)
{
	struct lookup *l = ctx;
	struct nlattr *a;

	if (h->nlmsg_type == RTM_NEWADDR) {
		const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
		mnl_attr_for_each (a, h, sizeof(*m))
			attr_compare(l, a, IFA_ADDRESS, m->ifa_index);
	} else if (h->nlmsg_type == RTM_NEWNEIGH) {
		const struct ndmsg *m = mnl_nlmsg_get_payload(h);
		if (m->ndm_state & (NUD_FAILED | NUD_INCOMPLETE))
			return MNL_CB_OK;
		mnl_attr_for_each (a, h, sizeof(*m))
			attr_compare(l, a, NDA_DST, (unsigned)m->ndm_ifindex);
	}
	return MNL_CB_OK;
}

static void dump(struct mnl_socket *nl, uint16_t type, size_t body, struct lookup *l)
{
	char buf[16384] __attribute__((aligned(8)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	ssize_t n;
	int more;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = type;
	/* struct ifaddrmsg and struct ndmsg both begin with the family. */
	*(uint8_t *)mnl_nlmsg_put_extra_header(h, body) = AF_INET6;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return;
	do {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		more = n > 0 ? mnl_cb_run(buf, (size_t)n, type, 0, on_message, l) : MNL_CB_ERROR;
	} while (more == MNL_CB_OK);
}

unsigned neighbour_interface(const struct in6_addr *a)
{
	struct lookup l = { .wanted = a };
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	const struct timeval limit = { .tv_usec = 200000 };

	if (!nl)
		return 0;
	setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0) {
		dump(nl, RTM_GETADDR, sizeof(struct ifaddrmsg), &l);
		if (!l.found)
			dump(nl, RTM_GETNEIGH, sizeof(struct ndmsg), &l);
	}
	mnl_socket_close(nl);
	return l.found;
}
