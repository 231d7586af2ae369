/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roles: texts there and back, and the essential ones. */
#include <stdlib.h>

#include "classify/catalogue.h"
#include "suite.h"

START_TEST(text_there_and_back)
{
	for (unsigned r = ROLE_NONE + 1; r < ROLES; r++) {
		enum role back = ROLE_NONE;
		ck_assert_ptr_nonnull(role_name((enum role)r));
		ck_assert(role_parse(role_name((enum role)r), &back));
		ck_assert_uint_eq(back, r);
	}
	ck_assert_str_eq(role_name(ROLE_ACR), "acr");
	ck_assert_ptr_null(role_name(ROLE_NONE));
	ck_assert_ptr_null(role_name(ROLES));
}
END_TEST

START_TEST(unknown_text_leaves_output)
{
	enum role r = ROLE_ADS;

	ck_assert(!role_parse("Telemetry", &r));
	ck_assert(!role_parse("", &r));
	ck_assert(!role_parse("none", &r));
	ck_assert_int_eq(r, ROLE_ADS);
}
END_TEST

START_TEST(first_group_is_essential)
{
	static const enum role yes[] = { ROLE_CONTENT, ROLE_AUTH,   ROLE_API, ROLE_DRM,
					 ROLE_ARTWORK, ROLE_UPDATE, ROLE_TIME };
	size_t n = 0;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		ck_assert(role_is_essential(yes[i]));
	for (unsigned r = 0; r <= ROLES; r++)
		n += role_is_essential((enum role)r);
	ck_assert_uint_eq(n, sizeof yes / sizeof *yes);
}
END_TEST

SUITE("classify/role", text_there_and_back, unknown_text_leaves_output, first_group_is_essential)
