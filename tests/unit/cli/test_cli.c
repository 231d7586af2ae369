/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share. */
#include <string.h>

#include "cli/cli.h"
#include "suite.h"

START_TEST(numbers_are_whole_and_in_range)
{
	unsigned long n = 7;

	ck_assert(cli_number("10", 1, 10, &n));
	ck_assert_uint_eq(n, 10);
	ck_assert(!cli_number("11", 1, 10, &n));
	ck_assert(!cli_number("0", 1, 10, &n));
	ck_assert(!cli_number("-1", 0, 10, &n));
	ck_assert(!cli_number("", 0, 10, &n));
	ck_assert(!cli_number("5x", 0, 10, &n));
	ck_assert(!cli_number("99999999999999999999999", 0, 10, &n));
	ck_assert_uint_eq(n, 10);
}
END_TEST

START_TEST(no_daemon_is_told_apart)
{
	int status = 0;

	ck_assert_ptr_null(cli_connect("/nonexistent/stats.sock", &status));
	ck_assert_int_eq(status, EXIT_NO_DAEMON);
	ck_assert_ptr_null(cli_connect("/dev/null", &status));
	ck_assert_int_ne(status, 0);
}
END_TEST

START_TEST(usage_errors_exit_with_2)
{
	ck_assert_int_eq(cli_usage("test", "no %s", "thing"), EXIT_USAGE);
}
END_TEST

SUITE("cli/cli", numbers_are_whole_and_in_range, no_daemon_is_told_apart, usage_errors_exit_with_2)
