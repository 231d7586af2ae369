/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libtacet: a small client of tacet's sockets. The contract is the protocol, tacet-stats(7):
 * one flat JSON object a line each way; this header is a courtesy for C.
 *
 * Protocol 1 (tacet 0.1): hello, stats, flows, lists, watch, metrics, explain, pause, allow, block,
 * resume, reload.
 * Fields are only ever added; readers ignore those they do not know. */
#ifndef TACET_H
#define TACET_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TACET_PROTOCOL	     1
#define TACET_STATS_SOCKET   "/run/tacet/stats.sock"
#define TACET_CONTROL_SOCKET "/run/tacet/control.sock"
#define TACET_LINE_MAX	     65536 /* bytes of a line with its newline; metrics come as one string */

struct tacet;

/* Connects and reads the greeting. path NULL = TACET_STATS_SOCKET. Returns NULL with errno:
 * ENOENT or ECONNREFUSED where no tacet runs, EACCES, EPROTO where it is not tacet, ETIMEDOUT where
 * it does not greet within 5 s. */
struct tacet *tacet_open(const char *path);
/* The same with a time of one's own, for connecting and greeting together, > 0. */
struct tacet *tacet_open_within(const char *path, int timeout_ms);
/* For poll(2). */
int tacet_fd(const struct tacet *t);
/* The greeting, as tacet_next returned it; the handle's. */
const char *tacet_hello(const struct tacet *t);
/* Sends one request: line is a JSON object or a bare word, without newline. 0 or -errno (after
 * which close: a part may have gone out). Raises no SIGPIPE. */
int tacet_send(struct tacet *t, const char *line);
/* The next line without its newline, in *out_line until the next call. Waits up to timeout_ms
 * (-1 = for ever); signals do not end the wait. 1 = a line, 0 = none in time, -errno; -EPIPE =
 * tacet closed, -EMSGSIZE = a line over TACET_LINE_MAX. Several lines may have come at once:
 * after poll(2) call it with 0 until it returns 0. */
int tacet_next(struct tacet *t, int timeout_ms, const char **out_line);
/* The value of a field of a line, unescaped, into buf (NUL-terminated, cut to n). Path members
 * are joined by '.', those of an array are numbers: "data.lists.0.name". Objects and arrays come as
 * their JSON text. Returns the length it has uncut, or -ENOENT, -EPROTO (the line is not one JSON
 * object); buf is "" then. */
long tacet_field(const char *line, const char *path, char *buf, size_t n);
/* Several members of a line, not of what is inside them, in one walk over it: name, buf and n are
 * the caller's, len becomes what tacet_field would return. 0, or -EPROTO as every len is then. */
struct tacet_want {
	const char *name;
	char *buf;
	size_t n;
	long len;
};
int tacet_fields(const char *line, struct tacet_want *wants, size_t count);
/* Text for a negative return value, and for -errno after tacet_open. */
const char *tacet_strerror(int error);
const char *tacet_version(void);
void tacet_close(struct tacet *t); /* accepts NULL */

#ifdef __cplusplus
}
#endif

#endif
