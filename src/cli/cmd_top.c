/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet top: the live screen. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "top/run.h"

static const char usage[] =
	"usage: tacet top [--once | --json] [--seconds N] [--size COLSxROWS] [--socket PATH]\n"
	"                 [--control-socket PATH]\n\n"
	"  --once                 look for a while, print one screen, end\n"
	"  --json                 the same as one line of JSON\n"
	"  --seconds N            how long these two look: 3\n"
	"  --size COLSxROWS       of --once: 80x24\n"
	"  --socket PATH          of the running tacet\n"
	"  --control-socket PATH  to pause and resume by\n\n"
	"On the screen h shows the keys.\n";

enum { OPT_ONCE = 256, OPT_JSON, OPT_SECONDS, OPT_SIZE, OPT_SOCKET, OPT_CONTROL_SOCKET };

static const struct option options[] = {
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control-socket", required_argument, NULL, OPT_CONTROL_SOCKET },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static bool size(const char *text, struct top_options *o)
{
	int cols, rows, used = 0;

	if (sscanf(text, "%4dx%4d%n", &cols, &rows, &used) != 2 || text[used])
		return false;
	o->cols = cols;
	o->rows = rows;
	return cols >= 40 && cols <= 1000 && rows >= 5 && rows <= 1000;
}

/* -1 = go on. */
static int parse(int argc, char **argv, struct top_options *o, bool *out_once)
{
	unsigned long n;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		if (c == OPT_ONCE)
			*out_once = true;
		else if (c == OPT_JSON)
			*out_once = o->json = true;
		else if (c == OPT_SECONDS && cli_number(optarg, 1, 86400, &n))
			o->seconds = (unsigned)n;
		else if (c == OPT_SIZE && size(optarg, o))
			continue;
		else if (c == OPT_SOCKET)
			o->stats_path = optarg;
		else if (c == OPT_CONTROL_SOCKET)
			o->control_path = optarg;
		else {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	if (optind < argc)
		return cli_usage("top", "unexpected argument '%s'", argv[optind]);
	if (!*out_once && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
		return cli_usage("top", "that is no terminal; --once prints one screen");
	return -1;
}

static int live(const struct top_options *o, struct error *e)
{
#if WITH_NCURSES
	return top_run(o, e);
#else
	(void)o;
	return error_set(e, -1, "top: this tacet was built without ncurses; --once works");
#endif
}

int cmd_top(int argc, char **argv)
{
	struct top_options o = { .stats_path = TACET_STATS_SOCKET,
				 .control_path = TACET_CONTROL_SOCKET,
				 .seconds = 3,
				 .rows = 24,
				 .cols = 80 };
	struct error e = { "" };
	bool once = false;
	int rc = parse(argc, argv, &o, &once);
	struct tacet *t;

	if (rc >= 0)
		return rc;
	t = cli_connect(o.stats_path, &rc);
	if (!t)
		return rc;
	tacet_close(t);
	rc = once ? top_once(&o, &e) : live(&o, &e);
	if (!rc)
		return cli_flush(EXIT_DONE);
	log_error("%s", e.text);
	return EXIT_FAILED;
}
