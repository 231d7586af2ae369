/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCRE2 with limits on size, steps and memory, so that no list can hold up the packet path. */
#include "classify/regex.h"

#include <stdlib.h>
#include <string.h>

#if WITH_PCRE2
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Real expressions need some hundred steps on a name; 20,000 take a fraction of a millisecond. */
enum { MAX_TEXT = 2000, MAX_STEPS = 20000, MAX_DEPTH = 1000, MAX_HEAP_KIB = 64, MAX_CODE = 65536 };

struct regex {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
	uint64_t cut;
};

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
	r->data = pcre2_match_data_create(1, NULL);
	r->limits = pcre2_match_context_create(NULL);
	if (!r->data || !r->limits)
		goto failed;
	pcre2_set_match_limit(r->limits, MAX_STEPS);
	pcre2_set_depth_limit(r->limits, MAX_DEPTH);
	pcre2_set_heap_limit(r->limits, MAX_HEAP_KIB);
	return r;
failed:
	regex_free(r);
	return NULL;
}

void regex_free(struct regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_match_data_free(r->data);
	pcre2_code_free(r->code);
	free(r);
}

bool regex_match(struct regex *r, const struct name *name)
{
	int got = pcre2_match(r->code, (PCRE2_SPTR)name->text, name->len, 0, 0, r->data, r->limits);

	if (got < 0 && got != PCRE2_ERROR_NOMATCH)
		r->cut++;
	return got >= 0;
}

uint64_t regex_cut(const struct regex *r)
{
	return r->cut;
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

bool regex_match(struct regex *r, const struct name *name)
{
	return false;
}

uint64_t regex_cut(const struct regex *r)
{
	return 0;
}

bool regex_possible(void)
{
	return false;
}
#endif
