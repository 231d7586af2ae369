/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SOCKS requests of every version, cut at every byte. */
#include "dissect/socks.h"

#include "suite.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static struct name name;
static size_t behind;

static enum outcome parse(const uint8_t *p, size_t n)
{
	struct reader r = reader_prefix(p, n);
	enum outcome o;

	memset(&name, 0, sizeof(name));
	o = socks_target(&r, &name);
	behind = reader_left(&r);
	return o;
}

/* The whole says `last`, with `rest` bytes behind it; every cut says MORE or the same. */
static void check(enum outcome last, const char *want, size_t rest, const uint8_t *p, size_t n)
{
	for (size_t cut = 0; cut <= n; cut++) {
		enum outcome o = parse(p, cut);
		bool decided = o != OUTCOME_MORE;

		ck_assert_msg(!decided || o == last, "cut %zu of %zu: %d", cut, n, o);
		if (o == OUTCOME_FOUND || o == OUTCOME_ABSENT)
			ck_assert_uint_eq(decided, cut >= n - rest);
	}
	ck_assert_int_eq(parse(p, n), last);
	ck_assert_str_eq(name.text, want);
	if (last != OUTCOME_MALFORMED)
		ck_assert_uint_eq(behind, rest);
}

START_TEST(version_5)
{
	check(OUTCOME_FOUND, "www.osnews.com", 3, BYTES("\5\1\0\5\1\0\3\16www.OSNEWS.com\0Pxyz"));
	check(OUTCOME_FOUND, "a.example", 0,
	      BYTES("\5\2\0\2\1\4user\6secret\5\1\0\3\11a.example\1\273"));
	check(OUTCOME_ABSENT, "", 1, BYTES("\5\1\0\5\1\0\1\300\0\2\1\1\273x"));
	check(OUTCOME_ABSENT, "", 0,
	      BYTES("\5\1\200\5\3\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\1\273"));
	check(OUTCOME_ABSENT, "", 0, BYTES("\5\1\0\5\1\0\3\011192.0.2.1\1\273"));
	check(OUTCOME_ABSENT, "", 0, BYTES("\5\1\0\5\1\0\3\0\1\273"));
}
END_TEST

START_TEST(version_4)
{
	check(OUTCOME_FOUND, "b.example", 2, BYTES("\4\1\1\273\0\0\0\1me\0b.example\0xy"));
	check(OUTCOME_FOUND, "b.example", 0, BYTES("\4\2\1\273\0\0\0\377\0b.example\0"));
	check(OUTCOME_ABSENT, "", 0, BYTES("\4\1\1\273\300\0\2\1me\0"));
	check(OUTCOME_ABSENT, "", 0, BYTES("\4\1\1\273\0\0\0\0me\0"));
	check(OUTCOME_ABSENT, "", 0, BYTES("\4\1\1\273\0\0\0\1me\0two names\0"));
}
END_TEST

START_TEST(refused)
{
	uint8_t endless[300] = { 4, 1, 1, 1, 0, 0, 0, 1 };

	check(OUTCOME_MALFORMED, "", 0, BYTES("\6"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\0\5"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\12"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\0\2"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\0\5\0\0\1"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\0\5\4\0\1"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\0\5\1\1\1"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\0\5\1\0\2"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\5\1\2\1\1u\1p\4"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\4\0"));
	check(OUTCOME_MALFORMED, "", 0, BYTES("\4\3"));
	memset(endless + 8, 'u', sizeof(endless) - 8);
	check(OUTCOME_MALFORMED, "", 0, endless, sizeof(endless));
}
END_TEST

SUITE("dissect/socks", version_5, version_4, refused)
