/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet stats, metrics: one request, its answer as a table or as it came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static void row(const char *line, const char *label, const char *path)
{
	char value[128];

	if (tacet_field(line, path, value, sizeof value) >= 0)
		printf("  %-28s %s\n", label, value);
}

static void stats_lists(const char *line)
{
	char path[48], name[64], rules[24], skipped[24], state[16], why[16];

	puts("\nLists");
	for (int i = 0;; i++) {
		snprintf(path, sizeof path, "data.lists.%d.name", i);
		if (tacet_field(line, path, name, sizeof name) < 0)
			return;
		snprintf(path, sizeof path, "data.lists.%d.rules", i);
		tacet_field(line, path, rules, sizeof rules);
		snprintf(path, sizeof path, "data.lists.%d.skipped", i);
		tacet_field(line, path, skipped, sizeof skipped);
		printf("  %-28s %s rule%s, %s line%s skipped", name, rules,
		       strcmp(rules, "1") ? "s" : "", skipped, strcmp(skipped, "1") ? "s" : "");
		snprintf(path, sizeof path, "data.lists.%d.state", i);
		tacet_field(line, path, state, sizeof state);
		snprintf(path, sizeof path, "data.lists.%d.why", i);
		if (tacet_field(line, path, why, sizeof why) > 0)
			printf("; %s: %s (`tacet lists show`)", state, why);
		putchar('\n');
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
		    { "sessions of apps now", "data.sessions_now" },
		    { "suspected hosts", "data.suspects" },
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

static int one_answer(const struct cli_question *r, const char *command,
		      void (*print)(const char *line))
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
		data = cli_field(line, "data");
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
	struct cli_question r = { .name = "stats",
				  .usage = "usage: tacet stats [--json] [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : one_answer(&r, "stats", r.json ? NULL : stats_table);
}

int cmd_metrics(int argc, char **argv)
{
	struct cli_question r = { .name = "metrics",
				  .usage = "usage: tacet metrics [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : one_answer(&r, "metrics", NULL);
}
