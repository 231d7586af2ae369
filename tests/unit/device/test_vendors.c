/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makers by the first half of a MAC. */
#include "device/vendors.h"

#include <string.h>

#include "suite.h"

static const char *of(const struct vendors *v, const char *mac)
{
	struct mac m;

	ck_assert(mac_parse(mac, &m));
	return vendors_find(v, &m);
}

START_TEST(makers)
{
	static const char text[] =
		"OUI/MA-L                   Organization\r\n"
		"\r\n"
		"F4-F5-D8   (hex)\t\tGoogle, Inc.\r\n"
		"F4F5D8     (base 16)\t\tGoogle, Inc.\r\n"
		"\t\t\t\t1600 Amphitheatre Parkway\r\n"
		"00D0EF     (base 16)\t\tIGT  \n"
		"00D0EG     (base 16)\t\tnone\n"
		"00D0E0     (base 16)\t\t\n"
		"00D0E1     (base 16)\t\tabcdefghijabcdefghijabcdefghijabcdefghijabcdef\xc3\xa4z\n"
		"A4E31B     (base 16)\t\tlast";
	struct vendors *v = vendors_new(text, sizeof text - 1);

	ck_assert_uint_eq(vendors_count(v), 4);
	ck_assert_str_eq(of(v, "f4:f5:d8:01:02:03"), "Google, Inc.");
	ck_assert_str_eq(of(v, "00:d0:ef:01:02:03"), "IGT");
	ck_assert_str_eq(of(v, "a4:e3:1b:01:02:03"), "last");
	ck_assert_str_eq(of(v, "00:d0:e1:01:02:03"),
			 "abcdefghijabcdefghijabcdefghijabcdefghijabcdef");
	ck_assert_ptr_null(of(v, "00:d0:e0:00:00:00"));
	ck_assert_ptr_null(of(v, "00:00:00:00:00:00"));
	ck_assert_ptr_null(of(v, "f6:f5:d8:01:02:03")); /* drawn by lot */
	vendors_free(v);
	vendors_free(NULL);
	v = vendors_new("", 0);
	ck_assert_ptr_null(of(v, "f4:f5:d8:01:02:03"));
	vendors_free(v);
}
END_TEST

SUITE("device/vendors", makers)
