/* SPDX-License-Identifier: GPL-2.0-or-later */
/* without nfnetlink|conntrack|bpf-reads COMMAND ARG...: runs a command as on a kernel that lacks
 * netfilter's netlink, or conntrack's events, or lets maps of BPF not be read: the system calls
 * that would reach them fail as they fail there. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(field)	  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, to) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (to))

/* If the call and two of its arguments are these, it fails with `error`. */
static int forbid(int call, unsigned first, unsigned first_value, unsigned second,
		  unsigned second_value, int error)
{
	unsigned low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;
	unsigned args = offsetof(struct seccomp_data, args);
	struct sock_filter program[] = {
		LOAD(nr),
		UNLESS((unsigned)call, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args + 8 * first + low),
		UNLESS(first_value, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, args + 8 * second + low),
		UNLESS(second_value, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof program / sizeof *program, program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

int main(int argc, char **argv)
{
	int rc = -1;

	if (argc < 3) {
		fputs("usage: without nfnetlink|conntrack|bpf-reads COMMAND ARG...\n", stderr);
		return 2;
	}
	if (!strcmp(argv[1], "nfnetlink"))
		rc = forbid(SYS_socket, 0, AF_NETLINK, 2, NETLINK_NETFILTER, EPROTONOSUPPORT);
	else if (!strcmp(argv[1], "conntrack"))
		rc = forbid(SYS_setsockopt, 1, SOL_NETLINK, 2, NETLINK_ADD_MEMBERSHIP, ENOENT);
	else if (!strcmp(argv[1], "bpf-reads"))
		rc = forbid(SYS_bpf, 0, BPF_MAP_LOOKUP_ELEM, 0, BPF_MAP_LOOKUP_ELEM, EPERM);
	if (rc) {
		perror("without");
		return 2;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
