/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watch filters: one wanted value for each key. */
#include "control/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/name.h"
#include "classify/catalogue.h"
#include "policy/policy.h"

enum filter_key {
	FILTER_TYPE,
	FILTER_VERDICT,
	FILTER_DEVICE,
	FILTER_APP,
	FILTER_NAME,
	FILTER_ROLE,
	FILTER_KEYS
};

static const char *const key_names[FILTER_KEYS] = {
	[FILTER_TYPE] = "type", [FILTER_VERDICT] = "verdict", [FILTER_DEVICE] = "device",
	[FILTER_APP] = "app",	[FILTER_NAME] = "name",	      [FILTER_ROLE] = "role",
};

struct filter {
	char *wanted[FILTER_KEYS]; /* NULL = any */
};

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (int k = 0; k < FILTER_KEYS; k++)
		free(f->wanted[k]);
	free(f);
}

static int check_type(const char *value, struct error *e)
{
	static const char *const types[] = { "flow", "dns", "state", "session" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(value, types[i]))
			return 0;
	return error_set(e, -EINVAL, "type is one of: flow, dns, state");
}

static int check_verdict(const char *value, struct error *e)
{
	for (int k = VERDICT_ALLOW; k <= VERDICT_BLOCK; k++)
		if (!strcmp(value, verdict_kind_name((enum verdict_kind)k)))
			return 0;
	return error_set(e, -EINVAL, "verdict is one of: allow, log, block");
}

/* Names are compared as the records write them: lower case, no final dot. */
static int take_name(const char *value, char **out, struct error *e)
{
	struct name name;

	if (!name_from_text(value, strlen(value), &name))
		return error_set(e, -EINVAL, "name is not a domain name");
	*out = strdup(name.text);
	return *out ? 0 : -ENOMEM;
}

static int take_value(enum filter_key key, const char *value, char **out, struct error *e)
{
	enum role role;
	int rc = 0;

	switch (key) {
	case FILTER_TYPE:
		rc = check_type(value, e);
		break;
	case FILTER_VERDICT:
		rc = check_verdict(value, e);
		break;
	case FILTER_ROLE:
		if (!role_parse(value, &role))
			rc = error_set(e, -EINVAL, "there is no such role");
		break;
	case FILTER_NAME:
		return take_name(value, out, e);
	case FILTER_DEVICE:
	case FILTER_APP:
	case FILTER_KEYS:
		break;
	}
	if (rc)
		return rc;
	*out = strdup(value);
	return *out ? 0 : -ENOMEM;
}

static int find_key(const char *text)
{
	for (int k = 0; k < FILTER_KEYS; k++)
		if (!strcmp(text, key_names[k]))
			return k;
	return -1;
}

static int take_argument(struct filter *f, const struct argument *a, struct error *e)
{
	int k = find_key(a->key);

	if (k < 0)
		return error_set(e, -EINVAL, "there is no filter \"%.40s\"", a->key);
	if (!a->text)
		return error_set(e, -EINVAL, "%s has to be a string", a->key);
	return take_value((enum filter_key)k, a->text, &f->wanted[k], e);
}

int filter_new(const struct arguments *wanted, struct filter **out, struct error *e)
{
	struct filter *f = calloc(1, sizeof(*f));
	int rc = 0;

	if (!f)
		return -ENOMEM;
	for (size_t i = 0; i < wanted->count && !rc; i++)
		rc = take_argument(f, &wanted->at[i], e);
	if (rc) {
		filter_free(f);
		return rc;
	}
	*out = f;
	return 0;
}

static bool under(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	if (n < s || strcmp(name + n - s, suffix))
		return false;
	return n == s || name[n - s - 1] == '.';
}

bool filter_passes(const struct filter *f, const struct server_event *ev)
{
	const char *const said[FILTER_KEYS] = {
		[FILTER_TYPE] = ev->type,     [FILTER_VERDICT] = ev->verdict,
		[FILTER_DEVICE] = ev->device, [FILTER_APP] = ev->app,
		[FILTER_NAME] = ev->name,     [FILTER_ROLE] = ev->role,
	};

	for (int k = 0; k < FILTER_KEYS; k++) {
		if (!f->wanted[k])
			continue;
		if (!said[k])
			return false;
		if (k == FILTER_NAME ? !under(said[k], f->wanted[k])
				     : strcmp(said[k], f->wanted[k]) != 0)
			return false;
	}
	return true;
}
