/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arguments of a request, and bare words as a request. */
#include "control/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int query_add(struct arguments *a, const char *key, enum argument_kind kind, const char *text,
	      int64_t number, struct error *e)
{
	struct argument new = { .kind = kind, .number = number };
	struct argument *at;

	if (a->count == QUERY_ARGUMENTS_MOST)
		return error_set(e, -EINVAL, "there are more than %d arguments",
				 QUERY_ARGUMENTS_MOST);
	at = realloc(a->at, (a->count + 1) * sizeof(*at));
	if (!at)
		return -ENOMEM;
	a->at = at;
	new.key = strdup(key);
	if (text)
		new.text = strdup(text);
	if (!new.key || (text && !new.text)) {
		free(new.key);
		free(new.text);
		return -ENOMEM;
	}
	at[a->count++] = new;
	return 0;
}

const struct argument *query_find(const struct arguments *a, const char *key)
{
	for (size_t i = 0; i < a->count; i++)
		if (!strcmp(a->at[i].key, key))
			return &a->at[i];
	return NULL;
}

static void arguments_done(struct arguments *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->at[i].key);
		free(a->at[i].text);
	}
	free(a->at);
	*a = (struct arguments){ 0 };
}

void query_done(struct query *q)
{
	if (!q)
		return;
	free(q->id);
	free(q->cmd);
	arguments_done(&q->args);
	arguments_done(&q->filter);
	*q = (struct query){ 0 };
}

int query_from_words(struct query *q, char *words, const char *first, bool is_filter,
		     struct error *e)
{
	struct arguments *into = is_filter ? &q->filter : &q->args;
	char *save = NULL;
	int rc = 0;

	for (char *word = strtok_r(words, " \t", &save); word && !rc;
	     word = strtok_r(NULL, " \t", &save)) {
		char *equals = strchr(word, '=');
		const char *key = first;

		if (equals) {
			*equals = '\0';
			key = word;
			word = equals + 1;
		} else if (!first || is_filter) {
			return error_set(e, -EINVAL, "\"%.40s\" fits no argument", word);
		}
		if (query_find(into, key))
			return error_set(e, -EINVAL, "%.40s is there twice", key);
		rc = query_add(into, key, ARGUMENT_WORD, word, 0, e);
		q->has_filter = is_filter;
	}
	return rc;
}
