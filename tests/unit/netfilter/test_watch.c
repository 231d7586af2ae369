// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of a cgroup's traffic, read back by libnetfilter_log. */
#define _GNU_SOURCE
#include "unit/netfilter/rig.h"

#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/log.h"
#include "netfilter/watch.h"
#include "suite.h"

enum { GROUP = 321, MARK_MASK = 0xf0000, MARK = 0x30000 };

static char root[] = "/tmp/tacet-cgroup.XXXXXX";
static char cgroup[64], directory[256];
static unsigned out_copies, in_copies;

static int on_copy(struct nflog_g_handle *g, struct nfgenmsg *m, struct nflog_data *d, void *ctx)
{
	struct nfulnl_msg_packet_hdr *head = nflog_get_msg_packet_hdr(d);

	if (head->hook == NF_INET_LOCAL_OUT)
		out_copies++;
	if (head->hook == NF_INET_LOCAL_IN)
		in_copies++;
	return 0;
}

static char *mangle(const char *six)
{
	return sh_output("ip%stables-save -t mangle | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'", six);
}

static struct watch_options options(void)
{
	return (struct watch_options){ .cgroup = cgroup,
				       .group = GROUP,
				       .mark_mask = MARK_MASK,
				       .mark = MARK,
				       .id = (unsigned)getpid() };
}

/* In the parent of all tests: what a failed one leaves is still taken away. */
static void cgroup_make(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    !mkdtemp(root) || mount("none", root, "cgroup2", 0, NULL)) {
		rmdir(root);
		puts("needs cgroup2");
		exit(77);
	}
	snprintf(cgroup, sizeof(cgroup), "tacet-test-%d", getpid());
	snprintf(directory, sizeof(directory), "%s/%s", root, cgroup);
	if (mkdir(directory, 0755)) {
		umount2(root, MNT_DETACH);
		rmdir(root);
		puts("needs a cgroup2 that can be written");
		exit(77);
	}
}

static void cgroup_remove(void)
{
	for (int i = 0; i < 100 && rmdir(directory) < 0; i++)
		usleep(10000);
	umount2(root, MNT_DETACH);
	rmdir(root);
}

static void setup(void)
{
	ns_new();
}

/* One exchange over lo by a child, in the cgroup or not. */
static void talk(const char *address, bool inside)
{
	struct at server = at(address, 4000);
	int answering = sock(SOCK_DGRAM, &server, NULL);
	pid_t pid = fork();
	char buf[8];

	if (pid == 0) {
		if (inside) {
			strcat(directory, "/cgroup.procs");
			int fd = open(directory, O_WRONLY);
			if (fd < 0 || write(fd, "0", 1) != 1)
				_exit(2);
		}
		int client = sock(SOCK_DGRAM, NULL, &server);
		struct pollfd p = { .fd = client, .events = POLLIN };
		if (send(client, "q", 1, 0) != 1 || poll(&p, 1, 2000) != 1)
			_exit(3);
		_exit(0);
	}
	struct at from = { .len = sizeof(from.v6) };
	struct pollfd p = { .fd = answering, .events = POLLIN };
	ck_assert_int_eq(poll(&p, 1, 2000), 1);
	ck_assert_int_eq((int)recvfrom(answering, buf, 8, 0, &from.sa, &from.len), 1);
	ck_assert_int_eq((int)sendto(answering, "a", 1, 0, &from.sa, from.len), 1);
	int status;
	waitpid(pid, &status, 0);
	ck_assert_int_eq(status, 0);
	close(answering);
}

static void copies_read(struct nflog_handle *h)
{
	char buf[65536];
	int64_t end = now_ms() + 300;

	out_copies = in_copies = 0;
	while (now_ms() < end) {
		struct pollfd p = { .fd = nflog_fd(h), .events = POLLIN };
		ssize_t n;
		if (poll(&p, 1, 10) == 1 && (n = recv(p.fd, buf, sizeof(buf), 0)) > 0)
			nflog_handle_packet(h, buf, (int)n);
	}
}

START_TEST(both_directions_of_the_cgroup_alone)
{
	const char *address = _i ? "::1" : "127.0.0.1";
	struct watch_options o = options();
	struct error e = { "" };
	struct watch *w = NULL;
	struct nflog_handle *h = nflog_open();
	struct nflog_g_handle *g;

	ck_assert_ptr_nonnull(h);
	g = nflog_bind_group(h, GROUP);
	ck_assert_ptr_nonnull(g);
	nflog_set_mode(g, NFULNL_COPY_PACKET, 0xffff);
	nflog_set_timeout(g, 1);
	nflog_callback_register(g, on_copy, NULL);
	sh("iptables -t mangle -A OUTPUT -p udp --dport 9 -j ACCEPT");
	sh("ip6tables -t mangle -A OUTPUT -p udp --dport 9 -j ACCEPT");
	char *before4 = mangle(""), *before6 = mangle("6");
	ck_assert_msg(watch_install(&o, &w, &e) == 0, "%s", e.text);
	talk(address, false);
	copies_read(h);
	ck_assert_uint_eq(out_copies + in_copies, 0);
	talk(address, true);
	copies_read(h);
	/* The question leaves; over lo the mark brings it and its answer in. */
	ck_assert_uint_eq(out_copies, 1);
	ck_assert_uint_eq(in_copies, 2);
	watch_remove(w);
	char *after4 = mangle(""), *after6 = mangle("6");
	ck_assert_str_eq(after4, before4);
	ck_assert_str_eq(after6, before6);
	char *list = sh_output("conntrack -L 2>/dev/null | grep -c 'mark=[1-9]'");
	ck_assert_int_eq(atoi(list), 0);
	free(list);
	free(before4);
	free(before6);
	free(after4);
	free(after6);
	nflog_unbind_group(g);
	nflog_close(h);
}
END_TEST

START_TEST(watchers_that_died_are_cleaned_up_after)
{
	struct watch_options o = options();
	struct error e = { "" };
	struct watch *w = NULL;
	pid_t gone = fork();
	int status;

	if (gone == 0) {
		o.id = (unsigned)getpid();
		_exit(watch_install(&o, &w, &e) != 0);
	}
	waitpid(gone, &status, 0);
	ck_assert_int_eq(status, 0);
	o.id = (unsigned)gone;
	char *dead = mangle("");
	char chain[32];
	snprintf(chain, sizeof(chain), "TACET-W%u", o.id);
	ck_assert_ptr_nonnull(strstr(dead, chain));
	o.id = (unsigned)getpid();
	ck_assert_msg(watch_install(&o, &w, &e) == 0, "%s", e.text);
	char *now = mangle("6");
	ck_assert_ptr_null(strstr(now, chain));
	snprintf(chain, sizeof(chain), "TACET-W%u", o.id);
	ck_assert_ptr_nonnull(strstr(now, chain));
	/* The living one is left alone. */
	ck_assert_int_eq(watch_cleanup(&e), 0);
	free(now);
	now = mangle("");
	ck_assert_ptr_nonnull(strstr(now, chain));
	watch_remove(w);
	watch_remove(NULL);
	free(now);
	free(dead);
}
END_TEST

START_TEST(bad_options_and_unknown_cgroups_are_refused)
{
	static const char *const names[] = { "", "a\"b", "a\\b", "a\n-F" };
	struct watch_options o = options();
	struct error e = { "" };
	struct watch *w = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		o.cgroup = names[i];
		ck_assert_int_eq(watch_install(&o, &w, &e), -EINVAL);
	}
	o = options();
	o.mark = 0x100000;
	ck_assert_int_eq(watch_install(&o, &w, &e), -EINVAL);
	o = options();
	o.cgroup = "no/such/group";
	ck_assert_int_eq(watch_install(&o, &w, &e), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(e.text, "iptables-restore"));
	char *rules = sh_output("iptables-save; ip6tables-save");
	ck_assert_ptr_null(strstr(rules, "TACET"));
	free(rules);
	ck_assert_ptr_null(w);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	if (!rig_possible())
		return rig_impossible();
	log_init(LOG_LEVEL_WARNING);
	cgroup_make();
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, both_directions_of_the_cgroup_alone, 0, 2);
	tcase_add_test(t, watchers_that_died_are_cleaned_up_after);
	tcase_add_test(t, bad_options_and_unknown_cgroups_are_refused);
	int failed = suite_end(t, "netfilter/watch");
	cgroup_remove();
	return failed;
}
