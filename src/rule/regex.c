/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCRE2 with limits on size, steps and memory, so that no list can hold up the packet path. */
#include "rule/regex.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#if WITH_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Real expressions need some hundred steps on a name; 20,000 take a fraction of a millisecond. */
enum { MAX_TEXT = 2000, MAX_STEPS = 20000, MAX_DEPTH = 1000, MAX_HEAP_KIB = 64, MAX_CODE = 65536 };

struct regex {
	pcre2_code *code;
};

/* PCRE2 keeps its frames in one block and doubles it by a copy: two blocks of the limit are all
 * that it ever holds. */
enum { BLOCK = MAX_HEAP_KIB * 1024 };
struct regex_room {
	pcre2_general_context *general;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint64_t cut;
	bool ready; /* from now on memory comes from the blocks */
	bool lent[2];
	_Alignas(max_align_t) char blocks[2][BLOCK];
};

static void *room_lend(size_t n, void *ctx)
{
	struct regex_room *m = ctx;

	if (!m->ready)
		return malloc(n);
	for (int i = 0; i < 2 && n <= BLOCK; i++) {
		if (!m->lent[i]) {
			m->lent[i] = true;
			return m->blocks[i];
		}
	}
	return NULL;
}

static void room_take_back(void *p, void *ctx)
{
	struct regex_room *m = ctx;

	for (int i = 0; i < 2; i++) {
		if (p == m->blocks[i]) {
			m->lent[i] = false;
			return;
		}
	}
	free(p);
}

struct regex_room *regex_room_new(void)
{
	struct regex_room *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->general = pcre2_general_context_create(room_lend, room_take_back, m);
	if (m->general) {
		m->data = pcre2_match_data_create(1, m->general);
		m->limits = pcre2_match_context_create(m->general);
	}
	if (!m->data || !m->limits) {
		regex_room_free(m);
		return NULL;
	}
	pcre2_set_match_limit(m->limits, MAX_STEPS);
	pcre2_set_depth_limit(m->limits, MAX_DEPTH);
	pcre2_set_heap_limit(m->limits, MAX_HEAP_KIB);
	m->ready = true;
	return m;
}

void regex_room_free(struct regex_room *m)
{
	if (!m)
		return;
	pcre2_match_context_free(m->limits);
	pcre2_match_data_free(m->data);
	pcre2_general_context_free(m->general);
	free(m);
}

uint64_t regex_cut(const struct regex_room *m)
{
	return m ? m->cut : 0;
}

struct regex *regex_new(const char *text)
{
	struct regex *r = calloc(1, sizeof *r);
	size_t at, size = 0;
	int why;

	if (!r || strlen(text) > MAX_TEXT)
		goto failed;
	r->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE,
				&why, &at, NULL);
	if (!r->code || pcre2_pattern_info(r->code, PCRE2_INFO_SIZE, &size) || size > MAX_CODE)
		goto failed;
	return r;
failed:
	regex_free(r);
	return NULL;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	free(r);
}

bool regex_match(const struct regex *r, struct regex_room *m, const struct name *name)
{
	int got = pcre2_match(r->code, (PCRE2_SPTR)name->text, name->len, 0, 0, m->data, m->limits);

	if (got < 0 && got != PCRE2_ERROR_NOMATCH)
		m->cut++;
	return got >= 0;
}

bool regex_possible(void)
{
	return true;
}
#else
struct regex *regex_new(const char *text)
{
	return NULL;
}

void regex_free(struct regex *r)
{
}

struct regex_room *regex_room_new(void)
{
	return NULL;
}

void regex_room_free(struct regex_room *m)
{
}

bool regex_match(const struct regex *r, struct regex_room *m, const struct name *name)
{
	return false;
}

uint64_t regex_cut(const struct regex_room *m)
{
	return 0;
}

bool regex_possible(void)
{
	return false;
}
#endif
