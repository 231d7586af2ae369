/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices: one for each MAC with all its addresses, names of the configuration, bounds. */
#include "device/device.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static const struct mac tv = { { 2, 0, 0, 0, 0, 1 } }, phone = { { 0xa0, 0, 0, 0, 0, 2 } }, none;

static struct addr address(const char *text)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	return a;
}

static struct device *seen(struct device_table *t, const struct mac *mac, const char *addr)
{
	struct addr a = address(addr);

	return device_table_seen(t, mac, &a, 1);
}

static const struct device *at(struct device_table *t, const char *addr)
{
	struct addr a = address(addr);

	return device_table_find(t, NULL, &a);
}

static struct device_config config(const char *name, const struct mac *mac, const char *prefix)
{
	struct device_config c = { .mac = mac ? *mac : none };

	snprintf(c.name, sizeof c.name, "%s", name);
	ck_assert(!prefix || addr_prefix_parse(prefix, &c.prefix));
	return c;
}

static struct device_table *table(uint32_t devices, uint32_t addresses,
				  const struct device_config *c, size_t n)
{
	struct device_options o = { devices, addresses, c, n };
	struct device_table *t = device_table_new(&o);

	ck_assert_ptr_nonnull(t);
	return t;
}

START_TEST(a_mac_has_many_addresses)
{
	struct device_table *t = table(4, 16, NULL, 0);
	const struct device *d = seen(t, &tv, "192.168.1.2");

	ck_assert_ptr_eq(seen(t, &tv, "2001:db8::1"), d);
	ck_assert_ptr_eq(seen(t, &tv, "2001:db8::2"), d);
	ck_assert_ptr_eq(at(t, "2001:db8::1"), d);
	ck_assert_ptr_eq(at(t, "192.168.1.2"), d);
	ck_assert_ptr_eq(device_table_find(t, &tv, NULL), d);
	ck_assert_ptr_null(at(t, "192.168.1.3"));
	ck_assert_ptr_ne(seen(t, &phone, "192.168.1.3"), d);
	/* Where no MAC is seen the address tells. */
	ck_assert_ptr_eq(seen(t, &none, "2001:db8::2"), d);
	device_table_free(t);
}
END_TEST

START_TEST(an_address_moves_to_its_next_owner)
{
	struct device_config c = config("guest", NULL, "192.168.1.2");
	struct device_table *t = table(4, 16, &c, 1);
	const struct device *old = seen(t, &tv, "192.168.1.2"), *now;

	seen(t, &tv, "2001:db8::1");
	ck_assert_str_eq(old->config->name, "guest");
	now = seen(t, &phone, "192.168.1.2");
	ck_assert_ptr_eq(at(t, "192.168.1.2"), now);
	ck_assert_str_eq(now->config->name, "guest");
	ck_assert_ptr_null(old->config);
	ck_assert_ptr_eq(at(t, "2001:db8::1"), old);
	device_table_free(t);
}
END_TEST

START_TEST(a_name_by_address_holds_for_every_address)
{
	struct device_config c[] = { config("net", NULL, "192.168.1.0/24"),
				     config("tv", &tv, NULL) };
	struct device_table *t = table(4, 16, c, 2);

	ck_assert_str_eq(seen(t, &tv, "2001:db8::1")->config->name, "tv");
	/* The first in the configuration counts. */
	ck_assert_str_eq(seen(t, &tv, "192.168.1.2")->config->name, "net");
	ck_assert_str_eq(at(t, "2001:db8::1")->config->name, "net");
	ck_assert_ptr_null(seen(t, &phone, "192.168.2.1")->config);
	device_table_free(t);
}
END_TEST

START_TEST(without_an_address_nobody_is_meant)
{
	struct device_table *t = table(2, 2, NULL, 0);
	const struct device *d = seen(t, &tv, "0.0.0.0");

	ck_assert_ptr_nonnull(d);
	ck_assert_ptr_null(at(t, "0.0.0.0"));
	ck_assert_ptr_null(seen(t, &none, "0.0.0.0"));
	ck_assert_ptr_null(seen(t, &none, "::"));
	device_table_free(t);
}
END_TEST

START_TEST(full_tables_evict_what_is_oldest)
{
	struct device_table *t = table(2, 3, NULL, 0);
	struct device_counters c;
	struct mac other = { { 4 } };

	seen(t, &tv, "10.0.0.1");
	seen(t, &phone, "10.0.0.2");
	seen(t, &tv, "10.0.0.1");
	seen(t, &other, "10.0.0.3"); /* phone is the oldest */
	ck_assert_ptr_nonnull(device_table_find(t, &tv, NULL));
	ck_assert_ptr_null(device_table_find(t, &phone, NULL));
	ck_assert_ptr_null(at(t, "10.0.0.2"));
	for (int i = 0; i < 100; i++) {
		char text[16];

		snprintf(text, sizeof text, "10.0.1.%d", i);
		seen(t, &other, text);
	}
	ck_assert_ptr_null(at(t, "10.0.0.1"));
	ck_assert_ptr_nonnull(at(t, "10.0.1.99"));
	device_table_counters(t, &c);
	ck_assert_uint_eq(c.seen, 3);
	ck_assert_uint_eq(c.evicted, 1);
	ck_assert_uint_eq(c.now, 2);
	ck_assert_uint_eq(c.addresses_now, 3);
	ck_assert_uint_eq(c.addresses_evicted, 99);
	device_table_free(t);
}
END_TEST

START_TEST(host_names_are_host_names)
{
	struct device_table *t = table(2, 2, NULL, 0);
	struct device *d = seen(t, &tv, "10.0.0.1");
	char longest[DEVICE_NAME_MAX];

	ck_assert(device_set_hostname(d, "living-room.lan", 15));
	ck_assert_str_eq(d->hostname, "living-room");
	ck_assert(!device_set_hostname(d, "a b", 3));
	ck_assert(!device_set_hostname(d, "\"x", 2));
	ck_assert(!device_set_hostname(d, "", 0));
	ck_assert(!device_set_hostname(d, ".lan", 4));
	ck_assert_str_eq(d->hostname, "living-room");
	memset(longest, 'x', sizeof longest);
	ck_assert(!device_set_hostname(d, longest, sizeof longest));
	ck_assert(device_set_hostname(d, longest, sizeof longest - 1));
	device_table_free(t);
}
END_TEST

START_TEST(new_names_reach_devices_that_are_there)
{
	const struct device_config before = config("tv", &tv, NULL);
	const struct device_config after[] = { config("guests", NULL, "10.0.1.0/24"),
					       config("phone", &phone, NULL) };
	struct device_table *t = table(4, 8, &before, 1);

	seen(t, &tv, "10.0.0.1");
	seen(t, &tv, "10.0.1.1");
	seen(t, &phone, "10.0.0.2");
	ck_assert_str_eq(at(t, "10.0.0.1")->config->name, "tv");
	ck_assert_ptr_null(at(t, "10.0.0.2")->config);
	ck_assert(device_table_configure(t, after, 2));
	ck_assert_str_eq(at(t, "10.0.0.1")->config->name, "guests");
	ck_assert_str_eq(at(t, "10.0.0.2")->config->name, "phone");
	ck_assert(device_table_configure(t, NULL, 0));
	ck_assert_ptr_null(at(t, "10.0.0.1")->config);
	ck_assert_ptr_null(device_table_config(t, &phone, NULL));
	device_table_free(t);
}
END_TEST

SUITE("device/device", new_names_reach_devices_that_are_there, a_mac_has_many_addresses,
      an_address_moves_to_its_next_owner, a_name_by_address_holds_for_every_address,
      without_an_address_nobody_is_meant, full_tables_evict_what_is_oldest,
      host_names_are_host_names)
