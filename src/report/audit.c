/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Adds up an audit: records by device, app and name, in bounded memory. */
#include "report/audit.h"

#include <stdlib.h>
#include <string.h>

#include "classify/catalogue.h"

static const char others_name[] = "(others)";
static const char local_name[] = "(local network)";

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

/* The device of a record; over the limit all share one. NULL without memory. */
static struct audit_device *device_of(struct audit *a, const char *name, const struct mac *mac,
				      const struct addr *addr)
{
	char buf[ADDR_TEXT_MAX > MAC_TEXT_MAX ? ADDR_TEXT_MAX : MAC_TEXT_MAX];
	const char *text = name;
	struct audit_device *d = NULL;
	size_t len;

	if (!text)
		text = mac_is_zero(mac) ? addr_format(addr, buf) : mac_format(mac, buf);
	len = strlen(text);
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
	d->has_name = name != NULL;
	HASH_ADD_KEYPTR(hh, a->devices, d->text, len, d);
	if (!d->hh.tbl) {
		free(d);
		return NULL;
	}
	a->device_count++;
	return d;
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

/* A name may be refused as a question and again as a flow: the row keeps the gravest verdict
 * and every way of refusing that goes with it. "(others)" is a mixture: it has figures only. */
static void row_add(struct audit *a, struct audit_row *r, const struct verdict *v,
		    const struct audit_sum *more)
{
	sum_add(&r->sum, more);
	if (r->what == AUDIT_OTHERS)
		return;
	if (r->role == ROLE_NONE)
		r->role = v->role;
	if (v->kind > r->kind) {
		r->kind = v->kind;
		r->hows = 0;
		r->list = NULL;
	}
	if (v->kind < r->kind)
		return;
	if (v->how != HOW_NONE)
		r->hows |= 1u << v->how;
	if (!r->list)
		r->list = audit_intern(a, v->list);
}

static void audit_add(struct audit *a, struct audit_device *device, const char *name,
		      enum audit_row_kind what, const struct verdict *v,
		      const struct audit_sum *more)
{
	struct audit_row *r = device ? row_of(a, device, v->app, name, what) : NULL;

	sum_add(&a->total, more);
	sum_add(&a->by_role[v->role], more);
	sum_add(&a->by_kind[v->kind], more);
	if (r)
		row_add(a, r, v, more);
	else
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
		name = what == AUDIT_LOCAL ? local_name : addr_format(&r->dst, buf);
	}
	device = device_of(a, r->device, &r->mac, &r->src);
	audit_span(a, r->first_ns, r->last_ns);
	audit_add(a, device, name, what, &r->verdict, &more);
}

void audit_dns(struct audit *a, const struct dns_record *r)
{
	struct audit_sum more = { .questions = 1 };
	struct audit_device *device = device_of(a, r->device, &r->mac, &r->client);

	audit_span(a, r->time_ns, r->time_ns);
	audit_add(a, device, r->qname.len ? r->qname.text : ".", AUDIT_NAME, &r->verdict, &more);
}
