/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lists of the configuration as one index in a directory that is root's alone: made aside by
 * `tacet lists compile`, mapped by `tacet run`; and what became of each list. The index is a file
 * of its own whatever the lists are: who may write to a list cannot change what is mapped. */
#ifndef UPDATE_COMPILED_H
#define UPDATE_COMPILED_H

#include "classify/lists.h"
#include "update/update.h"

/* One enabled list of the configuration, in its order. `sha256` and what follows are of what is in
 * force: the file, or, if that was no good, the copy of the last good one. */
struct compiled_list {
	char name[UPDATE_NAME_MAX];
	char *file;
	char format[12], action[8];
	char stamp[96];	  /* of the file when it was looked at; "": it was not there */
	char sha256[65];  /* "": nothing is in force */
	char read_as[12]; /* the format that it was good in */
	uint64_t bytes, lines, rules, skipped;
	uint32_t members;    /* lists of the index that it gave: more than one if it is an index */
	uint64_t generation; /* times that what is in force changed */
	int64_t since;	     /* when it last did: seconds since 1970 */
	enum update_why why; /* the file was not taken */
	char said[UPDATE_SAID_MAX]; /* of that, for people */
};

/* What is known of the index and its lists: DIR/lists.jsonl. */
struct compiled {
	char made_by[96]; /* which program */
	uint32_t checksum;
	struct compiled_list *at;
	size_t count;
};

/* A file that is not there or is damaged gives no lists and a checksum of 0. */
void compiled_load(const char *dir, struct compiled *out);
int compiled_save(const char *dir, const struct compiled *c, struct error *e);
void compiled_done(struct compiled *c);
struct compiled_list *compiled_find(const struct compiled *c, const char *name);
/* A new one at the end, with the settings of the list; NULL without memory. */
struct compiled_list *compiled_add(struct compiled *c, const struct config_list *l);
void compiled_list_json(const struct compiled_list *l, struct text *out); /* into an open object */
const char *compiled_state(const struct compiled_list *l); /* "ok", "kept", "missing" */
/* This very program: another may read lists otherwise. */
const char *compiled_made_by(char out[static 96]);
/* "": there is no such file. */
void compiled_stamp(const char *path, char out[static 96]);
/* Name, file, format and action are those of the configuration. */
bool compiled_same_settings(const struct compiled_list *l, const struct config_list *c);

/* Maps the index of the configuration's lists. `fresh`: only if this program made it, no list
 * changed since and none was refused. *out_record is the caller's to end if 0 is returned. -ESTALE:
 * there is none such, compile. */
int compiled_open(const struct config *c, bool fresh, struct compiled *out_record,
		  struct lists **out, struct error *e);

struct compile_options {
	const struct config *config;
	bool force; /* take lists that shrank */
	int64_t now;
	/* Of every list whose file was not taken; or NULL. */
	void (*refused)(void *ctx, const struct compiled_list *l);
	void *ctx;
};
/* Looks at every list and compiles those in force if anything changed. Waits for another one that
 * is compiling. On failure (-errno: memory, disk, the directory) all is as before. */
int compile_run(const struct compile_options *o, bool *out_changed, struct error *e);

#endif
