/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script as a capture file. */
#ifndef TOOLS_CAPTURE_H
#define TOOLS_CAPTURE_H

#include <stdio.h>

#include "carry.h"

struct capture {
	FILE *file;
	const struct carrier *carrier;
	struct ends ends; /* as the client sends */
	uint64_t us;
};

static inline void capture_frame(struct capture *c, uint8_t proto, bool from_server,
				 const uint8_t *l4, size_t n)
{
	static uint8_t frame[FRAME_MAX];
	struct out ip = { frame + 100, frame + FRAME_MAX }, link = { frame, frame + 100 };
	struct ends e = c->ends;
	uint32_t head[4];
	size_t link_n, ip_n;

	if (from_server) {
		memcpy(e.addr[0], c->ends.addr[1], 16);
		memcpy(e.addr[1], c->ends.addr[0], 16);
	}
	if (c->carrier->v6)
		put_ip6(&ip, &e, c->carrier->ip, proto, n);
	else
		put_ip4(&ip, &e, c->carrier->ip, proto, n);
	put(&ip, l4, n);
	ip_n = (size_t)(ip.at - frame) - 100;
	put_link(&link, c->carrier, from_server, ip_n);
	link_n = (size_t)(link.at - frame);
	c->us += 1000;
	head[0] = (uint32_t)(c->us / 1000000);
	head[1] = (uint32_t)(c->us % 1000000);
	head[2] = head[3] = (uint32_t)(link_n + ip_n);
	fwrite(head, sizeof head, 1, c->file);
	fwrite(frame, link_n, 1, c->file);
	fwrite(frame + 100, ip_n, 1, c->file);
}

static inline struct ends turned(const struct ends *e)
{
	struct ends t = { .v6 = e->v6, .port = { e->port[1], e->port[0] } };

	memcpy(t.addr[0], e->addr[1], 16);
	memcpy(t.addr[1], e->addr[0], 16);
	return t;
}

static inline void capture_tcp(struct capture *c, bool from_server, const struct tcp *t,
			       const void *p, size_t n)
{
	static uint8_t b[FRAME_MAX];
	struct ends e = from_server ? turned(&c->ends) : c->ends;
	struct out o = { b, b + sizeof b };

	put_tcp(&o, &e, t, p, n);
	capture_frame(c, 6, from_server, b, (size_t)(o.at - b));
}

/* Handshake, the steps, and an answer at the end. */
static inline void capture_stream(struct capture *c, const struct script *s)
{
	const uint32_t theirs = 0x87654321;
	struct tcp t = { .seq = s->isn, .flags = SYN, .timestamps = s->timestamps }, back;
	size_t i = 0;

	if (!s->no_syn) {
		capture_tcp(c, false, &t, s->pool + s->steps[0].at,
			    s->syn_data ? s->steps[0].n : 0);
		i = s->syn_data;
		back = (struct tcp){ .seq = theirs,
				     .ack = s->isn + 1 + (uint32_t)(i ? s->steps[0].n : 0),
				     .flags = SYN | ACK };
		if (!s->no_server)
			capture_tcp(c, true, &back, NULL, 0);
		t = (struct tcp){ s->isn + 1, theirs + 1, ACK, s->timestamps, 0 };
		capture_tcp(c, false, &t, NULL, 0);
	}
	for (; i < s->count; i++) {
		const struct step *step = &s->steps[i];

		if (!step->n)
			continue;
		t = (struct tcp){ s->isn + 1 + (uint32_t)step->seq, theirs + 1, ACK | PSH,
				  s->timestamps, 0 };
		if (step->fin)
			t.flags |= FIN;
		capture_tcp(c, false, &t, s->pool + step->at, step->n);
	}
	if (s->no_server || s->quiet_end)
		return;
	back = (struct tcp){ theirs + 1, s->isn + 1 + (uint32_t)s->total, ACK | PSH, false, 0 };
	capture_tcp(c, true, &back, "\x15\x03\x03\0\2\2\x28", 7);
}

static inline bool capture_open(struct capture *c, const char *path, const struct carrier *carrier)
{
	static const uint32_t head[6] = { 0xa1b2c3d4, 4 << 16 | 2, 0, 0, 65535, 1 };

	*c = (struct capture){ fopen(path, "wb"), carrier, { 0 }, 1767225600000000 };
	return c->file && fwrite(head, sizeof head, 1, c->file);
}

static inline bool capture_close(struct capture *c)
{
	bool failed = ferror(c->file);

	return !fclose(c->file) && !failed;
}

static inline void capture_script(struct capture *c, const struct script *s)
{
	uint8_t b[8 + 4096];

	if (s->proto == 6)
		capture_stream(c, s);
	for (size_t i = 0; s->proto == 17 && i < s->count; i++) {
		const struct step *step = &s->steps[i];
		struct ends e = step->from_server ? turned(&c->ends) : c->ends;
		struct out o = { b, b + sizeof b };

		put_udp(&o, &e, s->pool + step->at, step->n);
		capture_frame(c, 17, step->from_server, b, (size_t)(o.at - b));
	}
}

#endif
