/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over its committed corpus, tests/fuzz/corpus/<program name>, or over the
 * files and folders named; needs no fuzzer. Runs from the top of the source. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20 };

/* A block of the exact size each, so that a sanitizer sees a read behind it. */
static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	struct stat st;
	int rc = 1;

	if (!f || fstat(fileno(f), &st) || st.st_size > INPUT_MAX)
		goto out;
	data = malloc(st.st_size ? (size_t)st.st_size : 1);
	if (!data || fread(data, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		goto out;
	LLVMFuzzerTestOneInput(data, (size_t)st.st_size);
	rc = 0;
out:
	if (rc)
		fprintf(stderr, "replay: %s: cannot be read\n", path);
	free(data);
	if (f)
		fclose(f);
	return rc;
}

static int replay_folder(const char *path, unsigned *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char file[4096];
	int rc = 0;

	if (!dir) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (!rc && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(file, sizeof(file), "%s/%s", path, entry->d_name) >=
		    sizeof(file))
			rc = 1;
		else
			rc = replay_file(file);
		++*count;
	}
	closedir(dir);
	return rc;
}

static int replay(const char *path, unsigned *count)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return replay_folder(path, count);
	++*count;
	return replay_file(path);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	unsigned count = 0;
	char folder[256];
	int rc = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			rc |= replay(argv[i], &count);
	} else {
		snprintf(folder, sizeof(folder), "tests/fuzz/corpus/%s",
			 slash ? slash + 1 : argv[0]);
		rc = replay_folder(folder, &count);
	}
	if (!count)
		fprintf(stderr, "replay: no inputs\n");
	printf("%u inputs\n", count);
	return rc || !count ? EXIT_FAILURE : EXIT_SUCCESS;
}
