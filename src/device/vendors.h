/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who made a device, by the first half of its MAC: the IEEE's list of MA-L blocks, as Debian's
 * ieee-data has it (oui.txt). Pure. */
#ifndef DEVICE_VENDORS_H
#define DEVICE_VENDORS_H

#include <stddef.h>

#include "base/addr.h"

enum { VENDOR_NAME_MAX = 48 /* longer ones are cut */, VENDORS_MAX = 1 << 20 };

struct vendors;
/* Lines "F4F5D8     (base 16)\t\tGoogle, Inc."; others are passed over. NULL without memory. */
struct vendors *vendors_new(const char *text, size_t n);
void vendors_free(struct vendors *v); /* accepts NULL */
size_t vendors_count(const struct vendors *v);
/* NULL: not in the list, or an address that tells no maker because it is locally administered.
 * Valid until vendors_free. */
const char *vendors_find(const struct vendors *v, const struct mac *mac);

#endif
