/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, prefixes and hardware addresses: text in, text out, comparison. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

struct addr addr_v4(const uint8_t bytes[static 4])
{
	struct addr a = { .family = 4 };

	memcpy(a.bytes, bytes, 4);
	return a;
}

struct addr addr_v6(const uint8_t bytes[static 16])
{
	struct addr a = { .family = 6 };

	memcpy(a.bytes, bytes, 16);
	return a;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	int d;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	d = memcmp(a->bytes, b->bytes, sizeof(a->bytes));
	return (d > 0) - (d < 0);
}

bool addr_parse(const char *text, struct addr *out)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		*out = addr_v4(bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*out = addr_v6(bytes);
	else
		return false;
	return true;
}

static char *put_decimal(char *at, unsigned v)
{
	if (v >= 100)
		*at++ = (char)('0' + v / 100);
	if (v >= 10)
		*at++ = (char)('0' + v / 10 % 10);
	*at++ = (char)('0' + v % 10);
	return at;
}

static char *put_v4(char *at, const uint8_t *bytes)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			*at++ = '.';
		at = put_decimal(at, bytes[i]);
	}
	return at;
}

static char *put_group(char *at, unsigned v)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		*at++ = digits[v >> shift & 15];
	return at;
}

static bool is_v4_mapped(const uint8_t bytes[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(bytes, mapped, sizeof(mapped));
}

/* Own code, because inet_ntop differs from one C library to the next for ::1.2.3.4. */
static char *put_v6(char *at, const uint8_t *bytes)
{
	int best = -1, best_len = 1, groups = is_v4_mapped(bytes) ? 6 : 8;

	/* A lone zero group is not shortened, the first of equally long runs is
	 * (RFC 5952, 4.2.2 and 4.2.3). */
	for (int i = 0, run = 0; i < groups; i++) {
		run = bytes[2 * i] || bytes[2 * i + 1] ? 0 : run + 1;
		if (run > best_len) {
			best_len = run;
			best = i - run + 1;
		}
	}
	for (int i = 0; i < groups; i++) {
		if (i == best) {
			*at++ = ':';
			*at++ = ':';
			i += best_len - 1;
			continue;
		}
		if (i && at[-1] != ':')
			*at++ = ':';
		at = put_group(at, (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1]);
	}
	if (groups == 8)
		return at;
	*at++ = ':';
	return put_v4(at, bytes + 12);
}

const char *addr_format(const struct addr *a, char buf[static ADDR_TEXT_MAX])
{
	char *at = buf;

	if (a->family == 4)
		at = put_v4(at, a->bytes);
	else if (a->family == 6)
		at = put_v6(at, a->bytes);
	*at = '\0';
	return buf;
}

static unsigned family_bits(uint8_t family)
{
	return family == 4 ? 32 : 128;
}

/* One to three digits without a leading zero, nothing behind them. */
static bool parse_bits(const char *text, unsigned most, uint8_t *out)
{
	unsigned v = 0, n = 0;

	for (; text[n] >= '0' && text[n] <= '9' && n < 3; n++)
		v = v * 10 + (unsigned)(text[n] - '0');
	if (!n || text[n] || (n > 1 && text[0] == '0') || v > most)
		return false;
	*out = (uint8_t)v;
	return true;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, whole))
		return false;
	return !rest || !((a[whole] ^ b[whole]) >> (8 - rest));
}

static bool host_bits_zero(const struct addr_prefix *p)
{
	unsigned whole = p->bits / 8, rest = p->bits % 8;

	if (rest && (p->base.bytes[whole++] & 0xff >> rest))
		return false;
	for (; whole < family_bits(p->base.family) / 8; whole++)
		if (p->base.bytes[whole])
			return false;
	return true;
}

bool addr_prefix_parse(const char *text, struct addr_prefix *out)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	char host[ADDR_TEXT_MAX];
	struct addr_prefix p;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_parse(host, &p.base))
		return false;
	p.bits = (uint8_t)family_bits(p.base.family);
	if (slash && !parse_bits(slash + 1, family_bits(p.base.family), &p.bits))
		return false;
	if (!host_bits_zero(&p))
		return false;
	*out = p;
	return true;
}

bool addr_prefix_has(const struct addr_prefix *p, const struct addr *a)
{
	return p->base.family == a->family && bits_equal(p->base.bytes, a->bytes, p->bits);
}

static bool v4_is_local(const uint8_t *b)
{
	switch (b[0]) {
	case 0:
	case 10:
	case 127:
		return true;
	case 100: /* shared by carriers (RFC 6598) */
		return (b[1] & 0xc0) == 64;
	case 169:
		return b[1] == 254;
	case 172:
		return (b[1] & 0xf0) == 16;
	case 192:
		return b[1] == 168;
	case 255:
		return b[1] == 255 && b[2] == 255 && b[3] == 255;
	}
	return (b[0] & 0xf0) == 224;
}

static bool v6_is_local(const uint8_t *b)
{
	static const uint8_t zero[15];

	if (!memcmp(b, zero, sizeof(zero)))
		return b[15] <= 1;
	if (is_v4_mapped(b))
		return v4_is_local(b + 12);
	return b[0] == 0xff || (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

bool addr_is_local(const struct addr *a)
{
	if (a->family == 4)
		return v4_is_local(a->bytes);
	return a->family == 6 && v6_is_local(a->bytes);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool mac_parse(const char *text, struct mac *out)
{
	struct mac m;

	for (int i = 0; i < 6; i++, text += 3) {
		int high = hex_digit(text[0]);
		int low = high < 0 ? -1 : hex_digit(text[1]);

		if (low < 0)
			return false;
		m.bytes[i] = (uint8_t)(high << 4 | low);
		if (i == 5 ? text[2] != '\0' : text[2] != ':' && text[2] != '-')
			return false;
	}
	*out = m;
	return true;
}

const char *mac_format(const struct mac *m, char buf[static MAC_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 6; i++) {
		buf[3 * i] = digits[m->bytes[i] >> 4];
		buf[3 * i + 1] = digits[m->bytes[i] & 15];
		buf[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return buf;
}

bool mac_is_local(const struct mac *m)
{
	return m->bytes[0] & 2;
}

bool mac_is_zero(const struct mac *m)
{
	static const struct mac zero;

	return !memcmp(m, &zero, sizeof(zero));
}
