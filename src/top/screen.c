/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The blocks of the screen, into cells. */
#define _GNU_SOURCE /* strcasestr */
#include "top/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tacet.h"

enum { ROWS_LEAST = 5, COLS_LEAST = 40, ROWS_BLOCKS = 20 };

int screen_resize(struct screen *s, int rows, int cols)
{
	size_t n = (size_t)rows * (size_t)cols;
	char *cell = malloc(n ? n : 1);
	uint8_t *style = calloc(n ? n : 1, 1);

	if (!cell || !style) {
		free(cell);
		free(style);
		return -ENOMEM;
	}
	memset(cell, ' ', n);
	screen_done(s);
	*s = (struct screen){ .rows = rows, .cols = cols, .cell = cell, .style = style };
	return 0;
}

void screen_done(struct screen *s)
{
	free(s->cell);
	free(s->style);
	*s = (struct screen){ 0 };
}

struct screen_layout screen_layout(int rows)
{
	struct screen_layout l = { .header = rows < ROWS_BLOCKS ? 2 : 3 };
	int left = rows - l.header - 1; /* the last line is for keys */

	if (rows >= ROWS_BLOCKS) {
		l.devices = left / 7;
		l.log = left / 4;
		left -= l.devices + 1 + l.log + 1;
	}
	l.names = left > 1 ? left - 1 : 0;
	return l;
}

static void style(struct screen *s, int row, int col, int width, enum style as)
{
	for (int i = col; i < col + width && i < s->cols; i++)
		s->style[row * s->cols + i] = (uint8_t)as;
}

enum fit { FIT_LEFT, FIT_RIGHT, FIT_END }; /* FIT_END: of what is too long, the end is shown */

/* Escaped, cut to width; '~' stands where something was cut. */
static void put(struct screen *s, int row, int col, int width, enum fit fit, const char *value)
{
	struct text t = { 0 };
	char *to = s->cell + row * s->cols + col;
	size_t room;
	const char *from;

	if (row >= s->rows || col >= s->cols)
		return;
	room = (size_t)(width < s->cols - col ? width : s->cols - col);
	text_escaped(&t, value, strlen(value));
	if (!t.len || t.failed || !room) {
		text_done(&t);
		return;
	}
	from = fit == FIT_END && t.len > room ? t.at + (t.len - room) : t.at;
	if (fit == FIT_RIGHT && t.len < room)
		to += room - t.len;
	memcpy(to, from, t.len < room ? t.len : room);
	if (t.len > room)
		to[fit == FIT_END ? 0 : room - 1] = '~';
	text_done(&t);
}

/* Of parts with two blanks between them those that fit, at least the first. */
static void keep_parts(char *text, int cols)
{
	char *end = NULL;

	if (strlen(text) <= (size_t)cols)
		return;
	for (char *at = strstr(text, "  "); at && at - text <= cols; at = strstr(at + 2, "  "))
		end = at;
	if (end)
		*end = '\0';
}

static void line(struct screen *s, int row, enum style as, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void line(struct screen *s, int row, enum style as, const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	put(s, row, 0, s->cols, FIT_LEFT, buf);
	if (row < s->rows)
		style(s, row, 0, s->cols, as);
}

/* The same, of parts with two blanks between them: those that fit. */
static void parts(struct screen *s, int row, enum style as, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void parts(struct screen *s, int row, enum style as, const char *fmt, ...)
{
	char buf[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	keep_parts(buf, s->cols);
	line(s, row, as, "%s", buf);
}

/* A figure of the stats as text; "-" where it is not told. */
static const char *stat_of(const struct top *t, const char *path, char buf[static 40])
{
	if (!t->feed->stats.len || tacet_field(t->feed->stats.at, path, buf, 40) <= 0)
		strcpy(buf, "-");
	return buf;
}

static void put_blocking(const struct top *t, char out[static 80])
{
	char until[40], mode[40];

	stat_of(t, "mode", mode);
	if (!top_is_paused(t))
		snprintf(out, 80, "%s", mode);
	else if (!strcmp(stat_of(t, "paused_until", until), "resume"))
		snprintf(out, 80, "%s, PAUSED until resumed", mode);
	else
		snprintf(out, 80, "%s, PAUSED until %.8s UTC", mode,
			 strlen(until) > 11 ? until + 11 : until);
}

static uint64_t number_of(const struct top *t, const char *path)
{
	char digits[40];

	return strtoull(stat_of(t, path, digits), NULL, 10);
}

static void put_age(uint64_t s, char out[static 40])
{
	static const struct {
		uint64_t s;
		const char *unit;
	} units[] = { { 2 * 86400, "d" }, { 2 * 3600, "h" }, { 120, "min" }, { 0, "s" } };
	static const uint64_t of[] = { 86400, 3600, 60, 1 };

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (s >= units[i].s) {
			snprintf(out, 40, "%llu %s", (unsigned long long)(s / of[i]),
				 units[i].unit);
			return;
		}
}

/* ", generation 5, 3 h old" where lists are compiled, and that is known. */
static void put_lists(const struct top *t, char out[static 80])
{
	uint64_t generation = number_of(t, "lists_generation"),
		 changed = number_of(t, "lists_changed_timestamp_seconds"),
		 now = (uint64_t)t->now_ms / 1000;
	char age[40];

	*out = '\0';
	if (!generation || !changed)
		return;
	put_age(now > changed ? now - changed : 0, age);
	snprintf(out, 80, ", generation %llu, %.10s old", (unsigned long long)generation, age);
}

static void draw_header(struct screen *s, const struct top *t, int lines)
{
	char blocking[80], lists[80], lost[40] = "", b[9][40];
	struct text memory = { 0 };

	if (!t->feed->stats.len) {
		line(s, 0, STYLE_TITLE, "tacet: no connection; trying again");
		return;
	}
	put_blocking(t, blocking);
	put_age(number_of(t, "uptime_s"), b[5]);
	parts(s, 0, top_is_paused(t) ? STYLE_LOG : STYLE_TITLE,
	      "tacet %s  privacy level %u, in memory alone  up %s  %s", blocking, t->feed->privacy,
	      b[5], stat_of(t, "backend", b[0]));
	if (t->feed->lost)
		snprintf(lost, sizeof(lost), "  %llu records lost",
			 (unsigned long long)t->feed->lost);
	parts(s, 1, STYLE_PLAIN,
	      "blocked %s  would %s%s  queue %s waiting, %s dropped  packets %s up, %s in kernel",
	      stat_of(t, "blocked", b[4]), stat_of(t, "logged", b[5]), lost,
	      stat_of(t, "queue_waiting", b[0]), stat_of(t, "queue_kernel_dropped", b[1]),
	      stat_of(t, "queue_packets", b[2]), stat_of(t, "kept_packets", b[3]));
	if (lines < 3)
		return;
	text_bytes(&memory, number_of(t, "memory_bytes"));
	put_lists(t, lists);
	parts(s, 2, STYLE_PLAIN, "memory %s  rules %s%s  flows %s  questions %s",
	      memory.len ? memory.at : "-", stat_of(t, "rules", b[1]), lists,
	      stat_of(t, "flows_now", b[3]), stat_of(t, "questions", b[4]));
	text_done(&memory);
}

enum what { NAME, DEVICE, APP, ROLE, VERDICT, RATE, CONTACTS, BLOCKED, UP, RULE };
struct column {
	const char *title;
	enum what what;
	int width;    /* 0 = what is left, of one column */
	int min_cols; /* shown on screens as wide as that, */
	int max_cols; /* and not on wider ones; 0 = on all */
	enum fit fit;
};

static const struct column name_columns[] = {
	{ "NAME", NAME, 0, 0, 0, FIT_END },	 { "DEVICE", DEVICE, 16, 100, 0, FIT_LEFT },
	{ "APP", APP, 9, 70, 109, FIT_LEFT },	 { "APP", APP, 15, 110, 0, FIT_LEFT },
	{ "ROLE", ROLE, 9, 0, 0, FIT_LEFT },	 { "VERDICT", VERDICT, 7, 0, 0, FIT_LEFT },
	{ "/MIN", RATE, 4, 0, 0, FIT_RIGHT },	 { "COUNT", CONTACTS, 6, 90, 0, FIT_RIGHT },
	{ "RULE", RULE, 17, 70, 129, FIT_LEFT }, { "RULE", RULE, 30, 130, 0, FIT_LEFT },
};
static const struct column device_columns[] = {
	{ "DEVICE", DEVICE, 0, 0, 0, FIT_LEFT },    { "CONTACTS", CONTACTS, 8, 0, 0, FIT_RIGHT },
	{ "BLOCKED", BLOCKED, 8, 0, 0, FIT_RIGHT }, { "/MIN", RATE, 5, 0, 0, FIT_RIGHT },
	{ "UP", UP, 9, 70, 0, FIT_RIGHT },
};

static bool is_shown(const struct screen *s, const struct column *c)
{
	return s->cols >= c->min_cols && (!c->max_cols || s->cols <= c->max_cols);
}

static void put_value(struct text *out, const struct model_row *r, enum what what)
{
	const char *verdict = view_verdict_name(r->verdict);

	switch (what) {
	case NAME:
		text_str(out, r->name);
		break;
	case DEVICE:
		text_str(out, *r->device ? r->device : "-");
		break;
	case APP:
		text_str(out, *r->app ? r->app : "-");
		break;
	case ROLE:
		text_str(out, *r->role ? r->role : "-");
		break;
	case VERDICT:
		text_str(out, verdict ? verdict : "-");
		break;
	case RULE:
		text_str(out, *r->rule ? r->rule : "-");
		break;
	case RATE:
		text_printf(out, "%llu", (unsigned long long)r->per_minute);
		break;
	case CONTACTS:
		text_printf(out, "%llu", (unsigned long long)r->contacts);
		break;
	case BLOCKED:
		text_printf(out, "%llu", (unsigned long long)(r->blocked + r->logged));
		break;
	case UP:
		text_bytes(out, r->bytes_out);
		break;
	}
}

/* r NULL: the titles. */
static void draw_row(struct screen *s, int row, const struct column *c, size_t columns,
		     const struct model_row *r)
{
	struct text value = { 0 };
	int left = s->cols + 1, col = 0;

	for (size_t i = 0; i < columns; i++)
		if (is_shown(s, &c[i]))
			left -= c[i].width + 1;
	for (size_t i = 0; i < columns; i++) {
		int width = c[i].width ? c[i].width : left;

		if (!is_shown(s, &c[i]))
			continue;
		text_clear(&value);
		if (r)
			put_value(&value, r, c[i].what);
		else
			text_str(&value, c[i].title);
		if (value.len)
			put(s, row, col, width, c[i].fit == FIT_END && !r ? FIT_LEFT : c[i].fit,
			    value.at);
		col += width + 1;
	}
	text_done(&value);
}

static enum style style_of(enum record_verdict v)
{
	switch (v) {
	case RECORD_BLOCK:
		return STYLE_BLOCK;
	case RECORD_LOG:
		return STYLE_LOG;
	case RECORD_ALLOW:
	case RECORD_NO_VERDICT:
		break;
	}
	return STYLE_PLAIN;
}

/* The title and `lines` rows, such that the selected one is among them. */
static void draw_table(struct screen *s, const struct top *t, enum top_pane pane, int row,
		       int lines)
{
	bool names = pane == PANE_NAMES;
	const struct column *c = names ? name_columns : device_columns;
	size_t columns =
		names ? sizeof(name_columns) / sizeof(*c) : sizeof(device_columns) / sizeof(*c);
	size_t n = 0, at = t->selected[pane], first;
	struct model_row *rows = top_rows(t, pane, &n);

	draw_row(s, row, c, columns, NULL);
	style(s, row, 0, s->cols, STYLE_TITLE);
	if (at >= n)
		at = n ? n - 1 : 0;
	first = at >= (size_t)lines ? at - (size_t)lines + 1 : 0;
	for (size_t i = first; i < n && i < first + (size_t)lines; i++) {
		int to = row + 1 + (int)(i - first);

		draw_row(s, to, c, columns, &rows[i]);
		style(s, to, 0, s->cols, names ? style_of(rows[i].verdict) : STYLE_PLAIN);
		if (i != at || pane != t->pane)
			continue;
		style(s, to, 0, s->cols, STYLE_SELECTED);
	}
	if (!n)
		line(s, row + 1, STYLE_DIM, "%s", names ? "no names yet" : "no devices yet");
	free(rows);
}

static void draw_log(struct screen *s, const struct top *t, int row, int lines)
{
	const struct view_log *l = t->feed->log;
	int at = row + lines;

	line(s, row, STYLE_TITLE, "LAST DECISIONS, newest below");
	for (uint64_t n = view_log_next(l); n-- > view_log_first(l) && at > row;) {
		const struct log_entry *e = view_log_at(l, n);
		const char *verdict = e ? view_verdict_name(e->verdict) : NULL;
		time_t when = e ? (time_t)(e->at_ms / 1000) : 0;
		char clock[16] = "";
		struct tm tm;

		if (!e || (*t->device && strcmp(t->device, e->device)) ||
		    (*t->filter && !strcasestr(e->name, t->filter)) ||
		    (t->only_blocked && style_of(e->verdict) == STYLE_PLAIN))
			continue;
		if (localtime_r(&when, &tm))
			strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
		put(s, at, 0, 8, FIT_LEFT, clock);
		put(s, at, 9, 5, FIT_LEFT, verdict ? verdict : "-");
		put(s, at, 15, 4, FIT_LEFT, e->type == RECORD_DNS ? "dns" : "flow");
		put(s, at, 20, 15, FIT_LEFT, *e->device ? e->device : "-");
		put(s, at, 36, s->cols - 36, FIT_END, e->name);
		style(s, at--, 0, s->cols, style_of(e->verdict));
	}
}

static const char help[] =
	"tab    names or devices        up down  select\n"
	"enter  explain the name, or show the names of the device alone\n"
	"e      explain the name        d        the selected device alone, or all\n"
	"s      sort by contacts, contacts a minute, blocked, name\n"
	"f /    only names with this text; escape ends it\n"
	"b      only what was blocked, or would have been\n"
	"space  hold the picture        p        pause blocking for 5 minutes, or resume\n"
	"a      allow the name for 1 h  P        pause for the selected device alone\n"
	"q      end                     r        end all pauses, and what was allowed\n";

/* In place of the names: text in lines. */
static void draw_over(struct screen *s, const char *text, int row, int lines)
{
	for (int i = row; i <= row + lines; i++) {
		size_t n = strcspn(text, "\n");

		memset(s->cell + i * s->cols, ' ', (size_t)s->cols);
		line(s, i, STYLE_PLAIN, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void draw_footer(struct screen *s, const struct top *t)
{
	int row = s->rows - 1;

	if (t->is_frozen)
		line(s, row, STYLE_SELECTED, "held; space goes on");
	else if (t->prompt == PROMPT_FILTER)
		line(s, row, STYLE_SELECTED, "only names with: %s_", t->filter);
	else if (t->prompt == PROMPT_PAUSE)
		line(s, row, STYLE_SELECTED, "Block nothing for 5 minutes, for all devices? y/n");
	else if (t->prompt == PROMPT_PAUSE_DEVICE)
		line(s, row, STYLE_SELECTED, "Block nothing of %s for 5 minutes? y/n",
		     t->asked_device);
	else if (t->prompt == PROMPT_ALLOW && *t->asked_device)
		line(s, row, STYLE_SELECTED, "Let %s reach %s for an hour? y/n", t->asked_device,
		     t->asked_name);
	else if (t->prompt == PROMPT_ALLOW)
		line(s, row, STYLE_SELECTED, "Allow %s for an hour, on all devices? y/n",
		     t->asked_name);
	else if (*t->message)
		line(s, row, STYLE_SELECTED, "%s", t->message);
	else
		parts(s, row, STYLE_DIM,
		      "h help  p pause  a allow  tab devices  b%s  s sort: %s  d device: %s  "
		      "f filter: %s  q quit",
		      t->only_blocked ? " blocked alone" : " all", top_sort_name(t->sort),
		      *t->device ? t->device : "all", *t->filter ? t->filter : "none");
}

void screen_draw(struct screen *s, const struct top *t)
{
	struct screen_layout l = screen_layout(s->rows);
	int row = l.header;

	memset(s->cell, ' ', (size_t)s->rows * (size_t)s->cols);
	memset(s->style, STYLE_PLAIN, (size_t)s->rows * (size_t)s->cols);
	if (s->rows < ROWS_LEAST || s->cols < COLS_LEAST) {
		if (s->rows)
			line(s, 0, STYLE_PLAIN, "needs %dx%d", COLS_LEAST, ROWS_LEAST);
		return;
	}
	draw_header(s, t, l.header);
	if (l.devices) {
		draw_table(s, t, PANE_DEVICES, row, l.devices);
		row += l.devices + 1;
	}
	if (t->show_help || t->told.len)
		draw_over(s, t->show_help ? help : t->told.at, row, l.names);
	else
		draw_table(s, t, l.devices ? PANE_NAMES : t->pane, row, l.names);
	row += l.names + 1;
	if (l.log)
		draw_log(s, t, row, l.log);
	draw_footer(s, t);
}
