/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing text buffer, the escaping printer, and JSON lines on top of it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Grows on the heap; keeps its storage from line to line. Out of memory (or over `max` bytes,
 * 0 = no limit) sets `failed`, and everything after it is dropped: test once, at the end. */
struct text {
	char *at; /* NUL-terminated once anything was added */
	size_t len, cap, max;
	bool failed;
	bool comma; /* JSON: the next member needs one */
};

void text_done(struct text *t); /* frees; accepts a zeroed struct */
void text_clear(struct text *t);
void text_put(struct text *t, const char *s, size_t n);
void text_str(struct text *t, const char *s);
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Names and other text from the wire: printable ASCII as it is, the rest as \xHH. */
void text_escaped(struct text *t, const char *s, size_t n);
/* 1234567 -> "1.2 MB" */
void text_bytes(struct text *t, uint64_t n);

/* JSON: every opening adds what separates it from the member before. key may be NULL inside
 * an array. Strings are valid UTF-8 afterwards whatever comes in (bad bytes become \u00XX). */
void json_object_begin(struct text *t, const char *key);
void json_object_end(struct text *t);
void json_array_begin(struct text *t, const char *key);
void json_array_end(struct text *t);
void json_str(struct text *t, const char *key, const char *value); /* NULL value: left out */
void json_u64(struct text *t, const char *key, uint64_t value);
void json_i64(struct text *t, const char *key, int64_t value);
void json_bool(struct text *t, const char *key, bool value);
/* "2026-01-31T20:15:00.123456Z", microseconds. */
void json_time(struct text *t, const char *key, int64_t time_ns);
void json_newline(struct text *t);

/* The same time as text; returns buf. */
enum { TIME_TEXT_MAX = 32 };
const char *time_format(int64_t time_ns, char buf[static TIME_TEXT_MAX]);

#endif
