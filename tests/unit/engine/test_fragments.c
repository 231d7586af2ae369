/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that a capture holds in fragments are read as the whole. */
#include "engine/engine.h"

#include "packets.h"
#include "suite.h"

struct seen {
	unsigned dns, flows;
	struct dns_record question;
	struct flow_record flow;
};

static void on_flow(void *ctx, const struct flow_record *r)
{
	struct seen *s = ctx;

	s->flows++;
	s->flow = *r;
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	struct seen *s = ctx;

	s->dns++;
	s->question = *r;
}

static struct engine *engine_with(struct seen *s)
{
	const struct engine_options o = { .max_flows = 16,
					  .max_names = 16,
					  .max_questions = 16,
					  .max_hellos = 4,
					  .tcp_idle_ms = 60000,
					  .udp_idle_ms = 60000,
					  .question_ms = 5000 };
	const struct record_sink sink = { .ctx = s, .flow = on_flow, .dns = on_dns };
	struct engine *e = engine_new(&o, &sink);

	ck_assert_ptr_nonnull(e);
	return e;
}

/* Bytes [from, to) of what an IPv4 packet carries, as a fragment of it. */
static void give_v4(struct engine *e, const struct built *whole, size_t from, size_t to)
{
	const size_t header = 20;
	struct built b = *whole;
	size_t n = header + to - from;

	memmove(b.bytes + header, whole->bytes + header + from, to - from);
	b.bytes[2] = (uint8_t)(n >> 8);
	b.bytes[3] = (uint8_t)n;
	b.bytes[6] = (uint8_t)((header + to < whole->len ? 0x20 : 0) | from / 8 >> 8);
	b.bytes[7] = (uint8_t)(from / 8);
	b.len = n;
	engine_frame(e, build_frame(&b, 1));
}

static void give_v6(struct engine *e, const struct built *whole, size_t from, size_t to)
{
	const size_t header = 40;
	struct built b = *whole;
	size_t n = 8 + to - from;

	memset(b.bytes + header, 0, 8);
	b.bytes[header] = whole->bytes[6];
	b.bytes[header + 2] = (uint8_t)(from >> 8);
	b.bytes[header + 3] = (uint8_t)(from | (header + to < whole->len));
	memcpy(b.bytes + header + 8, whole->bytes + header + from, to - from);
	b.bytes[4] = (uint8_t)(n >> 8);
	b.bytes[5] = (uint8_t)n;
	b.bytes[6] = 44;
	b.len = header + n;
	engine_frame(e, build_frame(&b, 1));
}

START_TEST(a_question_in_fragments)
{
	const bool v6 = _i;
	struct seen s = { 0 };
	struct engine *e = engine_with(&s);
	struct built whole;
	uint8_t question[64];
	size_t n = build_dns_question(question, 7, "in.fragments.example", 1);
	const struct engine_counters *c;
	void (*give)(struct engine *, const struct built *, size_t, size_t) =
		v6 ? give_v6 : give_v4;

	build_udp(&whole, 1, v6 ? "2001:db8::1" : "10.0.0.1", 4000, v6 ? "2001:db8::2" : "10.0.0.2",
		  53, question, n);
	give(e, &whole, 24, 8 + n);
	give(e, &whole, 0, 8);
	c = engine_counters(e);
	ck_assert_uint_eq(c->questions, 0);
	ck_assert_uint_eq(c->fragments_joined, 0);
	give(e, &whole, 8, 24);
	c = engine_counters(e);
	ck_assert_uint_eq(c->questions, 1);
	ck_assert_uint_eq(c->frames, 3);
	ck_assert_uint_eq(c->decode[DECODE_FRAGMENT], 3);
	ck_assert_uint_eq(c->decode[DECODE_OK], 0);
	ck_assert_uint_eq(c->fragments, 3);
	ck_assert_uint_eq(c->fragments_joined, 1);
	engine_flush(e);
	ck_assert_uint_eq(s.dns, 1);
	ck_assert_str_eq(s.question.qname.text, "in.fragments.example");
	/* What the flush ended does not come back with the next capture. */
	give(e, &whole, 0, 8);
	engine_flush(e);
	give(e, &whole, 8, 24);
	give(e, &whole, 24, 8 + n);
	c = engine_counters(e);
	ck_assert_uint_eq(c->fragments_joined, 1);
	ck_assert_uint_eq(c->fragments_evicted, 1);
	engine_free(e);
}
END_TEST

START_TEST(a_hello_in_fragments)
{
	struct seen s = { 0 };
	struct engine *e = engine_with(&s);
	struct built b;
	uint8_t hello[256];
	size_t n = build_hello(hello, "hello.in.fragments.example");

	engine_frame(e, build_tcp(&b, 1, "10.0.0.1", 4000, "10.0.0.2", 443, TCP_SYN, 99, NULL, 0));
	build_tcp(&b, 1, "10.0.0.1", 4000, "10.0.0.2", 443, TCP_ACK, 100, hello, n);
	give_v4(e, &b, 0, 16); /* not even its TCP header is whole */
	give_v4(e, &b, 16, 64);
	give_v4(e, &b, 64, 20 + n);
	engine_flush(e);
	ck_assert_uint_eq(s.flows, 1);
	ck_assert_int_eq(s.flow.via, VIA_TLS);
	ck_assert_str_eq(s.flow.name.text, "hello.in.fragments.example");
	ck_assert_uint_eq(s.flow.packets_out, 2);
	ck_assert_uint_eq(s.flow.bytes_out, 40 + 40 + n);
	engine_free(e);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_loop_test(t, a_question_in_fragments, 0, 2);
	tcase_add_test(t, a_hello_in_fragments);
	return suite_end(t, "engine/fragments");
}
