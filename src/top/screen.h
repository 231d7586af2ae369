/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands where, for any size: cells of printable ASCII, each with its style. Pure. */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "top/top.h"

enum style { STYLE_PLAIN, STYLE_TITLE, STYLE_SELECTED, STYLE_BLOCK, STYLE_LOG, STYLE_DIM };

struct screen {
	int rows, cols;
	char *cell; /* rows * cols */
	uint8_t *style;
};

/* Another size; its cells are blank. 0 or -ENOMEM (nothing has changed). */
int screen_resize(struct screen *s, int rows, int cols);
void screen_done(struct screen *s);
/* Draws it whole. Verdicts are words: styles only stress what can be read without them. */
void screen_draw(struct screen *s, const struct top *t);

/* Which lines go to what; 0 = none. Each block has a title line besides. */
struct screen_layout {
	int header, devices, names, log;
};
struct screen_layout screen_layout(int rows);

#endif
