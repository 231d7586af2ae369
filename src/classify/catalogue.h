/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue: names of streaming apps and devices, with the role each plays. */
#ifndef CLASSIFY_CATALOGUE_H
#define CLASSIFY_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/name.h"
#include "rule/rule.h"

enum role {
	ROLE_NONE,
	/* essential: blocking them stops the film */
	ROLE_CONTENT,
	ROLE_AUTH,
	ROLE_API,
	ROLE_DRM,
	ROLE_ARTWORK,
	ROLE_UPDATE,
	ROLE_TIME,
	/* what phones home */
	ROLE_TELEMETRY,
	ROLE_ANALYTICS,
	ROLE_ADS,
	ROLE_ACR,
	ROLE_CRASH,
	ROLE_EXPERIMENT,
	/* household and account-sharing checks: shown, not blocked by default */
	ROLE_IDENTITY,
	/* encrypted resolvers and relays: ways around DNS */
	ROLE_BYPASS,
	ROLES
};
const char *role_name(enum role r); /* "telemetry"; NULL for ROLE_NONE */
bool role_parse(const char *text, enum role *out);
bool role_is_essential(enum role r);
/* Does a name of that role phone home? */
bool role_phones(enum role r);

/* Strings live as long as the catalogue. */
struct catalogue_row {
	struct name name; /* of PATTERN: the domain behind the first label */
	/* RULE_EXACT, RULE_SUFFIX; or RULE_PATTERN: the first label fits that of `domain`, and the
	 * rest is `name` or below it. */
	enum rule_match match;
	const char *domain; /* as in the file: "ichnaea*.netflix.com" */
	size_t length;	    /* of the domain without stars, for "strictly longer" */
	enum role role;
	/* The role is essential, or `breaks` is anything but "nothing" and "unknown". */
	bool essential;
	bool is_device;	 /* the app is a device: its names are heard whatever is used on it */
	const char *app; /* NULL ("-"): a vendor that many apps use */
	const char *owner, *breaks, *evidence; /* never empty */
	unsigned line;
};

struct catalogue;
/* Tab-separated: domain, match, owner, app, role, breaks, evidence; '#' comments and one head
 * line; role "-" = not known. A line with match `device` says that an app is a device; it is no
 * row. match: exact, suffix, or first ("ichnaea*.netflix.com": what is below netflix.com and has a
 * first label that begins with ichnaea). A bad line, or a second row for the same name and match,
 * fails the load with its number. */
int catalogue_load(const char *path, struct catalogue **out, struct error *e);
/* The same once more: it goes when everybody has freed it. */
struct catalogue *catalogue_share(struct catalogue *c);
void catalogue_free(struct catalogue *c); /* accepts NULL */
size_t catalogue_rows(const struct catalogue *c);
const struct catalogue_row *catalogue_row(const struct catalogue *c, size_t i);
/* The longest row that matches, exact before first label before suffix, or NULL. Likewise into
 * *essential, unless that is NULL, the longest *essential* row. */
const struct catalogue_row *catalogue_find(const struct catalogue *c, const struct name *name,
					   const struct catalogue_row **essential);

#endif
