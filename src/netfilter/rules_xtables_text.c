// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules as iptables-restore and ip6tables-restore read them, and what takes them out again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netfilter/backend.h"

/* Our chains: nothing else is ever flushed or removed. */
static const struct {
	const char *table, *chain;
} chains[] = {
	/* Forged answers leave untracked: otherwise they would open an entry of their own, whose
	 * other direction is the client's next question. */
	{ "raw", "TACET-RAW" },	   { "mangle", "TACET-LAN" },  { "mangle", "TACET-BACK" },
	{ "mangle", "TACET-OUT" }, { "mangle", "TACET-FLOW" }, { "mangle", "TACET-POST" },
};
enum { CHAINS = sizeof(chains) / sizeof(*chains) };

/* TCP without payload: the packet's length is not over that of both headers. In IPv6 nothing
 * is said of a packet with an extension header. `ld #pktlen` counts right for a segmentation
 * offload too. */
static const char bare_v4[] = "10,177 0 0 0,80 0 0 12,84 0 0 240,116 0 0 2,12 0 0 0,7 0 0 0,"
			      "128 0 0 0,45 0 1 0,6 0 0 0,6 0 0 65535";
static const char bare_v6[] = "11,48 0 0 6,21 0 7 6,48 0 0 52,84 0 0 240,116 0 0 2,4 0 0 40,"
			      "7 0 0 0,128 0 0 0,45 0 1 0,6 0 0 0,6 0 0 65535";

static const char never_v4[] = "224.0.0.0/4,240.0.0.0/4";
static const char never_v6[] = "ff00::/8";
static const char local_v4[] = "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,"
			       "172.16.0.0/12,192.168.0.0/16";
static const char local_v6[] = "::1/128,fe80::/10,fc00::/7";

static void put_mark(const struct rules_options *o, unsigned value, const char *chain,
		     const char *rest, struct text *out)
{
	text_printf(out, "-A %s -m mark --mark 0x%x/0x%x %s\n", chain, mark_at(o->mark_mask, value),
		    o->mark_mask, rest);
}

static void put_queue(const struct rules_options *o, const char *match, struct text *out)
{
	text_printf(out, "%s -j NFQUEUE --queue-num %u --queue-bypass\n", match, o->queue);
}

/* The way back: DNS answers, over TCP those of connections that the kernel does not keep, of any
 * generation; and datagrams of flows decided otherwise than when they were kept. Who receives a
 * stream acknowledges it, and that comes up; who receives datagrams may say nothing for ever. */
static void put_back(const struct rules_options *o, struct text *out)
{
	uint32_t keep = mark_at(o->mark_mask, MARK_KEEP);

	text_printf(out, "-A TACET-BACK -p tcp -m connmark --mark 0x%x/0x%x -j RETURN\n", keep,
		    keep);
	put_queue(o, "-A TACET-BACK -m conntrack --ctdir REPLY", out);
}

/* The jumps there, from a chain that the packets of the household pass: it is they that ask. */
static void jump_answers(const char *chain_and_match, struct text *out)
{
	text_printf(out, "-A %s -p udp -m udp --sport 53 -j TACET-BACK\n", chain_and_match);
	text_printf(out, "-A %s -p tcp -m tcp --sport 53 -j TACET-BACK\n", chain_and_match);
}

static void jump_back(const struct rules_options *o, const char *chain_and_match, struct text *out)
{
	jump_answers(chain_and_match, out);
	text_printf(out, "-A %s -p udp -m connmark --mark 0x%x/0x%x -j TACET-BACK\n",
		    chain_and_match, mark_at(o->mark_mask, MARK_CHANGED), o->mark_mask);
}

static void put_household(const struct rules_options *o, struct text *out)
{
	for (size_t i = 0; !o->lan_count && i < o->wan_count; i++)
		text_printf(out, "-A TACET-LAN -i %s -j RETURN\n", o->wan[i]);
	text_str(out, "-A TACET-LAN -p tcp -g TACET-FLOW\n");
	put_queue(o, "-A TACET-LAN -p udp -m udp --dport 53", out);
	/* What devices call themselves. */
	put_queue(o, "-A TACET-LAN -p udp -m udp --sport 68 --dport 67", out);
	put_queue(o, "-A TACET-LAN -p udp -m udp --sport 546 --dport 547", out);
	text_str(out, "-A TACET-LAN -g TACET-FLOW\n");
}

static void put_output(const struct rules_options *o, struct text *out)
{
	put_mark(o, MARK_ANSWER, "TACET-OUT", "-j RETURN", out);
	put_mark(o, MARK_OWN, "TACET-OUT", "-j RETURN", out);
	/* Over lo only for this machine's own sake: a stub resolver on 127.0.0.53 is where the
	 * question of a program, with its user, can be seen and stopped. */
	jump_answers(o->local ? "TACET-OUT" : "TACET-OUT ! -o lo", out);
	if (!o->local)
		return;
	put_queue(o, "-A TACET-OUT -p udp -m udp --dport 53", out);
	text_str(out, "-A TACET-OUT -p tcp -m tcp --dport 53 -g TACET-FLOW\n"
		      "-A TACET-OUT -o lo -j RETURN\n"
		      "-A TACET-OUT -j TACET-FLOW\n");
}

/* Most packets come first: those of kept flows, then those without payload (but of DNS: where
 * its stream begins only the SYN tells, and a question in parts must not slip through; and of
 * flows decided otherwise than when they were kept: who downloads says nothing else). The
 * look-ups of a route (addrtype) come last, when a packet would go up. */
static void put_flow(const struct rules_options *o, unsigned generation, int family, bool with_bpf,
		     struct text *out)
{
	bool four = family == 4;

	text_printf(out, "-A TACET-FLOW -m connmark --mark 0x%x/0x%x -j RETURN\n",
		    mark_at(o->mark_mask, MARK_KEEP + generation), o->mark_mask);
	text_printf(out, "-A TACET-FLOW -m connmark --mark 0x%x/0x%x",
		    mark_at(o->mark_mask, MARK_CHANGED), o->mark_mask);
	put_queue(o, " -m conntrack --ctdir ORIGINAL", out);
	if (with_bpf)
		text_printf(out,
			    "-A TACET-FLOW -p tcp -m tcp ! --dport 53 -m bpf --bytecode \"%s\" -j "
			    "RETURN\n",
			    four ? bare_v4 : bare_v6);
	text_str(out, "-A TACET-FLOW -m conntrack --ctdir REPLY -j RETURN\n");
	put_queue(o, "-A TACET-FLOW -p tcp -m tcp --dport 53", out); /* whoever is asked */
	text_printf(out, "-A TACET-FLOW -d %s -j RETURN\n", four ? never_v4 : never_v6);
	if (!o->between_lan)
		text_printf(out, "-A TACET-FLOW -d %s -j RETURN\n", four ? local_v4 : local_v6);
	text_str(out, "-A TACET-FLOW -m addrtype --dst-type LOCAL -j RETURN\n");
	if (four)
		text_str(out, "-A TACET-FLOW -p udp -m addrtype --dst-type BROADCAST -j RETURN\n");
	put_queue(o, "-A TACET-FLOW -p tcp -m conntrack --ctdir ORIGINAL", out);
	put_queue(o, "-A TACET-FLOW -p udp -m conntrack --ctdir ORIGINAL", out);
}

static bool chain_is_used(const struct rules_options *o, const char *chain)
{
	return o->forward || strcmp(chain, "TACET-LAN") != 0;
}

static void put_chains(const struct rules_options *o, const char *table, struct text *out)
{
	text_printf(out, "*%s\n", table);
	for (size_t i = 0; i < CHAINS; i++) {
		if (strcmp(chains[i].table, table) == 0 && chain_is_used(o, chains[i].chain))
			text_printf(out, ":%s - [0:0]\n", chains[i].chain);
	}
}

static void put_raw(const struct rules_options *o, struct text *out)
{
	put_chains(o, "raw", out);
	put_mark(o, MARK_ANSWER, "TACET-RAW", "-j CT --notrack", out);
	text_str(out, "-I OUTPUT 1 -j TACET-RAW\nCOMMIT\n");
}

/* The jumps stand at the end: a packet that the queue accepts does not see the rules behind. The
 * way back is looked at in FORWARD and not in PREROUTING, where the addresses of a masqueraded
 * flow are still the router's; what comes over lo was looked at when it left, in OUTPUT. */
static void put_jumps(const struct rules_options *o, struct text *out)
{
	uint32_t keep = mark_at(o->mark_mask, MARK_KEEP);

	for (size_t i = 0; o->forward && i < o->lan_count; i++)
		text_printf(out, "-A PREROUTING -i %s -j TACET-LAN\n", o->lan[i]);
	if (o->forward && !o->lan_count)
		text_str(out, "-A PREROUTING ! -i lo -j TACET-LAN\n");
	if (o->forward)
		jump_back(o, "FORWARD", out);
	if (o->local)
		jump_back(o, "INPUT ! -i lo", out);
	text_str(out, "-A OUTPUT -j TACET-OUT\n");
	text_printf(out, "-I POSTROUTING 1 -m mark --mark 0x%x/0x%x -j TACET-POST\n", keep, keep);
}

static void put_mangle(const struct rules_options *o, unsigned generation, int family,
		       bool with_bpf, struct text *out)
{
	put_chains(o, "mangle", out);
	if (o->forward)
		put_household(o, out);
	put_back(o, out);
	put_output(o, out);
	put_flow(o, generation, family, with_bpf, out);
	text_printf(out, "-A TACET-POST -j CONNMARK --save-mark --nfmask 0x%x --ctmask 0x%x\n",
		    o->mark_mask, o->mark_mask);
	put_jumps(o, out);
	text_str(out, "COMMIT\n");
}

void rules_text_xtables_all(const struct rules_options *o, unsigned generation, int family,
			    bool with_bpf, struct text *out)
{
	/* The queue's rules last: whatever they send up can be answered by then. */
	put_raw(o, out);
	put_mangle(o, generation, family, with_bpf, out);
}

void rules_text_xtables(const struct rules_options *o, unsigned generation, int family,
			struct text *out)
{
	rules_text_xtables_all(o, generation, family, true, out);
}

void rules_text_xtables_generation(const struct rules_options *o, unsigned generation, int family,
				   bool with_bpf, struct text *out)
{
	/* To name a chain that is there is to flush it. */
	text_str(out, "*mangle\n:TACET-FLOW - [0:0]\n");
	put_flow(o, generation, family, with_bpf, out);
	text_str(out, "COMMIT\n");
}

bool xtables_is_ours(const char *name, size_t n)
{
	for (size_t i = 0; i < CHAINS; i++) {
		if (strlen(chains[i].chain) == n && strncmp(chains[i].chain, name, n) == 0)
			return true;
	}
	return false;
}

/* Next word of a rule; a quoted text (a comment) is one word. */
static const char *word_next(const char **at, const char *end, size_t *len)
{
	const char *p = *at;
	bool quoted = false;

	while (p < end && *p == ' ')
		p++;
	const char *start = p;
	for (; p < end && (quoted || *p != ' '); p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	*len = (size_t)(p - start);
	*at = p;
	return *len ? start : NULL;
}

static bool word_is(const char *word, size_t n, const char *text)
{
	return word && strlen(text) == n && strncmp(word, text, n) == 0;
}

typedef bool chain_test(const char *name, size_t n);

/* What one line of iptables-save is to us. */
enum line_kind { LINE_OTHER, LINE_CHAIN, LINE_JUMP, LINE_RULE };

static enum line_kind line_of(const char *line, size_t n, chain_test *ours, const char **name,
			      size_t *name_len)
{
	const char *at = line, *end = line + n, *word;
	bool target = false;
	size_t len;

	if (n && *line == ':') {
		at++;
		*name = word_next(&at, end, name_len);
		return *name && ours(*name, *name_len) ? LINE_CHAIN : LINE_OTHER;
	}
	word = word_next(&at, end, &len);
	if (!word_is(word, len, "-A"))
		return LINE_OTHER;
	*name = word_next(&at, end, name_len);
	if (*name && ours(*name, *name_len))
		return LINE_RULE;
	while ((word = word_next(&at, end, &len))) {
		if (target && ours(word, len))
			return LINE_JUMP;
		target = word_is(word, len, "-j") || word_is(word, len, "-g");
	}
	return LINE_OTHER;
}

/* One table of the output, from its '*' line to COMMIT: jumps out first, then the chains
 * emptied, then gone. */
static void put_removal(const char *table, const char *end, chain_test *ours, struct text *out)
{
	static const enum line_kind passes[] = { LINE_JUMP, LINE_CHAIN, LINE_CHAIN };
	static const char *const command[] = { "-D", "-F", "-X" };
	bool any = false;

	for (size_t pass = 0; pass < 3; pass++) {
		for (const char *line = table; line < end;) {
			size_t n = strcspn(line, "\n"), name_len = 0;
			const char *name = NULL;

			if (line_of(line, n, ours, &name, &name_len) == passes[pass]) {
				if (!any)
					text_put(out, table, strcspn(table, "\n") + 1);
				any = true;
				if (pass == 0)
					text_printf(out, "-D%.*s\n", (int)(n - 2), line + 2);
				else
					text_printf(out, "%s %.*s\n", command[pass], (int)name_len,
						    name);
			}
			line += n + (line[n] == '\n');
		}
	}
	if (any)
		text_str(out, "COMMIT\n");
}

void rules_text_xtables_removal(const char *saved, chain_test *ours, struct text *out)
{
	const char *table = NULL;

	for (const char *line = saved; *line;) {
		size_t n = strcspn(line, "\n");

		if (*line == '*' && line[n] == '\n')
			table = line;
		else if (n == 6 && strncmp(line, "COMMIT", 6) == 0 && table) {
			put_removal(table, line, ours, out);
			table = NULL;
		}
		line += n + (line[n] == '\n');
	}
}

int rules_text_queue(const char *saved)
{
	for (const char *line = saved; *line;) {
		size_t n = strcspn(line, "\n"), name_len = 0, len;
		const char *name = NULL, *at = line, *word;

		if (line_of(line, n, xtables_is_ours, &name, &name_len) == LINE_RULE) {
			while ((word = word_next(&at, line + n, &len))) {
				if (word_is(word, len, "--queue-num"))
					return atoi(at);
			}
		}
		line += n + (line[n] == '\n');
	}
	return -1;
}
