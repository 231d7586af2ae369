/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growing text buffer, the escaping printer and points in time as text. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void text_done(struct text *t)
{
	if (!t)
		return;
	free(t->at);
	*t = (struct text){ .max = t->max };
}

void text_clear(struct text *t)
{
	t->len = 0;
	t->failed = false;
	t->comma = false;
	if (t->at)
		t->at[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static bool text_reserve(struct text *t, size_t n)
{
	size_t cap = t->cap ? t->cap : FIRST_BYTES;
	char *at;

	if (t->failed)
		return false;
	if (n >= SIZE_MAX - t->len || (t->max && t->len + n > t->max)) {
		t->failed = true;
		return false;
	}
	if (t->len + n < t->cap)
		return true;
	while (cap <= t->len + n)
		cap = cap > SIZE_MAX / 2 ? SIZE_MAX : 2 * cap;
	at = realloc(t->at, cap);
	if (!at) {
		t->failed = true;
		return false;
	}
	t->at = at;
	t->cap = cap;
	return true;
}

void text_put(struct text *t, const char *s, size_t n)
{
	if (!text_reserve(t, n))
		return;
	if (n)
		memcpy(t->at + t->len, s, n);
	t->len += n;
	t->at[t->len] = '\0';
}

void text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

__attribute__((format(printf, 2, 0))) static void text_vprintf(struct text *t, const char *fmt,
							       va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		t->failed = true;
	else if (text_reserve(t, (size_t)n)) {
		vsnprintf(t->at + t->len, (size_t)n + 1, fmt, again);
		t->len += (size_t)n;
	}
	va_end(again);
}

void text_printf(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vprintf(t, fmt, args);
	va_end(args);
}

void text_escaped(struct text *t, const char *s, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)s[i];
		char hex[4] = { '\\', 'x', digits[byte >> 4], digits[byte & 15] };

		if (byte >= 0x20 && byte < 0x7f && byte != '\\')
			continue;
		text_put(t, s + from, i - from);
		text_put(t, hex, sizeof(hex));
		from = i + 1;
	}
	text_put(t, s + from, n - from);
}

void text_bytes(struct text *t, uint64_t n)
{
	static const char units[] = "kMGTPE";
	uint64_t unit = 1000, tenth;
	size_t i = 0;

	if (n < 1000) {
		text_printf(t, "%u B", (unsigned)n);
		return;
	}
	/* 999,950 is 1.0 MB and not 1000.0 kB: the rounded figure chooses the unit. */
	while (units[i + 1] && n >= unit * 1000 - unit / 20) {
		unit *= 1000;
		i++;
	}
	tenth = unit / 10;
	tenth = n / tenth + (n % tenth >= tenth / 2);
	text_printf(t, "%llu.%u %cB", (unsigned long long)(tenth / 10), (unsigned)(tenth % 10),
		    units[i]);
}

/* Year, month and day of the Gregorian calendar, counted in years that begin in March so that
 * the leap day is the last. Own code: gmtime_r is limited to 2038 where time_t has 32 bits. */
static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t since = days + 719468; /* 0000-03-01 to 1970-01-01 */
	int64_t era = (since >= 0 ? since : since - 146096) / 146097;
	int in_era = (int)(since - era * 146097);
	int y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int in_year = in_era - (365 * y + y / 4 - y / 100);
	int m = (5 * in_year + 2) / 153;

	*day = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = (int)(era * 400) + y + (*month <= 2);
}

static char *put_digits(char *at, unsigned v, int width)
{
	for (int i = width - 1; i >= 0; i--, v /= 10)
		at[i] = (char)('0' + v % 10);
	return at + width;
}

const char *time_format(int64_t time_ns, char buf[static TIME_TEXT_MAX])
{
	int64_t us = time_ns / 1000 - (time_ns % 1000 < 0);
	int64_t day_us = INT64_C(86400000000), days = us / day_us - (us % day_us < 0);
	uint64_t rest = (uint64_t)(us - days * day_us);
	unsigned s = (unsigned)(rest / 1000000);
	int year, month, day;
	char *at = buf;

	civil_from_days(days, &year, &month, &day);
	at = put_digits(at, (unsigned)year, 4);
	*at++ = '-';
	at = put_digits(at, (unsigned)month, 2);
	*at++ = '-';
	at = put_digits(at, (unsigned)day, 2);
	*at++ = 'T';
	at = put_digits(at, s / 3600, 2);
	*at++ = ':';
	at = put_digits(at, s / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, s % 60, 2);
	*at++ = '.';
	at = put_digits(at, (unsigned)(rest % 1000000), 6);
	*at++ = 'Z';
	*at = '\0';
	return buf;
}
