/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is told of the lists in force: those of the compiled index with their past, or, where there
 * is none, what was read into memory. */
#include <string.h>

#include "base/log.h"
#include "daemon/daemon.h"

uint64_t daemon_lists_in(const struct daemon *d, const char *state)
{
	uint64_t n = 0;

	for (size_t i = 0; i < d->compiled.count; i++)
		n += !strcmp(compiled_state(&d->compiled.at[i]), state);
	return n;
}

void daemon_lists_age(const struct daemon *d, uint64_t *out_generation, uint64_t *out_changed_s)
{
	*out_generation = *out_changed_s = 0;
	for (size_t i = 0; i < d->compiled.count; i++) {
		const struct compiled_list *l = &d->compiled.at[i];

		*out_generation += l->generation;
		if (l->since > 0 && (uint64_t)l->since > *out_changed_s)
			*out_changed_s = (uint64_t)l->since;
	}
}

static void in_memory_json(const struct lists *lists, uint16_t number, struct text *out)
{
	const struct list_counts *c = lists_counts(lists, number);
	const struct list_source *source = lists_source(lists, number);
	uint64_t skipped = 0;

	for (int s = LIST_SKIP_BLANK + 1; s < LIST_SKIPS; s++)
		skipped += c->skipped[s];
	json_str(out, "name", source->name);
	json_str(out, "file", source->path);
	json_str(out, "format", list_format_name(source->format));
	json_str(out, "state", "ok");
	json_u64(out, "rules", c->rules);
	json_u64(out, "lines", c->lines);
	json_u64(out, "skipped", skipped);
}

void daemon_lists_json(const struct daemon *d, struct text *out)
{
	const struct lists *lists = policy_lists(d->policy);
	size_t count = d->compiled.count ? d->compiled.count : lists_count(lists);

	json_array_begin(out, "lists");
	for (size_t i = 0; i < count; i++) {
		const struct compiled_list *l = d->compiled.count ? &d->compiled.at[i] : NULL;

		json_object_begin(out, NULL);
		if (!l) {
			in_memory_json(lists, (uint16_t)i, out);
		} else {
			/* The rest is told by `lists`: an answer of one line has an end. */
			json_str(out, "name", l->name);
			json_str(out, "file", l->file);
			json_str(out, "state", compiled_state(l));
			json_str(out, "why", update_why_name(l->why));
			json_u64(out, "rules", l->rules);
			json_u64(out, "lines", l->lines);
			json_u64(out, "skipped", l->skipped);
		}
		json_object_end(out);
	}
	json_array_end(out);
}

static void trouble(const struct compiled_list *l, struct text *out)
{
	text_printf(out, "list %s: %s: %s; %s", l->name, update_why_name(l->why), l->said,
		    *l->sha256 ? "the old one stays" : "it is left out");
}

void daemon_lists_trouble(const struct daemon *d, struct text *out)
{
	struct text t = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < d->compiled.count; i++)
		if (d->compiled.at[i].why && !n++)
			trouble(&d->compiled.at[i], &t);
	if (n > 1)
		text_printf(&t, "; and %zu more: `tacet lists show`", n - 1);
	json_str(out, "trouble", n ? t.at : NULL);
	text_done(&t);
}

void daemon_lists_log(const struct daemon *d)
{
	struct text t = { 0 };

	for (size_t i = 0; i < d->compiled.count; i++) {
		if (!d->compiled.at[i].why)
			continue;
		text_clear(&t);
		trouble(&d->compiled.at[i], &t);
		if (!t.failed)
			log_warning("%s", t.at);
	}
	text_done(&t);
}

int daemon_lists(void *ctx, void (*line)(void *to, const struct text *object), void *to)
{
	const struct daemon *d = ctx;
	const struct lists *lists = policy_lists(d->policy);
	size_t count = d->compiled.count ? d->compiled.count : lists_count(lists);
	struct text t = { 0 };

	for (size_t i = 0; i < count; i++) {
		text_clear(&t);
		json_object_begin(&t, NULL);
		if (d->compiled.count)
			compiled_list_json(&d->compiled.at[i], &t);
		else
			in_memory_json(lists, (uint16_t)i, &t);
		json_object_end(&t);
		line(to, &t);
	}
	text_done(&t);
	return 0;
}
