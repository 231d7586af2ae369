/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Masks and expressions of an index: expressions are compiled when it is opened. */
#include <stdlib.h>

#include "index/internal.h"
#include "rule/pattern.h"

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
	bool any = false;

	x->regexes = calloc(texts.len / TEXT_RECORD + 1, sizeof(struct regex *));
	if (!x->regexes)
		return false;
	for (size_t i = 0; i < texts.len / TEXT_RECORD; i++) {
		const uint8_t *record = texts.at + i * TEXT_RECORD;
		/* One that does not compile here, without PCRE2 say, matches nothing. */
		if (record[TEXT_KIND] && (x->regexes[i] = regex_new(text_of(x, record))))
			any = true;
	}
	return !any || (x->room = regex_room_new());
}

void index_texts_close(struct index *x)
{
	for (size_t i = 0; x->regexes && i < x->sections[SECTION_TEXTS].len / TEXT_RECORD; i++)
		regex_free(x->regexes[i]);
	free(x->regexes);
	regex_room_free(x->room);
	x->regexes = NULL;
	x->room = NULL;
}

bool index_text_at(const struct index *x, uint32_t number, struct index_text *out)
{
	struct bytes texts = x->sections[SECTION_TEXTS];
	const uint8_t *record = texts.at + (size_t)number * TEXT_RECORD;

	if (number >= texts.len / TEXT_RECORD)
		return false;
	*out = (struct index_text){ .class = get_u24(record + TEXT_CLASS),
				    .number = number,
				    .text = text_of(x, record),
				    .is_regex = record[TEXT_KIND] };
	return true;
}

bool index_text_matches(const struct index *x, const struct index_text *t, const struct name *name)
{
	if (!t->is_regex)
		return pattern_match(t->text, name);
	return x->regexes[t->number] && regex_match(x->regexes[t->number], x->room, name);
}
