/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List files: reading them, counting what was understood, building the index. */
#ifndef CLASSIFY_LISTS_H
#define CLASSIFY_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "index/index.h"
#include "rule/rule.h"

/* AUTO decides line by line what cannot be mistaken, and is AdGuard's syntax for the rest; see
 * tacet-lists(5). */
enum list_format {
	LIST_AUTO,
	LIST_HOSTS,
	LIST_DOMAINS, /* "name" the name alone, "*.name" the name and all below it */
	LIST_ADBLOCK, /* AdGuard's DNS filtering syntax, which takes hosts and domain lines too */
	LIST_DNSMASQ,
	LIST_UNBOUND,
	LIST_RPZ,
	LIST_REGEX, /* one expression a line */
	LIST_IP,    /* addresses, prefixes and ranges */
	LIST_V2FLY, /* "name" the name and all below it, "full:name" the name alone */
	LIST_DISCONNECT,
	LIST_FORMATS
};
const char *list_format_name(enum list_format f); /* "auto", "hosts", ... */
bool list_format_parse(const char *text, enum list_format *out);
/* The format that a file's name ends in ("x.rpz", "x.rpz.gz"); AUTO if none. */
enum list_format list_format_of_path(const char *path);

/* Why a line gave no rule. */
enum list_skip {
	LIST_SKIP_BLANK,      /* empty, a comment, a resolver's setting: not a fault */
	LIST_SKIP_BAD_NAME,   /* not a host name */
	LIST_SKIP_REWRITE,    /* an address or a server of its own for a name */
	LIST_SKIP_LOCAL_NAME, /* localhost and the like */
	LIST_SKIP_COSMETIC,   /* ##, #@#, #?#: for browsers */
	LIST_SKIP_MODIFIER,   /* a $modifier that the DNS syntax does not have */
	LIST_SKIP_VALUE,      /* a modifier's value that is none */
	LIST_SKIP_TAG,	      /* only for clients with a tag; tacet's have none */
	LIST_SKIP_PATTERN,    /* no host name can match it: a path, a scheme, a port */
	LIST_SKIP_REGEX,      /* a regular expression that is wrong, too large, or not built in */
	LIST_SKIP_WIDE,	      /* it would match nearly everything */
	LIST_SKIP_LONG,	      /* over 64 KiB a line, or 4,000 bytes of text and modifiers */
	LIST_SKIP_INCLUDE,    /* names another file */
	LIST_SKIP_UNKNOWN,    /* none of the formats */
	LIST_SKIPS
};
const char *list_skip_name(enum list_skip s); /* "bad name", ... for people */

/* Configured by the caller. action LIST-wide: an allow list turns its block lines into allows. */
struct list_source {
	const char *name; /* "streaming": what records and `explain` show */
	const char *path;
	const char *copy; /* what is read in place of path, which is what is told; or NULL */
	const char *role; /* role of names that only this list knows ("ads"), or NULL */
	enum list_format format;
	enum rule_action action;
	bool log_only;	   /* would block: VERDICT_LOG */
	bool may_be_empty; /* no rule at all is no error */
};

struct list_counts {
	uint64_t lines, rules;
	uint64_t skipped[LIST_SKIPS];
};

/* Parses one line (no newline; n bytes). Calls each() for every rule of it (a hosts line may
 * hold several). Returns the reason if it gave none, or -1. */
int list_parse_line(const char *line, size_t n, enum list_format format,
		    void (*each)(void *ctx, const struct rule *r), void *ctx);

/* LIST_DISCONNECT goes over lines: begin with a zeroed state, then line by line. */
enum { LIST_JSON_DEPTH = 16 };
struct list_json {
	unsigned depth;
	bool array[LIST_JSON_DEPTH];
	bool in_text, escaped, overlong;
	size_t len;
	char text[NAME_MAX_TEXT];
};
int list_json_line(struct list_json *j, const char *line, size_t n,
		   void (*each)(void *ctx, const struct rule *r), void *ctx);

/* What was skipped, for `lists check`; text is the line, not NUL-terminated. */
typedef void list_skipped_fn(void *ctx, const char *path, uint32_t line, enum list_skip why,
			     const char *text, size_t n);

/* Reads the file into b as list number `number`. An unreadable file, one that is HTML, one over
 * 256 MiB, or one that yields no rule at all is an error (-errno, e says which and what to do);
 * what was read before it stays in b. b, out and skipped may be NULL: then it only counts. Lines
 * over 64 KiB are UNKNOWN, and `skipped` sees their beginning. */
int list_read(const struct list_source *src, uint16_t number, struct index_builder *b,
	      struct list_counts *out, list_skipped_fn *skipped, void *ctx, struct error *e);

/* A set of lists with their index: what the rest of tacet asks. */
struct lists;
/* All or nothing: on failure *out is untouched. The strings of src are copied. A compiled index
 * stands for the lists that it was compiled from: names, paths and counts are theirs, skipped lines
 * of every kind count as UNKNOWN. */
int lists_load(const struct list_source *src, size_t count, struct lists **out, struct error *e);
/* The index that lists_compile made of these very lists; names, paths and counts are what it tells.
 * -ESTALE: it has not as many. */
int lists_open(const char *index, const struct list_source *src, size_t count, struct lists **out,
	       struct error *e);
/* Their index into a file (and the rules' lines into "PATH.lines"), replaced as a whole. memory:
 * bytes of rules that are kept at a time, the others wait in a temporary file; 0: all. */
int lists_compile(const struct list_source *src, size_t count, size_t memory, const char *path,
		  struct error *e);
/* What the lists say of a name as people write it: any case, a final dot, U-labels, or an address,
 * which rules for addresses and those for the whole of it are about. q->name is set by this. False
 * if no rule matches, or it is no name. */
bool lists_match(const struct lists *l, const char *text, size_t n, struct rule_query *q,
		 struct index_hit *out);
void lists_free(struct lists *l); /* accepts NULL */
const struct index *lists_index(const struct lists *l);
size_t lists_count(const struct lists *l);
const struct list_source *lists_source(const struct lists *l, uint16_t number);
const struct list_counts *lists_counts(const struct lists *l, uint16_t number);

#endif
