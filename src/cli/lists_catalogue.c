/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The linter of the catalogue, as a command. */
#include "cli/lists_catalogue.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "classify/catalogue_lint.h"
#include "cli/cli.h"
#include "config/config.h"
#include "daemon/setup.h"

static void print_finding(void *ctx, const struct catalogue_row *row, const char *what)
{
	printf("%s:%u: %s: %s\n", (const char *)ctx, row->line, row->domain, what);
}

static int load_files(char *const *files, size_t count, struct lists **out, struct error *e)
{
	struct list_source *sources = calloc(count, sizeof *sources);
	int rc;

	if (!sources)
		return error_set(e, -ENOMEM, "lists: out of memory");
	for (size_t i = 0; i < count; i++)
		sources[i] = (struct list_source){ .name = files[i], .path = files[i] };
	rc = lists_load(sources, count, out, e);
	free(sources);
	return rc;
}

/* The lists that block when nobody has configured anything. */
static int load_default(const char *data_dir, struct lists **out, struct error *e)
{
	struct config *c = NULL;
	char **files;
	int rc = config_default(data_dir, &c, e);

	if (rc)
		return rc;
	files = calloc(c->list_count + 1, sizeof *files);
	if (files) {
		for (size_t i = 0; i < c->list_count; i++)
			files[i] = c->lists[i].file;
		rc = load_files(files, c->list_count, out, e);
	} else {
		rc = error_set(e, -ENOMEM, "lists: out of memory");
	}
	free(files);
	config_free(c);
	return rc;
}

int lists_check_catalogue(char *const *files, int count)
{
	char dir[512], path[sizeof dir + 32];
	const char *file = count ? files[0] : path;
	struct catalogue *c = NULL;
	struct lists *lists = NULL;
	struct error e = { "" };
	size_t found = 0;
	int rc;

	setup_data_dir(dir, sizeof dir);
	snprintf(path, sizeof path, "%s/catalogue.tsv", dir);
	rc = catalogue_load(file, &c, &e);
	if (!rc)
		rc = count > 1 ? load_files(files + 1, (size_t)count - 1, &lists, &e)
			       : load_default(dir, &lists, &e);
	if (rc) {
		log_error("%s", e.text);
	} else {
		found = catalogue_lint(c, lists, print_finding, (void *)(uintptr_t)file);
		printf("%s: %zu rows, %zu findings\n", file, catalogue_rows(c), found);
	}
	lists_free(lists);
	catalogue_free(c);
	return rc || found ? EXIT_FAILED : EXIT_DONE;
}
