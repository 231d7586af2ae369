/* SPDX-License-Identifier: GPL-2.0-or-later */
/* List files: line by line into an index, with counts of what was not understood. */
#include "classify/lists.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "classify/list_input.h"
#include "classify/list_line.h"

/* A longer line is no rule in any format; a larger file would be some 10 million rules. */
enum { LINE_BYTES = 64 * 1024, SHOWN_BYTES = 80 };
static const uint64_t max_file = (uint64_t)256 << 20;

struct lines {
	struct list_input *in;
	char *buf; /* LINE_BYTES + 1 */
	size_t start, end;
	uint64_t total;
	bool eof;
};

struct line {
	const char *at; /* of an overlong line its beginning */
	size_t len;
	bool overlong;
};

static const char *const skip_names[LIST_SKIPS] = {
	[LIST_SKIP_BLANK] = "blank or comment", [LIST_SKIP_BAD_NAME] = "bad name",
	[LIST_SKIP_REWRITE] = "rewrite",	[LIST_SKIP_LOCAL_NAME] = "local name",
	[LIST_SKIP_COSMETIC] = "cosmetic",	[LIST_SKIP_MODIFIER] = "modifier",
	[LIST_SKIP_VALUE] = "bad value",	[LIST_SKIP_TAG] = "client tag",
	[LIST_SKIP_PATTERN] = "not a name",	[LIST_SKIP_REGEX] = "bad expression",
	[LIST_SKIP_WIDE] = "too wide",		[LIST_SKIP_LONG] = "too long",
	[LIST_SKIP_INCLUDE] = "include",	[LIST_SKIP_UNKNOWN] = "unknown",
};

const char *list_skip_name(enum list_skip s)
{
	return (unsigned)s < LIST_SKIPS ? skip_names[s] : "unknown";
}

/* Reads more behind what is still unread. 0 or -errno. */
static int lines_fill(struct lines *l)
{
	ssize_t got;

	memmove(l->buf, l->buf + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	got = list_input_read(l->in, l->buf + l->end, LINE_BYTES + 1 - l->end);
	if (got < 0)
		return (int)got;
	l->total += (uint64_t)got;
	if (l->total > max_file)
		return -EFBIG;
	l->eof = got == 0;
	l->end += (size_t)got;
	return 0;
}

/* Drops bytes up to the next newline. */
static int lines_skip(struct lines *l)
{
	for (;;) {
		char *nl = memchr(l->buf + l->start, '\n', l->end - l->start);
		if (nl) {
			l->start = (size_t)(nl + 1 - l->buf);
			return 0;
		}
		l->start = l->end;
		if (l->eof)
			return 0;
		int rc = lines_fill(l);
		if (rc)
			return rc;
	}
}

/* 1 and the line (valid until the next call), 0 at the end, -errno. */
static int lines_next(struct lines *l, char shown[static SHOWN_BYTES], struct line *out)
{
	for (;;) {
		size_t left = l->end - l->start;
		char *at = l->buf + l->start;
		char *nl = memchr(at, '\n', left);
		int rc;
		if (nl || (l->eof && left)) {
			*out = (struct line){ .at = at, .len = nl ? (size_t)(nl - at) : left };
			l->start += out->len + (nl ? 1 : 0);
			return 1;
		}
		if (l->eof)
			return 0;
		if (left > LINE_BYTES) {
			memcpy(shown, at, SHOWN_BYTES);
			*out = (struct line){ .at = shown, .len = SHOWN_BYTES, .overlong = true };
			rc = lines_skip(l);
			return rc ? rc : 1;
		}
		rc = lines_fill(l);
		if (rc)
			return rc;
	}
}

/* What a rule of the line being read needs to know. */
struct reading {
	const struct list_source *src;
	struct index_builder *b;
	uint16_t number;
	enum list_format format;
	struct list_json json;
	struct zone zone;
	struct list_counts counts;
	bool no_memory;
};

static uint32_t line_number(const struct reading *g)
{
	return g->counts.lines < UINT32_MAX ? (uint32_t)g->counts.lines : UINT32_MAX;
}

static void take_rule(void *ctx, const struct rule *r)
{
	struct reading *g = ctx;
	struct rule mine = *r;

	g->counts.rules++;
	mine.list = g->number;
	if (!mine.line)
		mine.line = line_number(g);
	if (g->src->action == RULE_ALLOW) {
		mine.action = RULE_ALLOW;
		if (mine.rewrite == RULE_REWRITES)
			mine.rewrite = RULE_EXCEPTS;
	}
	if (g->b && !index_builder_add(g->b, &mine))
		g->no_memory = true;
}

/* A rule never begins with '<'. */
static bool is_markup(const struct line *l)
{
	size_t i = 0;

	while (i < l->len && (l->at[i] == ' ' || l->at[i] == '\t' || l->at[i] == '\r'))
		i++;
	return i < l->len && l->at[i] == '<';
}

/* A list that begins as JSON does is Disconnect's. */
static int parse_line(struct reading *g, const struct line *l)
{
	if (g->format == LIST_AUTO && !g->counts.rules && l->len && l->at[0] == '{')
		g->format = LIST_DISCONNECT;
	if (g->format == LIST_DISCONNECT)
		return list_json_line(&g->json, l->at, l->len, take_rule, g);
	g->zone.line = line_number(g);
	return line_parse((struct span){ l->at, l->len }, g->format,
			  &(struct sink){ take_rule, g, &g->zone });
}

static int failed(const struct list_source *src, int rc, struct error *e)
{
	if (rc == -EBADMSG)
		return error_set(
			e, rc,
			"reading list %s: %s: its compressed data is damaged or cut short; "
			"fetch it again",
			src->name, src->path);
	if (rc == -EOPNOTSUPP)
		return error_set(e, rc,
				 "reading list %s: %s: it is compressed, and this tacet is built "
				 "without the library for that; unpack it",
				 src->name, src->path);
	return error_set(e, rc, "reading list %s: %s: %s", src->name, src->path, strerror(-rc));
}

static int read_lines(struct lines *in, struct reading *g, list_skipped_fn *skipped, void *ctx,
		      struct error *e)
{
	const struct list_source *src = g->src;
	char shown[SHOWN_BYTES];
	struct line line = { 0 };
	uint64_t texts = 0;
	int rc;

	while ((rc = lines_next(in, shown, &line)) > 0) {
		int why = LIST_SKIP_LONG;
		if (!g->counts.lines++ && line.len >= 3 &&
		    memcmp(line.at, "\xef\xbb\xbf", 3) == 0) {
			line.at += 3;
			line.len -= 3;
		}
		if (!line.overlong)
			why = parse_line(g, &line);
		if (g->no_memory)
			return failed(src, -ENOMEM, e);
		if (why != LIST_SKIP_BLANK && !texts++ && is_markup(&line))
			return error_set(
				e, -EBADMSG,
				"reading list %s: %s: it is a web page, not a list; look at "
				"the address it was fetched from",
				src->name, src->path);
		if (why < 0)
			continue;
		g->counts.skipped[why]++;
		if (skipped)
			skipped(ctx, src->path, (uint32_t)g->counts.lines, (enum list_skip)why,
				line.at, line.len);
	}
	if (rc == -EFBIG)
		return error_set(e, rc,
				 "reading list %s: %s: more than %u MiB; give it in several files",
				 src->name, src->path, (unsigned)(max_file >> 20));
	return rc ? failed(src, rc, e) : 0;
}

static int read_all(struct lines *in, struct reading *g, list_skipped_fn *skipped, void *ctx,
		    struct error *e)
{
	const struct list_source *src = g->src;
	int rc = read_lines(in, g, skipped, ctx, e);

	if (rc)
		return rc;
	zone_end(&g->zone, take_rule, g);
	if (g->no_memory)
		return failed(src, -ENOMEM, e);
	if (!g->counts.rules && !src->may_be_empty)
		return error_set(e, -ENODATA,
				 "reading list %s: %s: none of its %llu lines gave a rule; "
				 "`tacet lists check %s` says why",
				 src->name, src->path, (unsigned long long)g->counts.lines,
				 src->path);
	return 0;
}

int list_read(const struct list_source *src, uint16_t number, struct index_builder *b,
	      struct list_counts *out, list_skipped_fn *skipped, void *ctx, struct error *e)
{
	struct reading g = { .src = src, .b = b, .number = number, .format = src->format };
	struct lines in = { .in = NULL };
	int rc;

	if (g.format == LIST_AUTO)
		g.format = list_format_of_path(src->path);
	rc = list_input_open(src->copy ? src->copy : src->path, &in.in);
	if (rc)
		return error_set(e, rc, "reading list %s: %s: %s; correct the path", src->name,
				 src->path, strerror(-rc));
	in.buf = malloc(LINE_BYTES + 1);
	if (!in.buf) {
		rc = failed(src, -ENOMEM, e);
		goto out;
	}
	rc = read_all(&in, &g, skipped, ctx, e);
	if (out)
		*out = g.counts;
out:
	zone_done(&g.zone);
	free(in.buf);
	list_input_close(in.in);
	return rc;
}
