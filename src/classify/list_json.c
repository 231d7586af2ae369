/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disconnect's services.json, read as it comes: every text that is an element of an array is a
 * name, and stands for all below it too. Keys and values of objects are about owners. */
#include <string.h>

#include "classify/list_line.h"

static void end_text(struct list_json *j, const struct sink *to, bool *out_some)
{
	struct name n;

	j->in_text = false;
	if (j->depth && j->depth <= LIST_JSON_DEPTH && j->array[j->depth - 1] && !j->overlong &&
	    line_name((struct span){ j->text, j->len }, &n) == PARSED) {
		line_emit(to, &n, RULE_SUFFIX, RULE_BLOCK);
		*out_some = true;
	}
}

static void text_byte(struct list_json *j, char c)
{
	if (j->len < sizeof j->text)
		j->text[j->len++] = c;
	else
		j->overlong = true;
}

static void open_block(struct list_json *j, bool array)
{
	if (j->depth < LIST_JSON_DEPTH)
		j->array[j->depth] = array;
	j->depth++;
}

int list_json_line(struct list_json *j, const char *line, size_t n,
		   void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	const struct sink to = { each, ctx, NULL };
	bool some = false;

	for (size_t i = 0; i < n; i++) {
		char c = line[i];
		if (j->in_text && j->escaped) {
			j->escaped = false;
			text_byte(j, c);
		} else if (j->in_text) {
			if (c == '"')
				end_text(j, &to, &some);
			else if (c == '\\')
				j->escaped = true;
			else
				text_byte(j, c);
		} else if (c == '"') {
			j->in_text = true;
			j->overlong = false;
			j->len = 0;
		} else if (c == '[' || c == '{') {
			open_block(j, c == '[');
		} else if ((c == ']' || c == '}') && j->depth) {
			j->depth--;
		}
	}
	return some ? PARSED : LIST_SKIP_BLANK;
}
