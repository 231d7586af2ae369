/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet watch: decisions as they happen, filtered by the daemon. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"

static const char usage[] =
	"usage: tacet watch [FILTER...] [--json] [--count N] [--socket PATH]\n\n"
	"  --type flow|dns|state           one kind of record\n"
	"  --verdict allow|log|block       of this verdict\n"
	"  --device NAME  --app NAME  --role ROLE\n"
	"  --name NAME                     the name and what is below it\n"
	"  --count N                       end after N records\n"
	"  --json                          records as they come, one object a line\n";

enum { OPT_SOCKET = 256, OPT_JSON, OPT_COUNT, OPT_FILTER };
static const char *const filters[] = { "type", "verdict", "device", "app", "role", "name" };

static const struct option options[] = {
	{ "type", required_argument, NULL, OPT_FILTER + 0 },
	{ "verdict", required_argument, NULL, OPT_FILTER + 1 },
	{ "device", required_argument, NULL, OPT_FILTER + 2 },
	{ "app", required_argument, NULL, OPT_FILTER + 3 },
	{ "role", required_argument, NULL, OPT_FILTER + 4 },
	{ "name", required_argument, NULL, OPT_FILTER + 5 },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *get(const char *line, const char *path, char *buf, size_t n)
{
	if (tacet_field(line, path, buf, n) < 0)
		return "-";
	return buf;
}

/* "20:15:00 block nxdomain tv netflix telemetry logs.netflix.com (dns A)" */
static void print_record(const char *line)
{
	char type[16] = "", time[40] = "", state[8], b[8][300];

	tacet_field(line, "type", type, sizeof type);
	if (!strcmp(type, "lost")) {
		printf("         -- %s records lost: this terminal was too slow\n",
		       get(line, "count", b[0], sizeof b[0]));
		return;
	}
	if (tacet_field(line, "time", time, sizeof time) < 0)
		tacet_field(line, "last", time, sizeof time);
	if (!strcmp(type, "state")) {
		printf("%.8s -- mode %s, paused: %s\n", strlen(time) > 11 ? time + 11 : "",
		       get(line, "mode", b[0], sizeof b[0]),
		       get(line, "paused", b[1], sizeof b[1]));
		return;
	}
	if (tacet_field(line, "device", b[2], 256) < 0 && tacet_field(line, "src", b[2], 256) < 0 &&
	    tacet_field(line, "client", b[2], 256) < 0)
		strcpy(b[2], "-");
	if (tacet_field(line, "process", b[7], 32) > 0 || tacet_field(line, "user", b[7], 32) > 0)
		snprintf(b[2] + strlen(b[2]), 34, "/%.32s", b[7]);
	if (tacet_field(line, "name", b[5], sizeof b[5]) < 0 &&
	    tacet_field(line, "qname", b[5], sizeof b[5]) < 0)
		get(line, "dst", b[5], sizeof b[5]);
	printf("%.8s %-5s %-8s %-16s %-10s %-10s %s (%s%s%s)\n", strlen(time) > 11 ? time + 11 : "",
	       get(line, "verdict", b[0], sizeof b[0]), get(line, "how", b[1], sizeof b[1]), b[2],
	       get(line, "app", b[3], sizeof b[3]), get(line, "role", b[4], sizeof b[4]), b[5],
	       *type == 'd' ? "dns " : get(line, "via", b[6], sizeof b[6]),
	       *type == 'd' ? get(line, "qtype", b[6], sizeof b[6]) : "",
	       tacet_field(line, "state", state, sizeof state) > 0 ? ", open" : "");
}

static int follow(struct tacet *t, bool json, unsigned long count)
{
	const char *line;
	int rc = 1;

	for (unsigned long n = 0; rc == 1 && (!count || n < count); n++) {
		rc = tacet_next(t, -1, &line);
		if (rc != 1)
			break;
		if (json)
			puts(line);
		else
			print_record(line);
		if (cli_flush(EXIT_DONE))
			return EXIT_FAILED;
	}
	if (rc >= 0)
		return EXIT_DONE;
	log_error("watch: %s", tacet_strerror(rc));
	return EXIT_FAILED;
}

int cmd_watch(int argc, char **argv)
{
	const char *path = TACET_STATS_SOCKET, *line;
	struct text request = { 0 };
	unsigned long count = 0;
	bool json = false;
	struct tacet *t;
	int c, status;

	json_object_begin(&request, NULL);
	json_str(&request, "cmd", "watch");
	json_object_begin(&request, "filter");
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c >= OPT_FILTER) {
			json_str(&request, filters[c - OPT_FILTER], optarg);
		} else if (c == OPT_SOCKET) {
			path = optarg;
		} else if (c == OPT_JSON) {
			json = true;
		} else if (c == OPT_COUNT && cli_number(optarg, 1, 1000000000, &count)) {
			continue;
		} else {
			text_done(&request);
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	}
	json_object_end(&request);
	json_object_end(&request);
	if (optind < argc) {
		text_done(&request);
		return cli_usage("watch", "unexpected argument '%s'", argv[optind]);
	}
	t = cli_connect(path, &status);
	if (t) {
		status = cli_request(t, request.at, &line);
		if (!status)
			status = follow(t, json, count);
		tacet_close(t);
	}
	text_done(&request);
	return status;
}
