/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flow, DNS and lost records as JSON lines: the fields of tacet-records(7). */
#include "report/record_parts.h"

#include <netinet/in.h>
#include <stdio.h>

#include "classify/catalogue.h"
#include "dissect/dns.h"
#include "policy/policy.h"
#include "process/process.h"

void record_put_addr(struct text *t, const char *key, const struct addr *a)
{
	char buf[ADDR_TEXT_MAX];

	if (a->family)
		json_str(t, key, addr_format(a, buf));
}

static void put_proto(struct text *t, uint8_t proto)
{
	char number[4];

	if (proto == IPPROTO_TCP || proto == IPPROTO_UDP) {
		json_str(t, "proto", proto == IPPROTO_TCP ? "tcp" : "udp");
		return;
	}
	snprintf(number, sizeof(number), "%u", proto);
	json_str(t, "proto", number);
}

void record_put_device(struct text *t, const char *device, const char *hostname,
		       const struct mac *mac)
{
	char buf[MAC_TEXT_MAX];

	json_str(t, "device", device);
	json_str(t, "hostname", hostname);
	if (!mac_is_zero(mac))
		json_str(t, "mac", mac_format(mac, buf));
	if (mac_is_local(mac))
		json_bool(t, "mac_local", true);
}

/* Whose socket it is, on this machine. */
static void put_process(struct text *t, const struct process *p)
{
	char unit[PROCESS_CGROUP_MAX];
	const char *at;
	unsigned len;

	if (!p)
		return;
	if (*p->comm)
		json_str(t, "process", p->comm);
	if (p->pid)
		json_u64(t, "pid", p->pid);
	json_str(t, "user", p->user);
	if (*p->cgroup)
		json_str(t, "cgroup", p->cgroup);
	at = process_unit(p, &len);
	if (at) {
		snprintf(unit, sizeof(unit), "%.*s", (int)len, at);
		json_str(t, "unit", unit);
	}
}

static void put_verdict(struct text *t, const struct verdict *v)
{
	char rule[RULE_TEXT_MAX];

	json_str(t, "app", v->app);
	if (v->app_by_session)
		json_str(t, "app_from", "session");
	json_str(t, "role", role_name(v->role));
	json_str(t, "verdict", verdict_kind_name(v->kind));
	json_str(t, "how", verdict_how_name(v->how));
	json_str(t, "reason", verdict_reason_name(v->reason));
	json_str(t, "section", v->section);
	json_str(t, "list", v->list);
	if (v->has_rule)
		json_str(t, "rule", rule_format(&v->rule, rule));
}

static void begin_record(struct text *t, const char *type, uint64_t seq)
{
	json_object_begin(t, NULL);
	if (seq)
		json_u64(t, "seq", seq);
	json_str(t, "type", type);
}

void report_flow_json(struct text *t, const struct flow_record *r, uint64_t seq)
{
	begin_record(t, "flow", seq);
	json_u64(t, "id", r->id);
	if (r->is_open)
		json_str(t, "state", "open");
	put_proto(t, r->proto);
	record_put_addr(t, "src", &r->src);
	/* Where the address may not be told, the port says nothing. */
	if (r->src.family)
		json_u64(t, "sport", r->sport);
	record_put_addr(t, "dst", &r->dst);
	json_u64(t, "dport", r->dport);
	if (r->name.len)
		json_str(t, "name", r->name.text);
	if (r->outer.len)
		json_str(t, "outer", r->outer.text);
	json_str(t, "via", via_name(r->via));
	json_str(t, "ja4", r->ja4);
	record_put_device(t, r->device, r->hostname, &r->mac);
	put_process(t, r->process);
	put_verdict(t, &r->verdict);
	json_bool(t, "reached", r->reached);
	json_time(t, "first", r->first_ns);
	json_time(t, "last", r->last_ns);
	json_u64(t, "packets_out", r->packets_out);
	json_u64(t, "bytes_out", r->bytes_out);
	json_u64(t, "packets_in", r->packets_in);
	json_u64(t, "bytes_in", r->bytes_in);
	json_object_end(t);
}

static void put_answer(struct text *t, const struct dns_record *r)
{
	char buf[ADDR_TEXT_MAX], rcode[12];

	if (r->chain_count) {
		json_array_begin(t, "chain");
		for (uint8_t i = 0; i < r->chain_count; i++)
			json_str(t, NULL, r->chain[i].text);
		json_array_end(t);
	}
	json_str(t, "rcode", dns_rcode_name(r->rcode, rcode));
	if (r->addr_count) {
		json_array_begin(t, "answers");
		for (uint8_t i = 0; i < r->addr_count; i++)
			json_str(t, NULL, addr_format(&r->addrs[i].addr, buf));
		json_array_end(t);
	}
}

void report_dns_json(struct text *t, const struct dns_record *r, uint64_t seq)
{
	char qtype[12];

	begin_record(t, "dns", seq);
	json_time(t, "time", r->time_ns);
	if (r->repeats) {
		json_time(t, "until", r->until_ns);
		json_u64(t, "repeats", r->repeats);
	}
	record_put_addr(t, "client", &r->client);
	record_put_addr(t, "server", &r->server);
	if (r->proto == IPPROTO_TCP)
		put_proto(t, r->proto);
	if (r->port && r->port != 53)
		json_u64(t, "port", r->port);
	record_put_device(t, r->device, r->hostname, &r->mac);
	put_process(t, r->process);
	/* A question without a name asks for the root. */
	json_str(t, "qname", r->qname.len ? r->qname.text : ".");
	json_str(t, "qtype", dns_type_name(r->qtype, qtype));
	if (r->answered)
		put_answer(t, r);
	put_verdict(t, &r->verdict);
	json_object_end(t);
}

void report_refusal_json(struct text *t, const struct refusal *r)
{
	const struct catalogue_row *row = r->verdict.row;
	char qtype[12];

	json_object_begin(t, NULL);
	json_str(t, "type", "refusal");
	json_str(t, "name", r->name.len ? r->name.text : NULL);
	if (r->qtype)
		json_str(t, "qtype", dns_type_name(r->qtype, qtype));
	else
		put_proto(t, r->proto);
	record_put_addr(t, "client", &r->client);
	record_put_device(t, r->device, r->hostname, &r->mac);
	json_u64(t, "count", r->count);
	json_time(t, "first", r->first_ns);
	json_time(t, "last", r->last_ns);
	put_verdict(t, &r->verdict);
	json_str(t, "breaks", row ? row->breaks : NULL);
	json_str(t, "evidence", row ? row->evidence : NULL);
	json_object_end(t);
}

void report_lost_json(struct text *t, uint64_t count, uint64_t seq)
{
	begin_record(t, "lost", seq);
	json_u64(t, "count", count);
	json_object_end(t);
}

bool report_may_name(int level, enum verdict_kind kind)
{
	if (level <= 0)
		return true;
	return level < 3 && kind != VERDICT_ALLOW;
}
