/* SPDX-License-Identifier: GPL-2.0-or-later */
/* acceptall QUEUE [MARK]: the least program that can sit on an NFQUEUE, to measure tacet against:
 * receives in batches, accepts everything, and gives MARK to the first packets with payload, so
 * that rules can keep the rest of a flow in the kernel. Prints its counts when it is ended. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, COPY = 1500, SLOT = 4096 };

struct accepter {
	struct mnl_socket *nl;
	uint16_t queue;
	uint32_t mark;
	uint64_t packets, batches;
	char *out; /* verdicts of the batch */
	size_t out_len;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "acceptall: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void configure(struct accepter *a)
{
	uint32_t flags = NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN;
	int one = 1, rc;
	char buf[1024];
	struct nlmsghdr *h = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, a->queue);

	h->nlmsg_flags |= NLM_F_ACK;
	setsockopt(mnl_socket_get_fd(a->nl), SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof one);
	nfq_nlmsg_cfg_put_cmd(h, AF_INET, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(h, NFQNL_COPY_PACKET, COPY);
	nfq_nlmsg_cfg_put_qmaxlen(h, 4096);
	mnl_attr_put_u32(h, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(h, NFQA_CFG_MASK, htonl(flags));
	if (mnl_socket_sendto(a->nl, h, h->nlmsg_len) < 0)
		die("bind");
	rc = (int)mnl_socket_recvfrom(a->nl, buf, sizeof buf);
	if (rc < 0 || mnl_cb_run(buf, (size_t)rc, 0, 0, NULL, NULL) < 0)
		die("bind");
}

/* Does this IP packet carry more than TCP's or UDP's header? */
static bool has_payload(const uint8_t *p, size_t n)
{
	size_t head = n > 40 && p[0] >> 4 == 6 ? 40 : (p[0] & 15u) * 4;
	uint8_t proto = head == 40 && p[0] >> 4 == 6 ? p[6] : p[9];

	if (n < head + 20)
		return false;
	head += proto == IPPROTO_TCP ? (p[head + 12] >> 4) * 4u : 8u;
	return n > head;
}

static void answer(struct accepter *a, const struct nlmsghdr *h)
{
	struct nlattr *attr[NFQA_MAX + 1] = { NULL };
	const struct nfqnl_msg_packet_hdr *ph;
	struct nlmsghdr *v;

	if (nfq_nlmsg_parse(h, attr) < 0 || !attr[NFQA_PACKET_HDR])
		return;
	ph = mnl_attr_get_payload(attr[NFQA_PACKET_HDR]);
	v = nfq_nlmsg_put(a->out + a->out_len, NFQNL_MSG_VERDICT, a->queue);
	nfq_nlmsg_verdict_put(v, (int)ntohl(ph->packet_id), NF_ACCEPT);
	if (a->mark && attr[NFQA_PAYLOAD] &&
	    has_payload(mnl_attr_get_payload(attr[NFQA_PAYLOAD]),
			mnl_attr_get_payload_len(attr[NFQA_PAYLOAD])))
		nfq_nlmsg_verdict_put_mark(v, a->mark);
	a->out_len += MNL_ALIGN(v->nlmsg_len);
	a->packets++;
}

static void take_batch(struct accepter *a, struct mmsghdr *msgs)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov = { a->out, 0 };
	struct msghdr m = {
		.msg_name = &kernel, .msg_namelen = sizeof kernel, .msg_iov = &iov, .msg_iovlen = 1
	};
	int n = recvmmsg(mnl_socket_get_fd(a->nl), msgs, BATCH, MSG_WAITFORONE, NULL);

	if (n < 0 && errno != EINTR && errno != ENOBUFS)
		die("receive");
	a->out_len = 0;
	for (int i = 0; i < n; i++) {
		const struct nlmsghdr *h = msgs[i].msg_hdr.msg_iov->iov_base;
		int left = (int)msgs[i].msg_len;

		for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
			if ((h->nlmsg_type & 0xff) == NFQNL_MSG_PACKET)
				answer(a, h);
	}
	a->batches++;
	iov.iov_len = a->out_len;
	if (a->out_len && sendmsg(mnl_socket_get_fd(a->nl), &m, 0) < 0)
		die("verdicts");
}

int main(int argc, char **argv)
{
	static char in[BATCH][SLOT], out[BATCH * 128];
	struct accepter a = { .out = out };
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sigaction act = { .sa_handler = stop };

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: acceptall QUEUE [MARK]\n");
		return 2;
	}
	a.queue = (uint16_t)atoi(argv[1]);
	a.mark = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ in[i], SLOT };
		msgs[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i], .msg_iovlen = 1 } };
	}
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGINT, &act, NULL);
	a.nl = mnl_socket_open(NETLINK_NETFILTER);
	if (!a.nl || mnl_socket_bind(a.nl, 0, MNL_SOCKET_AUTOPID) < 0)
		die("netlink");
	configure(&a);
	printf("ready\n");
	fflush(stdout);
	while (!stopped)
		take_batch(&a, msgs);
	printf("packets=%llu batches=%llu\n", (unsigned long long)a.packets,
	       (unsigned long long)a.batches);
	mnl_socket_close(a.nl);
	return 0;
}
