/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of an audit, shared by what fills them and what prints them. */
#ifndef REPORT_AUDIT_H
#define REPORT_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "report/report.h"

/* A string that many rows share: an app or a list. */
struct audit_word {
	UT_hash_handle hh;
	char text[];
};

struct audit_device {
	UT_hash_handle hh;
	uint32_t number;	  /* in the order of appearance, part of the key of its rows */
	struct audit_row *others; /* what found no row of its own, or NULL */
	bool has_name;		  /* text is the configured name */
	char text[];		  /* name, else MAC, else address */
};

struct audit_sum {
	uint64_t flows, questions, bytes_out, bytes_in;
};

enum audit_row_kind { AUDIT_NAME, AUDIT_ADDRESS, AUDIT_LOCAL, AUDIT_OTHERS };

struct audit_row {
	UT_hash_handle hh;
	const struct audit_device *device;
	const char *app, *list; /* NULL = none */
	enum audit_row_kind what;
	enum verdict_kind kind; /* the gravest of its records */
	unsigned hows;		/* bit 1 << enum verdict_how of the records of that kind */
	enum role role;
	const char *rule; /* the rule that decided as text, with list; NULL = none */
	const struct catalogue_row *known; /* the catalogue's, which has to outlive the audit */
	int64_t first_ns;
	struct audit_sum sum;
	const char *name; /* into key */
	size_t key_len;
	char key[];
};

/* Contacts, flows and questions, over time: a lane an app. Slots are as wide as it takes for all of
 * them to fit: whole seconds at first, twice as wide each time that they do not. */
enum { AUDIT_SLOTS = 120, AUDIT_LANES = 256 };
struct audit_lane {
	UT_hash_handle hh;
	const char *app; /* NULL: of no known app, and what is over AUDIT_LANES */
	uint64_t contacts, phoning;
	uint32_t all[AUDIT_SLOTS], home[AUDIT_SLOTS]; /* home: those of all that phone home */
};
struct audit_times {
	struct audit_lane *lanes;
	int64_t width_ns; /* 0: nothing yet */
	int64_t first;	  /* slot i begins at (first + i) * width_ns */
	unsigned used;	  /* slots up to the last contact */
};
/* False without memory: nothing was counted. */
bool audit_times_add(struct audit_times *t, const char *app, int64_t at_ns, bool home,
		     uint32_t count);
/* A lane of `more` as that of app. */
bool audit_times_merge(struct audit_times *t, const char *app, const struct audit_times *more,
		       const struct audit_lane *lane);
void audit_times_done(struct audit_times *t);

/* Of each kind so many are kept, and the others counted. */
enum { AUDIT_HABITS = 256, AUDIT_DEVICE_MAX = 64 };
struct audit_app_session {
	char device[AUDIT_DEVICE_MAX];
	struct app_session session;
};
struct audit_companion {
	char device[AUDIT_DEVICE_MAX];
	struct companion companion;
};
struct audit_habits {
	struct audit_app_session *sessions;
	struct audit_companion *companions;
	struct suspect *suspects;
	size_t session_count, companion_count, suspect_count;
	uint64_t sessions_over, companions_over, suspects_over;
};
void audit_habits_merge(struct audit *a, const struct audit_habits *more);
void audit_habits_done(struct audit_habits *h);

struct audit {
	size_t max_rows, row_count, device_count;
	struct audit_row *rows;
	struct audit_device *devices;
	struct audit_device *crowd; /* stands for the devices over the limit, or NULL */
	struct audit_word *words;
	struct audit_sum total, by_role[ROLES], by_kind[VERDICT_BLOCK + 1];
	struct audit_times times;
	struct audit_habits habits;
	uint64_t hidden;     /* flows whose hello hides the name they ask for (ECH) */
	uint64_t over;	     /* records that went to a row "(others)" */
	uint64_t unrecorded; /* records that found no memory: in the totals alone */
	bool spanned;	     /* first_ns and last_ns hold */
	int64_t first_ns, last_ns;
};

/* Does this row phone home: a role that does, or blocked by a list that knows no role? */
bool audit_row_phones(const struct audit_row *r);
bool audit_verdict_phones(enum role r, enum verdict_kind k);

/* All rows (those of "(others)" too) sorted as the table shows them; the caller frees it. NULL
 * without memory, and then *out_count is 0. */
const struct audit_row **audit_sorted(const struct audit *a, size_t *out_count);

/* What the conclusion says. Names count once, however many devices and apps ask for them. */
struct audit_figures {
	size_t devices, apps, apps_phoning, names, names_phoning, names_blocked;
	size_t names_bypassing; /* of those with the role bypass */
	uint64_t bytes_phoning, bytes_blocked;
	size_t names_by_role[ROLES], names_by_kind[VERDICT_BLOCK + 1];
};
bool audit_figures(const struct audit *a, struct audit_figures *out); /* false without memory */

#endif
