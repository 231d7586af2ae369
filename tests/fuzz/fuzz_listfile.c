/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: classify */
/* A list's file, compressed or not: it is read to its end or an error says why not, the counts
 * agree with what came, and the rules make an index. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "classify/lists.h"
#include "fuzz/fuzz.h"

static void skipped(void *ctx, const char *path, uint32_t line, enum list_skip why,
		    const char *text, size_t n)
{
	uint64_t *count = ctx;

	FUZZ_CHECK(line && why < LIST_SKIPS && (text || !n));
	++*count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct index_builder *b = index_builder_new();
	struct list_counts counts = { 0 };
	struct index *x = NULL;
	struct error e = { "" };
	uint64_t seen = 0, sum = 0;
	char path[32];
	int rc, fd = memfd_create("list", MFD_CLOEXEC);

	FUZZ_CHECK(b && fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	const struct list_source src = { .name = "fuzz", .path = path };
	rc = list_read(&src, 0, b, &counts, skipped, &seen, &e);
	FUZZ_CHECK(rc <= 0 && (rc == 0) == (e.text[0] == '\0'));
	for (unsigned i = 0; i < LIST_SKIPS; i++)
		sum += counts.skipped[i];
	FUZZ_CHECK(sum == seen && seen <= counts.lines && (rc || counts.rules));
	FUZZ_CHECK(!index_builder_finish(b, &x) && index_rules(x) <= counts.rules);
	index_free(x);
	index_builder_free(b);
	close(fd);
	return 0;
}
