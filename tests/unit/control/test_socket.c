/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Socket files: mode and owner, stale ones, living ones, and what is no socket. */
#include "unit/control/peer.h"
#include "suite.h"

#include <grp.h>
#include <sys/file.h>

static int open_server(struct error *e)
{
	*e = (struct error){ "" };
	return server_open(&options, &ops, &server, e);
}

/* A socket file on which nobody listens any more. */
static void leave_stale(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(test_modes)
{
	mode_t mask = umask(0);

	peer_open();
	umask(mask);
	ck_assert_uint_eq(mode_of(stats_path), 0600);
	ck_assert_uint_eq(mode_of(control_path), 0600);
	ck_assert_uint_eq(umask(mask), mask);
}
END_TEST

START_TEST(test_group)
{
	struct group *g = getgrgid(getgid());
	struct stat st;

	ck_assert_ptr_nonnull(g);
	options.group = g->gr_name;
	peer_open();
	ck_assert_uint_eq(mode_of(stats_path), 0660);
	ck_assert_uint_eq(mode_of(control_path), 0600);
	ck_assert_int_eq(lstat(stats_path, &st), 0);
	ck_assert_uint_eq(st.st_gid, getgid());
}
END_TEST

START_TEST(test_group_that_is_not_there)
{
	options.group = "no-such-group-here";
	peer_open();
	ck_assert_uint_eq(mode_of(stats_path), 0600);
}
END_TEST

START_TEST(test_removed_at_the_end)
{
	peer_open();
	server_close(server);
	server = NULL;
	ck_assert_int_eq(access(stats_path, F_OK), -1);
	ck_assert_int_eq(access(control_path, F_OK), -1);
	server_close(NULL);
}
END_TEST

START_TEST(test_stale_is_taken_over)
{
	int fd;

	leave_stale(stats_path);
	leave_stale(control_path);
	peer_open();
	fd = greeted(stats_path, "\n");
	close(fd);
}
END_TEST

START_TEST(test_living_is_left_alone)
{
	struct server *first, *second = NULL;
	struct error e = { "" };
	char wanted[200];
	int fd;

	peer_open();
	first = server;
	ck_assert_int_eq(server_open(&options, &ops, &second, &e), -EADDRINUSE);
	snprintf(wanted, sizeof(wanted), "another tacet answers on %s; stop it first", stats_path);
	ck_assert_str_eq(e.text, wanted);
	ck_assert_ptr_null(second);
	/* Its control socket alone is enough, and then the stats socket is given back. */
	options.stats_path = NULL;
	ck_assert_int_eq(server_open(&options, &ops, &second, &e), -EADDRINUSE);
	server = first;
	fd = greeted(stats_path, "\n");
	close(fd);
	fd = greeted(control_path, "\n");
	close(fd);
}
END_TEST

START_TEST(test_first_socket_goes_if_the_second_fails)
{
	struct error e;
	FILE *f = fopen(control_path, "w");

	ck_assert_ptr_nonnull(f);
	fputs("precious", f);
	fclose(f);
	ck_assert_int_eq(open_server(&e), -EEXIST);
	ck_assert_ptr_nonnull(strstr(e.text, control_path));
	ck_assert_ptr_nonnull(strstr(e.text, "not a socket"));
	ck_assert_int_eq(access(stats_path, F_OK), -1);
	ck_assert_int_eq(access(control_path, F_OK), 0);
}
END_TEST

START_TEST(test_links_are_not_followed)
{
	struct error e;

	leave_stale(control_path);
	ck_assert_int_eq(symlink(control_path, stats_path), 0);
	options.control_path = NULL;
	ck_assert_int_eq(open_server(&e), -EEXIST);
	ck_assert_int_eq(access(control_path, F_OK), 0);
}
END_TEST

START_TEST(test_a_successor_keeps_its_file)
{
	peer_open();
	/* Somebody else took the path meanwhile. */
	ck_assert_int_eq(unlink(stats_path), 0);
	leave_stale(stats_path);
	server_close(server);
	server = NULL;
	ck_assert_int_eq(access(stats_path, F_OK), 0);
}
END_TEST

START_TEST(test_directories)
{
	char dir[90], sub[100], path[108];
	mode_t mask = umask(077);

	snprintf(dir, sizeof(dir), "%s/a", peer_dir);
	snprintf(sub, sizeof(sub), "%s/b", dir);
	snprintf(path, sizeof(path), "%s/s", sub);
	options.stats_path = path;
	peer_open();
	umask(mask);
	ck_assert_uint_eq(mode_of(dir), 0755);
	ck_assert_uint_eq(mode_of(sub), 0755);
	close(greeted(path, "\n"));
	server_close(server);
	server = NULL;
	ck_assert_int_eq(rmdir(sub), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(test_bad_paths)
{
	char path[200];
	struct error e;

	memset(path, 'x', sizeof(path));
	memcpy(path, "/tmp/", 5);
	path[150] = '\0';
	options.stats_path = path;
	ck_assert_int_eq(open_server(&e), -ENAMETOOLONG);
	options.stats_path = "";
	ck_assert_int_eq(open_server(&e), -EINVAL);
	options.stats_path = "/dev/null/tacet/stats.sock";
	ck_assert_int_lt(open_server(&e), 0);
	ck_assert_ptr_nonnull(strstr(e.text, "/dev/null"));
	options.stats_path = "/dev/null/stats.sock";
	ck_assert_int_lt(open_server(&e), 0);
	ck_assert_ptr_null(server);
}
END_TEST

/* Two that start at once: the one that comes second must not remove what the first just made. */
START_TEST(test_start_is_locked)
{
	struct error e;
	int fd = open(peer_dir, O_RDONLY | O_DIRECTORY);

	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(open_server(&e), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(e.text, "another tacet is starting"));
	close(fd);
	ck_assert_int_eq(open_server(&e), 0);
}
END_TEST

START_TEST(test_relative_path)
{
	char *was = getcwd(NULL, 0);

	ck_assert_int_eq(chdir(peer_dir), 0);
	options.stats_path = "stats.sock";
	peer_open();
	close(greeted("stats.sock", "\n"));
	server_close(server);
	server = NULL;
	ck_assert_int_eq(chdir(was), 0);
	free(was);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, peer_begin, peer_end);
	tcase_add_test(t, test_modes);
	tcase_add_test(t, test_group);
	tcase_add_test(t, test_group_that_is_not_there);
	tcase_add_test(t, test_removed_at_the_end);
	tcase_add_test(t, test_stale_is_taken_over);
	tcase_add_test(t, test_living_is_left_alone);
	tcase_add_test(t, test_first_socket_goes_if_the_second_fails);
	tcase_add_test(t, test_links_are_not_followed);
	tcase_add_test(t, test_a_successor_keeps_its_file);
	tcase_add_test(t, test_directories);
	tcase_add_test(t, test_bad_paths);
	tcase_add_test(t, test_start_is_locked);
	tcase_add_test(t, test_relative_path);
	return suite_end(t, "control/socket");
}
