/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names turned round by labels, and the checksum of the file that holds them. */
#include "index/format.h"

#include <string.h>

bool key_divides(const char *text, size_t at)
{
	size_t slashes = 0;

	if (text[at] != '.')
		return false;
	while (slashes < at && text[at - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

void key_of_text(const char *text, size_t len, struct key *out)
{
	size_t end = len, used = 0;

	for (size_t i = len; i-- > 0;) {
		if (!key_divides(text, i))
			continue;
		memcpy(out->at + used, text + i + 1, end - i - 1);
		used += end - i - 1;
		out->at[used++] = KEY_SEPARATOR;
		end = i;
	}
	memcpy(out->at + used, text, end);
	out->len = len;
}

void key_to_name(const uint8_t *key, size_t len, struct name *out)
{
	size_t used = 0, end = len;

	for (size_t i = len; i-- > 0;) {
		if (key[i] != KEY_SEPARATOR)
			continue;
		memcpy(out->text + used, key + i + 1, end - i - 1);
		used += end - i - 1;
		out->text[used++] = '.';
		end = i;
	}
	memcpy(out->text + used, key, end);
	out->text[len] = '\0';
	out->len = (uint8_t)len;
}

size_t key_shared(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len, i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

uint64_t key_hash(const uint8_t *key, size_t len, unsigned *out_labels)
{
	uint64_t h = 0;
	size_t start = 0;

	*out_labels = 0;
	for (size_t end = 0; end <= len; end++) {
		if (end < len && key[end] != KEY_SEPARATOR)
			continue;
		if (start)
			h = key_hash_step(h, KEY_SEPARATOR);
		for (size_t i = end; i > start; i--)
			h = key_hash_step(h, key[i - 1]);
		start = end + 1;
		++*out_labels;
	}
	return key_hash_end(h);
}

/* Eight bytes a step: table[k][b] is the CRC of byte b with k zero bytes behind it. */
uint32_t crc32_of(uint32_t crc, const void *p, size_t n)
{
	static uint32_t table[8][256];
	const uint8_t *at = p;

	if (!table[7][255]) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = i;
			for (int k = 0; k < 8; k++)
				c = c & 1 ? 0xedb88320U ^ c >> 1 : c >> 1;
			table[0][i] = c;
		}
		for (int k = 1; k < 8; k++)
			for (uint32_t i = 0; i < 256; i++)
				table[k][i] =
					table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
	}
	crc = ~crc;
	for (; n >= 8; n -= 8, at += 8) {
		uint32_t low = crc ^ get_u32(at);
		crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^
		      table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^ table[3][at[4]] ^
		      table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
	}
	while (n--)
		crc = crc >> 8 ^ table[0][(crc ^ *at++) & 0xff];
	return ~crc;
}
