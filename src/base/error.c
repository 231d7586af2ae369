/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of an error, formatted where it happened. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *e, int code, const char *fmt, ...)
{
	va_list args;

	if (!e)
		return code;
	va_start(args, fmt);
	if (vsnprintf(e->text, sizeof(e->text), fmt, args) < 0)
		snprintf(e->text, sizeof(e->text), "error %d", code);
	va_end(args);
	return code;
}
