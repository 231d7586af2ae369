/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key table itself: complete, without doubles, and what it suggests for slips of the pen. */
#include <string.h>

#include "config/keys.h"
#include "suite.h"

START_TEST(rows_are_whole)
{
	size_t n = 0;

	for (; config_key(n); n++) {
		const struct config_key *k = config_key_at(n);
		size_t at;

		ck_assert_ptr_eq(config_key(n), &k->info);
		ck_assert(*k->info.section && *k->info.key && *k->info.type);
		ck_assert_ptr_eq(config_key_find(k->info.section, k->info.key, &at), k);
		ck_assert_uint_eq(at, n);
		ck_assert_uint_le(k->min, k->type == KEY_WORD ? 0 : k->max);
		/* Every word fits its field with the NUL. */
		for (const char *w = k->type == KEY_WORD ? k->words : ""; *w;) {
			size_t len = strcspn(w, " ");

			ck_assert_uint_lt(len, k->max);
			w += len + strspn(w + len, " ");
		}
	}
	ck_assert_uint_ge(n, 38);
	ck_assert_uint_le(n, CONFIG_KEYS_MAX);
	ck_assert_ptr_null(config_key_at(n));
}
END_TEST

/* A default is a legal value: as the table's text it would be taken from a file. */
START_TEST(defaults_are_legal)
{
	struct config c = { 0 };
	struct config_list l = { 0 };

	for (size_t i = 0; config_key(i); i++) {
		const struct config_key *k = config_key_at(i);
		void *base = !strcmp(k->info.section, "list") ? (void *)&l : (void *)&c;
		struct error e = { "" };

		if (!k->info.fallback)
			continue;
		ck_assert_msg(!config_value_set(k, base, k->info.fallback, "", &e), "%s", e.text);
		config_value_done(k, base);
	}
}
END_TEST

static const struct {
	const char *section, *typed, *meant;
} slips[] = {
	{ "queue", "lenght", "length" },	{ "queue", "qeue_length", "length" },
	{ "queue", "copybytes", "copy_bytes" }, { "limits", "FLOWS", "flows" },
	{ "limits", "udp_idle", "udp_idle_s" }, { "tacet", "loglevel", "log_level" },
	{ "network", "interface_lan", "lan" },	{ "list", "fiel", "file" },
	{ "device", "macaddr", "mac" },		{ "device", "adress", "address" },
};

START_TEST(nearest_key)
{
	const struct config_key *k = config_key_nearest(slips[_i].section, slips[_i].typed);

	ck_assert_ptr_nonnull(k);
	ck_assert_str_eq(k->info.section, slips[_i].section);
	ck_assert_str_eq(k->info.key, slips[_i].meant);
}
END_TEST

START_TEST(nearest_section)
{
	ck_assert_str_eq(config_section_nearest("qeue"), "queue");
	ck_assert_str_eq(config_section_nearest("Socket"), "sockets");
	ck_assert_str_eq(config_section_nearest("devices"), "device");
	ck_assert_str_eq(config_section_nearest("blocking"), "block");
	ck_assert(config_section_known("rules") && !config_section_known("rule"));
	ck_assert_ptr_null(config_key_nearest("rule", "allow"));
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_test(t, rows_are_whole);
	tcase_add_test(t, defaults_are_legal);
	tcase_add_loop_test(t, nearest_key, 0, sizeof(slips) / sizeof(slips[0]));
	tcase_add_test(t, nearest_section);
	return suite_end(t, "config/keys");
}
