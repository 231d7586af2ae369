/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet's rules in the kernel: what goes up to the queue, what stays, how a refusal is made.
 * One interface, two back ends: native nftables, and xtables where the kernel has no nft queue. */
#ifndef NETFILTER_RULES_H
#define NETFILTER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum rules_backend { RULES_AUTO, RULES_NFT, RULES_XTABLES };

enum { RULES_IFACES_MAX = 16, RULES_IFNAME_MAX = 16 };

struct rules_options {
	enum rules_backend backend;
	uint16_t queue;
	uint32_t mark_mask;  /* four adjacent bits at least; everything below shifts into it */
	bool forward, local; /* what to watch */
	bool between_lan;    /* also flows to private addresses */
	/* From which interfaces the household comes. None: all but those with a default route. */
	char lan[RULES_IFACES_MAX][RULES_IFNAME_MAX];
	size_t lan_count;
	/* With no lan: the interfaces that are not the household's. rules_install fills it from
	 * the routes of that moment where it is empty too. */
	char wan[RULES_IFACES_MAX][RULES_IFNAME_MAX];
	size_t wan_count;
};

/* Values inside the mask, shifted to its lowest bit. */
enum rules_mark {
	MARK_NONE,
	MARK_ANSWER,  /* our own forged answer: not tracked, not queued */
	MARK_OWN,     /* our own, tracked: not queued (the RST to the server) */
	MARK_CHANGED, /* of a connection that was kept and would not be now: all its opener's
		       * packets come up, those without payload too, and datagrams both ways */
	MARK_KEEP = 8 /* 8..15: decided in generation 0..7, stays in the kernel */
};

struct rules;
/* Probes the back end, removes what a crashed tacet left, installs all rules in one
 * transaction per family. Bind the queue first: that tells whether another tacet runs. -EINVAL,
 * -EPERM, -ENOENT (no iptables-restore or nft), -EOPNOTSUPP, -EBUSY (rules of a tacet that
 * runs with another queue): e says what to do. */
int rules_install(const struct rules_options *o, struct rules **out, struct error *e);
/* A change of rules waits for programs that take their time. serve() is called meanwhile whenever
 * fd is readable; it may ask for marks and nothing else of this header. */
void rules_serve(struct rules *r, int fd, void (*serve)(void *ctx), void *ctx);
/* Flows decided before go up again with their next packet. Atomic. */
int rules_next_generation(struct rules *r, struct error *e);
/* Takes everything out; also frees. Accepts NULL. */
void rules_remove(struct rules *r);
/* What is left of a tacet that was killed, without an instance (`tacet run --cleanup`). */
int rules_cleanup(const struct rules_options *o, struct error *e);

const char *rules_backend_name(const struct rules *r); /* "nft", "xtables" */
unsigned rules_generation(const struct rules *r);

/* Full mark of a value in the current generation (MARK_KEEP: of this generation), merged into
 * a packet's old mark. */
uint32_t rules_mark(const struct rules *r, uint32_t old, enum rules_mark value);
uint32_t rules_mark_mask(const struct rules *r);
/* Of a flow kept in the generation before: it is ours, and its next payload comes up. */
uint32_t rules_mark_before(const struct rules *r);

/* The text of the rules, for tests and `tacet run --show-rules`. family 4 or 6 (xtables);
 * nft has one text for both. Pure. */
void rules_text_nft(const struct rules_options *o, unsigned generation, struct text *out);
void rules_text_xtables(const struct rules_options *o, unsigned generation, int family,
			struct text *out);

#endif
