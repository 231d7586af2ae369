/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening a compiled index: what it says about itself is checked once, here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/fuse.h"
#include "index/grams.h"
#include "index/internal.h"

static bool sections_fit(struct index *x)
{
	struct bytes f = x->file;

	for (int i = 0; i < INDEX_SECTIONS; i++) {
		uint32_t at = get_u32(f.at + INDEX_TABLE + 8 * i);
		uint32_t n = get_u32(f.at + INDEX_TABLE + 4 + 8 * i);
		if (at > f.len || n > f.len - at)
			return false;
		x->sections[i] = (struct bytes){ f.at + at, n };
	}
	return true;
}

/* Names and paths are strings; if lists are known, then those of all rules. */
static bool lists_right(const struct index *x)
{
	struct bytes lists = x->sections[SECTION_LISTS], payloads = x->sections[SECTION_PAYLOADS];
	size_t strings = x->sections[SECTION_STRINGS].len, count;

	if (lists.len < 4 || (lists.len - 4) / LIST_BYTES < get_u32(lists.at))
		return false;
	count = get_u32(lists.at);
	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = lists.at + 4 + LIST_BYTES * i;
		if (get_u32(entry) >= strings || get_u32(entry + 4) >= strings)
			return false;
	}
	for (size_t i = 0; count && i + 8 <= payloads.len; i += 8)
		if (((size_t)payloads.at[i + 1] << 8 | payloads.at[i + 2]) >= count)
			return false;
	return true;
}

static bool sections_right(struct index *x)
{
	const struct bytes *s = x->sections, *strings = &s[SECTION_STRINGS];
	uint64_t blocks = ((uint64_t)x->names + INDEX_BLOCK - 1) / INDEX_BLOCK;
	uint64_t groups = (blocks + INDEX_GROUP - 1) / INDEX_GROUP;

	return strings->len && !strings->at[0] && !strings->at[strings->len - 1] &&
	       lists_right(x) && s[SECTION_GROUPS].len == 4 * groups &&
	       s[SECTION_NET4].len % 12 == 0 && s[SECTION_NET6].len % 24 == 0 &&
	       s[SECTION_TEXTS].len % 8 == 0 && s[SECTION_CLASSES].len % 4 == 0 &&
	       s[SECTION_MEMBERS].len % 3 == 0 && fuse_check(s[SECTION_FILTER]) &&
	       grams_check(s[SECTION_GRAMS]) &&
	       model_open(&x->chars, s[SECTION_CHARS], CHAR_CONTEXTS, CHARS) &&
	       model_open(&x->shared, s[SECTION_SHARED], SHARED_CONTEXTS, SHARED_MAX + 1) &&
	       model_open(&x->classes, s[SECTION_CLASS_MODEL], CLASS_CONTEXTS, 256);
}

int index_parse(struct index *x, struct bytes file, struct error *e)
{
	x->file = file;
	if (file.len < 8 || memcmp(file.at, INDEX_MAGIC, 8))
		return error_set(e, -EINVAL,
				 "it is not an index; compile one: `tacet lists compile`");
	if (file.len < INDEX_HEAD)
		return error_set(e, -EBADMSG, "it is cut short; compile it again");
	if (get_u32(file.at + 8) != INDEX_VERSION)
		return error_set(e, -EPROTO,
				 "it is of version %u, this tacet reads %u; compile it again",
				 get_u32(file.at + 8), INDEX_VERSION);
	if (get_u32(file.at + 12) != file.len)
		return error_set(e, -EBADMSG, "it has %zu bytes instead of %u; compile it again",
				 file.len, get_u32(file.at + 12));
	x->crc = get_u32(file.at + 16);
	if (crc32_of(0, file.at + 20, file.len - 20) != x->crc)
		return error_set(e, -EBADMSG, "its checksum is wrong; compile it again");
	x->names = get_u32(file.at + 20);
	x->rules = get_u32(file.at + 24);
	x->labels = get_u32(file.at + 28);
	if (!sections_fit(x) || !sections_right(x))
		return error_set(e, -EBADMSG, "its content is damaged; compile it again");
	if (!index_texts_open(x))
		return error_set(e, -ENOMEM, "%s", strerror(ENOMEM));
	return 0;
}

static int map_file(int fd, struct bytes *out)
{
	struct stat st;
	void *at;

	if (fstat(fd, &st))
		return -errno;
	*out = (struct bytes){ (const uint8_t *)"", 0 };
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > UINT32_MAX)
		return -EINVAL;
	if (!st.st_size)
		return 0;
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	*out = (struct bytes){ .at = at, .len = (size_t)st.st_size };
	return 0;
}

/* The file of lines is not needed: without it no rule has a line. */
static int open_lines(const char *path)
{
	char lines[4096];

	if ((size_t)snprintf(lines, sizeof lines, "%s.lines", path) >= sizeof lines)
		return -1;
	return open(lines, O_RDONLY | O_CLOEXEC);
}

int index_open(const char *path, struct index **out, struct error *e)
{
	struct index *x = calloc(1, sizeof *x);
	struct error why = { "" };
	struct bytes file = { NULL, 0 };
	int fd, rc;

	if (!x)
		return error_set(e, -ENOMEM, "reading index: %s: %s", path, strerror(ENOMEM));
	x->lines_fd = -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	rc = fd < 0 ? -errno : map_file(fd, &file);
	if (fd >= 0)
		close(fd);
	if (rc) {
		error_set(&why, rc, "%s", strerror(-rc));
	} else {
		x->mapped = file.len;
		rc = index_parse(x, file, &why);
	}
	if (rc) {
		index_free(x);
		return error_set(e, rc, "reading index: %s: %s", path, why.text);
	}
	x->lines_fd = open_lines(path);
	*out = x;
	return 0;
}

bool index_is_file(const char *path)
{
	char magic[8];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
		  !memcmp(magic, INDEX_MAGIC, sizeof magic);

	if (fd >= 0)
		close(fd);
	return is;
}

int index_adopt(struct text *file, struct text *lines, struct index **out)
{
	struct index *x = calloc(1, sizeof *x);
	int rc;

	if (!x)
		return -ENOMEM;
	x->lines_fd = -1;
	x->lines = (struct bytes){ (const uint8_t *)lines->at, lines->len };
	rc = index_parse(x, (struct bytes){ (const uint8_t *)file->at, file->len }, NULL);
	*file = *lines = (struct text){ 0 };
	if (rc)
		index_free(x);
	else
		*out = x;
	return rc;
}

void index_free(struct index *x)
{
	if (!x)
		return;
	index_texts_close(x);
	if (x->mapped)
		munmap((void *)(uintptr_t)x->file.at, x->file.len);
	else if (x->file.len)
		free((void *)(uintptr_t)x->file.at);
	if (x->lines.len)
		free((void *)(uintptr_t)x->lines.at);
	if (x->lines_fd >= 0)
		close(x->lines_fd);
	free(x);
}

size_t index_rules(const struct index *x)
{
	return x->rules;
}

uint32_t index_checksum(const struct index *x)
{
	return x->crc;
}

size_t index_lists(const struct index *x)
{
	return get_u32(x->sections[SECTION_LISTS].at);
}

struct index_list index_list_at(const struct index *x, size_t number)
{
	const uint8_t *entry = x->sections[SECTION_LISTS].at + 4 + LIST_BYTES * number;
	const char *strings = (const char *)x->sections[SECTION_STRINGS].at;

	return (struct index_list){ strings + get_u32(entry), strings + get_u32(entry + 4),
				    get_u32(entry + 8), get_u32(entry + 12), get_u32(entry + 16) };
}

uint64_t index_regex_cut(const struct index *x)
{
	return regex_cut(x->room);
}

size_t index_memory(const struct index *x)
{
	return sizeof *x + x->file.len + x->lines.len;
}
