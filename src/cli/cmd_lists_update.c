/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists update: fetches the lists that have an address. */
#include <getopt.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "daemon/setup.h"
#include "update/update.h"

static const char usage[] =
	"usage: tacet lists update [-c FILE] [--due] [--force] [--json] [NAME...]\n\n"
	"  Fetches the lists of tacet.conf that have a url, and keeps the old copy of each that\n"
	"  is not good. A tacet that runs puts new ones in force, if its control socket may be\n"
	"  used. Quiet where standard output is no terminal.\n\n"
	"      --due    only those whose time has come: for timers\n"
	"      --force  fetch anew, and take a list that shrank\n"
	"      --json   one object a list\n";

enum { OPT_DUE = 256, OPT_FORCE, OPT_JSON };

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' }, { "due", no_argument, NULL, OPT_DUE },
	{ "force", no_argument, NULL, OPT_FORCE },  { "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
};

struct view {
	bool json, terminal, progress;
	struct text line;
};

static void progress(void *ctx, const char *name, uint64_t now, uint64_t total)
{
	struct view *v = ctx;

	text_clear(&v->line);
	text_bytes(&v->line, now);
	if (total) {
		text_str(&v->line, " of ");
		text_bytes(&v->line, total);
	}
	if (!v->line.failed)
		fprintf(stderr, "\r%-20s %-30s", name, v->line.at);
	v->progress = true;
}

static void told(void *ctx, const struct update_state *s, bool changed)
{
	struct view *v = ctx;

	if (v->progress)
		fprintf(stderr, "\r%-52s\r", "");
	v->progress = false;
	if (s->why)
		log_error("list %s: %s: %s; %s", s->name, update_why_name(s->why), s->said,
			  s->generation ? "the old one stays" : "there is no old one");
	if (v->json) {
		text_clear(&v->line);
		json_object_begin(&v->line, NULL);
		update_state_json(s, &v->line);
		json_bool(&v->line, "changed", changed);
		json_object_end(&v->line);
		if (!v->line.failed)
			puts(v->line.at);
	} else if (v->terminal && !s->why) {
		printf("%-20s %s, %llu rules\n", s->name, changed ? "updated" : "not modified",
		       (unsigned long long)s->rules);
	}
}

/* Where no tacet runs, or its control socket is not for this user, the next reload is somebody
 * else's: no failure. */
static int reload(const char *socket, bool terminal)
{
	char trouble[1024];
	const char *answer;
	struct tacet *t = tacet_open(socket);
	int status;

	if (!t)
		return EXIT_DONE;
	status = cli_request(t, "reload", &answer);
	if (!status && tacet_field(answer, "data.trouble", trouble, sizeof trouble) > 0) {
		log_error("%s", trouble);
		status = EXIT_FAILED;
	}
	if (!status && terminal)
		puts("reloaded");
	tacet_close(t);
	return status;
}

static bool has_address(const struct config *c)
{
	for (size_t i = 0; i < c->list_count; i++)
		if (c->lists[i].url_count)
			return true;
	return false;
}

static int run(const char *path, struct update_options *o)
{
	const struct view *v = o->ctx;
	struct config *c = NULL;
	struct error e = { "" };
	unsigned changed = 0, failed = 0;
	int rc = setup_config(path, &c, &e), status = EXIT_DONE;

	if (!rc) {
		o->config = c;
		rc = update_run(o, &changed, &failed, &e);
		if (!rc && v->terminal && !v->json && !has_address(c))
			puts("no list in tacet.conf has a url: nothing to fetch");
	}
	if (rc)
		log_error("%s", e.text);
	if (changed)
		status = reload(c->control_socket, v->terminal && !v->json);
	config_free(c);
	return rc || failed ? EXIT_FAILED : status;
}

int cmd_lists_update(int argc, char **argv)
{
	struct view v = { .terminal = isatty(STDOUT_FILENO) };
	struct update_options o = { .now = time(NULL), .told = told, .ctx = &v };
	const char *config = NULL;
	int c, status;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (c) {
		case 'c':
			config = optarg;
			break;
		case OPT_DUE:
			o.due = true;
			break;
		case OPT_FORCE:
			o.force = true;
			break;
		case OPT_JSON:
			v.json = true;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	o.names = argv + optind;
	o.count = (size_t)(argc - optind);
	o.progress = isatty(STDERR_FILENO) ? progress : NULL;
	status = run(config, &o);
	text_done(&v.line);
	return cli_flush(status);
}
