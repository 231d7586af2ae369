/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet pause, resume, reload: clients of the control socket. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct option options[] = {
	{ "socket", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Parses what the three have in common; -1 = go on with argv[optind]. */
static int common(int argc, char **argv, const char *usage, const char **out_socket)
{
	int c;

	*out_socket = TACET_CONTROL_SOCKET;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (c) {
		case 's':
			*out_socket = optarg;
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

static int request(const char *path, const char *line, const char *done)
{
	const char *answer;
	char until[64] = "";
	int status;
	struct tacet *t = cli_connect(path, &status);

	if (!t)
		return status;
	status = cli_request(t, line, &answer);
	if (!status) {
		if (tacet_field(answer, "data.paused_until", until, sizeof until) > 0)
			printf("%s until %s\n", done, until);
		else
			puts(done);
	}
	tacet_close(t);
	return cli_flush(status);
}

/* "90", "90s", "10m", "2h" */
static bool duration(const char *text, unsigned long *out)
{
	size_t n = strlen(text);
	unsigned long unit = 1;
	char digits[16];

	if (!n || n >= sizeof digits)
		return false;
	memcpy(digits, text, n + 1);
	switch (digits[n - 1]) {
	case 'h':
		unit = 3600;
		break;
	case 'm':
		unit = 60;
		break;
	case 's':
		break;
	default:
		unit = 0;
	}
	if (unit)
		digits[n - 1] = '\0';
	if (!cli_number(digits, 1, 31536000 / (unit ? unit : 1), out))
		return false;
	*out *= unit ? unit : 1;
	return true;
}

int cmd_pause(int argc, char **argv)
{
	const char *path;
	unsigned long seconds = 0;
	char line[64];
	int rc = common(argc, argv,
			"usage: tacet pause [--socket PATH] [SECONDS | 10m | 2h]\n\n"
			"Without a time blocking stays off until `tacet resume`.\n",
			&path);

	if (rc >= 0)
		return rc;
	if (argc - optind > 1 || (optind < argc && !duration(argv[optind], &seconds)))
		return cli_usage("pause", "'%s' is no time such as 300, 10m or 2h", argv[argc - 1]);
	snprintf(line, sizeof line, "{\"cmd\":\"pause\",\"seconds\":%lu}", seconds);
	return request(path, line, "blocking is paused");
}

int cmd_resume(int argc, char **argv)
{
	const char *path;
	int rc = common(argc, argv, "usage: tacet resume [--socket PATH]\n", &path);

	if (rc >= 0)
		return rc;
	if (optind < argc)
		return cli_usage("resume", "unexpected argument '%s'", argv[optind]);
	return request(path, "resume", "blocking");
}

int cmd_reload(int argc, char **argv)
{
	const char *path;
	int rc = common(argc, argv, "usage: tacet reload [--socket PATH]\n", &path);

	if (rc >= 0)
		return rc;
	if (optind < argc)
		return cli_usage("reload", "unexpected argument '%s'", argv[optind]);
	return request(path, "reload", "reloaded");
}
