/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet: the table of subcommands. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "run", cmd_run, "the blocker: queue, rules, sockets" },
	{ "audit", cmd_audit, "what a capture, an interface or a command phones home" },
	{ "stats", cmd_stats, "the figures of the running tacet" },
	{ "watch", cmd_watch, "what it decides, as it happens" },
	{ "flows", cmd_flows, "the flows of now" },
	{ "devices", cmd_devices, "the household's devices: names, addresses, makers, apps" },
	{ "sessions", cmd_sessions, "which app was used when, and the trackers in it" },
	{ "suspects", cmd_suspects, "hosts on no list that behave like a tracker" },
	{ "metrics", cmd_metrics, "the figures for Prometheus" },
	{ "top", cmd_top, "the live screen: devices, names, decisions" },
	{ "web", cmd_web, "the dashboard, and the figures for Prometheus over HTTP" },
	{ "explain", cmd_explain, "the decision for a name, and why" },
	{ "trouble", cmd_trouble, "what was blocked lately, and which of it breaks an app" },
	{ "pause", cmd_pause, "stop blocking for a while" },
	{ "allow", cmd_allow, "let a name through for now" },
	{ "block", cmd_block, "block a name for now" },
	{ "resume", cmd_resume, "block again" },
	{ "reload", cmd_reload, "read configuration and lists again" },
	{ "lists", cmd_lists, "check list files, fetch lists" },
};

static void help(FILE *to)
{
	fputs("usage: tacet COMMAND [ARGUMENT...]\n\n", to);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].what);
	fputs("\n`tacet COMMAND --help` and tacet(8) say more.\n", to);
}

int main(int argc, char **argv)
{
#ifdef M_MMAP_THRESHOLD
	/* Large blocks go back to the kernel when they are freed: glibc would keep ever larger
	 * ones, which takes a third more memory to compile lists. */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
	log_init(LOG_LEVEL_INFO);
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		help(stdout);
		return cli_flush(EXIT_DONE);
	}
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		printf("tacet %s\n", TACET_VERSION);
		return cli_flush(EXIT_DONE);
	}
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(argv[1], commands[i].name)) {
			char name[32]; /* as getopt's messages begin */

			snprintf(name, sizeof name, "tacet %s", commands[i].name);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
	fprintf(stderr, "tacet: unknown command '%s'\n\n", argv[1]);
	help(stderr);
	return EXIT_USAGE;
}
