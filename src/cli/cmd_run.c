/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet run: the blocker. */
#include <getopt.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/cli.h"
#include "daemon/run.h"
#include "daemon/setup.h"

static const char usage[] =
	"usage: tacet run [-c FILE] [--monitor]\n"
	"       tacet run --cleanup | --show-rules | --show-config [-c FILE]\n\n"
	"  -c, --config FILE  instead of " TACET_SYSCONFDIR "/tacet/tacet.conf\n"
	"      --monitor      decide and log, block nothing\n"
	"      --foreground   stay in the foreground (it always does)\n"
	"      --cleanup      take out the rules that a killed tacet left\n"
	"      --show-rules   print the rules that would be installed\n"
	"      --show-config  print every key of tacet.conf with its value\n";

enum { OPT_MONITOR = 256, OPT_FOREGROUND, OPT_CLEANUP, OPT_SHOW_RULES, OPT_SHOW_CONFIG };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "monitor", no_argument, NULL, OPT_MONITOR },
	{ "foreground", no_argument, NULL, OPT_FOREGROUND },
	{ "cleanup", no_argument, NULL, OPT_CLEANUP },
	{ "show-rules", no_argument, NULL, OPT_SHOW_RULES },
	{ "show-config", no_argument, NULL, OPT_SHOW_CONFIG },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int show_config(const char *path)
{
	struct config *c = NULL;
	struct text t = { 0 };
	struct error e = { "" };

	if (setup_config(path, &c, &e)) {
		log_error("%s", e.text);
		return EXIT_FAILED;
	}
	config_show(c, &t);
	if (!t.failed)
		fwrite(t.at, 1, t.len, stdout);
	text_done(&t);
	config_free(c);
	return cli_flush(EXIT_DONE);
}

int cmd_run(int argc, char **argv)
{
	struct run_options o = { 0 };
	int c, what = 0;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			o.config_path = optarg;
			break;
		case OPT_MONITOR:
			o.monitor = true;
			break;
		case OPT_FOREGROUND:
			break;
		case OPT_CLEANUP:
		case OPT_SHOW_RULES:
		case OPT_SHOW_CONFIG:
			what = c;
			break;
		case 'h':
			fputs(usage, stdout);
			return cli_flush(EXIT_DONE);
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	if (optind < argc)
		return cli_usage("run", "unexpected argument '%s'", argv[optind]);
	switch (what) {
	case OPT_CLEANUP:
		return daemon_cleanup(&o);
	case OPT_SHOW_RULES:
		return cli_flush(daemon_show_rules(&o));
	case OPT_SHOW_CONFIG:
		return show_config(o.config_path);
	default:
		return daemon_run(&o);
	}
}
