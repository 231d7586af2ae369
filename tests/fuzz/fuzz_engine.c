/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: engine */
/* A household of small tables under a script of frames: figures add up, nothing grows beyond its
 * number, every flow and question is reported, and what is sent back is a packet.
 *
 * An input is a mode and then operations: what, time, a length of two bytes, so many bytes. */
#define _GNU_SOURCE 1 /* memfd_create */
#include <sys/mman.h>
#include <unistd.h>

#include "dissect/dns.h"
#include "engine/engine.h"
#include "forge/forge.h"
#include "fuzz/fuzz.h"
#include "packets.h"

enum { FLOWS = 6, NAMES = 8, QUESTIONS = 3, REFUSED = 2, HELLOS = 2, POLICIES = 4 };

static const char rules[] = "||tracker.example^\n||cloak.example^\nads.example\n"
			    "@@||good.tracker.example^\n*.below.example\n";
static struct policy *policies[POLICIES];
static struct engine *engine;
static struct engine_counters want;
static uint64_t flow_records, dns_records, repeats_told, verdicts[3];
static int64_t now;
static bool live, stepped_back;
static unsigned policy_now;

static struct lists *make_lists(void)
{
	struct list_source source = { .name = "test", .role = "ads" };
	struct lists *lists = NULL;
	struct error e = { "" };
	char path[64];
	int fd = memfd_create("list", MFD_CLOEXEC);

	FUZZ_CHECK(fd >= 0 && write(fd, rules, sizeof rules - 1) == (ssize_t)sizeof rules - 1);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	source.path = path;
	FUZZ_CHECK(!lists_load(&source, 1, &lists, &e));
	close(fd);
	return lists;
}

/* Each way to refuse is one of somebody. */
static void make_policies(void)
{
	static const struct policy_options options[POLICIES] = {
		{ .enforce = true, .dns = HOW_NXDOMAIN, .tcp = HOW_RESET, .udp = HOW_UNREACH },
		{ .enforce = true,
		  .dns = HOW_NULL,
		  .tcp = HOW_UNREACH,
		  .udp = HOW_DROP,
		  .withhold_ech = true,
		  .prevent_bypass = true },
		{ .enforce = true, .dns = HOW_STALL, .tcp = HOW_STALL, .udp = HOW_STALL },
		{ .enforce = false, .dns = HOW_NODATA, .tcp = HOW_RESET, .udp = HOW_UNREACH },
	};

	for (int i = 0; i < POLICIES; i++) {
		policies[i] = policy_new(&options[i], make_lists(), NULL, NULL);
		FUZZ_CHECK(policies[i]);
	}
}

static void check_verdict(const struct verdict *v)
{
	FUZZ_CHECK(v->kind <= VERDICT_BLOCK && v->how < HOWS && v->reason < REASONS);
	FUZZ_CHECK(v->kind != VERDICT_ALLOW || v->how == HOW_NONE);
	FUZZ_CHECK(v->kind != VERDICT_BLOCK || v->how != HOW_NONE);
}

static void on_flow(void *ctx, const struct flow_record *r)
{
	FUZZ_CHECK(ctx == &want);
	FUZZ_CHECK(!r->is_open || live);
	FUZZ_CHECK(strlen(r->name.text) == r->name.len && r->src.family == r->dst.family);
	FUZZ_CHECK((r->first_ns <= r->last_ns || stepped_back) &&
		   r->packets_out + r->packets_in > 0);
	FUZZ_CHECK(r->via != VIA_NONE || !r->name.len);
	check_verdict(&r->verdict);
	flow_records += !r->is_open;
}

static void on_dns(void *ctx, const struct dns_record *r)
{
	FUZZ_CHECK(ctx == &want);
	FUZZ_CHECK(strlen(r->qname.text) == r->qname.len);
	FUZZ_CHECK(r->chain_count <= DNS_CHAIN_MAX && r->addr_count <= DNS_ADDRS_MAX);
	FUZZ_CHECK(r->answered || (!r->chain_count && !r->addr_count));
	FUZZ_CHECK(r->verdict.kind != VERDICT_BLOCK || !r->addr_count);
	check_verdict(&r->verdict);
	verdicts[r->verdict.kind]++;
	repeats_told += r->repeats;
	dns_records += !r->repeats;
	FUZZ_CHECK(!r->repeats || (r->verdict.kind == VERDICT_BLOCK && live &&
				   (r->until_ns >= r->time_ns || stepped_back)));
}

static uint32_t sum(const uint8_t *p, size_t n, uint32_t start)
{
	for (size_t i = 0; i < n; i++)
		start += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return start;
}

/* Header and transport checksum; UDP over IPv4 may do without. */
static void check_checksums(const uint8_t *p, size_t n)
{
	bool is_v4 = p[0] >> 4 == 4;
	size_t header = is_v4 ? (size_t)(p[0] & 15) * 4 : 40;
	unsigned proto = is_v4 ? p[9] : p[6];
	uint32_t pseudo = 0;

	FUZZ_CHECK(n > header && (!is_v4 || sum(p, header, 0) == 0xffff));
	if (proto != IPPROTO_ICMP)
		pseudo =
			sum(is_v4 ? p + 12 : p + 8, is_v4 ? 8 : 32, proto + (uint32_t)(n - header));
	FUZZ_CHECK(sum(p + header, n - header, pseudo) == 0xffff);
}

/* What comes back answers that very question. */
static void check_answer(const struct packet *p, const struct packet *reply)
{
	static struct dns_message asked, told;
	struct reader r = reader_truncated(p->payload, p->payload_len, p->payload_missing);

	FUZZ_CHECK(dns_message_parse(&r, &asked) == OUTCOME_FOUND);
	r = reader_whole(reply->payload, reply->payload_len);
	FUZZ_CHECK(dns_message_parse(&r, &told) == OUTCOME_FOUND);
	FUZZ_CHECK(told.is_response && told.id == asked.id && told.qtype == asked.qtype);
	FUZZ_CHECK(name_equal(&told.qname, &asked.qname) && reply->proto == IPPROTO_UDP);
	if (asked.is_response)
		FUZZ_CHECK(addr_equal(&reply->dst, &p->dst) && reply->dport == p->dport &&
			   addr_equal(&reply->src, &p->src) && reply->sport == p->sport);
	else
		FUZZ_CHECK(addr_equal(&reply->dst, &p->src) && reply->dport == p->sport &&
			   addr_equal(&reply->src, &p->dst) && reply->sport == p->dport);
	/* An answer of the server is told again where it held keys of ECH; all else is forged. */
	for (unsigned i = 0; i < told.addr_count; i++)
		FUZZ_CHECK(told.addrs[i].addr.bytes[0] == 0 || (asked.is_response && live));
}

static struct packet forged(const uint8_t *bytes, size_t n, enum decode_result want_result)
{
	struct frame f = {
		.bytes = bytes, .len = (uint32_t)n, .wire_len = (uint32_t)n, .link = DLT_RAW
	};
	struct packet p;

	FUZZ_CHECK(n <= FORGE_MAX && decode_frame(&f, &p) == want_result);
	check_checksums(bytes, n);
	return p;
}

/* From one end of p to the other, with the number that it waits for. */
static void check_resets(const struct packet *p, const struct action *a)
{
	struct packet client = forged(a->reply, a->reply_len, DECODE_OK);
	struct packet server = forged(a->to_server, a->to_server_len, DECODE_OK);
	bool up = addr_equal(&client.dst, &p->src) && client.dport == p->sport;
	const struct packet *sender = up ? &client : &server, *receiver = up ? &server : &client;

	FUZZ_CHECK(client.tcp_flags & TCP_RST && server.tcp_flags & TCP_RST);
	FUZZ_CHECK(!client.payload_len && !server.payload_len);
	FUZZ_CHECK(addr_equal(&sender->dst, &p->src) && sender->dport == p->sport &&
		   addr_equal(&sender->src, &p->dst) && sender->sport == p->dport);
	FUZZ_CHECK(addr_equal(&receiver->dst, &p->dst) && receiver->dport == p->dport &&
		   addr_equal(&receiver->src, &p->src) && receiver->sport == p->sport);
	FUZZ_CHECK(receiver->tcp_seq == p->tcp_seq);
	FUZZ_CHECK(sender->tcp_seq == (p->tcp_flags & TCP_ACK ? p->tcp_ack : 0));
}

static void check_reply(const struct frame *f, const struct action *a)
{
	struct packet p, reply;

	FUZZ_CHECK((a->reply != NULL) == (a->reply_len > 0));
	FUZZ_CHECK((a->to_server != NULL) == (a->to_server_len > 0));
	FUZZ_CHECK(a->kind != ACTION_ANSWER || a->reply);
	FUZZ_CHECK(!a->reply || a->kind == ACTION_RESET || a->kind == ACTION_UNREACH ||
		   a->kind == ACTION_ANSWER);
	FUZZ_CHECK(!a->to_server || (a->kind == ACTION_RESET && a->reply));
	if (!a->reply)
		return;
	FUZZ_CHECK(decode_frame(f, &p) == DECODE_OK);
	reply = forged(a->reply, a->reply_len,
		       a->kind == ACTION_UNREACH ? DECODE_OTHER_PROTO : DECODE_OK);
	if (a->kind == ACTION_RESET)
		check_resets(&p, a);
	if (a->kind == ACTION_ANSWER)
		check_answer(&p, &reply);
}

static void count(void *ctx, const struct flow_record *r)
{
	FUZZ_CHECK(r->is_open);
	++*(uint32_t *)ctx;
}

static uint64_t vias(const struct engine_counters *c)
{
	return c->tls + c->quic + c->http + c->socks + c->from_dns + c->ech + c->unnamed;
}

static void check_figures(void)
{
	const struct engine_counters *c = engine_counters(engine);
	uint64_t decoded = 0, roles = 0;
	uint32_t flows = 0;

	for (int i = 0; i < DECODE_RESULTS; i++)
		decoded += c->decode[i];
	for (int i = 0; i < ROLES; i++)
		roles += c->by_role[i];
	FUZZ_CHECK(c->frames == want.frames && c->bytes == want.bytes && decoded == c->frames);
	FUZZ_CHECK(c->answered == want.answered && c->reset == want.reset &&
		   c->unreachable == want.unreachable && c->dropped == want.dropped);
	FUZZ_CHECK(roles == c->logged + c->blocked);
	FUZZ_CHECK(c->flows_now <= FLOWS && c->names_now <= NAMES && c->hellos_now <= 2 * HELLOS);
	FUZZ_CHECK(c->flows == flow_records + c->dns_flows + c->flows_now &&
		   c->flows_evicted <= c->flows);
	FUZZ_CHECK(c->names_evicted <= c->names && c->hellos_evicted <= c->hellos);
	FUZZ_CHECK(vias(c) <= c->flows);
	FUZZ_CHECK(c->allowed + c->logged + c->blocked <= dns_records + c->flows + c->repeats);
	FUZZ_CHECK(repeats_told <= c->repeats && c->refused_now <= REFUSED);
	engine_each_flow(engine, count, &flows);
	FUZZ_CHECK(flows == c->flows_now);
}

static void feed(const struct frame *f)
{
	struct action a = engine_frame(engine, f);

	want.frames++;
	want.bytes += f->wire_len;
	want.answered += a.kind == ACTION_ANSWER;
	want.reset += a.kind == ACTION_RESET;
	want.unreachable += a.kind == ACTION_UNREACH;
	want.dropped += a.kind == ACTION_DROP;
	check_reply(f, &a);
	while (engine_late(engine, &a)) {
		FUZZ_CHECK(a.kind == ACTION_ANSWER && a.reply_len > 40);
		check_checksums(a.reply, a.reply_len);
		want.answered++;
	}
	check_figures();
}

static void feed_raw(const uint8_t *p, size_t n, enum frame_hook hook)
{
	static const int links[] = { DLT_RAW, DLT_EN10MB, DLT_NFLOG, DLT_LINUX_SLL };
	struct frame f = { .time_ns = now, .uid = UINT32_MAX, .hook = hook };

	if (n < 2)
		return;
	f.link = links[p[0] % 4];
	f.bytes = p + 2;
	f.len = (uint32_t)n - 2;
	f.wire_len = f.len + p[1];
	feed(&f);
}

/* A packet between few ends: bits of `who` choose direction, family, server and ports. */
static void feed_built(bool tcp, bool dns, const uint8_t *p, size_t n, enum frame_hook hook)
{
	static const char *const ends[2][3] = {
		{ "192.168.1.20", "203.0.113.7", "203.0.113.8" },
		{ "2001:db8::20", "2001:db8:1::7", "2001:db8:1::8" },
	};
	static const unsigned ports[] = { 443, 80, 443, 5000 };
	static struct built b;
	const char *client, *server;
	unsigned who, cport, sport;

	if (n < 2 || n - 2 > 1900)
		return;
	who = p[0];
	client = ends[who & 1][0];
	server = ends[who & 1][1 + (who >> 1 & 1)];
	sport = dns ? 53 : ports[who >> 2 & 3];
	cport = 40000 + (who >> 4 & 3);
	if (tcp && !(who & 0x80)) /* flags and sequence number in one byte */
		build_tcp(&b, now, client, cport, server, sport, p[1] & 7 ? TCP_ACK : TCP_SYN,
			  1000u + (p[1] >> 3) * 16u + ((p[1] & 7) > 0), p + 2, n - 2);
	else if (tcp)
		build_tcp(&b, now, server, sport, client, cport,
			  p[1] & 7 ? TCP_ACK | (p[1] & 4) : TCP_ACK | TCP_SYN, 5000u + p[1] * 16u,
			  p + 2, n - 2);
	else if (!(who & 0x80))
		build_udp(&b, now, client, cport, server, sport, p + 2, n - 2);
	else
		build_udp(&b, now, server, sport, client, cport, p + 2, n - 2);
	b.frame.hook = hook;
	feed(&b.frame);
}

/* What conntrack would say of one of those flows. */
static void counted(const uint8_t *p, size_t n)
{
	static const uint8_t client[4] = { 192, 168, 1, 20 }, server[4] = { 203, 0, 113, 7 };
	struct engine_count c = { .src = addr_v4(client), .dst = addr_v4(server) };

	if (n < 3)
		return;
	c.proto = p[0] & 1 ? IPPROTO_TCP : IPPROTO_UDP;
	c.sport = (uint16_t)(40000 + (p[0] >> 4 & 3));
	c.dport = p[0] & 2 ? 443 : 80;
	c.packets_out = p[1];
	c.bytes_out = p[1] * 100u;
	c.packets_in = p[2];
	c.bytes_in = p[2] * 1000u;
	c.ended = p[0] & 4;
	engine_flow_counted(engine, &c, now);
	check_figures();
}

static void operate(unsigned what, const uint8_t *p, size_t n)
{
	enum frame_hook hook = !live ? FRAME_CAPTURED : what & 0x80 ? FRAME_LOCAL : FRAME_FORWARD;

	switch (what & 7) {
	case 0:
		feed_raw(p, n, hook);
		break;
	case 1:
	case 2:
		feed_built(true, false, p, n, hook);
		break;
	case 3:
		feed_built(false, false, p, n, hook);
		break;
	case 4:
	case 5:
		feed_built(what & 1, true, p, n, hook);
		break;
	case 6:
		policy_now = n ? p[0] % POLICIES : 0;
		policy_pause(policies[policy_now], n > 1 ? now + p[1] * 1000000000LL : 0);
		engine_set_policy(engine, policies[policy_now]);
		break;
	case 7:
		if (what & 0x40)
			engine_tick(engine, now);
		else
			counted(p, n);
		check_figures();
	}
}

/* Steps of the clock: none, milliseconds, seconds, hours, and back. */
static void advance(unsigned step)
{
	static const int64_t units[] = { 0, 1000000, 1000000000, 3600LL * 1000000000 };

	now += units[step & 3] * (step >> 3);
	if ((step & 4) && now > units[step & 3]) {
		now -= units[step & 3];
		stepped_back = true;
	}
}

static void begin(unsigned mode)
{
	static const struct device_config tv = {
		.name = "tv", .prefix = { .base = { 4, { 192, 168, 1, 20 } }, .bits = 32 }
	};
	struct engine_options o = { .max_flows = FLOWS,
				    .max_names = NAMES,
				    .max_questions = QUESTIONS,
				    .max_refused = REFUSED,
				    .max_hellos = HELLOS,
				    .tcp_idle_ms = 60000,
				    .udp_idle_ms = 30000,
				    .question_ms = 5000,
				    .name_floor_s = 60,
				    .open_records = mode & 1,
				    .max_devices = 4,
				    .max_addresses = 6,
				    .devices = &tv,
				    .device_count = 1 };
	struct record_sink sink = {
		.ctx = &want, .fingerprints = true, .flow = on_flow, .dns = on_dns
	};

	if (!policies[0])
		make_policies();
	want = (struct engine_counters){ 0 };
	flow_records = dns_records = repeats_told = 0;
	memset(verdicts, 0, sizeof verdicts);
	now = 1700000000LL * 1000000000;
	live = mode & 1;
	stepped_back = false;
	policy_now = mode >> 1 & 3;
	policy_pause(policies[policy_now], 0);
	engine = engine_new(&o, &sink);
	FUZZ_CHECK(engine);
	engine_set_policy(engine, policies[policy_now]);
}

/* At the end everything has been reported and decided once. */
static void end(void)
{
	const struct engine_counters *c;

	engine_flush(engine);
	check_figures();
	c = engine_counters(engine);
	FUZZ_CHECK(c->flows_now == 0 && c->flows == flow_records + c->dns_flows &&
		   c->hellos_now == 0);
	FUZZ_CHECK(vias(c) + c->dns_flows == c->flows);
	FUZZ_CHECK(c->allowed + c->logged + c->blocked == dns_records + flow_records + c->repeats);
	FUZZ_CHECK(repeats_told == c->repeats && c->refused_now == 0);
	FUZZ_CHECK(verdicts[VERDICT_BLOCK] <= c->blocked && verdicts[VERDICT_LOG] <= c->logged);
	engine_free(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	begin(data[0]);
	data++;
	size--;
	while (size >= 4) {
		size_t n = (size_t)data[2] << 8 | data[3];
		uint8_t *copy;

		n = n < size - 4 ? n : size - 4;
		copy = malloc(n ? n : 1);
		FUZZ_CHECK(copy);
		memcpy(copy, data + 4, n);
		advance(data[1]);
		operate(data[0], copy, n);
		free(copy);
		data += 4 + n;
		size -= 4 + n;
	}
	end();
	return 0;
}
