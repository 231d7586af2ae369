/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet explain: asks the daemon, or decides from the configured lists itself. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "daemon/explain.h"
#include "daemon/setup.h"

static const char usage[] =
	"usage: tacet explain [OPTION...] NAME...\n"
	"       tacet explain [OPTION...] --names FILE    - is stdin\n\n"
	"  --device NAME, --app NAME      for that device, in the session of that app\n"
	"  --at TIME                      at that time: 20:15 (today) or \"2026-01-31 20:15\"\n"
	"  --json, --offline, -c FILE, --socket PATH\n\n"
	"  Asks the running tacet; with --offline, --at, -c or where none runs, decides from the\n"
	"  configured lists. Exit status for one name: 0 allowed, 10 blocked.\n";

enum { OPT_NAMES = 256, OPT_JSON, OPT_OFFLINE, OPT_SOCKET, OPT_DEVICE, OPT_APP, OPT_AT };

static const struct option options[] = {
	{ "names", required_argument, NULL, OPT_NAMES },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "offline", no_argument, NULL, OPT_OFFLINE },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "app", required_argument, NULL, OPT_APP },
	{ "at", required_argument, NULL, OPT_AT },
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct explain {
	struct tacet *daemon;  /* or */
	struct policy *policy; /* one of them */
	struct config *config;
	const char *device, *app;
	time_t at;
	bool json, brief; /* brief: no candidates, for many names */
	bool blocked, failed;
	struct text line;
};

static const char *get(const char *object, const char *path, char *buf, size_t n)
{
	return tacet_field(object, path, buf, n) < 0 ? NULL : buf;
}

static void print_candidates(const char *object)
{
	char path[48], list[64], rule[300], says[32];

	for (int i = 0;; i++) {
		snprintf(path, sizeof path, "candidates.%d.list", i);
		if (tacet_field(object, path, list, sizeof list) < 0)
			return;
		snprintf(path, sizeof path, "candidates.%d.rule", i);
		tacet_field(object, path, rule, sizeof rule);
		snprintf(path, sizeof path, "candidates.%d.says", i);
		tacet_field(object, path, says, sizeof says);
		printf("  %s %-12s %-40s %s\n", i ? "          " : "candidates", list, rule, says);
	}
}

static void print_text(const char *object)
{
	static const struct {
		const char *label, *path;
	} rows[] = {
		{ "reason", "reason" },	    { "rule", "rule" },	      { "list", "list" },
		{ "app", "app" },	    { "role", "role" },	      { "breaks", "breaks" },
		{ "evidence", "evidence" }, { "section", "section" }, { "dns", "wire.dns" },
		{ "tcp", "wire.tcp" },	    { "udp", "wire.udp" },
	};
	char name[300], verdict[16], value[1024];

	if (get(object, "error", value, sizeof value)) {
		printf("%s: %s\n", get(object, "name", name, sizeof name), value);
		return;
	}
	printf("%s: %s", get(object, "name", name, sizeof name),
	       get(object, "verdict", verdict, sizeof verdict));
	if (get(object, "how", value, sizeof value))
		printf(" by %s", value);
	putchar('\n');
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (get(object, rows[i].path, value, sizeof value))
			printf("  %-10s %s\n", rows[i].label, value);
	print_candidates(object);
}

static void told(struct explain *x, const char *object)
{
	char verdict[16] = "", error[8];

	tacet_field(object, "verdict", verdict, sizeof verdict);
	x->blocked = !strcmp(verdict, "block");
	if (tacet_field(object, "error", error, sizeof error) >= 0)
		x->failed = true;
	if (x->json)
		puts(object);
	else
		print_text(object);
}

static int ask(struct explain *x, const char *name)
{
	struct text request = { 0 };
	const char *line;
	char *data;
	long n;
	int status;

	json_object_begin(&request, NULL);
	json_str(&request, "cmd", "explain");
	json_str(&request, "name", name);
	json_str(&request, "device", x->device);
	json_str(&request, "app", x->app);
	json_object_end(&request);
	status = cli_request(x->daemon, request.at, &line);
	text_done(&request);
	if (status)
		return status;
	n = tacet_field(line, "data", NULL, 0);
	data = n >= 0 ? malloc((size_t)n + 1) : NULL;
	if (!data)
		return EXIT_FAILED;
	tacet_field(line, "data", data, (size_t)n + 1);
	told(x, data);
	free(data);
	return 0;
}

static int one(struct explain *x, const char *name)
{
	if (x->daemon)
		return ask(x, name);
	text_clear(&x->line);
	explain_json(x->policy, name, x->device, x->app, !x->brief, &x->line);
	if (x->line.failed) {
		log_error("explain: out of memory");
		return EXIT_FAILED;
	}
	told(x, x->line.at);
	return 0;
}

static int many(struct explain *x, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
	char *line = NULL;
	size_t size = 0;
	int status = 0;

	if (!f) {
		log_error("explain: %s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	x->brief = true;
	while (!status && getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line)
			status = one(x, line);
	}
	if (!status && ferror(f)) {
		log_error("explain: %s: %s", path, strerror(errno));
		status = EXIT_FAILED;
	}
	free(line);
	if (f != stdin)
		fclose(f);
	return status;
}

/* "20:15" of today, "2026-01-31 20:15": local time. */
static bool parse_time(const char *text, time_t *out)
{
	time_t now = time(NULL);
	int year, month, day, hour, minute, used = 0;
	struct tm t;

	if (!localtime_r(&now, &t))
		return false;
	if (sscanf(text, "%4d-%2d-%2d %2d:%2d%n", &year, &month, &day, &hour, &minute, &used) ==
		    5 &&
	    !text[used]) {
		t.tm_year = year - 1900;
		t.tm_mon = month - 1;
		t.tm_mday = day;
	} else if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2 || text[used]) {
		return false;
	}
	t.tm_hour = hour;
	t.tm_min = minute;
	t.tm_sec = 0;
	t.tm_isdst = -1;
	*out = mktime(&t);
	return hour >= 0 && hour < 24 && minute >= 0 && minute < 60;
}

static int decide_offline(struct explain *x, const char *config_path)
{
	struct error e = { "" };

	if (!setup_config(config_path, &x->config, &e) &&
	    !setup_policy(x->config, NULL, NULL, &x->policy, &e)) {
		policy_tick(x->policy, (int64_t)x->at * 1000000000);
		return 0;
	}
	log_error("%s", e.text);
	return EXIT_FAILED;
}

int cmd_explain(int argc, char **argv)
{
	const char *path = NULL, *config = NULL, *names = NULL;
	struct explain x = { .at = time(NULL) };
	bool offline = false;
	int c, status = 0, count;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case OPT_NAMES:
			names = optarg;
			break;
		case OPT_JSON:
			x.json = true;
			break;
		case OPT_DEVICE:
			x.device = optarg;
			break;
		case OPT_APP:
			x.app = optarg;
			break;
		case OPT_AT:
			offline = true;
			if (!parse_time(optarg, &x.at))
				return cli_usage(
					"explain",
					"'%s' is no time such as 20:15 or \"2026-01-31 20:15\"",
					optarg);
			break;
		case OPT_OFFLINE:
			offline = true;
			break;
		case OPT_SOCKET:
			path = optarg;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	count = argc - optind;
	if (!count == !names)
		return cli_usage("explain",
				 names ? "names come from --names or as arguments" : "which name?");
	if (path && (config || offline))
		return cli_usage("explain",
				 "--socket asks the daemon; -c, --at and --offline do not");
	if (path)
		x.daemon = cli_connect(path, &status);
	else if (!offline && !config)
		x.daemon = tacet_open(TACET_STATS_SOCKET);
	if (!x.daemon && !status)
		status = decide_offline(&x, config);
	if (!status && names)
		status = many(&x, names);
	for (int i = optind; !status && i < argc; i++)
		status = one(&x, argv[i]);
	if (!status)
		status = x.failed		   ? EXIT_FAILED
			 : count == 1 && x.blocked ? EXIT_BLOCKED
						   : EXIT_DONE;
	tacet_close(x.daemon);
	policy_free(x.policy);
	config_free(x.config);
	text_done(&x.line);
	return cli_flush(status);
}
