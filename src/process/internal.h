/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share. */
#ifndef PROCESS_INTERNAL_H
#define PROCESS_INTERNAL_H

#include "process/process.h"

/* sockets.c: what sock_diag(7) says of the socket of a flow. */
struct socket_owner {
	uint32_t uid, inode;
};
struct sockets;
struct sockets *sockets_new(void); /* NULL: no netlink */
void sockets_free(struct sockets *s);
bool sockets_find(struct sockets *s, const struct process_flow *f, struct socket_owner *out);

/* search.c: who holds the socket with that inode, by /proc: processes of that user, those that were
 * found before first. False: not found, in at most SEARCH_LINKS open files. */
enum { SEARCH_LINKS = 8192, SEARCH_REMEMBERED = 16 };
struct search {
	uint32_t recent[SEARCH_REMEMBERED]; /* pids, 0 = none */
	unsigned next;
};
bool search_inode(struct search *s, const struct socket_owner *o, uint32_t *out_pid);
/* The name of a process; "" where it is gone. */
void search_comm(uint32_t pid, char out[static PROCESS_COMM_MAX]);

#endif
