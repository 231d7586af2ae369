/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files: tests/config/NAME.in gives what NAME.ok holds, the configuration as text or the
 * message; then bundled lists, paths and what the system refuses. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "suite.h"

#define NO_DATA "/nonexistent/tacet"

static char dir[64];

static void make_dir(void)
{
	strcpy(dir, "/tmp/tacet-config-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[512];

	ck_assert_ptr_nonnull(d);
	while ((entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			ck_assert_int_eq(unlink(path), 0);
	}
	closedir(d);
	ck_assert_int_eq(rmdir(dir), 0);
}

static const char *put_file(const char *name, const void *bytes, size_t n)
{
	static char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
	return path;
}

static int load_text(const char *text, const char *data_dir, struct config **out, struct error *e)
{
	e->text[0] = '\0';
	return config_load(put_file("tacet.conf", text, strlen(text)), data_dir, out, e);
}

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	size_t n;

	ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
	text = calloc(1, 65536);
	ck_assert_ptr_nonnull(text);
	n = fread(text, 1, 65535, f);
	ck_assert(n < 65535);
	fclose(f);
	return text;
}

static bool golden(const char *name)
{
	struct config *c = NULL;
	struct error e = { "" };
	struct text got = { 0 };
	char in[300], ok[300], *want;
	int rc;
	bool same;

	snprintf(in, sizeof(in), "%s/config/%s.in", TEST_DATA, name);
	snprintf(ok, sizeof(ok), "%s/config/%s.ok", TEST_DATA, name);
	want = slurp(ok);
	rc = config_load(in, NO_DATA, &c, &e);
	if (!rc) {
		config_show(c, &got);
	} else {
		ck_assert_int_eq(rc, -EINVAL);
		ck_assert_ptr_null(c);
		text_printf(&got, "%s\n", e.text);
	}
	same = !strcmp(got.at, want);
	if (!same)
		fprintf(stderr, "%s: got\n%s", ok, got.at);
	config_free(c);
	text_done(&got);
	free(want);
	return same;
}

START_TEST(golden_files)
{
	DIR *d = opendir(TEST_DATA "/config");
	struct dirent *entry;
	unsigned count = 0, bad = 0;

	ck_assert_ptr_nonnull(d);
	while ((entry = readdir(d))) {
		char name[256];
		size_t n = strlen(entry->d_name);

		if (n < 4 || strcmp(entry->d_name + n - 3, ".in"))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)n - 3, entry->d_name);
		count++;
		bad += !golden(name);
	}
	closedir(d);
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_ge(count, 60);
}
END_TEST

/* What --show-config prints, read again, prints the same. */
START_TEST(show_and_read_again)
{
	struct config *c = NULL, *again = NULL;
	struct text one = { 0 }, two = { 0 };
	struct error e;

	ck_assert_int_eq(config_load(TEST_DATA "/config/everything.in", NO_DATA, &c, &e), 0);
	config_show(c, &one);
	ck_assert_int_eq(load_text(one.at, NO_DATA, &again, &e), 0);
	config_show(again, &two);
	ck_assert_str_eq(one.at, two.at);
	config_free(c);
	config_free(again);
	text_done(&one);
	text_done(&two);
}
END_TEST

START_TEST(defaults)
{
	struct config *c = NULL;
	struct error e;

	ck_assert_int_eq(config_default(NO_DATA, &c, &e), 0);
	ck_assert_str_eq(c->mode, "enforce");
	ck_assert_str_eq(c->log_level, "info");
	ck_assert_str_eq(c->data_dir, NO_DATA);
	ck_assert_str_eq(c->backend, "auto");
	ck_assert_uint_eq(c->lan_count, 0);
	ck_assert(c->forward && c->local && !c->between_lan && c->bundled);
	ck_assert_uint_eq(c->mark_mask, 0x0f000000);
	ck_assert_uint_eq(c->queue_number, 4780);
	ck_assert_uint_eq(c->queue_length, 4096);
	ck_assert_uint_eq(c->queue_copy_bytes, 4096);
	ck_assert_uint_eq(c->queue_batch, 64);
	ck_assert_str_eq(c->dns, "nxdomain");
	ck_assert_str_eq(c->tcp, "reset");
	ck_assert_str_eq(c->udp, "unreach");
	ck_assert_uint_eq(c->answer_ttl_s, 60);
	ck_assert_uint_eq(c->max_flows, 16384);
	ck_assert_uint_eq(c->max_names, 16384);
	ck_assert_uint_eq(c->max_questions, 1024);
	ck_assert_uint_eq(c->tcp_idle_s, 300);
	ck_assert_uint_eq(c->udp_idle_s, 60);
	ck_assert_str_eq(c->stats_socket, "/run/tacet/stats.sock");
	ck_assert_str_eq(c->control_socket, "/run/tacet/control.sock");
	ck_assert_str_eq(c->group, "tacet");
	ck_assert_uint_eq(c->max_clients, 32);
	ck_assert_uint_eq(c->client_buffer_bytes, 262144);
	ck_assert_uint_eq(c->client_idle_s, 30);
	ck_assert_uint_eq(c->privacy_level, 2);
	ck_assert_uint_eq(c->list_count + c->device_count, 0);
	ck_assert_uint_eq(c->allow_count + c->block_count, 0);
	config_free(c);
	c = NULL;
	ck_assert_int_eq(config_default(NULL, &c, &e), 0);
	ck_assert_str_eq(c->data_dir, TACET_DATADIR);
	config_free(c);
	config_free(NULL);
}
END_TEST

/* Those bundled lists that are there, before the user's, in their own order. */
START_TEST(bundled_lists)
{
	struct config *c = NULL;
	struct error e;
	char path[512];

	put_file("tv.txt", "a.example\n", 10);
	put_file("ads.txt", "b.example\n", 10);
	put_file("telemetry.txt", "c.example\n", 10);
	ck_assert_int_eq(config_default(dir, &c, &e), 0);
	ck_assert_uint_eq(c->list_count, 3);
	ck_assert_str_eq(c->lists[0].name, "telemetry");
	ck_assert_str_eq(c->lists[1].name, "ads");
	ck_assert_str_eq(c->lists[2].name, "tv");
	ck_assert_str_eq(c->lists[1].role, "ads");
	ck_assert_str_eq(c->lists[2].role, "telemetry");
	snprintf(path, sizeof(path), "%s/tv.txt", dir);
	ck_assert_str_eq(c->lists[2].file, path);
	ck_assert_str_eq(c->lists[2].format, "auto");
	ck_assert_str_eq(c->lists[2].action, "block");
	ck_assert(c->lists[2].enabled && !c->lists[2].log_only);
	config_free(c);
}
END_TEST

START_TEST(bundled_lists_changed)
{
	struct config *c = NULL;
	struct error e;

	put_file("telemetry.txt", "c.example\n", 10);
	put_file("ads.txt", "b.example\n", 10);
	put_file("acr.txt", "b.example\n", 10);
	ck_assert_int_eq(load_text("[list mine]\nfile = /mine\n[list acr]\nlog = yes\n"
				   "[list ads]\nenabled = no\nrole = analytics\n"
				   "[list telemetry]\nfile = /other\n",
				   dir, &c, &e),
			 0);
	ck_assert_uint_eq(c->list_count, 4);
	ck_assert_str_eq(c->lists[0].name, "telemetry");
	ck_assert_str_eq(c->lists[0].file, "/other");
	ck_assert_ptr_null(c->lists[0].role);
	ck_assert_str_eq(c->lists[1].name, "ads");
	ck_assert(!c->lists[1].enabled);
	ck_assert_str_eq(c->lists[1].role, "analytics");
	ck_assert_str_eq(c->lists[2].name, "acr");
	ck_assert(c->lists[2].log_only && c->lists[2].enabled);
	ck_assert_str_eq(c->lists[2].role, "acr");
	ck_assert_str_eq(c->lists[3].name, "mine");
	ck_assert_uint_eq(c->lists[3].line, 1);
	config_free(c);
}
END_TEST

START_TEST(bundled_lists_off)
{
	struct config *c = NULL;
	struct error e;

	put_file("ads.txt", "b.example\n", 10);
	ck_assert_int_eq(load_text("[tacet]\nbundled_lists = no\n[list z]\nfile=/z\n"
				   "[list ads]\nfile=/a\n",
				   dir, &c, &e),
			 0);
	ck_assert_uint_eq(c->list_count, 2);
	ck_assert_str_eq(c->lists[0].name, "z");
	config_free(c);
	c = NULL;
	ck_assert_int_eq(
		load_text("[tacet]\nbundled_lists = no\n[list ads]\nlog=yes\n", dir, &c, &e),
		-EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf:3: list 'ads' has neither file nor url"));
}
END_TEST

START_TEST(bypass_brings_its_list)
{
	struct config *c = NULL;
	struct error e;
	char path[300];

	put_file("ads.txt", "b.example\n", 10);
	ck_assert_int_eq(load_text("[block]\nbypass = yes\n", dir, &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf: [block] bypass: there is no bundled "));
	put_file("encrypted-dns.txt", "d.example\n", 10);
	ck_assert_int_eq(load_text("[block]\nbypass = no\n", dir, &c, &e), 0);
	ck_assert_uint_eq(c->list_count, 1);
	config_free(c);
	ck_assert_int_eq(
		load_text("[tacet]\nbundled_lists = no\n[block]\nbypass = yes\n", dir, &c, &e), 0);
	ck_assert_uint_eq(c->list_count, 1);
	snprintf(path, sizeof(path), "%s/encrypted-dns.txt", dir);
	ck_assert_str_eq(c->lists[0].file, path);
	ck_assert_str_eq(c->lists[0].role, "bypass");
	ck_assert(c->lists[0].enabled);
	config_free(c);
	/* Its own section does not switch it off, and may give it another file. */
	ck_assert_int_eq(load_text("[block]\nbypass = yes\n[list encrypted-dns]\nenabled = no\n"
				   "file = /mine\n",
				   dir, &c, &e),
			 0);
	ck_assert_uint_eq(c->list_count, 2);
	ck_assert_str_eq(c->lists[1].file, "/mine");
	ck_assert(c->lists[1].enabled);
	config_free(c);
	/* Without bypass the section alone is enough. */
	ck_assert_int_eq(load_text("[list encrypted-dns]\nlog = yes\n", dir, &c, &e), 0);
	ck_assert_str_eq(c->lists[1].file, path);
	ck_assert_str_eq(c->lists[1].role, "bypass");
	config_free(c);
}
END_TEST

START_TEST(relative_paths)
{
	struct config *c = NULL;
	struct error e;
	char want[512], old[512];

	ck_assert_int_eq(
		load_text("[tacet]\ndata_dir = data\n[list a]\nfile = lists/a.txt\n", "/", &c, &e),
		0);
	snprintf(want, sizeof(want), "%s/lists/a.txt", dir);
	ck_assert_str_eq(c->lists[0].file, want);
	snprintf(want, sizeof(want), "%s/data", dir);
	ck_assert_str_eq(c->data_dir, want);
	config_free(c);

	ck_assert_ptr_nonnull(getcwd(old, sizeof(old)));
	ck_assert_int_eq(chdir(dir), 0);
	ck_assert_int_eq(config_load("tacet.conf", "/", &c, &e), 0);
	ck_assert_int_eq(chdir(old), 0);
	ck_assert_str_eq(c->data_dir, want);
	config_free(c);
}
END_TEST

START_TEST(unreadable)
{
	struct config *c = NULL;
	struct error e = { "" };
	char want[600], path[512];

	snprintf(path, sizeof(path), "%s/absent.conf", dir);
	ck_assert_int_eq(config_load(path, NO_DATA, &c, &e), -ENOENT);
	snprintf(want, sizeof(want), "%s: %s", path, strerror(ENOENT));
	ck_assert_str_eq(e.text, want);
	ck_assert_int_eq(config_load(dir, NO_DATA, &c, &e), -EISDIR);
	snprintf(want, sizeof(want), "%s: %s", dir, strerror(EISDIR));
	ck_assert_str_eq(e.text, want);
	ck_assert_ptr_null(c);
	ck_assert_int_eq(config_load(path, NO_DATA, &c, NULL), -ENOENT);
}
END_TEST

START_TEST(not_text)
{
	struct config *c = NULL;
	struct error e = { "" };
	static const char nul[] = "[tacet]\nmode = \0enforce\n";
	const char *path = put_file("tacet.conf", nul, sizeof(nul) - 1);
	char want[600];

	ck_assert_int_eq(config_load(path, NO_DATA, &c, &e), -EINVAL);
	snprintf(want, sizeof(want), "%s:2: a NUL byte: this is not a text file", path);
	ck_assert_str_eq(e.text, want);
	ck_assert_int_eq(config_load("/dev/zero", NO_DATA, &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/zero:1: a NUL byte"));
	ck_assert_ptr_null(c);
}
END_TEST

/* Limits end with a message, not with memory. */
START_TEST(too_many)
{
	struct config *c = NULL;
	struct error e = { "" };
	struct text t = { 0 };

	for (int i = 0; i < 257; i++)
		text_printf(&t, "[list l%d]\nfile = /l\n", i);
	ck_assert_int_eq(load_text(t.at, NO_DATA, &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf:513: more than 256 lists"));
	text_clear(&t);
	for (int i = 0; i < 1025; i++)
		text_printf(&t, "[device d%d]\naddress = 192.0.2.1\n", i);
	ck_assert_int_eq(load_text(t.at, NO_DATA, &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf:2049: more than 1024 devices"));
	text_clear(&t);
	text_str(&t, "[rules]\n");
	for (int i = 0; i < 65537; i++)
		text_printf(&t, "block = n%d.example\n", i);
	ck_assert_int_eq(load_text(t.at, NO_DATA, &c, &e), -EINVAL);
	ck_assert_ptr_nonnull(strstr(e.text, "tacet.conf:65538: block: more than 65536 names"));
	text_done(&t);
}
END_TEST

START_TEST(names_are_kept)
{
	struct config *c = NULL;
	struct error e;

	ck_assert_int_eq(load_text("[rules]\nallow = A.example =b.example\nallow=c.example\n"
				   "block = d.example\n",
				   NO_DATA, &c, &e),
			 0);
	ck_assert_uint_eq(c->allow_count, 3);
	ck_assert_str_eq(c->allow[0], "a.example");
	ck_assert_str_eq(c->allow[1], "=b.example");
	ck_assert_str_eq(c->allow[2], "c.example");
	ck_assert_uint_eq(c->block_count, 1);
	config_free(c);
}
END_TEST

START_TEST(devices_are_kept)
{
	struct config *c = NULL;
	struct error e;
	struct addr in, out;

	ck_assert_int_eq(load_text("[device my tv]\nmac = 02:00:5e:00:53:7f\n"
				   "[device net]\naddress = 192.0.2.0/28\n",
				   NO_DATA, &c, &e),
			 0);
	ck_assert_uint_eq(c->device_count, 2);
	ck_assert_str_eq(c->devices[0].name, "my tv");
	ck_assert_uint_eq(c->devices[0].mac.bytes[5], 0x7f);
	ck_assert_uint_eq(c->devices[0].address.base.family, 0);
	ck_assert_uint_eq(c->devices[1].line, 3);
	ck_assert(addr_parse("192.0.2.15", &in) && addr_parse("192.0.2.16", &out));
	ck_assert(addr_prefix_has(&c->devices[1].address, &in));
	ck_assert(!addr_prefix_has(&c->devices[1].address, &out));
	config_free(c);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, make_dir, remove_dir);
	tcase_add_test(t, golden_files);
	tcase_add_test(t, show_and_read_again);
	tcase_add_test(t, defaults);
	tcase_add_test(t, bundled_lists);
	tcase_add_test(t, bundled_lists_changed);
	tcase_add_test(t, bundled_lists_off);
	tcase_add_test(t, relative_paths);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, not_text);
	tcase_add_test(t, too_many);
	tcase_add_test(t, names_are_kept);
	tcase_add_test(t, bypass_brings_its_list);
	tcase_add_test(t, devices_are_kept);
	return suite_end(t, "config/config");
}
