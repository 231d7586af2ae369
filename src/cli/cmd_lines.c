/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet flows, devices, sessions, suspects: one request, its long answer line by line. */
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

int cli_question(int argc, char **argv, struct cli_question *r)
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

char *cli_field(const char *line, const char *path)
{
	long n = tacet_field(line, path, NULL, 0);
	char *value = n >= 0 ? malloc((size_t)n + 1) : NULL;

	if (value)
		tacet_field(line, path, value, (size_t)n + 1);
	return value;
}

/* The text of a field of the answer, or "-". */
static const char *get(const char *line, const char *path, char *buf, size_t n)
{
	return tacet_field(line, path, buf, n) < 0 ? strcpy(buf, "-") : buf;
}

/* By the name in the configuration, what it calls itself, its MAC, or its address. */
static const char *device_of(const char *line, char buf[static 64])
{
	static const char *const paths[] = { "data.device", "data.hostname", "data.mac", "data.src",
					     "data.addresses.0" };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (tacet_field(line, paths[i], buf, 64) >= 0)
			return buf;
	return strcpy(buf, "-");
}

static void flow_row(const char *line)
{
	char device[64], name[256], verdict[16], up[24], down[24], process[33];

	device_of(line, device);
	if (tacet_field(line, "data.process", process, sizeof process) > 0 && strlen(device) < 28)
		snprintf(device + strlen(device), 34, "/%s", process);
	if (tacet_field(line, "data.name", name, sizeof name) < 0)
		get(line, "data.dst", name, sizeof name);
	printf("%-24s %-6s %12s %12s  %s\n", device,
	       get(line, "data.verdict", verdict, sizeof verdict),
	       get(line, "data.bytes_out", up, sizeof up),
	       get(line, "data.bytes_in", down, sizeof down), name);
}

/* The members of an array, with commas. */
static void join(const char *line, const char *array, char *out, size_t n)
{
	char path[48], one[64];

	*out = '\0';
	for (int i = 0; i < 16; i++) {
		snprintf(path, sizeof path, "%s.%d", array, i);
		if (tacet_field(line, path, one, sizeof one) < 0)
			break;
		if (strlen(out) + strlen(one) + 2 > n)
			return;
		snprintf(out + strlen(out), n - strlen(out), "%s%s", i ? "," : "", one);
	}
	if (!*out)
		snprintf(out, n, "-");
}

static void device_row(const char *line)
{
	char device[64], from[16], mac[24], local[8], vendor[64], addresses[400], apps[400];

	join(line, "data.addresses", addresses, sizeof addresses);
	join(line, "data.apps", apps, sizeof apps);
	if (tacet_field(line, "data.vendor", vendor, sizeof vendor) < 0)
		strcpy(vendor, tacet_field(line, "data.mac_local", local, sizeof local) > 0
				       ? "(random address)"
				       : "-");
	printf("%-24s %-13s %-17s %-24s %s  %s\n", device_of(line, device),
	       get(line, "data.name_from", from, sizeof from),
	       get(line, "data.mac", mac, sizeof mac), vendor, addresses, apps);
}

static void session_row(const char *line)
{
	char device[64], app[64], first[40], last[40], type[16], name[256], a[24], b[24];

	get(line, "data.type", type, sizeof type);
	device_of(line, device);
	get(line, "data.app", app, sizeof app);
	get(line, "data.first", first, sizeof first);
	get(line, "data.last", last, sizeof last);
	first[19] = last[19] = '\0';
	get(line, "data.contacts", a, sizeof a);
	if (!strcmp(type, "session"))
		printf("%-24s %-14s %s  %s  %s contact%s, %s with trackers of others\n", device,
		       app, first, strlen(last) > 11 ? last + 11 : last, a,
		       strcmp(a, "1") ? "s" : "", get(line, "data.trackers", b, sizeof b));
	else if (tacet_field(line, "data.of", b, sizeof b) > 0)
		printf("%-24s %-14s %s  in %s of %s session%s\n", device, app,
		       get(line, "data.name", name, sizeof name),
		       get(line, "data.sessions", a, sizeof a), b, strcmp(b, "1") ? "s" : "");
	else
		printf("%-24s %-14s %s  %s time%s in no session, or in several\n", device, "-",
		       get(line, "data.name", name, sizeof name), a, strcmp(a, "1") ? "s" : "");
}

static void suspect_row(const char *line)
{
	char name[256], why[64], period[24], devices[24], up[24], down[24], apps[300];

	join(line, "data.why", why, sizeof why);
	join(line, "data.apps", apps, sizeof apps);
	get(line, "data.period_ms", period, sizeof period);
	if (*period != '-')
		snprintf(period, sizeof period, "%.1f", atof(period) / 1000);
	printf("%-40s %-16s %10s %7s %12s %12s  %s\n", get(line, "data.name", name, sizeof name),
	       why, period, get(line, "data.devices", devices, sizeof devices),
	       get(line, "data.bytes_out", up, sizeof up),
	       get(line, "data.bytes_in", down, sizeof down), apps);
}

static int long_answer(struct cli_question *r, void (*head)(void), void (*row)(const char *line))
{
	const char *line;
	char more[8];
	int status, rc;
	bool none = true;
	struct tacet *t = cli_connect(r->socket, &status);

	if (!t)
		return status;
	status = cli_request(t, r->name, &line);
	if (!status && !r->json)
		head();
	while (!status && tacet_field(line, "more", more, sizeof more) >= 0 &&
	       !strcmp(more, "true")) {
		char *data = r->json ? cli_field(line, "data") : NULL;

		if (data)
			puts(data);
		else
			row(line);
		free(data);
		none = false;
		rc = tacet_next(t, -1, &line);
		if (rc < 0) {
			log_error("%s: %s", r->name, tacet_strerror(rc));
			status = EXIT_FAILED;
		}
	}
	tacet_close(t);
	if (!status && none && !r->json)
		puts("none yet");
	return cli_flush(status);
}

static void flow_head(void)
{
	printf("%-24s %-6s %12s %12s  %s\n", "DEVICE", "", "BYTES UP", "DOWN", "NAME");
}

static void device_head(void)
{
	printf("%-24s %-13s %-17s %-24s %s\n", "DEVICE", "NAME FROM", "MAC", "MADE BY",
	       "ADDRESSES  APPS");
}

static void session_head(void)
{
	printf("%-24s %-14s %s\n", "DEVICE", "APP", "BEGIN                END (UTC)");
}

static void suspect_head(void)
{
	printf("%-40s %-16s %10s %7s %12s %12s  %s\n", "HOST", "WHY", "EVERY (S)", "DEVICES",
	       "BYTES UP", "DOWN", "APPS");
}

int cmd_flows(int argc, char **argv)
{
	struct cli_question r = { .name = "flows",
				  .usage = "usage: tacet flows [--json] [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : long_answer(&r, flow_head, flow_row);
}

int cmd_devices(int argc, char **argv)
{
	struct cli_question r = { .name = "devices",
				  .usage = "usage: tacet devices [--json] [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : long_answer(&r, device_head, device_row);
}

int cmd_sessions(int argc, char **argv)
{
	struct cli_question r = { .name = "sessions",
				  .usage = "usage: tacet sessions [--json] [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : long_answer(&r, session_head, session_row);
}

int cmd_suspects(int argc, char **argv)
{
	struct cli_question r = { .name = "suspects",
				  .usage = "usage: tacet suspects [--json] [--socket PATH]\n" };
	int rc = cli_question(argc, argv, &r);

	return rc >= 0 ? rc : long_answer(&r, suspect_head, suspect_row);
}
