/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Downloads of lists: fetched beside the copy in force, checked, and put in its place or refused.
 */
#ifndef UPDATE_UPDATE_H
#define UPDATE_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "config/config.h"

/* Why a download did not take the place of the copy in force. */
enum update_why {
	UPDATE_FINE,
	UPDATE_NETWORK,	 /* no connection, broken off, an HTTP error, TLS not verified */
	UPDATE_TIMEOUT,	 /* connecting, stalled, or in all */
	UPDATE_SIZE,	 /* more than [lists] max_bytes */
	UPDATE_CHECKSUM, /* not the published one, or that could not be had */
	UPDATE_CONTENT,	 /* HTML, empty, no rule in it */
	UPDATE_SHRUNK,	 /* lost more rules than shrink_percent */
	UPDATE_DISK,	 /* full, not writable */
	UPDATE_FILE,	 /* of a list that is compiled: it cannot be read */
	UPDATE_WHYS
};
const char *update_why_name(enum update_why w); /* "network", ...; NULL for UPDATE_FINE */

enum { UPDATE_TAG_MAX = 128, UPDATE_URL_MAX = 200, UPDATE_NAME_MAX = 64, UPDATE_SAID_MAX = 256 };

/* An address as everybody may see it: without user and password, and of a query no more than that
 * there is one. */
const char *url_shown(const char *url, char out[static UPDATE_URL_MAX]);

/* What is remembered of a list from run to run. Times are seconds since 1970, 0 = never. */
struct update_state {
	char name[UPDATE_NAME_MAX];
	char url[UPDATE_URL_MAX];  /* the mirror that the copy came from, as url_shown() */
	char url_check[8];	   /* of what that leaves out */
	char etag[UPDATE_TAG_MAX]; /* its ETag and Last-Modified, "" for none */
	char modified[UPDATE_TAG_MAX];
	char sha256[65];		/* of the copy */
	uint64_t bytes, rules, skipped; /* of the copy */
	uint64_t generation;		/* times that the copy changed */
	int64_t checked, fetched;	/* last attempt; when the copy last changed */
	int64_t due;			/* before that `--due` leaves it alone */
	uint32_t failures;		/* in a row */
	enum update_why why;		/* of the last attempt */
	char said[UPDATE_SAID_MAX];	/* of it, for people */
};

/* The states of all lists, kept in DIR/state.jsonl, one object a line. */
struct update_states {
	struct update_state *at;
	size_t count;
};
/* A file that is not there or is damaged gives no states: everything is fetched anew. */
void update_states_load(const char *dir, struct update_states *out);
int update_states_save(const char *dir, const struct update_states *s, struct error *e);
void update_states_done(struct update_states *s);
/* Into DIR/NAME, as a whole or not at all. */
int update_replace_file(const char *dir, const char *name, const struct text *t, struct error *e);
/* NULL if there is none; with `make` a new one is added (NULL without memory). */
struct update_state *update_state_find(struct update_states *s, const char *name, bool make);
void update_state_json(const struct update_state *s, struct text *out); /* into an open object */

struct update_limits {
	uint64_t max_bytes;
	uint32_t connect_s, stall_s, total_s;
};
/* total 0: not known. */
typedef void update_progress_fn(void *ctx, const char *name, uint64_t now, uint64_t total);

struct fetch {
	const char *url;  /* told of as url_shown() */
	const char *path; /* path is made anew; what is in it after a failure is of no use */
	const char *etag, *modified; /* of the copy that is there; "" for none */
	struct update_limits limits;
	update_progress_fn *progress; /* or NULL */
	void *ctx;
	const char *name;
	/* results */
	char shown[UPDATE_URL_MAX]; /* what is told of the address */
	bool same;		    /* the server says that the copy is still right */
	char new_etag[UPDATE_TAG_MAX], new_modified[UPDATE_TAG_MAX];
	uint32_t retry_after_s; /* what the server asks for, 0 = nothing */
};
/* 0, or why not. */
enum update_why fetch_url(struct fetch *f, struct error *e);

/* Are so many rules of so many before suspiciously few? */
bool update_shrank(uint64_t has, uint64_t had, uint32_t percent);

struct update_options {
	const struct config *config;
	char *const *names; /* these lists alone; count 0: all that have an address */
	size_t count;
	bool due;   /* only those whose time has come */
	bool force; /* take a list that shrank; do not ask whether it changed */
	int64_t now;
	update_progress_fn *progress;
	void (*told)(void *ctx, const struct update_state *s, bool changed);
	void *ctx;
};
/* Goes through the lists, one after the other. One update at a time: a second is -EBUSY. 0 or
 * -errno for what stops all of them; *out_failed counts lists that were not brought up to date,
 * *out_changed copies that were replaced. */
int update_run(const struct update_options *o, unsigned *out_changed, unsigned *out_failed,
	       struct error *e);

#endif
