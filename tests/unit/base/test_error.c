/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of an error, and its code passed through. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "suite.h"

START_TEST(formats)
{
	struct error e = { "" };

	ck_assert_int_eq(error_set(&e, -EINVAL, "read: %s: line %d", "tacet.conf", 7), -EINVAL);
	ck_assert_str_eq(e.text, "read: tacet.conf: line 7");
	ck_assert_int_eq(error_set(NULL, -ENOENT, "nobody listens"), -ENOENT);
}
END_TEST

START_TEST(cuts)
{
	char text[2000];
	struct error e;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(error_set(&e, -E2BIG, "%s", text), -E2BIG);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
}
END_TEST

SUITE("base/error", formats, cuts)
