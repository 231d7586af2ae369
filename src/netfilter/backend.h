/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of this room: what a back end implements, and what both need. */
#ifndef NETFILTER_BACKEND_H
#define NETFILTER_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "netfilter/rules.h"

/* What goes on while a tool is waited for; serve NULL: nothing. */
struct meanwhile {
	int fd;
	void (*serve)(void *ctx);
	void *ctx;
};

struct rules {
	struct rules_options o; /* checked; wan filled in */
	const struct rules_ops *ops;
	unsigned generation;
	struct meanwhile meanwhile;
	bool no_payload_match[2]; /* xtables: xt_bpf is missing for IPv4, IPv6 */
};

/* Each returns 0 or -errno with e set; removing what is not there is no error. */
struct rules_ops {
	const char *name;
	/* -EOPNOTSUPP or -ENOENT: this machine cannot; RULES_AUTO tries the next. Nothing is left
	 * behind on failure. */
	int (*install)(struct rules *r, struct error *e);
	/* Writes the comparison with that generation; on failure r->generation stays. */
	int (*set_generation)(struct rules *r, unsigned generation, struct error *e);
	int (*remove)(struct error *e);
	/* -EBUSY: rules stand there that lead to another queue which some process holds now. */
	int (*check_other)(const struct rules_options *o, struct error *e);
};
extern const struct rules_ops rules_ops_nft, rules_ops_xtables;

enum { GENERATIONS = 8 };

/* A value of enum rules_mark (or MARK_KEEP + generation) at its place in the packet mark. */
static inline uint32_t mark_at(uint32_t mask, unsigned value)
{
	return (uint32_t)value << __builtin_ctz(mask);
}

/* The refill of the one chain that names the generation; part of the whole text. */
void rules_text_nft_generation(const struct rules_options *o, unsigned generation,
			       struct text *out);
void rules_text_xtables_generation(const struct rules_options *o, unsigned generation, int family,
				   bool with_bpf, struct text *out);
void rules_text_xtables_all(const struct rules_options *o, unsigned generation, int family,
			    bool with_bpf, struct text *out);
/* From the output of iptables-save: what takes those chains and every jump to them out, and
 * nothing else. Empty if there are none. */
void rules_text_xtables_removal(const char *saved, bool (*ours)(const char *name, size_t n),
				struct text *out);
/* The chains of rules_text_xtables. */
bool xtables_is_ours(const char *name, size_t n);
int xtables_remove_chains(int family, bool (*ours)(const char *name, size_t n), struct error *e);
/* iptables-restore --noflush and iptables-save of that family. 0 or -errno: -ENOENT (no such
 * tool), -EPERM, -EOPNOTSUPP (refused; e has its words). */
int xtables_restore(int family, const struct text *rules, const struct meanwhile *m,
		    struct error *e);
int xtables_save(int family, struct text *out, struct error *e);
/* The queue that our chains in such an output lead to; -1 if none. */
int rules_text_queue(const char *saved);

/* Names of interfaces that carry a default route of either family, from texts in the form of
 * /proc/net/route and /proc/net/ipv6_route (NULL = none). */
size_t routes_default(const char *route4, const char *route6,
		      char out[static RULES_IFACES_MAX][RULES_IFNAME_MAX]);
/* The same of this machine, now. */
size_t routes_default_now(char out[static RULES_IFACES_MAX][RULES_IFNAME_MAX]);
bool machine_has_ipv6(void);
/* Is this queue bound by some process now? */
bool queue_is_bound(unsigned number);
/* A small file of /proc into t; false if it cannot be read. */
bool file_read_all(const char *path, struct text *t);

/* Runs a tool of the system with `input` on its standard input; no shell, a fixed search path and
 * environment, a time limit. args starts with the tool's name. Both outputs are collected
 * (either may be NULL). Returns its exit status, -ENOENT if there is no such tool, or -errno. */
int tool_run(const char *const args[], const char *input, struct text *out, struct text *err);
/* The same, with something else to do while it runs; m may be NULL. */
int tool_run_meanwhile(const char *const args[], const char *input, struct text *out,
		       struct text *err, const struct meanwhile *m);

#endif
