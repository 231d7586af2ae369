/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the subcommands share: usage errors, connecting, one request and its answer. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { ANSWER_MS = 30000 };

int cli_usage(const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "tacet %s: %s%s see `tacet %s --help`\n", name, text,
		text[strlen(text) - 1] == '?' ? "" : ";", name);
	return EXIT_USAGE;
}

bool cli_number_of(const char *name, const char *option, unsigned long min, unsigned long max,
		   unsigned long *out)
{
	if (cli_number(optarg, min, max, out))
		return true;
	cli_usage(name, "--%s takes a number from %lu to %lu, not '%s'", option, min, max, optarg);
	return false;
}

bool cli_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value < min || value > max)
		return false;
	*out = value;
	return true;
}

struct tacet *cli_connect(const char *path, int *out_status)
{
	struct tacet *t = tacet_open(path);

	if (t)
		return t;
	*out_status = EXIT_NO_DAEMON;
	if (errno == ENOENT || errno == ECONNREFUSED) {
		log_error("no tacet is running: %s; start it with `tacet run`", path);
	} else {
		log_error("connect: %s: %s%s", path, strerror(errno),
			  errno == EACCES ? "; the stats socket is for the group tacet, the "
					    "control socket for root"
					  : "");
		*out_status = EXIT_FAILED;
	}
	return NULL;
}

/* {"ok":false,"error":{...}} as a message. */
static int refused(const char *line)
{
	char message[512] = "", hint[512] = "";

	tacet_field(line, "error.message", message, sizeof message);
	tacet_field(line, "error.hint", hint, sizeof hint);
	log_error("%s%s%s", message, *hint ? "; " : "", hint);
	return EXIT_FAILED;
}

int cli_request(struct tacet *t, const char *request, const char **out_line)
{
	char ok[8] = "";
	int rc = tacet_send(t, request);

	if (!rc) {
		rc = tacet_next(t, ANSWER_MS, out_line);
		if (!rc)
			rc = -ETIMEDOUT;
	}
	if (rc < 0) {
		log_error("no answer from the running tacet: %s", tacet_strerror(rc));
		return EXIT_FAILED;
	}
	tacet_field(*out_line, "ok", ok, sizeof ok);
	return strcmp(ok, "true") ? refused(*out_line) : 0;
}

int cli_flush(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	log_error("standard output: %s", strerror(errno ? errno : EIO));
	return EXIT_FAILED;
}

struct list_source *cli_list_sources(char **paths, size_t count, enum list_format format)
{
	struct list_source *sources = calloc(count, sizeof *sources);

	if (!sources) {
		log_error("lists: %s", strerror(ENOMEM));
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		const char *slash = strrchr(paths[i], '/');
		sources[i] = (struct list_source){ .name = slash ? slash + 1 : paths[i],
						   .path = paths[i],
						   .format = format };
	}
	return sources;
}

bool cli_duration(const char *text, unsigned long *out)
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
