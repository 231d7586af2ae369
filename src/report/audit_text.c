/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sentences under the table of an audit, and its summary record. */
#include "report/audit_text.h"

#include <inttypes.h>
#include <string.h>

#include "report/counters.h"

static void put_count(struct text *t, uint64_t n, const char *one)
{
	text_printf(t, "%" PRIu64 " %s%s", n, one, n == 1 ? "" : "s");
}

/* Words go to the next line where they would pass the width. */
static void put_folded(const struct text *sentence, unsigned width, struct text *out)
{
	size_t column = 0;
	const char *at = sentence->len ? sentence->at : "";

	while (*at) {
		size_t word = strcspn(at, " ");

		if (column && width && column + 1 + word > width) {
			text_str(out, "\n");
			column = 0;
		}
		if (column) {
			text_str(out, " ");
			column++;
		}
		text_put(out, at, word);
		column += word;
		at += word;
		at += strspn(at, " ");
	}
	text_str(out, "\n");
	if (sentence->failed)
		out->failed = true;
}

static void put_totals(const struct audit *a, const struct audit_figures *f, struct text *t)
{
	put_count(t, f->devices, "device");
	text_str(t, ", ");
	put_count(t, f->apps, "app");
	text_str(t, ", ");
	put_count(t, f->names, "name");
	text_str(t, "; ");
	put_count(t, a->total.flows, "flow");
	text_str(t, ", ");
	put_count(t, a->total.questions, "question");
	text_str(t, "; ");
	text_bytes(t, a->total.bytes_out);
	text_str(t, " up, ");
	text_bytes(t, a->total.bytes_in);
	text_str(t, " down.");
}

static bool put_roles(const struct audit *a, const struct audit_figures *f, struct text *t)
{
	const char *sep = "By role: ";

	for (int r = ROLE_NONE + 1; r < ROLES; r++) {
		if (!f->names_by_role[r])
			continue;
		text_printf(t, "%s%s ", sep, role_name((enum role)r));
		put_count(t, f->names_by_role[r], "name");
		text_str(t, ", ");
		text_bytes(t, a->by_role[r].bytes_out);
		text_str(t, " up");
		sep = "; ";
	}
	text_str(t, ".");
	return *sep == ';';
}

static void put_frames(const struct engine_counters *c, struct text *t)
{
	const char *sep = "; not looked into: ";

	put_count(t, c->frames, "frame");
	for (int r = DECODE_OK + 1; r < DECODE_RESULTS; r++)
		if (c->decode[r]) {
			text_printf(t, "%s%" PRIu64 " %s", sep, c->decode[r],
				    decode_result_name((enum decode_result)r));
			sep = ", ";
		}
	text_str(t, ".");
	if (c->flows_evicted) {
		text_str(t, " ");
		put_count(t, c->flows_evicted, "flow");
		text_str(t, " ended early: the flow table was full.");
	}
}

/* What goes round DNS, or hides what it asks for. */
static bool put_around(const struct audit *a, const struct audit_figures *f, struct text *t)
{
	const char *sep = "Around DNS: ";

	if (f->names_bypassing) {
		text_str(t, sep);
		put_count(t, f->names_bypassing, "name");
		text_str(t, " of encrypted resolvers or relays (bypass)");
		sep = "; ";
	}
	if (a->hidden) {
		text_str(t, sep);
		put_count(t, a->hidden, "flow");
		text_str(t, " with a hidden name (ech)");
		sep = "; ";
	}
	text_str(t, ".");
	return *sep == ';';
}

static void put_shortfall(const struct audit *a, struct text *t)
{
	if (a->over) {
		put_count(t, a->over, "record");
		text_printf(t, " under (others): there is room for %zu rows.", a->max_rows);
	}
	if (a->unrecorded) {
		text_str(t, a->over ? " " : "");
		put_count(t, a->unrecorded, "record");
		text_str(t, " in the totals alone: out of memory.");
	}
}

void audit_conclusion(const struct audit *a, const struct audit_figures *f, struct text *t)
{
	if (!a->total.flows && !a->total.questions) {
		text_str(t, "Nothing was seen: no flow and no DNS question.");
		return;
	}
	if (!f->names_phoning) {
		text_str(t, "Nothing known phones home");
	} else if (f->apps_phoning) {
		text_printf(t, "%zu of ", f->apps_phoning);
		put_count(t, f->apps, "app");
		text_printf(t, " phone%s home: ", f->apps_phoning == 1 ? "s" : "");
		put_count(t, f->names_phoning, "name");
	} else {
		put_count(t, f->names_phoning, "name");
		text_str(t, " of no known app");
	}
	if (f->names_phoning) {
		text_str(t, ", ");
		text_bytes(t, f->bytes_phoning);
		text_str(t, " up");
	}
	text_str(t, "; ");
	put_count(t, f->names_blocked, "name");
	text_str(t, " would be blocked.");
}

void audit_closing(const struct audit *a, const struct audit_figures *f,
		   const struct engine_counters *c, unsigned width, struct text *out)
{
	struct text t = { 0 };

	put_totals(a, f, &t);
	put_folded(&t, width, out);
	text_clear(&t);
	if (put_roles(a, f, &t))
		put_folded(&t, width, out);
	text_clear(&t);
	if (put_around(a, f, &t))
		put_folded(&t, width, out);
	text_clear(&t);
	if (c) {
		put_frames(c, &t);
		put_folded(&t, width, out);
		text_clear(&t);
	}
	put_shortfall(a, &t);
	if (t.len)
		put_folded(&t, width, out);
	text_clear(&t);
	audit_conclusion(a, f, &t);
	put_folded(&t, width, out);
	text_done(&t);
}

static void put_sum(struct text *t, const char *key, const struct audit_sum *sum, size_t names)
{
	json_object_begin(t, key);
	json_u64(t, "names", names);
	json_u64(t, "flows", sum->flows);
	json_u64(t, "questions", sum->questions);
	json_u64(t, "bytes_out", sum->bytes_out);
	json_u64(t, "bytes_in", sum->bytes_in);
	json_object_end(t);
}

static bool sum_is_empty(const struct audit_sum *sum)
{
	return !sum->flows && !sum->questions;
}

static void put_sums(const struct audit *a, const struct audit_figures *f, struct text *t)
{
	json_object_begin(t, "by_role");
	for (int r = ROLE_NONE; r < ROLES; r++) {
		const char *role = role_name((enum role)r);

		if (!sum_is_empty(&a->by_role[r]))
			put_sum(t, role ? role : "none", &a->by_role[r], f->names_by_role[r]);
	}
	json_object_end(t);
	json_object_begin(t, "by_verdict");
	for (int k = VERDICT_ALLOW; k <= VERDICT_BLOCK; k++)
		if (!sum_is_empty(&a->by_kind[k]))
			put_sum(t, verdict_kind_name((enum verdict_kind)k), &a->by_kind[k],
				f->names_by_kind[k]);
	json_object_end(t);
}

static void put_counters(struct text *t, const struct engine_counters *c)
{
	struct figure_set set = { 0 };

	if (figures_engine(&set, c)) {
		json_object_begin(t, "counters");
		figures_json(&set, t);
		json_object_end(t);
	} else {
		t->failed = true;
	}
	figures_done(&set);
}

void audit_summary_json(const struct audit *a, const struct engine_counters *c, struct text *out)
{
	struct audit_figures f;

	if (!audit_figures(a, &f)) {
		out->failed = true;
		return;
	}
	json_object_begin(out, NULL);
	json_str(out, "type", "summary");
	if (a->total.flows || a->total.questions) {
		json_time(out, "first", a->first_ns);
		json_time(out, "last", a->last_ns);
	}
	json_u64(out, "devices", f.devices);
	json_u64(out, "apps", f.apps);
	json_u64(out, "apps_phoning", f.apps_phoning);
	json_u64(out, "names", f.names);
	json_u64(out, "names_phoning", f.names_phoning);
	json_u64(out, "names_blocked", f.names_blocked);
	json_u64(out, "names_bypassing", f.names_bypassing);
	json_u64(out, "bytes_phoning", f.bytes_phoning);
	json_u64(out, "bytes_blocked", f.bytes_blocked);
	json_u64(out, "hidden", a->hidden);
	json_u64(out, "flows", a->total.flows);
	json_u64(out, "questions", a->total.questions);
	json_u64(out, "bytes_out", a->total.bytes_out);
	json_u64(out, "bytes_in", a->total.bytes_in);
	json_u64(out, "over", a->over);
	json_u64(out, "unrecorded", a->unrecorded);
	put_sums(a, &f, out);
	if (c)
		put_counters(out, c);
	json_object_end(out);
}
