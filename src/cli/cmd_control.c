/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet pause, allow, block, resume, reload: clients of the control socket. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"

/* What `resume` of a part ended. */
static int taken_back(const char *answer)
{
	char ended[24] = "0";

	tacet_field(answer, "data.ended", ended, sizeof ended);
	if (strcmp(ended, "0") != 0) {
		printf("taken back: %s\n", ended);
		return 0;
	}
	log_error("resume: no pause and no rule of now has that name and device");
	return EXIT_FAILED;
}

/* done NULL: a part is taken back. until: the member that says when what was done ends, or NULL. */
static int request(const char *path, const char *line, const char *done, const char *until,
		   bool reload)
{
	const char *answer;
	char end[64] = "", trouble[1024] = "";
	int status;
	struct tacet *t = cli_connect(path, &status);

	if (!t)
		return status;
	status = cli_request(t, line, &answer);
	if (!status && !done)
		status = taken_back(answer);
	else if (!status && until && tacet_field(answer, until, end, sizeof end) > 0)
		printf("%s until %s\n", done, end);
	else if (!status)
		puts(done);
	/* The rest was done; that is no success all the same. */
	if (!status && reload && tacet_field(answer, "data.trouble", trouble, sizeof trouble) > 0) {
		log_error("%s", trouble);
		status = EXIT_FAILED;
	}
	tacet_close(t);
	return cli_flush(status);
}

struct scope {
	const char *device, *app, *role, *list, *rule;
};

enum { OPT_DEVICE = 256, OPT_APP, OPT_ROLE, OPT_LIST, OPT_RULE, OPT_FOR, OPT_FORCE };

static const struct option pause_options[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "app", required_argument, NULL, OPT_APP },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "list", required_argument, NULL, OPT_LIST },
	{ "rule", required_argument, NULL, OPT_RULE },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const struct option reload_options[] = {
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char reload_usage[] = "usage: tacet reload [--force] [--socket PATH]\n\n"
				   "  Returns when configuration and lists are in force.\n\n"
				   "      --force  take lists that shrank\n";

static const struct option rule_options[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "app", required_argument, NULL, OPT_APP },
	{ "for", required_argument, NULL, OPT_FOR },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int send_scope(const char *path, const char *cmd, const char *name, const struct scope *s,
		      unsigned long seconds, const char *done, const char *until)
{
	struct text line = { 0 };
	int status;

	json_object_begin(&line, NULL);
	json_str(&line, "cmd", cmd);
	json_str(&line, "name", name);
	json_u64(&line, "seconds", seconds);
	json_str(&line, "device", s->device);
	json_str(&line, "app", s->app);
	json_str(&line, "role", s->role);
	json_str(&line, "list", s->list);
	json_str(&line, "rule", s->rule);
	json_object_end(&line);
	status = line.failed ? EXIT_FAILED : request(path, line.at, done, until, false);
	text_done(&line);
	return status;
}

/* -1 = go on with argv[optind]. */
static int take_scope(int argc, char **argv, const struct option *allowed, const char *usage,
		      const char **out_socket, struct scope *out, const char **out_for)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", allowed, NULL)) != -1)
		switch (c) {
		case OPT_DEVICE:
			out->device = optarg;
			break;
		case OPT_APP:
			out->app = optarg;
			break;
		case OPT_ROLE:
			out->role = optarg;
			break;
		case OPT_LIST:
			out->list = optarg;
			break;
		case OPT_RULE:
			out->rule = optarg;
			break;
		case OPT_FOR:
			*out_for = optarg;
			break;
		case 's':
			*out_socket = optarg;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	return -1;
}

int cmd_pause(int argc, char **argv)
{
	const char *path = TACET_CONTROL_SOCKET, *none = NULL;
	struct scope s = { 0 };
	unsigned long seconds = 0;
	int rc = take_scope(argc, argv, pause_options,
			    "usage: tacet pause [OPTION...] [SECONDS | 10m | 2h]\n\n"
			    "  --device NAME    that device or group of tacet.conf alone\n"
			    "  --app NAME       what belongs to that app alone\n"
			    "  --role NAME      --list NAME      --rule DOMAIN\n"
			    "  --socket PATH\n\n"
			    "Without a time blocking stays off until `tacet resume`.\n",
			    &path, &s, &none);

	if (rc >= 0)
		return rc;
	if (argc - optind > 1 || (optind < argc && !cli_duration(argv[optind], &seconds)))
		return cli_usage("pause", "'%s' is no time such as 300, 10m or 2h", argv[argc - 1]);
	if (s.device || s.app || s.role || s.list || s.rule)
		return send_scope(path, "pause", NULL, &s, seconds, "paused", "data.until");
	return send_scope(path, "pause", NULL, &s, seconds, "blocking is paused",
			  "data.paused_until");
}

#define RULE_USAGE                                                                                 \
	" [--device NAME] [--app NAME] [--for TIME] [--socket PATH] DOMAIN\n\n"                    \
	"  The domain and all below it, until `tacet resume` or the end of TIME. What is to\n"     \
	"  stay is written into [rules] of tacet.conf.\n"

static int rule_of_now(int argc, char **argv, const char *cmd, const char *usage, const char *done)
{
	const char *path = TACET_CONTROL_SOCKET, *time = NULL;
	struct scope s = { 0 };
	unsigned long seconds = 0;
	int rc = take_scope(argc, argv, rule_options, usage, &path, &s, &time);

	if (rc >= 0)
		return rc;
	if (argc - optind != 1)
		return cli_usage(cmd, argc == optind ? "which domain?" : "one domain at a time");
	if (time && !cli_duration(time, &seconds))
		return cli_usage(cmd, "'%s' is no time such as 300, 10m or 2h", time);
	return send_scope(path, cmd, argv[optind], &s, seconds, done, "data.until");
}

int cmd_allow(int argc, char **argv)
{
	return rule_of_now(argc, argv, "allow", "usage: tacet allow" RULE_USAGE, "allowed");
}

int cmd_block(int argc, char **argv)
{
	return rule_of_now(argc, argv, "block", "usage: tacet block" RULE_USAGE, "blocked");
}

static const struct option resume_options[] = {
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int cmd_resume(int argc, char **argv)
{
	const char *path = TACET_CONTROL_SOCKET, *none = NULL;
	struct scope s = { 0 };
	struct text line = { 0 };
	int rc = take_scope(
		argc, argv, resume_options,
		"usage: tacet resume [--socket PATH]\n"
		"       tacet resume [--device NAME] [DOMAIN]    that rule or pause alone\n",
		&path, &s, &none);

	if (rc >= 0)
		return rc;
	if (argc - optind > 1)
		return cli_usage("resume", "unexpected argument '%s'", argv[optind + 1]);
	json_object_begin(&line, NULL);
	json_str(&line, "cmd", "resume");
	json_str(&line, "name", optind < argc ? argv[optind] : NULL);
	json_str(&line, "device", s.device);
	json_object_end(&line);
	rc = line.failed ? EXIT_FAILED
			 : request(path, line.at, optind < argc || s.device ? NULL : "blocking",
				   NULL, false);
	text_done(&line);
	return rc;
}

int cmd_reload(int argc, char **argv)
{
	const char *path = TACET_CONTROL_SOCKET, *line = "reload";
	int c;

	while ((c = getopt_long(argc, argv, "h", reload_options, NULL)) != -1)
		switch (c) {
		case OPT_FORCE:
			line = "reload force=1";
			break;
		case 's':
			path = optarg;
			break;
		default:
			fputs(reload_usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	if (optind < argc)
		return cli_usage("reload", "unexpected argument '%s'", argv[optind]);
	return request(path, line, "reloaded", NULL, true);
}
