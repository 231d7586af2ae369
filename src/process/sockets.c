/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sock_diag(7): the user and the inode of one socket, by the addresses of its flow. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "process/internal.h"

struct sockets {
	struct mnl_socket *nl;
	uint32_t seq;
};

struct sockets *sockets_new(void)
{
	struct sockets *s = calloc(1, sizeof *s);
	struct timeval wait = { .tv_usec = 100000 };

	if (!s)
		return NULL;
	s->nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (!s->nl || mnl_socket_bind(s->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		sockets_free(s);
		return NULL;
	}
	/* The kernel answers within the request; this is for the day when it does not. */
	setsockopt(mnl_socket_get_fd(s->nl), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	return s;
}

void sockets_free(struct sockets *s)
{
	if (!s)
		return;
	if (s->nl)
		mnl_socket_close(s->nl);
	free(s);
}

static int take(const struct nlmsghdr *h, void *data)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct socket_owner *out = data;

	if (mnl_nlmsg_get_payload_len(h) < sizeof *m)
		return MNL_CB_ERROR;
	out->uid = m->idiag_uid;
	out->inode = m->idiag_inode;
	return MNL_CB_STOP;
}

bool sockets_find(struct sockets *s, const struct process_flow *f, struct socket_owner *out)
{
	_Alignas(struct nlmsghdr) char buf[512];
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req;
	/* Of UDP the ends change places, "for historical reasons" (net/ipv4/udp_diag.c). */
	bool swapped = f->proto == IPPROTO_UDP;
	struct socket_owner found = { .inode = 0 };
	ssize_t n;

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST;
	h->nlmsg_seq = ++s->seq;
	req = mnl_nlmsg_put_extra_header(h, sizeof *req);
	req->sdiag_family = f->src.family == 6 ? AF_INET6 : AF_INET;
	req->sdiag_protocol = f->proto;
	req->idiag_states = UINT32_MAX;
	req->id.idiag_cookie[0] = req->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	req->id.idiag_sport = htons(swapped ? f->dport : f->sport);
	req->id.idiag_dport = htons(swapped ? f->sport : f->dport);
	memcpy(req->id.idiag_src, swapped ? f->dst.bytes : f->src.bytes, 16);
	memcpy(req->id.idiag_dst, swapped ? f->src.bytes : f->dst.bytes, 16);
	if (mnl_socket_sendto(s->nl, h, h->nlmsg_len) < 0)
		return false;
	n = mnl_socket_recvfrom(s->nl, buf, sizeof buf);
	if (n < 0 ||
	    mnl_cb_run(buf, (size_t)n, s->seq, mnl_socket_get_portid(s->nl), take, &found) < 0)
		return false;
	*out = found;
	return true;
}
