/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of what went wrong, carried up from rooms that do not log. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/* "what: object: reason[; mend]" without the leading "tacet: ". Empty = no error. */
struct error {
	char text[512];
};

/* Formats into e (NULL allowed) and returns code, so that `return error_set(e, -EINVAL, ...)`. */
int error_set(struct error *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
