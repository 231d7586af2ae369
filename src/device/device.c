/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two tables over uthash, of devices by their key and of addresses; the order of insertion is the
 * order of age. */
#include "device/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* A MAC, or, where none is known, an address. */
struct device_key {
	struct mac mac;
	struct addr addr; /* family 0 beside a MAC */
};

struct entry {
	struct device device; /* first: what callers hold */
	struct device_key key;
	struct address *addresses; /* linked by next */
	UT_hash_handle hh;
};

struct address {
	struct addr addr;
	struct entry *owner;
	struct address *next; /* of the same device */
	UT_hash_handle hh;
};

struct device_table {
	struct device_config *configs;
	size_t config_count;
	struct entry *table, *pool, *free;		   /* free: linked by hh.next */
	struct address *addresses, *addr_pool, *addr_free; /* likewise */
	struct device_counters counters;
};

struct device_table *device_table_new(const struct device_options *o)
{
	uint32_t max_devices = o->max_devices, max_addresses = o->max_addresses;
	struct device_table *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	hash_seed();
	if (!max_devices)
		max_devices = 1;
	if (!max_addresses)
		max_addresses = 1;
	t->pool = calloc(max_devices, sizeof *t->pool);
	t->addr_pool = calloc(max_addresses, sizeof *t->addr_pool);
	if (!t->pool || !t->addr_pool || !device_table_configure(t, o->configs, o->config_count)) {
		device_table_free(t);
		return NULL;
	}
	for (uint32_t i = max_devices; i-- > 0;) {
		t->pool[i].hh.next = t->free;
		t->free = &t->pool[i];
	}
	for (uint32_t i = max_addresses; i-- > 0;) {
		t->addr_pool[i].hh.next = t->addr_free;
		t->addr_free = &t->addr_pool[i];
	}
	return t;
}

void device_table_free(struct device_table *t)
{
	if (!t)
		return;
	HASH_CLEAR(hh, t->table);
	HASH_CLEAR(hh, t->addresses);
	free(t->addr_pool);
	free(t->pool);
	free(t->configs);
	free(t);
}

static bool is_address(const struct addr *a)
{
	static const uint8_t none[16];

	return a && a->family && memcmp(a->bytes, none, sizeof none) != 0;
}

static void key_of_mac(const struct mac *mac, struct device_key *out)
{
	memset(out, 0, sizeof *out); /* padding is part of the key */
	out->mac = *mac;
}

static void key_of_addr(const struct addr *addr, struct device_key *out)
{
	memset(out, 0, sizeof *out);
	out->addr.family = addr->family;
	memcpy(out->addr.bytes, addr->bytes, sizeof out->addr.bytes);
}

static struct address *address_find(const struct device_table *t, const struct addr *addr)
{
	struct address *a;

	HASH_FIND(hh, t->addresses, addr, sizeof *addr, a);
	return a;
}

static bool config_fits(const struct device_config *c, const struct mac *mac,
			const struct addr *addr)
{
	if (mac && !mac_is_zero(mac) && memcmp(&c->mac, mac, sizeof *mac) == 0)
		return true;
	return addr && c->prefix.base.family && addr_prefix_has(&c->prefix, addr);
}

const struct device_config *device_table_config(const struct device_table *t, const struct mac *mac,
						const struct addr *addr)
{
	for (size_t i = 0; i < t->config_count; i++)
		if (config_fits(&t->configs[i], mac, addr))
			return &t->configs[i];
	return NULL;
}

/* The first of the configuration that fits the MAC or any address that the device has. */
static void entry_configure(const struct device_table *t, struct entry *e)
{
	const struct device_config *best = device_table_config(t, &e->key.mac, &e->key.addr), *c;

	for (const struct address *a = e->addresses; a; a = a->next) {
		c = device_table_config(t, NULL, &a->addr);
		if (c && (!best || c < best))
			best = c;
	}
	e->device.config = best;
}

bool device_table_configure(struct device_table *t, const struct device_config *configs,
			    size_t count)
{
	struct device_config *copy = calloc(count + 1, sizeof *copy);

	if (!copy)
		return false;
	if (count)
		memcpy(copy, configs, count * sizeof *copy);
	free(t->configs);
	t->configs = copy;
	t->config_count = count;
	for (struct entry *e = t->table; e; e = e->hh.next)
		entry_configure(t, e);
	return true;
}

/* Takes a out of the list of its device. */
static void address_unlink(struct device_table *t, struct address *a)
{
	struct address **at = &a->owner->addresses;

	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	entry_configure(t, a->owner);
}

static void address_end(struct device_table *t, struct address *a)
{
	address_unlink(t, a);
	HASH_DELETE(hh, t->addresses, a);
	a->hh.next = t->addr_free;
	t->addr_free = a;
}

static void entry_end(struct device_table *t, struct entry *e)
{
	while (e->addresses)
		address_end(t, e->addresses);
	HASH_DELETE(hh, t->table, e);
	e->hh.next = t->free;
	t->free = e;
}

static struct entry *entry_create(struct device_table *t, const struct device_key *key,
				  int64_t now_ns)
{
	struct entry *e;

	if (!t->free) {
		t->counters.evicted++;
		entry_end(t, t->table);
	}
	e = t->free;
	t->free = e->hh.next;
	memset(e, 0, sizeof *e);
	e->key = *key;
	e->device.mac = key->mac;
	e->device.first_ns = now_ns;
	HASH_ADD(hh, t->table, key, sizeof e->key, e);
	if (!e->hh.tbl) { /* no memory for the table */
		e->hh.next = t->free;
		t->free = e;
		return NULL;
	}
	t->counters.seen++;
	entry_configure(t, e);
	return e;
}

static struct address *address_create(struct device_table *t, const struct addr *addr)
{
	struct address *a;

	if (!t->addr_free) {
		t->counters.addresses_evicted++;
		address_end(t, t->addresses);
	}
	a = t->addr_free;
	t->addr_free = a->hh.next;
	memset(a, 0, sizeof *a);
	a->addr = *addr;
	HASH_ADD(hh, t->addresses, addr, sizeof a->addr, a);
	if (!a->hh.tbl) {
		a->hh.next = t->addr_free;
		t->addr_free = a;
		return NULL;
	}
	return a;
}

static void bind_address(struct device_table *t, struct entry *e, const struct addr *addr)
{
	struct address *a = address_find(t, addr);

	if (a && a->owner == e && !a->hh.next)
		return;
	if (a && a->owner == e) { /* used again: young again */
		HASH_DELETE(hh, t->addresses, a);
		HASH_ADD(hh, t->addresses, addr, sizeof a->addr, a);
		if (a->hh.tbl)
			return;
		address_unlink(t, a);
		a->hh.next = t->addr_free;
		t->addr_free = a;
		return;
	}
	if (a)
		address_unlink(t, a);
	else if (!(a = address_create(t, addr)))
		return;
	a->owner = e;
	a->next = e->addresses;
	e->addresses = a;
	entry_configure(t, e);
}

struct device *device_table_seen(struct device_table *t, const struct mac *mac,
				 const struct addr *addr, int64_t now_ns)
{
	bool has_mac = mac && !mac_is_zero(mac), has_addr = is_address(addr);
	struct address *a = has_addr && !has_mac ? address_find(t, addr) : NULL;
	struct device_key key;
	struct entry *e;

	if (!has_mac && !has_addr)
		return NULL;
	if (has_mac)
		key_of_mac(mac, &key);
	else if (a)
		key = a->owner->key;
	else
		key_of_addr(addr, &key);
	HASH_FIND(hh, t->table, &key, sizeof key, e);
	if (!e) {
		e = entry_create(t, &key, now_ns);
	} else if (e->hh.next) { /* not the youngest yet; taking out an only one frees the table */
		HASH_DELETE(hh, t->table, e);
		HASH_ADD(hh, t->table, key, sizeof e->key, e);
	}
	if (!e)
		return NULL;
	e->device.last_ns = now_ns;
	if (has_addr)
		bind_address(t, e, addr);
	return &e->device;
}

const struct device *device_table_find(const struct device_table *t, const struct mac *mac,
				       const struct addr *addr)
{
	const struct address *a;
	struct device_key key;
	struct entry *e = NULL;

	if (mac && !mac_is_zero(mac)) {
		key_of_mac(mac, &key);
		HASH_FIND(hh, t->table, &key, sizeof key, e);
		return e ? &e->device : NULL;
	}
	a = addr ? address_find(t, addr) : NULL;
	return a ? &a->owner->device : NULL;
}

size_t device_addresses(const struct device *d, struct addr *out, size_t max)
{
	const struct entry *e = (const struct entry *)d; /* its first member */
	size_t n = 0;

	for (const struct address *a = e->addresses; a && n < max; a = a->next)
		out[n++] = a->addr;
	return n;
}

static bool is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_';
}

bool device_hostname(const char *text, size_t n, char out[static DEVICE_NAME_MAX])
{
	size_t len = 0;

	while (len < n && text[len] && text[len] != '.') {
		if (!is_host_byte(text[len]) || len == DEVICE_NAME_MAX - 1)
			return false;
		len++;
	}
	if (!len)
		return false;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

bool device_set_hostname(struct device *d, const char *text, size_t n)
{
	if (!device_hostname(text, n, d->hostname))
		return false;
	d->hostname_from = DEVICE_NAME_DHCP;
	return true;
}

bool device_table_lease(struct device_table *t, const struct mac *mac, const struct addr *addr,
			const char *hostname)
{
	const struct address *a = addr->family ? address_find(t, addr) : NULL;
	struct entry *e = NULL;
	struct device_key key;

	if (!mac_is_zero(mac)) {
		key_of_mac(mac, &key);
		HASH_FIND(hh, t->table, &key, sizeof key, e);
	}
	if (!e && a)
		e = a->owner;
	if (!e || e->device.hostname_from > DEVICE_NAME_LEASE)
		return false;
	if (device_hostname(hostname, strlen(hostname), e->device.hostname))
		e->device.hostname_from = DEVICE_NAME_LEASE;
	return true;
}

void device_table_each(const struct device_table *t,
		       void (*each)(void *ctx, const struct device *d), void *ctx)
{
	for (const struct entry *e = t->table; e; e = e->hh.next)
		each(ctx, &e->device);
}

void device_table_counters(const struct device_table *t, struct device_counters *out)
{
	*out = t->counters;
	out->now = HASH_COUNT(t->table);
	out->addresses_now = HASH_COUNT(t->addresses);
}
