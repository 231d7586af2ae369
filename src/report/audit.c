/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds up an audit: records by device, app and name, in bounded memory. */
#include "report/audit.h"

#include <stdlib.h>
#include <string.h>

#include "classify/catalogue.h"

static const char others_name[] = "(others)";
static const char local_name[] = "(local network)";
static const char hidden_address[] = "(an address)"; /* that may not be told */

struct audit *audit_new(size_t max_rows)
{
	struct audit *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	hash_seed();
	a->max_rows = max_rows;
	return a;
}

void audit_free(struct audit *a)
{
	struct audit_row *row, *next_row;
	struct audit_device *device, *next_device;
	struct audit_word *word, *next_word;

	if (!a)
		return;
	row = a->rows;
	HASH_CLEAR(hh, a->rows);
	for (; row; row = next_row) {
		next_row = row->hh.next;
		free(row);
	}
	device = a->devices;
	HASH_CLEAR(hh, a->devices);
	for (; device; device = next_device) {
		next_device = device->hh.next;
		free(device->others);
		free(device);
	}
	if (a->crowd)
		free(a->crowd->others);
	free(a->crowd);
	audit_times_done(&a->times);
	audit_habits_done(&a->habits);
	word = a->words;
	HASH_CLEAR(hh, a->words);
	for (; word; word = next_word) {
		next_word = word->hh.next;
		free(word);
	}
	free(a);
}

/* Apps and lists come from files of the configuration, so their number is bounded. Without
 * memory the word is unknown: the row is then one without app or list. */
static const char *audit_intern(struct audit *a, const char *text)
{
	size_t len = text ? strlen(text) : 0;
	struct audit_word *w = NULL;

	if (!len)
		return NULL;
	HASH_FIND(hh, a->words, text, len, w);
	if (w)
		return w->text;
	w = calloc(1, sizeof(*w) + len + 1);
	if (!w)
		return NULL;
	memcpy(w->text, text, len);
	HASH_ADD_KEYPTR(hh, a->words, w->text, len, w);
	if (!w->hh.tbl) {
		free(w);
		return NULL;
	}
	return w->text;
}

static struct audit_device *device_new(const char *text, size_t len, uint32_t number)
{
	struct audit_device *d = calloc(1, sizeof(*d) + len + 1);

	if (!d)
		return NULL;
	memcpy(d->text, text, len);
	d->number = number;
	return d;
}

/* Over the limit all share one. NULL without memory. */
static struct audit_device *device_named(struct audit *a, const char *text, bool has_name)
{
	struct audit_device *d = NULL;
	size_t len = strlen(text);

	HASH_FIND(hh, a->devices, text, len, d);
	if (d)
		return d;
	if (a->device_count >= a->max_rows) {
		if (!a->crowd)
			a->crowd = device_new(others_name, strlen(others_name), UINT32_MAX);
		return a->crowd;
	}
	d = device_new(text, len, (uint32_t)a->device_count);
	if (!d)
		return NULL;
	d->has_name = has_name;
	HASH_ADD_KEYPTR(hh, a->devices, d->text, len, d);
	if (!d->hh.tbl) {
		free(d);
		return NULL;
	}
	a->device_count++;
	return d;
}

static struct audit_device *device_of(struct audit *a, const char *name, const struct mac *mac,
				      const struct addr *addr)
{
	char buf[ADDR_TEXT_MAX > MAC_TEXT_MAX ? ADDR_TEXT_MAX : MAC_TEXT_MAX];

	if (name)
		return device_named(a, name, true);
	if (mac_is_zero(mac))
		return device_named(a, addr_format(addr, buf), false);
	return device_named(a, mac_format(mac, buf), false);
}

static struct audit_row *row_new(const struct audit_device *device, const void *key, size_t key_len,
				 size_t name_at, enum audit_row_kind what)
{
	struct audit_row *r = calloc(1, sizeof(*r) + key_len + 1);

	if (!r)
		return NULL;
	memcpy(r->key, key, key_len);
	r->key_len = key_len;
	r->name = r->key + name_at;
	r->device = device;
	r->what = what;
	return r;
}

static struct audit_row *row_others(struct audit *a, struct audit_device *device)
{
	a->over++;
	if (!device->others)
		device->others = row_new(device, others_name, strlen(others_name), 0, AUDIT_OTHERS);
	return device->others;
}

/* Interned apps are the same app exactly where the pointer is the same. */
struct row_head {
	const char *app;
	uint32_t device, what;
};

static struct audit_row *row_of(struct audit *a, struct audit_device *device, const char *app,
				const char *name, enum audit_row_kind what)
{
	struct row_head head;
	char key[sizeof(head) + NAME_MAX_TEXT];
	size_t name_len = strnlen(name, NAME_MAX_TEXT), key_len = sizeof(head) + name_len;
	struct audit_row *r = NULL;

	memset(&head, 0, sizeof(head)); /* padding is part of the key */
	head.app = audit_intern(a, app);
	head.device = device->number;
	head.what = what;
	memcpy(key, &head, sizeof(head));
	memcpy(key + sizeof(head), name, name_len);
	HASH_FIND(hh, a->rows, key, key_len, r);
	if (r)
		return r;
	if (device == a->crowd || a->row_count >= a->max_rows)
		return row_others(a, device);
	r = row_new(device, key, key_len, sizeof(head), what);
	if (!r)
		return NULL;
	r->app = head.app;
	HASH_ADD_KEYPTR(hh, a->rows, r->key, r->key_len, r);
	if (!r->hh.tbl) {
		free(r);
		return NULL;
	}
	a->row_count++;
	return r;
}

static void sum_add(struct audit_sum *sum, const struct audit_sum *more)
{
	sum->flows += more->flows;
	sum->questions += more->questions;
	sum->bytes_out += more->bytes_out;
	sum->bytes_in += more->bytes_in;
}

/* What one record, or the row of another audit, says of a row. */
struct share {
	const struct verdict *v; /* kind, role, app, list, row */
	const char *rule;
	unsigned hows;
	int64_t first_ns;
	const struct audit_sum *sum;
};

/* A name may be refused as a question and again as a flow: the row keeps the gravest verdict
 * and every way of refusing that goes with it. "(others)" is a mixture: it has figures only. */
static void row_add(struct audit *a, struct audit_row *r, const struct share *more)
{
	const struct verdict *v = more->v;

	if ((!r->sum.flows && !r->sum.questions) || more->first_ns < r->first_ns)
		r->first_ns = more->first_ns;
	sum_add(&r->sum, more->sum);
	if (r->what == AUDIT_OTHERS)
		return;
	if (r->role == ROLE_NONE)
		r->role = v->role;
	if (!r->known)
		r->known = v->row;
	if (v->kind > r->kind) {
		r->kind = v->kind;
		r->hows = 0;
		r->list = r->rule = NULL;
	}
	if (v->kind < r->kind)
		return;
	r->hows |= more->hows;
	if (!r->list) {
		r->list = audit_intern(a, v->list);
		r->rule = audit_intern(a, more->rule);
	}
}

/* first_ns: of the contact. */
static void audit_add(struct audit *a, struct audit_device *device, const char *name,
		      enum audit_row_kind what, const struct verdict *v, int64_t first_ns,
		      const struct audit_sum *sum)
{
	struct audit_row *r = device ? row_of(a, device, v->app, name, what) : NULL;
	char rule[RULE_TEXT_MAX];
	struct share more = {
		.v = v,
		.rule = v->has_rule && v->list ? rule_format(&v->rule, rule) : NULL,
		.hows = v->how != HOW_NONE ? 1u << v->how : 0,
		.first_ns = first_ns,
		.sum = sum,
	};
	bool home = audit_verdict_phones(v->role, v->kind);

	sum_add(&a->total, sum);
	sum_add(&a->by_role[v->role], sum);
	sum_add(&a->by_kind[v->kind], sum);
	if (r)
		row_add(a, r, &more);
	if (!audit_times_add(&a->times, audit_intern(a, v->app), first_ns, home, 1) || !r)
		a->unrecorded++;
}

static void audit_span(struct audit *a, int64_t first_ns, int64_t last_ns)
{
	if (!a->spanned || first_ns < a->first_ns)
		a->first_ns = first_ns;
	if (!a->spanned || last_ns > a->last_ns)
		a->last_ns = last_ns;
	a->spanned = true;
}

void audit_flow(struct audit *a, const struct flow_record *r)
{
	struct audit_sum more = { .flows = 1, .bytes_out = r->bytes_out, .bytes_in = r->bytes_in };
	struct audit_device *device;
	char buf[ADDR_TEXT_MAX];
	const char *name = r->name.text;
	enum audit_row_kind what = AUDIT_NAME;

	if (r->is_open)
		return;
	if (!r->name.len) {
		what = addr_is_local(&r->dst) ? AUDIT_LOCAL : AUDIT_ADDRESS;
		name = what == AUDIT_LOCAL ? local_name
		       : r->dst.family	   ? addr_format(&r->dst, buf)
					   : hidden_address;
	}
	device = device_of(a, r->device, &r->mac, &r->src);
	audit_span(a, r->first_ns, r->last_ns);
	a->hidden += r->via == VIA_ECH;
	audit_add(a, device, name, what, &r->verdict, r->first_ns, &more);
}

void audit_dns(struct audit *a, const struct dns_record *r)
{
	struct audit_sum more = { .questions = 1 };
	struct audit_device *device = device_of(a, r->device, &r->mac, &r->client);

	audit_span(a, r->time_ns, r->time_ns);
	audit_add(a, device, r->qname.len ? r->qname.text : ".", AUDIT_NAME, &r->verdict,
		  r->time_ns, &more);
}

static void merge_row(struct audit *a, const struct audit_row *r)
{
	struct audit_device *device =
		r->device->number == UINT32_MAX
			? NULL
			: device_named(a, r->device->text, r->device->has_name);
	struct verdict v = {
		.kind = r->kind, .role = r->role, .app = r->app, .list = r->list, .row = r->known
	};
	struct share more = {
		.v = &v, .rule = r->rule, .hows = r->hows, .first_ns = r->first_ns, .sum = &r->sum
	};
	struct audit_row *to = NULL;
	uint64_t over = a->over;

	if (!device && !a->crowd)
		a->crowd = device_new(others_name, strlen(others_name), UINT32_MAX);
	device = device ? device : a->crowd;
	if (device)
		to = r->what == AUDIT_OTHERS ? row_others(a, device)
					     : row_of(a, device, r->app, r->name, r->what);
	if (to)
		row_add(a, to, &more);
	else
		a->unrecorded += r->sum.flows + r->sum.questions;
	if (a->over > over) /* counted in the other audit already, or one for each record */
		a->over = over + (r->what == AUDIT_OTHERS ? 0 : r->sum.flows + r->sum.questions);
}

void audit_merge(struct audit *a, const struct audit *more)
{
	const struct audit_row *r;

	/* Devices that have no row of their own count too. */
	for (const struct audit_device *d = more->devices; d; d = d->hh.next)
		device_named(a, d->text, d->has_name);
	for (r = more->rows; r; r = r->hh.next)
		merge_row(a, r);
	for (const struct audit_device *d = more->devices; d; d = d->hh.next)
		if (d->others)
			merge_row(a, d->others);
	if (more->crowd && more->crowd->others)
		merge_row(a, more->crowd->others);
	sum_add(&a->total, &more->total);
	for (int i = 0; i < ROLES; i++)
		sum_add(&a->by_role[i], &more->by_role[i]);
	for (int i = 0; i <= VERDICT_BLOCK; i++)
		sum_add(&a->by_kind[i], &more->by_kind[i]);
	a->over += more->over;
	a->unrecorded += more->unrecorded;
	a->hidden += more->hidden;
	if (more->spanned)
		audit_span(a, more->first_ns, more->last_ns);
	for (const struct audit_lane *l = more->times.lanes; l; l = l->hh.next)
		audit_times_merge(&a->times, audit_intern(a, l->app), &more->times, l);
	audit_habits_merge(a, &more->habits);
}
