/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists show: the lists in force, and which are not what their files say. */
#define _GNU_SOURCE /* strptime, timegm */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cli/cli.h"
#include "daemon/setup.h"
#include "update/compiled.h"

static const char usage[] = "usage: tacet lists show [--json] [--socket PATH]\n"
			    "       tacet lists show --offline [-c FILE] [--json]\n\n"
			    "  Each list with its state: ok, kept (the file is no good, the last "
			    "good one is in force)\n"
			    "  or missing (there is none), rules, skipped lines, when it last "
			    "changed, and how often.\n\n"
			    "      --offline  what was compiled last, without asking the daemon\n";

enum { OPT_OFFLINE = 256 };

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' }, { "json", no_argument, NULL, 'j' },
	{ "config", required_argument, NULL, 'c' }, { "offline", no_argument, NULL, OPT_OFFLINE },
	{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
};

/* "3 h", of a time as records have it. */
static const char *age(const char *since, char out[static 24])
{
	struct tm tm = { .tm_isdst = 0 };
	long long s;

	if (!strptime(since, "%Y-%m-%dT%H:%M:%S", &tm))
		return "-";
	s = (long long)(time(NULL) - timegm(&tm));
	if (s < 0)
		s = 0;
	if (s < 120)
		snprintf(out, 24, "%lld s", s);
	else if (s < 7200)
		snprintf(out, 24, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, 24, "%lld h", s / 3600);
	else
		snprintf(out, 24, "%lld d", s / 86400);
	return out;
}

static void take(const char *object, const char *key, char *out, size_t n)
{
	if (tacet_field(object, key, out, n) < 0)
		snprintf(out, n, "-");
}

static void print_head(void)
{
	printf("%-20s %-7s %9s %8s %7s %4s %-8s %s\n", "LIST", "STATE", "RULES", "SKIPPED", "AGE",
	       "GEN", "FORMAT", "FILE");
}

static void print_row(const char *object)
{
	char name[64], state[16], rules[24], skipped[24], since[32], generation[24], format[16],
		file[4096], error[512], old[24];

	take(object, "name", name, sizeof name);
	take(object, "state", state, sizeof state);
	take(object, "rules", rules, sizeof rules);
	take(object, "skipped", skipped, sizeof skipped);
	take(object, "since", since, sizeof since);
	take(object, "generation", generation, sizeof generation);
	take(object, "format", format, sizeof format);
	take(object, "file", file, sizeof file);
	printf("%-20s %-7s %9s %8s %7s %4s %-8s %s\n", name, state, rules, skipped, age(since, old),
	       generation, format, file);
	if (tacet_field(object, "error", error, sizeof error) >= 0)
		printf("  %s\n", error);
}

static void print(const char *object, bool json)
{
	if (json)
		puts(object);
	else
		print_row(object);
}

static int ask(const char *path, bool json)
{
	static char data[TACET_LINE_MAX];
	const char *line;
	char more[8];
	int status, rc;
	struct tacet *t = cli_connect(path, &status);

	if (!t)
		return status;
	status = cli_request(t, "lists", &line);
	if (!status && !json)
		print_head();
	while (!status && tacet_field(line, "more", more, sizeof more) >= 0 &&
	       !strcmp(more, "true")) {
		tacet_field(line, "data", data, sizeof data);
		print(data, json);
		rc = tacet_next(t, -1, &line);
		if (rc < 0) {
			log_error("lists show: %s", tacet_strerror(rc));
			status = EXIT_FAILED;
		}
	}
	tacet_close(t);
	return status;
}

static int look(const char *path, bool json)
{
	struct compiled compiled;
	struct config *c = NULL;
	struct error e = { "" };
	struct text t = { 0 };
	int status;

	if (setup_config(path, &c, &e)) {
		log_error("%s", e.text);
		return EXIT_FAILED;
	}
	compiled_load(c->cache_dir, &compiled);
	if (!compiled.count)
		log_error(
			"lists show: %s: nothing was compiled there, or it is not for you to read",
			c->cache_dir);
	else if (!json)
		print_head();
	for (size_t i = 0; i < compiled.count; i++) {
		text_clear(&t);
		json_object_begin(&t, NULL);
		compiled_list_json(&compiled.at[i], &t);
		json_object_end(&t);
		if (!t.failed)
			print(t.at, json);
	}
	text_done(&t);
	config_free(c);
	status = compiled.count ? EXIT_DONE : EXIT_FAILED;
	compiled_done(&compiled);
	return status;
}

int cmd_lists_show(int argc, char **argv)
{
	const char *path = TACET_STATS_SOCKET, *config = NULL;
	bool json = false, offline = false;
	int c;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (c) {
		case 's':
			path = optarg;
			break;
		case 'j':
			json = true;
			break;
		case 'c':
			config = optarg;
			break;
		case OPT_OFFLINE:
			offline = true;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	if (optind < argc)
		return cli_usage("lists", "show: unexpected argument '%s'", argv[optind]);
	return cli_flush(offline ? look(config, json) : ask(path, json));
}
