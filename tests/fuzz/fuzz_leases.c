/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: device */
/* Lease files of every kind: names that come out are host names, and lists of makers find none
 * without a name. */
#include "device/leases.h"
#include "device/vendors.h"
#include "fuzz/fuzz.h"

static void each(void *ctx, const struct lease *l)
{
	char again[DEVICE_NAME_MAX];

	FUZZ_CHECK(++*(unsigned *)ctx <= LEASES_MAX);
	FUZZ_CHECK(!mac_is_zero(&l->mac) || l->addr.family);
	FUZZ_CHECK(device_hostname(l->hostname, strlen(l->hostname), again));
	FUZZ_CHECK(!strcmp(again, l->hostname));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vendors *v = vendors_new((const char *)data, size);
	unsigned count = 0;

	leases_parse((const char *)data, size, each, &count);
	if (v && size >= 3) {
		struct mac mac = { { data[0], data[1], data[2] } };
		const char *name = vendors_find(v, &mac);

		FUZZ_CHECK(!name || (*name && strlen(name) < VENDOR_NAME_MAX));
	}
	vendors_free(v);
	return 0;
}
