/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists check: what was read of list files, what was skipped and why. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "classify/lists.h"
#include "cli/cli.h"
#include "cli/lists_catalogue.h"

static const char usage[] =
	"usage: tacet lists check [--quiet] FILE...\n"
	"       tacet lists check --catalogue [FILE [LIST...]]\n"
	"       tacet lists match --names FILE [--json] LIST...\n"
	"       tacet lists compile -o INDEX [--memory MIB] LIST...\n"
	"       tacet lists compile [-c FILE] [--force]\n"
	"       tacet lists show [--json] [--offline]\n"
	"       tacet lists update [-c FILE] [--due] [--force] [--json] [NAME...]\n\n"
	"  Prints every line that gives no rule, with the reason, and a summary of each file.\n"
	"  --catalogue: what is wrong with the rows of the catalogue, by themselves and with\n"
	"  these lists; without files, those that come with tacet and are on by default.\n";

static const struct option options[] = {
	{ "quiet", no_argument, NULL, 'q' },
	{ "catalogue", no_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct check {
	bool quiet;
	struct text line;
};

static void skipped(void *ctx, const char *path, uint32_t line, enum list_skip why,
		    const char *text, size_t n)
{
	struct check *c = ctx;

	if (why == LIST_SKIP_BLANK || c->quiet)
		return;
	text_clear(&c->line);
	text_escaped(&c->line, text, n > 120 ? 120 : n);
	printf("%s:%u: %s: %s\n", path, line, list_skip_name(why), c->line.at ? c->line.at : "");
}

static int check(struct check *c, const char *path)
{
	struct list_source source = { .name = path, .path = path, .format = LIST_AUTO };
	struct index_builder *b = index_builder_new();
	struct list_counts counts = { 0 };
	struct error e = { "" };
	int rc;

	if (!b) {
		log_error("lists: out of memory");
		return EXIT_FAILED;
	}
	rc = list_read(&source, 0, b, &counts, skipped, c, &e);
	index_builder_free(b);
	if (rc) {
		log_error("%s", e.text);
		return EXIT_FAILED;
	}
	printf("%s: %llu line%s, %llu rule%s", path, (unsigned long long)counts.lines,
	       counts.lines == 1 ? "" : "s", (unsigned long long)counts.rules,
	       counts.rules == 1 ? "" : "s");
	for (int s = LIST_SKIP_BLANK + 1; s < LIST_SKIPS; s++)
		if (counts.skipped[s])
			printf(", %llu %s", (unsigned long long)counts.skipped[s],
			       list_skip_name((enum list_skip)s));
	putchar('\n');
	return EXIT_DONE;
}

int cmd_lists(int argc, char **argv)
{
	struct check c = { 0 };
	bool catalogue = false;
	int opt, status = EXIT_DONE;

	if (argc > 1 && !strcmp(argv[1], "match"))
		return cmd_lists_match(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "compile"))
		return cmd_lists_compile(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "show"))
		return cmd_lists_show(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "update"))
		return cmd_lists_update(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "check") && *argv[1] != '-')
		return cli_usage("lists", "unknown action '%s'", argv[1]);
	while ((opt = getopt_long(argc, argv, "qch", options, NULL)) != -1) {
		if (opt == 'q') {
			c.quiet = true;
			continue;
		}
		if (opt == 'c') {
			catalogue = true;
			continue;
		}
		fputs(usage, opt == 'h' ? stdout : stderr);
		return opt == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
	}
	if (catalogue && argc - optind >= 1 && !strcmp(argv[optind], "check"))
		return cli_flush(lists_check_catalogue(argv + optind + 1, argc - optind - 1));
	if (argc - optind < 2 || strcmp(argv[optind], "check"))
		return cli_usage("lists", "check which files?");
	for (int i = optind + 1; i < argc; i++)
		if (check(&c, argv[i]))
			status = EXIT_FAILED;
	text_done(&c.line);
	return cli_flush(status);
}
