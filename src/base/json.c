/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON members and lines on top of the text buffer. */
#include "base/text.h"

#include <string.h>

/* How many bytes of s make one well-formed UTF-8 character (RFC 3629, 4), 0 if none does. */
static size_t utf8_length(const uint8_t *s, size_t n)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t want;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		want = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		want = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		want = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (n < want || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < want; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return want;
}

/* The C1 controls drive terminals as C0 do; they go the way of the bad bytes. */
static bool is_plain(const uint8_t *s, size_t len)
{
	if (len == 1)
		return s[0] >= 0x20 && s[0] != '"' && s[0] != '\\' && s[0] != 0x7f;
	return len > 2 || s[0] != 0xc2 || s[1] >= 0xa0;
}

static void put_special(struct text *t, uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";
	char hex[6] = { '\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15] };

	switch (byte) {
	case '"':
		text_put(t, "\\\"", 2);
		return;
	case '\\':
		text_put(t, "\\\\", 2);
		return;
	case '\n':
		text_put(t, "\\n", 2);
		return;
	case '\t':
		text_put(t, "\\t", 2);
		return;
	}
	text_put(t, hex, sizeof(hex));
}

static void put_string(struct text *t, const char *value)
{
	const uint8_t *s = (const uint8_t *)value;
	size_t n = strlen(value), from = 0, i = 0;

	text_put(t, "\"", 1);
	while (i < n) {
		size_t len = utf8_length(s + i, n - i);

		if (len && is_plain(s + i, len)) {
			i += len;
			continue;
		}
		text_put(t, value + from, i - from);
		/* Of a C1 control (0xc2 0xXX) the second byte is the number. */
		i += len > 1;
		put_special(t, s[i]);
		from = ++i;
	}
	text_put(t, value + from, n - from);
	text_put(t, "\"", 1);
}

/* What stands before a value: the comma and the key. */
static void begin_member(struct text *t, const char *key)
{
	if (t->comma)
		text_put(t, ",", 1);
	if (key) {
		put_string(t, key);
		text_put(t, ":", 1);
	}
	t->comma = true;
}

void json_object_begin(struct text *t, const char *key)
{
	begin_member(t, key);
	text_put(t, "{", 1);
	t->comma = false;
}

void json_object_end(struct text *t)
{
	text_put(t, "}", 1);
	t->comma = true;
}

void json_array_begin(struct text *t, const char *key)
{
	begin_member(t, key);
	text_put(t, "[", 1);
	t->comma = false;
}

void json_array_end(struct text *t)
{
	text_put(t, "]", 1);
	t->comma = true;
}

void json_str(struct text *t, const char *key, const char *value)
{
	if (!value)
		return;
	begin_member(t, key);
	put_string(t, value);
}

static void put_u64(struct text *t, uint64_t value)
{
	char digits[20], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_put(t, at, (size_t)(digits + sizeof(digits) - at));
}

void json_u64(struct text *t, const char *key, uint64_t value)
{
	begin_member(t, key);
	put_u64(t, value);
}

void json_i64(struct text *t, const char *key, int64_t value)
{
	begin_member(t, key);
	if (value < 0)
		text_put(t, "-", 1);
	put_u64(t, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void json_bool(struct text *t, const char *key, bool value)
{
	begin_member(t, key);
	text_str(t, value ? "true" : "false");
}

void json_time(struct text *t, const char *key, int64_t time_ns)
{
	char buf[TIME_TEXT_MAX];

	json_str(t, key, time_format(time_ns, buf));
}

void json_newline(struct text *t)
{
	text_put(t, "\n", 1);
	t->comma = false;
}
