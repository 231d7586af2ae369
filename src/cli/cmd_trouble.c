/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet trouble: what was blocked lately, most suspicious first; --bisect finds what breaks an app.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/trouble.h"

static const char usage[] =
	"usage: tacet trouble [--json] [--socket PATH] [DEVICE]\n"
	"       tacet trouble --bisect [--for TIME] [-c FILE] [--control-socket PATH] DEVICE\n\n"
	"  What was blocked in the last half hour, most suspicious first.\n"
	"  --bisect    lets half of it through for a while and asks whether the app works, until "
	"the\n"
	"              rule is found that breaks it; then writes the exception, if wanted\n"
	"  --for TIME  how long each part is let through, as 90s or 2m (the default)\n"
	"  -c FILE     the configuration that the exception goes into\n";

enum { OPT_BISECT = 256, OPT_FOR, OPT_JSON, OPT_SOCKET, OPT_CONTROL };

static const struct option options[] = {
	{ "bisect", no_argument, NULL, OPT_BISECT },
	{ "for", required_argument, NULL, OPT_FOR },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control-socket", required_argument, NULL, OPT_CONTROL },
	{ "config", required_argument, NULL, 'c' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int64_t time_of(const char *line, const char *path)
{
	struct tm t = { 0 };
	char text[40];

	if (tacet_field(line, path, text, sizeof text) < 0 ||
	    !strptime(text, "%Y-%m-%dT%H:%M:%S", &t))
		return 0;
	return (int64_t)timegm(&t);
}

/* A question for its A and its AAAA, and a connection, are one trouble. */
static struct trouble_row *row_of(struct trouble *t, const char *name, const char *device)
{
	struct trouble_row *more;

	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->rows[i].name, name) && !strcmp(t->rows[i].device, device))
			return &t->rows[i];
	more = realloc(t->rows, (t->count + 1) * sizeof *more);
	if (!more)
		return NULL;
	t->rows = more;
	more += t->count++;
	*more = (struct trouble_row){ .first_s = INT64_MAX };
	snprintf(more->name, sizeof more->name, "%s", name);
	snprintf(more->device, sizeof more->device, "%s", device);
	return more;
}

static bool take(struct trouble *t, const char *line)
{
	char name[256], device[64], client[64], count[24] = "", verdict[16] = "";
	struct trouble_row *r;
	int64_t first, last;
	bool has_client = tacet_field(line, "data.client", client, sizeof client) >= 0, named;

	if (tacet_field(line, "data.name", name, sizeof name) < 0)
		snprintf(name, sizeof name, "(a connection without a name)");
	/* A pseudonym hides the address. */
	named = tacet_field(line, "data.device", device, sizeof device) >= 0 && has_client;
	if (!*device && tacet_field(line, "data.hostname", device, sizeof device) < 0)
		snprintf(device, sizeof device, "%s", client);
	r = row_of(t, name, device);
	if (!r)
		return false;
	r->named = named;
#define TAKE(field) tacet_field(line, "data." #field, r->field, sizeof r->field)
	TAKE(app);
	TAKE(role);
	TAKE(list);
	TAKE(rule);
	TAKE(how);
	TAKE(breaks);
#undef TAKE
	tacet_field(line, "data.verdict", verdict, sizeof verdict);
	r->blocked |= !strcmp(verdict, "block");
	tacet_field(line, "data.count", count, sizeof count);
	r->count += strtoull(count, NULL, 10);
	first = time_of(line, "data.first");
	last = time_of(line, "data.last");
	if (first < r->first_s)
		r->first_s = first;
	if (last > r->last_s)
		r->last_s = last;
	return true;
}

static unsigned suspicion(const struct trouble_row *r)
{
	static const char *const trackers[] = { "telemetry", "analytics", "ads", "acr", "crash" };

	if (*r->breaks && strcmp(r->breaks, "nothing") != 0 && strcmp(r->breaks, "unknown") != 0)
		return 3;
	if (!*r->role)
		return 2;
	for (size_t i = 0; i < sizeof trackers / sizeof *trackers; i++)
		if (!strcmp(r->role, trackers[i]))
			return 0;
	return 1;
}

enum { NEW_S = 300 };

static int compare(const void *pa, const void *pb, void *ctx)
{
	const struct trouble_row *a = pa, *b = pb;
	int64_t since = *(const int64_t *)ctx - NEW_S;

	if (suspicion(a) != suspicion(b))
		return suspicion(a) < suspicion(b) ? 1 : -1;
	if ((a->first_s >= since) != (b->first_s >= since))
		return a->first_s < since ? 1 : -1;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->name, b->name);
}

void trouble_sort(struct trouble *t, int64_t now_s)
{
	if (t->count)
		qsort_r(t->rows, t->count, sizeof *t->rows, compare, &now_s);
}

static const char *clock_of(int64_t s, char buf[static 16])
{
	time_t t = (time_t)s;
	struct tm tm;

	strftime(buf, 16, "%H:%M:%S", localtime_r(&t, &tm));
	return buf;
}

static void print_rows(const struct trouble *t, const char *device)
{
	char first[16], last[16];

	if (!t->count) {
		printf("nothing was blocked%s%s in the last half hour\n", device ? " for " : "",
		       device ? device : "");
		return;
	}
	printf("%-40s %-10s %-8s %-8s %6s  %-8s %s\n", "NAME", "ROLE", "FIRST", "LAST", "TIMES",
	       "HOW", "LIST, RULE");
	for (size_t i = 0; i < t->count; i++) {
		const struct trouble_row *r = &t->rows[i];

		printf("%-40s %-10s %-8s %-8s %6llu  %-8s %s %s", r->name, *r->role ? r->role : "-",
		       clock_of(r->first_s, first), clock_of(r->last_s, last),
		       (unsigned long long)r->count, r->blocked ? r->how : "let now", r->list,
		       r->rule);
		if (!device)
			printf("  (%s)", r->device);
		if (suspicion(r) == 3)
			printf("  breaks %s", r->breaks);
		putchar('\n');
	}
}

static void print_json(const char *line)
{
	long n = tacet_field(line, "data", NULL, 0);
	char *data = n >= 0 ? malloc((size_t)n + 1) : NULL;

	if (data && tacet_field(line, "data", data, (size_t)n + 1) >= 0)
		puts(data);
	free(data);
}

static int gather(const char *socket, const char *device, bool json, struct trouble *t)
{
	struct text request = { 0 };
	const char *line;
	char more[8];
	int status, rc;
	struct tacet *c = cli_connect(socket, &status);

	if (!c)
		return status;
	json_object_begin(&request, NULL);
	json_str(&request, "cmd", "trouble");
	json_str(&request, "device", device);
	json_object_end(&request);
	status = request.failed ? EXIT_FAILED : cli_request(c, request.at, &line);
	text_done(&request);
	while (!status && tacet_field(line, "more", more, sizeof more) >= 0 &&
	       !strcmp(more, "true")) {
		if (json)
			print_json(line);
		else if (!take(t, line))
			status = EXIT_FAILED;
		rc = tacet_next(c, -1, &line);
		if (rc < 0) {
			log_error("trouble: %s", tacet_strerror(rc));
			status = EXIT_FAILED;
		}
	}
	tacet_close(c);
	return status;
}

struct arguments {
	const char *socket, *device;
	bool json, bisect;
	struct bisect_options o;
};

/* -1 = go on. */
static int parse(int argc, char **argv, struct arguments *a)
{
	unsigned long seconds;
	int c;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
		switch (c) {
		case OPT_BISECT:
			a->bisect = true;
			break;
		case OPT_FOR:
			if (!cli_duration(optarg, &seconds))
				return cli_usage("trouble", "'%s' is no time such as 90s or 2m",
						 optarg);
			a->o.seconds = (unsigned)seconds;
			break;
		case OPT_JSON:
			a->json = true;
			break;
		case OPT_SOCKET:
			a->socket = optarg;
			break;
		case OPT_CONTROL:
			a->o.control = optarg;
			break;
		case 'c':
			a->o.config = optarg;
			break;
		default:
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
	if (argc - optind > 1)
		return cli_usage("trouble", "one device at a time; quote a name with blanks");
	a->device = argv[optind];
	if (a->bisect && !a->device)
		return cli_usage("trouble", "--bisect: of which device?");
	if (a->bisect && a->json)
		return cli_usage("trouble", "--bisect asks questions: without --json");
	return -1;
}

int cmd_trouble(int argc, char **argv)
{
	struct arguments a = { .socket = TACET_STATS_SOCKET,
			       .o = { .seconds = 120,
				      .control = TACET_CONTROL_SOCKET,
				      .config = TACET_SYSCONFDIR "/tacet/tacet.conf" } };
	struct trouble t = { 0 };
	int status = parse(argc, argv, &a);

	if (status >= 0)
		return status;
	status = gather(a.socket, a.device, a.json, &t);
	trouble_sort(&t, (int64_t)time(NULL));
	if (!status && a.bisect) {
		a.o.device = a.device;
		status = trouble_bisect(&t, &a.o);
	} else if (!status && !a.json) {
		print_rows(&t, a.device);
	}
	free(t.rows);
	return cli_flush(status);
}
