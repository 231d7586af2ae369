// SPDX-License-Identifier: GPL-2.0-or-later
/* What NFQUEUE and NFLOG share: the netlink socket and its set-up requests. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/internal.h"

enum { ACK_MS = 2000 };

int netlink_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);

	if (fd < 0)
		return -errno;
	/* Bind for a port number of our own: nfnetlink_queue shows it in /proc. */
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0) {
		int err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int netlink_request(int fd, struct nlmsghdr *request)
{
	static unsigned seq;
	char buf[8192] __attribute__((aligned(8)));

	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = ++seq;
	if (send(fd, request, request->nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int ready = poll(&p, 1, ACK_MS);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return ready ? -errno : -ETIMEDOUT;
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == ENOBUFS))
			continue;
		if (n < 0)
			return -errno;
		int left = (int)n;
		for (const struct nlmsghdr *h = (const void *)buf; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq != seq ||
			    mnl_nlmsg_get_payload_len(h) < sizeof(struct nlmsgerr))
				continue;
			const struct nlmsgerr *answer = mnl_nlmsg_get_payload(h);
			return answer->error;
		}
	}
}

void netlink_rcvbuf(int fd, int n)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &n, sizeof(n)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n, sizeof(n));
}
