/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys, the rows they select from, and what is told about one. */
#define _GNU_SOURCE /* strcasestr */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tacet.h"
#include "top/top.h"

enum { PAGE = 10 };

const char *top_sort_name(enum top_sort s)
{
	static const char *const names[SORTS] = { "contacts", "per minute", "blocked", "name" };

	return names[s];
}

bool top_is_paused(const struct top *t)
{
	char until[40];

	return t->feed->stats.len &&
	       tacet_field(t->feed->stats.at, "paused_until", until, sizeof(until)) > 0;
}

static int descending(uint64_t a, uint64_t b)
{
	return a == b ? 0 : a < b ? 1 : -1;
}

static int by_rate(const void *a, const void *b)
{
	const struct model_row *x = a, *y = b;
	int d = descending(x->per_minute, y->per_minute);

	return d ? d : descending(x->contacts, y->contacts);
}

static int by_blocked(const void *a, const void *b)
{
	const struct model_row *x = a, *y = b;
	int d = descending(x->blocked + x->logged, y->blocked + y->logged);

	return d ? d : descending(x->contacts, y->contacts);
}

static int by_name(const void *a, const void *b)
{
	const struct model_row *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	return d ? d : strcmp(x->device, y->device);
}

static bool is_shown(const struct top *t, enum top_pane pane, const struct model_row *r)
{
	if (t->only_blocked && !r->blocked && !r->logged)
		return false;
	return pane == PANE_DEVICES || !*t->filter || strcasestr(r->name, t->filter);
}

struct model_row *top_rows(const struct top *t, enum top_pane pane, size_t *out_n)
{
	/* SORT_CONTACTS: as the model gives them. Devices have no names. */
	static int (*const order[SORTS])(const void *, const void *) = { NULL, by_rate, by_blocked,
									 by_name };
	enum model_table table = pane == PANE_DEVICES ? MODEL_DEVICES : MODEL_NAMES;
	const char *device = pane == PANE_NAMES && *t->device ? t->device : NULL;
	size_t all, n = 0;
	struct model_row *r = model_rows(t->feed->model, table, device, NULL, t->now_ms, &all);

	if (!r)
		return NULL;
	for (size_t i = 0; i < all; i++)
		if (is_shown(t, pane, &r[i]))
			r[n++] = r[i];
	if (order[t->sort])
		qsort(r, n, sizeof(*r), order[t->sort]);
	*out_n = n;
	return r;
}

/* Moves the selection of the pane in use; with 0 only back into the rows there are. */
static void move(struct top *t, int by)
{
	size_t n = 0, *at = &t->selected[t->pane];
	struct model_row *rows = top_rows(t, t->pane, &n);

	free(rows);
	if (*at >= n)
		*at = n ? n - 1 : 0;
	if (by < 0)
		*at -= *at < (size_t)-by ? *at : (size_t)-by;
	else if (n)
		*at = n - 1 - *at < (size_t)by ? n - 1 : *at + (size_t)by;
}

bool top_selected_name(const struct top *t, char name[static 256], char device[static 64])
{
	size_t n, at = t->selected[PANE_NAMES];
	struct model_row *rows = top_rows(t, PANE_NAMES, &n);
	bool found = rows && n;

	if (found) {
		at = at < n ? at : n - 1;
		snprintf(name, 256, "%s", rows[at].name);
		snprintf(device, 64, "%s", rows[at].device);
	}
	free(rows);
	return found;
}

/* Of the names those of the selected device alone; again: all. */
static void choose_device(struct top *t)
{
	size_t n = 0, at = t->selected[PANE_DEVICES];
	struct model_row *rows = top_rows(t, PANE_DEVICES, &n);

	if (*t->device)
		*t->device = '\0';
	else if (rows && n)
		snprintf(t->device, sizeof(t->device), "%s", rows[at < n ? at : n - 1].device);
	t->selected[PANE_NAMES] = 0;
	free(rows);
}

static enum top_action prompt_key(struct top *t, int key)
{
	size_t n = strlen(t->filter);

	static const enum top_action actions[] = { [PROMPT_PAUSE] = TOP_PAUSE,
						   [PROMPT_PAUSE_DEVICE] = TOP_PAUSE_DEVICE,
						   [PROMPT_ALLOW] = TOP_ALLOW };

	if (t->prompt != PROMPT_FILTER) {
		enum top_action action = actions[t->prompt];

		t->prompt = PROMPT_NONE;
		return key == 'y' || key == 'Y' ? action : TOP_NOTHING;
	}
	if (key == '\n' || key == '\r') {
		t->prompt = PROMPT_NONE;
	} else if (key == 27) {
		t->prompt = PROMPT_NONE;
		*t->filter = '\0';
	} else if (key == TOP_BACKSPACE || key == 127 || key == 8) {
		t->filter[n ? n - 1 : 0] = '\0';
	} else if (key > ' ' && key < 127 && n + 1 < sizeof(t->filter)) {
		t->filter[n] = (char)key;
		t->filter[n + 1] = '\0';
	}
	t->selected[PANE_NAMES] = 0;
	return TOP_NOTHING;
}

/* Rules know devices by their name in the configuration, not by an address or a pseudonym. */
static bool is_configured(const char *device)
{
	return *device && !strchr(device, ':') && strspn(device, "0123456789.") < strlen(device) &&
	       !(strlen(device) == 13 && !strncmp(device, "device-", 7) &&
		 strspn(device + 7, "0123456789abcdef") == 6);
}

static void ask_allow(struct top *t)
{
	if (!top_selected_name(t, t->asked_name, t->asked_device))
		return;
	if (!is_configured(t->asked_device))
		*t->asked_device = '\0';
	t->prompt = PROMPT_ALLOW;
}

/* The device of the selected row, in either pane. */
static void ask_pause_device(struct top *t)
{
	size_t n, at = t->selected[t->pane];
	struct model_row *rows = top_rows(t, t->pane, &n);

	*t->asked_device = '\0';
	if (rows && n)
		snprintf(t->asked_device, sizeof(t->asked_device), "%s",
			 rows[at < n ? at : n - 1].device);
	free(rows);
	if (is_configured(t->asked_device))
		t->prompt = PROMPT_PAUSE_DEVICE;
	else
		snprintf(t->message, sizeof(t->message),
			 "only devices with a name in tacet.conf can be paused by themselves");
}

static enum top_action plain_key(struct top *t, int key)
{
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case '\t':
		t->pane = t->pane == PANE_NAMES ? PANE_DEVICES : PANE_NAMES;
		break;
	case TOP_UP:
	case 'k':
		move(t, -1);
		break;
	case TOP_DOWN:
	case 'j':
		move(t, 1);
		break;
	case TOP_PAGE_UP:
		move(t, -PAGE);
		break;
	case TOP_PAGE_DOWN:
		move(t, PAGE);
		break;
	case 's':
		t->sort = (enum top_sort)((t->sort + 1) % SORTS);
		break;
	case '/':
	case 'f':
		t->prompt = PROMPT_FILTER;
		break;
	case 'd':
		choose_device(t);
		break;
	case 'b':
		t->only_blocked = !t->only_blocked;
		break;
	case ' ':
		t->is_frozen = true;
		break;
	case 'p':
		if (top_is_paused(t))
			return TOP_RESUME;
		t->prompt = PROMPT_PAUSE;
		break;
	case 'r':
		return TOP_RESUME;
	case 'P':
		ask_pause_device(t);
		break;
	case 'a':
		ask_allow(t);
		break;
	case '\n':
	case '\r':
		if (t->pane == PANE_NAMES)
			return TOP_EXPLAIN;
		choose_device(t);
		break;
	case 'e':
		return TOP_EXPLAIN;
	case 'h':
	case '?':
		t->show_help = true;
		break;
	}
	move(t, 0);
	return TOP_NOTHING;
}

enum top_action top_key(struct top *t, int key)
{
	bool covers = t->show_help || t->told.len;

	*t->message = '\0';
	t->show_help = false;
	text_clear(&t->told);
	if (t->is_frozen) {
		t->is_frozen = key != ' ' && key != 'q';
		return key == 'q' ? TOP_QUIT : TOP_NOTHING;
	}
	if (t->prompt != PROMPT_NONE)
		return prompt_key(t, key);
	/* What covers the names goes with any key, and the key with it. */
	return covers && key != 'q' ? TOP_NOTHING : plain_key(t, key);
}

static void tell(struct text *out, const char *answer, const char *label, const char *path)
{
	char value[300];

	if (tacet_field(answer, path, value, sizeof(value)) <= 0)
		return;
	text_printf(out, "%-9s ", label);
	text_escaped(out, value, strlen(value));
	text_str(out, "\n");
}

void top_tell(struct top *t, const char *answer)
{
	static const char *const fields[][2] = {
		{ "name", "name" },    { "verdict", "verdict" }, { "reason", "reason" },
		{ "app", "app" },      { "role", "role" },	 { "list", "list" },
		{ "rule", "rule" },    { "section", "section" }, { "dns", "wire.dns" },
		{ "tcp", "wire.tcp" }, { "udp", "wire.udp" },	 { "breaks", "breaks" },
	};

	text_clear(&t->told);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		tell(&t->told, answer, fields[i][0], fields[i][1]);
}

void top_json(const struct top *t, struct text *out)
{
	static const char *const tables[MODEL_TABLES] = { "devices", "apps", "names" };

	json_object_begin(out, NULL);
	json_time(out, "time", t->now_ms * 1000000);
	if (t->feed->stats.len) {
		text_printf(out, ",\"stats\":%s", t->feed->stats.at);
		out->comma = true;
	}
	for (int m = 0; m < MODEL_TABLES; m++) {
		json_array_begin(out, tables[m]);
		model_rows_json(t->feed->model, (enum model_table)m, NULL, NULL, SIZE_MAX,
				t->now_ms, out);
		json_array_end(out);
	}
	json_object_end(out);
	json_newline(out);
}
