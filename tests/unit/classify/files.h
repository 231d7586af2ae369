/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of a test: written into a directory of its own, removed at its end. */
#ifndef TEST_CLASSIFY_FILES_H
#define TEST_CLASSIFY_FILES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char files_dir[] = "/tmp/tacet-classify-XXXXXX";

static inline void files_setup(void)
{
	strcpy(strrchr(files_dir, '-'), "-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(files_dir));
}

/* The path is valid until the next call for the same slot (0..3). */
static inline const char *file_write(int slot, const void *bytes, size_t n)
{
	static char paths[4][64];

	snprintf(paths[slot], sizeof paths[slot], "%s/list%d.txt", files_dir, slot);
	FILE *f = fopen(paths[slot], "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	return paths[slot];
}

static inline const char *file_text(int slot, const char *text)
{
	return file_write(slot, text, strlen(text));
}

static inline void files_teardown(void)
{
	for (int i = 0; i < 4; i++) {
		char path[64];
		snprintf(path, sizeof path, "%s/list%d.txt", files_dir, i);
		unlink(path);
	}
	rmdir(files_dir);
}

#endif
