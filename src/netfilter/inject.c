// SPDX-License-Identifier: GPL-2.0-or-later
/* Raw sockets that take whole IP packets, whatever their source address. */
#define _GNU_SOURCE /* struct in6_pktinfo and friends */
#include "netfilter/inject.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/reader.h"
#include "netfilter/neighbour.h"

struct injector {
	struct raw {
		int fd;
		bool has_mark;
		uint32_t mark; /* what the socket has now */
	} v4, v6;
};

static int raw_open(struct raw *r, int family)
{
	int one = 1, err;

	r->fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
	if (r->fd < 0)
		return -errno;
	/* IPPROTO_RAW means IP_HDRINCL for IPv4; IPv6 has to be asked (Linux 4.5). */
	if (family == AF_INET)
		err = setsockopt(r->fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof(one));
	else
		err = setsockopt(r->fd, IPPROTO_IPV6, IPV6_HDRINCL, &one, sizeof(one));
	return err < 0 ? -errno : 0;
}

int injector_open(struct injector **out, struct error *e)
{
	struct injector *i = calloc(1, sizeof(*i));
	int err;

	if (!i)
		return error_set(e, -ENOMEM, "injector: out of memory");
	i->v6.fd = -1;
	err = raw_open(&i->v4, AF_INET);
	if (!err) {
		err = raw_open(&i->v6, AF_INET6);
		if (err == -EAFNOSUPPORT)
			err = 0;
	}
	if (err) {
		injector_close(i);
		return err == -EPERM
			       ? error_set(e, err, "raw socket: needs CAP_NET_RAW: run as root")
			       : error_set(e, err, "raw socket: %s", strerror(-err));
	}
	*out = i;
	return 0;
}

void injector_close(struct injector *i)
{
	if (!i)
		return;
	if (i->v4.fd >= 0)
		close(i->v4.fd);
	if (i->v6.fd >= 0)
		close(i->v6.fd);
	free(i);
}

static int raw_send(struct raw *r, const uint8_t *ip, size_t n, uint32_t mark,
		    const struct sockaddr *to, socklen_t to_len)
{
	if (r->fd < 0)
		return -EAFNOSUPPORT;
	if (!r->has_mark || r->mark != mark) {
		if (setsockopt(r->fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
			return -errno;
		r->has_mark = true;
		r->mark = mark;
	}
	while (sendto(r->fd, ip, n, MSG_DONTWAIT, to, to_len) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int injector_send(struct injector *i, const uint8_t *ip, size_t n, uint32_t mark)
{
	struct reader r = reader_whole(ip, n);
	uint8_t first;

	if (!read_u8(&r, &first))
		return -EINVAL;
	if (first >> 4 == 4) {
		struct sockaddr_in to = { .sin_family = AF_INET };

		if (n < 20 || !read_skip(&r, 15) || !read_bytes(&r, &to.sin_addr, 4))
			return -EINVAL;
		return raw_send(&i->v4, ip, n, mark, (struct sockaddr *)&to, sizeof(to));
	}
	if (first >> 4 == 6) {
		struct sockaddr_in6 to = { .sin6_family = AF_INET6 };

		if (n < 40 || !read_skip(&r, 23) || !read_bytes(&r, &to.sin6_addr, 16))
			return -EINVAL;
		/* A link-local address means nothing without its link: a household that learns
		 * its resolver from router advertisements often asks one. */
		if (IN6_IS_ADDR_LINKLOCAL(&to.sin6_addr)) {
			to.sin6_scope_id = neighbour_interface(&to.sin6_addr);
			if (!to.sin6_scope_id)
				return -EHOSTUNREACH;
		}
		return raw_send(&i->v6, ip, n, mark, (struct sockaddr *)&to, sizeof(to));
	}
	return -EINVAL;
}
