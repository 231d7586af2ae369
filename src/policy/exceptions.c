/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pauses and rules of now: made while tacet runs, with a scope and an end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/sections.h"

void exceptions_done(struct exceptions *x)
{
	free(x->at);
	*x = (struct exceptions){ .at = NULL };
}

static bool is_same(const struct policy_exception *a, const struct policy_exception *b)
{
	return a->is_pause == b->is_pause && !strcmp(a->device, b->device) &&
	       !strcmp(a->app, b->app) && !strcmp(a->role, b->role) && !strcmp(a->list, b->list) &&
	       name_equal(&a->name, &b->name);
}

int exceptions_add(struct exceptions *x, const struct policy_exception *e)
{
	for (size_t i = 0; i < x->count; i++) {
		if (!is_same(&x->at[i], e))
			continue;
		x->at[i] = *e;
		return 0;
	}
	if (x->count == POLICY_EXCEPTIONS)
		return -ENOSPC;
	if (!x->at && !(x->at = calloc(POLICY_EXCEPTIONS, sizeof *x->at)))
		return -ENOMEM;
	x->at[x->count++] = *e;
	return 0;
}

size_t exceptions_end(struct exceptions *x, const struct name *name, const char *device)
{
	size_t left = 0, before = x->count;

	for (size_t i = 0; i < x->count; i++)
		if (!name_equal(&x->at[i].name, name) || strcmp(x->at[i].device, device) != 0)
			x->at[left++] = x->at[i];
	x->count = left;
	return before - left;
}

bool exceptions_tick(struct exceptions *x, int64_t now_ns)
{
	size_t left = 0;

	for (size_t i = 0; i < x->count; i++)
		if (x->at[i].until_ns > now_ns)
			x->at[left++] = x->at[i];
	if (left == x->count)
		return false;
	x->count = left;
	return true;
}

/* An empty scope is everybody's; text NULL: not known. */
static bool fits(const char *scope, const char *text)
{
	return !*scope || (text && !strcmp(scope, text));
}

static bool is_for(const struct policy_exception *x, const struct exception_query *q)
{
	return (fits(x->device, q->device) || fits(x->device, q->group)) &&
	       fits(x->app, q->verdict->app) && fits(x->role, role_name(q->verdict->role)) &&
	       (!x->name.len || name_under(q->name, &x->name));
}

const struct policy_exception *exceptions_rule(const struct exceptions *x,
					       const struct exception_query *q)
{
	const struct policy_exception *best = NULL;

	for (size_t i = 0; i < x->count; i++) {
		const struct policy_exception *e = &x->at[i];

		if (e->is_pause || !is_for(e, q))
			continue;
		if (!best || e->name.len > best->name.len ||
		    (e->name.len == best->name.len && e->action == RULE_ALLOW))
			best = e;
	}
	return best;
}

void exceptions_each(const struct exceptions *x, const struct exception_query *q, bool pauses,
		     void (*each)(void *ctx, const struct policy_exception *e), void *ctx)
{
	for (size_t i = 0; i < x->count; i++)
		if (x->at[i].is_pause == pauses && is_for(&x->at[i], q) &&
		    fits(x->at[i].list, q->verdict->list))
			each(ctx, &x->at[i]);
}

static void found(void *ctx, const struct policy_exception *e)
{
	(void)e;
	*(bool *)ctx = true;
}

bool exceptions_pause(const struct exceptions *x, const struct exception_query *q)
{
	bool any = false;

	exceptions_each(x, q, true, found, &any);
	return any;
}
