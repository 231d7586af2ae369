/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet top: what is shown and what keys change of it. Pure: no terminal here. */
#ifndef TOP_TOP_H
#define TOP_TOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "view/feed.h"

enum top_pane { PANE_NAMES, PANE_DEVICES, PANES };
enum top_sort { SORT_CONTACTS, SORT_RATE, SORT_BLOCKED, SORT_NAME, SORTS };
/* What the last line asks, if anything. */
enum top_prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_PAUSE, PROMPT_PAUSE_DEVICE, PROMPT_ALLOW };
/* What the loop has to do about a key. */
enum top_action {
	TOP_NOTHING,
	TOP_QUIT,
	TOP_PAUSE,	  /* for all */
	TOP_PAUSE_DEVICE, /* of t->asked_device */
	TOP_RESUME,
	TOP_ALLOW, /* t->asked_name, on t->asked_device alone if that is not "" */
	TOP_EXPLAIN
};

/* Keys beside those that are their character. */
enum top_key { TOP_UP = 256, TOP_DOWN, TOP_PAGE_UP, TOP_PAGE_DOWN, TOP_BACKSPACE };

struct top {
	const struct feed *feed;
	int64_t now_ms;
	enum top_pane pane;
	enum top_sort sort;
	enum top_prompt prompt;
	bool only_blocked, is_frozen, show_help;
	size_t selected[PANES];
	char device[64]; /* only this one, "" = all */
	char filter[64]; /* what names have to contain */
	/* What the question is about: as it was selected when it was asked. */
	char asked_name[256], asked_device[64];
	char message[160]; /* in the last line until the next key */
	struct text told;  /* shown over the names until the next key */
};

enum top_action top_key(struct top *t, int key);

/* The rows of a pane as shown: filtered, sorted. The array is the caller's, its texts the model's
 * until it changes. NULL without memory. */
struct model_row *top_rows(const struct top *t, enum top_pane pane, size_t *out_n);
const char *top_sort_name(enum top_sort s);
bool top_is_paused(const struct top *t);

/* The name and device of the selected name. False if there is none. */
bool top_selected_name(const struct top *t, char name[static 256], char device[static 64]);
/* The answer to `explain` as lines. */
void top_tell(struct top *t, const char *answer);

/* The screen as JSON, for scripts: stats, devices, apps, names. */
void top_json(const struct top *t, struct text *out);

#endif
