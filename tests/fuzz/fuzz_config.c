/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: config */
/* Configuration files: an error says where, and what config_show prints is read to the same. */
#define _GNU_SOURCE 1 /* memfd_create */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "fuzz/fuzz.h"

/* A file of memory, and the path it has. */
static void file_of(const void *p, size_t n, char path[static 64])
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("config", MFD_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && !ftruncate(fd, 0));
	FUZZ_CHECK(pwrite(fd, p, n, 0) == (ssize_t)n);
	snprintf(path, 64, "/proc/self/fd/%d", fd);
}

static int load(const void *p, size_t n, struct config **out)
{
	struct error e = { "" };
	char path[64];
	int rc;

	file_of(p, n, path);
	rc = config_load(path, "/nonexistent/tacet", out, &e);
	if (!rc)
		return 0;
	FUZZ_CHECK(rc == -EINVAL || rc == -ENOMEM);
	FUZZ_CHECK(!strncmp(e.text, path, strlen(path)) && e.text[strlen(path)] == ':');
	/* It is for a terminal. */
	for (const char *c = e.text; *c; c++)
		FUZZ_CHECK((unsigned char)*c >= 0x20 ? *c != 0x7f : *c == '\t');
	return rc;
}

static void show(const struct config *c, struct text *t)
{
	text_clear(t);
	config_show(c, t);
	FUZZ_CHECK(!t->failed && t->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *first = NULL, *second = NULL;
	struct text a = { 0 }, b = { 0 };

	if (load(data, size, &first)) {
		FUZZ_CHECK(!first);
		return 0;
	}
	show(first, &a);
	if (load(a.at, a.len, &second)) {
		fprintf(stderr, "config_show printed what config_load refuses:\n%s\n", a.at);
		FUZZ_CHECK(!"read again");
	}
	show(second, &b);
	FUZZ_CHECK(a.len == b.len && !memcmp(a.at, b.at, a.len));
	text_done(&a);
	text_done(&b);
	config_free(first);
	config_free(second);
	return 0;
}
