/* SPDX-License-Identifier: GPL-2.0-or-later */
/* main() of a unit-test program: SUITE("room/file", test, test, ...), or one by hand around
 * suite_begin and suite_end. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Of programs that need fixtures or loops: between these two they add what they like. */
static inline TCase *suite_begin(void)
{
	TCase *c = tcase_create("all");

	tcase_set_timeout(c, 60);
	return c;
}

static inline int suite_end(TCase *c, const char *name)
{
	Suite *s = suite_create(name);
	SRunner *r;
	int failed;

	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int suite_run(const char *name, const TTest *const *tests, size_t count)
{
	TCase *c = suite_begin();

	for (size_t i = 0; i < count; i++)
		tcase_add_test(c, tests[i]);
	return suite_end(c, name);
}

#define SUITE(name, ...)                                                                           \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = { __VA_ARGS__ };                                      \
		return suite_run(name, tests, sizeof tests / sizeof *tests);                       \
	}

#endif
