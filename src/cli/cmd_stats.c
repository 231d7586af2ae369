/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet stats, flows, metrics: one request, its answer as a table or as it came. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct request {
	const char *name, *usage, *socket;
	bool json;
};

/* -1 = go on. */
static int parse(int argc, char **argv, struct request *r)
{
	int c;

	r->socket = TACET_STATS_SOCKET;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 's':
			r->socket = optarg;
			break;
		case 'j':
			r->json = true;
			break;
		case 'h':
			fputs(r->usage, stdout);
			return cli_flush(EXIT_DONE);
		default:
			fputs(r->usage, stderr);
			return EXIT_USAGE;
		}
	if (optind < argc)
		return cli_usage(r->name, "unexpected argument '%s'", argv[optind]);
	return -1;
}

/* The value of a field in memory of its own; NULL if the line has no such field. */
static char *field(const char *line, const char *path)
{
	long n = tacet_field(line, path, NULL, 0);
	char *value = n >= 0 ? malloc((size_t)n + 1) : NULL;

	if (value)
		tacet_field(line, path, value, (size_t)n + 1);
	return value;
}

static void row(const char *line, const char *label, const char *path)
{
	char value[128];

	if (tacet_field(line, path, value, sizeof value) >= 0)
		printf("  %-28s %s\n", label, value);
}

static void stats_lists(const char *line)
{
	char path[48], name[64], rules[24], skipped[24];

	puts("\nLists");
	for (int i = 0;; i++) {
		snprintf(path, sizeof path, "data.lists.%d.name", i);
		if (tacet_field(line, path, name, sizeof name) < 0)
			return;
		snprintf(path, sizeof path, "data.lists.%d.rules", i);
		tacet_field(line, path, rules, sizeof rules);
		snprintf(path, sizeof path, "data.lists.%d.skipped", i);
		tacet_field(line, path, skipped, sizeof skipped);
		printf("  %-28s %s rules, %s lines skipped\n", name, rules, skipped);
	}
}

static void stats_table(const char *line)
{
	static const struct {
		const char *title;
		struct {
			const char *label, *path;
		} rows[8];
	} parts[] = {
		{ "tacet",
		  { { "mode", "data.mode" },
		    { "paused until", "data.paused_until" },
		    { "running for seconds", "data.uptime_s" },
		    { "rules in the kernel by", "data.backend" },
		    { "privacy level", "data.privacy" } } },
		{ "Traffic",
		  { { "DNS questions", "data.questions" },
		    { "flows", "data.flows" },
		    { "flows now", "data.flows_now" },
		    { "packets that came up", "data.queue_packets" },
		    { "waiting for a verdict", "data.queue_waiting" },
		    { "dropped, queue full", "data.queue_kernel_dropped" } } },
		{ "Decisions",
		  { { "allowed", "data.allowed" },
		    { "would have been blocked", "data.logged" },
		    { "blocked", "data.blocked" },
		    { "DNS answers forged", "data.answered" },
		    { "TCP resets", "data.reset" },
		    { "ICMP refusals", "data.unreachable" },
		    { "dropped in silence", "data.dropped" } } },
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		printf("%s%s\n", i ? "\n" : "", parts[i].title);
		for (int j = 0; j < 8 && parts[i].rows[j].label; j++)
			row(line, parts[i].rows[j].label, parts[i].rows[j].path);
	}
	stats_lists(line);
}

static int one_answer(const struct request *r, const char *command, void (*print)(const char *line))
{
	const char *line;
	char *data;
	int status;
	struct tacet *t = cli_connect(r->socket, &status);

	if (!t)
		return status;
	status = cli_request(t, command, &line);
	if (!status && print) {
		print(line);
	} else if (!status) {
		data = field(line, "data");
		if (data)
			fputs(data, stdout);
		if (data && *data && data[strlen(data) - 1] != '\n')
			putchar('\n');
		free(data);
	}
	tacet_close(t);
	return cli_flush(status);
}

int cmd_stats(int argc, char **argv)
{
	struct request r = { .name = "stats",
			     .usage = "usage: tacet stats [--json] [--socket PATH]\n" };
	int rc = parse(argc, argv, &r);

	return rc >= 0 ? rc : one_answer(&r, "stats", r.json ? NULL : stats_table);
}

int cmd_metrics(int argc, char **argv)
{
	struct request r = { .name = "metrics", .usage = "usage: tacet metrics [--socket PATH]\n" };
	int rc = parse(argc, argv, &r);

	return rc >= 0 ? rc : one_answer(&r, "metrics", NULL);
}

static void flow_row(const char *line)
{
	char device[64] = "-", name[256] = "", dst[64] = "", verdict[16] = "", up[24] = "",
	     down[24] = "";

	if (tacet_field(line, "data.device", device, sizeof device) < 0)
		tacet_field(line, "data.src", device, sizeof device);
	tacet_field(line, "data.dst", dst, sizeof dst);
	tacet_field(line, "data.name", name, sizeof name);
	tacet_field(line, "data.verdict", verdict, sizeof verdict);
	tacet_field(line, "data.bytes_out", up, sizeof up);
	tacet_field(line, "data.bytes_in", down, sizeof down);
	printf("%-24s %-6s %12s %12s  %s\n", device, verdict, up, down, *name ? name : dst);
}

int cmd_flows(int argc, char **argv)
{
	struct request r = { .name = "flows",
			     .usage = "usage: tacet flows [--json] [--socket PATH]\n" };
	const char *line;
	char more[8];
	int status = parse(argc, argv, &r), rc;
	struct tacet *t;

	if (status >= 0)
		return status;
	t = cli_connect(r.socket, &status);
	if (!t)
		return status;
	status = cli_request(t, "flows", &line);
	if (!status && !r.json)
		printf("%-24s %-6s %12s %12s  %s\n", "DEVICE", "", "BYTES UP", "DOWN", "NAME");
	while (!status && tacet_field(line, "more", more, sizeof more) >= 0 &&
	       !strcmp(more, "true")) {
		char *data = r.json ? field(line, "data") : NULL;

		if (data)
			puts(data);
		else
			flow_row(line);
		free(data);
		rc = tacet_next(t, -1, &line);
		if (rc < 0) {
			log_error("flows: %s", tacet_strerror(rc));
			status = EXIT_FAILED;
		}
	}
	tacet_close(t);
	return cli_flush(status);
}
