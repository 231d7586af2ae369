// SPDX-License-Identifier: GPL-2.0-or-later
/* NFQUEUE: one recvmmsg for a batch of packets, one send for all their verdicts. */
#define _GNU_SOURCE /* recvmmsg */
#include "source/queue.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/internal.h"

enum {
	BATCH_MAX = 256,
	COPY_MAX = 0xffff - 4, /* an attribute's length is 16 bits and counts its head */
	ATTRS_MAX = 1024,      /* everything in a message but the packet */
	VERDICT_MAX = 64,      /* header, verdict, mark */
	PER_PACKET = 4096,     /* of the socket's buffer, as the kernel charges it */
	RCVBUF_MIN = 1 << 20,
	RCVBUF_MAX = 16 << 20,
	CLOCK_SLACK_S = 60,
};

/* A packet of the batch and its answer so far. */
struct pending {
	uint32_t id, mark;
	enum queue_verdict verdict;
	bool known, set_mark;
};

struct queue {
	int fd, proc; /* proc: the kernel's counters; opened before privileges go */
	uint16_t number;
	unsigned batch, current, count;
	size_t slot; /* bytes of one message buffer */
	uint8_t *slots;
	struct iovec *iov;
	struct mmsghdr *mm;
	struct pending *pending;
	char *out;
	struct queue_counters counters;
};

static int queue_command(int fd, uint16_t number, uint8_t command)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, number);

	nfq_nlmsg_cfg_put_cmd(h, AF_UNSPEC, command);
	return netlink_request(fd, h);
}

static int queue_set_flag(int fd, uint16_t number, uint32_t flags)
{
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, number);

	mnl_attr_put_u32(h, NFQA_CFG_FLAGS, htonl(flags));
	mnl_attr_put_u32(h, NFQA_CFG_MASK, htonl(flags));
	return netlink_request(fd, h);
}

static int queue_missing(const struct queue *q, struct error *e)
{
	return error_set(e, -EOPNOTSUPP,
			 "queue: %u: this kernel has no nfnetlink_queue; install the module "
			 "(OpenWrt: kmod-nfnetlink-queue)",
			 q->number);
}

static int queue_bind(struct queue *q, struct error *e)
{
	/* PF_BIND does nothing since 3.8, but needs the privilege: it tells "may not" from
	 * "somebody else's queue", which the kernel answers with EPERM as well. */
	int err = queue_command(q->fd, 0, NFQNL_CFG_CMD_PF_BIND);

	if (err == -EPERM)
		return error_set(e, -EPERM, "queue: %u: needs CAP_NET_ADMIN: run as root",
				 q->number);
	if (err == -EINVAL || err == -ENOENT || err == -EPROTONOSUPPORT)
		return queue_missing(q, e);
	if (err < 0)
		return error_set(e, err, "queue: %u: %s", q->number, strerror(-err));
	err = queue_command(q->fd, q->number, NFQNL_CFG_CMD_BIND);
	if (err == -EPERM || err == -EBUSY)
		return error_set(e, -EBUSY,
				 "queue: %u: another program has it; stop that one, or set another "
				 "number under [queue] in tacet.conf",
				 q->number);
	if (err < 0)
		return error_set(e, err, "queue: %u: %s", q->number, strerror(-err));
	return 0;
}

static int queue_configure(struct queue *q, const struct queue_options *o, uint32_t copy,
			   struct error *e)
{
	static const uint32_t flags[] = { NFQA_CFG_F_FAIL_OPEN, NFQA_CFG_F_GSO,
					  NFQA_CFG_F_UID_GID };
	char buf[256] __attribute__((aligned(8))) = { 0 };
	struct nlmsghdr *h = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, q->number);
	int one = 1, err;

	nfq_nlmsg_cfg_put_params(h, NFQNL_COPY_PACKET, (int)copy);
	if (o->length)
		nfq_nlmsg_cfg_put_qmaxlen(h, o->length);
	err = netlink_request(q->fd, h);
	if (err < 0)
		return error_set(e, err, "queue: %u: configuration refused: %s", q->number,
				 strerror(-err));
	/* One by one: a kernel that lacks one refuses that one. tacet can do without each. */
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		queue_set_flag(q->fd, q->number, flags[i]);
	/* Without this every overrun is an error to read; the kernel counts them anyway. */
	setsockopt(q->fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &one, sizeof(one));
	uint64_t want = (uint64_t)(o->length ? o->length : 1024) * PER_PACKET;
	netlink_rcvbuf(q->fd, want < RCVBUF_MIN	  ? RCVBUF_MIN
			      : want > RCVBUF_MAX ? RCVBUF_MAX
						  : (int)want);
	return 0;
}

static int queue_allocate(struct queue *q, uint32_t copy)
{
	q->slot = (copy + ATTRS_MAX + 7) & ~(size_t)7;
	q->slots = calloc(q->batch, q->slot);
	q->iov = calloc(q->batch, sizeof(*q->iov));
	q->mm = calloc(q->batch, sizeof(*q->mm));
	q->pending = calloc(q->batch, sizeof(*q->pending));
	q->out = calloc(q->batch, VERDICT_MAX);
	if (!q->slots || !q->iov || !q->mm || !q->pending || !q->out)
		return -ENOMEM;
	for (unsigned i = 0; i < q->batch; i++) {
		q->iov[i] = (struct iovec){ q->slots + i * q->slot, q->slot };
		q->mm[i].msg_hdr.msg_iov = &q->iov[i];
		q->mm[i].msg_hdr.msg_iovlen = 1;
	}
	return 0;
}

int queue_open(const struct queue_options *o, struct queue **out, struct error *e)
{
	uint32_t copy = o->copy_bytes ? o->copy_bytes : COPY_MAX;
	struct queue *q = calloc(1, sizeof(*q));
	int err;

	if (!q)
		return error_set(e, -ENOMEM, "queue: %u: out of memory", o->number);
	if (copy > COPY_MAX)
		copy = COPY_MAX;
	q->number = o->number;
	q->batch = o->batch < 1 ? 1 : o->batch > BATCH_MAX ? BATCH_MAX : o->batch;
	q->proc = -1;
	q->fd = netlink_open();
	if (q->fd < 0) {
		err = q->fd == -EPROTONOSUPPORT
			      ? queue_missing(q, e)
			      : error_set(e, q->fd, "queue: %u: %s", q->number, strerror(-q->fd));
		goto out;
	}
	err = queue_allocate(q, copy);
	if (err < 0) {
		error_set(e, err, "queue: %u: out of memory", q->number);
		goto out;
	}
	err = queue_bind(q, e);
	if (!err)
		err = queue_configure(q, o, copy, e);
	if (err < 0)
		goto out;
	q->proc = open("/proc/net/netfilter/nfnetlink_queue", O_RDONLY | O_CLOEXEC);
	*out = q;
	return 0;
out:
	queue_close(q);
	return err;
}

void queue_close(struct queue *q)
{
	if (!q)
		return;
	if (q->proc >= 0)
		close(q->proc);
	if (q->fd >= 0)
		close(q->fd); /* the kernel lets go what waits: the rules say bypass */
	free(q->out);
	free(q->pending);
	free(q->mm);
	free(q->iov);
	free(q->slots);
	free(q);
}

int queue_fd(const struct queue *q)
{
	return q->fd;
}

static int64_t queue_time(const struct nlattr *a, int64_t now_ns)
{
	struct nfqnl_msg_packet_timestamp ts;

	if (!a || mnl_attr_get_payload_len(a) < sizeof(ts))
		return now_ns;
	memcpy(&ts, mnl_attr_get_payload(a), sizeof(ts));
	int64_t ns = source_time_ns((int64_t)be64toh(ts.sec), (int64_t)be64toh(ts.usec) * 1000);
	/* Between namespaces of one machine a packet may carry a monotonic time. */
	int64_t off = ns - now_ns;
	if (off > CLOCK_SLACK_S * INT64_C(1000000000) || off < -CLOCK_SLACK_S * INT64_C(1000000000))
		return now_ns;
	return ns;
}

static uint32_t queue_u32(const struct nlattr *a, uint32_t otherwise)
{
	return a && mnl_attr_get_payload_len(a) >= 4 ? ntohl(mnl_attr_get_u32(a)) : otherwise;
}

/* What the kernel sent, as a frame. False if there is not even an id to answer. */
static bool queue_frame(const struct nlmsghdr *h, int64_t now_ns, struct frame *out)
{
	const struct nlattr *at[NFQA_MAX + 1] = { NULL };
	struct nlattr *a;

	mnl_attr_for_each (a, h, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) <= NFQA_MAX)
			at[mnl_attr_get_type(a)] = a;
	}
	struct nfqnl_msg_packet_hdr head;
	if (!at[NFQA_PACKET_HDR] || mnl_attr_get_payload_len(at[NFQA_PACKET_HDR]) < sizeof(head))
		return false;
	memcpy(&head, mnl_attr_get_payload(at[NFQA_PACKET_HDR]), sizeof(head));
	*out = (struct frame){
		.link = DLT_RAW,
		.cookie = ntohl(head.packet_id),
		.time_ns = queue_time(at[NFQA_TIMESTAMP], now_ns),
		.hook = head.hook == NF_INET_LOCAL_OUT	   ? FRAME_LOCAL
			: head.hook == NF_INET_PRE_ROUTING ? FRAME_FORWARD
							   : FRAME_BACK,
		.mark = queue_u32(at[NFQA_MARK], 0),
		.uid = queue_u32(at[NFQA_UID], UINT32_MAX),
	};
	if (at[NFQA_PAYLOAD]) {
		out->bytes = mnl_attr_get_payload(at[NFQA_PAYLOAD]);
		out->len = mnl_attr_get_payload_len(at[NFQA_PAYLOAD]);
	}
	out->wire_len = queue_u32(at[NFQA_CAP_LEN], out->len);
	if (out->wire_len < out->len)
		out->wire_len = out->len;
	struct nfqnl_msg_packet_hw hw;
	if (at[NFQA_HWADDR] && mnl_attr_get_payload_len(at[NFQA_HWADDR]) >= sizeof(hw)) {
		memcpy(&hw, mnl_attr_get_payload(at[NFQA_HWADDR]), sizeof(hw));
		if (ntohs(hw.hw_addrlen) == sizeof(out->mac.bytes))
			memcpy(out->mac.bytes, hw.hw_addr, sizeof(out->mac.bytes));
	}
	return true;
}

/* One datagram: one packet. Anything else on this socket is not for us. */
static bool queue_message(struct queue *q, const struct nlmsghdr *h, size_t n, int64_t now_ns,
			  struct frame *out)
{
	struct pending *p = &q->pending[q->current];

	*p = (struct pending){ .verdict = QUEUE_ACCEPT };
	if (!mnl_nlmsg_ok(h, (int)n) ||
	    h->nlmsg_type != ((NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET) ||
	    h->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof(struct nfgenmsg))
		return false;
	if (!queue_frame(h, now_ns, out))
		return false;
	p->id = out->cookie;
	p->known = true;
	return true;
}

void queue_answer(struct queue *q, uint32_t cookie, enum queue_verdict v, bool set_mark,
		  uint32_t mark)
{
	struct pending *p = NULL;

	/* Nearly always the packet that is being handed over now. */
	for (unsigned i = q->current + 1; i-- > 0 && !p;) {
		if (q->pending[i].known && q->pending[i].id == cookie)
			p = &q->pending[i];
	}
	if (!p)
		return;
	p->verdict = v;
	p->set_mark = set_mark;
	p->mark = mark;
}

static bool same_answer(const struct pending *a, const struct pending *b)
{
	return a->verdict == b->verdict && a->set_mark == b->set_mark && a->mark == b->mark;
}

/* For the packet p and all before it that have no verdict yet. */
static char *queue_put_verdict(const struct queue *q, const struct pending *p, char *at)
{
	struct nlmsghdr *h = nfq_nlmsg_put(at, NFQNL_MSG_VERDICT_BATCH, q->number);
	bool drop = p->verdict == QUEUE_DROP;

	nfq_nlmsg_verdict_put(h, (int)p->id, drop ? NF_DROP : NF_ACCEPT);
	if (p->set_mark && !drop)
		nfq_nlmsg_verdict_put_mark(h, p->mark);
	return at + NLMSG_ALIGN(h->nlmsg_len);
}

/* The kernel counts packets up in the order in which it tells of them: neighbours with the same
 * verdict share a message. A packet nobody answered goes on: without a verdict it would hold its
 * slot of the kernel's queue for ever, and a full queue stops the household's traffic. */
static int queue_send_verdicts(struct queue *q, unsigned count)
{
	const struct pending *last = NULL;
	char *at = q->out;

	for (unsigned i = 0; i < count; i++) {
		if (!q->pending[i].known)
			continue;
		if (last && !same_answer(last, &q->pending[i]))
			at = queue_put_verdict(q, last, at);
		last = &q->pending[i];
		q->counters.verdicts++;
	}
	if (last)
		at = queue_put_verdict(q, last, at);
	if (at == q->out)
		return 0;
	while (send(q->fd, q->out, (size_t)(at - q->out), 0) < 0) {
		/* The kernel takes netlink requests in the call; only a signal comes between. */
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

int queue_read(struct queue *q, void (*each)(void *ctx, const struct frame *f), void *ctx)
{
	int got = recvmmsg(q->fd, q->mm, q->batch, MSG_DONTWAIT, NULL), packets = 0;

	if (got < 0) {
		if (errno == EAGAIN || errno == EINTR)
			return 0;
		if (errno == ENOBUFS) {
			q->counters.lost++;
			return 0;
		}
		return -errno;
	}
	if (!got)
		return 0;
	int64_t now_ns = source_now_ns();
	for (q->current = 0; q->current < (unsigned)got; q->current++) {
		struct frame f;
		const void *bytes = q->slots + q->current * q->slot;
		if (!queue_message(q, bytes, q->mm[q->current].msg_len, now_ns, &f))
			continue;
		packets++;
		each(ctx, &f);
	}
	q->current = 0;
	q->counters.batches++;
	q->counters.packets += (unsigned)packets;
	int err = queue_send_verdicts(q, (unsigned)got);
	return err < 0 ? err : packets;
}

void queue_counters(const struct queue *q, struct queue_counters *out)
{
	char buf[8192];
	ssize_t n = -1;

	*out = q->counters;
	if (q->proc >= 0 && lseek(q->proc, 0, SEEK_SET) == 0)
		n = read(q->proc, buf, sizeof(buf) - 1);
	if (n <= 0)
		return;
	buf[n] = '\0';
	char *save = NULL;
	for (char *line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned number, waiting;
		uint64_t dropped, user;
		/* number, port, waiting, copy mode, copy range, dropped, dropped by the socket */
		if (sscanf(line, "%u %*u %u %*u %*u %" SCNu64 " %" SCNu64, &number, &waiting,
			   &dropped, &user) != 4 ||
		    number != q->number)
			continue;
		out->waiting = waiting;
		out->kernel_dropped = dropped;
		out->user_dropped = user;
	}
}
