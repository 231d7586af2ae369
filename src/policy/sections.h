/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration, and the user for now, say of devices, groups, apps, roles and lists; for
 * no other room. */
#ifndef POLICY_SECTIONS_H
#define POLICY_SECTIONS_H

#include "policy/policy.h"

/* What a section may say or leave open. */
enum says { SAYS_ACTION, SAYS_DNS, SAYS_TCP, SAYS_UDP, SAYS_TTL, SAYS_ANYTHING };

struct section {
	struct policy_section said; /* its strings are owned */
	char *label;		    /* "[app netflix]" */
	bool holds;		    /* at the time of the last tick */
};

struct sections {
	struct section *at; /* by kind and name; those of one name in the order they came */
	size_t count;
	int64_t from_ns, until_ns; /* what holds does not change between them */
};

bool sections_add(struct sections *x, const struct policy_section *s);
void sections_done(struct sections *x);
/* True: others hold than before. */
bool sections_tick(struct sections *x, int64_t now_ns);
/* The first section of that name that holds, is for that device or its group, and says something of
 * it; NULL if none. name NULL: NULL. */
const struct section *sections_find(const struct sections *x, enum policy_kind kind,
				    const char *name, const char *device, enum says what);
/* The same for a name or what it is below, the longest first. */
const struct section *sections_find_name(const struct sections *x, enum policy_kind kind,
					 const struct name *name, const char *device,
					 enum says what);
/* Is there any of that name, whether it holds or not? */
bool sections_has(const struct sections *x, enum policy_kind kind, const char *name);
/* The group of a device, or NULL. */
const char *sections_group(const struct sections *x, const char *device);

/* Pauses and rules of now. */
struct exceptions {
	struct policy_exception *at; /* NULL until the first */
	size_t count;
};

struct exception_query {
	const struct name *name;
	const char *device, *group;    /* or NULL */
	const struct verdict *verdict; /* as far as it is known: app, role, list */
};

int exceptions_add(struct exceptions *x, const struct policy_exception *e);
void exceptions_done(struct exceptions *x);
/* Forgets those of that name and device. Returns how many. */
size_t exceptions_end(struct exceptions *x, const struct name *name, const char *device);
/* Forgets those that are over. True: there were some. */
bool exceptions_tick(struct exceptions *x, int64_t now_ns);
/* The rule with the longest name, of two alike the one that allows; NULL if none. */
const struct policy_exception *exceptions_rule(const struct exceptions *x,
					       const struct exception_query *q);
/* The pauses, or the rules, that are for it. */
void exceptions_each(const struct exceptions *x, const struct exception_query *q, bool pauses,
		     void (*each)(void *ctx, const struct policy_exception *e), void *ctx);
/* Is blocking paused for it? */
bool exceptions_pause(const struct exceptions *x, const struct exception_query *q);

#endif
