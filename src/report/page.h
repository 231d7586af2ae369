/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An audit as one HTML page that needs nothing else: no script, no font, no picture from outside,
 * and none of its own to be read. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "crypto/sha256.h"
#include "report/audit.h"

/* A file that something was read from; sha256 only if hashed. */
struct page_file {
	const char *name;
	uint64_t bytes;
	int64_t modified_ns; /* since 1970; 0 = not known */
	bool hashed;
	uint8_t sha256[SHA256_SIZE];
};

struct page_list {
	const char *name;
	uint64_t rules, lines, skipped;
	struct page_file file;
};

/* How the audit was made. All is the caller's. */
struct page_facts {
	const char *version;
	const char *live; /* "interface eth0", "command curl"; NULL: captures */
	const struct page_file *captures;
	size_t capture_count;
	const struct page_list *lists;
	size_t list_count;
	struct page_file catalogue;
	size_t catalogue_rows;
	bool monitor;	/* mode monitor: nothing would be blocked, only told */
	bool anonymous; /* the records had no addresses, MACs and device names */
};

/* Rows beyond PAGE_ROWS are left to --json, and the page says so. The same records in the same
 * order, with the same facts and time zone, give the same bytes. */
enum { PAGE_ROWS = 5000, PAGE_LANES = 12 };
void page_write(const struct audit *a, const struct engine_counters *c, const struct page_facts *f,
		struct text *out);

#endif
