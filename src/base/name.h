/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names as text: lower case, no final dot. */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 253 characters and a NUL: 255 octets on the wire (RFC 1035, 2.3.4). */
enum { NAME_MAX_TEXT = 254 };

struct name {
	uint8_t len; /* without the NUL; 0 = no name (or the root) */
	char text[NAME_MAX_TEXT];
};

/* Takes n bytes as a host name: ASCII letters go lower, one final dot goes. False (out
 * untouched) if it is empty, longer than a name can be, has an empty label, a label over 63,
 * or a byte that is not a letter, digit, '-' or '_'; a label may be "*" alone, as in rules
 * and certificates. Meant for TLS, HTTP and lists. */
bool name_from_text(const char *text, size_t n, struct name *out);

/* As name_from_text, but any byte a DNS label may hold is taken: bytes outside printable
 * ASCII, '.' inside a label and '\' are escaped as \DDD and \c (RFC 1035, 5.1), and the
 * root is the empty name. Labels come one by one: start with len 0 and append. */
bool name_append_label(struct name *n, const uint8_t *label, size_t len);

bool name_equal(const struct name *a, const struct name *b);
/* Is `name` equal to `suffix` or below it? Nothing is below the empty name. */
bool name_under(const struct name *name, const struct name *suffix);
/* The part after the first dot, "" at the last label. */
const char *name_parent(const char *text);
size_t name_labels(const char *text);
/* Does the text look like an IPv4 or IPv6 literal, with or without brackets? */
bool name_is_address(const char *text);

#endif
