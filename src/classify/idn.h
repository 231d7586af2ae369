/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internationalized names (RFC 5891) by libidn2; without it (WITH_IDN2=0) there are none. */
#ifndef CLASSIFY_IDN_H
#define CLASSIFY_IDN_H

#include <stdbool.h>
#include <stddef.h>

enum { IDN_TEXT_MAX = 1024 };

bool idn_has(const char *text, size_t n); /* is any byte outside ASCII? */
/* Writes the text with every U-label as its A-label, NUL-terminated; parts without bytes outside
 * ASCII, masks' stars among them, stay. False if a label cannot be converted or it grows too
 * long. */
bool idn_to_ascii(const char *text, size_t n, char out[static IDN_TEXT_MAX]);

#endif
