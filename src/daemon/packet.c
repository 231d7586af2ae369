/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the engine's action to the kernel's verdict. */
#include "daemon/daemon.h"

static void inject(struct daemon *d, const uint8_t *ip, size_t n, enum rules_mark mark)
{
	if (ip && injector_send(d->injector, ip, n, rules_mark(d->rules, 0, mark)))
		d->inject_failed++;
}

void daemon_packet(void *ctx, const struct frame *f)
{
	struct daemon *d = ctx;
	struct action a;

	d->in_batch = true;
	a = engine_frame(d->engine, f);

	switch (a.kind) {
	case ACTION_PASS:
		queue_answer(d->queue, f->cookie, QUEUE_ACCEPT, false, 0);
		return;
	case ACTION_KEEP:
		queue_answer(d->queue, f->cookie, QUEUE_ACCEPT, true,
			     rules_mark(d->rules, f->mark, MARK_KEEP));
		return;
	case ACTION_DROP:
	case ACTION_LATE:
	case ACTION_RESET:
	case ACTION_UNREACH:
	case ACTION_ANSWER:
		/* Not by rules that REJECT: the kernel rations its ICMP errors, and every packet
		 * of the film would pass them. */
		queue_answer(d->queue, f->cookie, QUEUE_DROP, false, 0);
		inject(d, a.reply, a.reply_len, MARK_ANSWER);
		inject(d, a.to_server, a.to_server_len, MARK_OWN);
		return;
	}
}

void daemon_late(struct daemon *d)
{
	struct action a;

	while (engine_late(d->engine, &a))
		inject(d, a.reply, a.reply_len, MARK_ANSWER);
}

static void counted(struct daemon *d, const struct conntrack_end *end, bool ended)
{
	struct engine_count c = {
		.proto = end->proto,
		.src = end->src,
		.dst = end->dst,
		.sport = end->sport,
		.dport = end->dport,
		.packets_out = end->packets_out,
		.bytes_out = end->bytes_out,
		.packets_in = end->packets_in,
		.bytes_in = end->bytes_in,
		.ended = ended,
	};

	if (engine_flow_counted(d->engine, &c, clock_now_ns()) && d->rules)
		conntrack_mark(d->conntrack, end, rules_mark_before(d->rules),
			       rules_mark_mask(d->rules));
}

void daemon_flow_end(void *ctx, const struct conntrack_end *end)
{
	counted(ctx, end, true);
}

void daemon_flow_figures(void *ctx, const struct conntrack_end *end)
{
	counted(ctx, end, false);
}
