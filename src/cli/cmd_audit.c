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
	"usage: tacet audit [OPTION...] CAPTURE...        pcap or pcapng, - is stdin\n"
	"       tacet audit [OPTION...] -i IFACE [--duration SECONDS]\n"
	"       tacet audit [OPTION...] -- COMMAND [ARGUMENT...]\n"
	"       tacet audit [-c FILE] [--json] --compare CAPTURE CAPTURE\n\n"
	"  -c, --config FILE       instead of " TACET_SYSCONFDIR "/tacet/tacet.conf\n"
	"  -i, --interface IFACE   watch an interface until Ctrl-C\n"
	"      --duration SECONDS  end after that long\n"
	"  -j, --jobs N            read N captures at a time, each by itself\n"
	"      --json              records, one object a line, and a summary\n"
	"      --html FILE         the report as one page, - is stdout\n"
	"      --anonymize         without addresses, MACs and names of devices\n"
	"      --compare           what changed from the first capture to the second\n";

enum { OPT_JSON = 256, OPT_DURATION, OPT_HTML, OPT_ANONYMIZE, OPT_COMPARE };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "interface", required_argument, NULL, 'i' },
	{ "duration", required_argument, NULL, OPT_DURATION },
	{ "jobs", required_argument, NULL, 'j' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "html", required_argument, NULL, OPT_HTML },
	{ "anonymize", no_argument, NULL, OPT_ANONYMIZE },
	{ "compare", no_argument, NULL, OPT_COMPARE },
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

/* 0, or EXIT_USAGE after a message. */
static int check(const struct audit_options *o)
{
	if (o->command && !*o->command)
		return cli_usage("audit", "no command after --");
	if (o->compare && (o->file_count != 2 || o->ifname))
		return cli_usage("audit", "--compare takes two captures");
	if (o->compare && o->html)
		return cli_usage("audit", "--compare and --html exclude each other");
	if (!o->command && !o->ifname && !o->file_count)
		return cli_usage("audit", "nothing to audit");
	if ((o->command != NULL) + (o->ifname != NULL) + (o->file_count > 0) > 1)
		return cli_usage("audit", "captures, -i and a command exclude each other");
	if (o->seconds && !o->ifname)
		return cli_usage("audit", "--duration goes with -i");
	if (o->jobs > 1 && o->file_count == 0)
		return cli_usage("audit", "--jobs goes with captures");
	if (o->json && o->html && !strcmp(o->html, "-"))
		return cli_usage("audit", "--json and --html - exclude each other");
	return 0;
}

/* -1 = go on. */
static int parse(int argc, char **argv, struct audit_options *o)
{
	unsigned long n;
	int c;

	while ((c = getopt_long(argc, argv, "c:i:j:h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			o->config_path = optarg;
			break;
		case 'i':
			o->ifname = optarg;
			break;
		case 'j':
			if (!cli_number(optarg, 1, 64, &n))
				return cli_usage("audit", "--jobs takes 1 to 64, not '%s'", optarg);
			o->jobs = (unsigned)n;
			break;
		case OPT_DURATION:
			if (!cli_number(optarg, 1, 31536000, &n))
				return cli_usage("audit", "--duration takes seconds, not '%s'",
						 optarg);
			o->seconds = (unsigned)n;
			break;
		case OPT_JSON:
			o->json = true;
			break;
		case OPT_HTML:
			o->html = optarg;
			break;
		case OPT_ANONYMIZE:
			o->anonymize = true;
			break;
		case OPT_COMPARE:
			o->compare = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return cli_flush(EXIT_DONE);
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	return -1;
}

int cmd_audit(int argc, char **argv)
{
	struct audit_options o = { .jobs = 1 };
	int rc = parse(argc, argv, &o);

	if (rc >= 0)
		return rc;
	if (has_command(argv, optind))
		o.command = argv + optind;
	else
		o.files = argv + optind;
	o.file_count = o.files ? (size_t)(argc - optind) : 0;
	rc = check(&o);
	if (rc)
		return rc;
	o.width = terminal_width();
	o.colour = o.width > 0;
	/* Where records scroll by on the same terminal it would only be in their way. */
	o.progress = isatty(STDERR_FILENO) && !(o.json && o.width);
	return audit_run(&o);
}
