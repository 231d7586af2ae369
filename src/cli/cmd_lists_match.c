/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet lists match: what lists alone say of many names; no catalogue, no configuration. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "classify/lists.h"
#include "rule/modifiers.h"
#include "cli/cli.h"

static const char usage[] =
	"usage: tacet lists match --names FILE [--json] [--format WORD] [--qtype TYPE]\n"
	"                         [--client ADDRESS] [--client-name NAME] LIST...\n\n"
	"  Says of every name in FILE (one a line, - = standard input) whether the lists block "
	"it,\n"
	"  by which rule. A name is asked for as a client would first: for its address (A).\n";

static const struct option options[] = {
	{ "names", required_argument, NULL, 'n' },  { "json", no_argument, NULL, 'j' },
	{ "format", required_argument, NULL, 'f' }, { "qtype", required_argument, NULL, 't' },
	{ "client", required_argument, NULL, 'C' }, { "client-name", required_argument, NULL, 'N' },
	{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
};

struct match {
	const char *names;
	bool json;
	enum list_format format;
	struct addr client;
	struct rule_query query;
	struct lists *lists;
	struct text out;
};

static void print_text(struct match *m, const char *name, size_t n, const struct rule *r)
{
	char rule[RULE_TEXT_MAX];

	text_escaped(&m->out, name, n);
	if (!r) {
		text_str(&m->out, "\tallow\t-\n");
		return;
	}
	text_printf(&m->out, "\t%s\t%s:%u\t%s\n", r->action == RULE_BLOCK ? "block" : "allow",
		    lists_source(m->lists, r->list)->name,
		    (unsigned)index_line(lists_index(m->lists), r), rule_format(r, rule));
}

static void print_json(struct match *m, const char *name, const struct rule *r)
{
	char rule[RULE_TEXT_MAX];

	json_object_begin(&m->out, NULL);
	json_str(&m->out, "name", name);
	json_str(&m->out, "verdict", r && r->action == RULE_BLOCK ? "block" : "allow");
	if (r) {
		json_str(&m->out, "list", lists_source(m->lists, r->list)->name);
		json_str(&m->out, "rule", rule_format(r, rule));
		json_u64(&m->out, "line", index_line(lists_index(m->lists), r));
	}
	json_object_end(&m->out);
	json_newline(&m->out);
}

static void match_name(struct match *m, char *name, size_t n)
{
	struct index_hit hit;
	const struct rule *r = NULL;

	if (lists_match(m->lists, name, n, &m->query, &hit))
		r = index_hit_winner(&hit);
	text_clear(&m->out);
	if (m->json)
		print_json(m, name, r);
	else
		print_text(m, name, n, r);
	fwrite(m->out.at, 1, m->out.len, stdout);
}

static int match_names(struct match *m)
{
	FILE *f = strcmp(m->names, "-") ? fopen(m->names, "re") : stdin;
	char *line = NULL;
	size_t cap = 0;
	ssize_t got;

	if (!f) {
		log_error("reading names: %s: %s", m->names, strerror(errno));
		return EXIT_FAILED;
	}
	while ((got = getline(&line, &cap, f)) > 0) {
		size_t n = (size_t)got;
		while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		match_name(m, line, n);
	}
	bool failed = ferror(f) || m->out.failed;
	free(line);
	if (f != stdin)
		fclose(f);
	if (failed)
		log_error("reading names: %s: %s", m->names, strerror(errno ? errno : ENOMEM));
	return failed ? EXIT_FAILED : EXIT_DONE;
}

static int load(struct match *m, char **paths, size_t count)
{
	struct list_source *sources = cli_list_sources(paths, count, m->format);
	struct error e = { "" };
	int rc;

	if (!sources)
		return EXIT_FAILED;
	for (size_t i = 0; i < count; i++)
		sources[i].may_be_empty = true;
	rc = lists_load(sources, count, &m->lists, &e);
	free(sources);
	if (rc)
		log_error("%s", e.text);
	return rc ? EXIT_FAILED : EXIT_DONE;
}

static bool take_option(struct match *m, int opt)
{
	switch (opt) {
	case 'n':
		m->names = optarg;
		return true;
	case 'j':
		m->json = true;
		return true;
	case 'f':
		return list_format_parse(optarg, &m->format);
	case 't':
		m->query.qtype = dns_type_number(optarg, strlen(optarg));
		return m->query.qtype;
	case 'C':
		m->query.client = &m->client;
		return addr_parse(optarg, &m->client);
	default:
		m->query.client_name = optarg;
		return true;
	}
}

int cmd_lists_match(int argc, char **argv)
{
	struct match m = { .query.qtype = 1 };
	int opt, status;

	while ((opt = getopt_long(argc, argv, "n:jf:t:c:N:h", options, NULL)) != -1) {
		if (opt == 'c')
			return cli_usage("lists", "match takes no configuration: these lists alone "
						  "decide; `tacet explain -c FILE --names FILE` "
						  "decides with one");
		if (opt == 'h' || opt == '?') {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? cli_flush(EXIT_DONE) : EXIT_USAGE;
		}
		if (!take_option(&m, opt))
			return cli_usage("lists", "match: no such %s: %s",
					 opt == 'f'   ? "format"
					 : opt == 't' ? "type"
						      : "address",
					 optarg);
	}
	if (!m.names || optind == argc)
		return cli_usage("lists", "match which names (--names FILE) against which lists?");
	status = load(&m, argv + optind, (size_t)(argc - optind));
	if (!status)
		status = match_names(&m);
	lists_free(m.lists);
	text_done(&m.out);
	return cli_flush(status);
}
