/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A JSON request taken apart, with jansson. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/query.h"

static int add_value(struct arguments *a, const char *key, const json_t *value, struct error *e)
{
	if (json_is_string(value))
		return query_add(a, key, ARGUMENT_STRING, json_string_value(value), 0, e);
	if (json_is_integer(value))
		return query_add(a, key, ARGUMENT_NUMBER, NULL, json_integer_value(value), e);
	return query_add(a, key, ARGUMENT_OTHER, NULL, 0, e);
}

static int add_filter(struct query *q, json_t *filter, struct error *e)
{
	const char *key;
	json_t *value;
	int rc = 0;

	q->has_filter = true;
	json_object_foreach(filter, key, value)
	{
		rc = add_value(&q->filter, key, value, e);
		if (rc)
			break;
	}
	return rc;
}

/* With "args" the arguments stand there; else they are the members beside "id" and "cmd". */
static int add_arguments(struct query *q, json_t *root, const char **out_key, struct error *e)
{
	json_t *args = json_object_get(root, "args"), *value;
	const char *key;
	int rc = 0;

	*out_key = "bad_argument";
	if (args && !json_is_object(args))
		return error_set(e, -EINVAL, "args has to be an object");
	if (args && json_object_size(root) > (q->id ? 3u : 2u))
		return error_set(e, -EINVAL, "there are arguments in args and beside it");
	json_object_foreach(args ? args : root, key, value)
	{
		if (!args && (!strcmp(key, "id") || !strcmp(key, "cmd")))
			continue;
		if (!strcmp(key, "filter") && json_is_object(value))
			rc = add_filter(q, value, e);
		else
			rc = add_value(&q->args, key, value, e);
		if (rc)
			break;
	}
	return rc;
}

static int take_id(struct query *q, const json_t *id, const char **out_key, struct error *e)
{
	char *text;

	if (!id)
		return 0;
	text = json_dumps(id, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text)
		return -ENOMEM;
	if (strlen(text) > QUERY_ID_MOST) {
		free(text);
		*out_key = "bad_argument";
		return error_set(e, -EINVAL, "the id is longer than %d bytes", QUERY_ID_MOST);
	}
	q->id = text;
	return 0;
}

static int take_object(struct query *q, json_t *root, const char **out_key, struct error *e)
{
	const char *cmd = json_string_value(json_object_get(root, "cmd"));
	int rc = take_id(q, json_object_get(root, "id"), out_key, e);

	if (rc)
		return rc;
	if (!cmd)
		return error_set(e, -EINVAL, "cmd is missing or not a string");
	q->cmd = strdup(cmd);
	if (!q->cmd)
		return -ENOMEM;
	return add_arguments(q, root, out_key, e);
}

int query_from_json(struct query *q, const char *line, size_t n, const char **out_key,
		    struct error *e)
{
	json_error_t why;
	json_t *root = json_loadb(line, n, JSON_REJECT_DUPLICATES, &why);
	int rc;

	*out_key = "bad_request";
	if (!root)
		return error_set(e, -EINVAL, "not JSON: %s", why.text);
	if (json_is_object(root))
		rc = take_object(q, root, out_key, e);
	else
		rc = error_set(e, -EINVAL, "not a JSON object");
	json_decref(root);
	return rc;
}
