/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a running tacet as JSON members and as Prometheus text. */
#include "report/counters.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

bool figures_add(struct figure_set *set, const char *name, const char *help, enum figure_kind kind,
		 const char *label, const char *label_value, uint64_t value)
{
	struct figure *at;
	size_t cap;

	if (set->count == set->cap) {
		cap = set->cap ? 2 * set->cap : 64;
		at = realloc(set->at, cap * sizeof(*at));
		if (!at)
			return false;
		set->at = at;
		set->cap = cap;
	}
	set->at[set->count++] = (struct figure){ .name = name,
						 .help = help,
						 .kind = kind,
						 .label = label,
						 .label_value = label_value,
						 .value = value };
	return true;
}

void figures_done(struct figure_set *set)
{
	if (!set)
		return;
	free(set->at);
	*set = (struct figure_set){ 0 };
}

/* One row for each plain number of struct engine_counters. */
#define OF(member) #member, offsetof(struct engine_counters, member)
static const struct {
	const char *name;
	size_t offset;
	enum figure_kind kind;
	const char *help;
} plain[] = {
	{ OF(frames), FIGURE_COUNTER, "Frames looked at." },
	{ OF(bytes), FIGURE_COUNTER, "Bytes of the frames looked at." },
	{ OF(fragments), FIGURE_COUNTER, "Fragments of IP packets." },
	{ OF(fragments_joined), FIGURE_COUNTER, "IP packets put together from fragments." },
	{ OF(fragments_evicted), FIGURE_COUNTER,
	  "Fragmented IP packets given up: incomplete, overlapping, or their room was needed." },
	{ OF(flows), FIGURE_COUNTER, "Flows seen." },
	{ OF(dns_flows), FIGURE_COUNTER, "Flows that ended and carried DNS alone." },
	{ OF(flows_evicted), FIGURE_COUNTER, "Flows ended early because the flow table was full." },
	{ OF(kept_packets), FIGURE_COUNTER,
	  "Packets of decided flows that the kernel passed on without asking." },
	{ OF(flows_now), FIGURE_GAUGE, "Flows in the table." },
	{ OF(names), FIGURE_COUNTER, "Addresses learnt from DNS answers." },
	{ OF(names_evicted), FIGURE_COUNTER,
	  "Addresses forgotten early because the name memory was full." },
	{ OF(names_now), FIGURE_GAUGE, "Addresses in the name memory." },
	{ OF(names_full), FIGURE_COUNTER, "Names that found no room in memory." },
	{ OF(questions), FIGURE_COUNTER, "DNS questions seen." },
	{ OF(questions_evicted), FIGURE_COUNTER,
	  "DNS questions given up early because their table was full." },
	{ OF(relayed), FIGURE_COUNTER,
	  "DNS questions that this machine's resolver asked on, judged for who asked it." },
	{ OF(answers), FIGURE_COUNTER, "DNS answers seen." },
	{ OF(devices), FIGURE_COUNTER, "Devices seen, by MAC or address." },
	{ OF(devices_evicted), FIGURE_COUNTER,
	  "Devices forgotten early because their table was full." },
	{ OF(devices_now), FIGURE_GAUGE, "Devices in the table." },
	{ OF(addresses_evicted), FIGURE_COUNTER,
	  "Addresses of devices forgotten early because their table was full." },
	{ OF(addresses_now), FIGURE_GAUGE, "Addresses of devices." },
	{ OF(hostnames), FIGURE_COUNTER, "Host names told in DHCP requests." },
	{ OF(sessions), FIGURE_COUNTER, "Sessions of apps on devices begun." },
	{ OF(sessions_evicted), FIGURE_COUNTER,
	  "Sessions forgotten early because their table was full." },
	{ OF(sessions_now), FIGURE_GAUGE, "Sessions of apps that are open." },
	{ OF(companions_evicted), FIGURE_COUNTER,
	  "Trackers in sessions forgotten early because their table was full." },
	{ OF(companions_now), FIGURE_GAUGE, "Trackers in sessions." },
	{ OF(hosts), FIGURE_COUNTER, "Hosts on no list seen." },
	{ OF(hosts_evicted), FIGURE_COUNTER,
	  "Hosts on no list forgotten early because their table was full." },
	{ OF(hosts_now), FIGURE_GAUGE,
	  "Hosts on no list that are watched for what they are like." },
	{ OF(hellos), FIGURE_COUNTER, "Handshakes put together from several packets." },
	{ OF(hellos_evicted), FIGURE_COUNTER,
	  "Handshakes given up early because their buffers were needed." },
	{ OF(hellos_lost), FIGURE_COUNTER, "Segments of handshakes that found no room." },
	{ OF(hellos_now), FIGURE_GAUGE, "Handshakes being put together." },
	{ OF(tls), FIGURE_COUNTER, "Flows decided by the name of their TLS handshake." },
	{ OF(quic), FIGURE_COUNTER, "Flows decided by the name of their QUIC handshake." },
	{ OF(http), FIGURE_COUNTER, "Flows decided by the name of their HTTP request." },
	{ OF(socks), FIGURE_COUNTER,
	  "Flows decided by the name that a SOCKS proxy was asked for." },
	{ OF(from_dns), FIGURE_COUNTER, "Flows decided by the name of an earlier DNS answer." },
	{ OF(ech), FIGURE_COUNTER,
	  "Flows whose hello hides its name, decided by the name of an earlier DNS answer." },
	{ OF(unnamed), FIGURE_COUNTER, "Flows decided without a name." },
	{ OF(sslv2), FIGURE_COUNTER, "Flows that began with an SSLv2-style hello." },
	{ OF(repeats), FIGURE_COUNTER,
	  "DNS questions answered like the same ones before, without a decision." },
	{ OF(refused_now), FIGURE_GAUGE, "Names refused lately, of each device." },
	{ OF(refused_evicted), FIGURE_COUNTER,
	  "Refused names forgotten early because their table was full." },
	{ OF(late), FIGURE_COUNTER, "DNS questions whose answer waits before it is told." },
	{ OF(late_full), FIGURE_COUNTER, "Such answers told at once for want of room." },
	{ OF(allowed), FIGURE_COUNTER, "Decisions to allow." },
	{ OF(logged), FIGURE_COUNTER, "Decisions that would have blocked." },
	{ OF(blocked), FIGURE_COUNTER, "Decisions to block." },
	{ OF(answered), FIGURE_COUNTER,
	  "DNS questions answered in the server's place, or told without keys of ECH." },
	{ OF(reset), FIGURE_COUNTER, "Flows refused by TCP reset." },
	{ OF(unreachable), FIGURE_COUNTER, "Flows refused as unreachable." },
	{ OF(dropped), FIGURE_COUNTER, "Packets dropped without an answer." },
};
#undef OF

bool figures_engine(struct figure_set *set, const struct engine_counters *c)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		uint64_t value;

		memcpy(&value, (const char *)c + plain[i].offset, sizeof(value));
		if (!figures_add(set, plain[i].name, plain[i].help, plain[i].kind, NULL, NULL,
				 value))
			return false;
	}
	for (int r = 0; r < DECODE_RESULTS; r++)
		if (!figures_add(set, "frames_by_result", "Frames by how reading them ended.",
				 FIGURE_COUNTER, "result",
				 decode_result_name((enum decode_result)r), c->decode[r]))
			return false;
	for (int r = ROLE_NONE; r < ROLES; r++) {
		const char *role = role_name((enum role)r);

		if (!figures_add(set, "by_role", "Decisions by the role of the name.",
				 FIGURE_COUNTER, "role", role ? role : "none", c->by_role[r]))
			return false;
	}
	return true;
}

static bool same_name(const struct figure_set *set, size_t a, size_t b)
{
	return a < set->count && b < set->count && !strcmp(set->at[a].name, set->at[b].name);
}

void figures_json(const struct figure_set *set, struct text *out)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct figure *f = &set->at[i];

		if (!f->label) {
			json_u64(out, f->name, f->value);
			continue;
		}
		if (!i || !same_name(set, i - 1, i))
			json_object_begin(out, f->name);
		json_u64(out, f->label_value, f->value);
		if (!same_name(set, i, i + 1))
			json_object_end(out);
	}
}

/* Label values and help texts escape what the text format gives a meaning; other bytes that are
 * not printable ASCII become \\xHH, since the format has no escape for them. */
static void put_escaped(struct text *out, const char *s, bool quotes)
{
	for (; *s; s++) {
		if (*s == '\\' || (quotes && *s == '"'))
			text_printf(out, "\\%c", *s);
		else if (*s == '\n')
			text_str(out, "\\n");
		else if (*s < 0x20 || *s > 0x7e)
			text_printf(out, "\\\\x%02x", (unsigned)(unsigned char)*s);
		else
			text_put(out, s, 1);
	}
}

void figures_prometheus(const struct figure_set *set, struct text *out)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct figure *f = &set->at[i];
		bool counter = f->kind == FIGURE_COUNTER;
		const char *total = counter ? "_total" : "";

		if (!i || !same_name(set, i - 1, i)) {
			text_printf(out, "# HELP tacet_%s%s ", f->name, total);
			put_escaped(out, f->help, false);
			text_printf(out, "\n# TYPE tacet_%s%s %s\n", f->name, total,
				    counter ? "counter" : "gauge");
		}
		text_printf(out, "tacet_%s%s", f->name, total);
		if (f->label) {
			text_printf(out, "{%s=\"", f->label);
			put_escaped(out, f->label_value, true);
			text_str(out, "\"}");
		}
		text_printf(out, " %" PRIu64 "\n", f->value);
	}
}
