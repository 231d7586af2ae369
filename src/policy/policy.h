/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a name to a verdict with its reason. Pure: no packets, and the time is what policy_tick
 * was told last. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/name.h"
#include "base/schedule.h"
#include "classify/catalogue.h"
#include "classify/lists.h"

enum verdict_kind { VERDICT_ALLOW, VERDICT_LOG, VERDICT_BLOCK };

/* How a block fails (DESIGN: how a rule fails is part of the rule). */
enum verdict_how {
	HOW_NONE,
	HOW_NXDOMAIN,
	HOW_NULL,
	HOW_NODATA,
	HOW_REFUSED, /* DNS */
	HOW_RESET,   /* TCP */
	HOW_UNREACH, /* ICMP: UDP, TCP */
	HOW_STALL,   /* silence for four seconds, then NODATA, reset or ICMP: all three */
	HOW_DROP,
	HOW_REWRITE, /* DNS: a rule's own answer; no block, and nothing to configure */
	HOWS
};

/* Which step of the order decided. */
enum verdict_reason {
	REASON_NO_RULE,
	REASON_USER_ALLOW,
	REASON_USER_BLOCK,
	REASON_SECTION_ALLOW, /* a section of an app or a role, or [block] bypass */
	REASON_SECTION_BLOCK,
	REASON_ESSENTIAL,
	REASON_LIST_ALLOW,
	REASON_LIST_BLOCK,
	REASON_PAUSED,	     /* would have been blocked; blocking is paused */
	REASON_MONITOR,	     /* would have been blocked; mode is monitor */
	REASON_LOG_LIST,     /* would have been blocked; the list only logs */
	REASON_DEVICE_ALLOW, /* would have been blocked; not for this device or group */
	REASON_SECTION_LOG,  /* would have been blocked; a section only logs */
	REASONS
};

const char *verdict_kind_name(enum verdict_kind k); /* "allow", "log", "block" */
const char *verdict_how_name(enum verdict_how h);   /* "nxdomain", ...; NULL for none */
bool verdict_how_parse(const char *text, enum verdict_how *out);
const char *verdict_reason_name(enum verdict_reason r); /* "no_rule", ... stable */

/* DNS over TCP is refused as TCP is. */
enum policy_via { POLICY_DNS, POLICY_DNS_TCP, POLICY_TCP, POLICY_UDP };

/* What is asked. Pointers are needed during the call alone. */
struct policy_query {
	const struct name *name;
	enum policy_via via;
	uint16_t qtype;		   /* of a DNS question; 0 = none is asked */
	const struct addr *client; /* NULL = not known */
	const struct addr *server; /* of a flow: networks of lists speak of it; or NULL */
	const char *device;	   /* its configured name, or NULL */
	const char *app;  /* in whose session it is, where the name does not say; or NULL */
	bool is_resolver; /* a flow that is encrypted DNS by its port or its ALPN */
};

/* Strings point into what the policy was made of. */
enum { VERDICT_ADDRS = 4 };
struct verdict {
	enum verdict_kind kind;
	enum verdict_how how;
	enum verdict_reason reason;
	enum role role;
	const char *app;     /* NULL = not known */
	bool app_by_session; /* by the engine: app is not the name's, but whose session it is */
	const char *list; /* NULL = no list; "user" for the user's own rules, "now" for those made
			   * while tacet runs; "[app netflix]" for a section that allows or
			   * blocks, "[block] bypass" for what that prevents */
	const char *section; /* "[group kids]": what turned a block into something else, or NULL */
	uint32_t answer_ttl_s; /* of a forged DNS answer */
	uint8_t addr_count;    /* HOW_REWRITE: the answer has those of the type asked for */
	struct addr addrs[VERDICT_ADDRS];
	bool has_rule;
	struct rule rule;		 /* the rule that decided, where has_rule */
	const struct catalogue_row *row; /* the catalogue's row of the name, or NULL */
};

struct policy_options {
	bool enforce;			/* false: mode monitor */
	enum verdict_how dns, tcp, udp; /* defaults per kind of packet */
	uint32_t answer_ttl_s;
	bool withhold_ech;   /* keys of Encrypted ClientHello are taken out of DNS answers */
	bool prevent_bypass; /* encrypted DNS is blocked, also where no list knows the resolver */
};

enum policy_kind {
	POLICY_DEVICE,
	POLICY_GROUP,
	POLICY_APP,
	POLICY_ROLE,
	POLICY_LIST,
	POLICY_NAME,  /* a domain and what is below it: the longest speaks; how a block fails alone
		       */
	POLICY_PRESET /* the same, as what is known of an app: behind all others */
};
enum policy_action { POLICY_OPEN, POLICY_ALLOW, POLICY_LOG, POLICY_BLOCK };

/* A section of tacet-policy(5). HOW_NONE, POLICY_OPEN, 0 and NULL: it says nothing of it. */
struct policy_section {
	enum policy_kind kind;
	const char *name;
	const char *group;	   /* DEVICE: what it belongs to */
	const char *only;	   /* not DEVICE, GROUP: names of devices and groups, with commas */
	struct schedule when;	   /* it says nothing at other times */
	enum policy_action action; /* LIST: open. BLOCK: APP and ROLE alone */
	enum verdict_how dns, tcp, udp;
	uint32_t answer_ttl_s;
};

/* Everything a decision needs; immutable, replaced whole by reload. Takes ownership of lists
 * and catalogue (both may be NULL) and of the user's own rules. */
struct policy;
struct policy *policy_new(const struct policy_options *o, struct lists *lists,
			  struct catalogue *catalogue, struct index *user);
void policy_free(struct policy *p); /* accepts NULL */
/* Names of encrypted resolvers and relays, as blocks of an index: they have the role bypass where
 * the catalogue knows nothing closer, whether a list blocks them or not. Takes ownership. */
void policy_set_bypass(struct policy *p, struct index *names);
/* The first of several for one app or role that says something counts. Copies; false without
 * memory. */
bool policy_add_section(struct policy *p, const struct policy_section *s);
const struct lists *policy_lists(const struct policy *p);
const struct catalogue *policy_catalogue(const struct policy *p);
/* For another policy; NULL if it has none. */
struct catalogue *policy_share_catalogue(struct policy *p);

/* Blocking is paused until that time (0 = not); changes at run time. */
void policy_pause(struct policy *p, int64_t until_ns);
int64_t policy_paused_until(const struct policy *p);
/* Are keys of Encrypted ClientHello kept from who asked this? As configured; not where a block
 * would be reported alone: in mode monitor, during a pause, for a device whose section says so. */
bool policy_withholds_ech(const struct policy *p, const struct policy_query *q);

/* What the user wants for now, besides the configuration. Empty texts and names: all. */
enum { POLICY_EXCEPTIONS = 64 };
struct policy_exception {
	bool is_pause;		 /* what would be blocked is reported; else a rule */
	enum rule_action action; /* of a rule */
	struct name name;	 /* and what is below it; a rule has one */
	char device[64], app[64], role[16], list[64]; /* device: or a group; list: pauses alone */
	int64_t until_ns;			      /* INT64_MAX: until policy_resume */
};
/* Takes the place of one with the same scope. 0, -ENOSPC beyond POLICY_EXCEPTIONS, -ENOMEM. */
int policy_except(struct policy *p, const struct policy_exception *x);
size_t policy_exceptions(const struct policy *p);
const struct policy_exception *policy_exception(const struct policy *p, size_t i);
/* Ends the pause and all exceptions. */
void policy_resume(struct policy *p);
/* Ends the exceptions with that name and device, and leaves the others; empty: those without one.
 * Returns how many. */
size_t policy_resume_one(struct policy *p, const struct name *name, const char *device);
/* The pause and the exceptions of another, which has none then. */
void policy_inherit(struct policy *p, struct policy *from);

/* The time of the next decisions. True: some may come out otherwise than before. */
bool policy_tick(struct policy *p, int64_t now_ns);

/* The order is the table of tacet-policy(5), DECISION. Never fails, never allocates. */
void policy_decide(const struct policy *p, const struct policy_query *q, struct verdict *out);

/* The line of the rule that decided, 0 if not known. May read a file, for `explain`. */
uint32_t policy_line(const struct policy *p, const struct verdict *v);

/* The candidates behind a decision, for `explain`. */
struct policy_candidate {
	enum verdict_reason reason; /* what it speaks for */
	const char *list;	    /* also "user", "now", "pause", "mode", "catalogue" and
				     * "[app netflix]" */
	bool has_rule;
	struct rule rule;
};
/* In the order of the decision, whoever wins. */
void policy_candidates(const struct policy *p, const struct policy_query *q,
		       void (*each)(void *ctx, const struct policy_candidate *c), void *ctx);

#endif
