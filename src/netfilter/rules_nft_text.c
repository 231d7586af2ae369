// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules as nft(8) reads them: one table of our own, in one transaction. The same decisions
 * as in rules_xtables_text.c, where the reasons stand. */
#include "netfilter/backend.h"

static void put_names(const char names[][RULES_IFNAME_MAX], size_t n, struct text *out)
{
	text_str(out, "iifname { ");
	for (size_t i = 0; i < n; i++)
		text_printf(out, "%s\"%s\"", i ? ", " : "", names[i]);
	text_str(out, " }");
}

static void put_mark(const struct rules_options *o, unsigned value, const char *rest,
		     struct text *out)
{
	text_printf(out, "\t\tmeta mark & 0x%08x == 0x%08x %s\n", o->mark_mask,
		    mark_at(o->mark_mask, value), rest);
}

static void put_queue(const struct rules_options *o, const char *match, struct text *out)
{
	text_printf(out, "\t\t%s queue num %u bypass\n", match, o->queue);
}

/* DNS answers, over TCP those of connections that the kernel does not keep, of any generation. */
static void put_answers(const struct rules_options *o, const char *match, struct text *out)
{
	text_printf(out, "\t\t%sudp sport 53 ct direction reply queue num %u bypass\n", match,
		    o->queue);
	text_printf(out,
		    "\t\t%stcp sport 53 ct direction reply ct mark & 0x%08x == 0 "
		    "queue num %u bypass\n",
		    match, mark_at(o->mark_mask, MARK_KEEP), o->queue);
}

/* Datagrams of flows decided otherwise, on their way back. */
static void put_changed_back(const struct rules_options *o, const char *match, struct text *out)
{
	text_printf(out,
		    "\t\t%smeta l4proto udp ct mark & 0x%08x == 0x%08x ct direction reply "
		    "queue num %u bypass\n",
		    match, o->mark_mask, mark_at(o->mark_mask, MARK_CHANGED), o->queue);
}

static void put_base(const char *name, const char *hook, const char *priority, struct text *out)
{
	text_printf(out, "\tchain %s {\n\t\ttype filter hook %s priority %s; policy accept;\n",
		    name, hook, priority);
}

static void put_household(const struct rules_options *o, struct text *out)
{
	put_base("prerouting", "prerouting", "mangle + 10", out);
	text_str(out, "\t\tiifname \"lo\" return\n");
	if (o->lan_count) {
		text_str(out, "\t\t");
		put_names(o->lan, o->lan_count, out);
		text_str(out, " jump household\n");
	} else {
		if (o->wan_count) {
			text_str(out, "\t\t");
			put_names(o->wan, o->wan_count, out);
			text_str(out, " return\n");
		}
		text_str(out, "\t\tjump household\n");
	}
	text_str(out, "\t}\n\tchain household {\n\t\tmeta l4proto tcp goto undecided\n");
	put_queue(o, "udp dport 53", out);
	put_queue(o, "udp sport 68 udp dport 67", out);
	put_queue(o, "udp sport 546 udp dport 547", out);
	text_str(out, "\t\tjump undecided\n\t}\n");
	put_base("forward", "forward", "mangle + 10", out);
	put_answers(o, "", out);
	put_changed_back(o, "", out);
	text_str(out, "\t}\n");
}

static void put_output(const struct rules_options *o, struct text *out)
{
	put_base("output", "output", "mangle + 10", out);
	put_mark(o, MARK_ANSWER, "return", out);
	put_mark(o, MARK_OWN, "return", out);
	put_answers(o, o->local ? "" : "oifname != \"lo\" ", out);
	if (o->local) {
		put_queue(o, "udp dport 53", out);
		text_str(out, "\t\ttcp dport 53 goto undecided\n"
			      "\t\toifname \"lo\" return\n\t\tjump undecided\n");
	}
	text_str(out, "\t}\n");
}

/* nft cannot add: a rule for the length of a bare segment under each length of the TCP header.
 * IPv4 with options and IPv6 with extension headers go up unseen. Not one set of concatenated
 * fields: nft 1.0.6 aborts when it lists one with a field of four bits. */
static void put_bare_segments(struct text *out)
{
	for (unsigned words = 5; words <= 15; words++)
		text_printf(out,
			    "\t\tip length %u ip hdrlength 5 tcp dport != 53 tcp doff %u return\n",
			    20 + words * 4, words);
	for (unsigned words = 5; words <= 15; words++)
		text_printf(
			out,
			"\t\tip6 length %u ip6 nexthdr tcp tcp dport != 53 tcp doff %u return\n",
			words * 4, words);
}

static void put_undecided(const struct rules_options *o, unsigned generation, struct text *out)
{
	text_printf(out, "\tchain undecided {\n\t\tct mark & 0x%08x == 0x%08x return\n",
		    o->mark_mask, mark_at(o->mark_mask, MARK_KEEP + generation));
	text_printf(out,
		    "\t\tct mark & 0x%08x == 0x%08x ct direction original queue num %u bypass\n",
		    o->mark_mask, mark_at(o->mark_mask, MARK_CHANGED), o->queue);
	put_bare_segments(out);
	text_str(out, "\t\tct direction reply return\n");
	put_queue(o, "tcp dport 53", out);
	text_str(out, "\t\tip daddr { 224.0.0.0/4, 240.0.0.0/4 } return\n"
		      "\t\tip6 daddr ff00::/8 return\n");
	if (!o->between_lan)
		text_str(out, "\t\tip daddr { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, "
			      "169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16 } return\n"
			      "\t\tip6 daddr { ::1/128, fe80::/10, fc00::/7 } return\n");
	text_str(out, "\t\tfib daddr type { local, broadcast, multicast } return\n");
	put_queue(o, "ct direction original meta l4proto { tcp, udp }", out);
	text_str(out, "\t}\n");
}

static void put_post(const struct rules_options *o, struct text *out)
{
	put_base("postrouting", "postrouting", "mangle - 10", out);
	put_mark(o, MARK_NONE, "return", out);
	/* One expression cannot join two marks; the values are few. */
	for (unsigned g = 0; g < GENERATIONS; g++) {
		uint32_t keep = mark_at(o->mark_mask, MARK_KEEP + g);

		text_printf(out,
			    "\t\tmeta mark & 0x%08x == 0x%08x ct mark set ct mark & 0x%08x | "
			    "0x%08x\n",
			    o->mark_mask, keep, ~o->mark_mask, keep);
	}
	text_str(out, "\t}\n");
}

void rules_text_nft(const struct rules_options *o, unsigned generation, struct text *out)
{
	/* To add, then delete, replaces the table whether it was there or not. */
	text_str(out, "add table inet tacet\ndelete table inet tacet\ntable inet tacet {\n");
	put_base("raw_output", "output", "raw", out);
	put_mark(o, MARK_ANSWER, "notrack", out);
	text_str(out, "\t}\n");
	put_undecided(o, generation, out);
	if (o->forward)
		put_household(o, out);
	if (o->local) {
		put_base("input", "input", "mangle + 10", out);
		put_answers(o, "iifname != \"lo\" ", out);
		put_changed_back(o, "iifname != \"lo\" ", out);
		text_str(out, "\t}\n");
	}
	put_output(o, out);
	put_post(o, out);
	text_str(out, "}\n");
}

void rules_text_nft_generation(const struct rules_options *o, unsigned generation, struct text *out)
{
	text_str(out, "flush chain inet tacet undecided\ntable inet tacet {\n");
	put_undecided(o, generation, out);
	text_str(out, "}\n");
}
