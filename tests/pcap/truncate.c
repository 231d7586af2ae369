/* SPDX-License-Identifier: GPL-2.0-or-later */
/* truncate [-b BYTES] FILE|DIR...: captures, each packet of them at every length. DIR: the files in
 * it, and below, of less than BYTES (65536).
 *
 * Each packet comes at every length in front of itself, captured and from the queue; and the whole
 * capture comes cut to every length, as with a snap length, the packet's length on the wire known
 * and not. A part never gets another name than the whole out of the same connection; figures add
 * up. Ends with 1 for a file that cannot be read, and by abort() for what must not be. */
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/engine.h"
#include "forge/forge.h"
#include "source/source.h"

enum { PACKETS_MAX = 65536, NAMES_MAX = 4096, FLOWS = 4096 };

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "truncate: %s: %s\n", path_now, #cond);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* What was said of a connection; ends in the order of the record. */
struct said {
	struct addr src, dst;
	uint16_t sport, dport;
	uint8_t proto;
	struct name name;
};

static const char *path_now = "";
static struct frame packets[PACKETS_MAX];
static size_t packet_count, longest;
static struct said whole[NAMES_MAX];
static size_t whole_count;
static bool is_whole;
static struct policy *policy;
static uint64_t fed, runs, differ;

static void keep(void *ctx, const struct frame *f)
{
	uint8_t *copy = malloc(f->len ? f->len : 1);

	(void)ctx;
	MUST(copy);
	if (packet_count == PACKETS_MAX) {
		free(copy);
		return;
	}
	memcpy(copy, f->bytes, f->len);
	packets[packet_count] = *f;
	packets[packet_count++].bytes = copy;
	longest = f->len > longest ? f->len : longest;
}

static bool is_same_connection(const struct said *s, const struct flow_record *r)
{
	return s->proto == r->proto && s->sport == r->sport && s->dport == r->dport &&
	       addr_equal(&s->src, &r->src) && addr_equal(&s->dst, &r->dst);
}

static void on_flow(void *ctx, const struct flow_record *r)
{
	bool known = false;

	(void)ctx;
	if (!r->name.len || r->via == VIA_DNS || r->via == VIA_ECH || r->via == VIA_NONE)
		return;
	if (is_whole && whole_count < NAMES_MAX)
		whole[whole_count++] =
			(struct said){ r->src, r->dst, r->sport, r->dport, r->proto, r->name };
	if (is_whole || whole_count == NAMES_MAX)
		return;
	for (size_t i = 0; i < whole_count; i++) {
		if (!is_same_connection(&whole[i], r))
			continue;
		if (name_equal(&whole[i].name, &r->name))
			return;
		known = true;
	}
	if (known) {
		printf("%s: %s, not the whole's name\n", path_now, r->name.text);
		differ++;
	}
}

static void make_policy(void)
{
	static const char *const blocked[] = { "com", "net", "tracker.test", "tracker.example" };
	struct policy_options o = { .enforce = true,
				    .dns = HOW_NULL,
				    .tcp = HOW_RESET,
				    .udp = HOW_UNREACH,
				    .answer_ttl_s = 60,
				    .withhold_ech = true,
				    .prevent_bypass = true };
	struct rule r = { .action = RULE_BLOCK, .match = RULE_SUFFIX, .line = 1 };
	struct index_builder *b = index_builder_new();
	struct index *user = NULL;

	MUST(b);
	for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
		MUST(name_from_text(blocked[i], strlen(blocked[i]), &r.name) &&
		     index_builder_add(b, &r));
	MUST(!index_builder_finish(b, &user));
	index_builder_free(b);
	policy = policy_new(&o, NULL, NULL, user);
	MUST(policy);
}

static struct engine *begin(bool live)
{
	struct engine_options o = { .max_flows = FLOWS,
				    .max_names = 256,
				    .max_questions = 64,
				    .max_hellos = 16,
				    .tcp_idle_ms = 600000,
				    .udp_idle_ms = 600000,
				    .question_ms = 5000,
				    .name_floor_s = 60,
				    .open_records = live,
				    .max_devices = 64,
				    .max_addresses = 128 };
	struct record_sink sink = { .fingerprints = true, .flow = on_flow };
	struct engine *e = engine_new(&o, &sink);

	MUST(e);
	engine_set_policy(e, policy);
	return e;
}

/* A block of the exact size, so that a sanitizer sees a read behind it. */
static void feed(struct engine *e, const struct frame *f, uint32_t n, bool is_known,
		 enum frame_hook hook)
{
	struct frame cut = *f;
	uint8_t *copy = malloc(n ? n : 1);
	struct action a;

	MUST(copy);
	memcpy(copy, f->bytes, n);
	cut.bytes = copy;
	cut.len = n;
	if (!is_known)
		cut.wire_len = n;
	cut.hook = hook;
	a = engine_frame(e, &cut);
	MUST(a.reply_len <= FORGE_MAX && (a.reply != NULL) == (a.reply_len > 0));
	free(copy);
	fed++;
}

/* The run is over: nothing of it is left but names of addresses, and devices. */
static void end(struct engine *e, uint64_t frames)
{
	const struct engine_counters *c;

	engine_flush(e);
	c = engine_counters(e);
	MUST(c->frames == frames && c->flows_now == 0 && c->hellos_now == 0);
	runs++;
}

/* The capture at one length. */
static void snapped(struct engine *e, uint32_t n, bool is_known)
{
	uint64_t before = engine_counters(e)->frames;

	for (size_t i = 0; i < packet_count; i++)
		feed(e, &packets[i], packets[i].len < n ? packets[i].len : n, is_known,
		     FRAME_CAPTURED);
	end(e, before + packet_count);
}

/* Every length of each packet in front of it. What is told of such a stream is not asked. */
static void crowded(enum frame_hook hook)
{
	struct engine *e = begin(hook != FRAME_CAPTURED);
	size_t names = whole_count;
	uint64_t frames = 0;

	whole_count = NAMES_MAX;
	for (size_t i = 0; i < packet_count; i++)
		for (uint32_t n = 0; n <= packets[i].len; n++, frames += 2) {
			feed(e, &packets[i], n, true, hook);
			feed(e, &packets[i], n, false, hook);
		}
	end(e, frames);
	engine_free(e);
	whole_count = names;
}

static int truncate_file(const char *path)
{
	struct error e = { "" };
	struct source *s = NULL;
	struct engine *engine;

	path_now = path;
	packet_count = longest = whole_count = 0;
	if (source_open_file(path, &s, &e)) {
		fprintf(stderr, "truncate: %s\n", e.text);
		return 1;
	}
	while (source_read(s, 64, keep, NULL, &e) > 0)
		; /* of one that breaks off, what there is */
	source_close(s);
	engine = begin(false); /* one for all runs: making one takes longer than most */
	is_whole = true;
	snapped(engine, UINT32_MAX, true);
	is_whole = false;
	for (uint32_t n = 0; n < longest; n++) {
		snapped(engine, n, true);
		snapped(engine, n, false);
	}
	engine_free(engine);
	crowded(FRAME_CAPTURED);
	crowded(FRAME_FORWARD);
	for (size_t i = 0; i < packet_count; i++)
		free((void *)(uintptr_t)packets[i].bytes);
	return 0;
}

static int truncate_path(const char *path, long most, unsigned *files)
{
	struct dirent *entry;
	struct stat st;
	char below[4096];
	int rc = 0;
	DIR *dir;

	if (stat(path, &st)) {
		fprintf(stderr, "truncate: %s: %s\n", path, strerror(errno));
		return 1;
	}
	if (!S_ISDIR(st.st_mode)) {
		++*files;
		return truncate_file(path);
	}
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (size_t)snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >=
			    sizeof below ||
		    stat(below, &st) || (!S_ISDIR(st.st_mode) && st.st_size >= most))
			continue;
		/* Of many files some are no captures. */
		(void)truncate_path(below, most, files);
	}
	if (dir)
		closedir(dir);
	else
		rc = 1;
	return rc;
}

int main(int argc, char **argv)
{
	long most = 65536;
	unsigned files = 0;
	int rc = 0, i = 1;

	if (argc > 3 && !strcmp(argv[1], "-b")) {
		most = atol(argv[2]);
		i = 3;
	}
	if (i >= argc) {
		fprintf(stderr, "usage: truncate [-b BYTES] FILE|DIR...\n");
		return 2;
	}
	make_policy();
	for (; i < argc; i++)
		rc |= truncate_path(argv[i], most, &files);
	policy_free(policy);
	printf("%u captures, %llu runs, %llu frames, %llu other names\n", files,
	       (unsigned long long)runs, (unsigned long long)fed, (unsigned long long)differ);
	return rc || differ;
}
