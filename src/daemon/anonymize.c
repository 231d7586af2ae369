/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records without the household: for reports that others are to see. */
#include "daemon/anonymize.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { DEVICES_MOST = 65536, KEY_MAX = 80 };

struct device_number {
	UT_hash_handle hh;
	unsigned number;
	char key[];
};

struct anonymizer {
	pthread_mutex_t lock;
	struct device_number *devices;
};

struct anonymizer *anonymizer_new(void)
{
	struct anonymizer *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	hash_seed();
	pthread_mutex_init(&a->lock, NULL);
	return a;
}

void anonymizer_free(struct anonymizer *a)
{
	struct device_number *d, *next;

	if (!a)
		return;
	d = a->devices;
	HASH_CLEAR(hh, a->devices);
	for (; d; d = next) {
		next = d->hh.next;
		free(d);
	}
	pthread_mutex_destroy(&a->lock);
	free(a);
}

/* 0: beyond DEVICES_MOST, or no memory. */
static unsigned number_of(struct anonymizer *a, const char *key)
{
	struct device_number *d = NULL;
	size_t len = strlen(key);

	HASH_FIND(hh, a->devices, key, len, d);
	if (d)
		return d->number;
	if (HASH_COUNT(a->devices) >= DEVICES_MOST)
		return 0;
	d = calloc(1, sizeof(*d) + len + 1);
	if (!d)
		return 0;
	memcpy(d->key, key, len);
	d->number = HASH_COUNT(a->devices) + 1;
	HASH_ADD_KEYPTR(hh, a->devices, d->key, len, d);
	if (!d->hh.tbl) {
		free(d);
		return 0;
	}
	return d->number;
}

static const char *device_of(struct anonymizer *a, const char *name, const struct mac *mac,
			     const struct addr *addr, char buf[static ANONYM_MAX])
{
	char key[KEY_MAX];
	unsigned number;

	if (name)
		snprintf(key, sizeof(key), "n%s", name);
	else if (!mac_is_zero(mac))
		mac_format(mac, key);
	else
		addr_format(addr, key);
	pthread_mutex_lock(&a->lock);
	number = number_of(a, key);
	pthread_mutex_unlock(&a->lock);
	if (number)
		snprintf(buf, ANONYM_MAX, "device-%u", number);
	else
		snprintf(buf, ANONYM_MAX, "device-more");
	return buf;
}

static bool ends_in(const struct name *n, const char *suffix)
{
	size_t len = strlen(suffix);

	return n->len >= len && !strcmp(n->text + n->len - len, suffix) &&
	       (n->len == len || n->text[n->len - len - 1] == '.');
}

static void become(struct name *n, const char *text)
{
	*n = (struct name){ .len = (uint8_t)strlen(text) };
	memcpy(n->text, text, n->len + 1u);
}

/* Names of reverse DNS are addresses. Those of the local network (RFC 6762, RFC 8375, and what
 * routers make up), and those of one label, are mostly devices, and people. */
void anonymize_name(struct name *n)
{
	static const char *const local[] = { "local",	 "lan",		"home",	     "home.arpa",
					     "internal", "localdomain", "fritz.box", "intranet",
					     "private",	 "corp",	"domain",    "workgroup" };

	if (ends_in(n, "in-addr.arpa") || ends_in(n, "ip6.arpa")) {
		become(n, "(reverse DNS)");
		return;
	}
	if (name_is_address(n->text)) {
		become(n, "(an address)");
		return;
	}
	if (n->len && !strchr(n->text, '.'))
		become(n, "(local name)");
	for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (ends_in(n, local[i]))
			become(n, "(local name)");
}

static void hide_rule(struct verdict *v)
{
	const struct rule *r = &v->rule;

	if (r->match == RULE_NETWORK || (r->modifiers && strstr(r->modifiers, "client")))
		v->has_rule = false;
	v->section = NULL; /* of a device or group */
}

void anonymize_flow(struct anonymizer *a, struct flow_record *r, char buf[static ANONYM_MAX])
{
	r->device = device_of(a, r->device, &r->mac, &r->src, buf);
	if (!r->name.len && addr_is_local(&r->dst))
		become(&r->name, "(local network)");
	r->hostname = NULL;
	r->mac = (struct mac){ { 0 } };
	r->src = r->dst = (struct addr){ .family = 0 };
	r->sport = 0;
	r->process = NULL;
	anonymize_name(&r->name);
	anonymize_name(&r->outer);
	hide_rule(&r->verdict);
}

void anonymize_dns(struct anonymizer *a, struct dns_record *r, char buf[static ANONYM_MAX])
{
	r->device = device_of(a, r->device, &r->mac, &r->client, buf);
	r->hostname = NULL;
	r->mac = (struct mac){ { 0 } };
	r->cport = 0;
	r->process = NULL;
	r->client = r->server = (struct addr){ .family = 0 };
	anonymize_name(&r->qname);
	r->chain_count = r->addr_count = 0;
	hide_rule(&r->verdict);
}
