/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen on a terminal, by ncurses. */
#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tacet.h"
#include "top/run.h"
#include "top/screen.h"

enum { TURN_MS = 200, PAUSE_S = 300, ALLOW_S = 3600, ESCAPE_MS = 25 };
enum { PAIR_BLOCK = 1, PAIR_LOG };

static void styles_init(void)
{
	if (!has_colors() || getenv("NO_COLOR"))
		return;
	start_color();
	use_default_colors();
	init_pair(PAIR_BLOCK, COLOR_RED, -1);
	init_pair(PAIR_LOG, COLOR_YELLOW, -1);
}

/* Without colours the pairs change nothing; bold stays. */
static attr_t attributes(uint8_t style)
{
	switch ((enum style)style) {
	case STYLE_TITLE:
		return A_BOLD;
	case STYLE_SELECTED:
		return A_REVERSE;
	case STYLE_BLOCK:
		return A_BOLD | COLOR_PAIR(PAIR_BLOCK);
	case STYLE_LOG:
		return A_BOLD | COLOR_PAIR(PAIR_LOG);
	case STYLE_DIM:
		return A_DIM;
	case STYLE_PLAIN:
		break;
	}
	return A_NORMAL;
}

static void show(const struct screen *s)
{
	for (int row = 0; row < s->rows; row++) {
		const char *cell = s->cell + row * s->cols;
		const uint8_t *style = s->style + row * s->cols;

		for (int from = 0, to; from < s->cols; from = to) {
			for (to = from + 1; to < s->cols && style[to] == style[from];)
				to++;
			attrset(attributes(style[from]));
			mvaddnstr(row, from, cell + from, to - from);
		}
	}
	refresh();
}

static int key_of(int c)
{
	switch (c) {
	case KEY_UP:
		return TOP_UP;
	case KEY_DOWN:
		return TOP_DOWN;
	case KEY_PPAGE:
		return TOP_PAGE_UP;
	case KEY_NPAGE:
		return TOP_PAGE_DOWN;
	case KEY_BACKSPACE:
		return TOP_BACKSPACE;
	case KEY_ENTER:
		return '\n';
	}
	return c < 256 ? c : 0;
}

/* What a request came to, into the last line where it failed. */
static bool done(struct top *t, int rc, const struct text *answer)
{
	char why[128] = "";

	if (!rc)
		return true;
	if (rc == -EINVAL && answer->len)
		tacet_field(answer->at, "message", why, sizeof(why));
	snprintf(t->message, sizeof(t->message), "%s", *why ? why : tacet_strerror(rc));
	return false;
}

static void control(struct top *t, const struct top_options *o, enum top_action action)
{
	struct text request = { 0 }, answer = { 0 };
	const char *cmd = action == TOP_RESUME ? "resume" : action == TOP_ALLOW ? "allow" : "pause";
	const char *device = *t->asked_device ? t->asked_device : NULL;

	json_object_begin(&request, NULL);
	json_str(&request, "cmd", cmd);
	if (action == TOP_ALLOW)
		json_str(&request, "name", t->asked_name);
	if (action == TOP_ALLOW || action == TOP_PAUSE_DEVICE)
		json_str(&request, "device", device);
	if (action != TOP_RESUME)
		json_u64(&request, "seconds", action == TOP_ALLOW ? ALLOW_S : PAUSE_S);
	json_object_end(&request);
	if (done(t, request.failed ? -ENOMEM : feed_ask(o->control_path, request.at, &answer),
		 &answer))
		snprintf(t->message, sizeof(t->message), "%s",
			 action == TOP_RESUME  ? "blocking again"
			 : action == TOP_PAUSE ? "nothing is blocked for 5 minutes; p resumes"
			 : action == TOP_ALLOW ? "allowed for an hour"
					       : "nothing of it is blocked for 5 minutes");
	text_done(&request);
	text_done(&answer);
}

static void explain(struct top *t, const struct top_options *o)
{
	struct text request = { 0 }, answer = { 0 };
	char name[256], device[64];

	if (!top_selected_name(t, name, device))
		return;
	json_object_begin(&request, NULL);
	json_str(&request, "cmd", "explain");
	json_str(&request, "name", name);
	json_str(&request, "device", *device ? device : NULL);
	json_object_end(&request);
	if (done(t, request.failed ? -ENOMEM : feed_ask(o->stats_path, request.at, &answer),
		 &answer))
		top_tell(t, answer.at);
	text_done(&request);
	text_done(&answer);
}

/* False: the end. */
static bool keys(struct top *t, struct screen *s, const struct top_options *o, bool *out_changed)
{
	int c;

	while ((c = getch()) != ERR) {
		enum top_action action;
		bool was_held = t->is_frozen;

		if (c == KEY_RESIZE) {
			*out_changed = !screen_resize(s, LINES, COLS);
			clear();
			continue;
		}
		action = top_key(t, key_of(c));
		switch (action) {
		case TOP_QUIT:
			return false;
		case TOP_PAUSE:
		case TOP_PAUSE_DEVICE:
		case TOP_RESUME:
		case TOP_ALLOW:
			control(t, o, action);
			break;
		case TOP_EXPLAIN:
			explain(t, o);
			break;
		case TOP_NOTHING:
			break;
		}
		*out_changed |= !was_held || !t->is_frozen;
	}
	return true;
}

static bool is_gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static void loop(struct feed *f, struct screen *s, const struct top_options *o)
{
	struct top t = { .feed = f };
	int64_t drawn_ms = 0;
	bool changed = true;

	while (keys(&t, s, o, &changed) && !is_gone(STDIN_FILENO)) {
		int64_t now = top_clock_ms();

		model_expire(f->model, now);
		if (changed || (!t.is_frozen && now - drawn_ms >= TURN_MS)) {
			t.now_ms = now;
			screen_draw(s, &t);
			show(s);
			drawn_ms = now;
			changed = false;
		}
		top_turn(f, STDIN_FILENO, TURN_MS);
	}
	text_done(&t.told);
}

int top_run(const struct top_options *o, struct error *e)
{
	const char *term = getenv("TERM");
	struct screen s = { 0 };
	struct feed f = { 0 };
	SCREEN *terminal;
	int rc = top_feed(&f, o, e);

	if (rc)
		return rc;
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal) {
		feed_done(&f);
		return error_set(e, -ENOTTY, "top: terminal \"%s\" is not known; see --once",
				 term ? term : "");
	}
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_MS);
	styles_init();
	rc = screen_resize(&s, LINES, COLS);
	if (!rc)
		loop(&f, &s, o);
	erase(); /* where the terminal has no other screen to go back to */
	refresh();
	endwin();
	delscreen(terminal);
	screen_done(&s);
	feed_done(&f);
	return rc ? error_set(e, rc, "top: out of memory") : 0;
}
