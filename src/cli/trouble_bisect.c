/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of many blocked names an app needs: parts of them are let through, and somebody says
 * whether it works then. Finds several as well, each with the binary logarithm of their number in
 * questions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/name.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/trouble.h"

/* As many as there is room for rules of now, less some that the user may have. */
enum { SUSPECTS_MAX = 48 };

struct suspect {
	const char *domain; /* what is let through */
	const struct trouble_row *row;
	bool open, needed;
};

struct bisect {
	const struct bisect_options *o;
	const char *device; /* whom rules are for; NULL: everybody */
	struct tacet *control;
	struct suspect at[SUSPECTS_MAX];
	char domains[SUSPECTS_MAX][256];
	size_t count;
};

/* The domain of a rule that is one, else the name: all that a rule blocks is one suspect. */
static void domain_of(const struct trouble_row *r, char out[static 256])
{
	size_t n = strlen(r->rule);
	struct name name;

	if (n > 3 && n < 256 && !strncmp(r->rule, "||", 2) && r->rule[n - 1] == '^' &&
	    name_from_text(r->rule + 2, n - 3, &name) && !strchr(name.text, '*'))
		snprintf(out, 256, "%s", name.text);
	else
		snprintf(out, 256, "%s", r->name);
}

static size_t suspects(struct bisect *b, const struct trouble *t)
{
	size_t left_out = 0;

	for (size_t i = 0; i < t->count; i++) {
		char domain[256];
		size_t j = 0;

		if (!t->rows[i].blocked || *t->rows[i].name == '(')
			continue;
		domain_of(&t->rows[i], domain);
		while (j < b->count && strcmp(b->at[j].domain, domain) != 0)
			j++;
		if (j < b->count)
			continue;
		if (b->count == SUSPECTS_MAX) {
			left_out++;
			continue;
		}
		strcpy(b->domains[j], domain);
		b->at[j] = (struct suspect){ .domain = b->domains[j], .row = &t->rows[i] };
		b->count++;
	}
	return left_out;
}

/* Allows a domain for the time of a try, or takes that back. */
static int say(struct bisect *b, const char *cmd, const char *domain)
{
	struct text line = { 0 };
	const char *answer;
	int status;

	json_object_begin(&line, NULL);
	json_str(&line, "cmd", cmd);
	json_str(&line, "name", domain);
	json_str(&line, "device", b->device);
	if (!strcmp(cmd, "allow"))
		json_u64(&line, "seconds", b->o->seconds);
	json_object_end(&line);
	status = line.failed ? EXIT_FAILED : cli_request(b->control, line.at, &answer);
	text_done(&line);
	return status;
}

/* The needed ones and the first n are let through, and no others; anew, for all of the time. */
static int let_through(struct bisect *b, size_t n)
{
	int status = 0;

	for (size_t i = 0; !status && i < b->count; i++) {
		struct suspect *s = &b->at[i];
		bool open = s->needed || i < n;

		if (open)
			status = say(b, "allow", s->domain);
		else if (s->open)
			status = say(b, "resume", s->domain);
		if (!status)
			s->open = open;
	}
	return status;
}

/* What was left open ends by itself; sooner is better. */
static void close_all(struct bisect *b)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->at[i].open && say(b, "resume", b->at[i].domain))
			return;
}

/* 1 yes, 0 no, -1: no more answers. */
static int asked(const char *question)
{
	char line[64];

	for (;;) {
		printf("%s [y/n] ", question);
		fflush(stdout);
		if (!fgets(line, sizeof line, stdin)) {
			putchar('\n');
			return -1;
		}
		if (*line == 'y' || *line == 'Y' || *line == 'n' || *line == 'N')
			return *line == 'y' || *line == 'Y';
	}
}

/* *out_works: does the app work with these let through? */
static int try(struct bisect *b, size_t n, bool *out_works)
{
	size_t open = 0;
	int status = let_through(b, n), answer;

	if (status)
		return status;
	for (size_t i = 0; i < b->count; i++)
		open += b->at[i].open;
	printf("\n%zu of %zu let through for %u seconds. Close the app, start it again.\n", open,
	       b->count, b->o->seconds);
	answer = asked("Does it work now?");
	*out_works = answer == 1;
	return answer < 0 ? EXIT_FAILED : 0;
}

/* Finds the last of the first n that is needed beside those that are known to be. */
static int find_one(struct bisect *b, size_t *io_n)
{
	size_t low = 0, high = *io_n;
	bool works;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		int status = try(b, middle, &works);

		if (status)
			return status;
		*(works ? &high : &low) = middle;
	}
	b->at[high - 1].needed = true;
	*io_n = high - 1;
	return 0;
}

static int search(struct bisect *b)
{
	size_t n = b->count;
	bool works;
	int status = try(b, n, &works);

	if (status)
		return status;
	if (!works) {
		puts("\nIt does not work with everything let through: blocking is not what breaks "
		     "it.");
		return EXIT_FAILED;
	}
	do {
		status = find_one(b, &n);
		if (!status && n)
			status = try(b, 0, &works);
	} while (!status && n && !works);
	return status;
}

static int write_line(const char *path, const struct text *lines)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC), rc = 0;

	if (fd < 0 || write(fd, lines->at, lines->len) != (ssize_t)lines->len)
		rc = -errno;
	if (fd >= 0 && close(fd) && !rc)
		rc = -errno;
	return rc;
}

static int write_exceptions(struct bisect *b)
{
	struct text lines = { 0 };
	const char *answer;
	int status = 0, rc;

	text_str(&lines, "\n[rules]\n");
	for (size_t i = 0; i < b->count; i++)
		if (b->at[i].needed)
			text_printf(&lines, "allow = %s\n", b->at[i].domain);
	printf("\nFor good, for every device, that is in %s:\n%s", b->o->config, lines.at + 1);
	if (asked("Write it there and reload?") == 1) {
		rc = write_line(b->o->config, &lines);
		if (rc) {
			log_error("trouble: writing %s: %s", b->o->config, strerror(-rc));
			status = EXIT_FAILED;
		} else {
			status = cli_request(b->control, "reload", &answer);
			if (!status)
				puts("written");
		}
	}
	text_done(&lines);
	return status;
}

static int report(struct bisect *b)
{
	puts("\nIt needs:");
	for (size_t i = 0; i < b->count; i++)
		if (b->at[i].needed)
			printf("  %s  (%s, blocked by %s of list %s)\n", b->at[i].domain,
			       *b->at[i].row->role ? b->at[i].row->role : "role not known",
			       *b->at[i].row->rule ? b->at[i].row->rule : "a section",
			       b->at[i].row->list);
	close_all(b);
	return write_exceptions(b);
}

int trouble_bisect(const struct trouble *t, const struct bisect_options *o)
{
	struct bisect *b = calloc(1, sizeof *b);
	size_t left_out;
	int status = EXIT_FAILED;

	if (!b)
		return EXIT_FAILED;
	b->o = o;
	left_out = suspects(b, t);
	if (!b->count) {
		printf("nothing is blocked for %s that was asked for in the last half hour\n",
		       o->device);
		free(b);
		return EXIT_DONE;
	}
	b->control = cli_connect(o->control, &status);
	if (b->control) {
		/* Rules of now are for devices of tacet.conf. */
		if (t->rows->named)
			b->device = t->rows->device;
		else
			printf("\"%s\" has no section in tacet.conf: what is tried is let through "
			       "for all devices\n",
			       o->device);
		puts("What a device was told before it remembers for a while ([block] "
		     "answer_ttl_s, a minute by default): wait that long, or switch it off and "
		     "on.");
		if (left_out)
			printf("%zu that are less suspicious are left out\n", left_out);
		status = search(b);
		if (status)
			close_all(b);
		else
			status = report(b);
	}
	tacet_close(b->control);
	free(b);
	return status;
}
