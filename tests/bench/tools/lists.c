/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lists: what the index of lists costs, and what it answers, one job a process.
 *
 *   lists make COUNT [SEED]      that many distinct names as they stand in lists, one a line
 *   lists make-misses COUNT      names of five labels that none of these rules is about
 *   lists compile INDEX MEMORY FILE...   lists into an index; MEMORY: bytes of rules kept in memory
 *   lists ask INDEX <NAMES       the time of a look-up, all names in turn, and how many had a rule
 *   lists count INDEX <NAMES     as ask, once over: for a counter of instructions
 *   lists uthash RULES <NAMES    the same with a table of strings and a walk over the suffixes
 *   lists answers INDEX <NAMES   the winner for each name; for addresses as well
 *
 * Prints key=value lines; times are of this process's processor. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <uthash.h>

#include "index/index.h"
#include "index/builder.h"
#include "classify/lists.h"

enum { LINE = 512 };

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kb(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_maxrss;
}

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "lists: %s: %s\n", what, why);
	exit(1);
}

/* --- names --------------------------------------------------------------------------------- */

static uint64_t state = 1;

/* splitmix64: the same names on every machine. */
static uint64_t draw(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static unsigned below(unsigned n)
{
	return (unsigned)(draw() % n);
}

static char *add(char *at, const char *text)
{
	size_t n = strlen(text);

	memcpy(at, text, n + 1);
	return at + n;
}

static char *add_word(char *at, unsigned syllables)
{
	static const char *const starts[] = { "b", "c", "d",  "f",  "g",  "h",	"k",  "l",
					      "m", "n", "p",  "r",  "s",  "t",	"v",  "w",
					      "z", "",	"ch", "st", "tr", "pl", "cl", "sh" };
	static const char *const ends[] = { "a",  "e",	"i",   "o",  "u",  "an", "er", "in", "on",
					    "al", "es", "ing", "ad", "et", "or", "ix", "y" };

	while (syllables--) {
		at = add(at, starts[below(sizeof starts / sizeof *starts)]);
		at = add(at, ends[below(sizeof ends / sizeof *ends)]);
	}
	return at;
}

static char *add_hex(char *at, unsigned digits)
{
	while (digits--)
		*at++ = "0123456789abcdef"[below(16)];
	*at = '\0';
	return at;
}

/* One of the domains: its number says all of its letters. */
static char *add_domain(char *at, unsigned number)
{
	static const char *const ends[] = { ".com",  ".com", ".com", ".com",	".com", ".net",
					    ".org",  ".de",  ".ru",  ".co.uk",	".xyz", ".top",
					    ".info", ".io",  ".fr",  ".com.br", ".cn",	".site" };
	uint64_t kept = state;

	state = 0x5eedull << 32 | number;
	at = add_word(at, 2 + below(3));
	if (!below(4))
		at += sprintf(at, "%u", below(1000));
	else if (!below(5))
		at = add_word(add(at, "-"), 1 + below(2));
	at = add(at, ends[below(sizeof ends / sizeof *ends)]);
	state = kept;
	return at;
}

/* As lists hold them: half are domains, the others hosts below some of them. */
static void draw_name(char *out, unsigned domains)
{
	static const char *const hosts[] = { "www", "ads", "track", "metrics", "stats", "pixel",
					     "cdn", "api", "log",   "events",  "t",	"a" };
	char *at = out;

	switch (below(6)) {
	case 0:
		at = add(add(at, hosts[below(sizeof hosts / sizeof *hosts)]), ".");
		break;
	case 1:
		at = add(add_word(at, 1 + below(3)), ".");
		break;
	case 2:
		at += sprintf(at, "%s%u.", hosts[below(sizeof hosts / sizeof *hosts)], below(200));
		if (!below(3))
			at = add(add_word(at, 1), ".");
		break;
	default:
		if (!below(12))
			at = add(add_hex(at, 8 + below(24)), ".");
		break;
	}
	/* Few domains have many hosts. */
	add_domain(at, below(3) ? below(domains) : below(domains / 50 + 1));
}

struct seen {
	char *name;
	UT_hash_handle hh;
};

static bool see(struct seen **set, const char *name)
{
	struct seen *s;

	HASH_FIND_STR(*set, name, s);
	if (s)
		return false;
	s = malloc(sizeof *s);
	if (!s || !(s->name = strdup(name)))
		die("names", "out of memory");
	HASH_ADD_KEYPTR(hh, *set, s->name, strlen(s->name), s);
	return true;
}

static int make(unsigned count, uint64_t seed)
{
	struct seen *set = NULL;
	char name[LINE];

	state = seed;
	for (unsigned n = 0; n < count;) {
		draw_name(name, count);
		if (!see(&set, name))
			continue;
		/* Lists of hosts and of suffixes. */
		printf(draw() & 1 ? "%s\n" : "||%s^\n", name);
		n++;
	}
	return 0;
}

static int make_misses(unsigned count)
{
	for (state = 77; count--;) {
		char name[LINE], *at = add(add_word(name, 2), ".");

		at = add(add_word(at, 2), ".");
		at = add(add_word(at, 1), ".");
		/* No domain that make() draws ends so. */
		add(add_word(add_word(at, 2), 2), ".example");
		puts(name);
	}
	return 0;
}

/* --- index --------------------------------------------------------------------------------- */

static int compile(const char *path, size_t memory, char **files)
{
	struct index_builder *b = index_builder_sized(memory);
	struct list_counts all = { 0 };
	struct error e = { "" };
	struct stat st;
	double start = cpu_s();

	if (!b)
		die(path, "out of memory");
	for (unsigned i = 0; files[i]; i++) {
		struct list_source src = { .name = files[i], .path = files[i] };
		struct list_counts c = { 0 };

		if (list_read(&src, (uint16_t)i, b, &c, NULL, NULL, &e))
			fprintf(stderr, "lists: %s\n", e.text);
		all.lines += c.lines;
		all.rules += c.rules;
	}
	if (index_builder_write(b, path, &e))
		die("compile", e.text);
	index_builder_free(b);
	if (stat(path, &st))
		die(path, "is not there");
	printf("lines=%llu rules=%llu bytes=%lld cpu_s=%.3f peak_kb=%ld\n",
	       (unsigned long long)all.lines, (unsigned long long)all.rules, (long long)st.st_size,
	       cpu_s() - start, peak_kb());
	return 0;
}

struct names {
	struct name *at;
	size_t count;
};

static struct names read_names(FILE *f)
{
	struct names n = { 0 };
	size_t room = 0;
	char line[LINE];

	while (fgets(line, sizeof line, f)) {
		if (n.count == room) {
			room = room ? room * 2 : 1024;
			n.at = realloc(n.at, room * sizeof *n.at);
			if (!n.at)
				die("names", "out of memory");
		}
		n.count += name_from_text(line, strcspn(line, "\r\n"), &n.at[n.count]);
	}
	if (!n.count)
		die("names", "none on standard input");
	return n;
}

static struct index *open_index(const char *path, double *ms)
{
	struct index *x;
	struct error e = { "" };
	double start = cpu_s();

	if (index_open(path, &x, &e))
		die("open", e.text);
	*ms = (cpu_s() - start) * 1e3;
	return x;
}

/* The first pass finds caches cold of this table, the best of the others warm. */
static void tell(size_t names, size_t hits, double cold, double warm)
{
	printf("names=%zu hits=%zu cold_ns=%.1f warm_ns=%.1f\n", names, hits,
	       cold * 1e9 / (double)names, warm * 1e9 / (double)names);
}

static int ask(const char *path, unsigned passes)
{
	struct names n = read_names(stdin);
	double ms, cold = 0, warm = 0;
	struct index *x = open_index(path, &ms);
	struct index_hit hit;
	size_t hits = 0;

	for (unsigned pass = 0; pass < passes; pass++) {
		double start = cpu_s(), took;

		hits = 0;
		for (size_t i = 0; i < n.count; i++)
			hits += index_find(x, &(struct rule_query){ .name = &n.at[i] }, &hit);
		took = cpu_s() - start;
		if (!pass)
			cold = took;
		else if (!warm || took < warm)
			warm = took;
	}
	printf("open_ms=%.2f rules=%zu resident=%zu ", ms, index_rules(x), index_memory(x));
	tell(n.count, hits, cold, warm);
	index_free(x);
	free(n.at);
	return 0;
}

struct entry {
	bool exact, suffix;
	UT_hash_handle hh;
	char name[];
};

static struct entry *entry_of(struct entry **table, const char *name, size_t len)
{
	struct entry *e;

	HASH_FIND(hh, *table, name, len, e);
	if (e)
		return e;
	e = calloc(1, sizeof *e + len + 1);
	if (!e)
		die("uthash", "out of memory");
	memcpy(e->name, name, len);
	HASH_ADD_KEYPTR(hh, *table, e->name, len, e);
	return e;
}

static bool walk(struct entry *table, const struct name *name)
{
	const char *at = name->text;
	size_t len = name->len;

	for (;;) {
		struct entry *e;
		const char *dot;

		HASH_FIND(hh, table, at, len, e);
		if (e && (e->suffix || at == name->text))
			return true;
		dot = memchr(at, '.', len);
		if (!dot)
			return false;
		len -= (size_t)(dot + 1 - at);
		at = dot + 1;
	}
}

static int uthash(const char *rules)
{
	struct names n = read_names(stdin);
	struct entry *table = NULL;
	double cold = 0, warm = 0, start = cpu_s();
	long before = peak_kb();
	FILE *f = fopen(rules, "r");
	char line[LINE];
	size_t hits = 0;

	if (!f)
		die(rules, "cannot be read");
	while (fgets(line, sizeof line, f)) {
		size_t len = strcspn(line, "\r\n");
		bool suffix = len > 3 && !strncmp(line, "||", 2);
		struct entry *e =
			suffix ? entry_of(&table, line + 2, len - 3) : entry_of(&table, line, len);

		*(suffix ? &e->suffix : &e->exact) = true;
	}
	fclose(f);
	printf("build_s=%.3f entries=%u bytes=%ld ", cpu_s() - start, HASH_COUNT(table),
	       (peak_kb() - before) * 1024);
	for (unsigned pass = 0; pass < 5; pass++) {
		double took;

		start = cpu_s();
		hits = 0;
		for (size_t i = 0; i < n.count; i++)
			hits += walk(table, &n.at[i]);
		took = cpu_s() - start;
		if (!pass)
			cold = took;
		else if (!warm || took < warm)
			warm = took;
	}
	tell(n.count, hits, cold, warm);
	return 0;
}

static int answers(const char *path)
{
	struct names n = read_names(stdin);
	double ms;
	struct index *x = open_index(path, &ms);

	for (size_t i = 0; i < n.count; i++) {
		struct rule_query q = { .name = &n.at[i], .qtype = 1 };
		char text[RULE_TEXT_MAX];
		const struct rule *r;
		struct index_hit hit;
		struct addr a;
		bool found = addr_parse(n.at[i].text, &a) ? index_find_address(x, &a, &q, &hit)
							  : index_find(x, &q, &hit);

		r = found ? index_hit_winner(&hit) : NULL;
		printf("%s %s %u %u\n", n.at[i].text, r ? rule_format(r, text) : "-",
		       r ? r->list : 0, r ? index_line(x, r) : 0);
	}
	index_free(x);
	free(n.at);
	return 0;
}

int main(int argc, char **argv)
{
	const char *job = argc > 2 ? argv[1] : "";

#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, 128 * 1024); /* as tacet's main() */
#endif
	if (!strcmp(job, "make"))
		return make((unsigned)atoi(argv[2]), argc > 3 ? strtoull(argv[3], NULL, 0) : 1);
	if (!strcmp(job, "make-misses"))
		return make_misses((unsigned)atoi(argv[2]));
	if (!strcmp(job, "compile") && argc > 4)
		return compile(argv[2], strtoull(argv[3], NULL, 0), argv + 4);
	if (!strcmp(job, "ask"))
		return ask(argv[2], 5);
	if (!strcmp(job, "count"))
		return ask(argv[2], 1);
	if (!strcmp(job, "uthash"))
		return uthash(argv[2]);
	if (!strcmp(job, "answers"))
		return answers(argv[2]);
	fprintf(stderr, "usage: lists make|make-misses|compile|ask|count|uthash|answers ...\n");
	return 2;
}
