/* SPDX-License-Identifier: GPL-2.0-or-later */
/* U-labels to A-labels, label by label, since masks are no whole names. */
#include "classify/idn.h"

#include <string.h>

#include "rule/span.h"

#if WITH_IDN2
#include <idn2.h>
#endif

bool idn_has(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return true;
	}
	return false;
}

/* NUL-terminated into out, which holds max bytes. */
static bool label_to_ascii(struct span label, char *out, size_t max)
{
#if WITH_IDN2
	char text[IDN_TEXT_MAX], *ascii = NULL;

	if (label.len >= sizeof text || memchr(label.at, '*', label.len))
		return false;
	memcpy(text, label.at, label.len);
	text[label.len] = '\0';
	if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
		return false;
	bool fits = strlen(ascii) < max;
	if (fits)
		memcpy(out, ascii, strlen(ascii) + 1);
	idn2_free(ascii);
	return fits;
#else
	return false;
#endif
}

bool idn_to_ascii(const char *text, size_t n, char out[static IDN_TEXT_MAX])
{
	struct span rest = { text, n };
	size_t used = 0;

	for (;;) {
		struct span label = span_to(rest, span_find(rest, ".|^"));
		if (idn_has(label.at, label.len)) {
			if (!label_to_ascii(label, out + used, IDN_TEXT_MAX - used - 1))
				return false;
			used += strlen(out + used);
		} else {
			if (label.len + 2 > IDN_TEXT_MAX - used)
				return false;
			memcpy(out + used, label.at, label.len);
			used += label.len;
		}
		rest = span_from(rest, label.len);
		if (!rest.len)
			break;
		out[used++] = rest.at[0];
		rest = span_from(rest, 1);
	}
	out[used] = '\0';
	return true;
}
