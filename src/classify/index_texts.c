/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Masks and expressions of an index: expressions are compiled when it is opened. */
#include <stdlib.h>

#include "classify/index_internal.h"
#include "classify/pattern.h"

enum { TEXT_RECORD = 8, TEXT_CLASS = 4, TEXT_KIND = 7 };

static const char *text_of(const struct index *x, const uint8_t *record)
{
	struct bytes strings = x->sections[SECTION_STRINGS];
	uint32_t at = get_u32(record);

	return at < strings.len ? (const char *)strings.at + at : "";
}

bool index_texts_open(struct index *x)
{
	struct bytes texts = x->sections[SECTION_TEXTS];

	x->regexes = calloc(texts.len / TEXT_RECORD + 1, sizeof(struct regex *));
	if (!x->regexes)
		return false;
	for (size_t i = 0; i < texts.len / TEXT_RECORD; i++) {
		const uint8_t *record = texts.at + i * TEXT_RECORD;
		/* One that does not compile here, without PCRE2 say, matches nothing. */
		if (record[TEXT_KIND])
			x->regexes[i] = regex_new(text_of(x, record));
	}
	return true;
}

void index_texts_close(struct index *x)
{
	for (size_t i = 0; x->regexes && i < x->sections[SECTION_TEXTS].len / TEXT_RECORD; i++)
		regex_free(x->regexes[i]);
	free(x->regexes);
	x->regexes = NULL;
}

size_t index_search_text(const struct index *x, const struct name *name, size_t from,
			 struct index_text *out)
{
	struct bytes texts = x->sections[SECTION_TEXTS];

	for (size_t i = from; i < texts.len / TEXT_RECORD; i++) {
		const uint8_t *record = texts.at + i * TEXT_RECORD;
		const char *text = text_of(x, record);
		if (record[TEXT_KIND] ? !x->regexes[i] || !regex_match(x->regexes[i], name)
				      : !pattern_match(text, name))
			continue;
		*out = (struct index_text){ .class = get_u24(record + TEXT_CLASS),
					    .number = (uint32_t)i,
					    .text = text };
		return i + 1;
	}
	return 0;
}

bool index_text_at(const struct index *x, uint32_t number, uint32_t *out_class)
{
	struct bytes texts = x->sections[SECTION_TEXTS];

	if (number >= texts.len / TEXT_RECORD)
		return false;
	*out_class = get_u24(texts.at + (size_t)number * TEXT_RECORD + TEXT_CLASS);
	return true;
}
