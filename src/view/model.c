/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows over uthash. Order of insertion is order of the last contact: a row that is touched moves
 * to the end, so that the first is the idlest. */
#include "view/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { OPEN_FLOWS = 16384, KEY_MAX = 64 + 48 + 256 };

struct row {
	UT_hash_handle hh;
	char *key; /* device NUL app NUL name NUL */
	size_t key_len;
	enum record_verdict verdict;
	char role[16], how[16], list[64], rule[256];
	int64_t first_ms, last_ms;
	uint64_t bytes_out, bytes_in;
	int64_t bucket; /* number of the newest */
	uint32_t contacts[MODEL_BUCKETS], blocked[MODEL_BUCKETS], logged[MODEL_BUCKETS];
	uint32_t rate[2]; /* contacts of this minute and of the one before */
	int64_t minute;
};

struct open_flow {
	UT_hash_handle hh;
	uint64_t id;
};

struct minute {
	int64_t number;
	uint64_t allowed, logged, blocked;
};

struct model {
	struct model_limits limits;
	struct row *table[MODEL_TABLES];
	struct open_flow *open;
	struct model_counts seen;
	bool has_seen;
	struct minute minutes[MODEL_MINUTES];
};

struct model *model_new(const struct model_limits *limits)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		m->limits = *limits;
	hash_seed();
	return m;
}

static void row_free(struct row *r)
{
	free(r->key);
	free(r);
}

static void row_drop(struct model *m, enum model_table t, struct row *r)
{
	HASH_DEL(m->table[t], r);
	row_free(r);
}

void model_restarted(struct model *m)
{
	struct open_flow *o, *next;

	HASH_ITER (hh, m->open, o, next) {
		HASH_DEL(m->open, o);
		free(o);
	}
}

void model_clear(struct model *m)
{
	struct row *r, *next;

	for (int t = 0; t < MODEL_TABLES; t++)
		HASH_ITER (hh, m->table[t], r, next) {
			row_drop(m, (enum model_table)t, r);
		}
	model_restarted(m);
}

void model_free(struct model *m)
{
	if (!m)
		return;
	model_clear(m);
	free(m);
}

static size_t put_key(char *at, const char *device, const char *app, const char *name)
{
	size_t d = strlen(device) + 1, a = strlen(app) + 1, n = strlen(name) + 1;

	memcpy(at, device, d);
	memcpy(at + d, app, a);
	memcpy(at + d + a, name, n);
	return d + a + n;
}

static struct row *row_new(struct model *m, enum model_table t, const char *key, size_t n,
			   int64_t now_ms)
{
	struct row *r = calloc(1, sizeof(*r)), *head;

	if (!r)
		return NULL;
	r->key = malloc(n);
	if (!r->key) {
		free(r);
		return NULL;
	}
	memcpy(r->key, key, n);
	r->key_len = n;
	r->first_ms = now_ms;
	if (HASH_COUNT(m->table[t]) >= m->limits.rows[t])
		row_drop(m, t, m->table[t]);
	head = m->table[t];
	HASH_ADD_KEYPTR(hh, head, r->key, r->key_len, r);
	if (!r->hh.tbl) { /* no memory */
		row_free(r);
		return NULL;
	}
	m->table[t] = head;
	return r;
}

/* The row of the key, at the end of its table. NULL without memory. */
static struct row *row_touch(struct model *m, enum model_table t, const struct view_record *rec,
			     int64_t now_ms)
{
	char key[KEY_MAX];
	size_t n = put_key(key, t == MODEL_APPS ? "" : rec->device,
			   t == MODEL_DEVICES ? "" : rec->app, t == MODEL_NAMES ? rec->name : "");
	struct row *r, *head = m->table[t];

	HASH_FIND(hh, head, key, n, r);
	if (!r)
		return row_new(m, t, key, n, now_ms);
	if (!r->hh.next)
		return r;
	HASH_DEL(head, r);
	HASH_ADD_KEYPTR(hh, head, r->key, r->key_len, r);
	m->table[t] = head;
	if (r->hh.tbl)
		return r;
	row_free(r);
	return NULL;
}

static void row_advance(struct row *r, int64_t bucket, int64_t minute)
{
	int64_t from = bucket - r->bucket > MODEL_BUCKETS ? bucket - MODEL_BUCKETS : r->bucket;

	for (int64_t b = from + 1; b <= bucket; b++)
		r->contacts[b % MODEL_BUCKETS] = r->blocked[b % MODEL_BUCKETS] =
			r->logged[b % MODEL_BUCKETS] = 0;
	if (bucket > r->bucket)
		r->bucket = bucket;
	if (minute > r->minute) {
		r->rate[1] = minute == r->minute + 1 ? r->rate[0] : 0;
		r->rate[0] = 0;
		r->minute = minute;
	}
}

static int64_t bucket_of(const struct model *m, int64_t now_ms)
{
	return now_ms / (m->limits.span_ms / MODEL_BUCKETS);
}

static void row_count(const struct model *m, struct row *r, const struct view_record *rec,
		      bool is_new, int64_t now_ms)
{
	uint32_t n = rec->repeats ? rec->repeats : 1;

	row_advance(r, bucket_of(m, now_ms), now_ms / 60000);
	r->last_ms = now_ms;
	if (!rec->is_open) {
		r->bytes_out += rec->bytes_out;
		r->bytes_in += rec->bytes_in;
	}
	r->verdict = rec->verdict;
	memcpy(r->role, rec->role, sizeof(r->role));
	memcpy(r->how, rec->how, sizeof(r->how));
	memcpy(r->list, rec->list, sizeof(r->list));
	memcpy(r->rule, rec->rule, sizeof(r->rule));
	if (!is_new)
		return;
	r->contacts[r->bucket % MODEL_BUCKETS] += n;
	r->blocked[r->bucket % MODEL_BUCKETS] += rec->verdict == RECORD_BLOCK ? n : 0;
	r->logged[r->bucket % MODEL_BUCKETS] += rec->verdict == RECORD_LOG ? n : 0;
	r->rate[0] += n;
}

/* Is this the first that is heard of the contact? */
static bool contact_is_new(struct model *m, const struct view_record *rec)
{
	struct open_flow *o;

	if (rec->type == RECORD_DNS)
		return true;
	HASH_FIND(hh, m->open, &rec->id, sizeof(rec->id), o);
	if (o && !rec->is_open) {
		HASH_DEL(m->open, o);
		free(o);
		return false;
	}
	if (o || !rec->is_open)
		return !o;
	if (HASH_COUNT(m->open) >= OPEN_FLOWS) {
		o = m->open;
		HASH_DEL(m->open, o);
	} else {
		o = malloc(sizeof(*o));
	}
	if (o) {
		o->id = rec->id;
		HASH_ADD(hh, m->open, id, sizeof(o->id), o);
		if (!o->hh.tbl)
			free(o);
	}
	return true;
}

void model_record(struct model *m, const struct view_record *rec, int64_t now_ms)
{
	bool is_new;

	if (rec->type != RECORD_FLOW && rec->type != RECORD_DNS)
		return;
	is_new = contact_is_new(m, rec);
	for (int t = 0; t < MODEL_TABLES; t++) {
		struct row *r = row_touch(m, (enum model_table)t, rec, now_ms);

		if (r)
			row_count(m, r, rec, is_new, now_ms);
	}
}

void model_expire(struct model *m, int64_t now_ms)
{
	for (int t = 0; t < MODEL_TABLES; t++)
		while (m->table[t] && now_ms - m->table[t]->last_ms > m->limits.span_ms)
			row_drop(m, (enum model_table)t, m->table[t]);
}

static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

void model_counts(struct model *m, const struct model_counts *now, int64_t now_ms)
{
	int64_t number = now_ms / 60000;
	struct minute *at = &m->minutes[number % MODEL_MINUTES];

	if (at->number != number)
		*at = (struct minute){ .number = number };
	if (m->has_seen) {
		at->allowed += grown(now->allowed, m->seen.allowed);
		at->logged += grown(now->logged, m->seen.logged);
		at->blocked += grown(now->blocked, m->seen.blocked);
	}
	m->seen = *now;
	m->has_seen = true;
}

void model_minutes_json(const struct model *m, int64_t now_ms, struct text *out)
{
	int64_t now = now_ms / 60000;

	for (int64_t n = now - MODEL_MINUTES + 1; n <= now; n++) {
		const struct minute *at = &m->minutes[n % MODEL_MINUTES];

		if (at->number != n || !(at->allowed || at->logged || at->blocked))
			continue;
		json_array_begin(out, NULL);
		json_i64(out, NULL, n * 60);
		json_u64(out, NULL, at->allowed);
		json_u64(out, NULL, at->logged);
		json_u64(out, NULL, at->blocked);
		json_array_end(out);
	}
}

static uint64_t sum(const struct row *r, const uint32_t of[static MODEL_BUCKETS], int64_t newest)
{
	uint64_t n = 0;

	for (int64_t b = newest - MODEL_BUCKETS + 1; b <= r->bucket; b++)
		n += b > r->bucket - MODEL_BUCKETS ? of[b % MODEL_BUCKETS] : 0;
	return n;
}

/* The last whole minute, or this one if it has more already. */
static uint64_t rate(const struct row *r, int64_t minute)
{
	if (minute == r->minute)
		return r->rate[0] > r->rate[1] ? r->rate[0] : r->rate[1];
	return minute == r->minute + 1 ? r->rate[0] : 0;
}

static struct model_row row_now(const struct model *m, const struct row *r, int64_t now_ms)
{
	int64_t newest = bucket_of(m, now_ms);
	const char *app = r->key + strlen(r->key) + 1;
	struct model_row out = {
		.device = r->key,
		.app = app,
		.name = app + strlen(app) + 1,
		.verdict = r->verdict,
		.role = r->role,
		.how = r->how,
		.list = r->list,
		.rule = r->rule,
		.contacts = sum(r, r->contacts, newest),
		.blocked = sum(r, r->blocked, newest),
		.logged = sum(r, r->logged, newest),
		.per_minute = rate(r, now_ms / 60000),
		.bytes_out = r->bytes_out,
		.bytes_in = r->bytes_in,
		.first_ms = r->first_ms,
		.last_ms = r->last_ms,
	};

	for (int i = 0; i < MODEL_BUCKETS; i++) {
		int64_t b = newest - MODEL_BUCKETS + 1 + i;

		if (b <= r->bucket && b > r->bucket - MODEL_BUCKETS)
			out.activity[i] = r->contacts[b % MODEL_BUCKETS];
	}
	return out;
}

static int by_contacts(const void *a, const void *b)
{
	const struct model_row *x = a, *y = b;

	if (x->contacts != y->contacts)
		return x->contacts < y->contacts ? 1 : -1;
	return x->last_ms < y->last_ms ? 1 : x->last_ms > y->last_ms ? -1 : 0;
}

struct model_row *model_rows(const struct model *m, enum model_table table, const char *device,
			     const char *app, int64_t now_ms, size_t *out_n)
{
	size_t n = 0, all = HASH_COUNT(m->table[table]);
	struct model_row *out = calloc(all ? all : 1, sizeof(*out));

	if (!out)
		return NULL;
	for (const struct row *r = m->table[table]; r; r = r->hh.next)
		if ((!device || !strcmp(r->key, device)) &&
		    (!app || !strcmp(r->key + strlen(r->key) + 1, app)))
			out[n++] = row_now(m, r, now_ms);
	qsort(out, n, sizeof(*out), by_contacts);
	*out_n = n;
	return out;
}

static void put_text(struct text *out, const char *key, const char *value)
{
	if (*value)
		json_str(out, key, value);
}

static void put_row(const struct model_row *r, struct text *out)
{
	json_object_begin(out, NULL);
	put_text(out, "device", r->device);
	put_text(out, "app", r->app);
	if (*r->name) {
		json_str(out, "name", r->name);
		put_text(out, "role", r->role);
		json_str(out, "verdict", view_verdict_name(r->verdict));
		put_text(out, "how", r->how);
		put_text(out, "list", r->list);
		put_text(out, "rule", r->rule);
	}
	json_u64(out, "contacts", r->contacts);
	json_u64(out, "blocked", r->blocked);
	json_u64(out, "logged", r->logged);
	json_u64(out, "per_minute", r->per_minute);
	json_u64(out, "bytes_out", r->bytes_out);
	json_u64(out, "bytes_in", r->bytes_in);
	json_time(out, "first", r->first_ms * 1000000);
	json_time(out, "last", r->last_ms * 1000000);
	json_array_begin(out, "activity");
	for (int i = 0; i < MODEL_BUCKETS; i++)
		json_u64(out, NULL, r->activity[i]);
	json_array_end(out);
	json_object_end(out);
}

void model_rows_json(const struct model *m, enum model_table table, const char *device,
		     const char *app, size_t limit, int64_t now_ms, struct text *out)
{
	size_t n = 0;
	struct model_row *rows = model_rows(m, table, device, app, now_ms, &n);

	if (!rows) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < n && i < limit; i++)
		put_row(&rows[i], out);
	free(rows);
}
