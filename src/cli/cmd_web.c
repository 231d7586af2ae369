/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet web: the dashboard. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "web/web.h"

static const char usage[] =
	"usage: tacet web [--listen ADDRESS] [--port N] [--control] [OPTION...]\n\n"
	"  --listen ADDRESS       127.0.0.1; others need --token-file\n"
	"  --port N               4780\n"
	"  --host NAME            a name it is reached by, beside localhost and addresses\n"
	"  --token-file FILE      what browsers have to know; a file of its owner alone\n"
	"  --control              pages may pause, resume and allow\n"
	"  --control-socket PATH  the same, by this socket\n"
	"  --keep MINUTES         how long records are kept, in memory alone: 1440\n"
	"  --records N            how many at most: 20000\n"
	"  --history FILE         keep records in a file as well\n"
	"  --history-days N       how long: 30\n"
	"  --history-records N    how many at most: 200000\n"
	"  --socket PATH          of the running tacet\n";

enum {
	OPT_LISTEN = 256,
	OPT_PORT,
	OPT_HOST,
	OPT_TOKEN,
	OPT_CONTROL,
	OPT_CONTROL_SOCKET,
	OPT_KEEP,
	OPT_RECORDS,
	OPT_HISTORY,
	OPT_HISTORY_DAYS,
	OPT_HISTORY_RECORDS,
	OPT_SOCKET
};

static const struct option options[] = {
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "port", required_argument, NULL, OPT_PORT },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "token-file", required_argument, NULL, OPT_TOKEN },
	{ "control", no_argument, NULL, OPT_CONTROL },
	{ "control-socket", required_argument, NULL, OPT_CONTROL_SOCKET },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "records", required_argument, NULL, OPT_RECORDS },
	{ "history", required_argument, NULL, OPT_HISTORY },
	{ "history-days", required_argument, NULL, OPT_HISTORY_DAYS },
	{ "history-records", required_argument, NULL, OPT_HISTORY_RECORDS },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

enum { TOKEN_LEAST = 16, TOKEN_MOST = 128 };

/* The file's bytes, where it is its owner's alone. */
static ssize_t read_private(const char *path, char token[static TOKEN_MOST + 2])
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st)) {
		log_error("token file: %s: %s", path, strerror(errno));
	} else if (st.st_mode & 077) {
		log_error("token file: %s: others may read it; chmod 600 it", path);
	} else {
		n = read(fd, token, TOKEN_MOST + 1);
		if (n < 0)
			log_error("token file: %s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return n;
}

/* The token is the first line. */
static int read_token(const char *path, char token[static TOKEN_MOST + 2])
{
	ssize_t n = read_private(path, token);

	if (n < 0)
		return EXIT_FAILED;
	token[n] = '\0';
	token[strcspn(token, "\r\n")] = '\0';
	n = (ssize_t)strlen(token);
	if (n >= TOKEN_LEAST && n <= TOKEN_MOST && !strpbrk(token, " ;,\"\\"))
		return 0;
	log_error("token file: %s: needs %d to %d characters without blanks, quotes, ';' and ','; "
		  "make one with `openssl rand -hex 24`",
		  path, TOKEN_LEAST, TOKEN_MOST);
	return EXIT_FAILED;
}

/* -1 = go on. */
static int parse(int argc, char **argv, struct web_options *o, const char **out_token_file)
{
	unsigned long n;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		bool ok = true;

		if (c == OPT_LISTEN)
			o->address = optarg;
		else if (c == OPT_PORT && (ok = cli_number_of("web", "port", 1, 65535, &n)))
			o->port = (uint16_t)n;
		else if (c == OPT_HOST)
			o->host = optarg;
		else if (c == OPT_TOKEN)
			*out_token_file = optarg;
		else if (c == OPT_CONTROL)
			o->control_path = o->control_path ? o->control_path : TACET_CONTROL_SOCKET;
		else if (c == OPT_CONTROL_SOCKET)
			o->control_path = optarg;
		else if (c == OPT_KEEP && (ok = cli_number_of("web", "keep", 1, 10080, &n)))
			o->keep_minutes = (unsigned)n;
		else if (c == OPT_RECORDS && (ok = cli_number_of("web", "records", 1, 1000000, &n)))
			o->keep_records = n;
		else if (c == OPT_HISTORY)
			o->history = optarg;
		else if (c == OPT_HISTORY_DAYS &&
			 (ok = cli_number_of("web", "history-days", 1, 3650, &n)))
			o->history_days = (unsigned)n;
		else if (c == OPT_HISTORY_RECORDS &&
			 (ok = cli_number_of("web", "history-records", 1, 10000000, &n)))
			o->history_records = n;
		else if (c == OPT_SOCKET)
			o->stats_path = optarg;
		else if (ok) {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
		if (!ok)
			return EXIT_USAGE;
	}
	if (optind < argc)
		return cli_usage("web", "unexpected argument '%s'", argv[optind]);
	return -1;
}

static bool is_loopback(const char *address)
{
	return !strncmp(address, "127.", 4) || !strcmp(address, "::1");
}

static void ready(const struct web_options *o)
{
	log_info("the dashboard is on http://%s%s%s:%u/%s", strchr(o->address, ':') ? "[" : "",
		 o->address, strchr(o->address, ':') ? "]" : "", o->port,
		 o->control_path ? ", and may pause, resume and allow" : "");
}

static int run(const struct web_options *o)
{
#if WITH_MICROHTTPD
	struct error e = { "" };

	if (!web_run(o, &e))
		return EXIT_DONE;
	log_error("%s", e.text);
#else
	(void)o;
	log_error("web: this tacet was built without libmicrohttpd");
#endif
	return EXIT_FAILED;
}

int cmd_web(int argc, char **argv)
{
	struct web_options o = { .stats_path = TACET_STATS_SOCKET,
				 .address = "127.0.0.1",
				 .port = 4780,
				 .keep_minutes = 1440,
				 .keep_records = 20000,
				 .history_days = 30,
				 .history_records = 200000,
				 .ready = ready };
	char token[TOKEN_MOST + 2];
	const char *file = NULL;
	int rc = parse(argc, argv, &o, &file);

	if (rc >= 0)
		return rc;
	if (!is_loopback(o.address) && !file) {
		log_error("listen: %s: others than this machine need --token-file", o.address);
		return EXIT_USAGE;
	}
	if (file) {
		rc = read_token(file, token);
		if (rc)
			return rc;
		o.token = token;
	}
	return run(&o);
}
