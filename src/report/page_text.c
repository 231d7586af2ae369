/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, numbers, times and words of the page. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "report/page_parts.h"

static void put_char(struct page *p, const char *at)
{
	if (strchr("&<>\"'", *at))
		text_printf(p->out, "&#%d;", *at);
	else
		text_escaped(p->out, at, 1);
}

void page_put(struct page *p, const char *text)
{
	for (; *text; text++)
		put_char(p, text);
}

void page_name(struct page *p, const char *text)
{
	for (; *text; text++) {
		put_char(p, text);
		if (*text == '.' && text[1])
			text_str(p->out, "<wbr>");
	}
}

void page_bytes(struct page *p, uint64_t n)
{
	text_bytes(p->out, n);
}

void page_number(struct page *p, uint64_t n)
{
	if (n >= 1000) {
		page_number(p, n / 1000);
		text_printf(p->out, ",%03" PRIu64, n % 1000);
	} else {
		text_printf(p->out, "%" PRIu64, n);
	}
}

void page_count(struct page *p, uint64_t n, const char *one)
{
	page_number(p, n);
	text_printf(p->out, " %s%s", one, n == 1 ? "" : "s");
}

static bool local_time(int64_t time_ns, struct tm *out)
{
	time_t s = (time_t)(time_ns / 1000000000);

	return localtime_r(&s, out) != NULL;
}

void page_clock(struct page *p, int64_t time_ns)
{
	char buf[64];
	struct tm tm;

	if (local_time(time_ns, &tm) && strftime(buf, sizeof(buf), "%H:%M:%S", &tm))
		text_str(p->out, buf);
}

void page_day(struct page *p, int64_t time_ns)
{
	char buf[64];
	struct tm tm;

	if (local_time(time_ns, &tm) && strftime(buf, sizeof(buf), "%-d %b %Y, %H:%M", &tm))
		text_str(p->out, buf);
}

void page_span(struct page *p, int64_t first_ns, int64_t last_ns)
{
	char buf[64];
	struct tm first, last;

	page_day(p, first_ns);
	if (!local_time(first_ns, &first) || !local_time(last_ns, &last))
		return;
	if (first.tm_yday != last.tm_yday || first.tm_year != last.tm_year) {
		text_str(p->out, " to ");
		page_day(p, last_ns);
	} else if ((first.tm_hour != last.tm_hour || first.tm_min != last.tm_min) &&
		   strftime(buf, sizeof(buf), " to %H:%M", &last)) {
		text_str(p->out, buf);
	}
}

void page_hash(struct page *p, const uint8_t sha256[static SHA256_SIZE])
{
	text_str(p->out, "<code>");
	for (int i = 0; i < SHA256_SIZE; i++)
		text_printf(p->out, "%02x", sha256[i]);
	text_str(p->out, "</code>");
}

static const struct {
	const char *title, *meaning;
} roles[ROLES] = {
	[ROLE_NONE] = { "not known", "neither the catalogue nor a list says what it is for" },
	[ROLE_CONTENT] = { "content", "the film or the music itself" },
	[ROLE_AUTH] = { "sign-in", "who may watch" },
	[ROLE_API] = { "the app's own service", "menus, search, what to play next" },
	[ROLE_DRM] = { "copy protection", "keys for the film" },
	[ROLE_ARTWORK] = { "pictures", "covers and previews" },
	[ROLE_UPDATE] = { "updates", "of the app or the device" },
	[ROLE_TIME] = { "the time", "the clock of the device" },
	[ROLE_TELEMETRY] = { "telemetry", "tells its maker what is done with the app or device" },
	[ROLE_ANALYTICS] = { "analytics", "measures what people watch and press" },
	[ROLE_ADS] = { "advertising", "advertisements, and who has seen them" },
	[ROLE_ACR] = { "screen recognition",
		       "tells what is on the screen, whatever it comes from" },
	[ROLE_CRASH] = { "crash reports", "what went wrong, with what was going on" },
	[ROLE_EXPERIMENT] = { "experiments", "tries variants of the app on people" },
	[ROLE_IDENTITY] = { "household checks", "who shares an account with whom" },
	[ROLE_BYPASS] = { "ways around DNS", "encrypted resolvers and relays" },
};

const char *page_role(enum role r)
{
	return roles[r].title;
}

const char *page_role_meaning(enum role r)
{
	return roles[r].meaning;
}
