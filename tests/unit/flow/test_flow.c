/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flow table: directions, lives, ages, bounds. */
#include <string.h>

#include "flow/flow.h"
#include "packets.h"
#include "suite.h"

#define SECOND 1000000000LL

static struct flow gone[64];
static unsigned gone_count;

static void on_gone(void *ctx, struct flow *f)
{
	(void)ctx;
	ck_assert_uint_lt(gone_count, 64);
	gone[gone_count++] = *f;
}

static struct flow_table *table(uint32_t max, struct names **out_names)
{
	struct flow_options o = { .max = max,
				  .tcp_idle_ms = 60000,
				  .udp_idle_ms = 10000,
				  .closing_ms = 2000,
				  .kept_ms = 600000 };

	gone_count = 0;
	*out_names = names_new(max);
	return flow_table_new(&o, *out_names, on_gone, NULL);
}

static struct flow *feed(struct flow_table *t, const struct frame *f, unsigned *end)
{
	struct packet p;

	ck_assert_int_eq(decode_frame(f, &p), DECODE_OK);
	return flow_table_packet(t, &p, end);
}

START_TEST(both_directions_are_one_flow)
{
	struct names *names;
	struct flow_table *t = table(8, &names);
	struct flow *f, *again;
	unsigned a, b;
	struct built k;

	f = feed(t, build_tcp(&k, 1, "192.168.1.2", 50000, "203.0.113.7", 443, TCP_SYN, 7, NULL, 0),
		 &a);
	again = feed(t,
		     build_tcp(&k, 2, "203.0.113.7", 443, "192.168.1.2", 50000, TCP_SYN | TCP_ACK,
			       9, NULL, 0),
		     &b);
	ck_assert_ptr_eq(f, again);
	ck_assert_uint_ne(a, b);
	ck_assert_uint_eq(f->opener, a);
	ck_assert_uint_eq(f->packets[0], 1);
	ck_assert_uint_eq(f->packets[1], 1);
	ck_assert_uint_eq(f->bytes[0], 40);
	ck_assert_int_eq(f->first_ns, 1);
	ck_assert_int_eq(f->last_ns, 2);
	struct addr src = flow_addr(f, f->opener);
	char text[ADDR_TEXT_MAX];
	ck_assert_str_eq(addr_format(&src, text), "192.168.1.2");
	flow_table_flush(t);
	ck_assert_uint_eq(gone_count, 1);
	flow_table_free(t);
	names_free(names);
}
END_TEST

START_TEST(a_syn_ack_first_tells_the_opener)
{
	struct names *names;
	struct flow_table *t = table(8, &names);
	struct built k;
	unsigned end;
	struct flow *f = feed(t,
			      build_tcp(&k, 1, "203.0.113.7", 8443, "192.168.1.2", 50000,
					TCP_SYN | TCP_ACK, 9, NULL, 0),
			      &end);

	ck_assert_uint_eq(f->opener, !end);
	ck_assert_uint_eq(f->packets[1], 1);
	ck_assert(f->saw_syn);
	ck_assert_uint_eq(f->isn, 0); /* acknowledged: 1 */
	/* Without any SYN the well-known port is the server's, until somebody knows better. */
	f = feed(t, build_tcp(&k, 1, "203.0.113.7", 443, "192.168.1.2", 50001, TCP_ACK, 9, "x", 1),
		 &end);
	ck_assert_uint_eq(f->opener, !end);
	ck_assert(!f->sure_opener);
	flow_set_opener(f, end);
	ck_assert_uint_eq(f->packets[0], 1);
	ck_assert_uint_eq(f->packets[1], 0);
	flow_table_free(t);
	names_free(names);
}
END_TEST

START_TEST(a_new_syn_is_a_new_life)
{
	struct names *names;
	struct flow_table *t = table(8, &names);
	struct built k;
	unsigned end;
	struct flow *f;
	uint32_t id;

	f = feed(t, build_tcp(&k, 1, "10.0.0.2", 50000, "203.0.113.7", 443, TCP_SYN, 7, NULL, 0),
		 &end);
	id = f->id;
	f = feed(t, build_tcp(&k, 2, "10.0.0.2", 50000, "203.0.113.7", 443, TCP_SYN, 7, NULL, 0),
		 &end);
	ck_assert_uint_eq(f->id, id); /* the same SYN again */
	f = feed(t, build_tcp(&k, 3, "10.0.0.2", 50000, "203.0.113.7", 443, TCP_SYN, 8000, NULL, 0),
		 &end);
	ck_assert_uint_ne(f->id, id);
	ck_assert_uint_eq(gone_count, 1);
	ck_assert_uint_eq(gone[0].packets[0], 2);
	ck_assert_uint_eq(flow_table_created(t), 2);
	flow_table_free(t);
	names_free(names);
}
END_TEST

/* A capture may have lost the order of a connection's packets. */
START_TEST(a_late_syn_is_of_the_same_life)
{
	struct names *names;
	struct flow_table *t = table(8, &names);
	struct flow *f;
	struct built k;
	unsigned end;

	for (unsigned port = 0; port < 2; port++) {
		f = feed(t,
			 build_tcp(&k, 1, "192.168.1.2", 50000 + port, "203.0.113.7", 443, TCP_ACK,
				   108, "x", 1),
			 &end);
		f->stage = FLOW_WAITING;
		ck_assert(!f->saw_syn);
		/* Another one comes from elsewhere in the space of sequence numbers. */
		f = feed(t,
			 build_tcp(&k, 2, "192.168.1.2", 50000 + port, "203.0.113.7", 443, TCP_SYN,
				   port ? 7000000 : 7, NULL, 0),
			 &end);
		ck_assert(f->saw_syn);
		ck_assert_uint_eq(f->isn, port ? 7000000 : 7);
		ck_assert_uint_eq(f->packets[0], port ? 1 : 2);
	}
	ck_assert_uint_eq(gone_count, 1);
	flow_table_flush(t);
	flow_table_free(t);
	names_free(names);
}
END_TEST

START_TEST(idle_flows_end_and_busy_ones_stay)
{
	struct names *names;
	struct flow_table *t = table(8, &names);
	struct built k;
	unsigned end;
	struct flow *kept;

	feed(t, build_udp(&k, 0, "10.0.0.2", 1111, "203.0.113.7", 2222, "x", 1), &end);
	feed(t, build_udp(&k, 0, "10.0.0.2", 1112, "203.0.113.7", 2222, "x", 1), &end);
	kept = feed(t, build_udp(&k, 0, "10.0.0.2", 1113, "203.0.113.7", 2222, "x", 1), &end);
	kept->kept = true;
	feed(t, build_udp(&k, 8 * SECOND, "10.0.0.2", 1112, "203.0.113.7", 2222, "x", 1), &end);
	flow_table_tick(t, 9 * SECOND);
	ck_assert_uint_eq(gone_count, 0);
	flow_table_tick(t, 11 * SECOND);
	ck_assert_uint_eq(gone_count, 1);
	ck_assert_uint_eq(flow_table_now(t), 2);
	flow_table_tick(t, 30 * SECOND);
	ck_assert_uint_eq(flow_table_now(t), 1); /* the kernel keeps the third */
	flow_table_tick(t, 700 * SECOND);
	ck_assert_uint_eq(flow_table_now(t), 0);
	flow_table_free(t);
	names_free(names);
}
END_TEST

START_TEST(a_full_table_evicts_the_idlest)
{
	struct names *names;
	struct flow_table *t = table(4, &names);
	struct built k;
	unsigned end;

	for (unsigned i = 0; i < 4; i++)
		feed(t,
		     build_udp(&k, i * 2 * SECOND, "10.0.0.2", 41000 + i, "203.0.113.7", 2222, "x",
			       1),
		     &end);
	feed(t, build_udp(&k, 9 * SECOND, "10.0.0.2", 41000, "203.0.113.7", 2222, "x", 1), &end);
	feed(t, build_udp(&k, 9 * SECOND, "10.0.0.2", 2000, "203.0.113.7", 2222, "x", 1), &end);
	ck_assert_uint_eq(gone_count, 1);
	ck_assert_uint_eq(gone[0].key.ports[gone[0].opener], 41001);
	ck_assert_uint_eq(flow_table_evicted(t), 1);
	ck_assert_uint_eq(flow_table_now(t), 4);
	flow_table_free(t);
	names_free(names);
}
END_TEST

static void count_one(void *ctx, const struct flow *f)
{
	(void)f;
	++*(unsigned *)ctx;
}

START_TEST(flows_are_found_and_listed)
{
	struct names *names;
	struct flow_table *t = table(4, &names);
	struct addr src, dst;
	unsigned end, from, n = 0;
	struct built k;
	struct flow *f =
		feed(t, build_udp(&k, 0, "fd00::2", 1000, "2001:db8::7", 443, "x", 1), &from);

	addr_parse("fd00::2", &src);
	addr_parse("2001:db8::7", &dst);
	ck_assert_ptr_eq(flow_table_find(t, IPPROTO_UDP, &src, 1000, &dst, 443, &end), f);
	ck_assert_uint_eq(end, from);
	ck_assert_ptr_null(flow_table_find(t, IPPROTO_TCP, &src, 1000, &dst, 443, &end));
	flow_table_each(t, count_one, &n);
	ck_assert_uint_eq(n, 1);
	flow_table_end(t, f);
	ck_assert_uint_eq(flow_table_now(t), 0);
	flow_table_free(t);
	names_free(names);
}
END_TEST

static void on_kept(void *ctx, const struct flow *f)
{
	unsigned *ports = ctx;

	ports[0]++;
	ports[1] += f->key.ports[f->opener];
}

START_TEST(kept_flows_are_walked_in_pieces)
{
	struct names *names;
	struct flow_table *t = table(16, &names);
	unsigned end, pieces = 1, ports[2] = { 0, 0 };
	uint32_t place = 0;
	struct built k;

	for (unsigned i = 0; i < 20; i++) /* four are evicted */
		feed(t, build_udp(&k, i + 1, "192.168.1.2", 100 + i, "203.0.113.7", 443, "x", 1),
		     &end)
			->kept = i % 2;
	while (flow_table_kept(t, &place, 3, on_kept, ports))
		pieces++;
	ck_assert_uint_eq(pieces, 6);
	ck_assert_uint_eq(ports[0], 8);
	ck_assert_uint_eq(ports[1], 105 + 107 + 109 + 111 + 113 + 115 + 117 + 119);
	ck_assert(!flow_table_kept(t, &place, UINT32_MAX, on_kept, ports));
	flow_table_flush(t);
	place = 0;
	ck_assert(!flow_table_kept(t, &place, UINT32_MAX, on_kept, ports));
	ck_assert_uint_eq(ports[0], 8);
	flow_table_free(t);
	names_free(names);
}
END_TEST

SUITE("flow/flow", kept_flows_are_walked_in_pieces, both_directions_are_one_flow,
      a_syn_ack_first_tells_the_opener, a_new_syn_is_a_new_life, a_late_syn_is_of_the_same_life,
      idle_flows_end_and_busy_ones_stay, a_full_table_evicts_the_idlest, flows_are_found_and_listed)
