/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet audit: what a capture, an interface or a command phones home. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "daemon/audit.h"

static const char usage[] =
	"usage: tacet audit [-c FILE] [--json] CAPTURE...        pcap or pcapng, - is stdin\n"
	"       tacet audit [-c FILE] [--json] -i IFACE [--duration SECONDS]\n"
	"       tacet audit [-c FILE] [--json] -- COMMAND [ARGUMENT...]\n\n"
	"  -c, --config FILE       instead of " TACET_SYSCONFDIR "/tacet/tacet.conf\n"
	"  -i, --interface IFACE   watch an interface until Ctrl-C\n"
	"      --duration SECONDS  end after that long\n"
	"      --json              records, one object a line, and a summary\n";

enum { OPT_JSON = 256, OPT_DURATION };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "interface", required_argument, NULL, 'i' },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static unsigned terminal_width(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO))
		return 0;
	return !ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) && w.ws_col ? w.ws_col : 80;
}

/* What follows "--" is a command; without it the arguments are captures. */
static bool has_command(char **argv, int first)
{
	return first > 0 && !strcmp(argv[first - 1], "--");
}

int cmd_audit(int argc, char **argv)
{
	struct audit_options o = { 0 };
	unsigned long seconds;
	int c;

	while ((c = getopt_long(argc, argv, "c:i:h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			o.config_path = optarg;
			break;
		case 'i':
			o.ifname = optarg;
			break;
		case OPT_DURATION:
			if (!cli_number(optarg, 1, 31536000, &seconds))
				return cli_usage("audit", "--duration takes seconds, not '%s'",
						 optarg);
			o.seconds = (unsigned)seconds;
			break;
		case OPT_JSON:
			o.json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return cli_flush(EXIT_DONE);
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	if (has_command(argv, optind))
		o.command = argv + optind;
	else
		o.files = argv + optind;
	o.file_count = o.files ? (size_t)(argc - optind) : 0;
	if (o.command && !*o.command)
		return cli_usage("audit", "no command after --");
	if (!o.command && !o.ifname && !o.file_count)
		return cli_usage("audit", "nothing to audit");
	if ((o.command != NULL) + (o.ifname != NULL) + (o.file_count > 0) > 1)
		return cli_usage("audit", "captures, -i and a command exclude each other");
	if (o.seconds && !o.ifname)
		return cli_usage("audit", "--duration goes with -i");
	o.width = terminal_width();
	o.colour = o.width > 0;
	return audit_run(&o);
}
