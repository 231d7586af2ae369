/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of lists: comes back as it went, and no secret of an address is in it. */
#include "update/update.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

static const char *shown(const char *url)
{
	static char out[UPDATE_URL_MAX];

	return url_shown(url, out);
}

START_TEST(an_address_is_shown_without_secrets)
{
	ck_assert_str_eq(shown("https://lists.example/a.txt"), "https://lists.example/a.txt");
	ck_assert_str_eq(shown("https://u:p@lists.example/a.txt"), "https://lists.example/a.txt");
	ck_assert_str_eq(shown("https://u:p@x@lists.example"), "https://lists.example");
	ck_assert_str_eq(shown("https://lists.example/a?key=s@e/c"), "https://lists.example/a?...");
	ck_assert_str_eq(shown("http://u@h.example?k=1"), "http://h.example?...");
	/* Behind the authority '@' is a character as any other. */
	ck_assert_str_eq(shown("https://h.example/@a"), "https://h.example/@a");
	ck_assert_str_eq(shown("file:/a@b"), "file:/a@b");
	/* What was shown once is shown the same. */
	ck_assert_str_eq(shown("https://lists.example/a?..."), "https://lists.example/a?...");
}
END_TEST

static char dir[64];

static void make_dir(void)
{
	snprintf(dir, sizeof dir, "/tmp/tacet-state-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	char path[128];

	snprintf(path, sizeof path, "%s/state.jsonl", dir);
	unlink(path);
	rmdir(dir);
}

START_TEST(states_come_back)
{
	struct update_states in = { 0 }, out;
	struct update_state *s;
	struct error e = { "" };

	make_dir();
	s = update_state_find(&in, "ads", true);
	snprintf(s->url, sizeof s->url, "https://lists.example/a?...");
	snprintf(s->url_check, sizeof s->url_check, "0fe1");
	snprintf(s->etag, sizeof s->etag, "\"x\\y\"");
	snprintf(s->said, sizeof s->said, "no \x01 way");
	s->rules = 12345678901;
	s->generation = 3;
	s->due = 1790000000;
	s->failures = 2;
	s->why = UPDATE_SHRUNK;
	ck_assert_ptr_nonnull(update_state_find(&in, "acr", true));
	ck_assert_int_eq(update_states_save(dir, &in, &e), 0);
	update_states_load(dir, &out);
	ck_assert_uint_eq(out.count, 2);
	s = update_state_find(&out, "ads", false);
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s->url, "https://lists.example/a?...");
	ck_assert_str_eq(s->url_check, "0fe1");
	ck_assert_str_eq(s->etag, "\"x\\y\"");
	ck_assert_uint_eq(s->rules, 12345678901);
	ck_assert_uint_eq(s->generation, 3);
	ck_assert_int_eq(s->due, 1790000000);
	ck_assert_uint_eq(s->failures, 2);
	ck_assert_int_eq(s->why, UPDATE_SHRUNK);
	ck_assert_ptr_null(update_state_find(&out, "nobody", false));
	update_states_done(&in);
	update_states_done(&out);
	remove_dir();
}
END_TEST

static void write_states(const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/state.jsonl", dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* Also of one that an older tacet wrote. */
START_TEST(a_password_does_not_stay)
{
	struct update_states s;

	make_dir();
	write_states("{\"name\":\"a\",\"url\":\"https://joe:secret@h.example/l?t=secret\"}\n");
	update_states_load(dir, &s);
	ck_assert_uint_eq(s.count, 1);
	ck_assert_str_eq(s.at[0].url, "https://h.example/l?...");
	update_states_done(&s);
	remove_dir();
}
END_TEST

START_TEST(damage_is_no_state)
{
	struct update_states s;

	make_dir();
	write_states("{\"name\":\"a\",\"etag\":7,\n\n[]\n{\"name\":7}\n{\"name\":\"\"}\n"
		     "{\"name\":\"b\",\"rules\":-4,\"etag\":7,\"why\":\"what\"}\n");
	update_states_load(dir, &s);
	ck_assert_uint_eq(s.count, 1);
	ck_assert_str_eq(s.at[0].name, "b");
	ck_assert_uint_eq(s.at[0].rules, 0);
	ck_assert_int_eq(s.at[0].why, UPDATE_FINE);
	update_states_done(&s);
	remove_dir();
}
END_TEST

SUITE("update/state", an_address_is_shown_without_secrets, states_come_back,
      a_password_does_not_stay, damage_is_no_state)
