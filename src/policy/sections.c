/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of the policy: kept in order, found by kind and name, switched by time. */
#include "policy/sections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
	[POLICY_DEVICE] = "device", [POLICY_GROUP] = "group", [POLICY_APP] = "app",
	[POLICY_ROLE] = "role",	    [POLICY_LIST] = "list",   [POLICY_NAME] = "name",
	[POLICY_PRESET] = "preset",
};

static int compare(const struct section *s, enum policy_kind kind, const char *name)
{
	if (s->said.kind != kind)
		return s->said.kind < kind ? -1 : 1;
	return strcmp(s->said.name, name);
}

/* The first that is not before, or with `behind` the first that is behind. */
static size_t place_of(const struct sections *x, enum policy_kind kind, const char *name,
		       bool behind)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&x->at[middle], kind, name) < behind)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void section_done(struct section *s)
{
	free((char *)(uintptr_t)s->said.name);
	free((char *)(uintptr_t)s->said.group);
	free((char *)(uintptr_t)s->said.only);
	free(s->label);
}

static bool section_copy(const struct policy_section *from, struct section *out)
{
	const char *kind = kind_names[from->kind];
	size_t n = strlen(kind) + strlen(from->name) + 4;

	*out = (struct section){ .said = *from };
	out->said.name = strdup(from->name);
	out->said.group = from->group ? strdup(from->group) : NULL;
	out->said.only = from->only ? strdup(from->only) : NULL;
	out->label = malloc(n);
	if (!out->said.name || (from->group && !out->said.group) ||
	    (from->only && !out->said.only) || !out->label) {
		section_done(out);
		return false;
	}
	snprintf(out->label, n, "[%s %s]", kind, from->name);
	return true;
}

bool sections_add(struct sections *x, const struct policy_section *s)
{
	size_t place = place_of(x, s->kind, s->name, true);
	struct section *more = realloc(x->at, (x->count + 1) * sizeof *more);
	struct section new;

	if (!more)
		return false;
	x->at = more;
	if (!section_copy(s, &new))
		return false;
	memmove(&x->at[place + 1], &x->at[place], (x->count - place) * sizeof *more);
	x->at[place] = new;
	x->count++;
	x->from_ns = x->until_ns = 0; /* the next tick looks */
	return true;
}

void sections_done(struct sections *x)
{
	for (size_t i = 0; i < x->count; i++)
		section_done(&x->at[i]);
	free(x->at);
}

bool sections_tick(struct sections *x, int64_t now_ns)
{
	bool changed = false;

	if (x->from_ns <= now_ns && now_ns < x->until_ns)
		return false;
	x->from_ns = now_ns;
	x->until_ns = INT64_MAX;
	for (size_t i = 0; i < x->count; i++) {
		struct section *s = &x->at[i];
		int64_t until;
		bool holds = schedule_holds(&s->said.when, now_ns, &until);

		changed |= holds != s->holds;
		s->holds = holds;
		if (until < x->until_ns)
			x->until_ns = until;
	}
	return changed;
}

/* Is word one of those between the commas? */
static bool is_among(const char *list, const char *word)
{
	size_t n = word ? strlen(word) : 0;

	while (n && *list) {
		size_t len = strcspn(list, ",");

		if (len == n && !memcmp(list, word, n))
			return true;
		list += len + (list[len] == ',');
		list += strspn(list, " ");
	}
	return false;
}

static bool says(const struct policy_section *s, enum says what)
{
	switch (what) {
	case SAYS_ACTION:
		return s->action != POLICY_OPEN;
	case SAYS_DNS:
		return s->dns != HOW_NONE;
	case SAYS_TCP:
		return s->tcp != HOW_NONE;
	case SAYS_UDP:
		return s->udp != HOW_NONE;
	case SAYS_TTL:
		return s->answer_ttl_s;
	case SAYS_ANYTHING:
		break;
	}
	return true;
}

const struct section *sections_find(const struct sections *x, enum policy_kind kind,
				    const char *name, const char *device, enum says what)
{
	if (!name || !x->count)
		return NULL;
	for (size_t i = place_of(x, kind, name, false);
	     i < x->count && !compare(&x->at[i], kind, name); i++) {
		const struct section *s = &x->at[i];

		if (s->holds && says(&s->said, what) &&
		    (!s->said.only || is_among(s->said.only, device) ||
		     is_among(s->said.only, sections_group(x, device))))
			return s;
	}
	return NULL;
}

const struct section *sections_find_name(const struct sections *x, enum policy_kind kind,
					 const struct name *name, const char *device,
					 enum says what)
{
	const struct section *s = NULL;

	for (const char *at = name->text; *at && !s && x->count; at = name_parent(at))
		s = sections_find(x, kind, at, device, what);
	return s;
}

bool sections_has(const struct sections *x, enum policy_kind kind, const char *name)
{
	size_t i = place_of(x, kind, name, false);

	return i < x->count && !compare(&x->at[i], kind, name);
}

/* Not only while it holds: who belongs to whom is no matter of time. */
const char *sections_group(const struct sections *x, const char *device)
{
	size_t i;

	if (!device || !x->count)
		return NULL;
	i = place_of(x, POLICY_DEVICE, device, false);
	if (i == x->count || compare(&x->at[i], POLICY_DEVICE, device))
		return NULL;
	return x->at[i].said.group;
}
