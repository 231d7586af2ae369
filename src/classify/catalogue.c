/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The catalogue: a tab-separated file into rows, found by hashes of their names. */
#include "classify/catalogue.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "classify/first_label.h"

enum {
	FIELD_DOMAIN,
	FIELD_MATCH,
	FIELD_OWNER,
	FIELD_APP,
	FIELD_ROLE,
	FIELD_BREAKS,
	FIELD_EVIDENCE,
	FIELDS
};
enum { MAX_BYTES = 16 << 20, MAX_ROWS = UINT16_MAX, MAX_DEVICES = 64, READ_STEP = 64 << 10 };

static const char *const heads[FIELDS] = {
	"domain", "match", "owner", "app", "role", "breaks", "evidence",
};

struct catalogue {
	char *text; /* the file; the rows' strings point into it */
	struct catalogue_row *rows;
	size_t count;
	/* The rows by the hashes of their names. Some thousand names: a table is asked in a tenth
	 * of the time that an index takes. */
	struct place *places;
	unsigned shares;		  /* besides the first */
	const char *devices[MAX_DEVICES]; /* apps that are devices */
	size_t device_count;
};

struct place {
	uint32_t hash;
	const struct catalogue_row *row;
};

/* From the right end of a name to its left, so that one pass gives those of all its suffixes. */
static uint32_t hash_step(uint32_t h, char c)
{
	return (h ^ (uint8_t)c) * 0x01000193U; /* FNV-1a */
}

enum { HASH_BEGIN = 0x1c9dc5 };

static uint32_t hash_of(const struct name *name)
{
	uint32_t h = HASH_BEGIN;

	for (size_t i = name->len; i-- > 0;)
		h = hash_step(h, name->text[i]);
	return h;
}

static int read_all(int fd, char **out, size_t *out_len)
{
	size_t len = 0, cap = 0;
	char *text = NULL;
	ssize_t got;

	do {
		if (cap - len < 2) {
			char *grown = cap < MAX_BYTES ? realloc(text, cap + READ_STEP) : NULL;
			if (!grown) {
				free(text);
				return cap < MAX_BYTES ? -ENOMEM : -EFBIG;
			}
			text = grown;
			cap += READ_STEP;
		}
		got = read(fd, text + len, cap - len - 1);
		if (got < 0 && errno != EINTR) {
			int rc = -errno;
			free(text);
			return rc;
		}
		len += got > 0 ? (size_t)got : 0;
	} while (got);
	text[len] = '\0';
	*out = text;
	*out_len = len;
	return 0;
}

/* Cuts the line into its fields, in place. */
static size_t split(char *line, char *fields[static FIELDS])
{
	size_t n = 0;

	for (char *at = line; at; n++) {
		char *tab = strchr(at, '\t');
		if (tab)
			*tab++ = '\0';
		if (n < FIELDS)
			fields[n] = at;
		at = tab;
	}
	return n;
}

static const char *or_null(const char *field)
{
	return strcmp(field, "-") == 0 ? NULL : field;
}

/* A row that says what stops working is essential whatever its role. */
static bool breaks_something(const char *breaks)
{
	return strcmp(breaks, "nothing") != 0 && strcmp(breaks, "unknown") != 0;
}

/* NULL, or what is wrong with the fields; *out_bad is the offending field. */
static const char *row_parse(char *f[static FIELDS], struct catalogue_row *out,
			     const char **out_bad)
{
	struct catalogue_row row = { .match = RULE_EXACT, .role = ROLE_NONE };

	for (int i = 0; i < FIELDS; i++) {
		*out_bad = heads[i];
		if (!*f[i])
			return "the field is empty";
	}
	*out_bad = f[FIELD_DOMAIN];
	if (strcmp(f[FIELD_MATCH], "first") == 0) {
		row.match = RULE_PATTERN;
		if (!first_label_parse(f[FIELD_DOMAIN], &row.name))
			return "not a pattern of a first label and a domain";
	} else if (!name_from_text(f[FIELD_DOMAIN], strlen(f[FIELD_DOMAIN]), &row.name) ||
		   strchr(row.name.text, '*')) {
		return "not a name";
	}
	*out_bad = f[FIELD_MATCH];
	if (strcmp(f[FIELD_MATCH], "suffix") == 0)
		row.match = RULE_SUFFIX;
	else if (row.match == RULE_EXACT && strcmp(f[FIELD_MATCH], "exact") != 0)
		return "match must be exact, suffix or first";
	*out_bad = f[FIELD_ROLE];
	if (strcmp(f[FIELD_ROLE], "-") != 0 && !role_parse(f[FIELD_ROLE], &row.role))
		return "no such role";
	row.owner = f[FIELD_OWNER];
	row.app = or_null(f[FIELD_APP]);
	row.breaks = f[FIELD_BREAKS];
	row.evidence = f[FIELD_EVIDENCE];
	row.essential = role_is_essential(row.role) || breaks_something(row.breaks);
	row.domain = f[FIELD_DOMAIN];
	row.length = row.name.len;
	if (row.match == RULE_PATTERN) {
		row.length = 0;
		for (const char *c = row.domain; *c; c++)
			row.length += *c != '*';
	}
	*out = row;
	return NULL;
}

static bool is_head(char *f[static FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		if (strcmp(f[i], heads[i]) != 0)
			return false;
	}
	return true;
}

static int bad_line(struct error *e, const char *path, unsigned line, const char *object,
		    const char *why)
{
	return error_set(e, -EINVAL, "reading catalogue: %s: line %u: %.80s: %s", path, line,
			 object, why);
}

/* A line that is about the app itself: it is a device. */
static const char *take_device(struct catalogue *c, char *f[static FIELDS])
{
	if (strcmp(f[FIELD_DOMAIN], f[FIELD_APP]) != 0)
		return "a device is named twice, as domain and as app";
	if (c->device_count == MAX_DEVICES)
		return "too many devices";
	c->devices[c->device_count++] = f[FIELD_APP];
	return NULL;
}

static void mark_devices(struct catalogue *c)
{
	for (size_t i = 0; i < c->count; i++)
		for (size_t d = 0; c->rows[i].app && d < c->device_count; d++)
			if (!strcmp(c->rows[i].app, c->devices[d]))
				c->rows[i].is_device = true;
}

static int parse_rows(struct catalogue *c, const char *path, struct error *e)
{
	unsigned number = 0;
	bool head = false;

	for (char *line = c->text, *next; line && *line; line = next) {
		char *fields[FIELDS];
		const char *bad, *why;
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		size_t len = strlen(line);
		if (len && line[len - 1] == '\r')
			line[--len] = '\0';
		if (!len || line[0] == '#')
			continue;
		size_t got = split(line, fields);
		if (got != FIELDS)
			return error_set(e, -EINVAL,
					 "reading catalogue: %s: line %u: %zu fields, not %d; they "
					 "are divided by tabs",
					 path, number, got, (int)FIELDS);
		if (!head) {
			if (!is_head(fields))
				return bad_line(e, path, number, fields[0],
						"the first line must name the fields");
			head = true;
			continue;
		}
		if (c->count == MAX_ROWS)
			return error_set(e, -E2BIG,
					 "reading catalogue: %s: line %u: more than %d rows", path,
					 number, (int)MAX_ROWS);
		if (!strcmp(fields[FIELD_MATCH], "device")) {
			bad = fields[FIELD_APP];
			why = take_device(c, fields);
			if (why)
				return bad_line(e, path, number, bad, why);
			continue;
		}
		why = row_parse(fields, &c->rows[c->count], &bad);
		if (why)
			return bad_line(e, path, number, bad, why);
		c->rows[c->count++].line = number;
	}
	mark_devices(c);
	if (!c->count)
		return error_set(e, -ENODATA, "reading catalogue: %s: it has no rows", path);
	return 0;
}

/* Rows of one name stand together, in the order of the file where they are alike. */
static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int order = (x->hash > y->hash) - (x->hash < y->hash);

	if (!order)
		order = strcmp(x->row->name.text, y->row->name.text);
	if (!order)
		order = (int)x->row->match - (int)y->row->match;
	if (!order)
		order = strcasecmp(x->row->domain, y->row->domain);
	return order ? order : (x->row->line > y->row->line) - (x->row->line < y->row->line);
}

static bool sort_places(struct catalogue *c)
{
	c->places = calloc(c->count, sizeof *c->places);
	if (!c->places)
		return false;
	for (size_t i = 0; i < c->count; i++)
		c->places[i] = (struct place){ hash_of(&c->rows[i].name), &c->rows[i] };
	qsort(c->places, c->count, sizeof *c->places, compare_places);
	return true;
}

/* Two rows for one name and match would leave it open which of them speaks. */
static int check_twice(const struct catalogue *c, const char *path, struct error *e)
{
	for (size_t i = 1; i < c->count; i++) {
		const struct catalogue_row *a = c->places[i - 1].row, *b = c->places[i].row;
		if (a->match == b->match && name_equal(&a->name, &b->name) &&
		    (a->match != RULE_PATTERN || !strcasecmp(a->domain, b->domain)))
			return error_set(e, -EINVAL,
					 "reading catalogue: %s: line %u: %s: already on line %u",
					 path, b->line,
					 b->match == RULE_PATTERN ? b->domain : b->name.text,
					 a->line);
	}
	return 0;
}

static int catalogue_fill(struct catalogue *c, const char *path, struct error *e)
{
	size_t len = 0, lines = 1;
	int rc, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set(e, -errno, "reading catalogue: %s: %s", path, strerror(errno));
	rc = read_all(fd, &c->text, &len);
	close(fd);
	if (!c->text)
		return error_set(e, rc, "reading catalogue: %s: %s", path, strerror(-rc));
	if (memchr(c->text, '\0', len))
		return error_set(e, -EINVAL, "reading catalogue: %s: it is not a text file", path);
	for (const char *at = c->text; (at = strchr(at, '\n')); at++)
		lines++;
	c->rows = calloc(lines, sizeof *c->rows);
	if (!c->rows)
		return error_set(e, -ENOMEM, "reading catalogue: %s: %s", path, strerror(ENOMEM));
	rc = parse_rows(c, path, e);
	if (rc)
		return rc;
	if (!sort_places(c))
		return error_set(e, -ENOMEM, "reading catalogue: %s: %s", path, strerror(ENOMEM));
	return check_twice(c, path, e);
}

int catalogue_load(const char *path, struct catalogue **out, struct error *e)
{
	struct catalogue *c = calloc(1, sizeof *c);
	int rc;

	if (!c)
		return error_set(e, -ENOMEM, "reading catalogue: %s: %s", path, strerror(ENOMEM));
	rc = catalogue_fill(c, path, e);
	if (rc) {
		catalogue_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

struct catalogue *catalogue_share(struct catalogue *c)
{
	c->shares++;
	return c;
}

void catalogue_free(struct catalogue *c)
{
	if (!c || c->shares--)
		return;
	free(c->places);
	free(c->rows);
	free(c->text);
	free(c);
}

size_t catalogue_rows(const struct catalogue *c)
{
	return c->count;
}

const struct catalogue_row *catalogue_row(const struct catalogue *c, size_t i)
{
	return i < c->count ? &c->rows[i] : NULL;
}

/* Where the rows of a hash begin. */
static size_t places_of(const struct catalogue *c, uint32_t hash)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (c->places[mid].hash < hash)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The longest row that speaks, and the longest essential one. */
struct best {
	const struct catalogue_row *row, *essential;
};

/* An exact row before a suffix row of the same name. */
static void keep_longer(const struct catalogue_row **best, const struct catalogue_row *row)
{
	if (!*best || row->length > (*best)->length)
		*best = row;
}

static bool speaks(const struct catalogue_row *row, const struct name *name)
{
	switch (row->match) {
	case RULE_EXACT:
		return row->name.len == name->len;
	case RULE_PATTERN:
		return row->name.len < name->len && first_label_fits(row->domain, name->text);
	case RULE_SUFFIX:
	case RULE_BELOW:
	case RULE_REGEX:
	case RULE_NETWORK:
		break;
	}
	return true;
}

/* What the rows of one suffix of the name say. */
static void hear(const struct catalogue *c, const struct name *name, const char *suffix,
		 uint32_t hash, struct best *whole, struct best *first)
{
	for (size_t i = places_of(c, hash); i < c->count && c->places[i].hash == hash; i++) {
		const struct catalogue_row *row = c->places[i].row;
		struct best *best = row->match == RULE_PATTERN ? first : whole;
		if (strcmp(row->name.text, suffix) || !speaks(row, name))
			continue;
		keep_longer(&best->row, row);
		if (row->essential)
			keep_longer(&best->essential, row);
	}
}

/* The row that speaks: exact, or else the longer, the first label's if they are as long. */
static const struct catalogue_row *choose(const struct catalogue_row *row,
					  const struct catalogue_row *first)
{
	if (!first || (row && (row->match == RULE_EXACT || first->length < row->length)))
		return row;
	return first;
}

const struct catalogue_row *catalogue_find(const struct catalogue *c, const struct name *name,
					   const struct catalogue_row **essential)
{
	struct best whole = { .row = NULL }, first = whole;
	uint32_t hashes[NAME_MAX_TEXT], h = HASH_BEGIN;

	for (size_t i = name->len; i-- > 0;)
		hashes[i] = h = hash_step(h, name->text[i]);
	/* The longest first. */
	for (const char *at = name->text; at < name->text + name->len; at = name_parent(at))
		hear(c, name, at, hashes[at - name->text], &whole, &first);
	if (essential)
		*essential = choose(whole.essential, first.essential);
	return choose(whole.row, first.row);
}
