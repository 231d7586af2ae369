/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists compile: lists into one index file, for this machine or another. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "classify/lists.h"
#include "cli/cli.h"
#include "daemon/setup.h"
#include "update/compiled.h"

static const char usage[] =
	"usage: tacet lists compile -o FILE [--memory MIB] [--format WORD] LIST...\n"
	"       tacet lists compile [-c FILE] [--force]\n\n"
	"  Compiles lists into one file that tacet maps and asks as it lies there, on any "
	"machine;\n"
	"  FILE.lines beside it lets it tell the lines of rules.\n\n"
	"  Without lists: those of tacet.conf, into the index that `tacet run` maps; a list that "
	"is\n"
	"  no good does not replace the last one that was.\n\n"
	"      --force  take a list that shrank\n";

enum { MEMORY_MAX_MIB = 4095, OPT_FORCE = 256 };

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "memory", required_argument, NULL, 'm' },
	{ "format", required_argument, NULL, 'f' },
	{ "config", required_argument, NULL, 'c' },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int print_summary(const char *path)
{
	struct index *x = NULL;
	struct error e = { "" };
	struct stat st;

	/* What was written is read back as run will read it. */
	if (index_open(path, &x, &e) || stat(path, &st)) {
		log_error("%s", *e.text ? e.text : strerror(errno));
		index_free(x);
		return EXIT_FAILED;
	}
	printf("%s: %zu rule%s of %zu list%s, %lld bytes\n", path, index_rules(x),
	       index_rules(x) == 1 ? "" : "s", index_lists(x), index_lists(x) == 1 ? "" : "s",
	       (long long)st.st_size);
	index_free(x);
	return EXIT_DONE;
}

static int compile(char **paths, size_t count, enum list_format format, size_t memory,
		   const char *output)
{
	struct list_source *sources = cli_list_sources(paths, count, format);
	struct error e = { "" };
	int rc;

	if (!sources)
		return EXIT_FAILED;
	rc = lists_compile(sources, count, memory, output, &e);
	free(sources);
	if (rc) {
		log_error("%s", e.text);
		return EXIT_FAILED;
	}
	return print_summary(output);
}

static void refused(void *ctx, const struct compiled_list *l)
{
	(void)ctx;
	log_warning("list %s: %s: %s; %s", l->name, update_why_name(l->why), l->said,
		    *l->sha256 ? "the old one stays" : "it is left out");
}

static int compile_configured(const char *path, bool force)
{
	struct compile_options o = { .force = force, .now = time(NULL), .refused = refused };
	struct config *c = NULL;
	struct error e = { "" };
	bool changed = false;
	int rc = setup_config(path, &c, &e);

	o.config = c;
	if (!rc)
		rc = compile_run(&o, &changed, &e);
	if (rc)
		log_error("%s", e.text);
	else
		puts(changed ? "compiled" : "nothing changed");
	config_free(c);
	return rc ? EXIT_FAILED : EXIT_DONE;
}

int cmd_lists_compile(int argc, char **argv)
{
	enum list_format format = LIST_AUTO;
	const char *output = NULL, *config = NULL;
	unsigned long mib = 0;
	bool force = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "o:m:f:c:h", options, NULL)) != -1) {
		if (opt == 'o') {
			output = optarg;
		} else if (opt == 'c') {
			config = optarg;
		} else if (opt == OPT_FORCE) {
			force = true;
		} else if (opt == 'm') {
			if (!cli_number(optarg, 1, MEMORY_MAX_MIB, &mib))
				return cli_usage("lists", "compile: --memory %s: 1 to %d MiB",
						 optarg, MEMORY_MAX_MIB);
		} else if (opt == 'f') {
			if (!list_format_parse(optarg, &format))
				return cli_usage("lists", "compile: no such format: %s", optarg);
		} else {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	}
	if (!output && optind == argc)
		return cli_flush(compile_configured(config, force));
	if (!output || !*output || optind == argc)
		return cli_usage("lists", "compile which lists into which file (-o FILE)?");
	return cli_flush(
		compile(argv + optind, (size_t)(argc - optind), format, (size_t)mib << 20, output));
}
