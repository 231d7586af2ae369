/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From sorted rules to the file: one pass to count, one to write. */
#include "index/builder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/fuse.h"
#include "index/grams.h"
#include "index/coder.h"
#include "index/internal.h"

/* What the passes gather. */
struct writing {
	struct index_builder *b;
	struct index_coder *coder;
	struct text class;     /* of the group at hand */
	struct intern classes; /* u24 payloads */
	uint32_t *counts;      /* of each class */
	size_t counts_cap;
	uint32_t *rank;	  /* of each class, by falling count */
	uint32_t *names;  /* the class of each name */
	uint64_t *hashes; /* of each name */
	size_t name_count, name_cap;
	uint32_t rules, labels;
	struct text sections[INDEX_SECTIONS];
	uint32_t net_above[2][130]; /* prefixes around the one at hand */
	size_t net_depth[2];
	struct text bases, lines; /* index_lines.c */
	bool want_lines;
};

static void append_le(struct text *t, uint32_t v, int n)
{
	uint8_t b[4];

	put_le(b, v, n);
	text_put(t, (const char *)b, (size_t)n);
}

/* The class of the group at hand. */
static uint32_t class_of(struct writing *w)
{
	text_clear(&w->class);
	for (size_t i = 0; i < w->b->member_count; i++)
		append_le(&w->class, w->b->members[i].payload, 3);
	return w->class.failed ? INTERN_FAILED : intern_add(&w->classes, w->class.at, w->class.len);
}

static bool count_class(struct writing *w, uint32_t class)
{
	if (class == INTERN_FAILED)
		return false;
	if (class >= w->counts_cap) {
		size_t cap = 2 * w->counts_cap + 256;
		uint32_t *more = realloc(w->counts, cap * sizeof *more);
		if (!more)
			return false;
		memset(more + w->counts_cap, 0, (cap - w->counts_cap) * sizeof *more);
		w->counts = more;
		w->counts_cap = cap;
	}
	w->counts[class]++;
	return true;
}

static bool count_name(struct writing *w, uint32_t class)
{
	const uint8_t *key = w->b->key + 1;
	size_t len = w->b->key_len - 1;
	unsigned labels;

	if (w->name_count == w->name_cap) {
		size_t cap = w->name_cap + w->name_cap / 2 + 1024;
		uint32_t *names = realloc(w->names, cap * sizeof *names);
		uint64_t *hashes = names ? realloc(w->hashes, cap * sizeof *hashes) : NULL;
		if (names)
			w->names = names;
		if (!hashes)
			return false;
		w->hashes = hashes;
		w->name_cap = cap;
	}
	w->hashes[w->name_count] = key_hash(key, len, &labels);
	w->labels |= labels_bit(labels);
	w->names[w->name_count++] = class;
	coder_count(w->coder, key, len);
	return true;
}

static int pass_count(struct writing *w)
{
	int rc = group_begin(w->b);

	while (!rc && (rc = group_next(w->b)) > 0) {
		uint32_t class = class_of(w);
		rc = 0;
		if (!count_class(w, class) ||
		    (w->b->key[0] == RECORD_NAME && !count_name(w, class)))
			rc = -ENOMEM;
		w->rules += (uint32_t)w->b->member_count;
	}
	return rc;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Classes by falling count, and their members. */
static bool write_classes(struct writing *w)
{
	struct text *ends = &w->sections[SECTION_CLASSES], *out = &w->sections[SECTION_MEMBERS];
	uint32_t n = w->classes.count;
	uint64_t *order;
	size_t len;

	if (n > 0xffffff || w->b->payloads.count > 0xffffff)
		return false;
	w->rank = calloc(n + 1, sizeof *w->rank);
	order = w->rank ? calloc(n + 1, sizeof *order) : NULL;
	if (!order)
		return false;
	for (uint32_t i = 0; i < n; i++)
		order[i] = (uint64_t)(UINT32_MAX - w->counts[i]) << 32 | i;
	qsort(order, n, sizeof *order, compare_numbers);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t class = (uint32_t)order[i];
		const uint8_t *m = intern_at(&w->classes, class, &len);
		w->rank[class] = i;
		text_put(out, (const char *)m, len);
		append_le(ends, (uint32_t)(out->len / 3), 4);
	}
	for (size_t i = 0; i < w->name_count; i++)
		w->names[i] = w->rank[w->names[i]];
	free(order);
	return true;
}

static void write_payloads(struct writing *w)
{
	struct text *out = &w->sections[SECTION_PAYLOADS];
	const struct intern *m = &w->b->modifiers;
	size_t n;

	text_put(&w->sections[SECTION_STRINGS], m->bytes.at, m->bytes.len);
	for (uint32_t i = 0; i < w->b->payloads.count; i++) {
		const uint8_t *p = intern_at(&w->b->payloads, i, &n);
		uint32_t number = get_u32(p + 4);
		text_put(out, (const char *)p, 4);
		append_le(out, number ? m->ends[number - 1] : 0, 4);
	}
}

static void write_lists(struct writing *w)
{
	struct text *strings = &w->sections[SECTION_STRINGS], *out = &w->sections[SECTION_LISTS];
	const struct index_builder *b = w->b;
	uint32_t base = (uint32_t)strings->len;

	append_le(out, b->list_count, 4);
	text_put(out, b->lists.at, b->lists.len);
	for (size_t at = 4; !out->failed && at < out->len; at += LIST_BYTES) {
		uint8_t *entry = (uint8_t *)out->at + at;
		put_le(entry, get_u32(entry) + base, 4);
		put_le(entry + 4, get_u32(entry + 4) + base, 4);
	}
	text_put(strings, b->list_strings.at, b->list_strings.len);
}

/* Does the prefix at `a` (address, bits) hold the one at `b`? */
static bool net_holds(const uint8_t *a, const uint8_t *b, size_t bytes)
{
	size_t bits = a[bytes];

	return bits <= b[bytes] && !memcmp(a, b, bits / 8) &&
	       (bits % 8 == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0);
}

static void write_net(struct writing *w, uint32_t class)
{
	bool six = w->b->key[0] == RECORD_NET6;
	size_t bytes = six ? 16 : 4, record = bytes + 8;
	struct text *out = &w->sections[six ? SECTION_NET6 : SECTION_NET4];
	uint32_t *above = w->net_above[six], number = (uint32_t)(out->len / record);
	size_t *depth = &w->net_depth[six];

	while (*depth && !net_holds((const uint8_t *)out->at + (above[*depth - 1] - 1) * record,
				    w->b->key + 1, bytes))
		--*depth;
	text_put(out, (const char *)w->b->key + 1, bytes + 1);
	append_le(out, class, 3);
	append_le(out, *depth ? above[*depth - 1] : 0, 4);
	above[(*depth)++] = number + 1;
}

static void write_text(struct writing *w, uint32_t class)
{
	struct text *strings = &w->sections[SECTION_STRINGS];
	struct text *out = &w->sections[SECTION_TEXTS];

	append_le(out, (uint32_t)strings->len, 4);
	append_le(out, class, 3);
	append_le(out, w->b->key[0] == RECORD_REGEX, 1);
	text_put(strings, (const char *)w->b->key + 1, w->b->key_len - 1);
	text_put(strings, "", 1);
}

static void write_lines(struct writing *w, uint64_t unit_begins)
{
	if (!w->want_lines)
		return;
	if (unit_begins)
		append_le(&w->bases, (uint32_t)(w->lines.len / 4), 4);
	for (size_t i = 0; i < w->b->member_count; i++)
		append_le(&w->lines, w->b->members[i].line, 4);
}

static int pass_write(struct writing *w)
{
	uint32_t name = 0;
	int rc = group_begin(w->b);

	while (!rc && (rc = group_next(w->b)) > 0) {
		rc = 0;
		if (w->b->key[0] == RECORD_NAME) {
			write_lines(w, name % INDEX_BLOCK == 0);
			coder_write(w->coder, w->b->key + 1, w->b->key_len - 1, w->names[name++]);
			continue;
		}
		uint32_t class = w->rank[class_of(w)];
		write_lines(w, true);
		if (w->b->key[0] == RECORD_NET4 || w->b->key[0] == RECORD_NET6)
			write_net(w, class);
		else
			write_text(w, class);
	}
	return rc;
}

static struct bytes section_bytes(const struct writing *w, enum index_section s)
{
	return (struct bytes){ (const uint8_t *)w->sections[s].at, w->sections[s].len };
}

static int write_sections(struct writing *w)
{
	int rc = w->b->error ? w->b->error : pass_count(w);

	if (rc)
		return rc;
	/* While there is nothing else: it takes the most memory. */
	fuse_build(w->hashes, w->name_count, &w->sections[SECTION_FILTER]);
	free(w->hashes);
	w->hashes = NULL;
	if (!write_classes(w))
		return -ENOMEM;
	write_payloads(w);
	write_lists(w);
	coder_count_classes(w->coder, w->names, w->name_count);
	if (!coder_models(w->coder, &w->sections[SECTION_CHARS], &w->sections[SECTION_SHARED],
			  &w->sections[SECTION_CLASS_MODEL]))
		return -ENOMEM;
	rc = pass_write(w);
	if (rc)
		return rc;
	runs_free(w->b->runs);
	w->b->runs = NULL;
	free(w->names);
	w->names = NULL;
	if (!coder_end(w->coder, &w->sections[SECTION_GROUPS], &w->sections[SECTION_SEPARATORS],
		       &w->sections[SECTION_BLOCKS]))
		return -ENOMEM;
	if (!grams_build(section_bytes(w, SECTION_TEXTS), section_bytes(w, SECTION_STRINGS),
			 &w->sections[SECTION_GRAMS]))
		return -ENOMEM;
	for (int i = 0; i < INDEX_SECTIONS; i++)
		if (w->sections[i].failed)
			return -ENOMEM;
	return w->bases.failed || w->lines.failed ? -ENOMEM : 0;
}

static int put_file(struct writing *w, struct text *out)
{
	uint8_t head[INDEX_HEAD] = { 0 };
	uint64_t at = INDEX_HEAD;
	uint8_t *start;

	memcpy(head, INDEX_MAGIC, 8);
	put_le(head + 8, INDEX_VERSION, 4);
	put_le(head + 20, (uint32_t)w->name_count, 4);
	put_le(head + 24, w->rules, 4);
	put_le(head + 28, w->labels, 4);
	for (int i = 0; i < INDEX_SECTIONS; i++) {
		put_le(head + INDEX_TABLE + 8 * i, (uint32_t)at, 4);
		put_le(head + INDEX_TABLE + 4 + 8 * i, (uint32_t)w->sections[i].len, 4);
		at += w->sections[i].len;
	}
	if (at > UINT32_MAX)
		return -EFBIG;
	put_le(head + 12, (uint32_t)at, 4);
	text_put(out, (const char *)head, sizeof head);
	for (int i = 0; i < INDEX_SECTIONS; i++) {
		text_put(out, w->sections[i].at, w->sections[i].len);
		text_done(&w->sections[i]);
	}
	if (out->failed)
		return -ENOMEM;
	start = (uint8_t *)out->at;
	put_le(start + 16, crc32_of(0, start + 20, out->len - 20), 4);
	return 0;
}

static int put_lines(struct writing *w, const struct text *index, struct text *out)
{
	if (!out)
		return 0;
	text_put(out, LINES_MAGIC, 8);
	append_le(out, get_u32((const uint8_t *)index->at + 16), 4);
	append_le(out, (uint32_t)(w->bases.len / 4), 4);
	text_put(out, w->bases.at, w->bases.len);
	text_put(out, w->lines.at, w->lines.len);
	return out->failed ? -ENOMEM : 0;
}

int index_builder_bytes(struct index_builder *b, struct text *index, struct text *lines)
{
	struct writing w = { .b = b, .coder = coder_new(), .want_lines = lines };
	int rc = w.coder ? write_sections(&w) : -ENOMEM;

	if (!rc)
		rc = put_file(&w, index);
	if (!rc)
		rc = put_lines(&w, index, lines);
	coder_free(w.coder);
	text_done(&w.class);
	intern_done(&w.classes);
	free(w.counts);
	free(w.rank);
	free(w.names);
	free(w.hashes);
	for (int i = 0; i < INDEX_SECTIONS; i++)
		text_done(&w.sections[i]);
	text_done(&w.bases);
	text_done(&w.lines);
	return rc;
}

/* Beside the place it will have, synced, then renamed: the path holds the old file or the new. */
static int replace_file(const char *path, const struct text *bytes, struct error *e)
{
	char temporary[4096];
	size_t done = 0;
	int fd, rc = 0;

	if ((size_t)snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= sizeof temporary)
		return error_set(e, -ENAMETOOLONG, "writing index: %s: %s", path,
				 strerror(ENAMETOOLONG));
	fd = mkstemp(temporary);
	if (fd < 0)
		return error_set(e, -errno, "writing index: %s: %s", path, strerror(errno));
	while (!rc && done < bytes->len) {
		ssize_t n = write(fd, bytes->at + done, bytes->len - done);
		if (n < 0 && errno != EINTR)
			rc = -errno;
		else if (n > 0)
			done += (size_t)n;
	}
	if (!rc && (fchmod(fd, 0644) || fsync(fd)))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (!rc && rename(temporary, path))
		rc = -errno;
	if (!rc)
		return 0;
	unlink(temporary);
	return error_set(e, rc, "writing index: %s: %s", path, strerror(-rc));
}

int index_builder_write(struct index_builder *b, const char *path, struct error *e)
{
	struct text index = { 0 }, lines = { 0 };
	char lines_path[4096];
	int rc = index_builder_bytes(b, &index, &lines);

	if (rc)
		error_set(e, rc, "writing index: %s: %s", path, strerror(-rc));
	else if ((size_t)snprintf(lines_path, sizeof lines_path, "%s.lines", path) >=
		 sizeof lines_path)
		rc = error_set(e, -ENAMETOOLONG, "writing index: %s: %s", path,
			       strerror(ENAMETOOLONG));
	else if (!(rc = replace_file(lines_path, &lines, e)))
		rc = replace_file(path, &index, e);
	text_done(&index);
	text_done(&lines);
	return rc;
}

int index_builder_finish(struct index_builder *b, struct index **out)
{
	struct text index = { 0 }, lines = { 0 };
	int rc = index_builder_bytes(b, &index, &lines);

	if (!rc)
		rc = index_adopt(&index, &lines, out);
	text_done(&index);
	text_done(&lines);
	return rc;
}
